// Handler bodies for atomic accesses: any memory, 32- or 64-bit index, sequentially consistent.
//
// Cells as in the far forms of bodies_memory.h: the data cell behind holds offset, memory index and
// index width. The access is checked against the memory's size, then its effective address for
// alignment. Spec: threads proposal, atomic memory accesses.
#pragma once

#include "engine/base/sanitized.h"
#include "engine/interp/bodies_memory.h"

namespace bls::interp {

/// The operand's address, or null after the trap was noted in s.acc.
template <class Mem>
T0_INLINE Mem* atomicAddress(State& s, u64 index) {
  u8* at = farAddress(s, index, sizeof(Mem));
  if (BLS_UNLIKELY(at == nullptr)) {
    s.acc = static_cast<u64>(Trap::MemoryOutOfBounds);
    return nullptr;
  }
  if (BLS_UNLIKELY((reinterpret_cast<u64>(at) & (sizeof(Mem) - 1)) != 0)) {
    s.acc = static_cast<u64>(Trap::UnalignedAtomic);
    return nullptr;
  }
  return reinterpret_cast<Mem*>(at);
}

/// Result a, address b.
template <class Sem>
T0_INLINE SlowFn atomicLoad(State& s) {
  using Mem = typename Sem::Mem;
  const Mem* at = atomicAddress<Mem>(s, s.fp[s.pc->b]);
  if (BLS_UNLIKELY(at == nullptr)) return &raiseAcc;
  put<ToSlot>(s, Sem::fromMemory(__atomic_load_n(at, __ATOMIC_SEQ_CST)));
  s.step<2>();
  return nullptr;
}
/// Address a, value b.
template <class Sem>
T0_INLINE SlowFn atomicStore(State& s) {
  using Mem = typename Sem::Mem;
  Mem* at = atomicAddress<Mem>(s, s.fp[s.pc->a]);
  if (BLS_UNLIKELY(at == nullptr)) return &raiseAcc;
  __atomic_store_n(at, Sem::toMemory(slotGet<typename Sem::Arg>(s, s.pc->b)), __ATOMIC_SEQ_CST);
  s.step<2>();
  return nullptr;
}
/// Result a, address b, operand c.
template <class Sem>
T0_INLINE SlowFn atomicRmw(State& s) {
  using Mem = typename Sem::Mem;
  Mem* at = atomicAddress<Mem>(s, s.fp[s.pc->b]);
  if (BLS_UNLIKELY(at == nullptr)) return &raiseAcc;
  put<ToSlot>(
      s, Sem::fromMemory(Sem::fetch(at, Sem::toMemory(slotGet<typename Sem::Arg>(s, s.pc->c)))));
  s.step<2>();
  return nullptr;
}
/// Result a, address b, expected c, replacement d.
template <class Sem>
T0_INLINE SlowFn atomicCmpxchg(State& s) {
  using Mem = typename Sem::Mem;
  using Value = typename Sem::Arg;
  Mem* at = atomicAddress<Mem>(s, s.fp[s.pc->b]);
  if (BLS_UNLIKELY(at == nullptr)) return &raiseAcc;
  put<ToSlot>(
      s, Sem::fromMemory(Sem::fetch(at, slotGet<Value>(s, s.pc->c), slotGet<Value>(s, s.pc->d))));
  s.step<2>();
  return nullptr;
}
T0_INLINE SlowFn atomicFence(State& s) {
#if defined(BLS_SANITIZED)
  // ThreadSanitizer does not model fences; a read-modify-write orders at least as much.
  static u32 order = 0;
  __atomic_fetch_add(&order, 1, __ATOMIC_SEQ_CST);
#else
  __atomic_thread_fence(__ATOMIC_SEQ_CST);
#endif
  s.step();
  return nullptr;
}

}  // namespace bls::interp
