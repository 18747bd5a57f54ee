// MemoryObj: one linear memory. Three strategies: Guard (4 GiB + guard reserved, out-of-bounds
// accesses fault), SizedGuard (declared maximum + guard reserved, code checks), Checked (no guard,
// code checks). Growth never moves `base` for as long as the memory is reserved; Checked memories
// may move when unshared, and everybody re-reads base after grow, call, wait. Spec: exec/runtime,
// memory instances.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "engine/base/spin_lock.h"
#include "engine/base/status.h"
#include "engine/wasm/types.h"

namespace bls {

class Store;

enum class MemoryStrategy : u8 { Guard, SizedGuard, Checked };

/// Bytes of the inaccessible region behind every reserved memory. In Guard memories an i32 index
/// with offset + width <= kGuardBytes needs no check.
constexpr u64 kGuardBytes = u64{32} << 20;
constexpr u64 kGuardReservation = (u64{4} << 30) + kGuardBytes;
/// SizedGuard is used for declared maxima up to here.
constexpr u64 kSizedGuardMaxBytes = u64{64} << 20;

/// The strategy every memory of this type gets under `preferred`; a pure function of both, so that
/// code compiled against an import agrees with the memory that is supplied. memory64 and custom
/// page sizes are always Checked.
MemoryStrategy memoryStrategyFor(const MemoryType& type, MemoryStrategy preferred);

/// What a store may use together, and uses. Shared with the memories it made, which may outlive it
/// when other threads' stores use them. Thread rule: any thread.
class MemoryBudget {
 public:
  explicit MemoryBudget(u64 limit) : limit_(limit) {}
  /// False when the limit would be passed.
  bool charge(u64 bytes);
  void discharge(u64 bytes) { used_.fetch_sub(bytes, std::memory_order_relaxed); }
  u64 used() const { return used_.load(std::memory_order_relaxed); }
  u64 peak() const { return peak_.load(std::memory_order_relaxed); }

 private:
  const u64 limit_;
  std::atomic<u64> used_{0};
  std::atomic<u64> peak_{0};
};

struct MemoryObj {
  u8* base = nullptr;        // never null once created, also for zero pages
  std::atomic<u64> size{0};  // bytes, multiple of the page size
  MemoryType type;           // declared limits
  MemoryStrategy strategy = MemoryStrategy::Checked;
  u64 maxBytes = 0;       // growth limit: declared maximum and run limits
  u64 reservedBytes = 0;  // of the reservation or allocation
  u64 committedBytes = 0;
  u64 chargedBytes = 0;                  // against the store's limit
  std::shared_ptr<MemoryBudget> budget;  // of the store that made it
  SpinLock lock;                         // held while a shared memory grows

  MemoryObj() = default;
  MemoryObj(const MemoryObj&) = delete;
  MemoryObj& operator=(const MemoryObj&) = delete;
  ~MemoryObj();

  /// Sets up a fresh object: reserves, makes the initial size accessible, charges it. False when a
  /// limit or the system refuses; `why` then says so. `limitBytes` bounds growth. Called once, by
  /// Store::newMemory.
  bool init(Store* owner, const MemoryType& memoryType, MemoryStrategy wanted, u64 limitBytes,
            std::string* why);
  u64 pages() const { return size.load(std::memory_order_acquire) >> type.pageLog2; }
  /// Grows by `delta` pages; old size in pages, or -1 when a limit or the system refuses. Charged
  /// to the store's limits. Thread rule: takes the memory's lock when shared. Spec:
  /// exec/instructions, memory.grow
  i64 grow(u64 delta);
  /// True when [offset, offset+length) lies inside; wrap free.
  bool contains(u64 offset, u64 length) const {
    u64 bytes = size.load(std::memory_order_acquire);
    return length <= bytes && offset <= bytes - length;
  }
  /// True when `address` lies in the address range this memory has reserved, guard included.
  /// Async-signal-safe.
  bool reserves(const void* address) const {
    u64 distance = reinterpret_cast<u64>(address) - reinterpret_cast<u64>(base);
    return strategy != MemoryStrategy::Checked && distance < reservedBytes;
  }

 private:
  bool makeAccessible(u64 newSize);
  bool move(u64 target);
};

/// Stands for memory 0 where a module has none: no bytes, base null.
extern MemoryObj noMemory;

}  // namespace bls
