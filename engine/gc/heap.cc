// Spaces, allocation, and the copying collector.
//
// Both spaces have the same capacity; growing makes two larger ones and copies the used part, which
// leaves every offset as it is. The heap grows when more than half of it survives a collection.
#include "engine/gc/heap.h"

#include <algorithm>
#include <cstring>

#include "engine/base/check.h"
#include "engine/base/platform.h"
#include "engine/module/type_canon.h"

namespace bls::gc {
namespace {

constexpr u64 kFirstCapacity = u64{64} << 10;
constexpr u64 kMaxCapacity = (u64{1} << 32) - (u64{64} << 10);
constexpr u64 kFirstObject = 8;  // offset 0 is null
constexpr u8 kPoison = 0xdb;

u64 roundUp(u64 bytes, u64 unit) { return (bytes + unit - 1) & ~(unit - 1); }

}  // namespace

u64 objectBytes(const u32* header) {
  switch (kindOfWord(header[0])) {
    case ObjectKind::Struct: return layoutOf(typeOfWord(header[0])).bytes;
    case ObjectKind::Array: return Heap::arrayBytes(layoutOf(typeOfWord(header[0])), header[1]);
    case ObjectKind::HostBox: return kBoxBytes;
    case ObjectKind::Exception: return exceptionBytes(header[1]);
  }
  UNREACHABLE("object kind");
}

// One collection: copies objects as references to them are met, then scans the copies.
class Heap::Evacuation final : public RootVisitor {
 public:
  Evacuation(const Space& from, const Space& to) : from_(from), to_(to) {}

  void visit(u64* slot, RefKind kind) override {
    const u64 value = *slot;
    if (kind == RefKind::Heap) {
      if (value != 0 && !isI31(value)) *slot = forward(static_cast<u32>(value));
    } else if ((value & kExternTag) != 0 && !isI31(value)) {
      *slot = kExternTag | forward(static_cast<u32>(value));
    }
  }

  /// Copies what the copies refer to until nothing is left; the end of the used part.
  u64 scan() {
    while (scanned_ < top_) {
      u8* object = to_.base + scanned_;
      const u32* header = reinterpret_cast<const u32*>(object);
      scanObject(object, header);
      scanned_ += objectBytes(header);
    }
    return top_;
  }

 private:
  u32 forward(u32 ref) {
    u32* header = reinterpret_cast<u32*>(from_.base + ref);
    if (header[0] == kForwarded) return header[1];
    const u64 bytes = objectBytes(header);
    const u32 moved = static_cast<u32>(top_);
    std::memcpy(to_.base + top_, header, static_cast<size_t>(bytes));
    top_ += bytes;
    header[0] = kForwarded;
    header[1] = moved;
    return moved;
  }
  void field32(u8* at) {
    u32 value;
    std::memcpy(&value, at, sizeof value);
    if (value == 0 || isI31(value)) return;
    value = forward(value);
    std::memcpy(at, &value, sizeof value);
  }
  void field64(u8* at) {
    u64 value;
    std::memcpy(&value, at, sizeof value);
    visit(&value, RefKind::Extern);
    std::memcpy(at, &value, sizeof value);
  }
  void scanObject(u8* object, const u32* header) {
    switch (kindOfWord(header[0])) {
      case ObjectKind::Struct: {
        const GcLayout& layout = layoutOf(typeOfWord(header[0]));
        for (u32 offset : layout.heapRefs) field32(object + offset);
        for (u32 offset : layout.externRefs) field64(object + offset);
        break;
      }
      case ObjectKind::Array: {
        const GcLayout& layout = layoutOf(typeOfWord(header[0]));
        u8* element = object + kHeaderBytes;
        if (!layout.heapRefs.empty()) {
          for (u32 i = 0; i < header[1]; ++i) field32(element + u64{4} * i);
        } else if (!layout.externRefs.empty()) {
          for (u32 i = 0; i < header[1]; ++i) field64(element + u64{8} * i);
        }
        break;
      }
      case ObjectKind::HostBox: break;
      case ObjectKind::Exception: scanException(object); break;
    }
  }
  void scanException(u8* object) {
    const TagObj* tag = exceptionTag(object);
    u64* slot = reinterpret_cast<u64*>(object + kExceptionPayload);
    for (ValType type : TypeRegistry::global().type(tag->canonType).func.params) {
      const RefKind kind = refKindOf(type);
      if (kind != RefKind::None) visit(slot, kind);
      slot += type.slots();
    }
  }

