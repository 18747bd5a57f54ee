// Exports of instances, and import matching with canonical subtyping.
#include "engine/instance/extern.h"

#include "engine/module/type_canon.h"

namespace bls {
namespace {

std::string describe(const FuncType& type) {
  std::string out = "(func";
  auto list = [&](const char* word, const std::vector<ValType>& types) {
    if (types.empty()) return;
    out += std::string(" (") + word;
    size_t listed = 0;
    for (ValType t : types) {
      if (++listed > 12) {
        out += " …";
        break;
      }
      out += " " + toString(t);
    }
    out += ")";
  };
  list("param", type.params);
  list("result", type.results);
  return out + ")";
}

// Limits of tables and memories: the current size counts, and the maximum may only be narrower.
// Spec: valid/matching, limits.
bool limitsMatch(const Limits& wanted, const Limits& given, u64 currentSize, std::string* why) {
  if (wanted.is64 != given.is64) {
    *why = "address types differ";
    return false;
  }
  if (currentSize < wanted.min) {
    *why = "has size " + std::to_string(currentSize) + ", at least " + std::to_string(wanted.min) +
           " wanted";
    return false;
  }
  if (wanted.hasMax && (!given.hasMax || given.max > wanted.max)) {
    *why = "maximum is larger than the " + std::to_string(wanted.max) + " wanted";
    return false;
  }
  return true;
}

bool matchFunc(const Module& m, u32 index, const Extern& given, std::string* why) {
  u32 typeIndex = m.funcs[FuncIndex{index}].type;
  u32 wanted = m.canonTypes[typeIndex];
  const TypeRegistry& registry = TypeRegistry::global();
  if (registry.isSubtype(given.func->canonType, wanted)) return true;
  *why = "is " + describe(registry.type(given.func->canonType).func) + ", wanted " +
         describe(m.type(typeIndex).func);
  return false;
}

bool matchGlobal(const Module& m, u32 index, const Extern& given, std::string* why) {
  const GlobalType& type = m.globals[GlobalIndex{index}].type;
  ValType wanted = canonical(m, type.type);
  if (type.isMutable != given.globalType.isMutable) {
    *why = type.isMutable ? "is immutable, a mutable one wanted"
                          : "is mutable, an immutable one wanted";
    return false;
  }
  bool fits =
      type.isMutable ? wanted == given.globalCanon : isCanonicalSubtype(given.globalCanon, wanted);
  if (!fits)
    *why = "is of type " + toString(given.globalType.type) + ", wanted " + toString(type.type);
  return fits;
}

bool matchTable(const Module& m, u32 index, const Extern& given, std::string* why) {
  const TableType& type = m.tables[TableIndex{index}].type;
  if (canonical(m, type.elem) != given.table->canonElem) {
    *why = "element types differ";
    return false;
  }
  return limitsMatch(type.limits, given.table->type.limits, given.table->size, why);
}

bool matchMemory(const Module& m, u32 index, const Extern& given, std::string* why) {
  const MemoryType& type = m.memories[MemoryIndex{index}];
  const MemoryType& have = given.memory->type;
  if (type.limits.shared != have.limits.shared) {
    *why = type.limits.shared ? "is not shared" : "is shared";
    return false;
  }
  if (type.pageLog2 != have.pageLog2) {
    *why = "page sizes differ";
    return false;
  }
  return limitsMatch(type.limits, have.limits, given.memory->pages(), why);
}

}  // namespace

Extern Extern::of(FuncObj* func) {
  Extern out;
  out.kind = ExternKind::Func;
  out.func = func;
  return out;
}
Extern Extern::of(TableObj* table) {
  Extern out;
  out.kind = ExternKind::Table;
  out.table = table;
  return out;
}
Extern Extern::of(MemoryObj* memory) {
  Extern out;
  out.kind = ExternKind::Memory;
  out.memory = memory;
  return out;
}
Extern Extern::of(TagObj* tag) {
  Extern out;
  out.kind = ExternKind::Tag;
  out.tag = tag;
  return out;
}
Extern Extern::of(GlobalObj* global) {
  Extern out;
  out.kind = ExternKind::Global;
  out.global = &global->cell;
  out.globalType = global->type;
  out.globalCanon = global->canonType;
  return out;
}

Extern exportOf(Instance* instance, const ExportDecl& decl) {
  switch (decl.kind) {
    case ExternKind::Func: return Extern::of(instance->funcRef(decl.index));
    case ExternKind::Table: return Extern::of(instance->tables[decl.index]);
    case ExternKind::Memory: return Extern::of(instance->memories[decl.index]);
    case ExternKind::Tag: return Extern::of(instance->tags[decl.index]);
    case ExternKind::Global: break;
  }
  Extern out;
  out.kind = ExternKind::Global;
  out.global = instance->globalCell(decl.index);
  out.globalType = instance->module->globals[GlobalIndex{decl.index}].type;
  out.globalCanon = canonical(*instance->module, out.globalType.type);
  return out;
}

bool findExport(Instance* instance, std::string_view name, Extern* out) {
  const ExportDecl* decl = instance->module->findExport(name);
  if (decl == nullptr) return false;
  *out = exportOf(instance, *decl);
  return true;
}

bool matchImport(const Module& m, const ImportDecl& wanted, const Extern& given, std::string* why) {
  if (wanted.kind != given.kind) {
    *why = std::string("is a ") + externKindName(given.kind) + ", a " +
           externKindName(wanted.kind) + " wanted";
    return false;
  }
  switch (wanted.kind) {
    case ExternKind::Func: return matchFunc(m, wanted.index, given, why);
    case ExternKind::Global: return matchGlobal(m, wanted.index, given, why);
    case ExternKind::Table: return matchTable(m, wanted.index, given, why);
    case ExternKind::Memory: return matchMemory(m, wanted.index, given, why);
    case ExternKind::Tag: break;
  }
  if (m.canonTypes[m.tags[TagIndex{wanted.index}].type] == given.tag->canonType) return true;
  *why = "tag types differ";
  return false;
}

}  // namespace bls
