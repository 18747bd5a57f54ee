// Process functions.
#include <sched.h>

#include "wasi/functions.h"

namespace bls::wasi {

constexpr u32 kSignalCount = 31;

// Unwinds every guest frame; runs no destructors and flushes nothing of the guest's.
Trap procExit(Call& call, u32 code) {
  call.cx()->exitCode = code;
  return Trap::Exit;
}

// Signals are not delivered: a guest could only raise one at itself, and must not reach the host.
Errno procRaise(Call&, u32 signal) { return signal >= kSignalCount ? Errno::Inval : Errno::NotSup; }

Errno schedYield(Call& call) {
  if (call.interrupted()) return Errno::Intr;
  sched_yield();
  return Errno::Success;
}

}  // namespace bls::wasi
