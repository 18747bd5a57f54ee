// References, casts and i31. Spec: valid/instructions, reference instructions.
#include "engine/validate/func_validator.h"

namespace bls {

Status FuncValidator::on(OpTag<Op::RefNull>, HeapTypeImm imm) {
  TRY(heapType(imm.heap));
  push(ValType::ref(imm.heap, true));
  return {};
}

Status FuncValidator::on(OpTag<Op::RefIsNull>, NoImm) {
  ValType type;
  TRY(popRef(&type));
  push(ValType::I32);
  return {};
}

Status FuncValidator::on(OpTag<Op::RefFunc>, IndexImm imm) {
  if (imm.index >= m_.funcs.size()) return unknown("function", imm.index);
  if (collect_ != nullptr) {
    (*collect_)[imm.index] = true;
  } else if (!context_.declaredFuncs[imm.index]) {
    return fail(ErrorClass::Invalid, "undeclared function reference " + std::to_string(imm.index));
  }
  u32 type = m_.funcs[FuncIndex{imm.index}].type;
  push(m_.features.has(Feature::FuncRefs) ? refTo(type, false) : ValType::funcref());
  return {};
}

Status FuncValidator::on(OpTag<Op::RefEq>, NoImm) {
  const ValType types[] = {ValType::ref(HeapType::Eq, true), ValType::ref(HeapType::Eq, true)};
  TRY(popList(types));
  push(ValType::I32);
  return {};
}

Status FuncValidator::on(OpTag<Op::RefAsNonNull>, NoImm) {
  ValType type;
  TRY(popRef(&type));
  push(type == ValType::Bottom ? type : type.asNonNull());
  return {};
}

Status FuncValidator::on(OpTag<Op::BrOnNull>, IndexImm imm) {
  ValType type;
  Frame* target = nullptr;
  TRY(label(imm.index, &target));
  TRY(popRef(&type));
  TRY(popList(labelTypes(*target)));
  TRY(pushList(labelTypes(*target)));
  push(type == ValType::Bottom ? type : type.asNonNull());
  return {};
}

Status FuncValidator::on(OpTag<Op::BrOnNonNull>, IndexImm imm) {
  Frame* target = nullptr;
  TRY(label(imm.index, &target));
  TypeSpan types = labelTypes(*target);
  if (types.empty() || !types.back().isRef()) {
    return invalid("type mismatch: instruction requires a label whose last type is a reference");
  }
  TRY(pop(types.back().asNullable()));
  TRY(popList(types.first(types.size() - 1)));
  return pushList(types.first(types.size() - 1));
}

Status FuncValidator::refTest(HeapType heap, bool) {
  TRY(heapType(heap));
  TRY(pop(ValType::ref(topOf(m_, heap), true)));
  push(ValType::I32);
  return {};
}

Status FuncValidator::refCast(HeapType heap, bool nullable) {
  TRY(heapType(heap));
  TRY(pop(ValType::ref(topOf(m_, heap), true)));
  push(ValType::ref(heap, nullable));
  return {};
}

// br_on_cast l rt1 rt2: rt2 must match rt1; the label gets rt2 and the fall-through rt1 minus rt2;
// …_fail the other way round.
Status FuncValidator::branchOnCast(const CastLabelImm& imm, bool onFail) {
  Frame* target = nullptr;
  TRY(label(imm.label, &target));
  TRY(heapType(imm.source));
  TRY(heapType(imm.target));
  ValType source = ValType::ref(imm.source, imm.sourceNullable);
  ValType cast = ValType::ref(imm.target, imm.targetNullable);
  if (!isSubtype(m_, cast, source)) {
    return fail(ErrorClass::Invalid, "type mismatch: cast target " + toString(cast) +
                                         " is no subtype of " + toString(source));
  }
  ValType rest = imm.targetNullable ? source.asNonNull() : source;
  ValType branched = onFail ? rest : cast;
  ValType kept = onFail ? cast : rest;
  TypeSpan types = labelTypes(*target);
  if (types.empty() || !isSubtype(m_, branched, types.back())) {
    return fail(ErrorClass::Invalid, "type mismatch: label does not take " + toString(branched));
  }
  TRY(pop(source));
  TypeSpan below = types.first(types.size() - 1);
  TRY(popList(below));
  TRY(pushList(below));
  push(kept);
  return {};
}

Status FuncValidator::convert(HeapType from, HeapType to) {
  ValType type;
  TRY(popRef(&type));
  bool nullable = type != ValType::Bottom && type.nullable();
  if (type != ValType::Bottom && !isHeapSubtype(m_, type.heap(), from)) {
    return fail(ErrorClass::Invalid, "type mismatch: instruction requires [" +
                                         toString(ValType::ref(from, true)) + "] but stack has [" +
                                         toString(type) + "]");
  }
  push(ValType::ref(to, nullable));
  return {};
}

Status FuncValidator::on(OpTag<Op::RefI31>, NoImm) {
  TRY(pop(ValType::I32));
  push(ValType::ref(HeapType::I31, false));
  return {};
}

Status FuncValidator::i31Get() {
  TRY(pop(ValType::ref(HeapType::I31, true)));
  push(ValType::I32);
  return {};
}

}  // namespace bls
