// Instructions on garbage-collected objects that allocate, loop or need the type registry, for
// every tier: operands in slots, at[0], at[1], … as they stand on the operand stack; the result
// goes to at[0]. Operands are read again after an allocation: the collector may have moved what
// they refer to. The caller's frames must be at a safepoint (interpreted: cx->gcPc names it).
//
// Also here: how a cast decides (planCast), and what compiled code needs to decide in place.
// Spec: exec/instructions, aggregate types and reference instructions.
#pragma once

#include "engine/exec/bulk_memory.h"
#include "engine/gc/heap.h"

namespace bls {

/// An object, or 0: the heap is full, or an interrupt is requested (whyNoObject).
u32 allocateObject(ExecCtx* cx, u32 word0, u32 word1, u64 bytes);
Trap whyNoObject(ExecCtx* cx);

/// Fields of all storages from slots, in order.
Trap structNew(ExecCtx* cx, u64* at, const gc::GcLayout& layout);
Trap structNewDefault(ExecCtx* cx, u64* at, const gc::GcLayout& layout);
/// value, length
Trap arrayNew(ExecCtx* cx, u64* at, const gc::GcLayout& layout, const BulkCost& cost);
/// length
Trap arrayNewDefault(ExecCtx* cx, u64* at, const gc::GcLayout& layout, const BulkCost& cost);
/// `length` values
Trap arrayNewFixed(ExecCtx* cx, u64* at, const gc::GcLayout& layout, u32 length);
/// offset, length
Trap arrayNewData(ExecCtx* cx, u64* at, const gc::GcLayout& layout, u32 segment,
                  const BulkCost& cost);
Trap arrayNewElem(ExecCtx* cx, u64* at, const gc::GcLayout& layout, u32 segment,
                  const BulkCost& cost);
/// array, index, value, length
Trap arrayFill(ExecCtx* cx, u64* at, const gc::GcLayout& layout, const BulkCost& cost);
/// destination, index, source, index, length; `layout`: the destination's
Trap arrayCopy(ExecCtx* cx, u64* at, const gc::GcLayout& layout, const BulkCost& cost);
/// array, index, offset, length
Trap arrayInitData(ExecCtx* cx, u64* at, const gc::GcLayout& layout, u32 segment,
                   const BulkCost& cost);
Trap arrayInitElem(ExecCtx* cx, u64* at, const gc::GcLayout& layout, u32 segment,
                   const BulkCost& cost);
Trap externConvertAny(ExecCtx* cx, u64* at);
Trap anyConvertExtern(ExecCtx* cx, u64* at);

/// Makes the object of an exception; 0 as allocateObject. `payload`: slots of a frame.
u32 makeException(ExecCtx* cx, const TagObj* tag, const u64* payload, u32 slots);
/// What an exception object holds.
struct ExceptionView {
  const TagObj* tag;
  u32 slots;
  const u64* payload;  // until the next collection
};
ExceptionView viewException(const ExecCtx* cx, u64 ref);

// ---- Casts

/// How a cast finds its answer for a reference that is not null: by the type of the object's first
/// word and its ancestors, by a mask of kinds (1 << ObjectKind, 1 << kI31Kind), or out of line
/// (gc::isInstanceOf).
enum class CastBy : u8 { Type, Kind, Registry };
struct CastPlan {
  CastBy by = CastBy::Registry;
  u32 word = 0;     // Type: the first word of the type's own objects; Kind: the mask
  u32 depth = 0;    // Type: where the type stands among its ancestors (GcLayout::display)
  HeapType target;  // canonical
};
CastPlan planCast(const Module& module, HeapType target);

}  // namespace bls
