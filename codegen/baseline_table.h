// Baseline: tables, function references, null tests, call_ref. A function reference is the address
// of its FuncObj, null is 0; tables of other references are plain words. Included by the
// instantiating source.
#pragma once

#include "codegen/baseline.h"
#include "codegen/check_site.h"

namespace bls::codegen {

// ---- References

template <class M>
template <Op O, class Imm>
void Baseline<M>::reference([[maybe_unused]] const Imm& imm) {
  if constexpr (O == Op::RefNull) {
    v_.pushConst(letterOf(imm.heap), 0);
  } else if constexpr (O == Op::RefIsNull) {
    v_.pushConst('r', 0);
    compareInt(Cond::Eq, Width::W64);
  } else if constexpr (O == Op::RefEq) {
    compareInt(Cond::Eq, Width::W64);
  } else if constexpr (O == Op::RefFunc) {
    runtimeOp(RuntimeCall::RefFunc, 0, imm.index, 0, 0, 'r');
  } else if constexpr (O == Op::RefAsNonNull) {
    refAsNonNull();
  } else if constexpr (O == Op::BrOnNull) {
    brOnNull(imm.index);
  } else if constexpr (O == Op::BrOnNonNull) {
    brOnNonNull(imm.index);
  } else {
    unsupported();
  }
}

template <class M>
void Baseline<M>::refAsNonNull() {
  Val ref = v_.pop();
  const RegId reg = v_.inReg(ref);
  m_.compareImm(Width::W64, general(reg), 0);
  CHECK_SITE(NonNull) m_.branchOnFlags(Cond::Eq, trap(Trap::NullReference));
  v_.pushReg(ref.type, reg, ref.stored);
}

/// The condition of the next branch: whether a reference is null.
template <class M>
void Baseline<M>::setNullCondition(Cond cond, RegId reg) {
  v_.hold(reg);
  condition_ = {};
  condition_.kind = Condition::IntImm;
  condition_.cond = cond;
  condition_.width = Width::W64;
  condition_.a = reg;
}

/// Branches without the reference when it is null; else it stays.
template <class M>
void Baseline<M>::brOnNull(u32 depth) {
  Val ref = v_.pop();
  const RegId reg = v_.inReg(ref);
  setNullCondition(Cond::Eq, reg);
  brIf(depth);
  v_.pushReg(ref.type, reg, ref.stored);
}

/// Branches with the reference when it is not null; else it is dropped.
template <class M>
void Baseline<M>::brOnNonNull(u32 depth) {
  Val ref = v_.pop();
  const RegId reg = v_.inReg(ref);
  v_.pushReg(ref.type, reg, ref.stored);
  setNullCondition(Cond::Ne, reg);
  brIf(depth);
  v_.pop();
}

// ---- Tables

template <class M>
template <Op O, class Imm>
void Baseline<M>::tableOp(const Imm& imm) {
  if constexpr (O == Op::TableGet) {
    tableGet(imm.index);
  } else if constexpr (O == Op::TableSet) {
    tableSet(imm.index);
  } else if constexpr (O == Op::TableSize) {
    tableSize(imm.index);
  } else if constexpr (O == Op::TableGrow) {
    bulk(O, RuntimeCall::TableGrow, 2, imm.index, 0, indexLetter(tableLimits(imm.index)));
  } else if constexpr (O == Op::TableFill) {
    bulk(O, RuntimeCall::TableFill, 3, imm.index, 0, 'n');
  } else if constexpr (O == Op::TableCopy) {
    bulk(O, RuntimeCall::TableCopy, 3, imm.first, imm.second, 'n');
  } else if constexpr (O == Op::TableInit) {
    bulk(O, RuntimeCall::TableInit, 3, imm.first, imm.second, 'n');
  } else {
    static_assert(O == Op::ElemDrop);
    bulk(O, RuntimeCall::ElemDrop, 0, imm.index, 0, 'n');
  }
}

/// The table's object, which the table keeps for as long as the instance lives.
template <class M>
void Baseline<M>::loadTable(Reg d, u32 table) {
  m_.load(Access::U64, d, Address::at(M::kContext, layout::cx::instance));
  m_.load(Access::U64, d, Address::at(d, layout::instance::tables));
  m_.load(Access::U64, d, Address::at(d, static_cast<i32>(table * 8)));
}

/// The address of a table's entry or word at a popped index, in a new register.
template <class M>
Reg Baseline<M>::tableEntry(Val& index, u32 table) {
  const Reg at = general(v_.inReg(index));
  const Reg object = general(v_.take(false));
  const Reg entry = general(v_.take(false));
  const Address size = Address::at(object, layout::table::size);
  loadTable(object, table);
  m_.compareMemory(Width::W64, size, at);
  CHECK_SITE(TableBounds) m_.branchOnFlags(Cond::LeU, trap(Trap::TableOutOfBounds));
  m_.clampIndex(entry, at, size);  // as for call_indirect: no speculative access beyond the table
  const bool isFunc = isFuncTable(table);
  m_.load(Access::U64, object,
          Address::at(object, isFunc ? layout::table::entries : layout::table::refs));
  m_.shiftImm(ShiftOp::Shl, Width::W64, entry, entry, isFunc ? layout::entry::kShift : 3);
  m_.intOp(IntOp::Add, Width::W64, entry, entry, object);
  return entry;
}

template <class M>
void Baseline<M>::tableGet(u32 table) {
  const char type = letterOf(module_.tables[TableIndex{table}].type.elem);
  Val index = v_.pop();
  const Reg entry = tableEntry(index, table);
  m_.load(Access::U64, entry, Address::at(entry, isFuncTable(table) ? layout::entry::func : 0));
  v_.pushReg(type, idOf(entry));
}

/// What makeTableEntry does: code and instance stay null for host functions.
template <class M>
void Baseline<M>::tableSet(u32 table) {
  Val value = v_.pop();
  Val index = v_.pop();
  const Reg func = general(v_.inReg(value));
  const Reg entry = tableEntry(index, table);
  if (!isFuncTable(table)) {
    m_.store(8, Address::at(entry, 0), func);
    return;
  }
  const Reg part = general(v_.take(false));
  const auto field = [&](i32 offset) { return Address::at(entry, offset); };
  Label done;
  m_.store(8, field(layout::entry::func), func);
  m_.storeConstant(field(layout::entry::code), 0);
  m_.storeConstant(field(layout::entry::instance), 0);
  m_.storeConstant(field(layout::entry::canonType), kEmptyEntryType);
  m_.compareImm(Width::W64, func, 0);
  CHECK_SITE(TableSetNull) m_.branchOnFlags(Cond::Eq, done);
  m_.load(Access::U32, part, Address::at(func, layout::func::canonType));
  m_.store(8, field(layout::entry::canonType), part);
  m_.load(Access::U64, part, Address::at(func, layout::func::code));
  m_.store(8, field(layout::entry::code), part);
  m_.compareImm(Width::W64, part, 0);
  m_.branchOnFlags(Cond::Eq, done);
  m_.load(Access::U64, part, Address::at(func, layout::func::instance));
  m_.store(8, field(layout::entry::instance), part);
  m_.bind(done);
}

template <class M>
void Baseline<M>::tableSize(u32 table) {
  const char type = indexLetter(tableLimits(table));
  const RegId d = resultFor(type, nullptr, nullptr);
  loadTable(general(d), table);
  m_.load(Access::U64, general(d), Address::at(general(d), layout::table::size));
  v_.pushReg(type, d);
}

// ---- Calls through references

template <class M>
void Baseline<M>::callRef(u32 typeIndex) {
  const FuncType& type = module_.type(typeIndex).func;
  if (!supportedTypes(type.params) || !supportedTypes(type.results)) return unsupported();
  Val ref = v_.pop();
  const RegId reg = v_.inReg(ref);
  // As in callIndirect: the register outlives the flush.
  const u32 frame = beginCall(type);
  const Reg func = M::kArguments[0];
  const Reg instance = M::kArguments[1];
  m_.move(Width::W64, func, general(reg));
  m_.compareImm(Width::W64, func, 0);
  CHECK_SITE(CallRefNull) m_.branchOnFlags(Cond::Eq, trap(Trap::NullFunctionRef));
  moveFrame(static_cast<i32>(frame));
  Label slow;
  Label done;
  m_.load(Access::U64, instance, Address::at(M::kContext, layout::cx::instance));
  m_.compareMemory(Width::W64, Address::at(func, layout::func::instance), instance);
  CHECK_SITE(CallRefInstance) m_.branchOnFlags(Cond::Ne, slow);  // the host's have no instance
  m_.load(Access::U64, M::kStubArgument, Address::at(func, layout::func::code));
  m_.callAt(Address::at(M::kStubArgument, layout::code::native));
  site(m_.position());
  m_.jump(done);
  m_.bind(slow);
  callFar();
  m_.bind(done);
  endCall(type, frame);
}

}  // namespace bls::codegen
