// The one place that names concrete tiers and says what this build can do.
#pragma once

#include <memory>

#include "engine/exec/native.h"

namespace bls {

enum class Backend : u8 { Default, Tail, Loop };

/// True when this build has the tail-calling back end of the interpreter.
bool hasTailBackend();
/// True when code can leave bounds checks to guard pages with this back end, or compiled code
/// beside it.
bool canUseGuardMemory(Backend backend, bool compiles = false);
/// True when this build has a compiler for this machine.
bool hasBaseline();
/// The interpreter, with compiled code beside it if `compiles`. Null when the build has no such
/// back end.
std::unique_ptr<Tier> makeTier(Backend backend, bool compiles);
/// Most bytes of the thread's own stack that compiled code takes under a slot budget, besides what
/// host functions take. 0 when this build has no compiler.
u64 nativeStackFor(u64 slotBytes);
/// Tells `observer` of every function compiled from now on. False when this build has no compiler.
bool observeCode(CodeObserver observer);
/// "interp (tail, loop)" …, for --version.
const char* tierSummary();

}  // namespace bls
