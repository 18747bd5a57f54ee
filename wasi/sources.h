// Clock and RandomSource: where time and randomness come from. The system's by default;
// reproducible ones for
// `--deterministic`, tests and replay.
#pragma once

#include <memory>

#include "engine/base/ints.h"

namespace bls::wasi {

enum class ClockId : u32 { Realtime, Monotonic, ProcessCpu, ThreadCpu };
constexpr u32 kClockCount = 4;

/// Thread rule: every member may be called from any thread.
class Clock {
 public:
  virtual ~Clock() = default;
  /// Nanoseconds: since 1970 for Realtime, since an arbitrary start for the others. Monotonic never
  /// goes back.
  virtual u64 nowNs(ClockId id) = 0;
  virtual u64 resolutionNs(ClockId id) = 0;
  /// True when time passes only by `advance` and by being asked: waits then do not sleep but
  /// advance.
  virtual bool isVirtual() const { return false; }
  virtual void advance(u64) {}
};

/// The system's clocks; Monotonic counts from the making of this object, so that the host's uptime
/// is not shown.
std::unique_ptr<Clock> systemClock();

/// Virtual time. Realtime starts at `realtimeStartNs`, the others at 0, and every nowNs moves all
/// of them on by `stepNs` after answering, so that guests polling the time get on. A sleep moves
/// the time to its end at once.
constexpr u64 kDeterministicEpochNs = u64{946684800} * 1'000'000'000;  // 2000-01-01T00:00:00Z
constexpr u64 kDeterministicStepNs = 1'000'000;
std::unique_ptr<Clock> steppingClock(u64 realtimeStartNs = kDeterministicEpochNs,
                                     u64 stepNs = kDeterministicStepNs);

class RandomSource {
 public:
  virtual ~RandomSource() = default;
  /// Fills the buffer; false when the system refuses. At most 1 MiB per call.
  virtual bool fill(u8* data, size_t size) = 0;
};

std::unique_ptr<RandomSource> systemRandom();

/// The byte stream of SplitMix64 from `seed` (little endian words); how it is cut into calls makes
/// no difference. Not for secrets.
std::unique_ptr<RandomSource> seededRandom(u64 seed);

}  // namespace bls::wasi
