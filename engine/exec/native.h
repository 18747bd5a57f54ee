// NativeCode: compiled code of one module, as the interpreter and the walkers of frames see it.
//
// The interpreter asks for code when a function is first called and runs it through `run`; a call
// from the host goes through `pass` once there is code (entry.h); from there on compiled functions
// call each other. The native stack between a gate and the place where compiled code calls out is
// described by one pair of control records (kNativeFrames).
#pragma once

#include <memory>

#include "engine/base/sanitized.h"
#include "engine/exec/tier.h"
#include "engine/object/func.h"

namespace bls {

struct TagObj;

/// A pair of control records: the frames between a gate and a place where compiled code called out.
struct NativeStretch {
  const void* sp = nullptr;      // points at the innermost return address
  u64* slots = nullptr;          // slot base there
  Instance* instance = nullptr;  // current there
  bool single = false;           // one frame only, whose return address is on the control stack
  /// `top`: the upper one of the pair.
  static NativeStretch of(const ControlRecord* top) {
    return {top[-1].pc, static_cast<u64*>(top[-1].fp), static_cast<Instance*>(top->fp)};
  }
};

/// Fills in what compiled code leaves open when it calls the host in line: the records of its
/// stretch, ExecCtx::hostTop. For those who look at frames, or put others above them.
inline void closeStretch(ExecCtx* cx) {
  if (cx->openSp == nullptr) return;
  cx->ctl[-2] = {cx->openSp, cx->openSlots};
  cx->ctl[-1].fp = cx->instance;
  cx->hostTop = cx->openSlots + cx->openFunc->slots;
  cx->openSp = nullptr;
}

/// Where an exception goes on in compiled code.
struct NativeLanding {
  const void* const* sp = nullptr;  // the frame's own return address
  u64* slots = nullptr;             // its slot base
  Instance* instance = nullptr;
  const void* pc = nullptr;
  u64* payload = nullptr;
  u64* exnSlot = nullptr;  // or null
  i64 charge = 0;          // fuel that the throwing code has not paid, if it is of the stretch
  bool hasPayload = false;
  bool wantsRef = false;
  bool wantsObject() const { return wantsRef || exnSlot != nullptr; }
};

/// From C++ into compiled code: `entry` is a body entry, or a function's entry (FuncCode::native),
/// which gets `code` and opens the frame. Returns a Trap, or the FuncCode* that is to be
/// interpreted (NativeCode::run). After a trap the current instance is any.
using NativeGate = u64 (*)(const void* entry, u64* frame, ExecCtx* cx, FuncCode* code);
/// What a gate or a library function returns is a Trap below this, or an address.
constexpr u32 kTraps = 256;

class NativeCode {
 public:
  NativeCode(NativeGate gate, const void* const* builtins) : gate_(gate), builtins_(builtins) {}
  NativeCode(const NativeCode&) = delete;
  NativeCode& operator=(const NativeCode&) = delete;
  virtual ~NativeCode() = default;
  /// Goes through the gate; what it returns. Arguments stand at `slots`, results replace them; the
  /// instance of the code is current. Thread rule: the store's thread.
  BLS_CALLS_MADE_CODE u64 pass(ExecCtx* cx, const void* entry, u64* slots, FuncCode* code) const {
    prepare(cx);
    return gate_(entry, slots, cx, code);
  }
  /// The same for a context that has been prepared.
  BLS_CALLS_MADE_CODE u64 passAgain(ExecCtx* cx, const void* entry, u64* slots,
                                    FuncCode* code) const {
    return gate_(entry, slots, cx, code);
  }
  /// What compiled code needs of a context for good, whatever module it is of. Thread rule: the
  /// store's thread.
  void prepare(ExecCtx* cx) const { cx->builtins = builtins_; }
  /// True when the function has native code, which is made now if nobody has tried. Thread safe.
  virtual bool compile(FuncCode* code) = 0;
  /// Where a frame of the interpreter that has arrived at the loop whose instruction is at
  /// `bodyOffset` can go on: everything in its slots, everything paid. Null when the function has
  /// no native code. Compiles it if nobody has tried. Thread safe.
  virtual const void* loopEntry(FuncCode* code, u32 bodyOffset) = 0;
  /// Runs a function from `entry` (FuncCode::nativeBody or a loopEntry). Its frame has been opened
  /// at `slots`: it fits, its entry is charged, its locals are zeroed. Results replace the
  /// arguments. After a trap its fuel is settled and its frames are in cx->trace; cx->trapPc is
  /// null. The current instance is the one of before.
  /// Or it comes to a function without native code: then `callee` is that function, of the now
  /// current instance, its arguments at cx->trapFp and its frame not opened; the frames that wait
  /// for it are on the control stack (ReturnCells::resume). Or a frame leaves compiled code at a
  /// safepoint (cx->switchAt), opened and with everything in its slots. Else `callee` is null.
  virtual Trap run(ExecCtx* cx, const void* entry, u64* slots, FuncCode** callee) = 0;
  /// The same for a frame that goes on: behind a call with `slots` the callee's frame and its
  /// results there, or at a landing (NativeLanding).
  virtual Trap resume(ExecCtx* cx, const void* at, u64* slots, FuncCode** callee) = 0;
  /// Lists the frames of a stretch, innermost first: writes at most `max`, returns how many there
  /// are. The frames may be of several modules; any of them may be asked.
  virtual u32 frames(const NativeStretch& stretch, FramePlace* out, u32 max) = 0;
  /// Shows the collector every reference in the frames of a stretch.
  virtual void visitRoots(const NativeStretch& stretch, RootVisitor& visitor) = 0;
  /// The instance that was current when the stretch was entered.
  virtual Instance* enteredFrom(const NativeStretch& stretch) = 0;
  /// Who catches an exception among the frames of a stretch.
  virtual bool findHandler(const NativeStretch& stretch, const TagObj* tag, NativeLanding* out) = 0;
  /// Tries every function nobody has tried; CodeModule::compileAll.
  virtual void compileAll(Executor* executor) = 0;
  /// All but CompileStats::loopEntries and tierDowns. Thread safe.
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
