// The text an operator or an archive hands to the command core: configuration files, dotenv files,
// argument vectors. One check for each, shared by the libFuzzer targets and by text_corpus. Entry
// points: textTargets, TextMutator.
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
  std::span<const char* const> seeds;
  std::span<const char* const> words;  // spliced in by mutation
};
std::span<const TextTarget> textTargets();
const TextTarget* textTarget(std::string_view name);

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
