// ThreadPool: the runtime's Executor, a small pool that starts its threads when the first large job
// comes and keeps them.
//
// The engine has no threads of its own; validation and later compilation of large modules borrow
// these. Workers live until the pool is destroyed. In the wasm build there are none and jobs run in
// the caller.
#pragma once

#include <memory>

#include "engine/base/executor.h"

namespace bls {

class ThreadPool : public Executor {
 public:
  /// `threads` counts the caller; 0 means one per CPU this process may use (at most 16).
  explicit ThreadPool(u32 threads = 0);
  ~ThreadPool() override;
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  u32 concurrency() const override { return threads_; }
  /// One job at a time: calls from several threads queue up. A system that refuses threads makes it
  /// slower, not wrong.
  void parallelFor(u32 n, void (*task)(void* context, u32 i), void* context) override;

 private:
  struct Pool;
  u32 threads_ = 1;
  std::unique_ptr<Pool> pool_;
};

}  // namespace bls
