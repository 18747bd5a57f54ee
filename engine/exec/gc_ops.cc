// Allocation, bulk array instructions, conversions, cast plans.
#include "engine/exec/gc_ops.h"

#include <cstring>

#include "engine/gc/values.h"
#include "engine/module/module.h"
#include "engine/module/type_canon.h"
#include "engine/wasm/semantics_memory.h"

namespace bls {
namespace {

using gc::GcLayout;
using gc::Storage;

u8* objectAt(const ExecCtx* cx, u64 ref) { return cx->heapBase + ref; }
u32 lengthAt(const ExecCtx* cx, u64 ref) { return sem::readLe<u32>(objectAt(cx, ref) + 4); }
bool inside(u64 size, u64 at, u64 length) { return length <= size && at <= size - length; }

// Writes a value from its slot (slots, for v128) to memory of this storage.
void storeField(u8* to, Storage storage, const u64* slot) {
  std::memcpy(to, slot, size_t{1} << gc::log2Of(storage));
}
u32 slotsOf(Storage storage) { return storage == Storage::V128 ? 2 : 1; }

u32 newArray(ExecCtx* cx, const GcLayout& layout, u32 length) {
  return allocateObject(cx, layout.word0, length, gc::Heap::arrayBytes(layout, length));
}
u8* elementAt(const ExecCtx* cx, const GcLayout& layout, u64 ref, u64 index) {
  return objectAt(cx, ref) + gc::kHeaderBytes + (index << layout.elementLog2);
}
void fillElements(const ExecCtx* cx, const GcLayout& layout, u64 ref, u64 from, u64 count,
                  const u64* value) {
  u8* to = elementAt(cx, layout, ref, from);
  const Storage storage = layout.fields[0].storage;
  const size_t bytes = size_t{1} << layout.elementLog2;
  if (bytes == 1) {
    std::memset(to, static_cast<int>(*value & 0xff), static_cast<size_t>(count));
    return;
  }
  for (u64 i = 0; i < count; ++i) storeField(to + i * bytes, storage, value);
}
void copyFromSegment(const ExecCtx* cx, const GcLayout& layout, u64 ref, u64 to,
                     const ElemInstance& segment, u64 from, u64 count) {
  u8* at = elementAt(cx, layout, ref, to);
  const Storage storage = layout.fields[0].storage;
  const size_t bytes = size_t{1} << layout.elementLog2;
  for (u64 i = 0; i < count; ++i)
    storeField(at + i * bytes, storage, &segment.refs[static_cast<size_t>(from + i)]);
}
Trap checkArray(const ExecCtx* cx, u64 ref, u64 index, u64 length) {
  if (ref == 0) return Trap::NullArrayRef;
  return inside(lengthAt(cx, ref), index, length) ? Trap::None : Trap::ArrayOutOfBounds;
}

}  // namespace

Trap whyNoObject(ExecCtx* cx) {
  const u8 requested = cx->interrupt->requested.load(std::memory_order_seq_cst);
  return requested != 0 ? static_cast<Trap>(requested) : Trap::AllocationTooLarge;
}

u32 allocateObject(ExecCtx* cx, u32 word0, u32 word1, u64 bytes) {
  gc::Heap* heap = gc::Heap::of(cx->store);
  if (heap == nullptr) return 0;
  const u64 collections = heap->collections();
  const u32 ref = heap->allocate(word0, word1, bytes);
  // A collection takes as long as the heap is large, and straight code may allocate without end.
  const bool collected = heap->collections() != collections;
  if (collected && cx->slotLimit.load(std::memory_order_relaxed) == nullptr &&
      cx->interrupt->requested.load(std::memory_order_seq_cst) != 0) {
    return 0;
  }
  return ref;
}

Trap structNewDefault(ExecCtx* cx, u64* at, const GcLayout& layout) {
  const u32 ref = allocateObject(cx, layout.word0, 0, layout.bytes);
  if (ref == 0) return whyNoObject(cx);
  *at = ref;
  return Trap::None;
}

Trap structNew(ExecCtx* cx, u64* at, const GcLayout& layout) {
  const u32 ref = allocateObject(cx, layout.word0, 0, layout.bytes);
  if (ref == 0) return whyNoObject(cx);
  u8* object = objectAt(cx, ref);
  const u64* slot = at;
  for (const gc::FieldLayout& field : layout.fields) {
    storeField(object + field.offset, field.storage, slot);
    slot += slotsOf(field.storage);
  }
  *at = ref;
  return Trap::None;
}

Trap arrayNew(ExecCtx* cx, u64* at, const GcLayout& layout, const BulkCost& cost) {
  const u32 length = static_cast<u32>(at[slotsOf(layout.fields[0].storage)]);
  const Trap trap = chargeBulk(cx, length, cost);
  if (trap != Trap::None) return trap;
  const u32 ref = newArray(cx, layout, length);
  if (ref == 0) return whyNoObject(cx);
  fillElements(cx, layout, ref, 0, length, at);
  *at = ref;
  return Trap::None;
}

Trap arrayNewDefault(ExecCtx* cx, u64* at, const GcLayout& layout, const BulkCost& cost) {
  const u32 length = static_cast<u32>(at[0]);
  const Trap trap = chargeBulk(cx, length, cost);
  if (trap != Trap::None) return trap;
  const u32 ref = newArray(cx, layout, length);
  if (ref == 0) return whyNoObject(cx);
  *at = ref;
  return Trap::None;
}

Trap arrayNewFixed(ExecCtx* cx, u64* at, const GcLayout& layout, u32 length) {
  const u32 ref = newArray(cx, layout, length);
  if (ref == 0) return whyNoObject(cx);
  const Storage storage = layout.fields[0].storage;
  const u64* slot = at;
  for (u32 i = 0; i < length; ++i, slot += slotsOf(storage))
    storeField(elementAt(cx, layout, ref, i), storage, slot);
  *at = ref;
  return Trap::None;
}

Trap arrayNewData(ExecCtx* cx, u64* at, const GcLayout& layout, u32 segment, const BulkCost& cost) {
  const u32 offset = static_cast<u32>(at[0]), length = static_cast<u32>(at[1]);
  const DataInstance& data = cx->instance->datas[segment];
  const u64 bytes = static_cast<u64>(length) << layout.elementLog2;
  const Trap trap = chargeBulk(cx, length, cost);
  if (trap != Trap::None) return trap;
  if (!inside(data.bytes.size(), offset, bytes)) return Trap::MemoryOutOfBounds;
  const u32 ref = newArray(cx, layout, length);
  if (ref == 0) return whyNoObject(cx);
  if (bytes != 0) {
    std::memcpy(elementAt(cx, layout, ref, 0), data.bytes.data() + offset,
                static_cast<size_t>(bytes));
  }
  *at = ref;
  return Trap::None;
}

Trap arrayNewElem(ExecCtx* cx, u64* at, const GcLayout& layout, u32 segment, const BulkCost& cost) {
  const u32 offset = static_cast<u32>(at[0]), length = static_cast<u32>(at[1]);
  const ElemInstance& elems = cx->instance->elems[segment];
  const Trap trap = chargeBulk(cx, length, cost);
  if (trap != Trap::None) return trap;
  if (!inside(elems.refs.size(), offset, length)) return Trap::TableOutOfBounds;
  const u32 ref = newArray(cx, layout, length);
  if (ref == 0) return whyNoObject(cx);
  copyFromSegment(cx, layout, ref, 0, elems, offset, length);
  *at = ref;
  return Trap::None;
}

Trap arrayFill(ExecCtx* cx, u64* at, const GcLayout& layout, const BulkCost& cost) {
  const u32 index = static_cast<u32>(at[1]);
  const u32 length = static_cast<u32>(at[2 + slotsOf(layout.fields[0].storage)]);
  Trap trap = chargeBulk(cx, length, cost);
  if (trap == Trap::None) trap = checkArray(cx, at[0], index, length);
  if (trap == Trap::None) fillElements(cx, layout, at[0], index, length, at + 2);
  return trap;
}

Trap arrayCopy(ExecCtx* cx, u64* at, const GcLayout& layout, const BulkCost& cost) {
  const u32 to = static_cast<u32>(at[1]), from = static_cast<u32>(at[3]),
            length = static_cast<u32>(at[4]);
  Trap trap = chargeBulk(cx, length, cost);
  if (trap == Trap::None && (at[0] == 0 || at[2] == 0)) trap = Trap::NullArrayRef;
  if (trap == Trap::None) trap = checkArray(cx, at[0], to, length);
  if (trap == Trap::None) trap = checkArray(cx, at[2], from, length);
  if (trap != Trap::None) return trap;
  std::memmove(elementAt(cx, layout, at[0], to), elementAt(cx, layout, at[2], from),
               static_cast<size_t>(length) << layout.elementLog2);
  return Trap::None;
}

Trap arrayInitData(ExecCtx* cx, u64* at, const GcLayout& layout, u32 segment,
                   const BulkCost& cost) {
  const u32 index = static_cast<u32>(at[1]), offset = static_cast<u32>(at[2]),
            length = static_cast<u32>(at[3]);
  const DataInstance& data = cx->instance->datas[segment];
  const u64 bytes = static_cast<u64>(length) << layout.elementLog2;
  Trap trap = chargeBulk(cx, length, cost);
  if (trap == Trap::None) trap = checkArray(cx, at[0], index, length);
  if (trap == Trap::None && !inside(data.bytes.size(), offset, bytes))
    trap = Trap::MemoryOutOfBounds;
  if (trap == Trap::None && bytes != 0) {
    std::memcpy(elementAt(cx, layout, at[0], index), data.bytes.data() + offset,
                static_cast<size_t>(bytes));
  }
  return trap;
}

Trap arrayInitElem(ExecCtx* cx, u64* at, const GcLayout& layout, u32 segment,
                   const BulkCost& cost) {
  const u32 index = static_cast<u32>(at[1]), offset = static_cast<u32>(at[2]),
            length = static_cast<u32>(at[3]);
  const ElemInstance& elems = cx->instance->elems[segment];
  Trap trap = chargeBulk(cx, length, cost);
  if (trap == Trap::None) trap = checkArray(cx, at[0], index, length);
  if (trap == Trap::None && !inside(elems.refs.size(), offset, length))
    trap = Trap::TableOutOfBounds;
  if (trap == Trap::None) copyFromSegment(cx, layout, at[0], index, elems, offset, length);
  return trap;
}

Trap externConvertAny(ExecCtx* cx, u64* at) {
  *at = gc::externFromAny(cx->heapBase, *at);
  return Trap::None;
}

Trap anyConvertExtern(ExecCtx* cx, u64* at) {
  u64 ref = 0;
  if (!gc::anyFromExtern(cx->store, *at, &ref)) return whyNoObject(cx);
  *at = ref;
  return Trap::None;
}

u32 makeException(ExecCtx* cx, const TagObj* tag, const u64* payload, u32 slots) {
  const u32 ref = allocateObject(cx, gc::kExceptionWord, slots, gc::exceptionBytes(slots));
  if (ref == 0) return 0;
  u8* object = objectAt(cx, ref);
  gc::setExceptionTag(object, tag);
  std::memcpy(object + gc::kExceptionPayload, payload, size_t{slots} * 8);
  return ref;
}

ExceptionView viewException(const ExecCtx* cx, u64 ref) {
  const u8* object = objectAt(cx, ref);
  ExceptionView view{};
  view.tag = gc::exceptionTag(object);
  std::memcpy(&view.slots, object + 4, sizeof view.slots);
  view.payload = reinterpret_cast<const u64*>(object + gc::kExceptionPayload);
  return view;
}

CastPlan planCast(const Module& module, HeapType target) {
  constexpr u32 kStruct = 1, kArray = 2, kBox = 4, kI31 = 1 << gc::kI31Kind;
  if (target.isConcrete()) {
    const u32 canon = module.canonTypes[target.typeIndex()];
    const u32 depth = TypeRegistry::global().depth(canon);
    const bool isFunc = module.type(target.typeIndex()).kind == CompKind::Func;
    const HeapType canonical = HeapType::concrete(canon);
    if (isFunc || depth >= gc::GcLayout::kDisplay) return {CastBy::Registry, 0, 0, canonical};
    return {CastBy::Type, gc::layoutOf(canon).word0, depth, canonical};
  }
  switch (target.bits()) {
    case HeapType::Any: return {CastBy::Kind, kStruct | kArray | kBox | kI31, 0, target};
    case HeapType::Eq: return {CastBy::Kind, kStruct | kArray | kI31, 0, target};
    case HeapType::Struct: return {CastBy::Kind, kStruct, 0, target};
    case HeapType::Array: return {CastBy::Kind, kArray, 0, target};
    case HeapType::I31: return {CastBy::Kind, kI31, 0, target};
    case HeapType::None: return {CastBy::Kind, 0, 0, target};
    default: return {CastBy::Registry, 0, 0, target};
  }
}

}  // namespace bls
