// Heap: the garbage-collected objects of one store. Cheney's algorithm over two spaces, bump
// allocation, no barriers.
//
// Entry points: Heap::of (made on first use), allocate, collect, host handles. References are
// offsets from base(), which changes only in allocate and collect and is mirrored in
// ExecCtx::heapBase. Tiers allocate without coming here while the object ends at or before
// ExecCtx::heapEnd: they move heapTop and write header and fields, where 7 bytes behind the object
// may be overwritten. Collection points depend on allocated bytes only, never on time: the space is
// full (or stress mode is on). Both spaces are charged to the store's memory limit. Roots: frames
// (through ExecCtx::frameTracer), globals, tables, element segments, the pending exception, host
// handles and RootSource objects. Thread rule: the store's thread. Objects that C++ code holds in
// variables are not roots: read operands again after anything that may allocate.
#pragma once

#include <cstring>
#include <vector>

#include "engine/gc/layout.h"
#include "engine/object/store.h"

namespace bls {

/// Receives the address of every root and rewrites it when the object moves.
class RootVisitor {
 public:
  virtual void visit(u64* slot, gc::RefKind kind) = 0;

 protected:
  ~RootVisitor() = default;
};

namespace gc {

/// Roots in C++ objects: registered for as long as it lives.
class RootSource {
 public:
  virtual void trace(RootVisitor& visitor) = 0;

 protected:
  ~RootSource() = default;
};

class Heap final : public StoreHeap {
 public:
  /// The store's heap, made now if there is none; null when a limit or the system refuses.
  static Heap* of(Store* store);
  /// The store's heap or null, without making one.
  static Heap* ifAny(const Store* store) { return static_cast<Heap*>(store->heap()); }
  ~Heap() override;
  Heap(const Heap&) = delete;
  Heap& operator=(const Heap&) = delete;

  /// A zeroed object of `bytes` with its header; 0 when it does not fit under the limits even after
  /// a collection. May collect.
  u32 allocate(u32 word0, u32 word1, u64 bytes);
  /// Object of a struct type; all fields default.
  u32 newStruct(const GcLayout& layout) { return allocate(layout.word0, 0, layout.bytes); }
  u32 newArray(const GcLayout& layout, u32 length) {
    return allocate(layout.word0, length, arrayBytes(layout, length));
  }
  static u64 arrayBytes(const GcLayout& layout, u32 length) {
    return (kHeaderBytes + (static_cast<u64>(length) << layout.elementLog2) + 7) & ~u64{7};
  }
  /// Moves everything reachable to the other space.
  void collect();

  u8* base() const { return from_.base; }
  u32* header(u64 ref) const { return reinterpret_cast<u32*>(from_.base + ref); }
  Store* store() const { return store_; }

  /// A reference kept for the host until released; 0 stands for null and odd numbers for i31.
  u64 makeHandle(u64 ref);
  u64 fromHandle(u64 handle) const;
  void releaseHandle(u64 handle);

  /// The exception on its way through host frames; 0 when there is none.
  u64 pendingException() const { return pending_; }
  void setPendingException(u64 ref) { pending_ = ref; }

  void addSource(RootSource* source) { sources_.push_back(source); }
  void removeSource(RootSource* source);

  u64 usedBytes() const { return cx_->heapTop; }
  u64 capacity() const { return capacity_; }
  u64 collections() const { return collections_; }

 private:
  struct Space {
    u8* base = nullptr;
    u64 reserved = 0;
  };
  class Evacuation;
  explicit Heap(Store* store) : store_(store), cx_(store->cx()) {}
  static bool makeSpace(u64 bytes, Space* out);
  static void dropSpace(Space* space);
  bool makeRoom(u64 bytes);
  bool grow(u64 wanted);
  bool fits(u64 bytes) const { return bytes <= capacity_ - kSlack - cx_->heapTop; }
  void publish(u64 top);
  void traceRoots(RootVisitor& visitor);

  static constexpr u64 kSlack =
      8;  // at the end of a space: for the last store of an inline allocation

  Store* store_;
  ExecCtx* cx_;
  Space from_;  // in use
  Space to_;
  u64 capacity_ = 0;  // of each space
  bool stress_ = false;
  u64 pending_ = 0;
  u64 collections_ = 0;
  std::vector<u64> handles_;
  std::vector<u32> freeHandles_;
  std::vector<RootSource*> sources_;
};

/// Bytes of the object at `header`, a multiple of 8.
u64 objectBytes(const u32* header);

// Exceptions are objects as well: header, address of the TagObj, then the payload as slots.
constexpr u32 kExceptionTag = kHeaderBytes;
constexpr u32 kExceptionPayload = kHeaderBytes + 8;
constexpr u64 exceptionBytes(u32 payloadSlots) {
  return kExceptionPayload + static_cast<u64>(payloadSlots) * 8;
}
inline void setExceptionTag(u8* object, const TagObj* tag) {
  const uintptr_t address = reinterpret_cast<uintptr_t>(tag);
  std::memcpy(object + kExceptionTag, &address, sizeof address);
}
inline const TagObj* exceptionTag(const u8* object) {
  uintptr_t address;
  std::memcpy(&address, object + kExceptionTag, sizeof address);
  return reinterpret_cast<const TagObj*>(address);
}
constexpr u32 kExceptionWord = headerWord(ObjectKind::Exception, 0);
// A host's value seen as anyref: header, the value.
constexpr u32 kBoxValue = kHeaderBytes;
constexpr u32 kBoxBytes = kHeaderBytes + 8;
constexpr u32 kBoxWord = headerWord(ObjectKind::HostBox, 0);

}  // namespace gc
}  // namespace bls
