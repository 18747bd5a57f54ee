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
    runtime();
    callImport();
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
    out->compileCallee = base + compileCallee_;
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
    m_.load(Access::U64, kR11, field(cx::ctl));
    Reg sp = kRsp;
    if (above != 0) {
      sp = kR10;
      m_.address(sp, Address::at(kRsp, above * 8));
    }
    m_.store(8, Address::at(kR11, -32), sp);
    m_.store(8, Address::at(kR11, -24), kSlots);
    m_.load(Access::U64, kR10, field(cx::instance));
    m_.store(8, Address::at(kR11, -8), kR10);
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
    m_.bind(leave_);
    m_.subtractMemory(Width::W64, field(cx::ctl), 32);
    m_.popAt(field(cx::nativeExit));
    for (size_t i = std::size(kSavedByC); i-- > 0;) m_.pop(kSavedByC[i]);
    m_.ret();
  }

  // The run-time library, by number in rax. Result 0 comes back in its registers too.
  void runtime() {
    begin(&interpret_);
    m_.move(Width::W64, kArguments[0], kRax);
    m_.loadConstant(kRax, kStubCallBase - kRuntimeCallBase + static_cast<u32>(StubCall::Interpret));
    m_.jump(runtime_);
    begin(placeOf(Builtin::Runtime));
    m_.bind(runtime_);
    fillRecords(0);
    m_.move(Width::W64, kRsi, kSlots);
    callLibrary(~u32{0});
    m_.test(Width::W32, kRax, kRax);
    m_.branchOnFlags(Cond::Ne, trapped_);
    goOn();
  }
  void goOn() {
    loadFuel();
    m_.load(Access::U64, kMemory, field(cx::mem0Base));
    m_.load(Access::U64, kResult, Address::at(kSlots, 0));
    m_.loadF(Width::W64, kFResult, Address::at(kSlots, 0));
    m_.ret();
  }

  // A host function is called right here: what exec/entry.h's callHost does, without a call more.
  // Everything else goes through the run-time library.
  void callImport() {
    begin(placeOf(Builtin::CallImport));
    Label library, otherFloats, floatsKept, exact;
    const Reg func = kArguments[0], host = kR9;
    m_.load(Access::U64, host, Address::at(func, layout::func::host));
    m_.load(Access::U32, kRax, Address::at(func, layout::func::slots));
    m_.test(Width::W64, host, host);
    m_.branchOnFlags(Cond::Eq, library);
    m_.address(kRax, Address::indexed(kSlots, kRax, 0, 3));
    m_.compareMemory(Width::W64, field(cx::slotLimit), kRax);
    m_.branchOnFlags(Cond::LtU, library);
    m_.store(8, field(cx::hostTop), kRax);
    fillRecords(0);
    m_.store(8, field(cx::fuel), kFuel);
    m_.move(Width::W64, kRdi, kContext);
    m_.move(Width::W64, kRsi, func);
    m_.move(Width::W64, kRdx, kSlots);
    m_.move(Width::W64, kRbp, kRsp);
    m_.intOpImm(IntOp::And, Width::W64, kRsp, kRsp, -16);
    m_.callTo(host);
    m_.move(Width::W64, kRsp, kRbp);
    m_.compareMemoryImm(Width::W32, field(cx::faultsCaught), 0);
    m_.branchOnFlags(Cond::Eq, exact);
    m_.storeConstant(field(cx::floatProbe), 1);
    m_.loadConstant(kR11, reinterpret_cast<u64>(&kFloatProbe));
    m_.probeFloats(kR11, kR10);
    m_.storeConstant(field(cx::floatProbe), 0);
    m_.branchOnFlags(Cond::Ne, otherFloats);
    m_.bind(floatsKept);
    m_.intOpImm(IntOp::And, Width::W32, kRax, kRax, 0xff);
    m_.branchOnFlags(Cond::Ne, trapped_);
    // Memory 0 may have grown.
    m_.load(Access::U64, kR10, field(cx::memory0));
    m_.load(Access::U64, kMemory, Address::at(kR10, layout::memory::base));
    m_.load(Access::U64, kR10, Address::at(kR10, layout::memory::size));
    m_.store(8, field(cx::mem0Base), kMemory);
    m_.store(8, field(cx::mem0Size), kR10);
    loadFuel();
    m_.load(Access::U64, kResult, Address::at(kSlots, 0));
    m_.loadF(Width::W64, kFResult, Address::at(kSlots, 0));
    m_.ret();

    m_.bind(exact);
    m_.loadConstant(kR11, reinterpret_cast<u64>(&kFloatProbe));
    m_.bind(otherFloats);
    m_.setFloatState(Address::at(kR11, offsetof(FloatProbe, state)));
    m_.jump(floatsKept);
    m_.bind(library);
    m_.loadConstant(kRax, static_cast<u64>(RuntimeCall::CallImport));
    m_.jump(runtime_);
  }

  // A frame that nobody but the gate waits for leaves the callee to who called the gate, so that a
  // chain of such calls takes no stack; under other frames it is an ordinary call in its place.
  void tailFar() {
    begin(placeOf(Builtin::TailFar));
    m_.addressOf(kR11, gateReturnLabel_);
    m_.compareMemory(Width::W64, Address::at(kRsp, 0), kR11);
    Label outermost;
    m_.branchOnFlags(Cond::Eq, outermost);
    m_.move(Width::W64, kArguments[0], kRax);
    m_.loadConstant(kRax, static_cast<u64>(RuntimeCall::CallImport));
    m_.jump(runtime_);
    m_.bind(outermost);
    m_.store(8, field(cx::fuel), kFuel);
    m_.intOpImm(IntOp::Add, Width::W64, kRsp, kRsp, 8);
    m_.jump(leave_);
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
    m_.load(Access::U64, kRsp, Address::at(kR11, -32));
    m_.load(Access::U64, kSlots, Address::at(kR11, -24));
    m_.load(Access::U64, kMemory, field(cx::mem0Base));
    loadFuel();
    m_.jumpTo(kRax);
    m_.bind(over);
    m_.load(Access::U64, kRsp, field(cx::nativeExit));
    m_.move(Width::W32, kRax, kR13);
    m_.jump(leave_);
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

  // At a loop header values are in registers.
  void loopFuel() {
    constexpr i32 kFloatBytes = 16 * 8;
    begin(placeOf(Builtin::LoopFuel));
    for (u32 code = 0; code < 16; ++code) {
      if (saved(code)) m_.push(Reg{static_cast<u8>(code)});
    }
    m_.intOpImm(IntOp::Sub, Width::W64, kRsp, kRsp, kFloatBytes);
    for (u8 i = 0; i < 16; ++i) m_.storeF(Width::W64, Address::at(kRsp, i * 8), FReg{i});
    callLibrary(StubCall::Refill);
    Label trap;
    m_.test(Width::W32, kRax, kRax);
    m_.branchOnFlags(Cond::Ne, trap);
    loadFuel();
    for (u8 i = 0; i < 16; ++i) m_.loadF(Width::W64, FReg{i}, Address::at(kRsp, i * 8));
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
  Label leave_;
  Label runtime_;
  Label gateReturnLabel_;
  Label trapped_;
  u32 gate_ = 0, gateReturn_ = 0, compileCallee_ = 0, interpret_ = 0, fault_ = 0;
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
