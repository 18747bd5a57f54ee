// Trap kinds with their spec wording and exit codes, from traps.def. Each trap has exactly one
// kind, the same in every tier (threat model TRP-4). `None` means "no trap" and `Exit` that the
// guest asked to leave.
#pragma once

#include "engine/base/ints.h"

namespace bls {

enum class Trap : u8 {
  None,
#define TRAP(name, exitCode, text) name,
#include "engine/wasm/traps.def"
#undef TRAP
  Exit,  // proc_exit: unwinds like a trap, is not an error
};

constexpr const char* trapText(Trap trap) {
  constexpr const char* kTexts[] = {"",
#define TRAP(name, exitCode, text) text,
#include "engine/wasm/traps.def"
#undef TRAP
                                    "exit"};
  return kTexts[static_cast<u8>(trap)];
}

/// Process exit status of `bls-runtime` for this trap.
constexpr int trapExitCode(Trap trap) {
  constexpr u8 kCodes[] = {0,
#define TRAP(name, exitCode, text) exitCode,
#include "engine/wasm/traps.def"
#undef TRAP
                           0};
  return kCodes[static_cast<u8>(trap)];
}

}  // namespace bls
