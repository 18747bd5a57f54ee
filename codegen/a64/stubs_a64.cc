// Stubs of AArch64: the gate from C++, the ways out of compiled code, traps.
//
// The gate pushes a pair of control records for the frames of its stretch (kNativeFrames), and
// every way out that may look at frames fills them in: first the stack pointer, which points at the
// innermost return address, and the slot base; then the mark and the instance. What is entered by a
// call makes a frame like a compiled function, so the return addresses on the stack are a list
// whoever looks. C++ keeps x19 to x28, so the pinned registers survive.
#include "codegen/a64/masm_a64.h"
#include "codegen/code_space.h"
#include "codegen/target.h"
#include "engine/base/cpu.h"
#include "engine/base/mutex.h"
#include "engine/object/layout.h"

namespace bls::codegen {
namespace {

using namespace a64;
namespace cx = layout::cx;

constexpr Reg kSavedByC[][2] = {{kX29, kLink}, {kX19, kX20}, {kX21, kX22},
                                {kX23, kX24},  {kX25, kX26}, {kX27, kX28}};
constexpr Reg kKept = kX23;  // across a call, where compiled code's values are of no use any more

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
    *placeOf(Builtin::AfterHost) = *placeOf(Builtin::CallImport);  // nobody comes there
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
    const u8* base = space->add(code);
    if (base == nullptr) return false;
    out->gate = reinterpret_cast<NativeGate>(const_cast<u8*>(base + gate_));
    out->gateReturn = base + gateReturn_;
    out->crossReturn = base + crossReturn_;
    out->crossInstance = 3;
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

  // The pair of records; the innermost return address is `above` bytes up the stack. Clobbers x10
  // and x11.
  void fillRecords(i32 above) {
    m_.load(Access::U64, kX11, field(cx::ctl));
    m_.address(kX10, Address::at(kSp, above));
    m_.store(8, Address::at(kX11, -32), kX10);
    m_.store(8, Address::at(kX11, -24), kSlots);
    m_.load(Access::U64, kX10, field(cx::instance));
    m_.store(8, Address::at(kX11, -8), kX10);
  }
  // Calls the function in kX10 with the context as its first argument.
  void callLibraryAt10() {
    m_.store(8, field(cx::fuel), kFuel);
    m_.move(Width::W64, kX0, kContext);
    m_.callTo(kX10);
  }
  void callLibrary(StubCall call) {
    m_.load(Access::U64, kX10, field(cx::builtins));
    m_.load(Access::U64, kX10,
            Address::at(kX10, static_cast<i32>((kStubCallBase + static_cast<u32>(call)) * 8)));
    callLibraryAt10();
  }
  void loadFuel() { m_.load(Access::U64, kFuel, field(cx::fuel)); }

  // u64 gate(const void* entry, u64* frame, ExecCtx* cx, FuncCode* code)
  void gate() {
    begin(&gate_);
    for (const auto& two : kSavedByC) m_.pushPair(two[0], two[1]);
    m_.load(Access::U64, kX9, Address::at(kX2, cx::nativeExit));
    m_.pushPair(kX9, kZero);
    m_.address(kX29, Address::at(kSp, 16 * std::size(kSavedByC)));  // the chain of frame pointers
    m_.move(Width::W64, kX9, kSp);
    m_.store(8, Address::at(kX2, cx::nativeExit), kX9);
    m_.move(Width::W64, kSlots, kX1);
    m_.move(Width::W64, kContext, kX2);
    m_.load(Access::U64, kMemory, field(cx::mem0Base));
    loadFuel();
    m_.load(Access::U64, kX11, field(cx::ctl));
    m_.storeConstant(Address::at(kX11, 16), reinterpret_cast<u64>(kNativeFrames));
    m_.intOpImm(IntOp::Add, Width::W64, kX11, kX11, 32);
    m_.store(8, field(cx::ctl), kX11);
    m_.move(Width::W64, kScratch, kX0);
    m_.move(Width::W64, kStubArgument, kX3);
    m_.callTo(kScratch);
    m_.bind(gateReturnLabel_);
    gateReturn_ = m_.position();
    m_.store(8, field(cx::fuel), kFuel);
    m_.loadConstant(kX0, 0);
    m_.bind(over_);
    m_.load(Access::U64, kX11, field(cx::ctl));
    m_.intOpImm(IntOp::Sub, Width::W64, kX11, kX11, 32);
    m_.store(8, field(cx::ctl), kX11);
    m_.bind(leave_);
    m_.popPair(kX9, kZero);
    m_.store(8, field(cx::nativeExit), kX9);
    for (size_t i = std::size(kSavedByC); i-- > 0;) m_.popPair(kSavedByC[i][0], kSavedByC[i][1]);
    m_.leave();
  }

