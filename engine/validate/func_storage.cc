// Memory and table instructions. Spec: valid/instructions, memory and table instructions.
#include "engine/validate/func_validator.h"

namespace bls {
namespace {
ValType smaller(ValType a, ValType b) { return a == ValType::I32 ? a : b; }
}  // namespace

Status FuncValidator::memory(u32 index, ValType* addressType) {
  if (index >= m_.memories.size()) return unknown("memory", index);
  *addressType = m_.memories[MemoryIndex{index}].addressType();
  return {};
}

Status FuncValidator::table(u32 index, const TableType** out) {
  if (index >= m_.tables.size()) return unknown("table", index);
  *out = &m_.tables[TableIndex{index}].type;
  return {};
}

Status FuncValidator::dataSegment(u32 index) {
  if (!m_.hasDataCount) return fail(ErrorClass::Malformed, "data count section required");
  return index < m_.dataCount ? Status() : unknown("data segment", index);
}

Status FuncValidator::elemSegment(u32 index, ValType* type) {
  if (index >= m_.elems.size()) return unknown("elem segment", index);
  *type = m_.elems[ElemIndex{index}].type;
  return {};
}

Status FuncValidator::on(OpTag<Op::MemorySize>, IndexImm imm) {
  ValType address;
  TRY(memory(imm.index, &address));
  push(address);
  return {};
}

Status FuncValidator::on(OpTag<Op::MemoryGrow>, IndexImm imm) {
  ValType address;
  TRY(memory(imm.index, &address));
  TRY(pop(address));
  push(address);
  return {};
}

Status FuncValidator::on(OpTag<Op::MemoryInit>, IndexPairImm imm) {
  ValType address;
  if (!m_.hasDataCount) return dataSegment(imm.first);
  TRY(memory(imm.second, &address));
  TRY(dataSegment(imm.first));
  const ValType types[] = {address, ValType::I32, ValType::I32};
  return popList(types);
}

Status FuncValidator::on(OpTag<Op::DataDrop>, IndexImm imm) { return dataSegment(imm.index); }

Status FuncValidator::on(OpTag<Op::MemoryCopy>, IndexPairImm imm) {
  ValType dst;
  ValType src;
  TRY(memory(imm.first, &dst));
  TRY(memory(imm.second, &src));
  const ValType types[] = {dst, src, smaller(dst, src)};
  return popList(types);
}

Status FuncValidator::on(OpTag<Op::MemoryFill>, IndexImm imm) {
  ValType address;
  TRY(memory(imm.index, &address));
  const ValType types[] = {address, ValType::I32, address};
  return popList(types);
}

Status FuncValidator::on(OpTag<Op::TableGet>, IndexImm imm) {
  const TableType* type = nullptr;
  TRY(table(imm.index, &type));
  TRY(pop(type->addressType()));
  push(type->elem);
  return {};
}

Status FuncValidator::on(OpTag<Op::TableSet>, IndexImm imm) {
  const TableType* type = nullptr;
  TRY(table(imm.index, &type));
  const ValType types[] = {type->addressType(), type->elem};
  return popList(types);
}

Status FuncValidator::on(OpTag<Op::TableInit>, IndexPairImm imm) {
  const TableType* type = nullptr;
  ValType elem;
  TRY(table(imm.second, &type));
  TRY(elemSegment(imm.first, &elem));
  if (!isSubtype(m_, elem, type->elem)) {
    return fail(ErrorClass::Invalid, "type mismatch: element segment has " + toString(elem) +
                                         " but table has " + toString(type->elem));
  }
  const ValType types[] = {type->addressType(), ValType::I32, ValType::I32};
  return popList(types);
}

Status FuncValidator::on(OpTag<Op::ElemDrop>, IndexImm imm) {
  ValType type;
  return elemSegment(imm.index, &type);
}

Status FuncValidator::on(OpTag<Op::TableCopy>, IndexPairImm imm) {
  const TableType* dst = nullptr;
  const TableType* src = nullptr;
  TRY(table(imm.first, &dst));
  TRY(table(imm.second, &src));
  if (!isSubtype(m_, src->elem, dst->elem)) {
    return fail(ErrorClass::Invalid, "type mismatch: source table has " + toString(src->elem) +
                                         " but destination table has " + toString(dst->elem));
  }
  const ValType types[] = {dst->addressType(), src->addressType(),
                           smaller(dst->addressType(), src->addressType())};
  return popList(types);
}

Status FuncValidator::on(OpTag<Op::TableGrow>, IndexImm imm) {
  const TableType* type = nullptr;
  TRY(table(imm.index, &type));
  const ValType types[] = {type->elem, type->addressType()};
  TRY(popList(types));
  push(type->addressType());
  return {};
}

Status FuncValidator::on(OpTag<Op::TableSize>, IndexImm imm) {
  const TableType* type = nullptr;
  TRY(table(imm.index, &type));
  push(type->addressType());
  return {};
}

Status FuncValidator::on(OpTag<Op::TableFill>, IndexImm imm) {
  const TableType* type = nullptr;
  TRY(table(imm.index, &type));
  const ValType types[] = {type->addressType(), type->elem, type->addressType()};
  return popList(types);
}

}  // namespace bls
