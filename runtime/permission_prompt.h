// The question put to a person: its text, what counts as an answer, and what is shown afterwards.
// The terminal itself is behind PromptTerminal (permission_terminal_posix.cc; tests have one of
// strings). Entry point: askPerson. Reference: permissions, section 2.4; threat model CLI-5.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "engine/object/exec_ctx.h"
#include "runtime/permission_decision.h"

namespace bls::permissions {

struct Question {
  Kind kind;
  std::string_view item;
  const char* operation;
};

enum class Reply : u8 {
  No,
  Yes,
  All,          // of this kind
  Interrupted,  // the execution is to end; nothing was decided
};

/// How waiting for input ended.
enum class Input : u8 { Ok, Closed, TimedOut, Interrupted, OtherDevice };

class PromptTerminal {
 public:
  virtual ~PromptTerminal() = default;
  /// Throws away what was typed before now, until nothing has come for a moment.
  virtual Input discard() = 0;
  /// One line, without its end.
  virtual Input line(std::string* out) = 0;
  virtual void write(std::string_view text) = 0;
  virtual bool colours() const = 0;
  virtual u32 columns() const = 0;
};

/// Longer questions are not asked: they may hide what is asked behind what has scrolled away.
constexpr size_t kMaxQuestionBytes = 10240;
/// How long a person has for one question.
constexpr u64 kPromptTimeoutNs = u64{120} * 1'000'000'000;

/// Asks until there is an answer. No input, no time left, or a line that is no answer means no.
Reply askPerson(PromptTerminal& terminal, const Question& question);

/// The block as written, ending behind "> ". Control characters of the item are shown escaped.
std::string promptText(const Question& question, bool colours);

/// The process's terminal for one question; the clock starts now.
std::unique_ptr<PromptTerminal> openPromptTerminal(ExecCtx* cx);
/// Standard input and standard error are terminals.
bool haveTerminals();

}  // namespace bls::permissions
