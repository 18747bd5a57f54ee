// Layout of garbage-collected objects, and what a reference looks like. One description for the
// collector, the interpreter and compiled code.
//
// Entry points: layoutOf(canonical type), storageOf(type), RefKind. A reference of the any and exn
// hierarchies is 32 bits, zero-extended in a slot: 0 is null, an odd number is an i31 (value << 1 |
// 1), an even one the offset of an object from the heap's base, a multiple of 8. An extern
// reference is a 64-bit value of the host (bit 63 clear) or kExternTag with a reference of the any
// hierarchy. A func reference is the address of a FuncObj. Objects begin with two words: kind and
// canonical type; length of an array. Layouts are pure functions of canonical types, are made on
// first use and stay for the process's life. Thread rule: any thread. Spec: exec/runtime,
// aggregates.
#pragma once

#include <atomic>
#include <vector>

#include "engine/wasm/types.h"

namespace bls::gc {

enum class Storage : u8 {
#define STORAGE(name, log2) name,
#include "engine/gc/storage.def"
#undef STORAGE
};
constexpr u8 kStorageLog2[] = {
#define STORAGE(name, log2) log2,
#include "engine/gc/storage.def"
#undef STORAGE
};
constexpr u32 log2Of(Storage storage) { return kStorageLog2[static_cast<u8>(storage)]; }

/// How the collector treats a value.
enum class RefKind : u8 { None, Heap, Extern };

/// First word of an object: kind in the top bits, canonical type below (structs, arrays).
enum class ObjectKind : u32 { Struct = 0, Array = 1, HostBox = 2, Exception = 3 };
constexpr u32 kKindShift = 30;
constexpr u32 kI31Kind = 4;  // in masks of kinds: an i31, which is no object
constexpr u32 headerWord(ObjectKind kind, u32 canonType) {
  return static_cast<u32>(kind) << kKindShift | canonType;
}
constexpr ObjectKind kindOfWord(u32 word) { return static_cast<ObjectKind>(word >> kKindShift); }
constexpr u32 typeOfWord(u32 word) { return word & ((u32{1} << kKindShift) - 1); }
/// First word of an object that has moved; the second is its new offset.
constexpr u32 kForwarded = ~u32{0};

constexpr u32 kHeaderBytes = 8;
constexpr u64 kExternTag = u64{1} << 63;

constexpr bool isI31(u64 ref) { return (ref & 1) != 0; }
constexpr u64 makeI31(u32 value) { return static_cast<u32>(value << 1 | 1); }

struct FieldLayout {
  u32 offset = 0;
  Storage storage = Storage::I32;
  bool isSlotPair() const { return storage == Storage::V128; }
};

struct GcLayout {
  u32 word0 = 0;        // header of its objects
  u32 bytes = 0;        // of a whole struct (a multiple of 8); of an array's element
  u32 elementLog2 = 0;  // arrays
  CompKind kind = CompKind::Struct;
  std::vector<FieldLayout> fields;  // arrays: one, at kHeaderBytes
  std::vector<u32> heapRefs;        // offsets of fields of kind Ref; arrays: 8 or nothing
  std::vector<u32> externRefs;      // of kind Extern
  static constexpr u32 kDisplay = 8;
  /// The type itself at its depth, its ancestors below; kNoType above. What is deeper is not here.
  u32 display[kDisplay] = {};
};
/// Where layouts are found without a call: in chunks, by canonical type.
constexpr u32 kLayoutChunkBits = 11;
struct LayoutChunk {
  std::atomic<const GcLayout*> at[u32{1} << kLayoutChunkBits] = {};
};
extern std::atomic<LayoutChunk*> layoutChunks[];
/// The layout of an object's type: it has been made, or there would be no such object.
[[gnu::always_inline]] inline const GcLayout& layoutOfObject(u32 canonType) {
  const LayoutChunk* chunk =
      layoutChunks[canonType >> kLayoutChunkBits].load(std::memory_order_acquire);
  return *chunk->at[canonType & ((u32{1} << kLayoutChunkBits) - 1)].load(std::memory_order_acquire);
}

/// Layout of a struct or array type. Precondition: `canonType` is one.
const GcLayout& layoutOf(u32 canonType);

/// Storage of a value type whose concrete heap types are canonical ids.
Storage storageOf(ValType canonicalType);
/// How the collector treats values of such a type.
RefKind refKindOf(ValType canonicalType);

}  // namespace bls::gc
