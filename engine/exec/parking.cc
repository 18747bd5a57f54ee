// The table of parked threads: buckets of queues by address, each with its lock.
#include "engine/exec/parking.h"

#include <algorithm>
#include <list>

#include "engine/base/mutex.h"
#include "engine/base/platform.h"

namespace bls {
namespace {

// Without a descriptor of its own a waiter looks this often whether it was woken.
constexpr u64 kSliceNs = 5'000'000;
constexpr u64 kBuckets = 64;

struct Waiter {
  const u8* address = nullptr;
  int fd = -1;
  bool woken = false;
};
struct Bucket {
  Mutex lock;
  std::list<Waiter*> queue;
};
Bucket& bucketOf(const u8* address) {
  static Bucket buckets[kBuckets];
  const u64 key = reinterpret_cast<u64>(address) / 4;
  return buckets[(key ^ key >> 10) % kBuckets];
}

// The descriptor a thread is woken through; made at its first wait.
class WakeDescriptor {
 public:
  ~WakeDescriptor() {
    if (fd_ >= 0) platform::closeWakeFd(fd_);
  }
  int get() {
    if (fd_ < 0) fd_ = platform::newWakeFd();
    return fd_;
  }

 private:
  int fd_ = -1;
};
#if defined(__wasi__)
WakeDescriptor wakeDescriptor;
#else
thread_local WakeDescriptor wakeDescriptor;
#endif

u64 load(const u8* address, u32 width) {
  return width == 8 ? __atomic_load_n(reinterpret_cast<const u64*>(address), __ATOMIC_SEQ_CST)
                    : __atomic_load_n(reinterpret_cast<const u32*>(address), __ATOMIC_SEQ_CST);
}

// Blocks until woken, timed out or interrupted; the caller finds out which of the first two.
Trap block(ExecCtx* cx, const Waiter& waiter, Bucket& bucket, u64 timeoutNs) {
  const u64 start = platform::monotonicNs();
  for (u64 left = timeoutNs;;) {
    const bool slices = waiter.fd < 0;
    const u64 wait = slices ? std::min(left, kSliceNs) : left;
    const ParkEnd end = cx->park != nullptr ? cx->park(cx, waiter.fd, wait) : ParkEnd::TimedOut;
    if (end == ParkEnd::Interrupted)
      return static_cast<Trap>(cx->interrupt->requested.load(std::memory_order_acquire));
    if (!slices || cx->park == nullptr) return Trap::None;
    {
      MutexGuard guard(bucket.lock);
      if (waiter.woken) return Trap::None;
    }
    if (timeoutNs == kParkForever) continue;
    const u64 passed = platform::monotonicNs() - start;
    if (passed >= timeoutNs) return Trap::None;
    left = timeoutNs - passed;
  }
}

}  // namespace

WaitResult parkUntilNotified(ExecCtx* cx, const u8* address, u32 width, u64 expected, u64 timeoutNs,
                             Trap* trap) {
  Bucket& bucket = bucketOf(address);
  Waiter waiter;
  waiter.address = address;
  waiter.fd = wakeDescriptor.get();
  {
    MutexGuard guard(bucket.lock);
    if (load(address, width) != (width == 8 ? expected : static_cast<u32>(expected)))
      return WaitResult::NotEqual;
    bucket.queue.push_back(&waiter);
  }
  *trap = block(cx, waiter, bucket, timeoutNs);
  MutexGuard guard(bucket.lock);
  if (waiter.fd >= 0) platform::clearWakeFd(waiter.fd);
  if (waiter.woken) return WaitResult::Woken;
  bucket.queue.remove(&waiter);
  return WaitResult::TimedOut;
}

u32 unpark(const u8* address, u32 count) {
  Bucket& bucket = bucketOf(address);
  MutexGuard guard(bucket.lock);
  u32 woken = 0;
  for (auto it = bucket.queue.begin(); it != bucket.queue.end() && woken < count;) {
    Waiter* waiter = *it;
    if (waiter->address != address) {
      ++it;
      continue;
    }
    it = bucket.queue.erase(it);
    waiter->woken = true;
    platform::signalWakeFd(waiter->fd);
    ++woken;
  }
  return woken;
}

}  // namespace bls
