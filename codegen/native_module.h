// NativeModule: the compiled code of one module. Functions are compiled when they are first called,
// into one region that lives as long as the module.
//
// Entry point: makeNativeModule (a NativeFactory). Thread rule: compile, run and frames may be used
// by several threads; ownsAccess is async-signal-safe.
#pragma once

#include <memory>
#include <unordered_map>
#include <vector>

#include "codegen/code_space.h"
#include "codegen/target.h"
#include "engine/base/mutex.h"
#include "engine/exec/native.h"

namespace bls::codegen {

/// Null when this machine has no compiler or gives no executable memory.
std::unique_ptr<NativeCode> makeNativeModule(const Module& module, const ModuleMeta& meta,
                                             const CodeOptions& options, FuncCode* cells);

class NativeModule final : public NativeCode {
 public:
  NativeModule(const Module& module, const ModuleMeta& meta, const CodeOptions& options,
               FuncCode* cells, const Stubs& stubs);
  ~NativeModule() override;
  bool ready() const { return space_ != nullptr && compiler_ != nullptr && accesses_ != nullptr; }

  bool compile(FuncCode* code) override;
  Trap run(ExecCtx* cx, FuncCode* code, u64* slots) override;
  u32 frames(const void* sp, FramePlace* out, u32 max) override;
  u32 compiledFunctions() const override { return static_cast<u32>(ranges_.size()); }
  u64 codeBytes() const override { return space_->used(); }

  /// Fuel at a trap raised at `site` (a return address, or an access's address plus 1), and the
  /// state that says it is settled.
  static void settleTrap(ExecCtx* cx, Trap trap, const void* site);
  /// True when the instruction at `pc` is a memory access of this module that may fault.
  bool ownsAccess(u64 pc) const;
  const Stubs& stubs() const { return stubs_; }

 private:
  struct Range {
    u32 begin;  // offset in the region
    u32 end;
    u32 funcIndex;
  };
  CompileInput inputFor(u32 funcIndex) const;
  /// The site of a key, or null: compiles the function again to find it. Under the lock.
  const CodeSite* siteAt(const void* key, u32* funcIndex);

  const Module& module_;
  const ModuleMeta& meta_;
  const CodeOptions options_;
  FuncCode* cells_;
  const Stubs& stubs_;
  mutable Mutex lock_;
  std::unique_ptr<FunctionCompiler> compiler_;
  std::unique_ptr<CodeSpace> space_;
  std::vector<Range> ranges_;  // ascending
  std::unordered_map<u32, std::vector<CodeSite>> sites_;
  u64* accesses_ = nullptr;  // one bit for each byte of the region: an access begins there
};

}  // namespace bls::codegen
