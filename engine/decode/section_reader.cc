// Shared readers (counts, names, limits, types of imports) and the small sections.
#include "engine/decode/section_reader.h"

#include "engine/decode/const_expr.h"
#include "engine/wasm/limits.h"

namespace bls {
namespace {
constexpr u32 kMaxPageLog2 = 63;
}

Status SectionReader::need(Feature feature, const char* text, u64 at) {
  if (BLS_LIKELY(features.has(feature))) return {};
  return failFeatureOff(in.diag(), ErrorClass::Malformed, text, feature, at);
}

void SectionReader::defer(const char* section, const char* text, u64 at) {
  if (m.deferredInvalid != nullptr) return;
  m.deferredInvalid = text;
  m.deferredSection = section;
  m.deferredOffset = static_cast<u32>(at);
}

// A length is out of bounds when the rest of the file could not hold it, and merely ends too early
// otherwise. That also goes for one that its section has no room for: what stands behind the
// section decides.
Status SectionReader::length(u32* out) {
  u64 at = in.offset();
  size_t rest = in.leftOutside();
  if (BLS_UNLIKELY(in.atEnd() && rest != 0 && *in.pos() < 0x80 && *in.pos() >= rest))
    return malformed("length out of bounds", at);
  TRY(in.lebU32(out));
  if (BLS_LIKELY(*out <= in.left())) return {};
  return malformed(*out > rest ? "length out of bounds" : "unexpected end of section or function",
                   at);
}

Status SectionReader::count(const char* item, u64 max, u64 already, u32* out) {
  u64 at = in.offset();
  TRY(length(out));
  u64 total = already + *out;
  if (total > max) {
    std::string text = item;
    text += " " + std::to_string(total) + " > " + std::to_string(max);
    return in.diag().fail(ErrorClass::Limit, std::move(text), at);
  }
  return {};
}

u32 SectionReader::reserveFor(u32 n, u32 minBytes) const {
  size_t most = in.left() / minBytes;
  return n < most ? n : static_cast<u32>(most);
}

Status SectionReader::name(std::string_view* out) {
  u64 at = in.offset();
  u32 length = 0;
  TRY(count("name bytes", limits::kNameBytes, 0, &length));
  std::span<const u8> view;
  TRY(in.bytes(length, &view));
  if (!isValidUtf8(view)) return malformed("malformed UTF-8 encoding", at);
  *out = {reinterpret_cast<const char*>(view.data()), view.size()};
  return {};
}

Status SectionReader::limits(bool isMemory, Limits* out, u8* pageLog2) {
  u64 at = in.offset();
  u8 flags = 0;
  TRY(in.byte(&flags));
  if (flags > (isMemory ? 0x0f : 0x07) || (!isMemory && (flags & 2) != 0)) {
    return malformed("malformed limits flags", at);
  }
  if ((flags & 2) != 0) TRY(need(Feature::Threads, "malformed limits flags", at));
  if ((flags & 4) != 0) TRY(need(Feature::Memory64, "malformed limits flags", at));
  if ((flags & 8) != 0) TRY(need(Feature::CustomPageSizes, "malformed limits flags", at));
  out->hasMax = (flags & 1) != 0;
  out->shared = (flags & 2) != 0;
  out->is64 = (flags & 4) != 0;
  u64* const fields[] = {&out->min, &out->max};
  for (int i = 0; i < (out->hasMax ? 2 : 1); ++i) {
    at = in.offset();
    TRY(in.lebU64(fields[i]));
    if (*fields[i] > 0xffffffffu) TRY(need(Feature::Memory64, "integer too large", at));
  }
  if ((flags & 8) != 0) {
    at = in.offset();
    u32 log2 = 0;
    TRY(in.lebU32(&log2));
    if (log2 > kMaxPageLog2) return malformed("invalid custom page size", at);
    if (log2 != 0 && log2 != 16) defer("memory", "invalid custom page size", at);
    *pageLog2 = static_cast<u8>(log2);
  }
  return {};
}

Status SectionReader::tableType(TableType* out) {
  TRY(readRefType(in, features, &out->elem));
  u8 unused = 0;
  return limits(false, &out->limits, &unused);
}

Status SectionReader::memoryType(MemoryType* out) {
  m.memoryOffsets.push_back(static_cast<u32>(in.offset()));
  return limits(true, &out->limits, &out->pageLog2);
}

Status SectionReader::globalType(GlobalType* out) {
  TRY(readValType(in, features, &out->type));
  u64 at = in.offset();
  u8 mutability = 0;
  TRY(in.byte(&mutability));
  if (mutability > 1) return malformed("malformed mutability", at);
  out->isMutable = mutability == 1;
  return {};
}

Status SectionReader::tagType(TagDecl* out) {
  u64 at = in.offset();
  out->offset = static_cast<u32>(at);
  u8 attribute = 0;
  TRY(in.byte(&attribute));
  if (attribute != 0) return malformed("malformed tag attribute", at);
  return in.lebU32(&out->type);
}

Status SectionReader::imports() {
  u32 n = 0;
  TRY(count("imports", limits::kImports, 0, &n));
  m.imports.reserve(reserveFor(n, 4));
  for (u32 i = 0; i < n; ++i) TRY(import());
  m.importedFuncs = m.funcs.size();
  m.importedTables = m.tables.size();
  m.importedMemories = m.memories.size();
  m.importedGlobals = m.globals.size();
  m.importedTags = m.tags.size();
  return {};
}

Status SectionReader::import() {
  ImportDecl decl;
  decl.offset = static_cast<u32>(in.offset());
  TRY(name(&decl.module));
  TRY(name(&decl.name));
  u64 at = in.offset();
  u8 kind = 0;
  TRY(in.byte(&kind));
  if (kind > 4) return malformed("malformed import kind", at);
  decl.kind = static_cast<ExternKind>(kind);
  switch (decl.kind) {
    case ExternKind::Func: {
      decl.index = m.funcs.size();
      TRY(in.lebU32(&m.funcs.push({}).type));
      break;
    }
    case ExternKind::Table: {
      decl.index = m.tables.size();
      TableDecl& decl2 = m.tables.push({});
      decl2.offset = decl.offset;
      TRY(tableType(&decl2.type));
      break;
    }
    case ExternKind::Memory:
      decl.index = m.memories.size();
      TRY(memoryType(&m.memories.push({})));
      break;
    case ExternKind::Global: {
      decl.index = m.globals.size();
      GlobalDecl& global = m.globals.push({});
      global.offset = decl.offset;
      TRY(globalType(&global.type));
      break;
    }
    case ExternKind::Tag:
      if (!features.has(Feature::LegacyExceptions))
        TRY(need(Feature::Exceptions, "malformed import kind", at));
      decl.index = m.tags.size();
      TRY(tagType(&m.tags.push({})));
      break;
  }
  m.imports.push_back(decl);
  return {};
}

Status SectionReader::functions() {
  u32 n = 0;
  TRY(count("functions", limits::kFunctions, m.funcs.size(), &n));
  m.funcs.reserve(m.funcs.size() + reserveFor(n, 1));
  m.funcTypeOffsets.reserve(reserveFor(n, 1));
  for (u32 i = 0; i < n; ++i) {
    m.funcTypeOffsets.push_back(static_cast<u32>(in.offset()));
    TRY(in.lebU32(&m.funcs.push({}).type));
  }
  return {};
}

Status SectionReader::tables() {
  u32 n = 0;
  TRY(count("tables", limits::kTables, m.tables.size(), &n));
  m.tables.reserve(m.tables.size() + reserveFor(n, 3));
  for (u32 i = 0; i < n; ++i) TRY(table());
  return {};
}

Status SectionReader::table() {
  u64 at = in.offset();
  TableDecl& decl = m.tables.push({});
  decl.offset = static_cast<u32>(at);
  if (in.peek() != 0x40) return tableType(&decl.type);
  TRY(need(Feature::FuncRefs, "malformed reference type", at));
  TRY(in.skip(1));
  at = in.offset();
  u8 zero = 0;
  TRY(in.byte(&zero));
  if (zero != 0) return malformed("zero byte expected", at);
  TRY(tableType(&decl.type));
  decl.hasInit = true;
  return readConstExpr(in, features, &decl.init);
}

Status SectionReader::memories() {
  u32 n = 0;
  TRY(count("memories", limits::kMemories, m.memories.size(), &n));
  for (u32 i = 0; i < n; ++i) TRY(memoryType(&m.memories.push({})));
  return {};
}

Status SectionReader::tags() {
  u32 n = 0;
  TRY(count("tags", limits::kTags, m.tags.size(), &n));
  m.tags.reserve(m.tags.size() + reserveFor(n, 2));
  for (u32 i = 0; i < n; ++i) TRY(tagType(&m.tags.push({})));
  return {};
}

Status SectionReader::globals() {
  u32 n = 0;
  TRY(count("globals", limits::kGlobals, m.globals.size(), &n));
  m.globals.reserve(m.globals.size() + reserveFor(n, 4));
  for (u32 i = 0; i < n; ++i) {
    GlobalDecl& global = m.globals.push({});
    global.offset = static_cast<u32>(in.offset());
    TRY(globalType(&global.type));
    TRY(readConstExpr(in, features, &global.init));
  }
  return {};
}

Status SectionReader::exports() {
  u32 n = 0;
  TRY(count("exports", limits::kExports, 0, &n));
  m.exports.reserve(reserveFor(n, 3));
  for (u32 i = 0; i < n; ++i) {
    ExportDecl decl;
    decl.offset = static_cast<u32>(in.offset());
    TRY(name(&decl.name));
    u64 at = in.offset();
    u8 kind = 0;
    TRY(in.byte(&kind));
    if (kind > 4) return malformed("malformed export kind", at);
    decl.kind = static_cast<ExternKind>(kind);
    if (decl.kind == ExternKind::Tag && !features.has(Feature::LegacyExceptions)) {
      TRY(need(Feature::Exceptions, "malformed export kind", at));
    }
    TRY(in.lebU32(&decl.index));
    m.exports.push_back(decl);
  }
  return {};
}

Status SectionReader::start() {
  m.startOffset = static_cast<u32>(in.offset());
  return in.lebU32(&m.startFunc);
}

Status SectionReader::dataCount() {
  TRY(in.lebU32(&m.dataCount));
  m.hasDataCount = true;
  return {};
}

Status SectionReader::custom() {
  CustomSection section;
  TRY(name(&section.name));
  section.offset = static_cast<u32>(in.offset());
  section.size = static_cast<u32>(in.left());
  m.customs.push_back(section);
  return in.skip(in.left());
}

}  // namespace bls
