// Translation of typed function references and null tests: call_ref, br_on_null, ref.as_non_null.
// A reference is one slot; null is 0.
#include "engine/interp/translate.h"

namespace bls::interp {

void Translator::callRef(u32 typeIndex) {
  const FuncType& type = m_.type(typeIndex).func;
  Operand ref = pop();
  const bool inAcc = ref.src == A;
  if (!inAcc) slotOf(ref);
  // The reference may stand in a local; the flush of the arguments copies locals, never writes
  // them.
  const u32 frame = argumentsStart(type);
  if (inAcc) takeFromAcc(ref);
  if (frame > 0xffff || (!inAcc && ref.slot > 0xffff)) {
    emitSlow(H::CallRefFar, frame, ref.slot, static_cast<u32>(pending_));
  } else {
    const u32 charge = metered_ ? static_cast<u32>(pending_) + schedule_.entryCost : 0;
    emit(plus(H::CallRef_S, (metered_ ? 2 : 0) + (inAcc ? 1 : 0)), frame, charge,
         inAcc ? 0 : ref.slot);
  }
  afterCall(type);
}

void Translator::returnCallRef(u32 typeIndex) {
  const FuncType& type = m_.type(typeIndex).func;
  Operand ref = pop();
  ref.src = ref.src == A ? S : ref.src;
  slotOf(ref);
  const u32 from = argumentsStart(type);
  emitSlow(H::TailCallRef, from, ref.slot, static_cast<u32>(pending_));
  pending_ = 0;
  setDead();
}

// The slot of the top value, which stays on the stack.
u32 Translator::topSlot() {
  flushConstantTop();
  const Value& value = stack_.back();
  return value.kind == Value::Local ? localSlots_[value.local] : value.home;
}
void Translator::flushConstantTop() {
  if (stack_.back().kind == Value::Const) flushEntry(height() - 1);
}

void Translator::refAsNonNull() {
  const char type = stack_.back().type;
  Operand x = pop();
  if (x.src == I) slotOf(x);
  takeFromAcc(x);
  const bool inAcc = x.src == A;
  const u32 cell = emitOp(plus(H::RefAsNonNull_S, inAcc ? 2 : 0), w(nextHome()),
                          inAcc ? n(0) : r(x.slot), n(0), n(0), 1);
  pushResult(type, cell, true);
  last_.cell = kNone;
}

// Branches without the reference when it is null; else it stays.
void Translator::brOnNull(u32 depth) {
  Cond cond;
  cond.kind = Cond::Plain64;
  cond.negate = true;
  flushConstantTop();
  const Value top = stack_.back();
  cond.x = topSlot();
  pop();
  // The label's values must not stand where the reference does: they are below it.
  branchTo(cond, false, depth);
  if (top.kind == Value::Local) {
    pushAlias(top.local);
    stack_.back().type = top.type;
  } else {
    push(top.type);
  }
  last_.cell = kNone;
  producer_ = kNone;
}

// Branches with the reference when it is not null; else it is dropped.
void Translator::brOnNonNull(u32 depth) {
  Cond cond;
  cond.kind = Cond::Plain64;
  cond.x = topSlot();
  branchTo(cond, false, depth);
  pop();
  last_.cell = kNone;
  producer_ = kNone;
}

}  // namespace bls::interp
