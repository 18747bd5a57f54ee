// What one CPU's folder provides to the rest of codegen: the compiler, instantiated, and the stubs.
// Defined in x64/target_x64.cc and its like; where no folder fits the machine, nothing is.
#pragma once

#include <memory>

#include "codegen/compiler.h"
#include "engine/exec/native.h"

namespace bls::codegen {

class CodeSpace;

/// Compiles functions one after the other. Thread rule: one at a time.
class FunctionCompiler {
 public:
  virtual ~FunctionCompiler() = default;
  /// False when the function is not covered. `out->bytes` lives until the next call.
  virtual bool compile(const CompileInput& input, bool wantMaps, CompiledCode* out) = 0;
};

/// `cpu`: the features that may be used (engine/base/cpu.h).
std::unique_ptr<FunctionCompiler> makeFunctionCompiler(u32 cpu);

/// Code that every module shares, made once in a process.
struct Stubs {
  const CodeSpace* space = nullptr;
  NativeGate gate = nullptr;
  /// The return address that ends every stretch of native frames.
  const void* gateReturn = nullptr;
  /// The return address of a callee of another instance than its caller's, which leads to the stub
  /// that goes back. The caller's instance is `crossInstance` words above it, the return address
  /// to the caller `crossWords`.
  const void* crossReturn = nullptr;
  u32 crossInstance = 0;
  u32 crossWords = 0;
  /// An entry for the gate: goes on at ExecCtx::resumeAt as if a callee whose frame is at the slot
  /// base had returned.
  const void* resume = nullptr;
  /// Callees without code: compile them, or have them interpreted. FuncCode in kStubArgument.
  const void* compileCallee = nullptr;
  const void* interpretCallee = nullptr;
  /// Where a faulting access goes on, with its address plus 1 pushed as a native frame.
  const void* fault = nullptr;
  /// Words of a native frame: from one return address on the stack to the next.
  u32 frameWords = 0;
  /// For ExecCtx::builtins: Builtin, then RuntimeCall, then what only stubs call.
  const void* const* builtins = nullptr;
};
/// Null when the system gives no executable memory. Thread safe.
const Stubs* stubs();

/// Library functions only stubs call, behind those of RuntimeCall in the table.
enum class StubCall : u32 {
  Interpret,      // FuncCode* f(ExecCtx*, FuncCode*): leaveFrames; records are pushed
  LookUpTable,    // u64 f(ExecCtx*, index, table, canonical type): the FuncObj*, or the Trap
  FinishTrap,     // const void* f(ExecCtx*, u64 trap): where to land, or null; records are pushed
  EntryOverflow,  // u64 f(ExecCtx*): 0, or the Trap
  Refill,         // u64 f(ExecCtx*): 0, or the Trap
  Compile,        // const void* f(ExecCtx*, FuncCode*): where to jump
  kCount,
};
constexpr u32 kRuntimeCallBase = static_cast<u32>(Builtin::kCount);
constexpr u32 kStubCallBase = kRuntimeCallBase + static_cast<u32>(RuntimeCall::kCount);
constexpr u32 kBuiltinCount = kStubCallBase + static_cast<u32>(StubCall::kCount);
/// Fills in the library's part of a table of kBuiltinCount entries (runtime_calls.cc).
void fillLibrary(const void** table);

}  // namespace bls::codegen
