// Translation of vector instructions other than loads and stores.
#include "engine/interp/translate.h"

namespace bls::interp {

void Translator::vectorBinary(Op op) {
  Operand y = pop(), x = pop();
  if (x.src == A && y.src == A) y.src = S;
  // Rows: SS AS SA.
  const u32 form = x.src == A ? 1 : y.src == A ? 2 : 0;
  u32 cell = kNone;
  const H h = plus(rowOf(op), form);
  const u32 home = nextHome();
  if (form == 0) {
    cell = emitOp(h, w(home), r(x.slot), r(y.slot), n(0), 2);
  } else {
    takeFromAcc(form == 1 ? x : y);
    cell = emitOp(h, w(home), r(form == 1 ? y.slot : x.slot), n(0), n(0), 2);
  }
  pushResult('v', cell, false);
  last_.cell = kNone;
  canonicalise(op);
}

void Translator::vectorUnary(Op op) {
  const char result = opInfo(op).results[0];
  Operand x = pop();
  if (x.src == I) slotOf(x);
  takeFromAcc(x);
  const bool inAcc = x.src == A;
  u32 cell = emitOp(plus(rowOf(op), inAcc ? 1 : 0), w(nextHome()), inAcc ? n(0) : r(x.slot), n(0),
                    n(0), slotsOf(result));
  pushResult(result, cell, false);
  last_.cell = kNone;
  canonicalise(op);
}

void Translator::vectorTernary(Op op) {
  Operand z = pop(), y = pop(), x = pop();
  takeFromAcc(x);
  // The row with the accumulator takes it as first operand; the others come from slots.
  const bool inAcc = x.src == A;
  u32 cell = emitOp(plus(rowOf(op), inAcc ? 1 : 0), w(nextHome()), inAcc ? n(0) : r(x.slot),
                    r(y.slot), r(z.slot), 2);
  pushResult('v', cell, false);
  last_.cell = kNone;
  canonicalise(op);
}

void Translator::vectorShift(Op op) {
  Operand count = pop(), x = pop();
  takeFromAcc(x);
  const bool inAcc = x.src == A;
  const u32 home = nextHome();
  u32 cell = kNone;
  if (count.src == I) {
    cell = emitOpImm(plus(rowOf(op), inAcc ? 3 : 1), w(home), inAcc ? n(0) : r(x.slot),
                     static_cast<u32>(count.bits), 2);
  } else if (inAcc) {
    cell = emitOp(plus(rowOf(op), 2), w(home), r(count.slot), n(0), n(0), 2);
  } else {
    cell = emitOp(rowOf(op), w(home), r(x.slot), r(count.slot), n(0), 2);
  }
  pushResult('v', cell, false);
  last_.cell = kNone;
}

void Translator::extractLane(Op op, u32 lane) {
  const char result = opInfo(op).results[0];
  Operand x = pop();
  takeFromAcc(x);
  const bool inAcc = x.src == A;
  u32 cell = emitOp(plus(rowOf(op), inAcc ? 1 : 0), w(nextHome()), inAcc ? n(0) : r(x.slot),
                    n(lane), n(0), 1);
  pushResult(result, cell, false);
  last_.cell = kNone;
}

void Translator::replaceLane(Op op, u32 lane) {
  Operand item = pop(), x = pop();
  const u32 itemSlot = slotOf(item);
  u32 cell = emitOp(rowOf(op), w(nextHome()), r(x.slot), n(lane), r(itemSlot), 2);
  pushResult('v', cell, false);
  last_.cell = kNone;
}

void Translator::shuffle(Op op, const V128& lanes) {
  Operand y = pop(), x = pop();
  u64 half[2];
  std::memcpy(half, lanes.bytes, 16);
  u32 cell = emitOp(rowOf(op), w(nextHome()), r(x.slot), r(y.slot), n(0), 2, &half[0], half[1]);
  pushResult('v', cell, false);
  last_.cell = kNone;
}

void Translator::vectorConst(const V128& value) {
  u64 half[2];
  std::memcpy(half, value.bytes, 16);
  u32 cell = emitOp(H::Const128, w(nextHome()), n(0), n(0), n(0), 2, &half[0], half[1]);
  push('v');
  producer_ = wide_ ? kNone : cell;
  producerEnd_ = cellCount();
  producerEntry_ = height() - 1;
  last_.cell = kNone;
}

}  // namespace bls::interp
