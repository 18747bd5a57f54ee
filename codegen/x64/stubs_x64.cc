// Stubs of x86-64: the gate from C++, the ways out of compiled code, traps.
//
// The gate pushes a pair of control records for the frames of its stretch (kNativeFrames), and
// every way out that may look at frames fills them in: first the stack pointer, which points at the
// innermost return address, and the slot base; then the mark and the instance. C++ keeps rbx, rbp
// and r12 to r15, so the pinned registers survive.
#include "codegen/code_space.h"
#include "codegen/target.h"
#include "codegen/x64/masm_x64.h"
#include "engine/base/cpu.h"
#include "engine/base/mutex.h"
#include "engine/exec/float_env.h"
#include "engine/object/layout.h"

namespace bls::codegen {
namespace {

using namespace x64;
namespace cx = layout::cx;

constexpr Reg kSavedByC[] = {kRbp, kRbx, kR12, kR13, kR14, kR15};

class StubMaker {
 public:
  StubMaker() : m_(platform::cpuFeatures()) {}

  bool make(Stubs* out, const void** table) {
    gate();
    interpret();
    resume();
    runtime();
    callFar();
    callImport(Builtin::CallImport, false);
    callImport(Builtin::CallImportMetered, true);
    afterHost();
    callTable();
    tailFar();
    raise();
    entry(Builtin::EntryOverflow, StubCall::EntryOverflow);
    entry(Builtin::EntryFuel, StubCall::Refill);
    loopFuel();
    compileCallee();
    const std::span<const u8> code = m_.finish();
    if (code.empty()) return false;
    static CodeSpace* space = nullptr;  // for the life of the process
    space = CodeSpace::create(code.size()).release();
    if (space == nullptr) return false;
    out->space = space;
    const u8* base = space->add(code);
    if (base == nullptr) return false;
    out->gate = reinterpret_cast<NativeGate>(const_cast<u8*>(base + gate_));
    out->gateReturn = base + gateReturn_;
    out->crossReturn = base + crossReturn_;
    out->crossInstance = 1;
    out->crossWords = 2;
    out->compileCallee = base + compileCallee_;
    out->resume = base + resume_;
    out->interpretCallee = base + interpret_;
    out->fault = base + fault_;
    out->frameWords = kFrameWords;
    for (u32 i = 0; i < static_cast<u32>(Builtin::kCount); ++i) table[i] = base + builtins_[i];
    fillLibrary(table);
    out->builtins = table;
    return true;
  }

 private:
  Address field(i32 offset) { return Address::at(kContext, offset); }
  void begin(u32* place) {
    m_.align(16);
    *place = m_.position();
    m_.landingPad();
  }
  u32* placeOf(Builtin builtin) { return &builtins_[static_cast<u32>(builtin)]; }

  // The pair of records; the innermost return address is `above` words up the stack. Clobbers r10
  // and r11.
  void fillRecords(i32 above) {
    Reg sp = kRsp;
    if (above != 0) {
      sp = kR10;
      m_.address(sp, Address::at(kRsp, above * 8));
    }
    m_.load(Access::U64, kR11, field(cx::ctl));
    m_.store(8, Address::at(kR11, -32), sp);
    m_.storeConstant(field(cx::openSp), 0);
    m_.load(Access::U64, kR10, field(cx::instance));
    fillRest(kR10);
  }
  // The rest of the pair at r11: the slot base and the current instance.
  void fillRest(Reg instance) {
    m_.store(8, Address::at(kR11, -24), kSlots);
    m_.store(8, Address::at(kR11, -8), instance);
  }
  // Calls a function of the library with the context as its first argument, on an aligned stack.
  // `number` in the table, or behind kRuntimeCallBase in rax when it is ~0. Clobbers rbp.
  void callLibrary(u32 number) {
    m_.store(8, field(cx::fuel), kFuel);
    m_.move(Width::W64, kRdi, kContext);
    m_.move(Width::W64, kRbp, kRsp);
    m_.intOpImm(IntOp::And, Width::W64, kRsp, kRsp, -16);
    m_.load(Access::U64, kR11, field(cx::builtins));
    if (number == ~u32{0}) {
      m_.callAt(Address::indexed(kR11, kRax, static_cast<i32>(kRuntimeCallBase * 8), 3));
    } else {
      m_.callAt(Address::at(kR11, static_cast<i32>(number * 8)));
    }
    m_.move(Width::W64, kRsp, kRbp);
  }
  void callLibrary(StubCall call) { callLibrary(kStubCallBase + static_cast<u32>(call)); }
  void loadFuel() { m_.load(Access::U64, kFuel, field(cx::fuel)); }

