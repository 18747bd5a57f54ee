// MasmX64: atomic accesses, sequentially consistent: loads are plain, everything that writes is a
// locked instruction. Operations that have no such instruction try until nobody came between.
#include "codegen/x64/masm_x64.h"
#include "codegen/x64/operands_x64.h"

namespace bls::codegen::x64 {

using namespace asmjit;

namespace {

x86::Gp part(u32 bytes, Reg r) {
  switch (bytes) {
    case 1: return r8(r);
    case 2: return r16(r);
    case 4: return r32(r);
    default: return r64(r);
  }
}

}  // namespace

void MasmX64::atomicLoad(u32 bytes, Reg d, Reg at) {
  constexpr Access kAccess[] = {Access::U8, Access::U16, Access::U32, Access::U64};
  load(kAccess[__builtin_ctz(bytes)], d, Address::at(at, 0));
}

void MasmX64::atomicStore(u32 bytes, Reg at, Reg s) {
  check(a_.mov(r64(kScratch), r64(s)));
  check(a_.xchg(mem(Address::at(at, 0)), part(bytes, kScratch)));
}

void MasmX64::zeroExtend(u32 bytes, Reg d) {
  if (bytes == 1) check(a_.movzx(r32(d), r8(d)));
  if (bytes == 2) check(a_.movzx(r32(d), r16(d)));
}

void MasmX64::atomicRmw(AtomicOp op, u32 bytes, Reg d, Reg at, Reg s) {
  DCHECK(d != at);
  const x86::Mem m = mem(Address::at(at, 0));
  if (op == AtomicOp::Add || op == AtomicOp::Sub || op == AtomicOp::Exchange) {
    move(Width::W64, d, s);
    if (op == AtomicOp::Sub) check(a_.neg(r64(d)));
    if (op == AtomicOp::Exchange) {
      check(a_.xchg(m, part(bytes, d)));
    } else {
      check(a_.lock().xadd(m, part(bytes, d)));
    }
    zeroExtend(bytes, d);
    return;
  }
  DCHECK(d == kCompared && s != d);
  Label again;
  atomicLoad(bytes, d, at);
  bind(again);
  check(a_.mov(r64(kScratch), r64(d)));
  switch (op) {
    case AtomicOp::And: check(a_.and_(r64(kScratch), r64(s))); break;
    case AtomicOp::Or: check(a_.or_(r64(kScratch), r64(s))); break;
    default: check(a_.xor_(r64(kScratch), r64(s))); break;
  }
  check(a_.lock().cmpxchg(m, part(bytes, kScratch)));
  branchOnFlags(Cond::Ne, again);
}

void MasmX64::atomicCompareExchange(u32 bytes, [[maybe_unused]] Reg d, Reg at, Reg replacement) {
  DCHECK(d == kCompared && replacement != d && at != d);
  check(a_.lock().cmpxchg(mem(Address::at(at, 0)), part(bytes, replacement)));
}

void MasmX64::fence() { check(a_.mfence()); }

}  // namespace bls::codegen::x64
