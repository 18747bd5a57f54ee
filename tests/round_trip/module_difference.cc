// The comparison. Code is turned into a plain list of numbers, one row an instruction.
#include "tests/round_trip/module_difference.h"

#include <algorithm>
#include <cstring>

#include "engine/decode/body_decoder.h"
#include "engine/decode/walk.h"

namespace bls {
namespace {

// One instruction: its Op, how many numbers, the numbers.
struct Code {
  std::vector<u64> words;
  std::vector<size_t> rows;     // where each instruction begins in `words`
  std::vector<u32> offsets;     // and in the bytes that were read
  std::vector<ValType> locals;  // behind the parameters
};

class Flatten {
 public:
  static constexpr bool kCold = true;
  Flatten(const u8* base, Code* out) : base_(base), out_(*out) {}
  WalkPosition position;

  template <Op O, class Imm>
  Status on(OpTag<O>, const Imm& imm) {
    out_.rows.push_back(out_.words.size());
    out_.offsets.push_back(static_cast<u32>(position.op - base_));
    put(static_cast<u64>(O));
    return take(imm);
  }

 private:
  void put(u64 value) { out_.words.push_back(value); }
  Status take(const NoImm&) { return {}; }
  Status take(const BlockImm& imm) {
    put(static_cast<u64>(imm.kind));
    put(imm.kind == BlockImm::Kind::Result ? imm.result.bits() : imm.typeIndex);
    return {};
  }
  Status take(const IndexImm& imm) { return put(imm.index), Status(); }
  Status take(const IndexPairImm& imm) {
    put(imm.first);
    put(imm.second);
    return {};
  }
  Status take(const LabelTableImm& imm) {
    put(imm.count);
    return forEachTarget(imm, &diag_, [&](u32 label) { return put(label), Status(); });
  }
  Status take(const MemImm& imm) {
    put(imm.align);
    put(imm.memory);
    put(imm.offset);
    return {};
  }
  Status take(const MemLaneImm& imm) {
    put(imm.lane);
    return take(imm.mem);
  }
  Status take(const LaneImm& imm) { return put(imm.lane), Status(); }
  Status take(const V128Imm& imm) {
    u64 halves[2];
    std::memcpy(halves, imm.value.bytes, 16);
    put(halves[0]);
    put(halves[1]);
    return {};
  }
  Status take(const I32Imm& imm) { return put(imm.value), Status(); }
  Status take(const I64Imm& imm) { return put(imm.value), Status(); }
  Status take(const F32Imm& imm) { return put(imm.bits), Status(); }
  Status take(const F64Imm& imm) { return put(imm.bits), Status(); }
  Status take(const SelectImm& imm) {
    put(imm.count);
    put(imm.first.bits());
    return {};
  }
  Status take(const HeapTypeImm& imm) { return put(imm.heap.bits()), Status(); }
  Status take(const TryTableImm& imm) {
    TRY(take(imm.block));
    put(imm.count);
    return forEachCatch(imm, &diag_, [&](const CatchClause& clause) -> Status {
      put(static_cast<u64>(clause.kind));
      put(clause.tag);
      put(clause.label);
      return {};
    });
  }
  Status take(const CastLabelImm& imm) {
    put((imm.sourceNullable ? 1u : 0u) | (imm.targetNullable ? 2u : 0u));
    put(imm.label);
    put(imm.source.bits());
    put(imm.target.bits());
    return {};
  }

