// The module around the code.
#include "engine/text/printer.h"

#include "engine/decode/body_decoder.h"
#include "engine/encode/module_writer.h"
#include "engine/text/code_printer.h"
#include "engine/text/module_parser.h"

namespace bls::text {
namespace {

class Printer {
 public:
  Printer(const Module& m, const PrintOptions& options, Diagnostics& diag, std::string* out)
      : m_(m),
        names_(m),
        hints_(m),
        diag_(diag),
        out_(*out),
        code_(m, names_, options.folded, out),
        instr_(m, names_, out) {}

  Status run();

 private:
  void line() { out_ += "\n  "; }
  /// ` $id (@name "…")`, or the index as a comment.
  void define(Space space, u32 index);
  void name(const PrintedName& name);
  void use(Space space, u32 index) { instr_.index(space, index); }
  void types();
  void type(u32 index);
  void composite(u32 index, const SubType& type);
  void fieldType(const FieldType& field);
  void limits(const Limits& limits);
  void imports();
  void importedType(const ImportDecl& import);
  Status tables();
  void memories();
  void memoryType(const MemoryType& type);
  void tags();
  Status globals();
  void globalType(const GlobalType& type);
  void exports();
  Status elems();
  Status elem(u32 index);
  Status datas();
  Status funcs();
  Status func(u32 index);
  void params(u32 func, const FuncType& type);
  void locals(u32 func, size_t paramCount, const std::vector<ValType>& types);
  void customs();
  Status expr(const ConstExpr& e) {
    return code_.expression(m_.bytes.span().subspan(e.offset, e.size), e.offset, diag_);
  }

