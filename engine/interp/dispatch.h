// The two back ends behind one interface: tables of handler words, and running from a state until
// the run ends.
#pragma once

#include "engine/interp/handlers.h"

namespace bls::interp {

/// A handler of the tail back end. The sixth argument is free; the slow path uses it.
using Handler = u64 (*)(const Cell* pc, u64* fp, u8* mem0, ExecCtx* cx, u64 acc, u64 loc, Vec facc);

// Every build for this machine may have it; see dispatch_tail.cc for what it needs.
#if !defined(__wasm__) && (defined(__x86_64__) || defined(__aarch64__))
#define T0_HAS_TAIL 1
#else
#define T0_HAS_TAIL 0
#endif

#if T0_HAS_TAIL
/// A row's handler.
Handler tailHandler(u32 row);
/// The same, or for a hot row (handlers_hot.h) one of its copies, dealt out by `turn`.
constexpr u32 kTailCopies = 15;
Handler tailCopy(u32 row, u32 turn);
u64 runTail(const State& s);
/// True when this machine has the instructions the tail handlers were compiled for.
bool tailSupported();
#if T0_HAS_GUARD
/// Where a fault at a recorded access goes on: ends the run with Trap::MemoryOutOfBounds.
u64 tailTrapExit(const Cell* pc, u64* fp, u8* mem0, ExecCtx* cx, u64 acc, u64 loc, Vec facc);
/// True when `pc` is the address of a recorded access. Async-signal-safe.
bool isRecordedAccess(u64 pc);
#endif
#endif

u64 runLoop(const State& s);

}  // namespace bls::interp
