// Runs one module in every interpreter configuration and compares what can be observed: how the run
// ends, fuel, memory, globals. Entry point: disagreement(bytes, fuel). Deterministic mode is on, so
// NaNs are comparable.
#pragma once

#include <span>
#include <string>

#include "engine/base/ints.h"

namespace bls::test {

struct Agreement {
  std::string problem;  // empty when all configurations agree
  bool ran = false;     // the module was accepted and instantiated
  bool trapped = false;
  bool outOfFuel = false;
};

/// Calls the export "run" of a module with `fuel` units. Modules that are refused only have to be
/// refused everywhere alike.
Agreement compareTiers(std::span<const u8> module, u64 fuel);

}  // namespace bls::test
