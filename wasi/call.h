// Call: what every WASI function gets first: the guest's memory and the Context the module was made
// for. Plus the small helpers that all topic files use.
#pragma once

#include "engine/host/abi.h"
#include "engine/host/blocking_wait.h"
#include "wasi/context.h"
#include "wasi/fd_table.h"

namespace bls::wasi {

class Call : public host::Caller {
 public:
  Call(ExecCtx* cx, const FuncObj* self)
      : Caller(cx, self), ctx_(*static_cast<Context*>(self->hostData)) {}
  Context& ctx() const { return ctx_; }
  FdRef fd(u32 number) const { return ctx_.fds().get(number); }

  /// Ends the call with Trap::BadGuestPointer. The return value only serves `return
  /// call.badPointer();`.
  Errno badPointer() {
    raise(Trap::BadGuestPointer);
    return Errno::Fault;
  }

  /// Waits; an interruption raises the trap. Success: ready or timed out (see *end); Intr: raised;
  /// NoMem: refused.
  Errno wait(std::span<host::WaitFd> fds, u64 timeoutNs, host::WaitEnd* end) {
    *end = host::blockingWait(cx(), fds, timeoutNs);
    if (*end == host::WaitEnd::Interrupted) {
      raise(host::interruptTrap(cx()));
      return Errno::Intr;
    }
    return *end == host::WaitEnd::Failed ? Errno::NoMem : Errno::Success;
  }
  /// Waits without limit until one descriptor can be read, or written, or has failed.
  Errno waitFor(int fd, bool forWriting) {
    host::WaitFd one;
    one.fd = fd;
    one.wantRead = !forWriting;
    one.wantWrite = forWriting;
    host::WaitEnd end;
    return wait({&one, 1}, host::kWaitForever, &end);
  }
  /// True when the execution is asked to end (the trap is then raised): for loops that do not wait.
  bool interrupted() {
    Trap trap = host::interruptTrap(cx());
    if (trap == Trap::None) return false;
    raise(trap);
    return true;
  }

 private:
  Context& ctx_;
};

}  // namespace bls::wasi
