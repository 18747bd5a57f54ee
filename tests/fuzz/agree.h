// Runs modules in every interpreter configuration of this build and compares what can be observed:
// results, how the run ends (with its trace), fuel, memories, globals. Entry points: compareTiers
// for one module, comparePrograms for a generated program under every class of budget, cover for
// what a program executes. Deterministic mode is on, so NaNs are comparable.
#pragma once

#include <array>
#include <span>
#include <string>

#include "engine/base/ints.h"
#include "engine/wasm/opcodes.h"
#include "engine/wasm/traps.h"
#include "tests/support/random_module.h"

namespace bls::test {

struct Agreement {
  std::string problem;  // empty when all configurations agree
  bool ran = false;     // the module was accepted and instantiated
  bool trapped = false;
  bool outOfFuel = false;
  Trap trap = Trap::None;
  u64 fuelUsed = 0;
  u64 digest = 0;  // of everything that was observed with ample fuel
};

/// From now on, and always under an emulator, programs run interpreted, compiled and changing
/// between both, and only a part of them in the other configurations.
void sampleConfigurations();

/// The configurations that this build has, with their share of the programs.
std::vector<std::string> configurationNames();

/// Calls the export "run" of a module with `fuel` units. Modules that are refused only have to be
/// refused everywhere alike.
Agreement compareTiers(std::span<const u8> module, u64 fuel);

/// Calls "compute" and "run" of a program with ample fuel (which it must not use up), with exactly
/// what that took, and with a part of it (`part` 65536ths); the latter two only in the two
/// configurations that differ in everything. The result is that of ample fuel. `number`, the
/// program's seed, says which configurations take it (sampleConfigurations).
Agreement compareProgram(const RandomProgram& program, u32 part, u64 number);

/// How often each instruction was executed.
using OpCounts = std::array<u64, kOpCount>;

/// A generated module with a call of "mark" before every instruction.
Bytes withMarks(const Bytes& module);

/// Runs the program once with a call of "mark" put before every instruction, and adds to `counts`.
/// Returns the number of instructions executed.
u64 cover(const RandomProgram& program, OpCounts& counts);

}  // namespace bls::test