  // u64 gate(const void* entry, u64* frame, ExecCtx* cx, FuncCode* code)
  void gate() {
    begin(&gate_);
    for (Reg r : kSavedByC) m_.push(r);
    m_.pushAt(Address::at(kRdx, cx::nativeExit));
    m_.store(8, Address::at(kRdx, cx::nativeExit), kRsp);
    m_.move(Width::W64, kSlots, kRsi);
    m_.move(Width::W64, kContext, kRdx);
    m_.move(Width::W64, kStubArgument, kRcx);
    m_.load(Access::U64, kMemory, field(cx::mem0Base));
    loadFuel();
    m_.load(Access::U64, kR11, field(cx::ctl));
    m_.storeConstant(Address::at(kR11, 16), reinterpret_cast<u64>(kNativeFrames));
    m_.intOpImm(IntOp::Add, Width::W64, kR11, kR11, 32);
    m_.store(8, field(cx::ctl), kR11);
    m_.callTo(kRdi);
    m_.bind(gateReturnLabel_);
    gateReturn_ = m_.position();
    m_.store(8, field(cx::fuel), kFuel);
    m_.loadConstant(kRax, 0);
    m_.bind(over_);
    m_.subtractMemory(Width::W64, field(cx::ctl), 32);
    m_.bind(leave_);
    m_.storeConstant(field(cx::openSp), 0);
    m_.popAt(field(cx::nativeExit));
    for (size_t i = std::size(kSavedByC); i-- > 0;) m_.pop(kSavedByC[i]);
    m_.ret();
  }

  // For a function without native code, its FuncCode in rax: the frames of this stretch go to the
  // control stack, and the interpreter, which called the gate, goes on with it.
  void interpret() {
    m_.align(16);
    m_.bind(interpretLabel_);
    begin(&interpret_);
    *placeOf(Builtin::LeaveTier) = interpret_;  // it does not matter how much the function has done
    fillRecords(0);
    m_.move(Width::W64, kRsi, kRax);
    callLibrary(StubCall::Interpret);
    m_.load(Access::U64, kRsp, field(cx::nativeExit));
    m_.jump(leave_);
  }

  // A frame of the control stack goes on natively: the gate has called, so its own way back is on
  // the stack.
  void resume() {
    begin(&resume_);
    m_.load(Access::U64, kResult, Address::at(kSlots, 0));
    m_.loadF(Width::W64, kFResult, Address::at(kSlots, 0));
    m_.pushAt(field(cx::resumeAt));
    m_.ret();
  }

  // The run-time library, by number in rax. Result 0 comes back in its registers too.
  void runtime() {
    begin(placeOf(Builtin::Runtime));
    m_.bind(runtime_);
    fillRecords(0);
    m_.move(Width::W64, kRsi, kSlots);
    callLibrary(~u32{0});
    m_.test(Width::W32, kRax, kRax);
    m_.branchOnFlags(Cond::Ne, trapped_);
    loadFuel();
    m_.load(Access::U64, kMemory, field(cx::mem0Base));
    m_.load(Access::U64, kResult, Address::at(kSlots, 0));
    m_.loadF(Width::W64, kFResult, Address::at(kSlots, 0));
    m_.ret();
  }

  // What setCurrentInstance does; not for null. Clobbers r10.
  void switchTo(Reg instance) {
    m_.store(8, field(cx::instance), instance);
    m_.load(Access::U64, kR10, Address::at(instance, layout::instance::globals));
    m_.store(8, field(cx::globals), kR10);
    m_.load(Access::U64, kR10, Address::at(instance, layout::instance::code));
    m_.store(8, field(cx::code), kR10);
    m_.load(Access::U64, kR10, Address::at(instance, layout::instance::imports));
    m_.store(8, field(cx::imports), kR10);
    m_.load(Access::U64, kR10, Address::at(instance, layout::instance::memory0));
    refreshMemory();
  }
  // The same of exec: of the MemoryObj in r10.
  void refreshMemory() {
    m_.load(Access::U64, kMemory, Address::at(kR10, layout::memory::base));
    m_.load(Access::U64, kR10, Address::at(kR10, layout::memory::size));
    m_.store(8, field(cx::mem0Base), kMemory);
    m_.store(8, field(cx::mem0Size), kR10);
  }
  // Where the FuncCode in rax is entered, to r9.
  void loadEntry() {
    Label known;
    m_.load(Access::U64, kR9, Address::at(kRax, layout::code::native));
    m_.test(Width::W64, kR9, kR9);
    m_.branchOnFlags(Cond::Ne, known);
    m_.addressOf(kR9, interpretLabel_);
    m_.bind(known);
  }

