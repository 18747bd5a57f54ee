// The thread pool on POSIX: one mutex, one condition for work, one for the end; indices are handed
// out atomically.
#include <pthread.h>
#include <sched.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <vector>

#include "runtime/executor.h"

namespace bls {
namespace {

constexpr u32 kMaxThreads = 16;
constexpr size_t kWorkerStackBytes = 1 << 20;

u32 cpuCount() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  return std::clamp<u32>(static_cast<u32>(CPU_COUNT(&set)), 1, kMaxThreads);
}

}  // namespace

struct ThreadPool::Pool {
  std::mutex callers;  // one job at a time
  std::mutex lock;
  std::condition_variable work;
  std::condition_variable finished;
  std::vector<pthread_t> workers;
  u64 generation = 0;
  bool stopping = false;
  u32 busy = 0;
  void (*task)(void*, u32) = nullptr;
  void* context = nullptr;
  u32 count = 0;
  std::atomic<u32> next{0};

  void drain() {
    for (u32 i = next.fetch_add(1); i < count; i = next.fetch_add(1)) task(context, i);
  }

  void workerLoop() {
    u64 seen = 0;
    std::unique_lock<std::mutex> held(lock);
    for (;;) {
      work.wait(held, [&] { return stopping || generation != seen; });
      if (stopping) return;
      seen = generation;
      held.unlock();
      drain();
      held.lock();
      if (--busy == 0) finished.notify_one();
    }
  }

  // pthread_create and not std::thread: a refusal must be a value.
  void start(u32 wanted) {
    pthread_attr_t attributes;
    if (pthread_attr_init(&attributes) != 0) return;
    pthread_attr_setstacksize(&attributes, kWorkerStackBytes);
    while (workers.size() < wanted) {
      pthread_t thread;
      auto entry = [](void* self) -> void* {
        static_cast<Pool*>(self)->workerLoop();
        return nullptr;
      };
      if (pthread_create(&thread, &attributes, entry, this) != 0) break;
      workers.push_back(thread);
    }
    pthread_attr_destroy(&attributes);
  }
};

ThreadPool::ThreadPool(u32 threads)
    : threads_(std::min(threads == 0 ? cpuCount() : threads, u32{64})) {
  if (threads_ > 1) pool_ = std::make_unique<Pool>();
}

ThreadPool::~ThreadPool() {
  if (pool_ == nullptr) return;
  {
    std::lock_guard<std::mutex> held(pool_->lock);
    pool_->stopping = true;
  }
  pool_->work.notify_all();
  for (pthread_t thread : pool_->workers) pthread_join(thread, nullptr);
}

void ThreadPool::parallelFor(u32 n, void (*task)(void* context, u32 i), void* context) {
  if (threads_ <= 1 || n <= 1) {
    for (u32 i = 0; i < n; ++i) task(context, i);
    return;
  }
  Pool& pool = *pool_;
  std::lock_guard<std::mutex> one(pool.callers);
  pool.start(std::min(threads_, n) - 1);
  {
    std::lock_guard<std::mutex> held(pool.lock);
    pool.task = task;
    pool.context = context;
    pool.count = n;
    pool.next.store(0);
    pool.busy = static_cast<u32>(pool.workers.size());
    ++pool.generation;
  }
  pool.work.notify_all();
  pool.drain();
  std::unique_lock<std::mutex> held(pool.lock);
  pool.finished.wait(held, [&] { return pool.busy == 0; });
}

}  // namespace bls
