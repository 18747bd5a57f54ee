// NativeModule: the compiled code of one module. Functions are compiled when they are first called,
// or all at once (compile_all.cc), into one region that lives as long as the module.
//
// Entry point: makeNativeModule (a NativeFactory). Thread rule: compile, run and frames may be used
// by several threads; ownsAccess is async-signal-safe.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "codegen/code_space.h"
#include "codegen/target.h"
#include "engine/base/mutex.h"
#include "engine/exec/gc_ops.h"
#include "engine/exec/native.h"

namespace bls::codegen {

/// Null when this machine has no compiler or gives no executable memory.
std::unique_ptr<NativeCode> makeNativeModule(const Module& module, const ModuleMeta& meta,
                                             const CodeOptions& options, FuncCode* cells);

/// Told of every function compiled from now on in this process, for profilers and debuggers; null:
/// nobody. Any thread.
void setCodeObserver(CodeObserver observer);

/// Looks at the code of a function before it is published: empty, or what is wrong with it, which
/// is our bug and ends the process. `code` has maps and origins.
using CodeVerifier = std::string (*)(const CompileInput& input, const CompiledCode& code);
/// For builds that check (codegen/verify); null: nobody looks. Any thread.
void setCodeVerifier(CodeVerifier verifier);
/// Compiles, and lets the verifier look at the result when there is one. False: not covered.
bool compileVerified(FunctionCompiler& compiler, CompileInput input, CompiledCode* out);

/// Where an exception goes on.
struct Landing {
  const void* const* sp = nullptr;  // the frame's own return address
  u64* slots = nullptr;             // its slot base
  const void* pc = nullptr;
  u64* payload = nullptr;
  u64* exnSlot = nullptr;  // or null
  i64 charge = 0;          // fuel that the throwing code has not paid
  bool hasPayload = false;
  bool wantsRef = false;
  bool wantsObject = false;
};
/// Moves the payload there and describes the landing in the stretch's records, for the stub that
/// goes there. `ref`: the object, if there is one. Returns kLanded.
u64 land(ExecCtx* cx, const Landing& landing, const ExceptionView& thrown, u64 ref);
/// What a RuntimeCall returns instead of a Trap when the stretch goes on elsewhere.
constexpr u64 kLanded = 0x100;

class NativeModule final : public NativeCode {
 public:
  NativeModule(const Module& module, const ModuleMeta& meta, const CodeOptions& options,
               FuncCode* cells, const Stubs& stubs);
  ~NativeModule() override;
  bool ready() const { return space_ != nullptr && compiler_ != nullptr && accesses_ != nullptr; }

  bool compile(FuncCode* code) override;
  const void* loopEntry(FuncCode* code, u32 bodyOffset) override;
  Trap run(ExecCtx* cx, const void* entry, u64* slots, FuncObj** tail) override;
  u32 frames(const void* sp, FramePlace* out, u32 max) override;
  void visitRoots(const void* sp, u64* slots, RootVisitor& visitor) override;
  void compileAll(Executor* executor) override;
  CompileStats stats() const override;

  /// Fuel at a trap raised at `site` (a return address, or an access's address plus 1), and the
  /// state that says it is settled.
  static void settleTrap(ExecCtx* cx, Trap trap, const void* site);
  /// Who catches an exception among the frames of the innermost stretch, whose records are on top.
  bool findHandler(const ExecCtx* cx, const TagObj* tag, Landing* out);
  /// True when the instruction at `pc` is a memory access of this module that may fault.
  bool ownsAccess(u64 pc) const;
  const Stubs& stubs() const { return stubs_; }

 private:
  struct Range {
    u32 begin;  // offset in the region
    u32 end;
    u32 funcIndex;
  };
  class Ahead;  // compileAll
  bool compileLocked(FuncCode* code);
  /// Makes finished code at `at` known, or that there is none: null.
  bool publishLocked(FuncCode* code, CompiledCode* made, const u8* at, size_t size);
  bool leaveLocked(FuncCode* code, u32 CompileStats::* reason);
  bool tried(const FuncCode& code) const {
    return code.native.load(std::memory_order_relaxed) != stubs_.compileCallee;
  }
  CompileInput inputFor(u32 funcIndex) const;
  /// A place in the code of a function.
  struct Place {
    u32 funcIndex = 0;
    u32 begin = 0;                    // of the function, an offset in the region
    const FrameMaps* maps = nullptr;  // kept
    const CodeSite* site = nullptr;
  };
  /// False when the key is none: compiles the function again to find it. Under the lock.
  bool placeOf(const void* key, Place* out);
  static const FrameMaps::Handler* handlerAt(const FrameMaps& maps, u32 at,
                                             const Instance* instance, const TagObj* tag);

  const Module& module_;
  const ModuleMeta& meta_;
  const CodeOptions options_;
  FuncCode* cells_;
  const Stubs& stubs_;
  mutable Mutex lock_;
  std::unique_ptr<FunctionCompiler> compiler_;
  std::unique_ptr<CodeSpace> space_;
  CompileStats stats_;         // what is not counted elsewhere
  std::vector<Range> ranges_;  // ascending
  std::unordered_map<u32, FrameMaps> maps_;
  std::unordered_map<u32, std::vector<LoopEntry>> loops_;  // of functions that have loops
  u64* accesses_ = nullptr;  // one bit for each byte of the region: an access begins there
};

}  // namespace bls::codegen
