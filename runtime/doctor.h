// Doctor: what this machine offers to a run, and what protects it. Entry points: examine, and
// runDoctor for `bls doctor`.
//
// It does to its own process what a run does before the guest starts, then looks at the process
// from outside the engine (/proc, attempts that must fail): a line says what is, not what was asked
// for. The process is of little use afterwards.
#pragma once

#include <string>
#include <vector>

#include "engine/base/ints.h"
#include "runtime/console.h"

namespace bls::cli {

enum class Health : u8 {
  Ok,
  Missing,  // this machine or build does not have it
  Off,      // switched off
};
/// "ok", "missing", "off".
const char* healthName(Health health);

struct Finding {
  std::string name;
  Health health = Health::Ok;
  std::string text;
};

/// All lines, in a fixed order. Without `sandbox` those of the sandbox say off.
std::vector<Finding> examine(bool sandbox);

/// Prints them. 0 when nothing is missing, 1 otherwise.
int runDoctor(bool sandbox, bool json, Console& console);

}  // namespace bls::cli
