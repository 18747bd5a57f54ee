// Translation of loads, stores, memory and table instructions.
#include <algorithm>

#include "engine/interp/translate.h"

namespace bls::interp {
namespace {

constexpr u32 widthOf(Op op) { return 1u << opInfo(op).aux; }

// Row orders of handlers_memory.def.
constexpr u32 kCheckedLoads = 8, kFarLoad = 16, kSumLoads = 17, kSum16Loads = 21, kScaledLoads = 25;
constexpr u32 kCheckedStores = 6, kFarStore = 12, kConstStores = 13;

}  // namespace

char Translator::addressLetter(u32 memory) const {
  return m_.memories[MemoryIndex{memory}].limits.is64 ? 'l' : 'i';
}
char Translator::tableLetter(u32 table) const {
  return m_.tables[TableIndex{table}].type.limits.is64 ? 'l' : 'i';
}

bool Translator::isFar(const MemImm& imm) const {
  return imm.memory != 0 || imm.offset > 0xffffffffu || addressLetter(0) == 'l';
}
bool Translator::isGuarded(const MemImm& imm, Op op) const {
  const MemoryType& type = m_.memories[MemoryIndex{0}];
  return guard_ && !type.limits.is64 && type.pageLog2 == 16 &&
         imm.offset + widthOf(op) <= kGuardBytes;
}

// An access whose offset alone lies beyond all the memory can ever have.
void Translator::saveIfAlwaysOutside(const MemImm& imm, Op op) {
  if (!saves_) return;
  const MemoryType& type = m_.memories[MemoryIndex{imm.memory}];
  const u64 most = type.limits.hasMax ? type.limits.max
                   : type.limits.is64 ? u64{1} << (64 - type.pageLog2)
                                      : u64{1} << (32 - type.pageLog2);
  const u64 bytes = most >> (63 - type.pageLog2) != 0 ? ~u64{0} : most << type.pageLog2;
  if (widthOf(op) > bytes || imm.offset > bytes - widthOf(op)) savePoint();
}

// The address on top is slot or accumulator plus constant, or a scaled sum, in a form that loads
// have.
bool Translator::foldsConstant(u32 offset) const {
  if (!useAcc_ || !lastMakes(height() - 1)) return false;
  if (last_.shift != 0) return offset <= 0xffff;
  if (last_.op != kAdd32 || (last_.form != Form::SI && last_.form != Form::AI)) return false;
  const i32 constant = static_cast<i32>(last_.imm);
  return offset == 0 || (constant == static_cast<i16>(constant) && offset <= 0xffff);
}

void Translator::load(Op op, const MemImm& imm) {
  saveIfAlwaysOutside(imm, op);
  const char result = opInfo(op).results[0];
  const u32 slots = slotsOf(result);
  const H row = rowOf(op);
  u32 cell = kNone;
  if (BLS_UNLIKELY(isFar(imm))) {
    Operand at = pop();
    const u32 slot = slotOf(at);
    const u64 wide = addressLetter(imm.memory) == 'l' ? 1 : 0;
    cell = emitOp(plus(row, kFarLoad), w(nextHome()), r(slot), n(0), n(0), slots, &imm.offset,
                  wide | static_cast<u64>(imm.memory) << 32);
    pushResult(result, cell, false);
    last_.cell = kNone;
    return;
  }
  const u32 checked = isGuarded(imm, op) ? 0 : kCheckedLoads;
  const u32 offset = static_cast<u32>(imm.offset);
  // An address that is the sum of two operands (wrapping at 32 bits) is formed here.
  if (useAcc_ && lastMakes(height() - 1) && last_.op == kAdd32 &&
      ((last_.form == Form::SS && offset <= 0xffff) || last_.form == Form::AS)) {
    const Last sum = last_;
    stack_.pop_back();
    flushed_ = std::min(flushed_, height());
    mapped_ = std::min(mapped_, height());
    undo(sum);
    if (sum.form == Form::SS) {
      cell = emit(plus(row, checked + 4), nextHome(), sum.x, sum.y, offset);
    } else {
      cell = emitImm(plus(row, checked + 6), nextHome(), sum.y, offset);
    }
  } else if (checked == 0 && foldsConstant(offset)) {
    const Last sum = last_;
    stack_.pop_back();
    flushed_ = std::min(flushed_, height());
    mapped_ = std::min(mapped_, height());
    undo(sum);
    const u32 home = nextHome();
    const bool inAcc = sum.form == Form::AI;
    if (sum.shift != 0) {
      cell = emit(plus(row, kScaledLoads + 2 * (sum.shift - 1)), home, sum.x, sum.y, offset);
    } else if (offset == 0) {
      cell = emitImm(plus(row, kSumLoads + (inAcc ? 2 : 0)), home, inAcc ? 0 : sum.x,
                     static_cast<u32>(sum.imm));
    } else {
      cell = emit(plus(row, kSum16Loads + (inAcc ? 2 : 0)), home, inAcc ? 0 : sum.x,
                  static_cast<u32>(sum.imm) & 0xffff, offset);
    }
  } else {
    Operand at = pop();
    if (at.src == A) {
      takeFromAcc(at);
      cell = emitImm(plus(row, checked + 2), nextHome(), 0, offset);
    } else {
      const u32 slot = slotOf(at);
      cell = emitOpImm(plus(row, checked), w(nextHome()), r(slot), offset, slots);
    }
  }
  pushResult(result, cell, true);
  last_.cell = kNone;
}

void Translator::store(Op op, const MemImm& imm) {
  saveIfAlwaysOutside(imm, op);
  const H row = rowOf(op);
  if (BLS_UNLIKELY(isFar(imm))) {
    Operand value = pop(), at = pop();
    const u32 valueSlot = slotOf(value), slot = slotOf(at);
    const u64 wide = addressLetter(imm.memory) == 'l' ? 1 : 0;
    emitOp(plus(row, kFarStore), r(slot), r(valueSlot), n(0), n(0), 0, &imm.offset,
           wide | static_cast<u64>(imm.memory) << 32);
    return;
  }
  const bool guarded = isGuarded(imm, op);
  const u32 checked = guarded ? 0 : kCheckedStores;
  const u32 offset = static_cast<u32>(imm.offset);
  Operand value = pop();
  const bool isWord = isInt(value.value.type);
  // Only a value that has emitted nothing leaves an address sum on top of the cells.
  if (useAcc_ && value.src != I && lastMakes(height() - 1) && last_.op == kAdd32 &&
      last_.form == Form::SS && offset <= 0xffff && !(isWord && value.src == A)) {
    const Last sum = last_;
    stack_.pop_back();
    flushed_ = std::min(flushed_, height());
    mapped_ = std::min(mapped_, height());
    undo(sum);
    if (value.src == A) {
      takeFromAcc(value);
      emit(plus(row, checked + 5), sum.x, sum.y, 0, offset);
    } else {
      emit(plus(row, checked + 4), sum.x, sum.y, value.slot, offset);
    }
    return;
  }
  Operand at = pop();
  if (at.src == A && value.src == A && isWord) at.src = S;  // two aliases of one local
  if (at.src == I) slotOf(at);
  const i64 constant =
      value.value.type == 'i' ? static_cast<i32>(value.bits) : static_cast<i64>(value.bits);
  if (value.src == I && isWord && constant == static_cast<i16>(constant) && !wide_) {
    const u32 imm16 = static_cast<u32>(value.bits) & 0xffff;
    takeFromAcc(at);
    emitImm(plus(row, kConstStores + (guarded ? 0 : 2) + (at.src == A ? 1 : 0)),
            at.src == A ? 0 : at.slot, imm16, offset);
    return;
  }
  if (value.src == I) slotOf(value);
  if (at.src == A) takeFromAcc(at);
  if (value.src == A) takeFromAcc(value);
  const u32 form = (at.src == A ? 2 : 0) + (value.src == A ? 1 : 0);
  emitOpImm(plus(row, checked + form), at.src == A ? n(0) : r(at.slot),
            value.src == A ? n(0) : r(value.slot), offset, 0);
}

void Translator::laneAccess(Op op, const MemLaneImm& imm) {
  saveIfAlwaysOutside(imm.mem, op);
  const bool isLoad = opInfo(op).cls == OpClass::VLoadLane;
  Operand vector = pop(), at = pop();
  const u32 vectorSlot = slotOf(vector), slot = slotOf(at);
  const bool far = isFar(imm.mem);
  const u64 wide = far && addressLetter(imm.mem.memory) == 'l' ? 1 : 0;
  const u64 more = far ? wide | static_cast<u64>(imm.mem.memory) << 32 : 0;
  u32 cell = emitOp(plus(rowOf(op), far ? 1 : 0), isLoad ? w(nextHome()) : n(0), r(vectorSlot),
                    n(imm.lane), r(slot), 2, &imm.mem.offset, more);
  if (isLoad) pushResult('v', cell, false);
  last_.cell = kNone;
}

// ---- Out of line

// How a bulk instruction, whose length is on top, is charged: flags for its cell (slow.h), or
// `extra` units known now.
u32 Translator::bulkFlags(Op op, i64* extra) {
  if (!metered_ || !FuelSchedule::isBulk(op)) return 0;
  const u32 unitCost = schedule_.unitCostOf(op);
  const Value& length = stack_.back();
  // A length is literal when its constant instruction stands right before.
  const bool small = length.kind == Value::Const && constantEnd_ == position_ &&
                     static_cast<u64>(bulkCharge(length.bits, unitCost)) <= kUncheckedBulkUnits;
  if (small) {
    *extra = bulkCharge(length.bits, unitCost);
    return 0;
  }
  return schedule_.bulkCheck ? kBulkCharge | kBulkCheck | unitCost << kBulkCostShift : 0;
}

// Operands are put into their home slots; the result, if any ('n': none), takes the first one's
// place.
void Translator::slowOp(Op op, H h, u32 operands, u32 first, u32 second, char result) {
  i64 extra = 0;
  const u32 flags = bulkFlags(op, &extra);
  pending_ += static_cast<i32>(extra);
  flushTop(operands);
  const u32 slot = operands == 0 ? nextHome() : stack_[height() - operands].home;
  emitSlow(h, slot, first | static_cast<u64>(second) << 32,
           flags != 0 ? static_cast<u32>(pending_) : 0, flags);
  if (flags != 0) {
    if (wantOrigins_) out_.origins[cellCount() - 2].pending = 0;  // charged before it can trap
    pending_ = 0;
  }
  dropTo(height() - operands);
  acc_.clear();
  facc_.clear();
  last_.cell = kNone;
  producer_ = kNone;
  if (result == 'n') return;
  push(result);
  if (useAcc_) acc_.entry = height() - 1;
}

void Translator::memoryOp(Op op, u32 first, u32 second) {
  switch (op) {
    case Op::MemorySize: slowOp(op, H::MemorySize, 0, first, 0, addressLetter(first)); break;
    case Op::MemoryGrow: slowOp(op, H::MemoryGrow, 1, first, 0, addressLetter(first)); break;
    case Op::MemoryFill: slowOp(op, H::MemoryFill, 3, first, 0, 'n'); break;
    case Op::MemoryCopy: slowOp(op, H::MemoryCopy, 3, first, second, 'n'); break;
    case Op::MemoryInit: slowOp(op, H::MemoryInit, 3, first, second, 'n'); break;
    case Op::DataDrop: slowOp(op, H::DataDrop, 0, first, 0, 'n'); break;
    default: UNREACHABLE("memory instruction");
  }
}

void Translator::tableOp(Op op, u32 first, u32 second) {
  switch (op) {
    case Op::TableGet: {
      const char type = letterOf(m_.tables[TableIndex{first}].type.elem);
      slowOp(op, H::TableGet, 1, first, 0, type);
      break;
    }
    case Op::TableSet: slowOp(op, H::TableSet, 2, first, 0, 'n'); break;
    case Op::TableSize: slowOp(op, H::TableSize, 0, first, 0, tableLetter(first)); break;
    case Op::TableGrow: slowOp(op, H::TableGrow, 2, first, 0, tableLetter(first)); break;
    case Op::TableFill: slowOp(op, H::TableFill, 3, first, 0, 'n'); break;
    case Op::TableCopy: slowOp(op, H::TableCopy, 3, first, second, 'n'); break;
    case Op::TableInit: slowOp(op, H::TableInit, 3, first, second, 'n'); break;
    case Op::ElemDrop: slowOp(op, H::ElemDrop, 0, first, 0, 'n'); break;
    default: UNREACHABLE("table instruction");
  }
}

}  // namespace bls::interp