  const Space& from_;
  const Space& to_;
  u64 top_ = kFirstObject;
  u64 scanned_ = kFirstObject;
};

Heap* Heap::of(Store* store) {
  if (BLS_LIKELY(store->heap() != nullptr)) return static_cast<Heap*>(store->heap());
  if (!store->charge(2 * kFirstCapacity)) return nullptr;
  std::unique_ptr<Heap> heap(new Heap(store));
  if (!makeSpace(kFirstCapacity, &heap->from_) || !makeSpace(kFirstCapacity, &heap->to_)) {
    dropSpace(&heap->from_);
    store->discharge(2 * kFirstCapacity);
    return nullptr;
  }
  heap->capacity_ = kFirstCapacity;
  heap->stress_ = store->config().gcStress;
  heap->publish(kFirstObject);
  Heap* made = heap.get();
  store->setHeap(std::move(heap));
  return made;
}

Heap::~Heap() {
  if (capacity_ != 0) store_->discharge(2 * capacity_);
  dropSpace(&from_);
  dropSpace(&to_);
}

bool Heap::makeSpace(u64 bytes, Space* out) {
  if (!platform::hasGuardPages()) {
    out->base = static_cast<u8*>(platform::allocZeroed(bytes));
    out->reserved = bytes;
    return out->base != nullptr;
  }
  const u64 size = roundUp(bytes, platform::pageSize());
  u8* base = platform::reserve(size);
  if (base == nullptr) return false;
  if (!platform::commit(base, size)) {
    platform::release(base, size);
    return false;
  }
  *out = {base, size};
  return true;
}
void Heap::dropSpace(Space* space) {
  if (space->base == nullptr) return;
  if (platform::hasGuardPages()) {
    platform::release(space->base, space->reserved);
  } else {
    platform::freeZeroed(space->base);
  }
  *space = {};
}

void Heap::publish(u64 top) {
  cx_->heapBase = from_.base;
  cx_->heapTop = top;
  cx_->heapEnd = stress_ ? 0 : capacity_ - kSlack;  // in stress mode every allocation comes here
}

u32 Heap::allocate(u32 word0, u32 word1, u64 bytes) {
  if (BLS_UNLIKELY(stress_ || !fits(bytes)) && !makeRoom(bytes)) return 0;
  const u64 top = cx_->heapTop;
  u8* object = from_.base + top;
  std::memset(object, 0, static_cast<size_t>(bytes));
  u32* header = reinterpret_cast<u32*>(object);
  header[0] = word0;
  header[1] = word1;
  cx_->heapTop = top + bytes;
  return static_cast<u32>(top);
}

bool Heap::makeRoom(u64 bytes) {
  if (bytes > kMaxCapacity) return false;
  collect();
  const u64 needed = cx_->heapTop + bytes + kSlack;
  if (needed > capacity_ / 2) {
    u64 wanted = capacity_;
    while (wanted < 2 * needed) wanted *= 2;
    wanted = std::min(wanted, kMaxCapacity);
    // Under a tight limit: as much as it takes and no more.
    if (!grow(wanted) && needed > capacity_) grow(roundUp(needed, kFirstCapacity));
  }
  return needed <= capacity_;
}

bool Heap::grow(u64 wanted) {
  if (wanted <= capacity_ || wanted > kMaxCapacity) return false;
  const u64 extra = 2 * (wanted - capacity_);
  if (!store_->charge(extra)) return false;
  Space from, to;
  if (!makeSpace(wanted, &from) || !makeSpace(wanted, &to)) {
    dropSpace(&from);
    store_->discharge(extra);
    return false;
  }
  const u64 top = cx_->heapTop;
  std::memcpy(from.base, from_.base, static_cast<size_t>(top));
  dropSpace(&from_);
  dropSpace(&to_);
  from_ = from;
  to_ = to;
  capacity_ = wanted;
  publish(top);
  return true;
}

void Heap::collect() {
  ++collections_;
  Evacuation evacuation(from_, to_);
  traceRoots(evacuation);
  const u64 used = evacuation.scan();
  // A stale reference then reads nonsense at once, not now and then.
  if (stress_) std::memset(from_.base, kPoison, static_cast<size_t>(cx_->heapTop));
  std::swap(from_, to_);
  publish(used);
}

void Heap::traceRoots(RootVisitor& visitor) {
  for (const auto& [instance, elemCount] : store_->instances()) {
    const Module& m = *instance->module;
    for (u32 i = 0; i < m.globals.size(); ++i) {
      const GlobalType& type = m.globals[GlobalIndex{i}].type;
      if (!type.type.isRef() || (i < m.importedGlobals && type.isMutable)) continue;
      const RefKind kind = refKindOf(canonical(m, type.type));
      if (kind != RefKind::None) visitor.visit(&instance->globals[i].lo, kind);
    }
    for (u32 i = 0; i < elemCount; ++i) {
      const RefKind kind = refKindOf(canonical(m, m.elems[ElemIndex{i}].type));
      if (kind == RefKind::None) continue;
      for (u64& ref : instance->elems[i].refs) visitor.visit(&ref, kind);
    }
  }
  for (GlobalObj& global : store_->globals()) {
    const RefKind kind = refKindOf(global.canonType);
    if (kind != RefKind::None) visitor.visit(&global.cell.lo, kind);
  }
  for (const auto& table : store_->tables()) {
    const RefKind kind = refKindOf(table->canonElem);
    if (kind == RefKind::None || table->isFunc) continue;
    for (u64 i = 0; i < table->size; ++i) visitor.visit(&table->refs[i], kind);
  }
  visitor.visit(&pending_, RefKind::Heap);
  for (u64& handle : handles_) visitor.visit(&handle, RefKind::Heap);
  for (RootSource* source : sources_) source->trace(visitor);
  ExecCtx* cx = store_->cx();
  if (cx->frameTracer != nullptr) cx->frameTracer(cx, visitor);
}

void Heap::removeSource(RootSource* source) {
  CHECK(!sources_.empty() && sources_.back() == source);
  sources_.pop_back();
}

// A handle is twice its place plus two, so that it is even and not null.
u64 Heap::makeHandle(u64 ref) {
  if (ref == 0 || isI31(ref)) return ref;
  u32 index = static_cast<u32>(handles_.size());
  if (freeHandles_.empty()) {
    handles_.push_back(ref);
  } else {
    index = freeHandles_.back();
    freeHandles_.pop_back();
    handles_[index] = ref;
  }
  return u64{2} * index + 2;
}
u64 Heap::fromHandle(u64 handle) const {
  if (handle == 0 || isI31(handle)) return handle;
  const u64 index = handle / 2 - 1;
  return index < handles_.size() ? handles_[static_cast<size_t>(index)] : 0;
}
void Heap::releaseHandle(u64 handle) {
  if (handle == 0 || isI31(handle)) return;
  const u64 index = handle / 2 - 1;
  if (index >= handles_.size() || handles_[static_cast<size_t>(index)] == 0) return;
  handles_[static_cast<size_t>(index)] = 0;
  freeHandles_.push_back(static_cast<u32>(index));
}

}  // namespace bls::gc
