// Text of unknown origin: what an operator or an archive hands to the command core (configuration
// files, dotenv files, argument vectors, calls between modules), and what guests, servers and other
// processes hand to the extensions (URLs, JSON, XML, events, messages). One check for each, shared
// by the libFuzzer targets and by text_corpus. Entry points: textTargets, TextMutator.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/random_module.h"

namespace bls::test {

struct TextTarget {
  const char* name;
  /// What is wrong with how `input` was taken, or empty. `*accepted`: it was no mistake.
  std::string (*check)(std::string_view input, bool* accepted);
  std::span<const std::string_view> seeds;
  std::span<const std::string_view> words;  // spliced in by mutation
};
/// All there are in this build.
std::span<const TextTarget> textTargets();
/// Those of the extensions.
std::span<const TextTarget> extensionTargets();
const TextTarget* textTarget(std::string_view name);

/// No control bytes.
bool oneLine(std::string_view text);
/// What is wrong with the message of a refusal: it is there, one line, no longer than messages may
/// be. Empty: nothing.
std::string wrongMessage(const std::string& text);

/// Seeded edits of a target's seeds; the same seed gives the same inputs everywhere.
class TextMutator {
 public:
  TextMutator(const TextTarget& target, u64 seed) : target_(target), random_(seed) {}
  std::string next();

 private:
  void edit(std::string* text);
  const TextTarget& target_;
  Random random_;
};

}  // namespace bls::test
