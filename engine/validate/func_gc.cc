// Structs and arrays. Spec: valid/instructions, aggregate instructions.
#include "engine/validate/func_validator.h"
#include "engine/wasm/limits.h"

namespace bls {

Status FuncValidator::field(IndexPairImm imm, const FieldType** out) {
  const SubType* type = nullptr;
  TRY(compType(imm.first, CompKind::Struct, &type));
  if (imm.second >= type->fields.size()) return unknown("field", imm.second);
  *out = &type->fields[imm.second];
  return {};
}

Status FuncValidator::arrayField(u32 typeIndex, const FieldType** out) {
  const SubType* type = nullptr;
  TRY(compType(typeIndex, CompKind::Array, &type));
  *out = &type->fields[0];
  return {};
}

Status FuncValidator::on(OpTag<Op::StructNew>, IndexImm imm) {
  const SubType* type = nullptr;
  TRY(compType(imm.index, CompKind::Struct, &type));
  std::vector<ValType> types;
  types.reserve(type->fields.size());
  for (const FieldType& f : type->fields) types.push_back(unpacked(f.storage));
  TRY(popList(types));
  push(refTo(imm.index, false));
  return {};
}

Status FuncValidator::on(OpTag<Op::StructNewDefault>, IndexImm imm) {
  const SubType* type = nullptr;
  TRY(compType(imm.index, CompKind::Struct, &type));
  for (const FieldType& f : type->fields) {
    if (!f.storage.isDefaultable()) return invalid("type mismatch: field type is not defaultable");
  }
  push(refTo(imm.index, false));
  return {};
}

Status FuncValidator::structGet(IndexPairImm imm, bool packed) {
  const FieldType* f = nullptr;
  TRY(field(imm, &f));
  if (f->storage.isPacked() != packed) {
    return invalid(packed ? "type mismatch: field is not packed"
                          : "type mismatch: field is packed");
  }
  TRY(pop(refTo(imm.first, true)));
  push(unpacked(f->storage));
  return {};
}

Status FuncValidator::on(OpTag<Op::StructSet>, IndexPairImm imm) {
  const FieldType* f = nullptr;
  TRY(field(imm, &f));
  if (!f->isMutable) return invalid("immutable field");
  const ValType types[] = {refTo(imm.first, true), unpacked(f->storage)};
  return popList(types);
}

Status FuncValidator::on(OpTag<Op::ArrayNew>, IndexImm imm) {
  const FieldType* f = nullptr;
  TRY(arrayField(imm.index, &f));
  const ValType types[] = {unpacked(f->storage), ValType::I32};
  TRY(popList(types));
  push(refTo(imm.index, false));
  return {};
}

Status FuncValidator::on(OpTag<Op::ArrayNewDefault>, IndexImm imm) {
  const FieldType* f = nullptr;
  TRY(arrayField(imm.index, &f));
  if (!f->storage.isDefaultable()) return invalid("type mismatch: array type is not defaultable");
  TRY(pop(ValType::I32));
  push(refTo(imm.index, false));
  return {};
}

Status FuncValidator::on(OpTag<Op::ArrayNewFixed>, IndexPairImm imm) {
  const FieldType* f = nullptr;
  TRY(arrayField(imm.first, &f));
  if (imm.second > limits::kArrayNewFixed) {
    return fail(ErrorClass::Limit, "array.new_fixed operands " + std::to_string(imm.second) +
                                       " > " + std::to_string(limits::kArrayNewFixed));
  }
  std::vector<ValType> types(imm.second, unpacked(f->storage));
  TRY(popList(types));
  push(refTo(imm.first, false));
  return {};
}

Status FuncValidator::on(OpTag<Op::ArrayNewData>, IndexPairImm imm) {
  const FieldType* f = nullptr;
  if (!m_.hasDataCount) return dataSegment(imm.second);
  TRY(arrayField(imm.first, &f));
  if (f->storage.isRef()) return invalid("array type is not numeric or vector");
  TRY(dataSegment(imm.second));
  const ValType types[] = {ValType::I32, ValType::I32};
  TRY(popList(types));
  push(refTo(imm.first, false));
  return {};
}

Status FuncValidator::on(OpTag<Op::ArrayNewElem>, IndexPairImm imm) {
  const FieldType* f = nullptr;
  ValType elem;
  TRY(arrayField(imm.first, &f));
  TRY(elemSegment(imm.second, &elem));
  if (!isSubtype(m_, elem, f->storage))
    return invalid("type mismatch: element segment does not match array type");
  const ValType types[] = {ValType::I32, ValType::I32};
  TRY(popList(types));
  push(refTo(imm.first, false));
  return {};
}

Status FuncValidator::arrayGet(u32 typeIndex, bool packed) {
  const FieldType* f = nullptr;
  TRY(arrayField(typeIndex, &f));
  if (f->storage.isPacked() != packed) {
    return invalid(packed ? "type mismatch: array is not packed"
                          : "type mismatch: array is packed");
  }
  const ValType types[] = {refTo(typeIndex, true), ValType::I32};
  TRY(popList(types));
  push(unpacked(f->storage));
  return {};
}

Status FuncValidator::on(OpTag<Op::ArraySet>, IndexImm imm) {
  const FieldType* f = nullptr;
  TRY(arrayField(imm.index, &f));
  if (!f->isMutable) return invalid("immutable array");
  const ValType types[] = {refTo(imm.index, true), ValType::I32, unpacked(f->storage)};
  return popList(types);
}

Status FuncValidator::on(OpTag<Op::ArrayLen>, NoImm) {
  TRY(pop(ValType::ref(HeapType::Array, true)));
  push(ValType::I32);
  return {};
}

Status FuncValidator::on(OpTag<Op::ArrayFill>, IndexImm imm) {
  const FieldType* f = nullptr;
  TRY(arrayField(imm.index, &f));
  if (!f->isMutable) return invalid("immutable array");
  const ValType types[] = {refTo(imm.index, true), ValType::I32, unpacked(f->storage),
                           ValType::I32};
  return popList(types);
}

Status FuncValidator::on(OpTag<Op::ArrayCopy>, IndexPairImm imm) {
  const FieldType* dst = nullptr;
  const FieldType* src = nullptr;
  TRY(arrayField(imm.first, &dst));
  TRY(arrayField(imm.second, &src));
  if (!dst->isMutable) return invalid("immutable array");
  bool match = dst->storage.isPacked() || src->storage.isPacked()
                   ? dst->storage == src->storage
                   : isSubtype(m_, src->storage, dst->storage);
  if (!match) return invalid("array types do not match");
  const ValType types[] = {refTo(imm.first, true), ValType::I32, refTo(imm.second, true),
                           ValType::I32, ValType::I32};
  return popList(types);
}

Status FuncValidator::on(OpTag<Op::ArrayInitData>, IndexPairImm imm) {
  const FieldType* f = nullptr;
  if (!m_.hasDataCount) return dataSegment(imm.second);
  TRY(arrayField(imm.first, &f));
  if (!f->isMutable) return invalid("immutable array");
  if (f->storage.isRef()) return invalid("array type is not numeric or vector");
  TRY(dataSegment(imm.second));
  const ValType types[] = {refTo(imm.first, true), ValType::I32, ValType::I32, ValType::I32};
  return popList(types);
}

Status FuncValidator::on(OpTag<Op::ArrayInitElem>, IndexPairImm imm) {
  const FieldType* f = nullptr;
  ValType elem;
  TRY(arrayField(imm.first, &f));
  if (!f->isMutable) return invalid("immutable array");
  TRY(elemSegment(imm.second, &elem));
  if (!isSubtype(m_, elem, f->storage))
    return invalid("type mismatch: element segment does not match array type");
  const ValType types[] = {refTo(imm.first, true), ValType::I32, ValType::I32, ValType::I32};
  return popList(types);
}

}  // namespace bls
