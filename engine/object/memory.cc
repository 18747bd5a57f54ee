// Linear memories: reservation, growth and release in the three strategies.
//
// Guard and SizedGuard reserve everything they can ever need plus the guard, and growth only
// changes access rights, so base never moves. Checked memories reserve what they use; growth past
// that moves them, except shared ones, which reserve their maximum. Where the system has no
// reservations (the wasm build) all are Checked, on the heap.
#include "engine/object/memory.h"

#include <algorithm>

#include "engine/base/platform.h"
#include "engine/object/store.h"

namespace bls {
namespace {

constexpr u64 kMaxAddressable = u64{1} << 63;

// Rounded up to host pages; saturates, so that an absurd size is refused by the system and not
// wrapped.
u64 roundToHostPage(u64 bytes) {
  u64 page = platform::pageSize();
  return bytes > kMaxAddressable ? kMaxAddressable : (bytes + page - 1) & ~(page - 1);
}

u64 pagesToBytes(u64 pages, u8 pageLog2) {
  return pages > (kMaxAddressable >> pageLog2) ? kMaxAddressable : pages << pageLog2;
}

}  // namespace

bool MemoryBudget::charge(u64 bytes) {
  u64 used = used_.load(std::memory_order_relaxed);
  do {
    if (used > limit_ || bytes > limit_ - used) return false;
  } while (!used_.compare_exchange_weak(used, used + bytes, std::memory_order_relaxed));
  const u64 now = used + bytes;
  u64 peak = peak_.load(std::memory_order_relaxed);
  while (now > peak && !peak_.compare_exchange_weak(peak, now, std::memory_order_relaxed)) {
  }
  return true;
}

MemoryStrategy memoryStrategyFor(const MemoryType& type, MemoryStrategy preferred) {
  if (!platform::hasGuardPages() || type.limits.is64 || type.pageLog2 != 16)
    return MemoryStrategy::Checked;
  if (preferred != MemoryStrategy::SizedGuard) return preferred;
  bool small =
      type.limits.hasMax && pagesToBytes(type.limits.max, type.pageLog2) <= kSizedGuardMaxBytes;
  return small ? MemoryStrategy::SizedGuard : MemoryStrategy::Checked;
}

bool MemoryObj::init(Store* owner, const MemoryType& memoryType, MemoryStrategy wanted,
                     u64 limitBytes, std::string* why) {
  budget = owner->budget();
  type = memoryType;
  strategy = memoryStrategyFor(memoryType, wanted);
  u64 declared =
      type.limits.hasMax ? pagesToBytes(type.limits.max, type.pageLog2) : kMaxAddressable;
  // Sizes in pages have to fit the address type: with pages of one byte, 4 GiB do not.
  if (!type.limits.is64)
    declared = std::min(declared, (u64{1} << 32) - (type.pageLog2 == 0 ? 1 : 0));
  maxBytes = std::min(declared, limitBytes) >> type.pageLog2 << type.pageLog2;
  u64 initial = pagesToBytes(type.limits.min, type.pageLog2);
  if (initial > maxBytes || !budget->charge(initial)) {
    *why = "memory minimum size of " + std::to_string(type.limits.min) +
           " pages exceeds memory limits";
    return false;
  }
  chargedBytes = initial;
  u64 reservation = initial;
  if (strategy == MemoryStrategy::Guard) {
    reservation = kGuardReservation;
  } else if (strategy == MemoryStrategy::SizedGuard) {
    reservation = maxBytes + kGuardBytes;
  } else if (type.limits.shared) {
    reservation = maxBytes;
  }
  reservation = std::max<u64>(roundToHostPage(reservation), platform::pageSize());
  base = platform::hasGuardPages() ? platform::reserve(reservation)
                                   : static_cast<u8*>(platform::allocZeroed(reservation));
  if (base == nullptr) {
    *why = "the system refuses " + std::to_string(reservation) +
           " bytes of address space for a memory";
    return false;
  }
  reservedBytes = reservation;
  if (!makeAccessible(initial)) {
    *why = "the system refuses " + std::to_string(initial) + " bytes for a memory";
    return false;
  }
  size.store(initial, std::memory_order_release);
  return true;
}

MemoryObj noMemory;

MemoryObj::~MemoryObj() {
  if (base != nullptr) {
    if (platform::hasGuardPages()) {
      platform::release(base, reservedBytes);
    } else {
      platform::freeZeroed(base);
    }
  }
  if (budget != nullptr) budget->discharge(chargedBytes);
}

bool MemoryObj::makeAccessible(u64 newSize) {
  u64 target = roundToHostPage(newSize);
  if (target <= committedBytes) return true;
  if (target > reservedBytes) return move(target);
  if (platform::hasGuardPages() &&
      !platform::commit(base + committedBytes, target - committedBytes))
    return false;
  committedBytes = target;
  return true;
}

// Checked memories only: a bigger block, doubled when the system allows it so that growing page by
// page stays linear.
bool MemoryObj::move(u64 target) {
  DCHECK(strategy == MemoryStrategy::Checked && !type.limits.shared);
  bool mapped = platform::hasGuardPages();
  u64 old = size.load(std::memory_order_relaxed);
  u64 roomy = std::max(target, std::min(reservedBytes * 2, roundToHostPage(maxBytes)));
  u8* bigger = nullptr;
  for (u64 capacity : {roomy, target}) {
    bigger =
        mapped ? platform::reserve(capacity) : static_cast<u8*>(platform::allocZeroed(capacity));
    if (bigger != nullptr) {
      roomy = capacity;
      break;
    }
  }
  if (bigger == nullptr) return false;
  if (mapped && !platform::commit(bigger, target)) {
    platform::release(bigger, roomy);
    return false;
  }
  std::memcpy(bigger, base, static_cast<size_t>(old));
  if (mapped) {
    platform::release(base, reservedBytes);
  } else {
    platform::freeZeroed(base);
  }
  base = bigger;
  reservedBytes = roomy;
  committedBytes = target;
  return true;
}

i64 MemoryObj::grow(u64 delta) {
  SpinGuard held(type.limits.shared ? &lock : nullptr);
  u64 old = size.load(std::memory_order_relaxed);
  if (delta == 0) return static_cast<i64>(old >> type.pageLog2);
  if (delta > (maxBytes - old) >> type.pageLog2) return -1;
  u64 extra = delta << type.pageLog2;
  if (!budget->charge(extra)) return -1;
  if (!makeAccessible(old + extra)) {
    budget->discharge(extra);
    return -1;
  }
  chargedBytes += extra;
  size.store(old + extra, std::memory_order_release);
  return static_cast<i64>(old >> type.pageLog2);
}

}  // namespace bls
