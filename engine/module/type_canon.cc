// Hash-consing of recursion groups, displays, and matching of heap and value types.
#include "engine/module/type_canon.h"

#include <atomic>
#include <bit>
#include <memory>

#include "engine/base/check.h"
#include "engine/module/module.h"
#include "engine/wasm/limits.h"

namespace bls {
namespace {

// A reference inside the group being described is kLocalRef + its position in the group.
constexpr u32 kLocalRef = u32{1} << 31;

struct Record {
  SubType type;
  u32 depth = 0;
  std::unique_ptr<u32[]>
      display;  // canonical ids of all ancestors and itself, root first; null when depth is 0
};

// Records never move: readers hold references without the lock. Chunk k holds 2^(k+3) records.
constexpr u32 kFirstChunkBits = 3;
constexpr u32 kFirstChunkSize = u32{1} << kFirstChunkBits;
constexpr u32 kChunks = 20;
static_assert(kMaxCanonTypes < (kFirstChunkSize << kChunks) - kFirstChunkSize);
constexpr u32 chunkOf(u32 id) {
  return static_cast<u32>(std::bit_width(id + kFirstChunkSize)) - 1 - kFirstChunkBits;
}
constexpr u32 indexInChunk(u32 id) {
  return id + kFirstChunkSize - (kFirstChunkSize << chunkOf(id));
}

struct Group {
  u64 hash = 0;
  u32 firstId = 0;
  u32 keyStart = 0;  // in words_
  u32 keySize = 0;   // 0: free entry
};

class SpinLock {
 public:
  explicit SpinLock(std::atomic_flag& flag) : flag_(flag) {
    while (flag_.test_and_set(std::memory_order_acquire)) {
    }
  }
  ~SpinLock() { flag_.clear(std::memory_order_release); }
  SpinLock(const SpinLock&) = delete;
  SpinLock& operator=(const SpinLock&) = delete;

 private:
  std::atomic_flag& flag_;
};

u64 hashWords(std::span<const u32> words) {
  u64 h = 0x9e3779b97f4a7c15u;
  for (u32 word : words) {
    h = (h ^ word) * 0xff51afd7ed558ccdu;
    h ^= h >> 32;
  }
  return h;
}

// Writes a recursion group as words in which equal groups, and only they, are equal.
class KeyWriter {
 public:
  KeyWriter(std::span<const SubType> types, u32 start, u32 size, std::span<const u32> canon)
      : types_(types), start_(start), end_(start + size), canon_(canon) {}
  std::vector<u32> words;

  bool write() {
    words.push_back(end_ - start_);
    for (u32 i = start_; i < end_; ++i) {
      if (!member(types_[i])) return false;
    }
    return true;
  }
  // The word for a type index: relative inside the group, canonical outside.
  bool reference(u32 index, u32* out) const {
    if (index >= end_) return false;
    *out = index >= start_ ? kLocalRef + (index - start_) : canon_[index];
    return *out != kNoCanonType;
  }

 private:
  bool member(const SubType& type) {
    words.push_back(static_cast<u32>(type.kind) | (type.isFinal ? 4u : 0u) |
                    (type.super != kNoType ? 8u : 0u));
    if (type.super != kNoType) {
      u32 super = 0;
      if (!reference(type.super, &super)) return false;
      words.push_back(super);
    }
    if (type.kind == CompKind::Func) return values(type.func.params) && values(type.func.results);
    words.push_back(static_cast<u32>(type.fields.size()));
    for (const FieldType& field : type.fields) {
      words.push_back(field.isMutable);
      if (!value(field.storage)) return false;
    }
    return true;
  }
  bool values(const std::vector<ValType>& list) {
    words.push_back(static_cast<u32>(list.size()));
    for (ValType type : list) {
      if (!value(type)) return false;
    }
    return true;
  }
  bool value(ValType type) {
    if (!type.isRef() || !type.heap().isConcrete()) {
      words.push_back(type.bits());
      return true;
    }
    words.push_back(type.nullable() ? 2 : 3);  // no ValType has these bits
    u32 ref = 0;
    if (!reference(type.heap().typeIndex(), &ref)) return false;
    words.push_back(ref);
    return true;
  }

  std::span<const SubType> types_;
  u32 start_;
  u32 end_;
  std::span<const u32> canon_;
};

}  // namespace

struct TypeRegistry::Impl {
  std::atomic_flag lock = ATOMIC_FLAG_INIT;
  std::atomic<u32> count{0};
  std::atomic<Record*> chunks[kChunks] = {};
  std::vector<Group> table = std::vector<Group>(32);  // open addressing, a power of two
  u32 groups = 0;
  std::vector<u32> keys;