  // For a function without native code, its FuncCode in x9: the frames of this stretch go to the
  // control stack, and the interpreter, which called the gate, goes on with it.
  void interpret() {
    m_.align(16);
    m_.bind(interpretLabel_);
    begin(&interpret_);
    *placeOf(Builtin::LeaveTier) = interpret_;  // it does not matter how much the function has done
    m_.enter();
    fillRecords(0);
    m_.move(Width::W64, kX1, kStubArgument);
    callLibrary(StubCall::Interpret);
    m_.load(Access::U64, kX9, field(cx::nativeExit));
    m_.move(Width::W64, kSp, kX9);
    m_.jump(leave_);
  }

  // A frame of the control stack goes on natively: the gate has called, so its own way back is in
  // the link register.
  void resume() {
    begin(&resume_);
    m_.enter();
    m_.load(Access::U64, kResult, Address::at(kSlots, 0));
    m_.loadF(Width::W64, kFResult, Address::at(kSlots, 0));
    m_.load(Access::U64, kLink, field(cx::resumeAt));
    m_.leave();
  }

  // The run-time library, by number in kStubArgument. Result 0 comes back in its registers too.
  void runtime() {
    begin(placeOf(Builtin::Runtime));
    m_.bind(runtime_);
    m_.enter();
    fillRecords(0);
    m_.load(Access::U64, kX10, field(cx::builtins));
    m_.load(Access::U64, kX10,
            Address::indexed(kX10, kStubArgument, static_cast<i32>(kRuntimeCallBase * 8), 3));
    m_.move(Width::W64, kX1, kSlots);
    callLibraryAt10();
    m_.compareImm(Width::W32, kX0, 0);
    m_.branchOnFlags(Cond::Ne, trapped_);
    loadFuel();
    m_.load(Access::U64, kMemory, field(cx::mem0Base));
    m_.load(Access::U64, kResult, Address::at(kSlots, 0));
    m_.loadF(Width::W64, kFResult, Address::at(kSlots, 0));
    m_.ret();
  }

  // What setCurrentInstance does; not for null. Clobbers x10.
  void switchTo(Reg instance) {
    m_.store(8, field(cx::instance), instance);
    m_.load(Access::U64, kX10, Address::at(instance, layout::instance::globals));
    m_.store(8, field(cx::globals), kX10);
    m_.load(Access::U64, kX10, Address::at(instance, layout::instance::code));
    m_.store(8, field(cx::code), kX10);
    m_.load(Access::U64, kX10, Address::at(instance, layout::instance::imports));
    m_.store(8, field(cx::imports), kX10);
    m_.load(Access::U64, kX10, Address::at(instance, layout::instance::memory0));
    refreshMemory();
  }
  // The same of exec: of the MemoryObj in x10.
  void refreshMemory() {
    m_.load(Access::U64, kMemory, Address::at(kX10, layout::memory::base));
    m_.load(Access::U64, kX10, Address::at(kX10, layout::memory::size));
    m_.store(8, field(cx::mem0Base), kMemory);
    m_.store(8, field(cx::mem0Size), kX10);
  }
  // Where the FuncCode in x9 is entered, to x11.
  void loadEntry() {
    Label known;
    m_.load(Access::U64, kX11, Address::at(kStubArgument, layout::code::native));
    m_.compareImm(Width::W64, kX11, 0);
    m_.branchOnFlags(Cond::Ne, known);
    m_.addressOf(kX11, interpretLabel_);
    m_.bind(known);
  }

  // The FuncObj in x2. Between a caller and a callee of another instance stands the return address
  // to here; the caller's instance is above the return address to the caller, in what else is
  // padding (frames.h).
  void callFar() {
    begin(placeOf(Builtin::CallFar));
    m_.bind(callFar_);
    Label host;
    m_.load(Access::U64, kX3, Address::at(kX2, layout::func::instance));
    m_.compareImm(Width::W64, kX3, 0);
    m_.branchOnFlags(Cond::Eq, host);
    m_.load(Access::U64, kStubArgument, Address::at(kX2, layout::func::code));
    m_.load(Access::U64, kX12, field(cx::instance));
    m_.pushPair(kLink, kX12);
    switchTo(kX3);
    loadEntry();
    m_.callTo(kX11);
    m_.bind(crossReturnLabel_);
    crossReturn_ = m_.position();
    m_.popPair(kLink, kX12);
    switchTo(kX12);
    m_.leave();
    m_.bind(host);
    callHost(true, true);
  }

  // The FuncObj in x2, an import.
  void callImport(Builtin builtin, bool metered) {
    begin(placeOf(builtin));
    m_.load(Access::U64, kX10, Address::at(kX2, layout::func::instance));
    m_.compareImm(Width::W64, kX10, 0);
    m_.branchOnFlags(Cond::Ne, callFar_);
    callHost(metered, false);
  }

