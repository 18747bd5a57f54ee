// NativeModule: the compiled code of one module. Functions are compiled when they are first called,
// or all at once (compile_all.cc), into one region that lives as long as the module.
//
// Entry point: makeNativeModule (a NativeFactory). Frames are walked in frames.h. Thread rule:
// compile, run and placeOf may be used by several threads; ownsAccess is async-signal-safe.
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

/// Most bytes of native stack that compiled frames take under a slot budget, whatever the program:
/// a frame has its link's slots at least, and is a return address and perhaps a crossing
/// (frames.h).
u64 nativeStackFor(u64 slotBytes);

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

/// A bit of a table of them.
inline void setBit(u8* bits, u32 which) { bits[which / 8] |= static_cast<u8>(1u << which % 8); }

class NativeModule final : public NativeCode {
 public:
  NativeModule(const Module& module, const ModuleMeta& meta, const CodeOptions& options,
               FuncCode* cells, const Stubs& stubs);
  ~NativeModule() override;
  bool ready() const { return space_ != nullptr && compiler_ != nullptr && accesses_ != nullptr; }

  bool compile(FuncCode* code) override;
  const void* loopEntry(FuncCode* code, u32 bodyOffset) override;
  Trap run(ExecCtx* cx, const void* entry, u64* slots, FuncCode** callee) override;
  Trap resume(ExecCtx* cx, const void* at, u64* slots, FuncCode** callee) override;
  u32 frames(const NativeStretch& stretch, FramePlace* out, u32 max) override;
  void visitRoots(const NativeStretch& stretch, RootVisitor& visitor) override;
  Instance* enteredFrom(const NativeStretch& stretch) override;
  bool findHandler(const NativeStretch& stretch, const TagObj* tag, NativeLanding* out) override;
  void compileAll(Executor* executor) override;
  CompileStats stats() const override;

  /// A place in the code of a function.
  struct Place {
    u32 funcIndex = 0;
    u32 begin = 0;                    // of the function, an offset in the region
    const FrameMaps* maps = nullptr;  // kept
    const CodeSite* site = nullptr;
  };
  /// What belongs to a return address, or an access's address plus 1; false when the key is none.
  /// Compiles the function again to find it. Thread safe.
  bool placeOf(const void* key, Place* out);
  /// The instruction at `offset` in the function.
  const void* codeAt(const Place& place, u32 offset) const {
    return space_->base() + place.begin + offset;
  }
  const CodeOptions& options() const { return options_; }
  /// True when the instruction at `pc` is a memory access of this module that may fault.
  bool ownsAccess(u64 pc) const;
  /// True when `pc` is in code of this module, or in what all modules share.
  bool ownsCode(u64 pc) const {
    const void* at = reinterpret_cast<const void*>(pc);
    return space_->contains(at) || stubs_.space->contains(at);
  }
  const Stubs& stubs() const { return stubs_; }

 private:
  struct Range {
    u32 begin;  // offset in the region
    u32 end;
    u32 funcIndex;
  };
  class Ahead;  // compileAll
  bool compileLocked(FuncCode* code);
  /// Makes finished code at `at` known; its accesses have been marked.
  void publishLocked(FuncCode* code, std::vector<LoopEntry>* loops, const u8* at, u32 bodyEntry,
                     u32 size);
  bool leaveLocked(FuncCode* code, u32 CompileStats::* reason);
  bool tried(const FuncCode& code) const {
    return code.native.load(std::memory_order_relaxed) != stubs_.compileCallee;
  }
  CompileInput inputFor(u32 funcIndex) const;
  const Module& module_;
  const ModuleMeta& meta_;
  const CodeOptions options_;
  FuncCode* cells_;
  const Stubs& stubs_;
  mutable Mutex lock_;
  std::unique_ptr<FunctionCompiler> compiler_;
  CompiledCode made_;  // by compileLocked, which uses its memory again
  std::unique_ptr<CodeSpace> space_;
  CompileStats stats_;         // what is not counted elsewhere
  std::vector<Range> ranges_;  // ascending
  std::unordered_map<u32, FrameMaps> maps_;
  std::unordered_map<u32, std::vector<LoopEntry>> loops_;  // of functions that have loops
  u8* accesses_ = nullptr;  // one bit for each byte of the region: an access begins there
};

}  // namespace bls::codegen
