// The interpreter (T0) as a Tier: prepares modules, translates functions at their first call, runs
// them.
//
// Entry points: Interpreter (a Tier), InterpModule (its CodeModule). Two back ends run the same
// cells' worth of meaning: `Tail` (handlers that jump to each other; native builds) and `Loop` (one
// switch; everywhere, explicit memory checks). Thread rule: prepare and enter may be used by
// several threads on different stores; translation takes the module's lock.
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "engine/base/mutex.h"
#include "engine/exec/fuel.h"
#include "engine/exec/native.h"
#include "engine/interp/cell.h"
#include "engine/interp/frame_tables.h"
#include "engine/object/func.h"
#include "engine/validate/func_meta.h"

namespace bls {

enum class Dispatch : u8 { Tail, Loop };

namespace interp {

struct VariantSet;

/// Cells every module of a back end shares: where calls from outside return to, and where
/// untranslated functions enter.
struct CodeCells {
  Cell leave;
  Cell restore;
  Cell translate;
  Cell native;
  Cell count;
  Cell resume;
  Cell either;  // `native` under CodeOptions::switchTiers
};

/// Where a cell came from, for backtraces and exact fuel at traps.
struct CellOrigin {
  u32 offset = 0;   // of the instruction, relative to the body
  i32 pending = 0;  // fuel not charged yet when the cell runs, its own instruction included
};

/// The first cell of a loop behind the one that counts arrivals.
struct LoopCell {
  u32 bodyOffset = 0;
  u32 cell = 0;
};

class InterpModule final : public CodeModule {
 public:
  InterpModule(const Module& module, const ModuleMeta& meta, const CodeOptions& options,
               Dispatch dispatch);
  ~InterpModule() override;
  FuncCode* cells() override { return funcs_.get(); }

  const Module& module() const { return module_; }
  const FuncMeta& metaOf(u32 funcIndex) const {
    return meta_.funcs[funcIndex - module_.importedFuncs];
  }
  const CodeOptions& options() const { return options_; }
  const FuelSchedule& schedule() const { return kFuelSchedules[options_.fuelSchedule]; }
  Dispatch dispatch() const { return dispatch_; }
  const CodeCells& codeCells() const;
  /// Where functions that have native code enter.
  const Cell* nativeCell() const {
    return options_.switchTiers ? &codeCells().either : &codeCells().native;
  }
  NativeCode* native() const override { return native_.get(); }
  void setNative(std::unique_ptr<NativeCode> native) { native_ = std::move(native); }

  /// First cell of the function: compiling or translating it now if nobody has. Thread safe.
  const Cell* translate(FuncCode* code);
  /// The same for a function that is compiled at a later call than this one.
  const Cell* countCall(FuncCode* code);
  /// Where a frame at a loop header goes on natively; null when it must stay. Later calls of the
  /// function are native as well.
  const void* enterLoop(FuncCode* code, u32 bodyOffset);
  /// Cells of the function, translating it now if nobody has. Thread safe.
  const Cell* interpreted(FuncCode* code);
  /// Where a frame that compiled code has left at a safepoint (exec/tier_switch.h) goes on. Counts
  /// it, and what is left until the next change.
  const Cell* leaveNative(ExecCtx* cx, FuncCode* code, u64* slots, u32 bodyOffset);
  /// Functions and cells translated so far.
  u32 translatedFunctions() const override { return translated_; }
  u32 compiledFunctions() const override { return compileStats().functions; }
  CompileStats compileStats() const override;
  void compileAll(Executor* executor) override;
  u64 translatedCells() const { return cellCount_; }

  /// The translated code of one function.
  struct Block {
    std::unique_ptr<Cell[]> cells;
    u32 count = 0;
    u32 funcIndex = 0;
    std::vector<LoopCell> loops;
    FrameTables tables;
  };
  /// The code that holds `cell`, or null when it is not this module's. Valid as long as the module.
  const Block* blockOf(const Cell* cell) const;
  /// Finds the function whose code holds `cell`; false when it is not this module's.
  bool find(const Cell* cell, u32* funcIndex, u32* index) const;
  /// Where cell number `index` of a function came from. Translates again: for traps only.
  CellOrigin origin(u32 funcIndex, u32 index) const;
  /// Which handlers translations of this module use.
  VariantSet variants() const;

 private:
  u64 nextCopy(u64 row);
  const Cell* translateLocked(FuncCode* code);
  const Module& module_;
  const ModuleMeta& meta_;
  CodeOptions options_;
  Dispatch dispatch_;
  std::unique_ptr<FuncCode[]> funcs_;
  std::unique_ptr<NativeCode> native_;
  mutable Mutex lock_;
  std::map<const Cell*, Block> blocks_;  // by first cell
  std::vector<u8> turns_;                // by row: the copy used last
  u32 translated_ = 0;
  u64 cellCount_ = 0;
  std::atomic<u64> loopEntries_{0};
  std::atomic<u64> tierDowns_{0};
};

}  // namespace interp

class Interpreter final : public Tier {
 public:
  /// `Tail` falls back to `Loop` where this build or machine has no tail back end.
  /// `native`: makes the compiled code of a module; null for interpreting everything.
  explicit Interpreter(Dispatch dispatch = defaultDispatch(), NativeFactory native = nullptr);
  ~Interpreter() override;
  const char* name() const override {
    if (native_ != nullptr) return "baseline";
    return dispatch_ == Dispatch::Tail ? "interp" : "interp-loop";
  }
  std::unique_ptr<CodeModule> prepare(const Module& module, const ModuleMeta& meta,
                                      const CodeOptions& options) override;
  Trap enter(ExecCtx* cx, FuncCode* code, u64* slots) override;
  Trap goOn(ExecCtx* cx, FuncCode* callee) override;
  ReturnCells returnCells() const override;
  u32 frames(const ExecCtx* cx, FramePlace* out, u32 max) const override;
  void traceFrames(ExecCtx* cx, RootVisitor& visitor) const override;

  Dispatch dispatch() const { return dispatch_; }
  /// True when guard memories can be used without checks (signals turn faults into traps).
  bool usesGuards() const;
  /// Tail where it exists and the build is not for sanitizers, else Loop.
  static Dispatch defaultDispatch();
  static bool hasTail();

 private:
  static Trap finish(ExecCtx* cx, Trap trap, const CodeOptions& options);
  Dispatch dispatch_;
  NativeFactory native_;
};

}  // namespace bls
