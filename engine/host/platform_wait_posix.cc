// blockingWait over ppoll: the caller's descriptors and the wake descriptor of the execution's
// InterruptState.
#include <errno.h>
#include <poll.h>
#include <time.h>

#include <algorithm>
#include <memory>
#include <new>

#include "engine/base/platform.h"
#include "engine/host/blocking_wait.h"

namespace bls::host {
namespace {

constexpr size_t kInlineFds = 16;
// Without a wake descriptor the request is looked at this often.
constexpr u64 kSliceNs = 20'000'000;
constexpr u64 kMaxWaitNs = u64{1} << 60;

timespec toTimespec(u64 ns) {
  timespec out{};
  out.tv_sec = static_cast<time_t>(ns / 1'000'000'000);
  out.tv_nsec = static_cast<long>(ns % 1'000'000'000);
  return out;
}

short eventsOf(const WaitFd& fd) {
  return static_cast<short>((fd.wantRead ? POLLIN : 0) | (fd.wantWrite ? POLLOUT : 0));
}

bool takeResults(std::span<WaitFd> fds, const pollfd* polled) {
  bool any = false;
  for (size_t i = 0; i < fds.size(); ++i) {
    short got = polled[i].revents;
    fds[i].readable = (got & POLLIN) != 0;
    fds[i].writable = (got & POLLOUT) != 0;
    fds[i].hangup = (got & POLLHUP) != 0;
    fds[i].error = (got & (POLLERR | POLLNVAL)) != 0;
    any = any || fds[i].ready();
  }
  return any;
}

}  // namespace

Trap interruptTrap(const ExecCtx* cx) {
  if (cx->interrupt == nullptr) return Trap::None;
  return static_cast<Trap>(cx->interrupt->requested.load(std::memory_order_acquire));
}

WaitEnd blockingWait(ExecCtx* cx, std::span<WaitFd> fds, u64 timeoutNs) {
  if (fds.size() > kMaxWaitFds) return WaitEnd::Failed;
  pollfd inlineFds[kInlineFds + 1];
  std::unique_ptr<pollfd[]> heapFds;
  pollfd* polled = inlineFds;
  if (fds.size() > kInlineFds) {
    heapFds.reset(new (std::nothrow) pollfd[fds.size() + 1]);
    if (heapFds == nullptr) return WaitEnd::Failed;
    polled = heapFds.get();
  }
  for (size_t i = 0; i < fds.size(); ++i) polled[i] = {fds[i].fd, eventsOf(fds[i]), 0};
  int wakeFd = cx->interrupt != nullptr ? cx->interrupt->wakeFd : -1;
  bool slices = cx->interrupt != nullptr && wakeFd < 0;
  polled[fds.size()] = {wakeFd, POLLIN, 0};  // poll skips negative descriptors

  bool forever = timeoutNs == kWaitForever;
  u64 start = forever || timeoutNs == 0 ? 0 : platform::monotonicNs();
  for (u64 left = timeoutNs;;) {
    if (interruptTrap(cx) != Trap::None) return WaitEnd::Interrupted;
    u64 waitNs = std::min(left, slices ? kSliceNs : kMaxWaitNs);
    timespec wait = toTimespec(waitNs);
    bool endless = forever && !slices;
    int got =
        ppoll(polled, static_cast<nfds_t>(fds.size() + 1), endless ? nullptr : &wait, nullptr);
    if (got < 0 && errno != EINTR && errno != EAGAIN) return WaitEnd::Failed;
    if (interruptTrap(cx) != Trap::None) return WaitEnd::Interrupted;
    if (got > 0 && takeResults(fds, polled)) return WaitEnd::Ready;
    if (got > 0 && polled[fds.size()].revents != 0)
      slices = true, polled[fds.size()].fd = -1;  // woken without a request
    if (forever) continue;
    u64 passed = timeoutNs == 0 ? 0 : platform::monotonicNs() - start;
    if (passed >= timeoutNs) return WaitEnd::TimedOut;
    left = timeoutNs - passed;
  }
}

}  // namespace bls::host
