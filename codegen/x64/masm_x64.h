// The macro assembler for x86-64: SSE4.1 is the base; BMI, LZCNT, POPCNT, SSE4.2, AVX and AVX2 are
// used when the CPU has them. encode_x64.h encodes the commonest instructions, asmjit all others;
// labels, the constant pool and jumps are our own.
//
// What the members mean is in codegen/masm.h; comments here say what x86 adds. One assembler serves
// one compiling thread and is reused: reset, emit, finish.
#pragma once

#include <asmjit/asmjit.h>

#include <algorithm>
#include <span>
#include <vector>

#include "codegen/masm.h"
#include "codegen/x64/abi_x64.h"
#include "codegen/x64/encode_x64.h"
#include "engine/wasm/opcodes.h"

namespace bls::codegen::x64 {

struct VectorInst;  // vector_x64.h
struct VectorRow;

class MasmX64 {
 public:
  // Register roles, for the compilers (abi_x64.h).
  static constexpr Reg kSlots = x64::kSlots;
  static constexpr Reg kContext = x64::kContext;
  static constexpr Reg kMemory = x64::kMemory;
  static constexpr Reg kFuel = x64::kFuel;
  static constexpr Reg kScratch = x64::kScratch;
  static constexpr FReg kFScratch = x64::kFScratch;
  static constexpr FReg kFScratch2 = x64::kFScratch2;
  static constexpr u32 kAllocatable = x64::kAllocatable;
  static constexpr u32 kAllocatableF = x64::kAllocatableF;
  static constexpr Reg kShiftCount = x64::kShiftCount;
  static constexpr bool kFixedDivide = true;
  static constexpr Reg kDividend = x64::kDividend;
  static constexpr Reg kDivideRest = x64::kDivideRest;
  static constexpr bool kFixedCompareExchange = true;
  static constexpr Reg kCompared = x64::kCompared;
  static constexpr Reg kResult = x64::kResult;
  static constexpr FReg kFResult = x64::kFResult;
  static constexpr Reg kStubArgument = x64::kStubArgument;
  static constexpr Reg kArguments[3] = {x64::kArguments[0], x64::kArguments[1], x64::kArguments[2]};
  static constexpr Reg kCallee = kRsi;
  static constexpr bool kVectors = true;
  /// How many locals a loop may keep in registers.
  static constexpr u32 kLoopRegisters = 6;
  static constexpr u32 kLoopRegistersF = 8;
  /// A store that faults has written nothing.
  static constexpr bool kStoresMayTear = false;

  /// `cpu`: the features of engine/base/cpu.h that may be used.
  explicit MasmX64(u32 cpu);
  ~MasmX64();
  MasmX64(const MasmX64&) = delete;
  MasmX64& operator=(const MasmX64&) = delete;

  /// Forgets everything emitted, keeps the memory.
  void reset();
  /// Forgets what was emitted from `position` on; nothing that stays may refer to it.
  void rewind(u32 position);
  u32 position() const { return static_cast<u32>(a_.offset()); }
  /// Appends the constant pool. Empty when an instruction could not be encoded or memory ran out:
  /// the function then stays in the tier below. The bytes live until reset.
  std::span<const u8> finish();

  // Moves and constants.
  void move(Width w, Reg d, Reg s);
  /// A constant of 32 significant bits is an immediate; others come from the pool (threat model
  /// JIT-5). Changes flags when the value is 0.
  void loadConstant(Reg d, u64 value);
  void moveF(FReg d, FReg s);  // all 128 bits
  void loadConstantF(Width w, FReg d, u64 bits);
  void moveToF(Width w, FReg d, Reg s);
  void moveFromF(Width w, Reg d, FReg s);
  void address(Reg d, const Address& at);  // lea
  void addressOf(Reg d, Label& label);

  // Integers.
  void intOp(IntOp op, Width w, Reg d, Reg a, Reg b);
  void intOpImm(IntOp op, Width w, Reg d, Reg a, i32 imm);
  /// Without BMI2, and for rotations, the count must be in kShiftCount. The count is taken modulo
  /// the width.
  void shift(ShiftOp op, Width w, Reg d, Reg a, Reg count);
  bool needsShiftCount(ShiftOp op) const;
  void shiftImm(ShiftOp op, Width w, Reg d, Reg a, u32 count);
  void bitOp(BitOp op, Width w, Reg d, Reg a);
  /// kDividend by `divisor` (neither it nor kDivideRest): quotients to kDividend, remainders to
  /// kDivideRest; both are clobbered. Jumps to `zero` for a divisor of 0, to `overflow` for
  /// most negative / -1 (DivS).
  void divide(DivOp op, Width w, Reg divisor, Label& zero, Label& overflow);

