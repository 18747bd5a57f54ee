// ProcessInput: the process's standard input as one text, read once and only when it is first asked
// for: a run that never asks waits for nothing. Entry point: ProcessInput::text.
//
// The fixed input of the Blockless runtime: descriptor 0 of the guest and the host call
// `memory_read` share one. Reference: command line description, section 5.
#pragma once

#include <atomic>
#include <string>
#include <string_view>

#include "engine/host/blocking_wait.h"

namespace bls::host {

class ProcessInput {
 public:
  /// Most bytes taken (threat model section 3, host bytes buffered for a guest).
  static constexpr u64 kMaxBytes = u64{16} << 20;
  /// How long the fixed mode waits for the end of the input, from when it is first asked for.
  static constexpr u64 kFixedWaitNs = 1'000'000'000;

  /// What the input must be to count.
  using Accept = bool (*)(const char* data, size_t size);

  /// `fd`: read from, not owned. `otherwise`: the text when the input is empty, not accepted,
  /// larger than kMaxBytes, or has not ended after `waitNs` (kWaitForever: as long as it takes).
  /// Without `accept` every byte is fine.
  explicit ProcessInput(int fd, std::string otherwise, Accept accept = nullptr,
                        u64 waitNs = kFixedWaitNs)
      : fd_(fd), waitNs_(waitNs), accept_(accept), text_(std::move(otherwise)) {}
  ProcessInput(const ProcessInput&) = delete;
  ProcessInput& operator=(const ProcessInput&) = delete;

  /// The text; valid as long as this object. Waits on the first call, interruptibly: Interrupted
  /// ends the host call with interruptTrap(cx), and the next call starts again; else Ready. Thread
  /// rule: any thread, each with its own `cx`.
  WaitEnd text(ExecCtx* cx, std::string_view* out);

 private:
  // Ready: at the end of the input; TimedOut: given up; Interrupted.
  WaitEnd drain(ExecCtx* cx);

  const int fd_;
  const u64 waitNs_;
  const Accept accept_;
  std::string text_;  // `otherwise` until done_, then fixed
  std::string read_;
  std::atomic<bool> done_{false};
  std::atomic_flag busy_ = ATOMIC_FLAG_INIT;
};

}  // namespace bls::host
