// TerminalFilter: what of a guest's output may reach a terminal: text, tab, newline, return,
// backspace, colours (SGR) and cursor movement. Everything else, titles, clipboard, queries, mode
// switches, C1 controls, malformed UTF-8, is dropped, so that a guest cannot drive or impersonate
// the operator's terminal (threat model CLI-4). Sequences may be split over writes.
#pragma once

#include <string>

#include "engine/base/ints.h"

namespace bls::wasi {

class TerminalFilter {
 public:
  /// Appends what passes of data[0..size) to `out`.
  void filter(const u8* data, size_t size, std::string* out);

 private:
  enum class State : u8 { Text, Escape, Csi, String, StringEscape, Utf8 };
  void step(u8 byte, std::string* out);
  void text(u8 byte, std::string* out);
  void endOfUtf8(std::string* out);

  State state_ = State::Text;
  u8 utf8Left_ = 0;
  std::string pending_;  // an unfinished sequence, bounded
};

}  // namespace bls::wasi