  const Module& m_;
  NameTable names_;
  BranchHints hints_;
  Diagnostics& diag_;
  std::string& out_;
  CodePrinter code_;
  InstrPrinter instr_;
};

const char* const kKindWords[] = {"func", "table", "memory", "global", "tag"};
constexpr Space kKindSpaces[] = {Space::Func, Space::Table, Space::Memory, Space::Global,
                                 Space::Tag};

void Printer::name(const PrintedName& name) {
  if (name.id.empty()) return;
  out_ += ' ';
  out_ += name.id;
  if (name.given.empty()) return;
  out_ += " (@name ";
  appendQuoted(name.given, true, &out_);
  out_ += ')';
}

void Printer::define(Space space, u32 index) {
  const PrintedName& id = names_.id(space, index);
  if (id.id.empty()) {
    out_ += " (;" + std::to_string(index) + ";)";
  } else {
    name(id);
  }
}

void Printer::fieldType(const FieldType& field) {
  if (field.isMutable) out_ += "(mut ";
  instr_.valType(field.storage);
  if (field.isMutable) out_ += ')';
}

void Printer::composite(u32 index, const SubType& type) {
  switch (type.kind) {
    case CompKind::Func:
      out_ += "(func";
      instr_.signature(type.func);
      break;
    case CompKind::Array:
      out_ += "(array ";
      fieldType(type.fields[0]);
      break;
    case CompKind::Struct:
      out_ += "(struct";
      for (u32 i = 0; i < type.fields.size(); ++i) {
        out_ += " (field";
        name(names_.field(index, i));
        out_ += ' ';
        fieldType(type.fields[i]);
        out_ += ')';
      }
      break;
  }
  out_ += ')';
}

void Printer::type(u32 index) {
  const SubType& type = m_.type(index);
  out_ += "(type";
  define(Space::Type, index);
  out_ += ' ';
  bool sub = !type.isFinal || type.super != kNoType;
  if (sub) {
    out_ += type.isFinal ? "(sub final " : "(sub ";
    if (type.super != kNoType) {
      use(Space::Type, type.super);
      out_ += ' ';
    }
  }
  composite(index, type);
  out_ += sub ? "))" : ")";
}

void Printer::types() {
  for (u32 i = 0; i < m_.types.size(); ++i) {
    const SubType& first = m_.type(i);
    bool group = first.recGroupSize != 1;
    if (group && first.recGroupStart == i) {
      line();
      out_ += "(rec";
    }
    line();
    if (group) out_ += "  ";
    type(i);
    if (group && i + 1 == first.recGroupStart + first.recGroupSize) out_ += ')';
  }
}

void Printer::limits(const Limits& limits) {
  if (limits.is64) out_ += "i64 ";
  out_ += std::to_string(limits.min);
  if (limits.hasMax) out_ += " " + std::to_string(limits.max);
  if (limits.shared) out_ += " shared";
}

void Printer::memoryType(const MemoryType& type) {
  limits(type.limits);
  if (type.pageLog2 != 16)
    out_ += " (pagesize " + std::to_string(u64{1} << (type.pageLog2 & 63)) + ")";
}

void Printer::globalType(const GlobalType& type) {
  if (type.isMutable) out_ += "(mut ";
  instr_.valType(type.type);
  if (type.isMutable) out_ += ')';
}

void Printer::importedType(const ImportDecl& import) {
  switch (import.kind) {
    case ExternKind::Func:
    case ExternKind::Tag: {
      u32 index = import.kind == ExternKind::Func ? m_.funcs[FuncIndex{import.index}].type
                                                  : m_.tags[TagIndex{import.index}].type;
      out_ += "(type ";
      use(Space::Type, index);
      out_ += ')';
      break;
    }
    case ExternKind::Table: {
      const TableType& type = m_.tables[TableIndex{import.index}].type;
      limits(type.limits);
      out_ += ' ';
      instr_.valType(type.elem);
      break;
    }
    case ExternKind::Memory: memoryType(m_.memories[MemoryIndex{import.index}]); break;
    case ExternKind::Global: globalType(m_.globals[GlobalIndex{import.index}].type); break;
  }
}

void Printer::imports() {
  for (const ImportDecl& import : m_.imports) {
    line();
    out_ += "(import ";
    appendQuoted(import.module, true, &out_);
    out_ += ' ';
    appendQuoted(import.name, true, &out_);
    u32 kind = static_cast<u32>(import.kind);
    out_ += std::string(" (") + kKindWords[kind];
    define(kKindSpaces[kind], import.index);
    out_ += ' ';
    importedType(import);
    out_ += "))";
  }
}

Status Printer::tables() {
  for (u32 i = m_.importedTables; i < m_.tables.size(); ++i) {
    const TableDecl& table = m_.tables[TableIndex{i}];
    line();
    out_ += "(table";
    define(Space::Table, i);
    out_ += ' ';
    limits(table.type.limits);
    out_ += ' ';
    instr_.valType(table.type.elem);
    if (table.hasInit) {
      out_ += ' ';
      TRY(expr(table.init));
    }
    out_ += ')';
  }
  return {};
}

void Printer::memories() {
  for (u32 i = m_.importedMemories; i < m_.memories.size(); ++i) {
    line();
    out_ += "(memory";
    define(Space::Memory, i);
    out_ += ' ';
    memoryType(m_.memories[MemoryIndex{i}]);
    out_ += ')';
  }
}

void Printer::tags() {
  for (u32 i = m_.importedTags; i < m_.tags.size(); ++i) {
    line();
    out_ += "(tag";
    define(Space::Tag, i);
    out_ += " (type ";
    use(Space::Type, m_.tags[TagIndex{i}].type);
    out_ += "))";
  }
}

Status Printer::globals() {
  for (u32 i = m_.importedGlobals; i < m_.globals.size(); ++i) {
    const GlobalDecl& global = m_.globals[GlobalIndex{i}];
    line();
    out_ += "(global";
    define(Space::Global, i);
    out_ += ' ';
    globalType(global.type);
    out_ += ' ';
    TRY(expr(global.init));
    out_ += ')';
  }
  return {};
}

void Printer::exports() {
  for (const ExportDecl& item : m_.exports) {
    line();
    out_ += "(export ";
    appendQuoted(item.name, true, &out_);
    u32 kind = static_cast<u32>(item.kind);
    out_ += std::string(" (") + kKindWords[kind] + " ";
    use(kKindSpaces[kind], item.index);
    out_ += "))";
  }
  if (m_.startFunc == Module::kNoFunc32) return;
  line();
  out_ += "(start ";
  use(Space::Func, m_.startFunc);
  out_ += ')';
}

Status Printer::elem(u32 index) {
  const ElemDecl& elem = m_.elems[ElemIndex{index}];
  line();
  out_ += "(elem";
  define(Space::Elem, index);
  if (elem.mode == SegmentMode::Declarative) out_ += " declare";
  if (elem.mode == SegmentMode::Active) {
    if (elem.table != 0) {
      out_ += " (table ";
      use(Space::Table, elem.table);
      out_ += ')';
    }
    out_ += " (offset ";
    TRY(expr(elem.offset));
    out_ += ')';
  }
  out_ += ' ';
  if (!elem.isExprs) {
    out_ += "func";
    for (u32 func : elem.funcs) {
      out_ += ' ';
      use(Space::Func, func);
    }
    out_ += ')';
    return {};
  }
  instr_.valType(elem.type);
  for (const ConstExpr& e : elem.exprs) {
    out_ += " (item ";
    TRY(expr(e));
    out_ += ')';
  }
  out_ += ')';
  return {};
}

Status Printer::elems() {
  for (u32 i = 0; i < m_.elems.size(); ++i) TRY(elem(i));
  return {};
}

Status Printer::datas() {
  for (u32 i = 0; i < m_.datas.size(); ++i) {
    const DataDecl& data = m_.datas[DataIndex{i}];
    line();
    out_ += "(data";
    define(Space::Data, i);
    if (data.mode == SegmentMode::Active) {
      if (data.memory != 0) {
        out_ += " (memory ";
        use(Space::Memory, data.memory);
        out_ += ')';
      }
      out_ += " (offset ";
      TRY(expr(data.offset));
      out_ += ')';
    }
    out_ += ' ';
    std::span<const u8> bytes = m_.content(data);
    appendQuoted({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, false, &out_);
    out_ += ')';
  }
  return {};
}

// Parameters with names one by one, the others in groups.
void Printer::params(u32 func, const FuncType& type) {
  auto plain = [&](size_t i) { return names_.local(func, static_cast<u32>(i)).id.empty(); };
  for (size_t i = 0; i < type.params.size();) {
    out_ += " (param";
    if (plain(i)) {
      for (; i < type.params.size() && plain(i); ++i) {
        out_ += ' ';
        instr_.valType(type.params[i]);
      }
    } else {
      name(names_.local(func, static_cast<u32>(i)));
      out_ += ' ';
      instr_.valType(type.params[i++]);
    }
    out_ += ')';
  }
  FuncType results;
  results.results = type.results;
  instr_.signature(results);
}

void Printer::locals(u32 func, size_t paramCount, const std::vector<ValType>& types) {
  if (types.size() == paramCount) return;
  out_ += "\n   ";
  auto plain = [&](size_t i) { return names_.local(func, static_cast<u32>(i)).id.empty(); };
  for (size_t i = paramCount; i < types.size();) {
    out_ += " (local";
    if (plain(i)) {
      for (; i < types.size() && plain(i); ++i) {
        out_ += ' ';
        instr_.valType(types[i]);
      }
    } else {
      name(names_.local(func, static_cast<u32>(i)));
      out_ += ' ';
      instr_.valType(types[i++]);
    }
    out_ += ')';
  }
}

Status Printer::func(u32 index) {
  const FuncDecl& decl = m_.funcs[FuncIndex{index}];
  const FuncType& type = m_.type(decl.type).func;
  line();
  out_ += "(func";
  define(Space::Func, index);
  out_ += " (type ";
  use(Space::Type, decl.type);
  out_ += ')';
  params(index, type);
  std::vector<ValType> types = type.params;
  ByteReader in(m_.body(decl), decl.bodyOffset, &diag_);
  TRY(readLocals(in, m_.features, &types));
  locals(index, type.params.size(), types);
  TRY(code_.body(in, index, hints_.of(index)));
  out_ += ')';
  return {};
}

Status Printer::funcs() {
  for (u32 i = m_.importedFuncs; i < m_.funcs.size(); ++i) TRY(func(i));
  return {};
}

// Custom sections with their places, told by the section before each.
void Printer::customs() {
  size_t next = 0;
  u8 before = 0;
  u32 left = 0;
  for (const SectionInfo& info : m_.sections) left += isKeptSection(m_, info) ? 1 : 0;
  for (const SectionInfo& info : m_.sections) {
    if (info.id != 0) {
      if (!isKeptSection(m_, info)) continue;
      before = info.id;
      --left;
      continue;
    }
    if (next >= m_.customs.size()) return;
    const u32 index = static_cast<u32>(next++);
    const CustomSection& custom = m_.customs[index];
    if (hints_.stands(index)) continue;
    if (custom.name == "name" && names_.reproducesSection()) continue;
    line();
    out_ += "(@custom ";
    appendQuoted(custom.name, true, &out_);
    if (left == 0) {
      out_ += " (after last) ";
    } else if (before == 0) {
      out_ += " (before first) ";
    } else {
      out_ += std::string(" (after ") + sectionWord(static_cast<SectionId>(before)) + ") ";
    }
    std::span<const u8> bytes = m_.bytes.span().subspan(custom.offset, custom.size);
    appendQuoted({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, false, &out_);
    out_ += ')';
  }
}

Status Printer::run() {
  out_ += "(module";
  name(names_.module());
  types();
  imports();
  TRY(tables());
  memories();
  tags();
  TRY(globals());
  exports();
  TRY(elems());
  TRY(funcs());
  TRY(datas());
  customs();
  out_ += ")\n";
  return {};
}

}  // namespace

Status printModule(const Module& m, const PrintOptions& options, Diagnostics& diag,
                   std::string* out) {
  return Printer(m, options, diag, out).run();
}

}  // namespace bls::text
