// Parking: threads that wait at an address of a shared memory, and waking them.
//
// One table for the process, keyed by address, so that it works for every store that uses the
// memory. Comparing the value and queueing happen under the same lock as notification. A waiter
// blocks in ExecCtx::park, which also ends for interrupts and deadlines. Thread rule: any thread.
// Spec: threads proposal, wait queues.
#pragma once

#include "engine/object/exec_ctx.h"

namespace bls {

/// What memory.atomic.wait returns.
enum class WaitResult : u32 { Woken = 0, NotEqual = 1, TimedOut = 2 };
constexpr u64 kParkForever = ~u64{0};

/// Waits at `address` (aligned to `width`, 4 or 8) while it holds `expected`, at most `timeoutNs`.
/// `trap`: set when an interrupt ended the wait. Waiters are woken in the order they came.
WaitResult parkUntilNotified(ExecCtx* cx, const u8* address, u32 width, u64 expected, u64 timeoutNs,
                             Trap* trap);
/// Wakes up to `count` waiters; how many there were.
u32 unpark(const u8* address, u32 count);

}  // namespace bls
