// MasmA64: atomic accesses, sequentially consistent: loads acquire, stores release, and whatever
// does both tries with an exclusive pair until nobody came between. Base ARMv8.0 needs no more.
#include "codegen/a64/masm_a64.h"
#include "codegen/a64/operands_a64.h"

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

}  // namespace

void MasmA64::atomicLoad(u32 bytes, Reg d, Reg at) { word(exclusive(kLoadAcquire, bytes, d, at)); }
void MasmA64::atomicStore(u32 bytes, Reg at, Reg s) {
  word(exclusive(kStoreRelease, bytes, s, at));
}

void MasmA64::atomicRmw(AtomicOp op, u32 bytes, Reg d, Reg at, Reg s) {
  DCHECK(d != at && d != s && at != kScratch && s != kScratch);
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
