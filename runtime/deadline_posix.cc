// The watching thread: a condition variable on the monotonic clock.
#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>

#include "engine/base/platform.h"
#include "runtime/deadline.h"

namespace bls {
namespace {

constexpr u64 kLongestWaitNs = u64{3600} * 1000000000;  // far moments are waited for in pieces

}  // namespace

struct Deadline::Watch {
  std::mutex lock;
  std::condition_variable changed;
  pthread_t thread{};
  bool running = false;
  bool stopping = false;
  u64 atNs = 0;  // 0: not armed
  Expired expired = nullptr;
  void* context = nullptr;

  void loop() {
    std::unique_lock<std::mutex> held(lock);
    while (!stopping) {
      if (atNs == 0) {
        changed.wait(held);
        continue;
      }
      u64 now = platform::monotonicNs();
      if (now >= atNs) {
        atNs = expired(context);  // under the lock, so that disarm() really ends it
        continue;
      }
      changed.wait_for(held, std::chrono::nanoseconds(std::min(atNs - now, kLongestWaitNs)));
    }
  }
};

Deadline::Deadline() = default;

Deadline::~Deadline() {
  if (watch_ == nullptr || !watch_->running) return;
  {
    std::lock_guard<std::mutex> held(watch_->lock);
    watch_->stopping = true;
  }
  watch_->changed.notify_all();
  pthread_join(watch_->thread, nullptr);
}

bool Deadline::arm(u64 atNs, Expired expired, void* context) {
  if (watch_ == nullptr) watch_ = std::make_unique<Watch>();
  Watch& watch = *watch_;
  {
    std::lock_guard<std::mutex> held(watch.lock);
    watch.atNs = atNs == 0 ? 1 : atNs;
    watch.expired = expired;
    watch.context = context;
  }
  if (watch.running) {
    watch.changed.notify_all();
    return true;
  }
  auto entry = [](void* self) -> void* {
    static_cast<Watch*>(self)->loop();
    return nullptr;
  };
  watch.running = pthread_create(&watch.thread, nullptr, entry, &watch) == 0;
  return watch.running;
}

void Deadline::disarm() {
  if (watch_ == nullptr) return;
  std::lock_guard<std::mutex> held(watch_->lock);
  watch_->atNs = 0;
}

}  // namespace bls