  const Record& record(u32 id) const {
    DCHECK(id < count.load(std::memory_order_acquire));
    return chunks[chunkOf(id)].load(std::memory_order_acquire)[indexInChunk(id)];
  }
  Record& newRecord() {
    u32 id = count.load(std::memory_order_relaxed);
    std::atomic<Record*>& chunk = chunks[chunkOf(id)];
    if (chunk.load(std::memory_order_relaxed) == nullptr) {
      chunk.store(new Record[kFirstChunkSize << chunkOf(id)], std::memory_order_release);
    }
    count.store(id + 1, std::memory_order_release);
    return chunk.load(std::memory_order_relaxed)[indexInChunk(id)];
  }
  // The entry of this key, or the free entry where it belongs.
  Group& find(std::span<const u32> key, u64 hash) {
    size_t mask = table.size() - 1;
    for (size_t i = hash & mask;; i = (i + 1) & mask) {
      Group& g = table[i];
      if (g.keySize == 0) return g;
      if (g.hash == hash && g.keySize == key.size() &&
          std::memcmp(&keys[g.keyStart], key.data(), key.size() * sizeof(u32)) == 0) {
        return g;
      }
    }
  }
  void grow() {
    std::vector<Group> old = std::move(table);
    table = std::vector<Group>(old.size() * 2);
    for (const Group& g : old) {
      if (g.keySize == 0) continue;
      size_t i = g.hash & (table.size() - 1);
      while (table[i].keySize != 0) i = (i + 1) & (table.size() - 1);
      table[i] = g;
    }
  }
  void addMember(const SubType& type, u32 start, u32 firstId, u32 size, std::span<const u32> canon);
};

// Copies a type with its references made canonical, and builds its display. Supertypes come before
// their subtypes, or the module is invalid; such a type gets no display.
void TypeRegistry::Impl::addMember(const SubType& type, u32 start, u32 firstId, u32 size,
                                   std::span<const u32> canon) {
  u32 id = count.load(std::memory_order_relaxed);
  Record& r = newRecord();
  auto map = [&](u32 index) { return index >= start ? firstId + (index - start) : canon[index]; };
  auto mapType = [&](ValType* t) {
    if (t->isRef() && t->heap().isConcrete()) {
      *t = ValType::ref(HeapType::concrete(map(t->heap().typeIndex())), t->nullable());
    }
  };
  r.type = type;
  for (ValType& t : r.type.func.params) mapType(&t);
  for (ValType& t : r.type.func.results) mapType(&t);
  for (FieldType& f : r.type.fields) mapType(&f.storage);
  r.type.recGroupStart = firstId;
  r.type.recGroupSize = size;
  if (type.super == kNoType) return;
  r.type.super = map(type.super);
  if (r.type.super >= id) return;
  const Record& parent = record(r.type.super);
  // One above the limit is enough for the validator to refuse the type.
  if (parent.depth > limits::kSubtypeDepth) {
    r.depth = parent.depth;
    return;
  }
  r.depth = parent.depth + 1;
  r.display = std::make_unique<u32[]>(r.depth + 1);
  if (parent.display != nullptr) {
    std::memcpy(r.display.get(), parent.display.get(), (parent.depth + 1) * sizeof(u32));
  } else {
    r.display[0] = r.type.super;
  }
  r.display[r.depth] = id;
}

TypeRegistry& TypeRegistry::global() {
  static TypeRegistry* const kRegistry =
      new TypeRegistry;  // never destroyed: ids live as long as the process
  return *kRegistry;
}

TypeRegistry::TypeRegistry() : impl_(new Impl) {}

TypeRegistry::~TypeRegistry() {
  for (std::atomic<Record*>& chunk : impl_->chunks) delete[] chunk.load(std::memory_order_relaxed);
  delete impl_;
}

bool TypeRegistry::canonicalise(std::span<const SubType> types, u32 start, u32 size,
                                std::span<u32> canon) {
  if (size == 0) return true;
  KeyWriter key(types, start, size, canon);
  if (!key.write()) return false;
  u64 hash = hashWords(key.words);
  Impl& impl = *impl_;
  SpinLock hold(impl.lock);
  Group* group = &impl.find(key.words, hash);
  if (group->keySize == 0) {
    u32 firstId = impl.count.load(std::memory_order_relaxed);
    if (size > kMaxCanonTypes - firstId || key.words.size() > 0xffffffffu - impl.keys.size())
      return false;
    if ((impl.groups + 1) * 2 > impl.table.size()) {
      impl.grow();
      group = &impl.find(key.words, hash);
    }
    *group = {hash, firstId, static_cast<u32>(impl.keys.size()),
              static_cast<u32>(key.words.size())};
    impl.groups += 1;
    impl.keys.insert(impl.keys.end(), key.words.begin(), key.words.end());
    for (u32 i = 0; i < size; ++i) impl.addMember(types[start + i], start, firstId, size, canon);
  }
  for (u32 i = 0; i < size; ++i) canon[start + i] = group->firstId + i;
  return true;
}

u32 TypeRegistry::canonicalFunc(const FuncType& type) {
  SubType sub;
  sub.func = type;
  u32 id = kNoCanonType;
  bool done = canonicalise({&sub, 1}, 0, 1, {&id, 1});
  CHECK(done);
  return id;
}

bool TypeRegistry::isSubtype(u32 sub, u32 super) const {
  if (sub == super) return true;
  const Record& a = impl_->record(sub);
  u32 depth = impl_->record(super).depth;
  return depth < a.depth && a.display != nullptr && a.display[depth] == super;
}

u32 TypeRegistry::depth(u32 canonId) const { return impl_->record(canonId).depth; }
const SubType& TypeRegistry::type(u32 canonId) const { return impl_->record(canonId).type; }
u32 TypeRegistry::size() const { return impl_->count.load(std::memory_order_acquire); }

namespace {

HeapType topOfAbstract(HeapType heap) {
  switch (heap.bits()) {
    case HeapType::Func:
    case HeapType::NoFunc: return HeapType::Func;
    case HeapType::Extern:
    case HeapType::NoExtern: return HeapType::Extern;
    case HeapType::Exn:
    case HeapType::NoExn: return HeapType::Exn;
    default: return HeapType::Any;
  }
}

HeapType abstractOf(CompKind kind) {
  return kind == CompKind::Func     ? HeapType::Func
         : kind == CompKind::Struct ? HeapType::Struct
                                    : HeapType::Array;
}

bool isBottomOfHierarchy(HeapType heap) {
  return heap == HeapType::None || heap == HeapType::NoFunc || heap == HeapType::NoExtern ||
         heap == HeapType::NoExn;
}

bool isAbstractSubtype(HeapType sub, HeapType super) {
  if (sub == super) return true;
  if (topOfAbstract(sub) != topOfAbstract(super)) return false;
  if (isBottomOfHierarchy(sub) || super == topOfAbstract(super)) return true;
  // Left: inside `any`, where eq is above i31, struct and array.
  return super == HeapType::Eq &&
         (sub == HeapType::I31 || sub == HeapType::Struct || sub == HeapType::Array);
}

// `compKind` and `isConcreteSubtype` know what concrete heap types mean: module indices or
// canonical ids.
template <class KindOf, class IsSubtype>
bool matchHeap(HeapType sub, HeapType super, KindOf kindOf, IsSubtype isConcreteSubtype) {
  if (sub == super) return true;
  if (!super.isConcrete()) {
    return isAbstractSubtype(sub.isConcrete() ? abstractOf(kindOf(sub.typeIndex())) : sub, super);
  }
  if (sub.isConcrete()) return isConcreteSubtype(sub.typeIndex(), super.typeIndex());
  return isBottomOfHierarchy(sub) &&
         topOfAbstract(sub) == topOfAbstract(abstractOf(kindOf(super.typeIndex())));
}

}  // namespace

bool isHeapSubtype(const Module& m, HeapType sub, HeapType super) {
  return matchHeap(
      sub, super, [&](u32 index) { return m.type(index).kind; },
      [&](u32 a, u32 b) {
        return TypeRegistry::global().isSubtype(m.canonTypes[a], m.canonTypes[b]);
      });
}

bool isSubtype(const Module& m, ValType sub, ValType super) {
  if (sub == super || sub == ValType::Bottom) return true;
  if (!sub.isRef() || !super.isRef() || (sub.nullable() && !super.nullable())) return false;
  return isHeapSubtype(m, sub.heap(), super.heap());
}

HeapType topOf(const Module& m, HeapType heap) {
  return topOfAbstract(heap.isConcrete() ? abstractOf(m.type(heap.typeIndex()).kind) : heap);
}

ValType canonical(const Module& m, ValType type) {
  if (!type.isRef() || !type.heap().isConcrete()) return type;
  return ValType::ref(HeapType::concrete(m.canonTypes[type.heap().typeIndex()]), type.nullable());
}

bool isCanonicalSubtype(ValType sub, ValType super) {
  if (sub == super || sub == ValType::Bottom) return true;
  if (!sub.isRef() || !super.isRef() || (sub.nullable() && !super.nullable())) return false;
  TypeRegistry& types = TypeRegistry::global();
  return matchHeap(
      sub.heap(), super.heap(), [&](u32 id) { return types.type(id).kind; },
      [&](u32 a, u32 b) { return types.isSubtype(a, b); });
}

}  // namespace bls
