// No threads in the wasm build: jobs run in the caller.
#include "runtime/executor.h"

namespace bls {

struct ThreadPool::Pool {};

ThreadPool::ThreadPool(u32) {}
ThreadPool::~ThreadPool() = default;

void ThreadPool::parallelFor(u32 n, void (*task)(void* context, u32 i), void* context) {
  for (u32 i = 0; i < n; ++i) task(context, i);
}

}  // namespace bls
