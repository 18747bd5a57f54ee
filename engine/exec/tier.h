// Tier: how a way of executing wasm is plugged in. The interpreter and every compiler implement it;
// only runtime/ names concrete ones. A CodeModule is a tier's per-module state, shared by all
// instances of the module in all stores.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "engine/module/module.h"
#include "engine/object/exec_ctx.h"

namespace bls {

class Executor;
struct FuncCode;
struct FuncObj;
struct ModuleMeta;

/// Settings that change the code a tier makes; part of every cache key.
struct CodeOptions {
  /// Function indices, first and last of each range.
  using FuncRanges = std::vector<std::pair<u32, u32>>;
  bool metered = false;        // count fuel and honour interrupts at loop headers
  bool guardMemory = false;    // memories of type i32, 64 KiB pages are Guard memories
  bool deterministic = false;  // canonicalise NaNs
  bool savedFuel = false;      // traps report the fuel of the last save point, not the exact count
  bool spillStress = false;    // compiled code keeps few values in registers: for tests
  bool mixStress = false;      // every second function is left to the interpreter: for tests
  bool switchTiers = false;    // go up and down all the time (exec/tier_switch.h): for tests
  u8 fuelSchedule = 0;         // index into the schedules of exec/fuel.def
  // When an interpreted function is compiled: at this call, at this arrival at a loop header. 0 is
  // never; where calls is 1 nothing is interpreted that can be compiled.
  u32 compileAtCall = 1;
  u32 compileAtLoop = 0;
  /// If given, functions outside are interpreted always; lives as long as the code. For finding the
  /// function that the compiler gets wrong (tools/dev/jit_bisect.py).
  const FuncRanges* compileOnly = nullptr;
};

/// What compiling a module has come to so far.
struct CompileStats {
  u32 functions = 0;    // compiled
  u64 wasmBytes = 0;    // of their bodies
  u64 codeBytes = 0;    // machine code
  u64 tableBytes = 0;   // kept beside it, the cells of the module's functions included
  u64 ns = 0;           // spent compiling, all threads together
  u64 loopEntries = 0;  // interpreted frames that went on in compiled code at a loop header
  u64 tierDowns = 0;    // frames of compiled code that went on interpreted
  u32 notCovered = 0;   // functions left to the interpreter: the compiler does not do them
  u32 noRoom = 0;       // or the module's code region was full

  void add(const CompileStats& other) {
    functions += other.functions;
    wasmBytes += other.wasmBytes;
    codeBytes += other.codeBytes;
    tableBytes += other.tableBytes;
    ns += other.ns;
    loopEntries += other.loopEntries;
    tierDowns += other.tierDowns;
    notCovered += other.notCovered;
    noRoom += other.noRoom;
  }
};

class CodeModule {
 public:
  virtual ~CodeModule() = default;
  /// Code cells by function index (imports included, unused).
  virtual FuncCode* cells() = 0;
  /// The compiled code beside it; null where nothing compiles.
  virtual NativeCode* native() const { return nullptr; }
  /// How many functions have code so far; for statistics.
  virtual u32 translatedFunctions() const { return 0; }
  virtual u32 compiledFunctions() const { return 0; }
  virtual CompileStats compileStats() const { return {}; }
  /// Compiles every function now, in parallel if `executor` is given; the code is the same and at
  /// the same places whatever it is. What cannot be compiled stays interpreted. Nothing happens
  /// where the tier does not compile. Thread safe.
  virtual void compileAll(Executor*) {}
};

/// What the pc of a record of the control stack may be besides a place in a function.
struct ReturnCells {
  const void* leave;    // back to who entered the tier
  const void* restore;  // `fp` is the Instance* that is current again
  /// Compiled code goes on at the pc of the record below, whose `fp` is the frame's slot base; `fp`
  /// here is that of the callee's frame.
  const void* resume;
};

class Tier {
 public:
  virtual ~Tier() = default;
  virtual const char* name() const = 0;
  /// Prepares a validated module; translation itself is lazy. `module` and `meta` outlive the
  /// result.
  virtual std::unique_ptr<CodeModule> prepare(const Module& module, const ModuleMeta& meta,
                                              const CodeOptions& options) = 0;
  /// Runs a wasm function of the current instance to completion on `cx`: arguments stand at
  /// `slots`, results replace them. On a trap cx->trap, trapPc and trapFp describe it, control
  /// records above the entry are left for the backtrace, then dropped by the caller.
  virtual Trap enter(ExecCtx* cx, FuncCode* code, u64* slots) = 0;
  /// The same for a function that compiled code has come to and left for (NativeCode::run). The run
  /// of compiled code began above a record of `leave`.
  virtual Trap goOn(ExecCtx* cx, FuncCode* callee) = 0;
  /// ReturnCells::leave.
  const void* leave() const { return leave_; }
  virtual ReturnCells returnCells() const = 0;
  /// Lists the wasm frames of `cx` after a trap, innermost (trapPc, trapFp) first, through nested
  /// host calls down to the bottom of the control stack. Writes at most `max` of them and returns
  /// how many there are.
  virtual u32 frames(const ExecCtx* cx, FramePlace* out, u32 max) const = 0;
  /// Shows the collector every reference in the wasm frames of `cx`: the one that allocates
  /// (cx->gcPc), if any, and all that wait in calls, through nested host calls.
  virtual void traceFrames(ExecCtx* cx, RootVisitor& visitor) const = 0;

 protected:
  explicit Tier(const void* leave) : leave_(leave) {}

 private:
  const void* const leave_;
};

}  // namespace bls
