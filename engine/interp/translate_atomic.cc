// Translation of atomic memory instructions: operands from slots, one row an instruction.
#include "engine/interp/translate.h"

namespace bls::interp {

void Translator::atomicAccess(Op op, const MemImm& imm) {
  const OpInfo& info = opInfo(op);
  const u64 where = (addressLetter(imm.memory) == 'l' ? 1 : 0) | static_cast<u64>(imm.memory) << 32;
  u32 slots[3] = {0, 0, 0};
  for (u32 i = info.paramCount; i-- > 0;) {
    Operand x = pop();
    slots[i] = slotOf(x);
  }
  const H row = rowOf(op);
  last_.cell = kNone;
  if (info.resultCount == 0) {
    emitOp(row, r(slots[0]), r(slots[1]), n(0), n(0), 0, &imm.offset, where);
    producer_ = kNone;
    return;
  }
  const Field third = info.paramCount > 1 ? r(slots[1]) : n(0);
  const Field fourth = info.paramCount > 2 ? r(slots[2]) : n(0);
  const u32 cell = emitOp(row, w(nextHome()), r(slots[0]), third, fourth, 1, &imm.offset, where);
  pushResult(info.results[0], cell, false);
}

// Operands in their home slots; behind: offset and memory, then the access width.
void Translator::atomicWaitOrNotify(Op op, const MemImm& imm) {
  const OpInfo& info = opInfo(op);
  const u64 where = (addressLetter(imm.memory) == 'l' ? 1 : 0) | static_cast<u64>(imm.memory) << 32;
  flushTop(info.paramCount);
  const u32 slot = stack_[height() - info.paramCount].home;
  const bool isWait = info.cls == OpClass::AtomicWait;
  emitImm(isWait ? H::AtomicWait : H::AtomicNotify, 1u << info.aux, 0, slot);
  emitData(imm.offset, where);
  dropTo(height() - info.paramCount);
  acc_.clear();
  facc_.clear();
  last_.cell = kNone;
  producer_ = kNone;
  push('i');
  if (useAcc_) acc_.entry = height() - 1;
}

void Translator::atomicFence() {
  emit(H::AtomicFence);
  last_.cell = kNone;
  producer_ = kNone;
}

}  // namespace bls::interp