  // What exec/entry.h's callHost does with the FuncObj in x2, without a call more; it does it
  // itself where the arguments and results do not fit. With `all`, what is known of memory 0 is
  // brought up to date and result 0 comes in its registers too.
  void callHost(bool metered, bool all) {
    Label library, otherFloats, floatsKept;
    m_.load(Access::U32, kX10, Address::at(kX2, layout::func::slots));
    m_.address(kX10, Address::indexed(kSlots, kX10, 0, 3));
    m_.compareMemory(Width::W64, field(cx::slotLimit), kX10);
    m_.branchOnFlags(Cond::LtU, library);
    m_.store(8, field(cx::hostTop), kX10);
    m_.enter();
    fillRecords(0);
    if (metered) m_.store(8, field(cx::fuel), kFuel);
    m_.load(Access::U64, kX9, Address::at(kX2, layout::func::host));
    m_.move(Width::W64, kX1, kX2);
    m_.move(Width::W64, kX2, kSlots);
    m_.move(Width::W64, kX0, kContext);
    m_.callTo(kX9);
    m_.readFloatState(kX10);
    m_.compareImm(Width::W64, kX10, 0);
    m_.branchOnFlags(Cond::Ne, otherFloats);
    m_.bind(floatsKept);
    if (all) {
      m_.load(Access::U64, kX10, field(cx::instance));
      m_.load(Access::U64, kX10, Address::at(kX10, layout::instance::memory0));
      refreshMemory();
    }
    m_.intOpImm(IntOp::And, Width::W32, kX0, kX0, 0xff);
    m_.compareImm(Width::W32, kX0, 0);
    m_.branchOnFlags(Cond::Ne, trapped_);
    if (metered) loadFuel();
    if (all) {
      m_.load(Access::U64, kResult, Address::at(kSlots, 0));
      m_.loadF(Width::W64, kFResult, Address::at(kSlots, 0));
    }
    m_.ret();

    m_.bind(otherFloats);
    m_.clearFloatState();
    m_.jump(floatsKept);
    m_.bind(library);
    m_.loadConstant(kStubArgument, static_cast<u64>(RuntimeCall::CallHost));
    m_.jump(runtime_);
  }

  // The element x2 of table x3, which is to have the type in x4, and was not found to be of this
  // instance.
  void callTable() {
    begin(placeOf(Builtin::CallTable));
    Label library;
    m_.load(Access::U64, kX5, field(cx::instance));
    m_.load(Access::U64, kX5, Address::at(kX5, layout::instance::tables));
    m_.load(Access::U64, kX5, Address::indexed(kX5, kX3, 0, 3));
    m_.compareMemory(Width::W64, Address::at(kX5, layout::table::size), kX2);
    m_.branchOnFlags(Cond::LeU, library);
    m_.clampIndex(kX6, kX2, Address::at(kX5, layout::table::size));
    m_.load(Access::U64, kX5, Address::at(kX5, layout::table::entries));
    m_.shiftImm(ShiftOp::Shl, Width::W64, kX6, kX6, layout::entry::kShift);
    m_.intOp(IntOp::Add, Width::W64, kX5, kX5, kX6);
    m_.compareMemory(Width::W64, Address::at(kX5, layout::entry::canonType), kX4);
    m_.branchOnFlags(Cond::Ne, library);
    m_.load(Access::U64, kX2, Address::at(kX5, layout::entry::func));
    m_.jump(callFar_);
    m_.bind(library);
    m_.enter();
    fillRecords(0);
    m_.move(Width::W64, kX1, kX2);
    m_.move(Width::W64, kX2, kX3);
    m_.move(Width::W64, kX3, kX4);
    callLibrary(StubCall::LookUpTable);
    m_.compareImm(Width::W64, kX0, kTraps);
    m_.branchOnFlags(Cond::LtU, trapped_);
    m_.move(Width::W64, kX2, kX0);
    m_.leaveFrame();
    m_.jump(callFar_);
  }

  // In a chain of tail calls one way back to the first caller's instance is enough. The way back is
  // in the link register.
  void tailFar() {
    begin(placeOf(Builtin::TailFar));
    m_.move(Width::W64, kX2, kStubArgument);
    m_.addressOf(kX10, crossReturnLabel_);
    m_.compare(Width::W64, kLink, kX10);
    m_.branchOnFlags(Cond::Ne, callFar_);
    m_.load(Access::U64, kX3, Address::at(kX2, layout::func::instance));
    m_.load(Access::U64, kStubArgument, Address::at(kX2, layout::func::code));
    switchTo(kX3);
    loadEntry();
    m_.jumpTo(kX11);
  }

