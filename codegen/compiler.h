// What a compiler of this folder takes and gives, whatever the CPU.
//
// Compiled code is position independent: it reaches the run-time library through the table at
// ExecCtx::builtins (Builtin), other functions of its module through their FuncCode. A native frame
// is a return address and nothing else, of the size the CPU asks for (Stubs::frameWords): slots
// hold all values at calls, and the caller takes back what it added to the slot base. Between the
// gate and the innermost frame the native stack is therefore a list of return addresses, which
// frames.h walks.
#pragma once

#include <span>
#include <vector>

#include "engine/exec/tier.h"
#include "engine/validate/func_meta.h"

namespace bls::codegen {

/// Entries of the table at ExecCtx::builtins: code of stubs_x64.cc and its like.
enum class Builtin : u32 {
  Raise,          // by call: ends the run with the Trap in kStubArgument, at the return address
  EntryOverflow,  // by call: the frame of the function being entered does not fit; or go on
  EntryFuel,      // by call: the counter is at or below zero at entry; or go on
  LoopFuel,       // by call: the same at a loop header
  Runtime,        // by call: the RuntimeCall in kStubArgument; its arguments in kArguments
  kCount,
};

/// Functions of the run-time library: Trap f(ExecCtx*, u64* frame, u64 a, u64 b, u64 c), operands
/// and results in slots from `frame` upward. runtime_calls.def.
enum class RuntimeCall : u32 {
#define RUNTIME_CALL(name, meaning) name,
#include "codegen/runtime_calls.def"
#undef RUNTIME_CALL
  kCount,
};

struct CompileInput {
  const Module* module = nullptr;
  const ModuleMeta* meta = nullptr;
  CodeOptions options;
  u32 funcIndex = 0;
  u32 frameSlots = 0;  // FuncCode::frameSlots
  u32 cpu = 0;         // engine/base/cpu.h

  const FuncMeta& funcMeta() const;
};

/// Where a piece of code comes from: the key is a return address, or an access's address plus 1.
struct CodeSite {
  u32 at = 0;       // byte offset in the code
  u32 offset = 0;   // of the instruction in the body
  i32 pending = 0;  // fuel of what has been executed, itself included, and not charged
};

struct CompiledCode {
  std::span<const u8> bytes;    // valid until the assembler is used again
  u32 bodyEntry = 0;            // offset of the entry for callers that have opened the frame
  std::vector<u32> accesses;    // offsets of memory accesses that may fault
  std::vector<CodeSite> sites;  // ascending; only when asked for
};

}  // namespace bls::codegen
