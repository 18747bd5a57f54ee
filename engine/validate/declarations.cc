// Declarations in the order of their sections, so that the first error in the file is the one
// reported.
#include "engine/validate/declarations.h"

#include <algorithm>

#include "engine/decode/type_reader.h"

namespace bls {
namespace {

constexpr u64 kMaxPages32 = 65536;
constexpr u64 kMaxPages64 = u64{1} << 48;
constexpr u64 kMaxTable32 = 0xffffffffu;

class DeclarationValidator {
 public:
  DeclarationValidator(const Module& m, BodyContext* context, BodyResults* results,
                       Diagnostics& diag)
      : m_(m), context_(*context), diag_(diag), exprs_(*context, *results, diag) {}

  Status run() {
    context_.declaredFuncs.assign(m_.funcs.size(), false);
    TRY(inSection("import", imports()));
    TRY(inSection("function", functions()));
    TRY(inSection("table", tables()));
    TRY(inSection("memory", memories()));
    TRY(inSection("tag", tags()));
    TRY(inSection("global", globals()));
    TRY(inSection("export", exports()));
    TRY(inSection("start", start()));
    TRY(inSection("element", elements()));
    return inSection("data", datas());
  }

 private:
  Status inSection(const char* section, Status status) {
    if (BLS_UNLIKELY(!status.ok()) && diag_.first()->section == nullptr)
      diag_.mutableFirst()->section = section;
    return status;
  }
  Status invalid(std::string text, u64 offset) {
    return diag_.fail(ErrorClass::Invalid, std::move(text), offset);
  }
  Status unknown(const char* space, u32 index, u64 offset) {
    return invalid(std::string("unknown ") + space + " " + std::to_string(index), offset);
  }
  Status valType(ValType type, u64 offset) {
    if (!type.isRef() || !type.heap().isConcrete() || type.heap().typeIndex() < m_.types.size())
      return {};
    return unknown("type", type.heap().typeIndex(), offset);
  }
  Status funcType(u32 type, u64 offset) {
    if (type >= m_.types.size()) return unknown("type", type, offset);
    if (m_.type(type).kind == CompKind::Func) return {};
    return invalid("type mismatch: type " + std::to_string(type) + " is not a function type",
                   offset);
  }

  Status imports() {
    for (const ImportDecl& import : m_.imports) {
      switch (import.kind) {
        case ExternKind::Func:
          TRY(funcType(m_.funcs[FuncIndex{import.index}].type, import.offset));
          break;
        case ExternKind::Table: TRY(tableType(import.index)); break;
        case ExternKind::Memory: TRY(memoryType(import.index)); break;
        case ExternKind::Global: TRY(importedGlobal(import)); break;
        case ExternKind::Tag: TRY(tagType(import.index)); break;
      }
    }
    return {};
  }
  Status importedGlobal(const ImportDecl& import) {
    const GlobalType& type = m_.globals[GlobalIndex{import.index}].type;
    if (type.isMutable && !m_.features.has(Feature::MutableGlobals)) {
      return failFeatureOff(diag_, ErrorClass::Invalid, "mutable globals cannot be imported",
                            Feature::MutableGlobals, import.offset);
    }
    return valType(type.type, import.offset);
  }

  Status functions() {
    for (u32 i = m_.importedFuncs; i < m_.funcs.size(); ++i) {
      TRY(funcType(m_.funcs[FuncIndex{i}].type, m_.funcTypeOffsets[i - m_.importedFuncs]));
    }
    return {};
  }

  Status checkLimits(const Limits& limits, u64 range, const char* text, u64 offset) {
    if (limits.min > range || (limits.hasMax && limits.max > range)) return invalid(text, offset);
    if (limits.hasMax && limits.min > limits.max) {
      return invalid("size minimum must not be greater than maximum", offset);
    }
    return {};
  }

