// The macro assembler for AArch64 (base ARMv8.0 with NEON; LSE when the CPU has it). asmjit encodes
// arithmetic; jumps, labels, the constant pool, memory accesses and immediates are our own.
//
// What the members mean is in codegen/masm.h; comments here say what AArch64 adds. One assembler
// serves one compiling thread and is reused: reset, emit, finish. Conditional branches and literals
// reach 1 MiB either way; a function that grows beyond it is refused. Operations that need a
// register of their own take kTemp; kScratch is clobbered only where a comment says so.
#pragma once

#include <asmjit/core.h>

#include <asmjit/arm/a64assembler.h>

#include <span>
#include <vector>

#include "codegen/a64/abi_a64.h"
#include "codegen/masm.h"
#include "engine/wasm/opcodes.h"

namespace bls::codegen::a64 {

enum class Flag : u8;
enum class Lanes : u8;
struct VectorRow;

class MasmA64 {
 public:
  // Register roles, for the compilers (abi_a64.h).
  static constexpr Reg kSlots = a64::kSlots;
  static constexpr Reg kContext = a64::kContext;
  static constexpr Reg kMemory = a64::kMemory;
  static constexpr Reg kFuel = a64::kFuel;
  static constexpr Reg kScratch = a64::kScratch;
  static constexpr FReg kFScratch = a64::kFScratch;
  static constexpr FReg kFScratch2 = a64::kFScratch2;
  static constexpr u32 kAllocatable = a64::kAllocatable;
  static constexpr u32 kAllocatableF = a64::kAllocatableF;
  static constexpr Reg kShiftCount = a64::kX0;  // any will do
  static constexpr bool kFixedDivide = false;
  static constexpr bool kFixedCompareExchange = false;
  static constexpr Reg kResult = a64::kResult;
  static constexpr FReg kFResult = a64::kFResult;
  static constexpr Reg kStubArgument = a64::kStubArgument;
  static constexpr Reg kArguments[3] = {a64::kArguments[0], a64::kArguments[1], a64::kArguments[2]};
  /// How many locals a loop may keep in registers.
  static constexpr u32 kLoopRegisters = 10;
  static constexpr u32 kLoopRegistersF = 10;
  /// A store that faults may have written the bytes before the fault.
  static constexpr bool kStoresMayTear = true;
  static constexpr Reg kCallee = a64::kArguments[0];
  static constexpr bool kVectors = true;

  /// `cpu`: the features of engine/base/cpu.h that may be used.
  explicit MasmA64(u32 cpu);
  ~MasmA64();
  MasmA64(const MasmA64&) = delete;
  MasmA64& operator=(const MasmA64&) = delete;

  /// Forgets everything emitted, keeps the memory.
  void reset();
  /// Forgets what was emitted from `position` on; nothing that stays may refer to it.
  void rewind(u32 position);
  u32 position() const { return static_cast<u32>(a_.offset()); }
  /// Appends the constant pool. Empty when an instruction could not be encoded, memory ran out, or
  /// jumps do not reach: the function then stays in the tier below. The bytes live until reset.
  std::span<const u8> finish();

  // Moves and constants.
  void move(Width w, Reg d, Reg s);
  /// A constant of 32 significant bits is an immediate; others come from the pool (threat model
  /// JIT-5), but for patterns of a few bits.
  void loadConstant(Reg d, u64 value);
  void moveF(FReg d, FReg s);
  void loadConstantF(Width w, FReg d, u64 bits);
  void moveToF(Width w, FReg d, Reg s);
  void moveFromF(Width w, Reg d, FReg s);
  void address(Reg d, const Address& at);
  void addressOf(Reg d, Label& label);

  // Integers. Sub with an immediate sets the flags for signed conditions, as the fuel checks need.
  void intOp(IntOp op, Width w, Reg d, Reg a, Reg b);
  void intOpImm(IntOp op, Width w, Reg d, Reg a, i32 imm);
  /// The count is taken modulo the width.
  void shift(ShiftOp op, Width w, Reg d, Reg a, Reg count);
  static constexpr bool needsShiftCount(ShiftOp) { return false; }
  void shiftImm(ShiftOp op, Width w, Reg d, Reg a, u32 count);
  void bitOp(BitOp op, Width w, Reg d, Reg a);
  /// Jumps to `zero` for a divisor of 0, to `overflow` for most negative / -1 (DivS).
  void divide(DivOp op, Width w, Reg d, Reg a, Reg b, Label& zero, Label& overflow);

  /// high:low = high:low + or - bHigh:bLow; neither b is low or high.
  void addWide(IntOp op, Reg low, Reg high, Reg bLow, Reg bHigh);
  /// high:low = a * b in 128 bits; low and high are neither a nor b.
  void multiplyWide(bool isSigned, Reg low, Reg high, Reg a, Reg b);

