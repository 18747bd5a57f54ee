// One struct per immediate kind (ImmKind), as the shared walk hands it to its sinks.
//
// The structs are views: vectors (br_table targets, select types, catch clauses) stay encoded in
// the module's bytes and are iterated with the small readers of decode/walk.h. Indices are in the
// module's own index spaces and unchecked until the validator has seen them. Spec:
// binary/instructions.
#pragma once

#include <span>

#include "engine/base/ints.h"
#include "engine/wasm/types.h"

namespace bls {

struct NoImm {};

/// Block type: nothing, one result, or a type index.
struct BlockImm {
  enum class Kind : u8 { Empty, Result, Type };
  Kind kind = Kind::Empty;
  ValType result;     // Kind::Result
  u32 typeIndex = 0;  // Kind::Type
};
struct IndexImm {  // Label, Func, Type, Local, Global, Table, Memory, Data, Elem, Tag
  u32 index = 0;
};
struct IndexPairImm {  // in binary order; see ImmKind for the meaning of each
  u32 first = 0;
  u32 second = 0;
};
/// `count` targets and then the default, all LEB u32, starting at `bytes` (already bounds checked
/// by the walk).
struct LabelTableImm {
  u32 count = 0;
  std::span<const u8> bytes;
};
struct MemImm {
  u32 align = 0;  // log2
  u32 memory = 0;
  u64 offset = 0;
};
struct MemLaneImm {
  MemImm mem;
  u8 lane = 0;
};
struct LaneImm {
  u8 lane = 0;
};
struct V128Imm {  // v128.const, and the 16 lane numbers of i8x16.shuffle
  V128 value;
};
struct I32Imm {
  u32 value = 0;
};
struct I64Imm {
  u64 value = 0;
};
struct F32Imm {
  u32 bits = 0;
};
struct F64Imm {
  u64 bits = 0;
};
struct SelectImm {
  u32 count = 0;
  ValType first;  // the only meaningful one: any other count is invalid
};
struct HeapTypeImm {
  HeapType heap;
};
enum class CatchKind : u8 { Catch = 0, CatchRef = 1, CatchAll = 2, CatchAllRef = 3 };
struct CatchClause {
  CatchKind kind = CatchKind::Catch;
  u32 tag = 0;  // Catch, CatchRef
  u32 label = 0;
};
struct TryTableImm {
  BlockImm block;
  u32 count = 0;
  std::span<const u8> bytes;  // the encoded clauses
};
struct CastLabelImm {
  bool sourceNullable = false;
  bool targetNullable = false;
  u32 label = 0;
  HeapType source;
  HeapType target;
};

}  // namespace bls