  Status tableType(u32 index) {
    const TableDecl& table = m_.tables[TableIndex{index}];
    if (index > 0 && !m_.features.has(Feature::RefTypes)) {
      return failFeatureOff(diag_, ErrorClass::Invalid, "multiple tables", Feature::RefTypes,
                            table.offset);
    }
    TRY(valType(table.type.elem, table.offset));
    const Limits& limits = table.type.limits;
    return checkLimits(limits, limits.is64 ? ~u64{0} : kMaxTable32,
                       "table size must be at most 2^32-1", table.offset);
  }
  Status tables() {
    for (u32 i = m_.importedTables; i < m_.tables.size(); ++i) {
      TRY(tableType(i));
      const TableDecl& table = m_.tables[TableIndex{i}];
      if (table.hasInit) {
        TRY(constant(table.init, table.type.elem, m_.importedGlobals));
      } else if (!table.type.elem.isDefaultable()) {
        return invalid(
            "type mismatch: table of " + toString(table.type.elem) + " needs an initializer",
            table.offset);
      }
    }
    return {};
  }

  Status memoryType(u32 index) {
    const MemoryType& memory = m_.memories[MemoryIndex{index}];
    u64 at = m_.memoryOffsets[index];
    if (index > 0 && !m_.features.has(Feature::MultiMemory)) {
      return failFeatureOff(diag_, ErrorClass::Invalid, "multiple memories", Feature::MultiMemory,
                            at);
    }
    if (memory.pageLog2 != 0 && memory.pageLog2 != 16)
      return invalid("invalid custom page size", at);
    const Limits& limits = memory.limits;
    if (limits.is64) {
      u64 range = memory.pageLog2 == 16 ? kMaxPages64 : ~u64{0};
      TRY(checkLimits(limits, range, "memory size must be at most 2^48 pages (16 EiB)", at));
    } else if (memory.pageLog2 == 16) {
      TRY(checkLimits(limits, kMaxPages32, "memory size must be at most 65536 pages (4GiB)", at));
    } else {
      // 2^32 bytes would be the whole address space; what can be addressed ends one below.
      TRY(checkLimits(limits, 0xffffffffu, "memory size must be at most 4294967295 pages of 1 byte",
                      at));
    }
    if (limits.shared && !limits.hasMax) return invalid("shared memory must have maximum", at);
    return {};
  }
  Status memories() {
    for (u32 i = m_.importedMemories; i < m_.memories.size(); ++i) TRY(memoryType(i));
    return {};
  }

  Status tagType(u32 index) {
    const TagDecl& tag = m_.tags[TagIndex{index}];
    TRY(funcType(tag.type, tag.offset));
    if (!m_.type(tag.type).func.results.empty())
      return invalid("non-empty tag result type", tag.offset);
    return {};
  }
  Status tags() {
    for (u32 i = m_.importedTags; i < m_.tags.size(); ++i) TRY(tagType(i));
    return {};
  }

  Status globals() {
    // Before garbage collection, initializers saw imported globals only.
    bool seesEarlier = m_.features.has(Feature::Gc);
    for (u32 i = m_.importedGlobals; i < m_.globals.size(); ++i) {
      const GlobalDecl& global = m_.globals[GlobalIndex{i}];
      TRY(valType(global.type.type, global.offset));
      TRY(constant(global.init, global.type.type, seesEarlier ? i : m_.importedGlobals));
    }
    return {};
  }

  // Plain forms are recognised from their first byte; the rest is walked.
  Status constant(const ConstExpr& expr, ValType type, u32 visibleGlobals) {
    u8 opcode = m_.bytes.span()[expr.offset];
    if (expr.kind == ConstExpr::Kind::Value) {
      for (Op op : {Op::I32Const, Op::I64Const, Op::F32Const, Op::F64Const}) {
        if (opcode == opInfo(op).code && type == ValType::fromLetter(opInfo(op).results[0]))
          return {};
      }
    }
    if (expr.kind == ConstExpr::Kind::RefFunc && expr.value < m_.funcs.size() &&
        type == ValType::funcref()) {
      context_.declaredFuncs[static_cast<size_t>(expr.value)] = true;
      return {};
    }
    return exprs_.validateConstExpr(expr, type, visibleGlobals, &context_.declaredFuncs);
  }