  // Ends the run: the trap is in x0 and the records are pushed (trapped_).
  void raise() {
    Label framed;
    begin(&fault_);  // the signal handler has made the frame
    m_.loadConstant(kStubArgument, static_cast<u64>(Trap::MemoryOutOfBounds));
    m_.jump(framed);
    begin(placeOf(Builtin::Raise));
    m_.enter();
    m_.bind(framed);
    fillRecords(0);
    m_.store(8, field(cx::fuel), kFuel);
    m_.move(Width::W32, kX0, kStubArgument);
    m_.bind(trapped_);
    m_.move(Width::W32, kKept, kX0);
    m_.move(Width::W32, kX1, kX0);
    m_.move(Width::W64, kX0, kContext);
    m_.load(Access::U64, kX10, field(cx::builtins));
    m_.callAt(Address::at(
        kX10, static_cast<i32>((kStubCallBase + static_cast<u32>(StubCall::FinishTrap)) * 8)));
    Label over;
    m_.compareImm(Width::W64, kX0, 0);
    m_.branchOnFlags(Cond::Eq, over);
    // An exception goes on in a frame of this stretch: the records say where its return address
    // and its slots are.
    m_.load(Access::U64, kX11, field(cx::ctl));
    m_.storeConstant(Address::at(kX11, -16), reinterpret_cast<u64>(kNativeFrames));
    m_.load(Access::U64, kX9, Address::at(kX11, -32));
    m_.move(Width::W64, kSp, kX9);
    m_.load(Access::U64, kSlots, Address::at(kX11, -24));
    m_.load(Access::U64, kMemory, field(cx::mem0Base));
    loadFuel();
    m_.move(Width::W64, kScratch, kX0);
    m_.jumpTo(kScratch);
    m_.bind(over);
    m_.load(Access::U64, kX9, field(cx::nativeExit));
    m_.move(Width::W64, kSp, kX9);
    m_.move(Width::W32, kX0, kKept);
    m_.jump(over_);
  }

  // Called by a function's entry: what lies above is the return address to its caller.
  void entry(Builtin builtin, StubCall call) {
    begin(placeOf(builtin));
    m_.enter();
    callLibrary(call);
    Label trap;
    m_.compareImm(Width::W32, kX0, 0);
    m_.branchOnFlags(Cond::Ne, trap);
    loadFuel();
    m_.ret();
    m_.bind(trap);
    fillRecords(kFrameWords * 8);
    m_.jump(trapped_);
  }

  // At a loop header values are in registers.
  void loopFuel() {
    begin(placeOf(Builtin::LoopFuel));
    m_.enter();
    i32 bytes = 0;
    forEachPair(kAllocatable, [&](u8 a, u8 b) {
      m_.pushPair(Reg{a}, Reg{b});
      bytes += 16;
    });
    forEachPair(kAllocatableF, [&](u8 a, u8 b) {
      m_.pushPairF(FReg{a}, FReg{b});
      bytes += 32;
    });
    callLibrary(StubCall::Refill);
    Label trap;
    m_.compareImm(Width::W32, kX0, 0);
    m_.branchOnFlags(Cond::Ne, trap);
    forEachPairBack(kAllocatableF, [&](u8 a, u8 b) { m_.popPairF(FReg{a}, FReg{b}); });
    forEachPairBack(kAllocatable, [&](u8 a, u8 b) { m_.popPair(Reg{a}, Reg{b}); });
    loadFuel();  // last: its register may have been somebody's neighbour
    m_.ret();
    m_.bind(trap);
    fillRecords(bytes);
    m_.jump(trapped_);
  }
  // Neighbours 2n and 2n+1 of which one at least is in the set: a register too many does no harm.
  template <class F>
  static void forEachPair(u32 set, F fn) {
    for (u8 i = 0; i < 32; i += 2) {
      if ((set >> i & 3) != 0) fn(i, static_cast<u8>(i + 1));
    }
  }
  template <class F>
  static void forEachPairBack(u32 set, F fn) {
    for (u8 i = 32; i != 0; i -= 2) {
      if ((set >> (i - 2) & 3) != 0) fn(static_cast<u8>(i - 2), static_cast<u8>(i - 1));
    }
  }

  // The FuncCode in kStubArgument goes on to whatever is called then, with the same way back.
  void compileCallee() {
    begin(&compileCallee_);
    m_.pushPair(kStubArgument, kLink);
    m_.move(Width::W64, kX1, kStubArgument);
    callLibrary(StubCall::Compile);
    m_.move(Width::W64, kScratch, kX0);
    m_.popPair(kStubArgument, kLink);
    m_.jumpTo(kScratch);
  }

  MasmA64 m_;
  Label over_;
  Label leave_;
  Label trapped_;
  Label runtime_;
  Label callFar_;
  Label interpretLabel_;
  Label gateReturnLabel_;
  Label crossReturnLabel_;
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
