// Mutex and MutexGuard: the standard ones, or nothing in builds without threads (the standard
// library has none there). For sections that may take long (translation); short ones use
// spin_lock.h.
#pragma once

#if defined(__wasi__)

namespace bls {

class Mutex {
 public:
  void lock() {}
  void unlock() {}
};

class MutexGuard {
 public:
  explicit MutexGuard(Mutex&) {}
};

}  // namespace bls

#else

#include <mutex>

namespace bls {

using Mutex = std::mutex;
using MutexGuard = std::lock_guard<std::mutex>;

}  // namespace bls

#endif