  /// high:low = high:low + or - bHigh:bLow; neither b is low or high.
  void addWide(IntOp op, Reg low, Reg high, Reg bLow, Reg bHigh);
  /// high:low = a * b in 128 bits. Here low and a are kDividend, high is kDivideRest, b neither;
  /// elsewhere low and high are neither a nor b.
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

  /// The flags say Ne when the floating-point state is not the guest's: ExecCtx::probe by way of
  /// exec/float_env.h. Clobbers xmm0 and `temp`.
  void probeFloats(Reg temp);
  void setFloatState(const Address& at);

  // Memory. The position of the access itself is returned, for the table of trap sites.
  u32 load(Access access, Reg d, const Address& at);
  u32 store(u32 bytes, const Address& at, Reg s);
  u32 loadF(Width w, FReg d, const Address& at);
  u32 storeF(Width w, const Address& at, FReg s);
  /// A word to a slot or field.
  void storeConstant(const Address& at, u64 bits);
  /// Zeroes `count` words at `at`; clobbers unpinned registers.
  void clearSlots(const Address& at, u32 count);
  void compareMemory(Width w, const Address& at, Reg b);
  void compareMemoryImm(Width w, const Address& at, i32 imm);
  /// `index`, or 0 when it is not below [size]; without a branch.
  void clampIndex(Reg d, Reg index, const Address& size);
  /// [at] -= imm, setting the flags.
  void subtractMemory(Width w, const Address& at, i32 imm);

  // Atomic accesses, sequentially consistent, of 1, 2, 4 or 8 bytes at the aligned address in `at`.
  // What was found there is left in d, zero-extended to 64 bits; d is not `at`.
  void atomicLoad(u32 bytes, Reg d, Reg at);  // d may be `at`
  void atomicStore(u32 bytes, Reg at, Reg s);
  /// The low bytes of s are the operand. And, Or, Xor: d is kCompared and not s.
  void atomicRmw(AtomicOp op, u32 bytes, Reg d, Reg at, Reg s);
  /// Writes `replacement` when d, which has nothing above the width, is found. d is kCompared and
  /// not `replacement`.
  void atomicCompareExchange(u32 bytes, Reg d, Reg at, Reg replacement);
  void fence();

  // Vectors (masm.h). A float operand's upper lanes are not looked at.
  void vectorUnary(Op op, FReg d, FReg a);
  void vectorBinary(Op op, FReg d, FReg a, FReg b);
  void vectorTernary(Op op, FReg d, FReg a, FReg b, FReg c);
  /// By `count` modulo the width of a lane.
  void vectorShift(Op op, FReg d, FReg a, Reg count);
  void vectorShiftImm(Op op, FReg d, FReg a, u32 count);
  void vectorTest(Op op, Reg d, FReg a);
  void vectorSplat(Op op, FReg d, Reg s);
  void vectorSplatF(Op op, FReg d, FReg s);
  void vectorExtract(Op op, Reg d, FReg a, u32 lane);
  void vectorExtractF(Op op, FReg d, FReg a, u32 lane);
  void vectorReplace(Op op, FReg d, FReg a, Reg s, u32 lane);
  void vectorReplaceF(Op op, FReg d, FReg a, FReg s, u32 lane);
  /// Byte i is byte lanes[i] of a and b, 16 on being b's.
  void vectorShuffle(FReg d, FReg a, FReg b, std::span<const u8, 16> lanes);
  // One instruction accesses memory, at any alignment; its position is returned.
  u32 vectorLoad(Op op, FReg d, const Address& at);
  u32 vectorStore(const Address& at, FReg s);
  u32 vectorLoadLane(Op op, FReg d, FReg a, const Address& at, u32 lane);
  u32 vectorStoreLane(Op op, const Address& at, FReg s, u32 lane);
  void loadConstantV(FReg d, u64 low, u64 high);
  /// NaN lanes of that width become the canonical NaN of canonicalNan.
  void canonicalNanLanes(Width lane, FReg d);

  // Control.
  void bind(Label& label) { bind(label, position()); }
  void bind(Label& label, u32 at);
  /// Who goes to `label`, which is not bound, goes to `target` instead.
  void forward(Label& label, Label& target);
  void jump(Label& target);
  void call(Label& target);
  void callAt(const Address& at);
  void jumpAt(const Address& at);
  void jumpTo(Reg target);
  /// To targets[index], the last one for all greater indices. `temp` is clobbered; it may be
  /// `index`.
  void jumpTable(Reg index, Reg temp, std::span<Label* const> targets);
  /// Calls entry `number` of the table at ExecCtx::builtins; keeps all registers but kScratch.
  void callBuiltin(u32 number);
  void jumpBuiltin(u32 number);
  /// The FuncObj is in kCallee. Clobbers what C++ does not keep, and rbp.
  static constexpr bool kHostCallsInLine = true;
  void callHost(const HostCall& call);
  void callTo(Reg target);
  void push(Reg r);
  void pop(Reg r);
  /// A call has made the native frame already.
  void enter() {}
  /// Before a jump whose target returns to the caller.
  void leaveFrame() {}
  void pushAt(const Address& at);
  void popAt(const Address& at);
  void ret();
  /// Where an indirect call or jump may land.
  void landingPad();
  /// Never executed: ends the process if it is.
  void unreachable();
  void align(u32 to);

