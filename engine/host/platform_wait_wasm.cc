// blockingWait inside an outer WASI host: its poll; nothing can interrupt a single-threaded guest
// of another engine.
#include <errno.h>
#include <poll.h>
#include <time.h>

#include <algorithm>
#include <memory>
#include <new>

#include "engine/host/blocking_wait.h"

namespace bls::host {

Trap interruptTrap(const ExecCtx* cx) {
  if (cx->interrupt == nullptr) return Trap::None;
  return static_cast<Trap>(cx->interrupt->requested.load(std::memory_order_acquire));
}

WaitEnd blockingWait(ExecCtx* cx, std::span<WaitFd> fds, u64 timeoutNs) {
  if (interruptTrap(cx) != Trap::None) return WaitEnd::Interrupted;
  if (fds.size() > kMaxWaitFds) return WaitEnd::Failed;
  if (fds.empty()) {
    timespec wait{};
    wait.tv_sec = static_cast<time_t>(std::min<u64>(timeoutNs / 1'000'000'000, 0x7fffffff));
    wait.tv_nsec = static_cast<long>(timeoutNs % 1'000'000'000);
    nanosleep(&wait, nullptr);
    return WaitEnd::TimedOut;
  }
  std::unique_ptr<pollfd[]> polled(new (std::nothrow) pollfd[fds.size()]);
  if (polled == nullptr) return WaitEnd::Failed;
  for (size_t i = 0; i < fds.size(); ++i) {
    polled[i].fd = fds[i].fd;
    polled[i].events =
        static_cast<short>((fds[i].wantRead ? POLLIN : 0) | (fds[i].wantWrite ? POLLOUT : 0));
    polled[i].revents = 0;
  }
  u64 waitMs = timeoutNs / 1'000'000 + (timeoutNs % 1'000'000 != 0 ? 1 : 0);
  int timeout =
      timeoutNs == kWaitForever ? -1 : static_cast<int>(std::min<u64>(waitMs, 0x7fffffff));
  int got = poll(polled.get(), fds.size(), timeout);
  if (got < 0) {
    // Hosts differ in what they can poll (Node refuses pipes). Call it ready: without other threads
    // the transfer itself may as well block, and one that must not says so.
    for (WaitFd& one : fds) {
      one.readable = one.wantRead;
      one.writable = one.wantWrite;
    }
    return WaitEnd::Ready;
  }
  for (size_t i = 0; i < fds.size(); ++i) {
    short events = polled[i].revents;
    fds[i].readable = (events & POLLIN) != 0;
    fds[i].writable = (events & POLLOUT) != 0;
    fds[i].hangup = (events & POLLHUP) != 0;
    fds[i].error = (events & (POLLERR | POLLNVAL)) != 0;
  }
  return got > 0 ? WaitEnd::Ready : WaitEnd::TimedOut;
}

}  // namespace bls::host
