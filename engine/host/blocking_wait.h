// blockingWait: the only way a host function may block. It waits for descriptors or a timeout and
// at the same time for a request to end the execution (deadline, interrupt, exit of another
// thread), so no host call outlives its limit. Implementations: platform_wait_posix.cc,
// platform_wait_wasm.cc.
#pragma once

#include <span>

#include "engine/object/exec_ctx.h"

namespace bls::host {

/// One descriptor to wait for; the lower four are results.
struct WaitFd {
  int fd = -1;
  bool wantRead = false;
  bool wantWrite = false;
  bool readable = false;
  bool writable = false;
  bool hangup = false;
  bool error = false;
  bool ready() const { return readable || writable || hangup || error; }
};

constexpr u64 kWaitForever = ~u64{0};
/// Most descriptors one wait may name.
constexpr size_t kMaxWaitFds = 4096;

enum class WaitEnd : u8 {
  Ready,  // at least one descriptor has a result
  TimedOut,
  Interrupted,  // end the call with interruptTrap(cx)
  Failed,       // the system refused (out of memory, too many descriptors)
};

/// Waits until a descriptor is ready, `timeoutNs` have passed (0: only look), or the execution is
/// asked to end. Signals do not shorten the wait. Thread rule: any thread, each with its own `cx`;
/// holds no lock.
WaitEnd blockingWait(ExecCtx* cx, std::span<WaitFd> fds, u64 timeoutNs);

/// How atomic waits of wasm code block (ExecCtx::park): the same wait, for one descriptor or none.
ParkEnd parkWait(ExecCtx* cx, int fd, u64 timeoutNs);

/// The trap an interrupted call ends with; Trap::None when nothing was requested. Also for long
/// loops without waits.
Trap interruptTrap(const ExecCtx* cx);

}  // namespace bls::host
