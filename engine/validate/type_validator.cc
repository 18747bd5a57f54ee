// Type section rules; see type_validator.h.
#include "engine/validate/type_validator.h"

#include "engine/decode/type_reader.h"
#include "engine/module/type_canon.h"
#include "engine/wasm/limits.h"

namespace bls {
namespace {

class TypeValidator {
 public:
  TypeValidator(const Module& m, Diagnostics& diag) : m_(m), diag_(diag) {}

  Status run() {
    for (u32 i = 0; i < m_.types.size(); ++i) {
      index_ = i;
      TRY(references(m_.type(i)));
    }
    for (u32 i = 0; i < m_.types.size(); ++i) {
      index_ = i;
      if (m_.canonTypes[i] == kNoCanonType) {
        return fail(ErrorClass::Limit,
                    "canonical types " + std::to_string(kMaxCanonTypes) + " are in use");
      }
      if (m_.type(i).super != kNoType) TRY(superType(m_.type(i)));
    }
    return {};
  }

 private:
  Status fail(ErrorClass cls, std::string text) {
    return diag_.fail({cls, std::move(text), m_.typeOffsets[index_], "type", kNoFunc});
  }

  Status references(const SubType& type) {
    if (type.func.results.size() > 1 && !m_.features.has(Feature::MultiValue)) {
      return failFeatureOff(diag_, ErrorClass::Invalid, "invalid result arity", Feature::MultiValue,
                            m_.typeOffsets[index_]);
    }
    u32 end = type.recGroupStart + type.recGroupSize;
    if (type.super != kNoType && type.super >= end) return unknown(type.super);
    for (ValType t : type.func.params) TRY(reference(t, end));
    for (ValType t : type.func.results) TRY(reference(t, end));
    for (const FieldType& f : type.fields) TRY(reference(f.storage, end));
    return {};
  }
  Status reference(ValType type, u32 end) {
    if (!type.isRef() || !type.heap().isConcrete() || type.heap().typeIndex() < end) return {};
    return unknown(type.heap().typeIndex());
  }
  Status unknown(u32 type) {
    return fail(ErrorClass::Invalid, "unknown type " + std::to_string(type));
  }

  Status superType(const SubType& type) {
    std::string which = "sub type " + std::to_string(index_);
    std::string super = " super type " + std::to_string(type.super);
    if (type.super >= index_) return fail(ErrorClass::Invalid, which + " comes before its" + super);
    const SubType& parent = m_.type(type.super);
    if (parent.isFinal) return fail(ErrorClass::Invalid, which + " has final" + super);
    if (parent.kind != type.kind || !matches(type, parent)) {
      return fail(ErrorClass::Invalid, which + " does not match" + super);
    }
    u32 depth = TypeRegistry::global().depth(m_.canonTypes[index_]);
    if (depth > limits::kSubtypeDepth) {
      return fail(ErrorClass::Limit, "subtype depth " + std::to_string(depth) + " > " +
                                         std::to_string(limits::kSubtypeDepth));
    }
    return {};
  }

  bool matches(const SubType& sub, const SubType& super) const {
    switch (sub.kind) {
      case CompKind::Func:
        return listMatches(super.func.params, sub.func.params) &&
               listMatches(sub.func.results, super.func.results);
      case CompKind::Struct:
        if (sub.fields.size() < super.fields.size()) return false;
        break;
      case CompKind::Array: break;
    }
    for (size_t i = 0; i < super.fields.size(); ++i) {
      if (!fieldMatches(sub.fields[i], super.fields[i])) return false;
    }
    return true;
  }
  bool listMatches(const std::vector<ValType>& sub, const std::vector<ValType>& super) const {
    if (sub.size() != super.size()) return false;
    for (size_t i = 0; i < sub.size(); ++i) {
      if (!isSubtype(m_, sub[i], super[i])) return false;
    }
    return true;
  }
  // Mutable fields match exactly (subtypes both ways), others covariantly.
  bool fieldMatches(const FieldType& sub, const FieldType& super) const {
    if (sub.isMutable != super.isMutable || !isSubtype(m_, sub.storage, super.storage))
      return false;
    return !sub.isMutable || isSubtype(m_, super.storage, sub.storage);
  }

  const Module& m_;
  Diagnostics& diag_;
  u32 index_ = 0;
};

}  // namespace

Status validateTypes(const Module& m, Diagnostics& diag) { return TypeValidator(m, diag).run(); }

}  // namespace bls