  // The FuncObj in rdx. Between a caller and a callee of another instance stand two words, the
  // return address to here and the caller's instance (frames.h).
  void callFar() {
    begin(placeOf(Builtin::CallFar));
    m_.bind(callFar_);
    Label host;
    m_.load(Access::U64, kRcx, Address::at(kRdx, layout::func::instance));
    m_.test(Width::W64, kRcx, kRcx);
    m_.branchOnFlags(Cond::Eq, host);
    m_.load(Access::U64, kRax, Address::at(kRdx, layout::func::code));
    m_.pushAt(field(cx::instance));
    switchTo(kRcx);
    loadEntry();
    m_.callTo(kR9);
    m_.bind(crossReturnLabel_);
    crossReturn_ = m_.position();
    m_.pop(kRcx);
    switchTo(kRcx);
    m_.ret();
    m_.bind(host);
    m_.load(Access::U64, kRcx, field(cx::instance));
    callHost(true, true);
  }

  // The FuncObj in rsi, an import.
  void callImport(Builtin builtin, bool metered) {
    begin(placeOf(builtin));
    m_.move(Width::W64, kRdx, MasmX64::kCallee);
    m_.load(Access::U64, kRcx, field(cx::instance));
    m_.compareMemoryImm(Width::W64, Address::at(kRdx, layout::func::instance), 0);
    m_.branchOnFlags(Cond::Ne, callFar_);
    callHost(metered, false);
  }

  // A host call in line has come back with a trap in rax or with another floating-point state; rbp
  // is the stack pointer of before.
  void afterHost() {
    begin(placeOf(Builtin::AfterHost));
    Label floatsKept, trap;
    m_.move(Width::W64, kRsp, kRbp);
    m_.probeFloats(kR10);
    m_.branchOnFlags(Cond::Eq, floatsKept);
    m_.setFloatState(field(cx::probe + static_cast<i32>(offsetof(FloatProbe, state))));
    m_.bind(floatsKept);
    m_.intOpImm(IntOp::And, Width::W32, kRax, kRax, 0xff);
    m_.branchOnFlags(Cond::Ne, trap);
    loadFuel();
    m_.ret();
    // The function has closed the stretch if it has called back.
    Label open, found;
    m_.bind(trap);
    m_.compareMemoryImm(Width::W64, field(cx::openSp), 0);
    m_.branchOnFlags(Cond::Ne, open);
    m_.load(Access::U64, kR11, field(cx::ctl));
    m_.load(Access::U64, kSlots, Address::at(kR11, -24));
    m_.jump(found);
    m_.bind(open);
    m_.load(Access::U64, kSlots, field(cx::openSlots));
    m_.bind(found);
    fillRecords(0);
    m_.jump(trapped_);
  }

