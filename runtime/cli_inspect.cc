// `bls inspect`: what a module declares, as text or JSON.
#include "engine/decode/module_decoder.h"
#include "engine/validate/module_validator.h"
#include "engine/wasm/limits.h"
#include "runtime/cli.h"
#include "runtime/json_text.h"
#include "runtime/load.h"
#include "runtime/used_features.h"

namespace bls::cli {
namespace {

constexpr const char* kSectionNames[] = {"custom", "type",   "import",     "function", "table",
                                         "memory", "global", "export",     "start",    "element",
                                         "code",   "data",   "data count", "tag"};

const char* sectionName(u8 id) {
  return id < std::size(kSectionNames) ? kSectionNames[id] : "unknown";
}

std::string typeList(const std::vector<ValType>& types) {
  std::string out = "(";
  for (size_t i = 0; i < types.size(); ++i) {
    if (i != 0) out += " ";
    out += toString(types[i]);
  }
  return out + ")";
}

std::string limitsText(const Limits& limits) {
  std::string out = std::to_string(limits.min);
  if (limits.hasMax) out += ".." + std::to_string(limits.max);
  if (limits.is64) out += " i64";
  if (limits.shared) out += " shared";
  return out;
}

// The type of an import or export, in short.
std::string typeText(const bls::Module& m, ExternKind kind, u32 index) {
  switch (kind) {
    case ExternKind::Func:
      return typeList(m.funcTypeOf(index).params) + " -> " + typeList(m.funcTypeOf(index).results);
    case ExternKind::Table: {
      const TableType& type = m.tables[TableIndex{index}].type;
      return toString(type.elem) + " " + limitsText(type.limits);
    }
    case ExternKind::Memory: {
      const MemoryType& type = m.memories[MemoryIndex{index}];
      const bool one = type.limits.min == 1 && !type.limits.hasMax;
      return limitsText(type.limits) + (type.pageLog2 == 16 ? " page" : " byte") + (one ? "" : "s");
    }
    case ExternKind::Global: {
      const GlobalType& type = m.globals[GlobalIndex{index}].type;
      return std::string(type.isMutable ? "mut " : "") + toString(type.type);
    }
    case ExternKind::Tag: return typeList(m.type(m.tags[TagIndex{index}].type).func.params);
  }
  return {};
}

std::string counted(u64 count, const char* what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

std::string safe(std::string_view text) { return escapeForMessage(text.data(), text.size(), 256); }

std::string asText(const bls::Module& m, const std::string& file) {
  std::string out = safe(file) + ": " + counted(m.bytes.span().size(), "byte") + ", " +
                    counted(m.funcs.size() - m.importedFuncs, "function") + "\n";
  out += "imports:\n";
  for (const ImportDecl& decl : m.imports) {
    out += std::string("  ") + externKindName(decl.kind) + " \"" + safe(decl.module) + "\" \"" +
           safe(decl.name) + "\" " + typeText(m, decl.kind, decl.index) + "\n";
  }
  out += "exports:\n";
  for (const ExportDecl& decl : m.exports) {
    out += std::string("  ") + externKindName(decl.kind) + " \"" + safe(decl.name) + "\" " +
           typeText(m, decl.kind, decl.index) + "\n";
  }
  out += "memories:\n";
  for (u32 i = 0; i < m.memories.size(); ++i) {
    out += "  " + std::to_string(i) + ": " + typeText(m, ExternKind::Memory, i) +
           (i < m.importedMemories ? " (imported)\n" : "\n");
  }
  out += "features:";
  for (const char* name : usedFeatures(m)) out += std::string(" ") + name;
  out += "\nsections:\n";
  for (const SectionInfo& section : m.sections) {
    out += std::string("  ") + sectionName(section.id) + " at " + std::to_string(section.offset) +
           ", " + counted(section.size, "byte") + "\n";
  }
  for (const CustomSection& custom : m.customs) {
    out += "  custom \"" + safe(custom.name) + "\" at " + std::to_string(custom.offset) + ", " +
           counted(custom.size, "byte") + "\n";
  }
  return out;
}

void limitsJson(JsonText& json, const Limits& limits) {
  json.key("min").number(limits.min).key("max");
  if (limits.hasMax) {
    json.number(limits.max);
  } else {
    json.null();
  }
  json.key("address").string(limits.is64 ? "i64" : "i32").key("shared").boolean(limits.shared);
}

std::string asJson(const bls::Module& m, const std::string& file) {
  JsonText json;
  json.open('{').key("file").string(file).key("bytes").number(m.bytes.span().size());
  json.key("functions").number(m.funcs.size() - m.importedFuncs);
  json.key("imports").open('[');
  for (const ImportDecl& decl : m.imports) {
    json.open('{').key("module").string(decl.module).key("name").string(decl.name);
    json.key("kind")
        .string(externKindName(decl.kind))
        .key("type")
        .string(typeText(m, decl.kind, decl.index))
        .close('}');
  }
  json.close(']').key("exports").open('[');
  for (const ExportDecl& decl : m.exports) {
    json.open('{').key("name").string(decl.name).key("kind").string(externKindName(decl.kind));
    json.key("type").string(typeText(m, decl.kind, decl.index)).close('}');
  }
  json.close(']').key("memories").open('[');
  for (u32 i = 0; i < m.memories.size(); ++i) {
    const MemoryType& type = m.memories[MemoryIndex{i}];
    json.open('{').key("imported").boolean(i < m.importedMemories);
    limitsJson(json, type.limits);
    json.key("page_bytes").number(u64{1} << type.pageLog2).close('}');
  }
  json.close(']').key("features").open('[');
  for (const char* name : usedFeatures(m)) json.string(name);
  json.close(']').key("sections").open('[');
  for (const SectionInfo& section : m.sections) {
    json.open('{').key("name").string(sectionName(section.id)).key("offset").number(section.offset);
    json.key("size").number(section.size).close('}');
  }
  json.close(']').key("custom_sections").open('[');
  for (const CustomSection& custom : m.customs) {
    json.open('{').key("name").string(custom.name).key("offset").number(custom.offset);
    json.key("size").number(custom.size).close('}');
  }
  return json.close(']').close('}').text() + "\n";
}

}  // namespace

int inspectFile(const std::string& file, const Features& features, bool json, Console& console) {
  Diagnostics diag;
  ModuleBytes bytes, source;
  std::unique_ptr<bls::Module> module;
  ModuleMeta meta;
  Status status = embed::readModuleFile(file.c_str(), limits::kModuleBytes, diag, &bytes);
  text::TextOptions textOptions;
  textOptions.features = features;
  if (status.ok()) status = embed::textToBinary(&bytes, textOptions, diag, &source);
  if (status.ok()) status = decodeModule(std::move(bytes), features, diag, &module);
  if (status.ok()) status = validateModule(*module, ValidateOptions{}, &meta, diag);
  if (!status.ok()) {
    if (module != nullptr) status = embed::placeInText(source, *module, diag);
    console.problem(withAdvice(embed::Failure::of(*status.error()), file));
    return kExitFailure;
  }
  console.out(json ? asJson(*module, file) : asText(*module, file));
  return 0;
}

}  // namespace bls::cli