 private:
  struct Constant {
    u64 bits;
    Label place;
  };
  struct VectorConstant {
    u64 low;
    u64 high;
  };
  /// The distance field, at the end of its instruction, that refers to a VectorConstant.
  struct VectorUse {
    u32 site;
    u32 index;
  };
  struct Patcher;

  void check(asmjit::Error error) { failed_ = failed_ || error != asmjit::kErrorOk; }
  /// Appends what is encoded here, straight to asmjit's buffer.
  template <class Inst>
  void put(const Inst& inst) {
    if constexpr (requires { inst.valid(); }) failed_ = failed_ || !inst.valid();
    append(inst.write(room()));
  }
  /// Where the next instruction goes; its room is there.
  u8* room() {
    return BLS_LIKELY(a_.remainingSpace() >= kInstructionRoom) ? a_._bufferPtr : makeRoom();
  }
  u8* makeRoom();
  void append(u8* end) {
    if (BLS_UNLIKELY(failed_)) return;
    a_._bufferPtr = end;
    a_._section->_buffer._size = a_.offset();  // what asmjit keeps when the buffer grows
  }
  void rel32(std::initializer_list<u8> opcode, Label& target);
  void distance(u8* field, Label& target);
  void jcc(u8 code, Label& target);
  Label& constant(u64 bits);
  void zeroExtend(u32 bytes, Reg d);
  void popcntByHand(Width w, Reg d, Reg a);
  void minMax(bool isMin, Width w, FReg d, FReg a, FReg b);
  void arithmeticF(FloatOp op, Width w, FReg d, FReg b);
  void compareF(Width w, FReg a, FReg b);
  void unsigned64ToFloat(Width to, FReg d, Reg a);

  // Pieces of the vector operations (masm_x64_vector.cc): one instruction and the moves that the
  // encoding at hand needs. Where d is b and not a, vec3 uses kFScratch.
  bool hasAvx() const;
  void vec2(VectorInst i, FReg d, FReg a);
  void vec2Imm(VectorInst i, FReg d, FReg a, u32 imm);
  void vec3(VectorInst i, FReg d, FReg a, FReg b);
  void vec3Imm(VectorInst i, FReg d, FReg a, FReg b, u32 imm);
  void vecCommuting(VectorInst i, FReg d, FReg a, FReg b);
  void vecInPlace(VectorInst i, FReg d, FReg fresh, FReg a);
  void vecShift(VectorInst i, FReg d, FReg a, u32 count);
  void vecConstant(VectorInst i, FReg d, FReg a, u64 low, u64 high);
  void vecWord(VectorInst i, FReg d, FReg a, u64 word);
  void useVectorConstant(u64 low, u64 high);
  void emitVectorConstants();
  void loadWord(FReg d, u64 word) { loadConstantV(d, word, word); }
  void setZero(FReg d);
  void setOnes(FReg d);
  void complement(FReg d, FReg a);
  void binaryByHand(const VectorRow& row, FReg d, FReg a, FReg b);
  void greaterQ(u32 flags, FReg d, FReg a, FReg b);
  void multiplyQ(FReg d, FReg a, FReg b);
  void extendedProduct(const VectorRow& row, FReg d, FReg a, FReg b);
  void dotBytes(FReg a, FReg b);
  void minMaxLanes(const VectorRow& row, FReg d, FReg a, FReg b);
  void unaryByHand(const VectorRow& row, FReg d, FReg a);
  void absQ(FReg d, FReg a);
  void popcountBytes(FReg d, FReg a);
  void convertByHand(const VectorRow& row, FReg d, FReg a);
  void shiftBytes(const VectorRow& row, FReg d, FReg a);
  void shiftBytesImm(const VectorRow& row, FReg d, FReg a, u32 count);
  void shiftSignedQImm(FReg d, FReg a, u32 count);
  u32 insertLane(VectorInst i, FReg d, FReg a, const asmjit::x86::Mem& m, u32 lane);
  bool shuffleOne(FReg d, FReg a, std::span<const u8, 16> lanes);
  bool shuffleTwo(FReg d, FReg a, FReg b, std::span<const u8, 16> lanes);

  asmjit::CodeHolder code_;
  asmjit::x86::Assembler a_;
  std::vector<Constant> constants_;
  std::vector<VectorConstant> vectorConstants_;
  std::vector<VectorUse> vectorUses_;
  const u32 cpu_;
  bool failed_ = false;
  u8 spare_[kInstructionRoom];  // written to when there is no buffer
};

}  // namespace bls::codegen::x64
