// memory.atomic.wait and notify. Operands stand in consecutive slots from imm32; offset and memory
// in the data cell behind. Spec: threads proposal, wait and notify.
#include "engine/exec/atomic_ops.h"
#include "engine/interp/slow.h"

namespace bls::interp {

u64 atomicWait(State& s) {
  u64* at = s.fp + s.pc->imm32();
  const Trap trap = bls::atomicWait(s.cx, at, s.pc[1].imm32(), s.pc[1].h, s.pc->a);
  if (trap != Trap::None) return raise(s, trap);
  s.mem0 = s.cx->mem0Base;
  s.acc = at[0];
  s.pc += 2;
  return kContinue;
}

u64 atomicNotify(State& s) {
  u64* at = s.fp + s.pc->imm32();
  const Trap trap = bls::atomicNotify(s.cx, at, s.pc[1].imm32(), s.pc[1].h);
  if (trap != Trap::None) return raise(s, trap);
  s.acc = at[0];
  s.pc += 2;
  return kContinue;
}

}  // namespace bls::interp