  // Conditions. compare and test set the flags the ...OnFlags members read.
  void compare(Width w, Reg a, Reg b);
  void compareImm(Width w, Reg a, i32 imm);
  void test(Width w, Reg a, Reg b);
  void setOnFlags(Cond cond, Reg d);
  void branchOnFlags(Cond cond, Label& target);
  void selectOnFlags(Cond cond, Width w, Reg d, Reg ifTrue, Reg ifFalse);
  void setF(FCond cond, Width w, Reg d, FReg a, FReg b);
  void branchF(FCond cond, Width w, FReg a, FReg b, Label& target);

  // Floats. Min and Max are wasm's: NaN if an operand is, -0 below 0.
  void floatOp(FloatOp op, Width w, FReg d, FReg a, FReg b);
  void floatUnary(FloatUnary op, Width w, FReg d, FReg a);
  /// Any NaN becomes the positive quiet one without payload.
  void canonicalNan(Width w, FReg d);
  void promote(FReg d, FReg a);
  void demote(FReg d, FReg a);
  void intToFloat(Width to, Width from, bool isSigned, FReg d, Reg a);
  /// Truncates towards zero; jumps to `bad` when the operand is NaN or the result does not fit.
  void truncate(Width to, bool isSigned, Width from, Reg d, FReg a, Label& bad);

  /// The floating-point state of exec/float_env.h: FPCR.
  void readFloatState(Reg d);
  void clearFloatState();

  // Memory. The position of the access itself, always one instruction, is returned, for the table
  // of trap sites.
  u32 load(Access access, Reg d, const Address& at);
  u32 store(u32 bytes, const Address& at, Reg s);
  u32 loadF(Width w, FReg d, const Address& at);
  u32 storeF(Width w, const Address& at, FReg s);
  /// Reads the last of `bytes` bytes for its fault only; a store there goes through whole then.
  u32 probe(u32 bytes, const Address& at);
  /// A word to a slot or field. Clobbers kScratch.
  void storeConstant(const Address& at, u64 bits);
  /// Zeroes `count` words at `at`. Clobbers kScratch.
  void clearSlots(const Address& at, u32 count);
  void compareMemory(Width w, const Address& at, Reg b);
  /// Clobbers kScratch.
  void compareMemoryImm(Width w, const Address& at, i32 imm);
  /// `index`, or 0 when it is not below [size]; without a branch, and not speculated past.
  void clampIndex(Reg d, Reg index, const Address& size);
  /// [at] -= imm, setting the flags. Clobbers kScratch.
  void subtractMemory(Width w, const Address& at, i32 imm);

  // Vectors, by instruction; the member takes those of one class. An extracted float is all that
  // is not zero in its register.
  /// 0 and all ones are immediates; others come from behind the code.
  void loadConstantV(FReg d, u64 low, u64 high);
  void vectorUnary(Op op, FReg d, FReg a);
  void vectorBinary(Op op, FReg d, FReg a, FReg b);
  void vectorTernary(Op op, FReg d, FReg a, FReg b, FReg c);
  /// The count is taken modulo the width of a lane. Clobbers kScratch.
  void vectorShift(Op op, FReg d, FReg a, Reg count);
  void vectorShiftImm(Op op, FReg d, FReg a, u32 count);
  /// Clobbers kScratch.
  void vectorTest(Op op, Reg d, FReg a);
  void vectorSplat(Op op, FReg d, Reg s);
  void vectorSplatF(Op op, FReg d, FReg s);
  void vectorExtract(Op op, Reg d, FReg a, u32 lane);
  void vectorExtractF(Op op, FReg d, FReg a, u32 lane);
  void vectorReplace(Op op, FReg d, FReg a, Reg s, u32 lane);
  void vectorReplaceF(Op op, FReg d, FReg a, FReg s, u32 lane);
  /// lanes: of a, then of b; taken modulo 32.
  void vectorShuffle(FReg d, FReg a, FReg b, std::span<const u8, 16> lanes);
  /// Any NaN lane becomes the positive quiet one without payload.
  void canonicalNanLanes(Width lane, FReg d);
  // As the scalar accesses, these return the position of the access.
  u32 vectorLoad(Op op, FReg d, const Address& at);
  u32 vectorStore(const Address& at, FReg s);
  u32 vectorLoadLane(Op op, FReg d, FReg a, const Address& at, u32 lane);
  u32 vectorStoreLane(Op op, const Address& at, FReg s, u32 lane);

  // Atomic accesses, sequentially consistent, of 1, 2, 4 or 8 bytes at the aligned address in `at`.
  // What was found there is left in d, zero-extended to 64 bits; d is neither `at` nor `s`. All but
  // the first two clobber kScratch.
  void atomicLoad(u32 bytes, Reg d, Reg at);  // d may be `at`
  void atomicStore(u32 bytes, Reg at, Reg s);
  /// The low bytes of s are the operand.
  void atomicRmw(AtomicOp op, u32 bytes, Reg d, Reg at, Reg s);
  /// Writes `replacement` when d, which has nothing above the width, is found.
  void atomicCompareExchange(u32 bytes, Reg d, Reg at, Reg replacement);
  void fence();

