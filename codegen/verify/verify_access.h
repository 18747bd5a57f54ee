// verifyAccesses: proves from the machine code of a function that its accesses to linear memory
// stay inside (threat model JIT-1, JIT-3, JIT-4).
//
// Entry point: verifyAccesses, which NativeModule calls for every function in builds that check
// (setCodeVerifier). The idea: nothing of what the compiler believes is asked. The bytes are
// decoded by an independent decoder (Zydis), and an abstract interpretation over all paths follows
// what each register holds: a number whose upper half is zero, a memory's base, an index plus a
// constant that was compared with a memory's size. What an access must be is taken from the wasm
// instruction that the code belongs to (CodeOrigin), decoded anew. Every operand that is reached
// from a memory's base has to be
//   guarded: base of memory 0, an index with a zero upper half, the instruction's own offset, which
//            with the width lies within the guard, and listed as an access that may fault; or
//   checked: base + (index + offset + width) - width, that sum compared with the size of the same
//            memory on every way there, and known not to have wrapped
// and as wide as the opcode says. What it trusts: the run-time library and callers give an i32 with
// a zero upper half, and fields of the engine's objects hold what their names say.
#pragma once

#include <string>

#include "codegen/compiler.h"

namespace bls::codegen {

/// Empty when all is well, else one line: what is wrong, and at which offset. `code` was compiled
/// for `input` with maps and origins. Thread safe.
std::string verifyAccesses(const CompileInput& input, const CompiledCode& code);

}  // namespace bls::codegen
