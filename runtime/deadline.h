// Deadline: ends an execution when a time has come. Entry point: Deadline::arm.
//
// One thread waits for the moment and then asks every armed store to end with TimeLimit. Blocking
// host calls wake through the store's wake descriptor. Nothing exists until the first arm. In the
// wasm build arming fails.
#pragma once

#include <memory>

#include "engine/base/ints.h"

namespace bls {

class Deadline {
 public:
  Deadline();
  ~Deadline();
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;

  /// Called on another thread; returns when to be called again (platform::monotonicNs() time), 0
  /// for never.
  using Expired = u64 (*)(void* context);
  /// Calls `expired(context)` once platform::monotonicNs() has reached `atNs`. Arming again moves
  /// the moment. False when the system refuses a thread.
  bool arm(u64 atNs, Expired expired, void* context);
  /// After this returns, `expired` does not run (any more).
  void disarm();

 private:
  struct Watch;
  std::unique_ptr<Watch> watch_;
};

}  // namespace bls
