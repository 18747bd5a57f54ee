// Executor: how a caller lends threads to the engine, which has none of its own.
#pragma once

#include "engine/base/ints.h"

namespace bls {

class Executor {
 public:
  virtual ~Executor() = default;
  /// How many tasks are worth having at once (cores); at least 1.
  virtual u32 concurrency() const = 0;
  /// Calls task(context, i) for every i in [0, n), in any order and on any threads, and returns
  /// when all are done. What the tasks wrote is visible to the caller then.
  virtual void parallelFor(u32 n, void (*task)(void* context, u32 i), void* context) = 0;
};

}  // namespace bls
