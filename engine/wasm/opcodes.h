// Op, its classes and per-instruction constants, generated from opcodes.def.
// Entry points: Op, OpInfo opInfo(Op), lookupOp(prefix, code), OpTag<Op::X> for static dispatch.
// Does not decode immediates (immediates.h) and holds no semantics (semantics.h).
#pragma once

#include "engine/base/ints.h"
#include "engine/wasm/features.h"

// Drops the parentheses around the `semantics` column: `using S = BLS_UNPAREN sem;`
#define BLS_UNPAREN(...) __VA_ARGS__

namespace bls {

enum class Op : u16 {
#define OP(name, ...) name,
#include "engine/wasm/opcodes.def"
#undef OP
};

constexpr u32 kOpCount = 0
#define OP(...) +1
#include "engine/wasm/opcodes.def"
#undef OP
    ;

/// Shape of the immediates that follow the opcode. One struct per kind in immediates.h.
enum class ImmKind : u8 {
  None,
  Block,       // block type
  Label,       // relative depth
  LabelTable,  // br_table
  Func,
  Type,
  TypeTable,  // type index, table index
  Local,
  Global,
  Table,
  TableTable,  // destination, source
  Memory,
  MemoryMemory,  // destination, source
  DataMemory,    // data index, memory index
  ElemTable,     // element index, table index
  Data,
  Elem,
  Tag,
  Mem,      // memarg
  MemLane,  // memarg, lane
  Lane,
  Shuffle,  // 16 lane numbers
  I32,
  I64,
  F32,  // kept as bits
  F64,  // kept as bits
  V128,
  SelectTypes,  // vector of value types
  HeapType,
  TryTable,     // block type, catch clauses
  StructField,  // type index, field index
  TypeCount,    // type index, count
  TypeData,
  TypeElem,
  TypeType,   // destination, source
  CastLabel,  // flags, label, source heap type, target heap type
  Fence,      // one zero byte
};

enum class OpClass : u8 {
  Control,
  Call,
  Parametric,
  Variable,
  TableOp,
  MemoryOp,
  Ref,
  Gc,
  Exception,
  Const,
  Load,
  Store,
  Unary,
  Binary,
  Compare,
  Test,
  Wide,
  VLoad,
  VStore,
  VLoadLane,
  VStoreLane,
  VSplat,
  VExtract,
  VReplace,
  VShuffle,
  VUnary,
  VBinary,
  VTernary,
  VTest,
  VShift,
  AtomicLoad,
  AtomicStore,
  AtomicRmw,
  AtomicCmpxchg,
  AtomicWait,
  AtomicNotify,
  AtomicFence,
};

/// Static facts of one instruction. `params`/`results` are the letters of the `sig` column
/// ('i' 'l' 'f' 'd' 'v' 'a'); both empty when `special`. The text is in the entry, not pointed at:
/// a table with pointers would be relocated at every start of the program.
struct OpInfo {
  char text[40];
  u8 prefix;
  u16 code;
  ImmKind imm;
  OpClass cls;
  u8 aux;
  Feature feature;
  bool special;
  u8 paramCount;
  u8 resultCount;
  char params[4];
  char results[2];
};

namespace detail {
constexpr OpInfo makeOpInfo(const char* text, u8 prefix, u16 code, ImmKind imm, const char* sig,
                            OpClass cls, u8 aux, Feature feature) {
  OpInfo info{{}, prefix, code, imm, cls, aux, feature, sig[0] == 's', 0, 0, {}, {}};
  for (char* to = info.text; *text != 0; ++text) *to++ = *text;  // too long does not compile
  if (info.special) return info;
  const char* p = sig;
  for (; *p != '_'; ++p) {
    if (*p != 'n') info.params[info.paramCount++] = *p;
  }
  for (++p; *p != 0; ++p) {
    if (*p != 'n') info.results[info.resultCount++] = *p;
  }
  return info;
}
}  // namespace detail

inline constexpr OpInfo kOpInfo[kOpCount] = {
#define OP(name, prefix, code, text, imm, sig, cls, aux, sem, feature) \
  detail::makeOpInfo(text, prefix, code, ImmKind::imm, #sig, OpClass::cls, aux, Feature::feature),
#include "engine/wasm/opcodes.def"
#undef OP
};

constexpr const OpInfo& opInfo(Op op) { return kOpInfo[static_cast<u32>(op)]; }

template <Op O>
struct OpTag {
  static constexpr Op kOp = O;
  static constexpr const OpInfo& kInfo = kOpInfo[static_cast<u32>(O)];
};

/// Returned by lookupOp for codes that no known feature defines.
constexpr u16 kNoOp = 0xffff;

/// Index of the instruction with these bytes (prefix 0 for one-byte opcodes), or kNoOp. O(1).
u16 lookupOp(u8 prefix, u32 code);

}  // namespace bls
