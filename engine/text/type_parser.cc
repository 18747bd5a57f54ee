// Types: the type section, type uses, and the types of tables, memories and globals.
#include "engine/text/module_parser.h"

#include <bit>

namespace bls::text {
namespace {

constexpr u32 kMaxIndexInType = (u32{1} << 22) - 1;  // as decode/type_reader.h

struct HeapWord {
  std::string_view heap;       // in (ref …)
  std::string_view shorthand;  // the nullable reference
  HeapType::Abstract type;
};
constexpr HeapWord kHeapWords[] = {
    {"func", "funcref", HeapType::Func},
    {"extern", "externref", HeapType::Extern},
    {"any", "anyref", HeapType::Any},
    {"eq", "eqref", HeapType::Eq},
    {"i31", "i31ref", HeapType::I31},
    {"struct", "structref", HeapType::Struct},
    {"array", "arrayref", HeapType::Array},
    {"exn", "exnref", HeapType::Exn},
    {"none", "nullref", HeapType::None},
    {"nofunc", "nullfuncref", HeapType::NoFunc},
    {"noextern", "nullexternref", HeapType::NoExtern},
    {"noexn", "nullexnref", HeapType::NoExn},
};

bool plainType(std::string_view word, ValType* out) {
  switch (word.size()) {
    case 3:
      if (word[1] == '3' && word[2] == '2') {
        *out = word[0] == 'i' ? ValType::I32 : ValType::F32;
        return word[0] == 'i' || word[0] == 'f';
      }
      if (word[1] == '6' && word[2] == '4') {
        *out = word[0] == 'i' ? ValType::I64 : ValType::F64;
        return word[0] == 'i' || word[0] == 'f';
      }
      return false;
    case 4: *out = ValType::V128; return word == "v128";
    default: break;
  }
  for (const HeapWord& row : kHeapWords) {
    if (word == row.shorthand) {
      *out = ValType::ref(row.type, true);
      return true;
    }
  }
  return false;
}

}  // namespace

Status ModuleParser::heapType(HeapType* out) {
  if (atIndex()) {
    u32 type = 0;
    TRY(index(Space::Type, &type));
    *out = HeapType::concrete(type < kMaxIndexInType ? type : kMaxIndexInType);
    return {};
  }
  if (is(TokenKind::Keyword)) {
    for (const HeapWord& row : kHeapWords) {
      if (text() == row.heap) {
        *out = row.type;
        ++at_;
        return {};
      }
    }
  }
  return unexpected();
}

Status ModuleParser::valType(ValType* out) {
  if (is(TokenKind::Keyword) && plainType(text(), out)) {
    ++at_;
    return {};
  }
  if (!takeForm("ref")) return unexpected();
  bool nullable = takeWord("null");
  HeapType heap;
  TRY(heapType(&heap));
  *out = ValType::ref(heap, nullable);
  return closeParen();
}

bool ModuleParser::atRefType() const {
  ValType type;
  return atForm("ref") || (is(TokenKind::Keyword) && plainType(text(), &type) && type.isRef());
}

Status ModuleParser::refType(ValType* out) {
  if (!atRefType()) return unexpected();
  return valType(out);
}

Status ModuleParser::fieldType(FieldType* out) {
  out->isMutable = takeForm("mut");
  if (takeWord("i8")) {
    out->storage = ValType::I8;
  } else if (takeWord("i16")) {
    out->storage = ValType::I16;
  } else {
    TRY(valType(&out->storage));
  }
  return out->isMutable ? closeParen() : Status();
}

// Inside (param …), (result …), (local …): types up to the parenthesis, or one named type.
Status ModuleParser::valTypeGroup(std::vector<ValType>* out, bool bindNames) {
  ValType type;
  if (bindNames && (isId() || annotationAt(at_, AnnotationKind::Name) != nullptr)) {
    u32 at = at_;
    std::string_view id = takeId();
    if (!id.empty() && !locals_.add(id, localCount_)) return failNaming(at, "duplicate local");
    std::string given;
    bool has = false;
    TRY(takeNameAnnotation(&given, &has));
    nameInner(&nameSection_.locals, currentFunc_, localCount_, has ? std::string_view(given) : id);
    TRY(valType(&type));
    out->push_back(type);
    ++localCount_;
    return closeParen();
  }
  while (!is(TokenKind::RParen)) {
    TRY(valType(&type));
    out->push_back(type);
    if (bindNames) ++localCount_;
  }
  return closeParen();
}

// Names of parameters are bound as locals, or allowed and dropped, or not allowed.
Status ModuleParser::funcSignature(FuncType* out, ParamNames names) {
  while (takeForm("param")) {
    if (names == ParamNames::Drop && isId()) {
      ++at_;
      ValType type;
      TRY(valType(&type));
      out->params.push_back(type);
      TRY(closeParen());
    } else {
      TRY(valTypeGroup(&out->params, names == ParamNames::Bind));
    }
  }
  while (takeForm("result")) TRY(valTypeGroup(&out->results, false));
  return {};
}

Status ModuleParser::structFields(TextType* out, u32 typeIndex) {
  while (takeForm("field")) {
    u32 number = static_cast<u32>(out->type.fields.size());
    FieldType field;
    if (isId() || annotationAt(at_, AnnotationKind::Name) != nullptr) {
      u32 at = at_;
      std::string_view id = takeId();
      if (!id.empty() && !fieldNames_[typeIndex].add(id, number))
        return failNaming(at, "duplicate field");
      std::string given;
      bool has = false;
      TRY(takeNameAnnotation(&given, &has));
      nameInner(&nameSection_.fields, typeIndex, number, has ? std::string_view(given) : id);
      TRY(fieldType(&field));
      out->type.fields.push_back(field);
    } else {
      while (!is(TokenKind::RParen)) {
        TRY(fieldType(&field));
        out->type.fields.push_back(field);
      }
    }
    TRY(closeParen());
  }
  return {};
}

Status ModuleParser::compositeType(TextType* out, u32 typeIndex) {
  if (takeForm("func")) {
    out->type.kind = CompKind::Func;
    TRY(funcSignature(&out->type.func, ParamNames::Drop));
  } else if (takeForm("struct")) {
    out->type.kind = CompKind::Struct;
    TRY(structFields(out, typeIndex));
  } else if (takeForm("array")) {
    out->type.kind = CompKind::Array;
    FieldType field;
    TRY(fieldType(&field));
    out->type.fields.push_back(field);
  } else {
    return is(TokenKind::LParen) ? (++at_, unexpected()) : unexpected();
  }
  return closeParen();
}

Status ModuleParser::subType(TextType* out, u32 typeIndex) {
  if (!takeForm("sub")) return compositeType(out, typeIndex);
  out->type.isFinal = takeWord("final");
  while (atIndex()) {
    u32 super = 0;
    TRY(index(Space::Type, &super));
    out->supers.push_back(super);
  }
  TRY(compositeType(out, typeIndex));
  return closeParen();
}

// At `(type`.
Status ModuleParser::typeField(u32 recStart, u32 recSize) {
  if (!takeForm("type")) return is(TokenKind::LParen) ? (++at_, unexpected()) : unexpected();
  u32 typeIndex = 0;
  TRY(takeIndex(Space::Type, &typeIndex));
  TextType type;
  type.type.recGroupStart = recStart;
  type.type.recGroupSize = recSize;
  TRY(subType(&type, typeIndex));
  TRY(closeParen());
  bool plain = type.type.kind == CompKind::Func && type.type.isFinal && type.supers.empty();
  if (plain && recSize == 1) typeOfSignature_.emplace(signatureKey(type.type.func), typeIndex);
  types_.push_back(std::move(type));
  return {};
}

Status ModuleParser::parseTypes() {
  u32 kept = at_;
  for (u32 field : typeFields_) {
    at_ = field;
    u32 start = static_cast<u32>(types_.size());
    if (!takeForm("rec")) {
      TRY(typeField(start, 1));
      continue;
    }
    u32 size = 0;
    for (u32 i = at_; i < tokens_[field].match; ++i, ++size) {
      if (tokens_[i].kind != TokenKind::LParen) break;
      i = tokens_[i].match;
    }
    while (is(TokenKind::LParen)) TRY(typeField(start, size));
    TRY(closeParen());
  }
  at_ = kept;
  return {};
}

std::string ModuleParser::signatureKey(const FuncType& type) {
  std::string key;
  auto add = [&](u32 bits) { key.append(reinterpret_cast<const char*>(&bits), sizeof bits); };
  add(static_cast<u32>(type.params.size()));
  for (ValType param : type.params) add(param.bits());
  for (ValType result : type.results) add(result.bits());
  return key;
}

const FuncType* ModuleParser::funcTypeAt(u32 index) const {
  if (index >= types_.size() || types_[index].type.kind != CompKind::Func) return nullptr;
  return &types_[index].type.func;
}

Status ModuleParser::typeUse(TypeUse* out, ParamNames names) {
  u32 at = at_;
  if (takeForm("type")) {
    out->hasIndex = true;
    TRY(index(Space::Type, &out->index));
    TRY(closeParen());
  }
  u32 start = at_;
  TRY(funcSignature(&out->sig, names));
  out->hasInline = at_ != start;
  if (atForm("param") || atForm("type")) {  // out of order
    ++at_;
    return unexpected();
  }
  if (!out->hasIndex || !out->hasInline) return {};
  if (out->index >= types_.size()) return failAt(at, "unknown type");
  const FuncType* declared = funcTypeAt(out->index);
  if (declared == nullptr || !(*declared == out->sig)) return failAt(at, "inline function type");
  return {};
}

u32 ModuleParser::typeIndexOf(const TypeUse& use) {
  if (use.hasIndex) return use.index;
  auto [entry, isNew] =
      typeOfSignature_.emplace(signatureKey(use.sig), static_cast<u32>(types_.size()));
  if (isNew) {
    TextType type;
    type.type.func = use.sig;
    type.type.recGroupStart = static_cast<u32>(types_.size());
    types_.push_back(std::move(type));
  }
  return entry->second;
}

void ModuleParser::writeTypeSection() {
  ModuleWriter::Section& section = writer_.section(SectionId::Type);
  for (u32 i = 0; i < types_.size(); ++i) {
    const TextType& type = types_[i];
    if (type.type.recGroupStart == i) {
      ++section.count;
      if (type.type.recGroupSize != 1) {
        section.body.byte(0x4e);
        section.body.lebU32(type.type.recGroupSize);
      }
    }
    writeSubType(section.body, type.type, type.supers);
  }
}

// [i32|i64] min max? — and for memories `shared`, read by the caller.
Status ModuleParser::limits(Limits* out) {
  if (takeWord("i64")) {
    out->is64 = true;
  } else {
    takeWord("i32");
  }
  bool wide = options_.features.has(Feature::Memory64);
  u32 bits = wide ? 64 : 32;
  const char* what = wide ? "i64 constant out of range" : "i32 constant out of range";
  TRY(takeNat(bits, what, &out->min));
  if (is(TokenKind::Number)) {
    out->hasMax = true;
    TRY(takeNat(bits, what, &out->max));
  }
  return {};
}

Status ModuleParser::tableType(TableType* out) {
  TRY(limits(&out->limits));
  return refType(&out->elem);
}

Status ModuleParser::pageSize(MemoryType* out) {
  if (!takeForm("pagesize")) return {};
  u64 size = 0;
  u32 at = at_;
  TRY(takeNat(64, "i64 constant out of range", &size));
  if (!std::has_single_bit(size)) return failAt(at, "invalid custom page size");
  out->pageLog2 = static_cast<u8>(std::countr_zero(size));
  return closeParen();
}

Status ModuleParser::memoryType(MemoryType* out) {
  TRY(limits(&out->limits));
  out->limits.shared = takeWord("shared");
  return pageSize(out);
}

Status ModuleParser::globalType(GlobalType* out) {
  out->isMutable = takeForm("mut");
  TRY(valType(&out->type));
  return out->isMutable ? closeParen() : Status();
}

}  // namespace bls::text
