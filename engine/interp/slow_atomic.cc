// memory.atomic.wait and notify. Spec: threads proposal, wait and notify.
#include "engine/exec/parking.h"
#include "engine/interp/bodies_atomic.h"
#include "engine/interp/slow.h"

namespace bls::interp {
namespace {

// The checked address of the operand at s.fp[imm32]; null after the trap was noted in s.acc.
u8* addressOperand(State& s, u32 width) {
  const u64 index = s.fp[s.pc->imm32()];
  return width == 8 ? reinterpret_cast<u8*>(atomicAddress<u64>(s, index))
                    : reinterpret_cast<u8*>(atomicAddress<u32>(s, index));
}
const MemoryObj* memoryOf(const State& s) { return s.cx->instance->memories[s.pc[1].imm32()]; }
u64 finishWith(State& s, u32 result) {
  s.acc = result;
  s.fp[s.pc->imm32()] = result;
  s.pc += 2;
  return kContinue;
}

}  // namespace

u64 atomicWait(State& s) {
  const u32 width = s.pc->a;
  const u64* operands = s.fp + s.pc->imm32();  // address, expected, timeout
  const u8* at = addressOperand(s, width);
  if (at == nullptr) return raiseAcc(s);
  if (!memoryOf(s)->type.limits.shared) return raise(s, Trap::ExpectedShared);
  const i64 timeout = static_cast<i64>(operands[2]);
  Trap trap = Trap::None;
  const WaitResult result = parkUntilNotified(
      s.cx, at, width, operands[1], timeout < 0 ? kParkForever : static_cast<u64>(timeout), &trap);
  if (trap != Trap::None) return raise(s, trap);
  reloadMemory(s);
  return finishWith(s, static_cast<u32>(result));
}

u64 atomicNotify(State& s) {
  const u32 count = static_cast<u32>(s.fp[s.pc->imm32() + 1]);
  const u8* at = addressOperand(s, 4);
  if (at == nullptr) return raiseAcc(s);
  return finishWith(s, memoryOf(s)->type.limits.shared ? unpark(at, count) : 0);
}

}  // namespace bls::interp