  const u8* base_;
  Code& out_;
  Diagnostics diag_;
};

bool flattenExpr(const Module& m, u32 offset, u32 size, Code* out) {
  Diagnostics diag;
  std::span<const u8> bytes = m.bytes.span().subspan(offset, size);
  ByteReader in(bytes, offset, &diag);
  Flatten sink(bytes.data(), out);
  return walkBody(in, sink, m.features).ok();
}

bool flattenBody(const Module& m, u32 func, Code* out) {
  Diagnostics diag;
  const FuncDecl& decl = m.funcs[FuncIndex{func}];
  std::span<const u8> bytes = m.body(decl);
  ByteReader in(bytes, decl.bodyOffset, &diag);
  // readLocals checks the sum with the parameters against the limit.
  out->locals = m.type(decl.type).func.params;
  if (!readLocals(in, m.features, &out->locals).ok()) return false;
  Flatten sink(bytes.data(), out);
  return walkBody(in, sink, m.features).ok();
}

// Empty, or the first instruction that differs.
std::string codeDifference(const Code& a, const Code& b) {
  if (a.locals != b.locals) return "locals";
  if (a.words == b.words) return {};
  size_t rows = std::min(a.rows.size(), b.rows.size());
  for (size_t i = 0; i < rows; ++i) {
    auto row = [i](const Code& code) {
      size_t end = i + 1 < code.rows.size() ? code.rows[i + 1] : code.words.size();
      return std::span<const u64>(code.words).subspan(code.rows[i], end - code.rows[i]);
    };
    std::span<const u64> x = row(a), y = row(b);
    if (!std::equal(x.begin(), x.end(), y.begin(), y.end())) {
      return "instruction " + std::to_string(i) + " (" + opInfo(static_cast<Op>(x[0])).text +
             " and " + opInfo(static_cast<Op>(y[0])).text + ")";
    }
  }
  return "number of instructions";
}

// ---- branch hints

constexpr std::string_view kHints = "metadata.code.branch_hint";

struct Hint {
  u32 func = 0;
  u32 row = 0;  // number of the instruction
  u8 value = 0;
  friend bool operator==(const Hint&, const Hint&) = default;
};

// False when the section is not what the proposal describes.
bool readHints(const Module& m, const CustomSection& section, std::vector<Hint>* out) {
  Diagnostics diag;
  ByteReader in(m.bytes.span().subspan(section.offset, section.size), section.offset, &diag);
  u32 funcs = 0;
  if (!in.lebU32(&funcs).ok()) return false;
  for (u32 i = 0; i < funcs; ++i) {
    u32 func = 0, count = 0;
    if (!in.lebU32(&func).ok() || !in.lebU32(&count).ok()) return false;
    if (func < m.importedFuncs || func >= m.funcs.size()) return false;
    Code code;
    if (!flattenBody(m, func, &code)) return false;
    for (u32 k = 0; k < count; ++k) {
      u32 offset = 0, size = 0;
      Hint hint;
      hint.func = func;
      if (!in.lebU32(&offset).ok() || !in.lebU32(&size).ok() || size != 1) return false;
      if (!in.byte(&hint.value).ok()) return false;
      auto at = std::lower_bound(code.offsets.begin(), code.offsets.end(), offset);
      if (at == code.offsets.end() || *at != offset) return false;
      hint.row = static_cast<u32>(at - code.offsets.begin());
      out->push_back(hint);
    }
  }
  return in.atEnd();
}

// ---- the comparison

class Comparer {
 public:
  Comparer(const Module& a, const Module& b) : a_(a), b_(b) {}
  std::string run();

 private:
  /// Notes a difference once; true when equal.
  bool same(bool equal, const char* what, size_t index = ~size_t{0}) {
    if (equal || !first_.empty()) return equal;
    first_ = what;
    if (index != ~size_t{0}) first_ += " " + std::to_string(index);
    return false;
  }
  template <class List>
  bool sizes(const List& x, const List& y, const char* what) {
    if (x.size() == y.size()) return true;
    same(false, what);
    first_ =
        std::string(what) + ": " + std::to_string(x.size()) + " and " + std::to_string(y.size());
    return false;
  }
  void code(const Code& x, const Code& y, const char* what, size_t index) {
    std::string found = codeDifference(x, y);
    if (!same(found.empty(), what, index)) first_ += ": " + found;
  }
  void expr(const ConstExpr& x, const ConstExpr& y, const char* what, size_t index) {
    same(x.kind == y.kind, what, index);
    if (x.kind != ConstExpr::Kind::Program) same(x.value == y.value, what, index);
    Code xs, ys;
    bool good = flattenExpr(a_, x.offset, x.size, &xs) && flattenExpr(b_, y.offset, y.size, &ys);
    if (same(good, what, index)) code(xs, ys, what, index);
  }
  void types();
  void imports();
  void funcs();
  void tables();
  void memories();
  void globals();
  void exports();
  void elems();
  void datas();
  void customs();