  // What exec/entry.h's callHost does with the FuncObj in rdx, without a call more; it does it
  // itself where the arguments and results do not fit. The current instance is in rcx. With `all`,
  // what is known of memory 0 is brought up to date and result 0 comes in its registers too.
  void callHost(bool metered, bool all) {
    Label library, otherFloats, floatsKept;
    m_.load(Access::U32, kRax, Address::at(kRdx, layout::func::slots));
    m_.address(kRax, Address::indexed(kSlots, kRax, 0, 3));
    m_.compareMemory(Width::W64, field(cx::slotLimit), kRax);
    m_.branchOnFlags(Cond::LtU, library);
    m_.store(8, field(cx::hostTop), kRax);
    m_.load(Access::U64, kR11, field(cx::ctl));
    m_.store(8, Address::at(kR11, -32), kRsp);
    m_.storeConstant(field(cx::openSp), 0);
    fillRest(kRcx);
    if (metered) m_.store(8, field(cx::fuel), kFuel);
    m_.move(Width::W64, kRdi, kContext);
    m_.move(Width::W64, kRsi, kRdx);
    m_.move(Width::W64, kRdx, kSlots);
    m_.move(Width::W64, kRbp, kRsp);
    m_.intOpImm(IntOp::And, Width::W64, kRsp, kRsp, -16);
    m_.callAt(Address::at(kRsi, layout::func::host));
    m_.move(Width::W64, kRsp, kRbp);
    m_.probeFloats(kR10);
    m_.branchOnFlags(Cond::Ne, otherFloats);
    m_.bind(floatsKept);
    if (all) {
      m_.load(Access::U64, kR10, field(cx::instance));
      m_.load(Access::U64, kR10, Address::at(kR10, layout::instance::memory0));
      refreshMemory();
    }
    m_.intOpImm(IntOp::And, Width::W32, kRax, kRax, 0xff);
    m_.branchOnFlags(Cond::Ne, trapped_);
    if (metered) loadFuel();
    if (all) {
      m_.load(Access::U64, kResult, Address::at(kSlots, 0));
      m_.loadF(Width::W64, kFResult, Address::at(kSlots, 0));
    }
    m_.ret();

    m_.bind(otherFloats);
    m_.setFloatState(field(cx::probe + static_cast<i32>(offsetof(FloatProbe, state))));
    m_.jump(floatsKept);
    m_.bind(library);
    m_.loadConstant(kRax, static_cast<u64>(RuntimeCall::CallHost));
    m_.jump(runtime_);
  }

  // The element rdx of table rcx, which is to have the type in r8, and was not found to be of this
  // instance.
  void callTable() {
    begin(placeOf(Builtin::CallTable));
    Label library;
    m_.load(Access::U64, kR9, field(cx::instance));
    m_.load(Access::U64, kR9, Address::at(kR9, layout::instance::tables));
    m_.load(Access::U64, kR9, Address::indexed(kR9, kRcx, 0, 3));
    m_.compareMemory(Width::W64, Address::at(kR9, layout::table::size), kRdx);
    m_.branchOnFlags(Cond::LeU, library);
    m_.clampIndex(kRax, kRdx, Address::at(kR9, layout::table::size));
    m_.load(Access::U64, kR9, Address::at(kR9, layout::table::entries));
    m_.shiftImm(ShiftOp::Shl, Width::W64, kRax, kRax, layout::entry::kShift);
    m_.intOp(IntOp::Add, Width::W64, kR9, kR9, kRax);
    m_.compareMemory(Width::W64, Address::at(kR9, layout::entry::canonType), kR8);
    m_.branchOnFlags(Cond::Ne, library);
    m_.load(Access::U64, kRdx, Address::at(kR9, layout::entry::func));
    m_.jump(callFar_);
    m_.bind(library);
    fillRecords(0);
    m_.move(Width::W64, kRsi, kRdx);
    m_.move(Width::W64, kRdx, kRcx);
    m_.move(Width::W64, kRcx, kR8);
    callLibrary(StubCall::LookUpTable);
    m_.compareImm(Width::W64, kRax, kTraps);
    m_.branchOnFlags(Cond::LtU, trapped_);
    m_.move(Width::W64, kRdx, kRax);
    m_.jump(callFar_);
  }

  // In a chain of tail calls one way back to the first caller's instance is enough.
  void tailFar() {
    begin(placeOf(Builtin::TailFar));
    m_.move(Width::W64, kRdx, kRax);
    m_.addressOf(kR11, crossReturnLabel_);
    m_.compareMemory(Width::W64, Address::at(kRsp, 0), kR11);
    m_.branchOnFlags(Cond::Ne, callFar_);
    m_.load(Access::U64, kRcx, Address::at(kRdx, layout::func::instance));
    m_.load(Access::U64, kRax, Address::at(kRdx, layout::func::code));
    switchTo(kRcx);
    loadEntry();
    m_.jumpTo(kR9);
  }

