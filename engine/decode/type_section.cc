// The type section: recursion groups, subtypes, function, struct and array types. Spec:
// binary/types, binary/modules.
#include "engine/decode/section_reader.h"
#include "engine/wasm/limits.h"

namespace bls {
namespace {
constexpr u8 kRec = 0x4e, kSubFinal = 0x4f, kSub = 0x50, kArray = 0x5e, kStruct = 0x5f,
             kFunc = 0x60;
}

Status SectionReader::types() {
  u32 n = 0;
  TRY(count("types", limits::kTypes, 0, &n));
  m.types.reserve(reserveFor(n, 2));
  m.typeOffsets.reserve(reserveFor(n, 2));
  for (u32 i = 0; i < n; ++i) TRY(recGroup());
  return {};
}

Status SectionReader::recGroup() {
  u32 start = m.types.size();
  if (in.peek() != kRec) {
    if (start >= limits::kTypes)
      return in.diag().fail(ErrorClass::Limit, "types 1000001 > 1000000", in.offset());
    return subType(start, 1);
  }
  TRY(need(Feature::Gc, "malformed definition type", in.offset()));
  TRY(in.skip(1));
  u32 n = 0;
  TRY(count("types", limits::kTypes, start, &n));
  for (u32 i = 0; i < n; ++i) TRY(subType(start, n));
  return {};
}

Status SectionReader::subType(u32 groupStart, u32 groupSize) {
  u64 at = in.offset();
  m.typeOffsets.push_back(static_cast<u32>(at));
  SubType& type = m.types.push({});
  type.recGroupStart = groupStart;
  type.recGroupSize = groupSize;
  int first = in.peek();
  if (first == kSub || first == kSubFinal) {
    TRY(need(Feature::Gc, "malformed definition type", at));
    TRY(in.skip(1));
    type.isFinal = first == kSubFinal;
    u32 supers = 0;
    TRY(count("supertypes", limits::kTypes, 0, &supers));
    if (supers > 1) defer("type", "sub type has more than one super type", at);
    for (u32 i = 0; i < supers; ++i) {
      u32 super = 0;
      TRY(in.lebU32(&super));
      if (i == 0) type.super = super < kNoType ? super : kNoType - 1;
    }
  }
  return compType(&type);
}

Status SectionReader::compType(SubType* out) {
  u64 at = in.offset();
  u8 form = 0;
  TRY(in.byte(&form));
  switch (form) {
    case kFunc: out->kind = CompKind::Func; return funcType(&out->func);
    case kStruct: {
      TRY(need(Feature::Gc, "malformed definition type", at));
      out->kind = CompKind::Struct;
      u32 n = 0;
      TRY(count("struct fields", limits::kStructFields, 0, &n));
      out->fields.resize(n);
      for (FieldType& f : out->fields) TRY(field(&f));
      return {};
    }
    case kArray:
      TRY(need(Feature::Gc, "malformed definition type", at));
      out->kind = CompKind::Array;
      out->fields.resize(1);
      return field(&out->fields[0]);
    default:
      return malformed(
          form >= 0x80 ? "integer representation too long" : "malformed definition type", at);
  }
}

Status SectionReader::funcType(FuncType* out) {
  TRY(valTypes("parameters", limits::kParams, &out->params));
  return valTypes("results", limits::kResults, &out->results);
}

Status SectionReader::valTypes(const char* item, u32 max, std::vector<ValType>* out) {
  u32 n = 0;
  TRY(count(item, max, 0, &n));
  if (n == 0) return {};
  out->resize(n);
  for (ValType& type : *out) TRY(readValType(in, features, &type));
  return {};
}

Status SectionReader::field(FieldType* out) {
  TRY(readStorageType(in, features, &out->storage));
  u64 at = in.offset();
  u8 mutability = 0;
  TRY(in.byte(&mutability));
  if (mutability > 1) return malformed("malformed mutability", at);
  out->isMutable = mutability == 1;
  return {};
}

}  // namespace bls
