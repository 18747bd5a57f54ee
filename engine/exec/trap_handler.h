// Faults as traps: turns SIGSEGV, SIGBUS and SIGFPE raised by guest code into wasm traps, and
// nothing else.
//
// A fault is claimed only if (1) the thread is executing wasm, (2) the tier's resolver knows the
// faulting instruction as a recorded access, and (3) the address lies in the reservation of a
// memory of the running store. Everything else goes to the handler that was there before, or to the
// default action: a bug of the host never looks like a guest trap (threat model TRP-1).
// Async-signal-safe: look-ups only, no locks, no allocation. Installing is optional; without it use
// MemoryStrategy::Checked. On systems without signals all of this is empty.
#pragma once

#include "engine/object/exec_ctx.h"

namespace bls {

/// Machine state at a fault, in terms the tier understands. `args` are the integer argument
/// registers of the platform's calling convention, in order. What the resolver writes is where the
/// thread goes on.
struct FaultState {
  u64 pc = 0;
  u64 sp = 0;
  u64 args[8] = {};
  bool isFloat = false;  // a floating-point exception: is it a probe's (float_env.h)?
};

/// Decides on a fault at `state->pc`: false when it is no recorded access; otherwise fills in the
/// trap of `cx`, and makes `state` continue at the tier's trap exit. Runs in signal context.
using FaultResolver = bool (*)(ExecCtx* cx, FaultState* state);

/// Registers the resolver of a tier; the first registration wins a free place, at most four. Thread
/// safe.
void addFaultResolver(FaultResolver resolver);

/// Installs the handlers, once per process, keeping the earlier ones for chaining. False when the
/// system refuses.
bool installTrapHandler();
bool trapHandlerInstalled();

/// Gives the calling thread an alternate signal stack with a guard page, unless it has one. True
/// when a handler is installed: the thread's faults come to it.
bool prepareThreadForTraps();

}  // namespace bls