  const Module& a_;
  const Module& b_;
  std::string first_;
};

void Comparer::types() {
  if (!sizes(a_.types, b_.types, "types")) return;
  for (u32 i = 0; i < a_.types.size(); ++i) {
    const SubType& x = a_.type(i);
    const SubType& y = b_.type(i);
    same(x.kind == y.kind && x.isFinal == y.isFinal && x.super == y.super &&
             x.recGroupStart == y.recGroupStart && x.recGroupSize == y.recGroupSize &&
             x.func == y.func && x.fields == y.fields,
         "type", i);
  }
  same(a_.canonTypes == b_.canonTypes, "canonical types");
}

void Comparer::imports() {
  same(a_.importedFuncs == b_.importedFuncs && a_.importedTables == b_.importedTables &&
           a_.importedMemories == b_.importedMemories && a_.importedGlobals == b_.importedGlobals &&
           a_.importedTags == b_.importedTags,
       "numbers of imports");
  if (!sizes(a_.imports, b_.imports, "imports")) return;
  for (size_t i = 0; i < a_.imports.size(); ++i) {
    const ImportDecl& x = a_.imports[i];
    const ImportDecl& y = b_.imports[i];
    same(x.module == y.module && x.name == y.name && x.kind == y.kind && x.index == y.index,
         "import", i);
  }
}

void Comparer::funcs() {
  if (!sizes(a_.funcs, b_.funcs, "functions")) return;
  for (u32 i = 0; i < a_.funcs.size() && first_.empty(); ++i) {
    const FuncDecl& x = a_.funcs[FuncIndex{i}];
    const FuncDecl& y = b_.funcs[FuncIndex{i}];
    same(x.type == y.type, "type of function", i);
    if (i < a_.importedFuncs || !first_.empty()) continue;
    std::span<const u8> xb = a_.body(x), yb = b_.body(y);
    if (std::equal(xb.begin(), xb.end(), yb.begin(), yb.end())) continue;
    Code xs, ys;
    bool good = flattenBody(a_, i, &xs) && flattenBody(b_, i, &ys);
    if (same(good, "function", i)) code(xs, ys, "function", i);
  }
  same(a_.startFunc == b_.startFunc, "start function");
}

void Comparer::tables() {
  if (!sizes(a_.tables, b_.tables, "tables")) return;
  for (u32 i = 0; i < a_.tables.size(); ++i) {
    const TableDecl& x = a_.tables[TableIndex{i}];
    const TableDecl& y = b_.tables[TableIndex{i}];
    same(x.type.elem == y.type.elem && x.type.limits == y.type.limits && x.hasInit == y.hasInit,
         "table", i);
    if (x.hasInit && y.hasInit) expr(x.init, y.init, "initial value of table", i);
  }
}

void Comparer::memories() {
  if (!sizes(a_.memories, b_.memories, "memories")) return;
  for (u32 i = 0; i < a_.memories.size(); ++i) {
    const MemoryType& x = a_.memories[MemoryIndex{i}];
    const MemoryType& y = b_.memories[MemoryIndex{i}];
    same(x.limits == y.limits && x.pageLog2 == y.pageLog2, "memory", i);
  }
}

void Comparer::globals() {
  if (!sizes(a_.globals, b_.globals, "globals")) return;
  for (u32 i = 0; i < a_.globals.size(); ++i) {
    const GlobalDecl& x = a_.globals[GlobalIndex{i}];
    const GlobalDecl& y = b_.globals[GlobalIndex{i}];
    same(x.type.type == y.type.type && x.type.isMutable == y.type.isMutable, "global", i);
    if (i >= a_.importedGlobals) expr(x.init, y.init, "global", i);
  }
  if (!sizes(a_.tags, b_.tags, "tags")) return;
  for (u32 i = 0; i < a_.tags.size(); ++i)
    same(a_.tags[TagIndex{i}].type == b_.tags[TagIndex{i}].type, "tag", i);
}

void Comparer::exports() {
  if (!sizes(a_.exports, b_.exports, "exports")) return;
  for (size_t i = 0; i < a_.exports.size(); ++i) {
    const ExportDecl& x = a_.exports[i];
    const ExportDecl& y = b_.exports[i];
    same(x.name == y.name && x.kind == y.kind && x.index == y.index, "export", i);
  }
}

void Comparer::elems() {
  if (!sizes(a_.elems, b_.elems, "element segments")) return;
  for (u32 i = 0; i < a_.elems.size(); ++i) {
    const ElemDecl& x = a_.elems[ElemIndex{i}];
    const ElemDecl& y = b_.elems[ElemIndex{i}];
    bool equal =
        same(x.mode == y.mode && x.table == y.table && x.type == y.type && x.isExprs == y.isExprs &&
                 x.funcs == y.funcs && x.exprs.size() == y.exprs.size(),
             "element segment", i);
    if (!equal) return;
    if (x.mode == SegmentMode::Active) expr(x.offset, y.offset, "offset of element segment", i);
    for (size_t k = 0; k < x.exprs.size(); ++k) expr(x.exprs[k], y.exprs[k], "element segment", i);
  }
}

void Comparer::datas() {
  if (!sizes(a_.datas, b_.datas, "data segments")) return;
  for (u32 i = 0; i < a_.datas.size(); ++i) {
    const DataDecl& x = a_.datas[DataIndex{i}];
    const DataDecl& y = b_.datas[DataIndex{i}];
    std::span<const u8> xb = a_.content(x), yb = b_.content(y);
    bool equal = same(x.mode == y.mode && x.memory == y.memory &&
                          std::equal(xb.begin(), xb.end(), yb.begin(), yb.end()),
                      "data segment", i);
    if (equal && x.mode == SegmentMode::Active)
      expr(x.offset, y.offset, "offset of data segment", i);
  }
}

// True for a section with something in it.
bool hasEntries(const Module& m, const SectionInfo& info) {
  bool isNumber = info.id == 8 || info.id == 12;  // start, data count
  return isNumber || info.size != 1 || m.bytes.span()[info.offset] != 0;
}

// The ids of the sections each custom section stands behind, 0 for none, and the numbers of those.
std::vector<u8> placesOf(const Module& m) {
  std::vector<u8> places;
  u8 before = 0;
  for (const SectionInfo& info : m.sections) {
    if (info.id == 0) {
      places.push_back(before);
    } else if (hasEntries(m, info) && info.id != 12) {
      before = info.id;
    }
  }
  return places;
}

void Comparer::customs() {
  if (!sizes(a_.customs, b_.customs, "custom sections")) return;
  same(placesOf(a_) == placesOf(b_), "places of custom sections");
  for (size_t i = 0; i < a_.customs.size(); ++i) {
    const CustomSection& x = a_.customs[i];
    const CustomSection& y = b_.customs[i];
    if (!same(x.name == y.name, "name of custom section", i)) return;
    std::vector<Hint> xs, ys;
    if (x.name == kHints && readHints(a_, x, &xs)) {
      same(readHints(b_, y, &ys) && xs == ys, "branch hints");
      continue;
    }
    std::span<const u8> xb = a_.bytes.span().subspan(x.offset, x.size);
    std::span<const u8> yb = b_.bytes.span().subspan(y.offset, y.size);
    same(std::equal(xb.begin(), xb.end(), yb.begin(), yb.end()), "custom section", i);
  }
}

std::string Comparer::run() {
  types();
  imports();
  tables();
  memories();
  globals();
  exports();
  elems();
  datas();
  customs();
  funcs();
  return first_;
}

}  // namespace

std::string moduleDifference(const Module& a, const Module& b) { return Comparer(a, b).run(); }

}  // namespace bls
