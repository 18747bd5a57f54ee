// FuelPool: fuel that several stores of one run draw from, in slices. The sum of what is in the
// pool and in the stores only ever falls, so a run cannot use more than it was given. Which thread
// gets the last slice is not defined; a run with one store counts exactly as without a pool.
// Source: fuel contract, section 2 (wasi-threads).
#pragma once

#include <algorithm>
#include <atomic>

#include "engine/base/ints.h"

namespace bls {

/// Thread rule: any thread.
class FuelPool {
 public:
  explicit FuelPool(u64 units) : units_(units) {}

  /// Takes up to `most` units; 0 when none are left.
  u64 draw(u64 most) {
    u64 left = units_.load(std::memory_order_relaxed);
    u64 taken = 0;
    do {
      taken = std::min(left, most);
    } while (!units_.compare_exchange_weak(left, left - taken, std::memory_order_relaxed));
    return taken;
  }
  /// Gives back what a store did not use.
  void giveBack(u64 units) { units_.fetch_add(units, std::memory_order_relaxed); }
  u64 left() const { return units_.load(std::memory_order_relaxed); }

 private:
  std::atomic<u64> units_;
};

}  // namespace bls
