// Layouts by canonical type: fields in declared order at their natural alignment, so that a
// subtype's layout begins with its supertype's.
#include "engine/gc/layout.h"

#include <algorithm>
#include <atomic>
#include <memory>

#include "engine/base/mutex.h"
#include "engine/module/type_canon.h"

namespace bls::gc {

constexpr u32 kChunks = kMaxCanonTypes >> kLayoutChunkBits;
std::atomic<LayoutChunk*> layoutChunks[kChunks];

namespace {

Mutex makeLock;

enum class Hierarchy : u8 { Any, Func, Extern };
Hierarchy hierarchyOf(HeapType heap) {
  if (heap.isConcrete()) {
    const bool isFunc = TypeRegistry::global().type(heap.typeIndex()).kind == CompKind::Func;
    return isFunc ? Hierarchy::Func : Hierarchy::Any;
  }
  switch (heap.bits()) {
    case HeapType::Func:
    case HeapType::NoFunc: return Hierarchy::Func;
    case HeapType::Extern:
    case HeapType::NoExtern: return Hierarchy::Extern;
    default: return Hierarchy::Any;
  }
}

const GcLayout* makeLayout(u32 canonType) {
  const SubType& type = TypeRegistry::global().type(canonType);
  auto layout = std::make_unique<GcLayout>();
  layout->kind = type.kind;
  const bool isArray = type.kind == CompKind::Array;
  layout->word0 = headerWord(isArray ? ObjectKind::Array : ObjectKind::Struct, canonType);
  std::fill(std::begin(layout->display), std::end(layout->display), kNoType);
  u32 ancestor = canonType;
  for (u32 depth = TypeRegistry::global().depth(canonType) + 1; depth-- > 0;) {
    if (depth < GcLayout::kDisplay) layout->display[depth] = ancestor;
    ancestor = TypeRegistry::global().type(ancestor).super;
  }
  u32 at = kHeaderBytes;
  layout->fields.reserve(type.fields.size());
  for (const FieldType& field : type.fields) {
    const Storage storage = storageOf(field.storage);
    const u32 bytes = u32{1} << log2Of(storage);
    const u32 align = std::min<u32>(bytes, 8);
    at = (at + align - 1) & ~(align - 1);
    layout->fields.push_back({at, storage});
    if (storage == Storage::Ref) layout->heapRefs.push_back(at);
    if (storage == Storage::Extern) layout->externRefs.push_back(at);
    at += bytes;
  }
  layout->bytes = (at + 7) & ~u32{7};
  if (isArray) {
    layout->elementLog2 = log2Of(layout->fields[0].storage);
    layout->bytes = u32{1} << layout->elementLog2;
  }
  return layout.release();
}

}  // namespace

Storage storageOf(ValType type) {
  switch (type.kind()) {
    case ValType::I8: return Storage::I8;
    case ValType::I16: return Storage::I16;
    case ValType::I32: return Storage::I32;
    case ValType::I64: return Storage::I64;
    case ValType::F32: return Storage::F32;
    case ValType::F64: return Storage::F64;
    case ValType::V128: return Storage::V128;
    default: break;
  }
  switch (hierarchyOf(type.heap())) {
    case Hierarchy::Func: return Storage::Func;
    case Hierarchy::Extern: return Storage::Extern;
    default: return Storage::Ref;
  }
}

RefKind refKindOf(ValType type) {
  if (!type.isRef()) return RefKind::None;
  const Storage storage = storageOf(type);
  return storage == Storage::Ref      ? RefKind::Heap
         : storage == Storage::Extern ? RefKind::Extern
                                      : RefKind::None;
}

const GcLayout& layoutOf(u32 canonType) {
  std::atomic<LayoutChunk*>& place = layoutChunks[canonType >> kLayoutChunkBits];
  const u32 index = canonType & ((u32{1} << kLayoutChunkBits) - 1);
  LayoutChunk* chunk = place.load(std::memory_order_acquire);
  if (chunk != nullptr) {
    const GcLayout* known = chunk->at[index].load(std::memory_order_acquire);
    if (known != nullptr) return *known;
  }
  MutexGuard guard(makeLock);
  chunk = place.load(std::memory_order_relaxed);
  if (chunk == nullptr) {
    chunk = new LayoutChunk();
    place.store(chunk, std::memory_order_release);
  }
  const GcLayout* known = chunk->at[index].load(std::memory_order_relaxed);
  if (known == nullptr) {
    known = makeLayout(canonType);
    chunk->at[index].store(known, std::memory_order_release);
  }
  return *known;
}

}  // namespace bls::gc