  u32 sizeOf(ExternKind kind) const {
    switch (kind) {
      case ExternKind::Func: return m_.funcs.size();
      case ExternKind::Table: return m_.tables.size();
      case ExternKind::Memory: return m_.memories.size();
      case ExternKind::Global: return m_.globals.size();
      case ExternKind::Tag: return m_.tags.size();
    }
    return 0;
  }
  Status exports() {
    for (const ExportDecl& e : m_.exports) {
      if (e.index >= sizeOf(e.kind)) return unknown(externKindName(e.kind), e.index, e.offset);
      if (e.kind == ExternKind::Func) context_.declaredFuncs[e.index] = true;
      if (e.kind == ExternKind::Global && m_.globals[GlobalIndex{e.index}].type.isMutable &&
          !m_.features.has(Feature::MutableGlobals)) {
        return failFeatureOff(diag_, ErrorClass::Invalid, "mutable globals cannot be exported",
                              Feature::MutableGlobals, e.offset);
      }
    }
    return uniqueExports();
  }
  // By sorting: a hash table could be attacked with colliding names. Reports the earliest second
  // occurrence.
  Status uniqueExports() {
    std::vector<u32> order(m_.exports.size());
    for (u32 i = 0; i < order.size(); ++i) order[i] = i;
    std::sort(order.begin(), order.end(), [&](u32 a, u32 b) {
      std::string_view x = m_.exports[a].name;
      std::string_view y = m_.exports[b].name;
      if (x.size() != y.size()) return x.size() < y.size();
      int c = x.compare(y);
      return c != 0 ? c < 0 : a < b;
    });
    u32 second = ~u32{0};
    for (size_t i = 1; i < order.size(); ++i) {
      if (m_.exports[order[i - 1]].name == m_.exports[order[i]].name)
        second = std::min(second, order[i]);
    }
    if (second == ~u32{0}) return {};
    const ExportDecl& e = m_.exports[second];
    return invalid(
        "duplicate export name \"" + escapeForMessage(e.name.data(), e.name.size(), 64) + "\"",
        e.offset);
  }

  Status start() {
    if (m_.startFunc == Module::kNoFunc32) return {};
    if (m_.startFunc >= m_.funcs.size()) return unknown("function", m_.startFunc, m_.startOffset);
    const FuncType& type = m_.funcTypeOf(m_.startFunc);
    if (type.params.empty() && type.results.empty()) return {};
    return invalid("start function must have type [] -> []", m_.startOffset);
  }

  Status elements() {
    for (const ElemDecl& elem : m_.elems) TRY(element(elem));
    return {};
  }
  Status element(const ElemDecl& elem) {
    TRY(valType(elem.type, elem.fileOffset));
    u32 globals = m_.globals.size();
    if (elem.mode == SegmentMode::Active) {
      if (elem.table >= m_.tables.size()) return unknown("table", elem.table, elem.fileOffset);
      const TableType& table = m_.tables[TableIndex{elem.table}].type;
      if (!isSubtype(m_, elem.type, table.elem)) {
        return invalid("type mismatch: element segment has " + toString(elem.type) +
                           " but table has " + toString(table.elem),
                       elem.fileOffset);
      }
      TRY(constant(elem.offset, table.addressType(), globals));
    }
    for (u32 func : elem.funcs) {
      if (func >= m_.funcs.size()) return unknown("function", func, elem.fileOffset);
      context_.declaredFuncs[func] = true;
    }
    for (const ConstExpr& expr : elem.exprs) TRY(constant(expr, elem.type, globals));
    return {};
  }

  Status datas() {
    for (const DataDecl& data : m_.datas) {
      if (data.mode != SegmentMode::Active) continue;
      if (data.memory >= m_.memories.size()) return unknown("memory", data.memory, data.fileOffset);
      TRY(constant(data.offset, m_.memories[MemoryIndex{data.memory}].addressType(),
                   m_.globals.size()));
    }
    return {};
  }

  const Module& m_;
  BodyContext& context_;
  Diagnostics& diag_;
  FuncValidator exprs_;
};

}  // namespace

Status validateDeclarations(const Module& m, BodyContext* context, BodyResults* results,
                            Diagnostics& diag) {
  return DeclarationValidator(m, context, results, diag).run();
}

}  // namespace bls
