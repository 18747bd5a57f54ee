// Element, code and data sections. Spec: binary/modules.
#include "engine/decode/const_expr.h"
#include "engine/decode/section_reader.h"
#include "engine/wasm/limits.h"

namespace bls {

Status SectionReader::elements() {
  u32 n = 0;
  TRY(count("element segments", limits::kElemSegments, 0, &n));
  m.elems.reserve(reserveFor(n, 3));
  for (u32 i = 0; i < n; ++i) TRY(element());
  return {};
}

// Flags: bit 0 not active, bit 1 explicit table (active) or declarative, bit 2 expressions.
Status SectionReader::element() {
  u64 at = in.offset();
  u32 flags = 0;
  TRY(in.lebU32(&flags));
  ElemDecl& elem = m.elems.push({});
  elem.fileOffset = static_cast<u32>(at);
  if (!features.has(Feature::BulkMemory)) {  // 1.0: the field is the table index
    elem.table = flags;
    flags = 0;
  }
  if (flags > 7) return malformed("malformed elements segment kind", at);
  bool active = (flags & 1) == 0;
  elem.mode = active             ? SegmentMode::Active
              : (flags & 2) != 0 ? SegmentMode::Declarative
                                 : SegmentMode::Passive;
  if ((flags & 4) != 0) TRY(need(Feature::RefTypes, "malformed elements segment kind", at));
  if (active && (flags & 2) != 0) TRY(in.lebU32(&elem.table));
  if (active) TRY(readConstExpr(in, features, &elem.offset));
  elem.isExprs = (flags & 4) != 0;
  if ((flags & 3) != 0) {
    at = in.offset();
    if (elem.isExprs) {
      TRY(readRefType(in, features, &elem.type));
    } else {
      u8 kind = 0;
      TRY(in.byte(&kind));
      if (kind != 0) return malformed("malformed element kind", at);
    }
  }
  if (!elem.isExprs) elem.type = ValType::ref(HeapType::Func, !features.has(Feature::FuncRefs));
  u32 n = 0;
  TRY(count("element segment entries", limits::kElemSegmentEntries, 0, &n));
  if (!elem.isExprs) {
    elem.funcs.resize(n);
    for (u32& func : elem.funcs) TRY(in.lebU32(&func));
    return {};
  }
  elem.exprs.reserve(reserveFor(n, 2));
  for (u32 i = 0; i < n; ++i) {
    ConstExpr expr;
    TRY(readConstExpr(in, features, &expr));
    elem.exprs.push_back(expr);
  }
  return {};
}

Status SectionReader::code() {
  m.codeOffset = static_cast<u32>(in.offset());
  m.codeSize = static_cast<u32>(in.left());
  u64 at = in.offset();
  u32 n = 0;
  TRY(length(&n));
  if (n != m.funcs.size() - m.importedFuncs) {
    return malformed(kCodeCountMessage, at);
  }
  for (u32 i = 0; i < n; ++i) {
    at = in.offset();
    u32 size = 0;
    TRY(length(&size));
    if (size > limits::kFunctionBodyBytes) {
      return in.diag().fail(ErrorClass::Limit,
                            "function body bytes " + std::to_string(size) + " > " +
                                std::to_string(limits::kFunctionBodyBytes),
                            at);
    }
    FuncDecl& func = m.funcs[FuncIndex{m.importedFuncs + i}];
    func.bodyOffset = static_cast<u32>(in.offset());
    func.bodySize = size;
    TRY(in.skip(size));
  }
  return {};
}

Status SectionReader::data() {
  u64 at = in.offset();
  u32 n = 0;
  TRY(count("data segments", limits::kDataSegments, 0, &n));
  if (m.hasDataCount && n != m.dataCount) {
    return malformed("data count and data section have inconsistent lengths", at);
  }
  m.datas.reserve(reserveFor(n, 2));
  for (u32 i = 0; i < n; ++i) TRY(dataSegment());
  return {};
}

Status SectionReader::dataSegment() {
  u64 at = in.offset();
  DataDecl& data = m.datas.push({});
  data.fileOffset = static_cast<u32>(at);
  u32 flags = 0;
  TRY(in.lebU32(&flags));
  if (!features.has(Feature::BulkMemory)) {  // 1.0: the field is the memory index
    data.memory = flags;
    flags = 0;
  }
  if (flags > 2) return malformed("malformed data segment kind", at);
  data.mode = flags == 1 ? SegmentMode::Passive : SegmentMode::Active;
  if (flags == 2) TRY(in.lebU32(&data.memory));
  if (data.mode == SegmentMode::Active) TRY(readConstExpr(in, features, &data.offset));
  u32 size = 0;
  TRY(length(&size));
  data.bytesOffset = static_cast<u32>(in.offset());
  data.bytesSize = size;
  return in.skip(size);
}

}  // namespace bls
