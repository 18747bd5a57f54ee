// Function records: FuncCode, one per module function and shared by all its instances; FuncObj, one
// per function value.
#pragma once

#include "engine/object/exec_ctx.h"

namespace bls {

class CodeModule;

/// A host function: reads its arguments from `slots`, writes its results from slots[0] upward.
/// `cx->instance` is the caller. Returns Trap::None, or the trap to raise (Trap::Exit with
/// cx->exitCode to leave). Never throws.
using HostThunk = Trap (*)(ExecCtx* cx, FuncObj* self, u64* slots);

/// The code cell of one function of one module: where calls enter and what the callee's frame
/// needs. Tiers publish new code by storing `entry` (release); everything else is fixed once
/// `entry` has left the translate-on-first-call stub.
struct FuncCode {
  std::atomic<const void*> entry{nullptr};  // T0: first cell
  u32 frameSlots = 0;  // params + locals + link + operands: the entry check compares fp +
                       // frameSlots with slotLimit
  u32 paramSlots = 0;
  u32 zeroSlots = 0;  // non-parameter local slots, zeroed at entry
  u32 resultSlots = 0;
  u32 funcIndex = 0;
  CodeModule* owner = nullptr;  // the tier's per-module code object
  // Compiled code (exec/native.h); null where nothing compiles. Calls from compiled code go to
  // `native`, which is never null there: a stub until there is code, or for good. Who has opened
  // the frame already (checked that it fits, charged the entry, zeroed the locals) goes to
  // `nativeBody`.
  std::atomic<const void*> native{nullptr};
  std::atomic<const void*> nativeBody{nullptr};
  // Functions that are interpreted at first: their first cell, and the calls left until then.
  std::atomic<const void*> cells{nullptr};
  std::atomic<u32> callsLeft{0};
};

/// What a funcref points at; null references are 0. Owned by the store, address stable.
struct FuncObj {
  FuncCode* code = nullptr;      // wasm functions
  Instance* instance = nullptr;  // wasm functions: the defining instance
  HostThunk host = nullptr;      // host functions
  void* hostData = nullptr;
  u32 canonType = 0;  // canonical function type
  u32 funcIndex = 0;  // in the defining module
  u32 paramSlots = 0;
  u32 resultSlots = 0;
  u32 slots = 0;                   // what a call of it takes: the greater of the two
  const char* hostName = nullptr;  // for backtraces

  void setSlots(u32 params, u32 results) {
    paramSlots = params;
    resultSlots = results;
    slots = params > results ? params : results;
  }
};

}  // namespace bls
