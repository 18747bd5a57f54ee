// Blocking of atomic waits on top of blockingWait.
#include "engine/host/blocking_wait.h"

namespace bls::host {

ParkEnd parkWait(ExecCtx* cx, int fd, u64 timeoutNs) {
  WaitFd wake;
  wake.fd = fd;
  wake.wantRead = true;
  const std::span<WaitFd> fds(&wake, fd >= 0 ? 1 : 0);
  switch (blockingWait(cx, fds, timeoutNs)) {
    case WaitEnd::Ready: return ParkEnd::Ready;
    case WaitEnd::Interrupted: return ParkEnd::Interrupted;
    default: return ParkEnd::TimedOut;
  }
}

}  // namespace bls::host
