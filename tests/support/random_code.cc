// Typed expressions over numbers, memory, tables and calls. See random_generator.h.
#include <algorithm>
#include <string_view>

#include "engine/wasm/semantics_all.h"
#include "tests/support/random_generator.h"

namespace bls::sem {  // where the functors of the table are
namespace {
template <class S>
constexpr u8 nanBitsOf() {
  if constexpr (requires { S::kNanBits; }) return S::kNanBits;
  return 0;
}
// Lane width of the NaNs that an instruction may make, or 0.
constexpr u8 kNanBits[] = {
#define OP(name, prefix, code, text, imm, sig, cls, aux, semantics, feature) \
  nanBitsOf<BLS_UNPAREN semantics>(),
#include "engine/wasm/opcodes.def"
#undef OP
};
}  // namespace
}  // namespace bls::sem

namespace bls::test {
namespace {

constexpr ValType kNumbers[] = {ValType::I32, ValType::I64, ValType::F32, ValType::F64,
                                ValType::V128};

Group groupOf(const OpInfo& info) {
  switch (info.feature) {
    case Feature::Threads: return Group::Atomic;
    case Feature::WideArithmetic: return Group::Wide;
    case Feature::RelaxedSimd: return Group::Relaxed;
    default: break;
  }
  if (info.imm == ImmKind::Mem || info.imm == ImmKind::MemLane) return Group::Memory;
  return info.prefix == 0xfd ? Group::Vector : Group::Numeric;
}

// Rows of opcodes.def whose typing follows their signature, by group and first result.
struct Rows {
  std::vector<Op> of[kGroupCount][128];
};
const Rows& rows() {
  static const Rows kRows = [] {
    Rows out;
    for (u32 i = 0; i < kOpCount; ++i) {
      const OpInfo& info = kOpInfo[i];
      if (info.special || info.cls == OpClass::Const || !isGenerated(static_cast<Op>(i))) continue;
      u8 result = info.resultCount == 0 ? 'n' : static_cast<u8>(info.results[0]);
      out.of[static_cast<u8>(groupOf(info))][result].push_back(static_cast<Op>(i));
    }
    return out;
  }();
  return kRows;
}

u8 letterOf(ValType type) {
  switch (type.kind()) {
    case ValType::I32: return 'i';
    case ValType::I64: return 'l';
    case ValType::F32: return 'f';
    case ValType::F64: return 'd';
    default: return 'v';
  }
}

bool isAtomic(const OpInfo& info) {
  return info.feature == Feature::Threads && info.imm == ImmKind::Mem;
}
bool isWait(Op row) { return opInfo(row).cls == OpClass::AtomicWait; }
bool isIntegerDivision(Op row) {
  return (row >= Op::I32DivS && row <= Op::I32RemU) || (row >= Op::I64DivS && row <= Op::I64RemU);
}
bool isTrappingTruncation(const OpInfo& info) {
  return info.prefix == 0 && std::string_view(info.text).find(".trunc_f") != std::string_view::npos;
}

}  // namespace

ValType Generator::numberType() { return kNumbers[e_.below(5)]; }

ValType Generator::anyType() {
  u32 refs = w_[Group::Reference] + (has(Feature::Gc) ? w_[Group::Gc] : 0u);
  if (e_.below(14 + refs) < 14) return numberType();
  ValType options[12] = {ValType::funcref(), ValType::externref()};
  u32 count = 2;
  if (has(Feature::FuncRefs) && !callable_.empty()) {
    u32 f = callable_[e_.below(static_cast<u32>(callable_.size()))];
    options[count++] = ValType::ref(HeapType::concrete(funcs_[f].type), true);
  }
  if (has(Feature::Exceptions)) options[count++] = ValType::ref(HeapType::Exn, true);
  if (has(Feature::Gc)) {
    for (HeapType::Abstract h :
         {HeapType::Any, HeapType::Eq, HeapType::I31, HeapType::Struct, HeapType::Array}) {
      options[count++] = ValType::ref(h, true);
    }
    u32 type = e_.below(static_cast<u32>(composites_.size()));
    options[count++] = ValType::ref(HeapType::concrete(type), true);
  }
  return options[e_.below(count)];
}

TypeList Generator::typeList(u32 most) {
  TypeList out;
  for (u32 n = e_.below(most + 1); n > 0; --n) out.push_back(anyType());
  return out;
}

void Generator::op(Op o) {
  const OpInfo& info = opInfo(o);
  if (left_ > 0) --left_;
  if (info.prefix != 0) {
    code_.push_back(info.prefix);
    putU32(code_, info.code);
  } else {
    code_.push_back(static_cast<u8>(info.code));
  }
}
void Generator::op(Op o, u64 index) {
  op(o);
  putU32(code_, index);
}
void Generator::op(Op o, u64 first, u64 second) {
  op(o, first);
  putU32(code_, second);
}
void Generator::constI32(i64 value) {
  op(Op::I32Const);
  putI64(code_, static_cast<int>(value));
}
void Generator::constI64(i64 value) {
  op(Op::I64Const);
  putI64(code_, value);
}

void Generator::constant(ValType type) {
  static constexpr i64 kInteresting[] = {0,
                                         1,
                                         -1,
                                         2,
                                         7,
                                         31,
                                         32,
                                         63,
                                         64,
                                         127,
                                         128,
                                         255,
                                         65535,
                                         65536,
                                         131071,
                                         0x7fffffff,
                                         -0x80000000ll,
                                         0x7fffffffffffffffll,
                                         static_cast<i64>(0x8000000000000000ull)};
  static constexpr double kFloats[] = {0.0,          -0.0,         1.0,    -1.5,  1e10, -3e38,
                                       2147483648.0, 4294967296.0, 9.3e18, 1e-40, 0.1,  123456.75};
  u64 bits = e_.below(2) ? static_cast<u64>(kInteresting[e_.below(19)]) : e_.bits64();
  auto raw = [&](u64 value, u32 bytes) {
    for (u32 i = 0; i < bytes; ++i) code_.push_back(static_cast<u8>(value >> (8 * (i % 8))));
  };
  switch (type.kind()) {
    case ValType::I32: constI32(static_cast<int>(bits)); return;
    case ValType::I64: constI64(static_cast<i64>(bits)); return;
    case ValType::F32: {
      float value = static_cast<float>(kFloats[e_.below(12)]);
      op(Op::F32Const);
      return raw(e_.below(4) == 0 ? bits : __builtin_bit_cast(u32, value), 4);
    }
    case ValType::F64: {
      double value = kFloats[e_.below(12)];
      op(Op::F64Const);
      return raw(e_.below(4) == 0 ? bits : __builtin_bit_cast(u64, value), 8);
    }
    default: {
      op(Op::V128Const);
      u32 kind = e_.below(3);  // the same halves, floats, or bits
      u64 wide = __builtin_bit_cast(u64, kFloats[e_.below(12)]);
      u64 narrow = __builtin_bit_cast(u32, static_cast<float>(kFloats[e_.below(12)]));
      u64 low = kind == 0 ? bits : kind == 1 ? wide : narrow | narrow << 32;
      raw(low, 8);
      raw(e_.below(2) ? low : ~bits, 8);
    }
  }
}

u32 Generator::newLocal(ValType type) {
  locals_.push_back(type);
  reserved_.push_back(false);
  return static_cast<u32>(locals_.size()) - 1;
}

u32 Generator::localOf(ValType type) {
  u32 count = static_cast<u32>(locals_.size());
  u32 start = e_.below(count);
  for (u32 i = 0; i < count; ++i) {
    u32 at = (start + i) % count;
    if (locals_[at] == type && !reserved_[at]) return at;
  }
  return newLocal(type);
}

void Generator::leaf(ValType type, bool constantsOnly) {
  if (!constantsOnly && e_.below(2) == 1) return op(Op::LocalGet, localOf(type));
  if (!type.isRef()) return constant(type);
  op(Op::RefNull);
  heapType(type.heap());
}

void Generator::exprs(const TypeList& types, u32 depth) {
  for (ValType t : types) expr(t, depth);
}

// An index below `limit`: what a table or an array of that size always has.
void Generator::smallIndex(u32 limit, u32 depth, bool is64) {
  if (risk()) return is64 ? constI64(e_.below(2) ? -1 : limit * 3) : expr(ValType::I32, depth);
  if (e_.below(3) != 0) {
    u32 at = e_.below(limit);
    return is64 ? constI64(at) : constI32(at);
  }
  u32 mask = 1;
  while (mask * 2 <= limit) mask *= 2;
  expr(is64 ? ValType::I64 : ValType::I32, depth);
  is64 ? constI64(mask - 1) : constI32(mask - 1);
  op(is64 ? Op::I64And : Op::I32And);
}

// What the row computes on may have to be in a range, or it traps nearly always.
void Generator::operand(Op row, u32 at, u32 depth) {
  const OpInfo& info = opInfo(row);
  char letter = info.params[at];
  if (isTrappingTruncation(info) && !risk()) {
    expr(ValType::I32, depth);
    constI32(0x7fffff);
    op(Op::I32And);
    return op(letter == 'f' ? Op::F32ConvertI32S : Op::F64ConvertI32S);
  }
  if (isWait(row) && at == 2) return constI64(e_.below(900));  // nanoseconds
  expr(ValType::fromLetter(letter), depth);
  // V8 compares only as many bits of the expected value as are loaded, the specification all.
  const u32 whole = letter == 'i' ? 32 : 64;
  const bool expected = info.cls == OpClass::AtomicCmpxchg && at == 1;
  if (const u32 width = expected ? 8u << info.aux : whole; w_.portable && width < whole) {
    const i64 mask = (i64{1} << width) - 1;
    letter == 'i' ? constI32(mask) : constI64(mask);
    op(letter == 'i' ? Op::I32And : Op::I64And);
  }
  if (isIntegerDivision(row) && at == 1 && !risk()) {
    letter == 'i' ? constI32(1) : constI64(1);
    op(letter == 'i' ? Op::I32Or : Op::I64Or);
  }
}

// An address in the lower half of the memory, or (far) one where the access just fits.
void Generator::address(const MemoryEntry& memory, const OpInfo& info, bool far, u32 depth) {
  auto number = [&](u64 value) {
    memory.is64 ? constI64(static_cast<i64>(value)) : constI32(static_cast<i64>(value));
  };
  if (far) return number(memory.size() - 16 - e_.below(2) * 32);
  expr(memory.is64 ? ValType::I64 : ValType::I32, depth);
  if (risk()) return;
  u64 mask = 1;
  while (mask * 4 <= memory.size()) mask *= 2;
  mask -= 1;
  if (isAtomic(info)) mask &= ~u64{15};
  number(mask);
  op(memory.is64 ? Op::I64And : Op::I32And);
}

void Generator::memArg(const OpInfo& info, u32 memory, bool far) {
  const MemoryEntry& m = memories_[memory];
  u32 align = isAtomic(info) ? info.aux : e_.below(info.aux + 1u);
  putU32(code_, align | (memory != 0 ? 0x40u : 0u));
  if (memory != 0) putU32(code_, memory);
  u64 offset = far ? 16u - (1u << info.aux) : e_.below(4) * 16;
  if (!isAtomic(info) && !far) offset += e_.below(16);
  if (risk()) {
    offset = e_.below(2) ? m.size() - e_.below(20)
                         : (m.is64 ? u64{1} << (30 + e_.below(33)) : 0xfffffff0u) + e_.below(16);
  }
  putU32(code_, offset);
}

void Generator::plain(Op row, u32 depth) {
  const OpInfo& info = opInfo(row);
  bool accesses = info.imm == ImmKind::Mem || info.imm == ImmKind::MemLane;
  u32 memory = 0;
  bool far = false;
  if (accesses) {
    memory = e_.below(2) ? e_.below(static_cast<u32>(memories_.size())) : 0;
    if (isWait(row)) {  // only shared memories can be waited on
      for (u32 m = 0; m < memories_.size() && !risk(4); ++m) {
        if (memories_[m].shared) memory = m;
      }
      if (!memories_[memory].shared && !risk(2)) return constant(ValType::I32);
    }
    far = e_.below(6) == 5;
  }
  for (u32 i = 0; i < info.paramCount; ++i) {
    if (info.params[i] == 'a') {
      address(memories_[memory], info, far, depth);
    } else {
      operand(row, i, depth);
    }
  }
  op(row);
  switch (info.imm) {
    case ImmKind::Mem: memArg(info, memory, far); break;
    case ImmKind::MemLane:
      memArg(info, memory, far);
      code_.push_back(static_cast<u8>(e_.below(16u >> info.aux)));
      break;
    case ImmKind::Lane: code_.push_back(static_cast<u8>(e_.below(info.aux))); break;
    case ImmKind::Shuffle:
      for (int i = 0; i < 16; ++i) code_.push_back(static_cast<u8>(e_.below(32)));
      break;
    case ImmKind::Fence: code_.push_back(0); break;
    default: break;
  }
  if (w_.portable) settleNan(row);
  for (u32 r = info.resultCount; r > 1; --r) sink(ValType::fromLetter(info.results[r - 1]));
}

// The canonical NaN in place of one that the row has made, whose bits engines may choose.
void Generator::settleNan(Op row) {
  const u8 bits = sem::kNanBits[static_cast<u32>(row)];
  if (bits == 0) return;
  const bool vector = opInfo(row).results[0] == 'v';
  const u32 saved = left_, kind = vector ? 2 : bits == 32 ? 0 : 1;
  if (nanLocals_[kind] < 0) {
    u32 made = newLocal(vector ? ValType::V128 : bits == 32 ? ValType::F32 : ValType::F64);
    reserved_[made] = true;
    nanLocals_[kind] = static_cast<int>(made);
  }
  const u32 local = static_cast<u32>(nanLocals_[kind]);
  op(Op::LocalTee, local);
  op(vector ? Op::V128Const : bits == 32 ? Op::F32Const : Op::F64Const);
  for (u32 lane = 0; lane < (vector ? 128u / bits : 1u); ++lane) {
    const u64 nan = bits == 32 ? 0x7fc00000u : 0x7ff8000000000000u;
    for (u32 i = 0; i < bits; i += 8) code_.push_back(static_cast<u8>(nan >> i));
  }
  op(Op::LocalGet, local);
  op(Op::LocalGet, local);
  if (vector) {
    op(bits == 32 ? Op::F32x4Eq : Op::F64x2Eq);
    op(Op::V128Bitselect);
  } else {
    op(bits == 32 ? Op::F32Eq : Op::F64Eq);
    op(Op::Select);
  }
  left_ = saved;
}

bool Generator::plainOf(Group group, u8 result, u32 depth) {
  const std::vector<Op>& options = rows().of[static_cast<u8>(group)][result];
  if (options.empty() || w_[group] == 0) return false;
  plain(options[e_.below(static_cast<u32>(options.size()))], depth);
  return true;
}

// Uses up a value so that it can be seen in the end.
void Generator::sink(ValType type) {
  u32 first = budgetGlobal_ + 1;
  if (type.isRef()) {
    op(Op::RefIsNull);
    type = ValType::I32;
  } else if (e_.below(4) == 1) {
    return op(Op::LocalSet, localOf(type));
  } else if (e_.below(8) == 1) {
    return op(Op::Drop);
  }
  switch (type.kind()) {
    case ValType::F32: op(Op::I32ReinterpretF32); [[fallthrough]];
    case ValType::I32:
      op(Op::GlobalGet, first);
      op(Op::I32Add);
      return op(Op::GlobalSet, first);
    case ValType::F64: op(Op::I64ReinterpretF64); [[fallthrough]];
    case ValType::I64:
      op(Op::GlobalGet, first + 1);
      op(Op::I64Xor);
      return op(Op::GlobalSet, first + 1);
    default:
      op(Op::GlobalGet, first + 4);
      op(Op::I8x16Add);
      return op(Op::GlobalSet, first + 4);
  }
}

void Generator::sinkAll(const TypeList& types) {
  for (size_t i = types.size(); i > 0; --i) sink(types[i - 1]);
}

// What leaves a value of any type: variables, select, blocks, calls; then what the type has.
void Generator::expr(ValType type, u32 depth) {
  if (depth == 0 || left_ == 0 || e_.spent()) return leaf(type);
  u32 control = w_[Group::Control], calls = w_[Group::Call];
  u32 roll = e_.below(10 + control + calls + 20);
  if (roll < 4) return leaf(type);
  if (roll < 6) {
    u32 count = static_cast<u32>(globals_.size()), start = e_.below(count);
    for (u32 i = 0; i < count; ++i) {
      u32 g = (start + i) % count;
      if (globals_[g].type == type) return op(Op::GlobalGet, g);
    }
    return leaf(type);
  }
  if (roll < 8) {
    u32 local = localOf(type);
    expr(type, depth - 1);
    return op(Op::LocalTee, local);
  }
  if (roll < 10) {
    expr(type, depth - 1);
    expr(type, depth - 1);
    expr(ValType::I32, depth - 1);
    if (!type.isRef() && e_.below(3) != 0) return op(Op::Select);
    op(Op::SelectTyped, 1);
    return putType(code_, type);
  }
  if (roll < 10 + control) return structured({type}, depth - 1);
  if (roll < 10 + control + calls && callFor(type, depth - 1)) return;
  type.isRef() ? refExpr(type, depth - 1) : numberExpr(type, depth - 1);
}

void Generator::numberExpr(ValType type, u32 depth) {
  static constexpr Group kPlain[] = {Group::Numeric, Group::Vector, Group::Relaxed,
                                     Group::Wide,    Group::Memory, Group::Atomic};
  u32 weights[8], total = 0;
  for (u32 i = 0; i < 6; ++i) total += weights[i] = w_[kPlain[i]];
  bool is32 = type == ValType::I32;
  total += weights[6] = is32 ? 2u + w_[Group::Table] / 2u : 0;
  total += weights[7] = (is32 ? w_[Group::Reference] : 0u) + w_[Group::Gc];
  u32 roll = e_.below(total), kind = 0;
  while (kind < 7 && roll >= weights[kind]) roll -= weights[kind++];
  if (kind < 6 && plainOf(kPlain[kind], letterOf(type), depth)) return;
  if (kind == 6) {
    if (e_.below(2)) {
      u32 t = e_.below(static_cast<u32>(tables_.size()));
      op(Op::TableSize, t);
      if (tables_[t].is64) op(Op::I32WrapI64);
      return;
    }
    u32 m = e_.below(static_cast<u32>(memories_.size()));
    op(Op::MemorySize, m);
    if (memories_[m].is64) op(Op::I32WrapI64);
    return;
  }
  if (kind == 7) {
    if (is32 && e_.below(2)) return i32FromRef(depth);
    if (fieldOf(type, depth)) return;
  }
  if (!plainOf(type == ValType::V128 ? Group::Vector : Group::Numeric, letterOf(type), depth)) {
    leaf(type);
  }
}

void Generator::memoryStatement(u32 depth) {
  u32 m = e_.below(static_cast<u32>(memories_.size()));
  const MemoryEntry& memory = memories_[m];
  auto number = [&](u64 value, bool is64) {
    is64 ? constI64(static_cast<i64>(value)) : constI32(static_cast<i64>(value));
  };
  auto place = [&](u32 index) {
    number(e_.below(250) + (risk() ? 65500u : 0u), memories_[index].is64);
  };
  switch (e_.below(8)) {
    case 0:
      place(m);
      expr(ValType::I32, depth);
      number(e_.below(200), memory.is64);
      return op(Op::MemoryFill, m);
    case 1: {
      u32 from = e_.below(static_cast<u32>(memories_.size()));
      place(m);
      place(from);
      number(e_.below(200), memory.is64 && memories_[from].is64);
      return op(Op::MemoryCopy, m, from);
    }
    case 2: {
      place(m);
      u32 segment = e_.below(2) ? 1 : 2, length = segment == 2 ? 0 : e_.below(32);
      constI32(segment == 2 ? 0 : e_.below(32) + (risk() ? 40 : 0));
      constI32(length);
      return op(Op::MemoryInit, segment, m);
    }
    case 3:
      if (e_.below(3) == 0) return op(Op::DataDrop, 2);
      number(e_.below(3), memory.is64);
      op(Op::MemoryGrow, m);
      return sink(memory.is64 ? ValType::I64 : ValType::I32);
    default:
      if (!plainOf(Group::Memory, 'n', depth)) sink(ValType::I32);
  }
}

void Generator::tableStatement(u32 depth) {
  // Of functions, unless nobody relies on it: the stable table is only read.
  u32 t = risk(8)                                ? stableTable_
          : e_.below(3) == 0                     ? externTable_
          : typedTable_ >= 0 && e_.below(3) == 0 ? static_cast<u32>(typedTable_)
                                                 : scratchTable_;
  const TableEntry& table = tables_[t];
  auto number = [&](u64 value) {
    table.is64 ? constI64(static_cast<i64>(value)) : constI32(static_cast<i64>(value));
  };
  switch (e_.below(8)) {
    case 0:
      number(e_.below(4));
      expr(table.elem, depth);
      number(e_.below(5) + (risk() ? 60u : 0u));
      return op(Op::TableFill, t);
    case 1:
    case 2: {
      u32 from = table.elem == ValType::funcref() ? (e_.below(2) ? stableTable_ : t) : t;
      bool from64 = tables_[from].is64;
      number(e_.below(5));
      u32 at = e_.below(4) + (risk() ? 60u : 0u);
      from64 ? constI64(at) : constI32(at);
      u32 length = e_.below(4);
      table.is64&& from64 ? constI64(length) : constI32(length);
      return op(Op::TableCopy, t, from);
    }
    case 3:
      if (table.elem != ValType::funcref()) break;
      number(e_.below(4));
      constI32(risk() ? 7 : 0);
      constI32(e_.below(4));
      return op(Op::TableInit, 1, t);
    case 4:
      if (e_.below(2)) return op(Op::ElemDrop, 2);
      expr(table.elem, depth);
      number(e_.below(5));
      op(Op::TableGrow, t);
      return sink(table.is64 ? ValType::I64 : ValType::I32);
    case 5:
      smallIndex(8, depth, table.is64);
      op(Op::TableGet, t);
      return sink(table.elem);
    default: break;
  }
  smallIndex(8, depth, table.is64);
  expr(table.elem, depth);
  op(Op::TableSet, t);
}

void Generator::call(u32 func, u32 depth) {
  const Signature& s = signatureOfFunc(func);
  TypeList params = s.params;
  exprs(params, depth);
  if (e_.below(3) == 0) return indirect(func, false, depth);
  op(Op::Call, func);
}

// Through the stable table: at the function's place, or (risk) at any.
void Generator::indirect(u32 func, bool tail, u32 depth) {
  u32 place = 0;
  while (place < callable_.size() && callable_[place] != func) ++place;
  if (place >= 8) return op(tail ? Op::ReturnCall : Op::Call, func);
  if (risk(6)) {
    expr(ValType::I32, depth);
    constI32(e_.below(2) ? 7 : 15);
    op(Op::I32And);
  } else {
    constI32(place);
  }
  op(tail ? Op::ReturnCallIndirect : Op::CallIndirect, funcs_[func].type, stableTable_);
}

void Generator::callRandom(u32 depth) {
  u32 func = callable_[e_.below(static_cast<u32>(callable_.size()))];
  call(func, depth);
  TypeList results = signatureOfFunc(func).results;
  sinkAll(results);
}

bool Generator::callFor(ValType type, u32 depth) {
  u32 count = static_cast<u32>(callable_.size()), start = e_.below(count);
  for (u32 i = 0; i < count; ++i) {
    u32 func = callable_[(start + i) % count];
    TypeList results = signatureOfFunc(func).results;
    if (results.empty() || results[0] != type) continue;
    if (e_.below(3) == 0 && callRef(false, &results, depth)) {
    } else {
      call(func, depth);
    }
    results.erase(results.begin());
    sinkAll(results);
    return true;
  }
  return false;
}

}  // namespace bls::test
