// Compiler tuning as the reference runtime names it: the pairs of -O and of the configuration key
// `optimize` (tuning.def). Entry points: checkTuning, parseTuning, tuningHelp.
//
// Every known name is accepted and its value checked. What makes sense here is applied
// (signals_based_traps); the rest changes nothing.
#pragma once

#include <string>
#include <string_view>

namespace bls::cli {

/// What the pairs come to.
struct Tuning {
  bool checkedMemory = false;  // signals_based_traps=n
};

/// One pair. False with `why` for an unknown name or a value that is not of its type.
bool checkTuning(std::string_view name, std::string_view value, Tuning* out, std::string* why);
/// `name=value,name=value`. False with `why` as checkTuning, or when a pair has no `=`.
bool parseTuning(std::string_view pairs, Tuning* out, std::string* why);

/// One line for each name, as `-O help` prints it.
std::string tuningHelp();

}  // namespace bls::cli
