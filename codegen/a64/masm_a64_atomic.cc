// MasmA64: atomic accesses, sequentially consistent: loads acquire, stores release, and whatever
// does both is one instruction where the CPU has it (LSE), else an exclusive pair that is tried
// until nobody came between.
#include "codegen/a64/masm_a64.h"
#include "codegen/a64/operands_a64.h"
#include "engine/base/cpu.h"

namespace bls::codegen::a64 {

namespace {

// Opcodes with room for the size; registers: value, address, and a word that says "failed".
constexpr u32 kLoadAcquire = 0x08dffc00;
constexpr u32 kStoreRelease = 0x089ffc00;
constexpr u32 kLoadExclusive = 0x085ffc00;   // acquires
constexpr u32 kStoreExclusive = 0x0800fc00;  // releases

constexpr u32 exclusive(u32 opcode, u32 bytes, Reg value, Reg at) {
  return opcode | static_cast<u32>(__builtin_ctz(bytes)) << 30 | field(at) << 5 | field(value);
}

// The same shape in one instruction that acquires and releases, the operand at bit 16: what is
// added, cleared, inverted, set or put there; or compared, and replaced by what was found.
constexpr u32 kFetchAdd = 0x38e00000;
constexpr u32 kFetchClear = 0x38e01000;
constexpr u32 kFetchInvert = 0x38e02000;
constexpr u32 kFetchSet = 0x38e03000;
constexpr u32 kSwap = 0x38e08000;
constexpr u32 kCompareSwap = 0x08e0fc00;

}  // namespace

void MasmA64::atomicLoad(u32 bytes, Reg d, Reg at) { word(exclusive(kLoadAcquire, bytes, d, at)); }
void MasmA64::atomicStore(u32 bytes, Reg at, Reg s) {
  word(exclusive(kStoreRelease, bytes, s, at));
}

bool MasmA64::hasSingleAtomics() const {
  return (cpu_ & platform::cpuBit(platform::Cpu::Lse)) != 0;
}

void MasmA64::atomicAtOnce(AtomicOp op, u32 bytes, Reg d, Reg at, Reg s) {
  const auto emit = [&](u32 opcode, Reg operand) {
    word(exclusive(opcode, bytes, d, at) | field(operand) << 16);
  };
  switch (op) {
    case AtomicOp::Add: emit(kFetchAdd, s); break;
    case AtomicOp::Sub:
      check(a_.neg(x64(kScratch), x64(s)));
      emit(kFetchAdd, kScratch);
      break;
    case AtomicOp::And:
      check(a_.mvn(x64(kScratch), x64(s)));
      emit(kFetchClear, kScratch);
      break;
    case AtomicOp::Or: emit(kFetchSet, s); break;
    case AtomicOp::Xor: emit(kFetchInvert, s); break;
    case AtomicOp::Exchange: emit(kSwap, s); break;
  }
}

void MasmA64::atomicRmw(AtomicOp op, u32 bytes, Reg d, Reg at, Reg s) {
  DCHECK(d != at && d != s && at != kScratch && s != kScratch);
  if (hasSingleAtomics()) {
    atomicAtOnce(op, bytes, d, at, s);
    return;
  }
  Label again;
  bind(again);
  word(exclusive(kLoadExclusive, bytes, d, at));
  Reg made = kScratch;
  switch (op) {
    case AtomicOp::Add: intOp(IntOp::Add, Width::W64, made, d, s); break;
    case AtomicOp::Sub: intOp(IntOp::Sub, Width::W64, made, d, s); break;
    case AtomicOp::And: intOp(IntOp::And, Width::W64, made, d, s); break;
    case AtomicOp::Or: intOp(IntOp::Or, Width::W64, made, d, s); break;
    case AtomicOp::Xor: intOp(IntOp::Xor, Width::W64, made, d, s); break;
    case AtomicOp::Exchange: made = s; break;
  }
  word(exclusive(kStoreExclusive, bytes, made, at) | field(kTemp) << 16);
  refer(0x35000000 | field(kTemp), Fix::Field19, again);  // cbnz
}

void MasmA64::atomicCompareExchange(u32 bytes, Reg d, Reg at, Reg replacement) {
  DCHECK(d != at && d != replacement && at != kScratch && replacement != kScratch);
  if (hasSingleAtomics()) {
    word(exclusive(kCompareSwap, bytes, replacement, at) | field(d) << 16);
    return;
  }
  Label again;
  Label differs;
  bind(again);
  word(exclusive(kLoadExclusive, bytes, kScratch, at));
  compare(Width::W64, kScratch, d);
  branch(Flag::Ne, differs);
  word(exclusive(kStoreExclusive, bytes, replacement, at) | field(kTemp) << 16);
  refer(0x35000000 | field(kTemp), Fix::Field19, again);  // cbnz
  bind(differs);
  move(Width::W64, d, kScratch);
}

void MasmA64::fence() { word(0xd5033bbf); }  // dmb ish

}  // namespace bls::codegen::a64
