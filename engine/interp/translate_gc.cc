// Translation of structures, arrays, i31 and casts. Accesses are inline handlers that hold the
// field's offset; what allocates or loops is out of line, with everything in its home slot, so that
// the collector finds it.
#include "engine/exec/gc_ops.h"
#include "engine/interp/translate.h"
#include "engine/module/type_canon.h"

namespace bls::interp {
namespace {

using gc::Storage;

// Rows of a get, by what is in memory: I8 signed, unsigned, I16 signed, unsigned, 32, 64, f32, f64,
// v128.
u32 getRow(Storage storage, bool isSigned) {
  switch (storage) {
    case Storage::I8: return isSigned ? 0 : 1;
    case Storage::I16: return isSigned ? 2 : 3;
    case Storage::I32:
    case Storage::Ref: return 4;
    case Storage::I64:
    case Storage::Extern:
    case Storage::Func: return 5;
    case Storage::F32: return 6;
    case Storage::F64: return 7;
    case Storage::V128: return 8;
  }
  UNREACHABLE("storage");
}

}  // namespace

u64 Translator::layoutAddress(u32 type) const {
  return reinterpret_cast<u64>(&gc::layoutOf(m_.canonTypes[type]));
}

// An instruction that is out of line, may trap, charge for its length (on top) and allocate.
u32 Translator::gcSlow(Op op, H h, u32 operands, u64 first, u64 second, char result) {
  i64 extra = 0;
  const u32 flags = bulkFlags(op, &extra);
  pending_ += static_cast<i32>(extra);
  flushAll();
  const u32 slot = operands == 0 ? nextHome() : stack_[height() - operands].home;
  safepoint(cellCount(), false, height());
  const u32 cell = emitImm(h, flags != 0 ? static_cast<u32>(pending_) & 0xffff : 0, flags, slot);
  emitData(first, second);
  if (flags != 0) {
    if (wantOrigins_) out_.origins[cell].pending = 0;  // charged before it can trap
    pending_ = 0;
  }
  dropTo(height() - operands);
  acc_.clear();
  facc_.clear();
  last_.cell = kNone;
  producer_ = kNone;
  if (result == 'n') return cell;
  push(result);
  if (useAcc_) acc_.entry = height() - 1;
  return cell;
}

// An object of a few small fields: the cell has its size in `a`, and behind it its header and
// where the fields are.
bool Translator::objectNew(Op op, const gc::GcLayout& layout, u32 operands, u32 word1, u64 bytes) {
  constexpr u32 kMostFields = 8;
  constexpr u64 kMostBytes = 256;
  if (operands > kMostFields || bytes > kMostBytes) return false;
  u64 offsets = 0;
  for (u32 i = 0; i < operands; ++i) {
    const bool isArray = layout.kind == CompKind::Array;
    const gc::FieldLayout& field = layout.fields[isArray ? 0 : i];
    if (field.storage == Storage::V128) return false;
    const u64 offset = isArray ? gc::kHeaderBytes + (u64{i} << layout.elementLog2) : field.offset;
    offsets |= offset << (8 * i);
  }
  const bool isDefault = op == Op::StructNewDefault;
  const H row = isDefault ? H::ObjectNewDefault : plus(H::ObjectNew0, operands);
  const u32 cell = gcSlow(op, row, operands, layout.word0 | u64{word1} << 32, offsets, 'g');
  DCHECK(at(cell).a == 0);  // it charges nothing
  at(cell).a = static_cast<u16>(bytes / 8);
  return true;
}

void Translator::structNew(u32 type, bool hasOperands) {
  const gc::GcLayout& layout = gc::layoutOf(m_.canonTypes[type]);
  const u32 count = hasOperands ? static_cast<u32>(m_.type(type).fields.size()) : 0;
  const Op op = hasOperands ? Op::StructNew : Op::StructNewDefault;
  if (objectNew(op, layout, count, 0, layout.bytes)) return;
  gcSlow(op, hasOperands ? H::StructNew : H::StructNewDefault, count, layoutAddress(type), 0, 'g');
}

void Translator::arrayNew(Op op, u32 type) {
  const bool hasValue = op == Op::ArrayNew;
  const gc::GcLayout& layout = gc::layoutOf(m_.canonTypes[type]);
  const bool isSmall = layout.fields[0].storage != Storage::V128;
  i64 extra = 0;
  H row = hasValue ? H::ArrayNew : H::ArrayNewDefault;
  if (isSmall && bulkFlags(op, &extra) == 0)
    row = hasValue ? H::ArrayNewSmall : H::ArrayNewSmallDefault;
  gcSlow(op, row, hasValue ? 2 : 1, layoutAddress(type), 0, 'g');
}

void Translator::structGet(Op op, u32 type, u32 field) {
  const ValType storage = m_.type(type).fields[field].storage;
  const gc::FieldLayout& layout = gc::layoutOf(m_.canonTypes[type]).fields[field];
  const char result = storage.isPacked() ? 'i' : letterOf(storage);
  Operand x = pop();
  if (x.src == I) slotOf(x);
  takeFromAcc(x);
  const bool inAcc = x.src == A;
  const u32 row = 4 * getRow(layout.storage, op == Op::StructGetS) + (inAcc ? 2 : 0);
  const u32 cell = emitOpImm(plus(H::StructGetI8S_S, row), w(nextHome()), inAcc ? n(0) : r(x.slot),
                             layout.offset, slotsOf(result));
  pushResult(result, cell, true);
  last_.cell = kNone;
}

void Translator::structSet(u32 type, u32 field) {
  const gc::FieldLayout& layout = gc::layoutOf(m_.canonTypes[type]).fields[field];
  Operand value = pop(), x = pop();
  const u32 valueSlot = slotOf(value), slot = slotOf(x);
  emitOpImm(plus(H::StructSet8, gc::log2Of(layout.storage)), r(slot), r(valueSlot), layout.offset,
            0);
  last_.cell = kNone;
}

void Translator::arrayGet(Op op, u32 type) {
  const ValType storage = m_.type(type).fields[0].storage;
  const gc::GcLayout& layout = gc::layoutOf(m_.canonTypes[type]);
  const char result = storage.isPacked() ? 'i' : letterOf(storage);
  Operand index = pop(), x = pop();
  if (index.src == I) slotOf(index);
  const u32 slot = slotOf(x);
  takeFromAcc(index);
  const bool inAcc = index.src == A;
  const u32 row = 4 * getRow(layout.fields[0].storage, op == Op::ArrayGetS) + (inAcc ? 2 : 0);
  const u32 cell = emitOp(plus(H::ArrayGetI8S_S, row), w(nextHome()), r(slot),
                          inAcc ? n(0) : r(index.slot), n(0), slotsOf(result));
  pushResult(result, cell, true);
  last_.cell = kNone;
}

void Translator::arraySet(u32 type) {
  const gc::GcLayout& layout = gc::layoutOf(m_.canonTypes[type]);
  Operand value = pop(), index = pop(), x = pop();
  const u32 valueSlot = slotOf(value), indexSlot = slotOf(index), slot = slotOf(x);
  emitOp(plus(H::ArraySet8, layout.elementLog2), r(slot), r(indexSlot), r(valueSlot), n(0), 0);
  last_.cell = kNone;
}

void Translator::arrayNewFixed(u32 type, u32 count) {
  const gc::GcLayout& layout = gc::layoutOf(m_.canonTypes[type]);
  if (objectNew(Op::ArrayNewFixed, layout, count, count, gc::Heap::arrayBytes(layout, count)))
    return;
  gcSlow(Op::ArrayNewFixed, H::ArrayNewFixed, count, layoutAddress(type), count, 'g');
}

// One operand and result, rows S A, each to slot and to the accumulator.
void Translator::refUnary(H row, char result) {
  Operand x = pop();
  if (x.src == I) slotOf(x);
  takeFromAcc(x);
  const bool inAcc = x.src == A;
  const u32 cell =
      emitOp(plus(row, inAcc ? 2 : 0), w(nextHome()), inAcc ? n(0) : r(x.slot), n(0), n(0), 1);
  pushResult(result, cell, true);
  last_.cell = kNone;
}

// ---- Casts

// How the answer is found: bodies_gc.h.
u32 Translator::emitCast(H row, HeapType target, bool nullable, u32 slot) {
  const CastPlan plan = planCast(m_, target);
  const bool byRegistry = plan.by == CastBy::Registry;
  const u64 first = byRegistry ? plan.target.bits() : 0;
  const u32 offset = 4 * static_cast<u32>(plan.by) + (nullable ? 2 : 0);
  return emitOp(plus(row, offset), w(nextHome()), r(slot), n(plan.word & 0xffff),
                n(plan.word >> 16), 1, &first, plan.depth);
}

void Translator::refTest(HeapType target, bool nullable, u32 slot) {
  const u32 cell = emitCast(H::RefTest_S, target, nullable, slot);
  pushResult('i', cell, true);
  last_.cell = kNone;
}

void Translator::refTestOp(HeapType target, bool nullable) {
  Operand x = pop();
  refTest(target, nullable, slotOf(x));
}

void Translator::refCast(HeapType target, bool nullable) {
  const char type = stack_.back().type;
  Operand x = pop();
  const u32 slot = slotOf(x);
  const u32 cell = emitCast(H::RefCast_S, target, nullable, slot);
  pushResult(type, cell, true);
  last_.cell = kNone;
}

// A test, then a branch; the reference stays on the stack.
void Translator::brOnCast(const CastLabelImm& imm, bool onFail) {
  const u32 slot = topSlot();
  refTest(imm.target, imm.targetNullable, slot);
  const Cond cond = popCond(false);
  branchTo(cond, onFail, imm.label);
  last_.cell = kNone;
  producer_ = kNone;
}

}  // namespace bls::interp
