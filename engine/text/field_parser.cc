// Third pass: fields in order. Imports, exports, functions, tables, memories, globals, tags, start.
#include "engine/text/module_parser.h"

namespace bls::text {

Status ModuleParser::parse(u32 first, u32 end, std::string_view moduleId, u32 nameAt,
                           std::vector<u8>* out) {
  first_ = first;
  end_ = end;
  if (options_.names && !moduleId.empty()) {
    nameSection_.hasModule = true;
    nameSection_.module = moduleId;
  }
  TRY(moduleNameAnnotation(nameAt));
  TRY(scanNames());
  TRY(parseTypes());
  TRY(parseFields());
  TRY(checkAllUsed(first_, end_));
  writeTypeSection();
  writeHints();
  writeNames();
  u32 datas = next_[static_cast<u32>(Space::Data)];
  if (usesDataIndex_) {
    writer_.section(SectionId::DataCount).count = 1;
    writer_.section(SectionId::DataCount).body.lebU32(datas);
  }
  *out = writer_.finish();
  return {};
}

Status ModuleParser::parseFields() {
  at_ = first_;
  // Types were numbered by the second pass; the third only steps over them.
  while (at_ < end_) {
    TRY(customAnnotations());
    const u32 token = at_;
    const u64 before = queriedEntries();
    TRY(field());
    if (query_ != nullptr && query_->section != 0) noteField(token, before);
  }
  TRY(customAnnotations());
  return at_ == end_ ? Status() : unexpected();
}

// Bytes written so far to the section that is asked for.
u64 ModuleParser::queriedEntries() {
  if (query_ == nullptr || query_->section == 0) return 0;
  return writer_.section(static_cast<SectionId>(query_->section)).body.size();
}

void ModuleParser::noteField(u32 token, u64 before) {
  if (query_->offset < before || query_->offset >= queriedEntries()) return;
  query_->found = true;
  query_->at = positionOf(list_->source, tokens_[token].pos);
}

Status ModuleParser::field() {
  if (!is(TokenKind::LParen)) return unexpected();
  u32 match = tokens_[at_].match;
  ++at_;
  if (!is(TokenKind::Keyword)) return unexpected();
  std::string_view word = text();
  if (word == "type" || word == "rec") {
    at_ = match + 1;
    return {};
  }
  u32 keyword = at_++;
  if (word == "func") return funcField();
  if (word == "import") return importField();
  if (word == "export") return exportField();
  if (word == "table") return tableField();
  if (word == "memory") return memoryField();
  if (word == "global") return globalField();
  if (word == "tag") return tagField();
  if (word == "elem") return elemField();
  if (word == "data") return dataField();
  if (word == "start") return startField();
  at_ = keyword;
  return unexpected();
}

Status ModuleParser::takeIndex(Space space, u32* index) {
  *index = next_[static_cast<u32>(space)]++;
  std::string_view id = takeId();
  std::string given;
  bool has = false;
  TRY(takeNameAnnotation(&given, &has));
  nameThing(space, *index, has ? std::string_view(given) : id);
  return {};
}

// ---- imports and exports

Status ModuleParser::checkImportOrder() {
  if (lastDefinition_ == nullptr) return {};
  return fail(std::string("import after ") + lastDefinition_ + " definition");
}

Status ModuleParser::noteDefinition(Space space) {
  lastDefinition_ = spaceName(space);
  return {};
}

void ModuleParser::beginImport(std::string_view module, std::string_view name, ExternKind kind) {
  ModuleWriter::Section& section = writer_.section(SectionId::Import);
  ++section.count;
  section.body.name(module);
  section.body.name(name);
  section.body.byte(static_cast<u8>(kind));
}

void ModuleParser::addExport(std::string_view name, ExternKind kind, u32 index) {
  ModuleWriter::Section& section = writer_.section(SectionId::Export);
  ++section.count;
  section.body.name(name);
  section.body.byte(static_cast<u8>(kind));
  section.body.lebU32(index);
}

Status ModuleParser::inlineExports(ExternKind kind, u32 index) {
  while (takeForm("export")) {
    std::string name;
    TRY(takeName(&name));
    TRY(closeParen());
    addExport(name, kind, index);
  }
  return {};
}

Status ModuleParser::inlineImport(ExternKind kind, Space space, bool* isImport) {
  *isImport = atForm("import");
  if (!*isImport) return noteDefinition(space);
  TRY(checkImportOrder());
  at_ += 2;
  std::string module, name;
  TRY(takeName(&module));
  TRY(takeName(&name));
  TRY(closeParen());
  beginImport(module, name, kind);
  return {};
}

namespace {

struct KindWord {
  std::string_view word;
  ExternKind kind;
  Space space;
};
constexpr KindWord kKindWords[] = {{"func", ExternKind::Func, Space::Func},
                                   {"table", ExternKind::Table, Space::Table},
                                   {"memory", ExternKind::Memory, Space::Memory},
                                   {"global", ExternKind::Global, Space::Global},
                                   {"tag", ExternKind::Tag, Space::Tag}};

}  // namespace

Status ModuleParser::importField() {
  TRY(checkImportOrder());
  std::string module, name;
  TRY(takeName(&module));
  TRY(takeName(&name));
  if (!is(TokenKind::LParen)) return unexpected();
  ++at_;
  const KindWord* row = nullptr;
  for (const KindWord& known : kKindWords) {
    if (takeWord(known.word)) {
      row = &known;
      break;
    }
  }
  if (row == nullptr) return unexpected();
  u32 index = 0;
  TRY(takeIndex(row->space, &index));
  beginImport(module, name, row->kind);
  TRY(importedType(row->kind, index));
  TRY(closeParen());
  return closeParen();
}

// The type part of an import, written behind its names.
Status ModuleParser::importedType(ExternKind kind, u32 index) {
  ByteWriter& out = writer_.section(SectionId::Import).body;
  switch (kind) {
    case ExternKind::Func:
    case ExternKind::Tag: {
      locals_.clear();
      localCount_ = 0;
      currentFunc_ = kind == ExternKind::Func ? index : kNoFunc;
      TypeUse use;
      TRY(typeUse(&use, ParamNames::Bind));
      if (kind == ExternKind::Tag) out.byte(0);
      out.lebU32(typeIndexOf(use));
      return {};
    }
    case ExternKind::Table: {
      TableType type;
      TRY(tableType(&type));
      writeTableType(out, type);
      return {};
    }
    case ExternKind::Memory: {
      MemoryType type;
      TRY(memoryType(&type));
      writeMemoryType(out, type);
      return {};
    }
    case ExternKind::Global: {
      GlobalType type;
      TRY(globalType(&type));
      writeGlobalType(out, type);
      return {};
    }
  }
  return {};
}

Status ModuleParser::exportField() {
  std::string name;
  TRY(takeName(&name));
  if (!is(TokenKind::LParen)) return unexpected();
  ++at_;
  for (const KindWord& known : kKindWords) {
    if (!takeWord(known.word)) continue;
    u32 target = 0;
    TRY(index(known.space, &target));
    addExport(name, known.kind, target);
    TRY(closeParen());
    return closeParen();
  }
  return unexpected();
}

Status ModuleParser::startField() {
  if (started_) return fail("multiple start sections");
  started_ = true;
  u32 func = 0;
  TRY(index(Space::Func, &func));
  writer_.section(SectionId::Start).count = 1;
  writer_.section(SectionId::Start).body.lebU32(func);
  return closeParen();
}

// ---- definitions

Status ModuleParser::funcField() {
  u32 funcIndex = 0;
  TRY(takeIndex(Space::Func, &funcIndex));
  TRY(inlineExports(ExternKind::Func, funcIndex));
  bool isImport = false;
  TRY(inlineImport(ExternKind::Func, Space::Func, &isImport));
  if (isImport) {
    TRY(importedType(ExternKind::Func, funcIndex));
    return closeParen();
  }
  locals_.clear();
  localCount_ = 0;
  currentFunc_ = funcIndex;
  TypeUse use;
  TRY(typeUse(&use, ParamNames::Bind));
  if (use.hasIndex && !use.hasInline) {
    const FuncType* declared = funcTypeAt(use.index);
    localCount_ = declared == nullptr ? 0 : static_cast<u32>(declared->params.size());
  }
  ModuleWriter::Section& section = writer_.section(SectionId::Function);
  ++section.count;
  section.body.lebU32(typeIndexOf(use));
  TRY(funcBody(funcIndex));
  currentFunc_ = kNoFunc;
  return closeParen();
}

// Declarations, with neighbours of one type put together.
Status ModuleParser::localGroups() {
  std::vector<ValType> types;
  while (takeForm("local")) TRY(valTypeGroup(&types, true));
  ByteWriter groups;
  u32 count = 0;
  for (size_t i = 0; i < types.size();) {
    size_t end = i + 1;
    while (end < types.size() && types[end] == types[i]) ++end;
    groups.lebU64(end - i);
    writeValType(groups, types[i]);
    ++count;
    i = end;
  }
  body_.lebU32(count);
  body_.append(groups.span());
  return {};
}

// The instructions that the lexer left as one token: this parser moves to a token list of their own
// and back.
Status ModuleParser::deferredInstructions() {
  TRY(lexDeferred(list_->source, tokens_[at_], diag_, &bodyTokens_));
  TokenList* outer = list_;
  u32 behind = at_ + 1;
  list_ = &bodyTokens_;
  tokens_ = bodyTokens_.tokens.data();
  at_ = 0;
  TRY(instructions());
  TRY(checkAllUsed(0, static_cast<u32>(bodyTokens_.tokens.size())));
  list_ = outer;
  tokens_ = outer->tokens.data();
  at_ = behind;
  return {};
}

Status ModuleParser::funcBody(u32 funcIndex) {
  body_.clear();
  hints_.clear();
  TRY(localGroups());
  TRY(is(TokenKind::Deferred) ? deferredInstructions() : instructions());
  note(at_);
  emit(Op::End);
  ModuleWriter::Section& code = writer_.section(SectionId::Code);
  ++code.count;
  code.body.sized(body_.span());
  if (hints_.empty()) return {};
  ++hintedFuncs_;
  hintSection_.lebU32(funcIndex);
  hintSection_.lebU64(hints_.size());
  for (const Hint& hint : hints_) {
    hintSection_.lebU32(hint.offset);
    hintSection_.lebU32(1);
    hintSection_.byte(hint.value);
  }
  return {};
}

Status ModuleParser::constExpr(ByteWriter& out) {
  body_.clear();
  TRY(instructions());
  emit(Op::End);
  out.append(body_.span());
  return {};
}

Status ModuleParser::tableField() {
  u32 tableIndex = 0;
  TRY(takeIndex(Space::Table, &tableIndex));
  TRY(inlineExports(ExternKind::Table, tableIndex));
  bool isImport = false;
  TRY(inlineImport(ExternKind::Table, Space::Table, &isImport));
  if (isImport) {
    TRY(importedType(ExternKind::Table, tableIndex));
    return closeParen();
  }
  TableType type;
  ModuleWriter::Section& section = writer_.section(SectionId::Table);
  ++section.count;
  u32 start = at_;
  if (atWord("i64") || atWord("i32")) ++at_;
  bool segment = atRefType();
  at_ = start;
  if (segment) {
    type.limits.is64 = takeWord("i64");
    if (!type.limits.is64) takeWord("i32");
    TRY(refType(&type.elem));
    u64 count = 0;
    TRY(inlineElems(tableIndex, type, &count));
    type.limits.min = type.limits.max = count;
    type.limits.hasMax = true;
    writeTableType(section.body, type);
    return closeParen();
  }
  TRY(tableType(&type));
  if (is(TokenKind::RParen)) {
    writeTableType(section.body, type);
    return closeParen();
  }
  section.body.byte(0x40);
  section.body.byte(0);
  writeTableType(section.body, type);
  TRY(constExpr(section.body));
  return closeParen();
}

Status ModuleParser::memoryField() {
  u32 memoryIndex = 0;
  TRY(takeIndex(Space::Memory, &memoryIndex));
  TRY(inlineExports(ExternKind::Memory, memoryIndex));
  bool isImport = false;
  TRY(inlineImport(ExternKind::Memory, Space::Memory, &isImport));
  if (isImport) {
    TRY(importedType(ExternKind::Memory, memoryIndex));
    return closeParen();
  }
  MemoryType type;
  if (hasInlineSegment(at_, Space::Memory)) {
    type.limits.is64 = takeWord("i64");
    if (!type.limits.is64) takeWord("i32");
    TRY(pageSize(&type));
    u64 bytes = 0;
    TRY(inlineData(memoryIndex, type, &bytes));
    u32 log2 = type.pageLog2 < 32 ? type.pageLog2 : 32;
    u64 pages = (bytes + (u64{1} << log2) - 1) >> log2;
    type.limits.min = type.limits.max = pages;
    type.limits.hasMax = true;
  } else {
    TRY(memoryType(&type));
  }
  ModuleWriter::Section& section = writer_.section(SectionId::Memory);
  ++section.count;
  writeMemoryType(section.body, type);
  return closeParen();
}

Status ModuleParser::globalField() {
  u32 globalIndex = 0;
  TRY(takeIndex(Space::Global, &globalIndex));
  TRY(inlineExports(ExternKind::Global, globalIndex));
  bool isImport = false;
  TRY(inlineImport(ExternKind::Global, Space::Global, &isImport));
  if (isImport) {
    TRY(importedType(ExternKind::Global, globalIndex));
    return closeParen();
  }
  GlobalType type;
  TRY(globalType(&type));
  ModuleWriter::Section& section = writer_.section(SectionId::Global);
  ++section.count;
  writeGlobalType(section.body, type);
  TRY(constExpr(section.body));
  return closeParen();
}

Status ModuleParser::tagField() {
  u32 tagIndex = 0;
  TRY(takeIndex(Space::Tag, &tagIndex));
  TRY(inlineExports(ExternKind::Tag, tagIndex));
  bool isImport = false;
  TRY(inlineImport(ExternKind::Tag, Space::Tag, &isImport));
  if (isImport) {
    TRY(importedType(ExternKind::Tag, tagIndex));
    return closeParen();
  }
  TypeUse use;
  TRY(typeUse(&use, ParamNames::Drop));
  ModuleWriter::Section& section = writer_.section(SectionId::Tag);
  ++section.count;
  section.body.byte(0);
  section.body.lebU32(typeIndexOf(use));
  return closeParen();
}

}  // namespace bls::text