  // Ends the run: the trap is in rax and the records are pushed (trapped_).
  void raise() {
    begin(&fault_);
    m_.loadConstant(kRax, static_cast<u64>(Trap::MemoryOutOfBounds));
    begin(placeOf(Builtin::Raise));
    fillRecords(0);
    m_.store(8, field(cx::fuel), kFuel);
    m_.bind(trapped_);
    m_.move(Width::W32, kR13, kRax);  // saved by C, and of no use to anybody any more
    m_.move(Width::W64, kRdi, kContext);
    m_.move(Width::W32, kRsi, kRax);
    m_.intOpImm(IntOp::And, Width::W64, kRsp, kRsp, -16);
    m_.load(Access::U64, kR11, field(cx::builtins));
    m_.callAt(Address::at(
        kR11, static_cast<i32>((kStubCallBase + static_cast<u32>(StubCall::FinishTrap)) * 8)));
    Label over;
    m_.test(Width::W64, kRax, kRax);
    m_.branchOnFlags(Cond::Eq, over);
    // An exception goes on in a frame of this stretch: the records say where its return address
    // and its slots are.
    m_.load(Access::U64, kR11, field(cx::ctl));
    m_.storeConstant(Address::at(kR11, -16), reinterpret_cast<u64>(kNativeFrames));
    m_.load(Access::U64, kRsp, Address::at(kR11, -32));
    m_.load(Access::U64, kSlots, Address::at(kR11, -24));
    m_.load(Access::U64, kMemory, field(cx::mem0Base));
    loadFuel();
    m_.jumpTo(kRax);
    m_.bind(over);
    m_.load(Access::U64, kRsp, field(cx::nativeExit));
    m_.move(Width::W32, kRax, kR13);
    m_.jump(over_);
  }

  // Called by a function's entry: what lies above is the return address to its caller.
  void entry(Builtin builtin, StubCall call) {
    begin(placeOf(builtin));
    callLibrary(call);
    Label trap;
    m_.test(Width::W32, kRax, kRax);
    m_.branchOnFlags(Cond::Ne, trap);
    loadFuel();
    m_.ret();
    m_.bind(trap);
    fillRecords(1);
    m_.jump(trapped_);
  }

  // At a loop header values are in registers, vectors among them.
  void loopFuel() {
    constexpr i32 kVectorBytes = 16;
    constexpr i32 kFloatBytes = 16 * kVectorBytes;
    begin(placeOf(Builtin::LoopFuel));
    for (u32 code = 0; code < 16; ++code) {
      if (saved(code)) m_.push(Reg{static_cast<u8>(code)});
    }
    m_.intOpImm(IntOp::Sub, Width::W64, kRsp, kRsp, kFloatBytes);
    for (u8 i = 0; i < 16; ++i) m_.vectorStore(Address::at(kRsp, i * kVectorBytes), FReg{i});
    callLibrary(StubCall::Refill);
    Label trap;
    m_.test(Width::W32, kRax, kRax);
    m_.branchOnFlags(Cond::Ne, trap);
    loadFuel();
    for (u8 i = 0; i < 16; ++i) {
      m_.vectorLoad(Op::V128Load, FReg{i}, Address::at(kRsp, i * kVectorBytes));
    }
    m_.intOpImm(IntOp::Add, Width::W64, kRsp, kRsp, kFloatBytes);
    i32 words = 0;
    for (u32 code = 16; code-- > 0;) {
      if (!saved(code)) continue;
      m_.pop(Reg{static_cast<u8>(code)});
      ++words;
    }
    m_.ret();
    m_.bind(trap);
    fillRecords(kFloatBytes / 8 + words);
    m_.jump(trapped_);
  }
  static bool saved(u32 code) { return (kAllocatable >> code & 1) != 0; }

  // The FuncCode in rax goes on to whatever is called then.
  void compileCallee() {
    begin(&compileCallee_);
    m_.push(kRax);
    m_.move(Width::W64, kRsi, kRax);
    callLibrary(StubCall::Compile);
    m_.move(Width::W64, kR11, kRax);
    m_.pop(kRax);
    m_.jumpTo(kR11);
  }

  MasmX64 m_;
  Label over_;
  Label leave_;
  Label runtime_;
  Label callFar_;
  Label interpretLabel_;
  Label gateReturnLabel_;
  Label crossReturnLabel_;
  Label trapped_;
  u32 gate_ = 0, gateReturn_ = 0, crossReturn_ = 0, resume_ = 0, compileCallee_ = 0, interpret_ = 0,
      fault_ = 0;
  u32 builtins_[static_cast<u32>(Builtin::kCount)] = {};
};

}  // namespace

const Stubs* stubs() {
  static Mutex lock;
  static Stubs made;
  static const void* table[kBuiltinCount];
  static bool tried = false;
  MutexGuard guard(lock);
  if (!tried) {
    tried = true;
    StubMaker maker;
    if (!maker.make(&made, table)) made = {};
  }
  return made.gate != nullptr ? &made : nullptr;
}

}  // namespace bls::codegen
