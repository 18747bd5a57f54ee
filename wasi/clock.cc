// Clocks: the system's, virtual time, and the two functions that read them.
#include <time.h>

#include <atomic>

#include "wasi/functions.h"

namespace bls::wasi {
namespace {

clockid_t hostClock(ClockId id) {
  switch (id) {
    case ClockId::Realtime: return CLOCK_REALTIME;
    case ClockId::Monotonic: return CLOCK_MONOTONIC;
    case ClockId::ProcessCpu: return CLOCK_PROCESS_CPUTIME_ID;
    case ClockId::ThreadCpu: return CLOCK_THREAD_CPUTIME_ID;
  }
  return CLOCK_MONOTONIC;
}

// Times before 1970 read as 0.
u64 toNs(const timespec& t) {
  if (t.tv_sec < 0) return 0;
  return static_cast<u64>(t.tv_sec) * 1'000'000'000 + static_cast<u64>(t.tv_nsec);
}

class SystemClock final : public Clock {
 public:
  SystemClock() : startNs_(read(ClockId::Monotonic)) {}
  u64 nowNs(ClockId id) override {
    return id == ClockId::Monotonic ? read(id) - startNs_ : read(id);
  }
  u64 resolutionNs(ClockId id) override {
    timespec t{};
    clock_getres(hostClock(id), &t);
    u64 ns = toNs(t);
    return ns == 0 ? 1 : ns;
  }

 private:
  static u64 read(ClockId id) {
    timespec t{};
    clock_gettime(hostClock(id), &t);
    return toNs(t);
  }
  u64 startNs_;
};

class SteppingClock final : public Clock {
 public:
  SteppingClock(u64 realtimeStartNs, u64 stepNs)
      : realtimeStartNs_(realtimeStartNs), stepNs_(stepNs) {}
  u64 nowNs(ClockId id) override {
    u64 passed = passedNs_.fetch_add(stepNs_, std::memory_order_relaxed);
    return id == ClockId::Realtime ? realtimeStartNs_ + passed : passed;
  }
  u64 resolutionNs(ClockId) override { return stepNs_ == 0 ? 1 : stepNs_; }
  bool isVirtual() const override { return true; }
  void advance(u64 ns) override { passedNs_.fetch_add(ns, std::memory_order_relaxed); }

 private:
  u64 realtimeStartNs_;
  u64 stepNs_;
  std::atomic<u64> passedNs_{0};
};

}  // namespace

std::unique_ptr<Clock> systemClock() { return std::make_unique<SystemClock>(); }

std::unique_ptr<Clock> steppingClock(u64 realtimeStartNs, u64 stepNs) {
  return std::make_unique<SteppingClock>(realtimeStartNs, stepNs);
}

Errno clockResGet(Call& call, u32 id, GuestPtr<u64> out) {
  if (id >= kClockCount) return Errno::Inval;
  out.store(call.ctx().clock().resolutionNs(static_cast<ClockId>(id)));
  return Errno::Success;
}

// The precision is a hint; every clock is read as precisely as it goes.
Errno clockTimeGet(Call& call, u32 id, u64, GuestPtr<u64> out) {
  if (id >= kClockCount) return Errno::Inval;
  out.store(call.ctx().clock().nowNs(static_cast<ClockId>(id)));
  return Errno::Success;
}

}  // namespace bls::wasi