  // Control. Calls leave the return address in the link register; enter pushes it.
  void bind(Label& label) { bind(label, position()); }
  void bind(Label& label, u32 at);
  /// Who goes to `label`, which is not bound, goes to `target` instead.
  void forward(Label& label, Label& target);
  void jump(Label& target);
  void call(Label& target);
  void callAt(const Address& at);
  void jumpAt(const Address& at);
  void jumpTo(Reg target);
  /// To targets[index], the last one for all greater indices. `temp` and kScratch are clobbered.
  void jumpTable(Reg index, Reg temp, std::span<Label* const> targets);
  /// Calls entry `number` of the table at ExecCtx::builtins; keeps all registers but kTemp.
  void callBuiltin(u32 number);
  static constexpr bool kHostCallsInLine = false;  // Builtin::CallImport does it
  void callTo(Reg target);
  /// Makes the native frame: where a function begins, behind the landing pad.
  void enter() { pushPair(kLink, kZero); }
  /// Takes it away: what is jumped to then returns to the caller. Clobbers nothing else.
  void leaveFrame() { popPair(kLink, kZero); }
  /// Takes it away and returns.
  void ret();
  /// Returns without a frame.
  void leave();
  /// Two registers to and from the stack, the first one at the lower address.
  void pushPair(Reg a, Reg b);
  void popPair(Reg a, Reg b);
  /// Whole vector registers.
  void pushPairF(FReg a, FReg b);
  void popPairF(FReg a, FReg b);
  /// Where an indirect call or jump may land.
  void landingPad() { word(0xd50324df); }  // bti jc
  /// Never executed: ends the process if it is.
  void unreachable() { word(0); }  // udf
  void align(u32 to);

 private:
  /// A jump or reference to a label that is not bound; the chain goes through here, because the
  /// fields in the code are too narrow.
  struct Fix {
    enum Kind : u8 { Branch26, Field19, Adr, Word };
    u32 site;
    u32 base;  // distances are counted from here
    u32 link;
    Kind kind;
  };
  struct Constant {
    u64 bits;
    Label place;
  };
  /// 16 bytes behind the code, and a load of them.
  struct VectorConstant {
    u64 low, high;
  };
  struct VectorUse {
    u32 site;
    u32 index;
  };
  struct Patcher;

  void check(asmjit::Error error) { failed_ = failed_ || error != asmjit::kErrorOk; }
  void word(u32 instruction) { check(a_.embed(&instruction, 4)); }
  void refer(u32 instruction, Fix::Kind kind, Label& target, u32 base = ~u32{0});
  void patch(const Fix& fix, u32 target);
  void branch(Flag flag, Label& target);
  Label& constant(u64 bits);
  void loadImmediate(Width w, Reg d, u64 value);
  void addImmediate(bool setFlags, Width w, Reg d, Reg a, i64 imm);
  u32 transfer(u32 opcode, u32 sizeLog2, u32 reg, const Address& at);
  void select(Flag flag, Width w, Reg d, Reg ifTrue, Reg ifFalse);
  void set(Flag flag, Reg d);
  void compareF(Width w, FReg a, FReg b);
  bool hasSingleAtomics() const;
  void atomicAtOnce(AtomicOp op, u32 bytes, Reg d, Reg at, Reg s);
  /// 1 << log2 bytes of a vector register.
  u32 transferV(bool load, u32 log2, FReg reg, const Address& at);
  void emitVectorConstants();
  void vec2(u32 i, Lanes lanes, FReg d, FReg a);
  void vec3(u32 i, Lanes lanes, FReg d, FReg a, FReg b);
  void selectBits(FReg d, FReg mask, FReg a, FReg b);
  void binaryByHand(const VectorRow& row, FReg d, FReg a, FReg b);
  void products(Lanes lanes, FReg a, FReg b);
  void dotBytes(FReg d, FReg a, FReg b);
  void bitmask(Lanes lanes, Reg d, FReg a);
  bool shuffleOne(FReg d, FReg a, std::span<const u8, 16> wanted);
  bool shuffleTwo(FReg d, FReg a, FReg b, std::span<const u8, 16> wanted, u32 mask);
  void speculationBarrier() { word(0xd503229f); }  // csdb

  asmjit::CodeHolder code_;
  asmjit::a64::Assembler a_;
  std::vector<Constant> constants_;
  std::vector<Fix> fixes_;
  const u32 cpu_;
  std::vector<VectorConstant> vectorConstants_;
  std::vector<VectorUse> vectorUses_;
  bool failed_ = false;
};

}  // namespace bls::codegen::a64
