// SpinLock: the engine's own lock, for short and rare sections (growth of shared memories, first
// use of something shared). Works in builds without thread support too. Not recursive.
#pragma once

#include <atomic>

namespace bls {

class SpinLock {
 public:
  void lock() {
    while (flag_.test_and_set(std::memory_order_acquire)) {
    }
  }
  void unlock() { flag_.clear(std::memory_order_release); }

 private:
  std::atomic_flag flag_ = ATOMIC_FLAG_INIT;
};

/// Holds a lock for a scope; does nothing when given null.
class SpinGuard {
 public:
  explicit SpinGuard(SpinLock* lock) : lock_(lock) {
    if (lock_ != nullptr) lock_->lock();
  }
  ~SpinGuard() {
    if (lock_ != nullptr) lock_->unlock();
  }
  SpinGuard(const SpinGuard&) = delete;
  SpinGuard& operator=(const SpinGuard&) = delete;

 private:
  SpinLock* lock_;
};

}  // namespace bls
