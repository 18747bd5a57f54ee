// NativeCode: compiled code of one module, as the interpreter and the walkers of frames see it.
//
// The interpreter asks for code when a function is first called and runs it through `run`; from
// there on compiled functions call each other. The native stack between a gate and the place where
// compiled code calls out is described by one pair of control records (kNativeFrames).
#pragma once

#include <memory>

#include "engine/exec/tier.h"

namespace bls {

/// From C++ into compiled code: `entry` is a body entry, or a function's entry, which gets `code`.
/// Returns the Trap, 0, or the FuncObj that is to be called in its place (an address;
/// NativeCode::run tells more).
using NativeGate = u64 (*)(const void* entry, u64* frame, ExecCtx* cx, FuncCode* code);

class NativeCode {
 public:
  NativeCode(NativeGate gate, const void* const* builtins) : gate_(gate), builtins_(builtins) {}
  NativeCode(const NativeCode&) = delete;
  NativeCode& operator=(const NativeCode&) = delete;
  virtual ~NativeCode() = default;
  /// Goes through the gate; what it returns. For a function's entry (FuncCode::native) the frame is
  /// opened there: checked, charged, zeroed.
  u64 pass(ExecCtx* cx, const void* entry, u64* slots, FuncCode* code) {
    NativeCode* outer = cx->native;
    cx->native = this;
    cx->builtins = builtins_;
    const u64 left = gate_(entry, slots, cx, code);
    cx->native = outer;
    return left;
  }
  static bool isTrap(u64 left) { return left < 256; }  // addresses are beyond
  /// True when the function has native code, which is made now if nobody has tried. Thread safe.
  virtual bool compile(FuncCode* code) = 0;
  /// Where a frame of the interpreter that has arrived at the loop whose instruction is at
  /// `bodyOffset` can go on: everything in its slots, everything paid. Null when the function has
  /// no native code. Compiles it if nobody has tried. Thread safe.
  virtual const void* loopEntry(FuncCode* code, u32 bodyOffset) = 0;
  /// Runs a function from `entry` (FuncCode::nativeBody or a loopEntry). Its frame has been opened
  /// at `slots`: it fits, its entry is charged, its locals are zeroed. Results replace the
  /// arguments. After a trap its fuel is settled and its frames are in cx->trace; cx->trapPc is
  /// null. `tail`: a function of another instance or of the host that is to be called now in its
  /// place, with its arguments at `slots`; else null.
  virtual Trap run(ExecCtx* cx, const void* entry, u64* slots, FuncObj** tail) = 0;
  /// Lists the frames of a stretch, innermost first: writes at most `max`, returns how many there
  /// are. `sp`: from the pair of records.
  virtual u32 frames(const void* sp, FramePlace* out, u32 max) = 0;
  /// Shows the collector every reference in the frames of a stretch. `slots`: from the pair.
  virtual void visitRoots(const void* sp, u64* slots, RootVisitor& visitor) = 0;
  /// Tries every function nobody has tried; CodeModule::compileAll.
  virtual void compileAll(Executor* executor) = 0;
  /// All but CompileStats::loopEntries. Thread safe.
  virtual CompileStats stats() const = 0;

 private:
  const NativeGate gate_;
  const void* const* const builtins_;
};

/// A function whose code has just been made and may be called by now.
struct CodeEvent {
  const Module* module;
  u32 funcIndex;
  const u8* code;  // where it runs; readable
  size_t size;
};
/// Called from the thread that compiles, under the module's lock: several modules may call at once.
using CodeObserver = void (*)(const CodeEvent& event);

/// Makes the native code of a module, empty at first; null where there is no compiler for this
/// machine. `cells`: the module's, whose `native` fields are set.
using NativeFactory = std::unique_ptr<NativeCode> (*)(const Module& module, const ModuleMeta& meta,
                                                      const CodeOptions& options, FuncCode* cells);

}  // namespace bls
