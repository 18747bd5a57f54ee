// References at the border between wasm and host.
#include "engine/gc/values.h"

#include <cstring>

#include "engine/module/type_canon.h"

namespace bls::gc {
namespace {

u32 wordAt(const u8* heapBase, u64 ref) {
  u32 word;
  std::memcpy(&word, heapBase + static_cast<u32>(ref), sizeof word);
  return word;
}
u64 boxedValue(const u8* heapBase, u64 ref) {
  u64 value;
  std::memcpy(&value, heapBase + static_cast<u32>(ref) + kBoxValue, sizeof value);
  return value;
}

}  // namespace

u64 toHost(Store* store, ValType type, u64 slot) {
  const RefKind kind = refKindOf(type);
  Heap* heap = Heap::ifAny(store);
  if (kind == RefKind::None || slot == 0 || heap == nullptr) return slot;
  if (kind == RefKind::Heap) return heap->makeHandle(slot);
  return (slot & kExternTag) == 0 ? slot : kExternTag | heap->makeHandle(static_cast<u32>(slot));
}

u64 toSlot(Store* store, ValType type, u64 value) {
  const RefKind kind = refKindOf(type);
  if (kind == RefKind::None || value == 0) return value;
  const bool tagged = (value & kExternTag) != 0;
  if (kind == RefKind::Extern && !tagged) return value;
  const u64 handle = value & ~kExternTag;
  const Heap* heap = Heap::ifAny(store);
  const u64 ref = isI31(handle)     ? static_cast<u32>(handle)
                  : heap != nullptr ? heap->fromHandle(handle)
                                    : 0;
  return kind == RefKind::Extern && ref != 0 ? kExternTag | ref : ref;
}

bool fits(Store* store, ValType given, u64 value, ValType wanted) {
  if (value == 0) return wanted.nullable();
  if (storageOf(given) != storageOf(wanted)) return false;
  const Heap* heap = Heap::ifAny(store);
  const u64 ref = toSlot(store, given, value);
  if (ref == 0) return false;
  return isInstanceOf(heap != nullptr ? heap->base() : nullptr, ref, wanted.heap());
}

u64 hostAsAny(Store* store, u64 number) {
  u64 ref = 0;
  return anyFromExtern(store, number, &ref) ? Heap::ifAny(store)->makeHandle(ref) : 0;
}

Description describe(Store* store, ValType type, u64 value) {
  if (value == 0) return {};
  const RefKind kind = refKindOf(type);
  if (kind == RefKind::None) return {Referent::Func, 0};
  if (kind == RefKind::Extern && (value & kExternTag) == 0) return {Referent::Host, value};
  const u64 ref = static_cast<u32>(toSlot(store, type, value));
  if (ref == 0) return {};
  if (isI31(ref)) return {Referent::I31, 0};
  const u8* base = Heap::ifAny(store)->base();
  switch (kindOfWord(wordAt(base, ref))) {
    case ObjectKind::Struct: return {Referent::Struct, 0};
    case ObjectKind::Array: return {Referent::Array, 0};
    case ObjectKind::Exception: return {Referent::Exception, 0};
    default: return {Referent::Host, boxedValue(base, ref)};
  }
}

u64 externFromAny(const u8* heapBase, u64 ref) {
  if (ref == 0) return 0;
  if (!isI31(ref) && kindOfWord(wordAt(heapBase, ref)) == ObjectKind::HostBox)
    return boxedValue(heapBase, ref);
  return kExternTag | ref;
}

bool anyFromExtern(Store* store, u64 value, u64* out) {
  if (value == 0 || (value & kExternTag) != 0) {
    *out = static_cast<u32>(value);
    return true;
  }
  Heap* heap = Heap::of(store);
  const u32 box = heap != nullptr ? heap->allocate(kBoxWord, 0, kBoxBytes) : 0;
  if (box == 0) return false;
  std::memcpy(heap->base() + box + kBoxValue, &value, sizeof value);
  *out = box;
  return true;
}

bool isInstanceOf(const u8* heapBase, u64 ref, HeapType target) {
  if (target.isConcrete()) {
    const TypeRegistry& types = TypeRegistry::global();
    const u32 wanted = target.typeIndex();
    if (types.type(wanted).kind == CompKind::Func)
      return types.isSubtype(reinterpret_cast<const FuncObj*>(ref)->canonType, wanted);
    if (isI31(ref)) return false;
    const u32 word = wordAt(heapBase, ref);
    return kindOfWord(word) <= ObjectKind::Array && types.isSubtype(typeOfWord(word), wanted);
  }
  switch (target.bits()) {
    case HeapType::Any:
    case HeapType::Func:
    case HeapType::Extern:
    case HeapType::Exn: return true;
    case HeapType::None:
    case HeapType::NoFunc:
    case HeapType::NoExtern:
    case HeapType::NoExn: return false;
    case HeapType::I31: return isI31(ref);
    default: break;
  }
  if (isI31(ref)) return target == HeapType(HeapType::Eq);
  const ObjectKind kind = kindOfWord(wordAt(heapBase, ref));
  if (target == HeapType(HeapType::Eq)) return kind <= ObjectKind::Array;
  return kind == (target == HeapType(HeapType::Struct) ? ObjectKind::Struct : ObjectKind::Array);
}

}  // namespace bls::gc
