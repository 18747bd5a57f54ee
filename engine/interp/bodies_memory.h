// Handler bodies for loads and stores, scalar and vector, in guard and checked form, and the access
// primitive.
//
// Guard form (tail back end, memory 0, i32 index, offset + width within the guard region): one
// machine instruction that records its own address in section bls_t0_access and holds pc and fp in
// their argument registers, so that a fault can be attributed (engine design 1.6). Checked form:
// explicit 64-bit check against cx->mem0Size. kFar forms serve every other memory, 64-bit indices
// and offsets. A store never writes partially: x86 accesses are one instruction; the checked form
// looks at the whole range first.
#pragma once

#include "engine/interp/bodies_numeric.h"

#if defined(__x86_64__) && !defined(T0_NO_GUARD)
#define T0_HAS_GUARD 1
#else
#define T0_HAS_GUARD 0
#endif

namespace bls::interp {

#if T0_HAS_GUARD
#ifdef __AVX__
#define T0_V "v"
#else
#define T0_V ""
#endif
// Records the address of the instruction it stands before.
#define T0_SITE \
  ".pushsection bls_t0_access,\"a\",@progbits\n\t.balign 4\n\t.long 1f - .\n\t.popsection\n1:\t"
#define T0_LOAD(insn, reg, con)                                                       \
  __asm__ volatile(T0_SITE insn " (%[mem],%[at]), " reg                               \
                   : [out] con(value)                                                 \
                   : [mem] "r"(s.mem0), [at] "r"(at), "D"(s.pc), "S"(s.fp), "c"(s.cx) \
                   : "memory")
#define T0_STORE(insn, reg, con)                                                             \
  __asm__ volatile(T0_SITE insn " " reg ", (%[mem],%[at])"                                   \
                   :                                                                         \
                   : [in] con(value), [mem] "r"(s.mem0), [at] "r"(at), "D"(s.pc), "S"(s.fp), \
                     "c"(s.cx)                                                               \
                   : "memory")

/// Loads an integer Mem and widens it to a To (the instruction does both); the whole slot image.
template <class To, class Mem>
T0_INLINE u64 guardLoadWord(const State& s, u64 at) {
  u64 value;
  if constexpr (std::is_same_v<Mem, u8>) {
    T0_LOAD("movzbl", "%k[out]", "=r");
  } else if constexpr (std::is_same_v<Mem, u16>) {
    T0_LOAD("movzwl", "%k[out]", "=r");
  } else if constexpr (std::is_same_v<Mem, i8> && sizeof(To) == 4) {
    T0_LOAD("movsbl", "%k[out]", "=r");
  } else if constexpr (std::is_same_v<Mem, i16> && sizeof(To) == 4) {
    T0_LOAD("movswl", "%k[out]", "=r");
  } else if constexpr (std::is_same_v<Mem, i8>) {
    T0_LOAD("movsbq", "%q[out]", "=r");
  } else if constexpr (std::is_same_v<Mem, i16>) {
    T0_LOAD("movswq", "%q[out]", "=r");
  } else if constexpr (std::is_same_v<Mem, i32>) {
    T0_LOAD("movslq", "%q[out]", "=r");
  } else if constexpr (sizeof(Mem) == 4) {
    T0_LOAD("movl", "%k[out]", "=r");
  } else {
    static_assert(std::is_same_v<Mem, u64>);
    T0_LOAD("movq", "%q[out]", "=r");
  }
  return value;
}
/// Loads a float or vector.
template <class Mem>
T0_INLINE Mem guardLoadVec(const State& s, u64 at) {
  Mem value;
  if constexpr (sizeof(Mem) == 16) {
    T0_LOAD(T0_V "movups", "%[out]", "=x");
  } else if constexpr (std::is_same_v<Mem, f32>) {
    T0_LOAD(T0_V "movss", "%[out]", "=x");
  } else {
    static_assert(std::is_same_v<Mem, f64>);
    T0_LOAD(T0_V "movsd", "%[out]", "=x");
  }
  return value;
}
template <class Mem>
T0_INLINE void guardStore(const State& s, u64 at, Mem value) {
  if constexpr (sizeof(Mem) == 16) {
    T0_STORE(T0_V "movups", "%[in]", "x");
  } else if constexpr (std::is_same_v<Mem, f32>) {
    T0_STORE(T0_V "movss", "%[in]", "x");
  } else if constexpr (std::is_same_v<Mem, f64>) {
    T0_STORE(T0_V "movsd", "%[in]", "x");
  } else if constexpr (sizeof(Mem) == 1) {
    T0_STORE("movb", "%b[in]", "q");
  } else if constexpr (sizeof(Mem) == 2) {
    T0_STORE("movw", "%w[in]", "r");
  } else if constexpr (sizeof(Mem) == 4) {
    T0_STORE("movl", "%k[in]", "r");
  } else {
    T0_STORE("movq", "%q[in]", "r");
  }
}
#endif

/// True when an access of `width` bytes at effective address `at` (below 2^34) leaves memory 0.
T0_INLINE bool outside(const State& s, u64 at, u32 width) {
  return BLS_UNLIKELY(at + width > s.cx->mem0Size);
}

// How an address is made: slot + offset, accumulator + offset, two slots + 16-bit offset,
// accumulator + slot + offset. Sums of two operands wrap at 32 bits, as the 32-bit addition they
// replace. The rest: slot or accumulator plus a constant, 32 bits and no offset or 16 bits and a
// 16-bit offset; slot plus scaled slot.
enum Address : u8 {
  AtSlot,
  AtAcc,
  AtTwo,
  AtAccTwo,
  AtSum,
  AtAccSum,
  AtSum16,
  AtAccSum16,
  AtScaled1,
  AtScaled2,
  AtScaled3
};
/// `first` and `second`: the cell fields that hold the slots.
template <Address M>
T0_INLINE u64 addressOf(const State& s, u32 first, u32 second) {
  if constexpr (M == AtSlot) return static_cast<u64>(slotGet<u32>(s, first)) + s.pc->imm32();
  if constexpr (M == AtAcc) return static_cast<u64>(static_cast<u32>(s.acc)) + s.pc->imm32();
  if constexpr (M == AtTwo)
    return static_cast<u64>(slotGet<u32>(s, first) + slotGet<u32>(s, second)) + s.pc->d;
  if constexpr (M == AtAccTwo) {
    return static_cast<u64>(static_cast<u32>(s.acc) + slotGet<u32>(s, first)) + s.pc->imm32();
  }
  if constexpr (M == AtSum) return slotGet<u32>(s, first) + s.pc->imm32();
  if constexpr (M == AtAccSum) return static_cast<u32>(s.acc) + s.pc->imm32();
  if constexpr (M == AtSum16) {
    return static_cast<u64>(slotGet<u32>(s, first) + static_cast<u32>(static_cast<i16>(s.pc->c))) +
           s.pc->d;
  }
  if constexpr (M == AtAccSum16) {
    return static_cast<u64>(static_cast<u32>(s.acc) + static_cast<u32>(static_cast<i16>(s.pc->c))) +
           s.pc->d;
  }
  if constexpr (M >= AtScaled1) {
    constexpr u32 kShift = M - AtScaled1 + 1;
    return static_cast<u64>(slotGet<u32>(s, first) + (slotGet<u32>(s, second) << kShift)) + s.pc->d;
  }
}

/// Result a; address slots b, c.
template <class Sem, Address M, Dst D, bool kGuard>
T0_INLINE SlowFn load(State& s) {
  using Mem = typename Sem::Mem;
  using Res [[maybe_unused]] = typename Sem::Res;
  const u64 at = addressOf<M>(s, s.pc->b, s.pc->c);
#if T0_HAS_GUARD
  if constexpr (kGuard) {
    if constexpr (sizeof(Res) == 16 && std::is_integral_v<Mem>) {
      put<D>(s, Sem::fromMemory(static_cast<Mem>(guardLoadWord<u64, Mem>(s, at))));
    } else if constexpr (std::is_integral_v<Mem>) {
      put<D>(s, guardLoadWord<Res, Mem>(s, at));
    } else {
      put<D>(s, guardLoadVec<Mem>(s, at));
    }
    s.step();
    return nullptr;
  }
#endif
  if (outside(s, at, sizeof(Mem))) return &memorySlow;
  put<D>(s, Sem::fromMemory(sem::readLe<Mem>(s.mem0 + at)));
  s.step();
  return nullptr;
}

template <class Mem, bool kGuard>
T0_INLINE SlowFn storeAt(State& s, u64 at, Mem value) {
#if T0_HAS_GUARD
  if constexpr (kGuard) {
    guardStore<Mem>(s, at, value);
    s.step();
    return nullptr;
  }
#endif
  if (outside(s, at, sizeof(Mem))) return &memorySlow;
  sem::writeLe(s.mem0 + at, value);
  s.step();
  return nullptr;
}
/// Address slot a, value slot b or 16-bit immediate in b. Two-slot addresses: a, b and the value
/// slot c.
template <class Sem, Address M, Src V, bool kGuard>
T0_INLINE SlowFn store(State& s) {
  using T = typename Sem::Arg;
  const u64 at = addressOf<M>(s, s.pc->a, s.pc->b);
  T value;
  if constexpr (V == I) {
    value = static_cast<T>(static_cast<i64>(static_cast<i16>(s.pc->b)));
  } else if constexpr (V == A) {
    value = accGet<T>(s);
  } else {
    value = slotGet<T>(s, M == AtTwo ? s.pc->c : s.pc->b);
  }
  return storeAt<typename Sem::Mem, kGuard>(s, at, Sem::toMemory(value));
}

/// Lane forms, always checked: a result (loads) and address, b vector, c lane; the data cell
/// behind: offset.
template <class Sem>
T0_INLINE SlowFn loadLane(State& s) {
  using Mem = typename Sem::Mem;
  const u64 at = static_cast<u64>(slotGet<u32>(s, s.pc->d)) + s.pc[1].h;
  if (outside(s, at, sizeof(Mem))) return &memorySlow;
  put<ToSlot>(s, Sem::fromMemory(sem::readLe<Mem>(s.mem0 + at), slotGet<Vec>(s, s.pc->b), s.pc->c));
  s.step<2>();
  return nullptr;
}
template <class Sem>
T0_INLINE SlowFn storeLane(State& s) {
  using Mem = typename Sem::Mem;
  const u64 at = static_cast<u64>(slotGet<u32>(s, s.pc->d)) + s.pc[1].h;
  if (outside(s, at, sizeof(Mem))) return &memorySlow;
  sem::writeLe(s.mem0 + at, Sem::toMemory(slotGet<Vec>(s, s.pc->b), s.pc->c));
  s.step<2>();
  return nullptr;
}

// Far forms: any memory, 32- or 64-bit index, any offset. The checked base address of the access,
// or null after the trap was noted in s.acc. Cell behind: offset; memory index in its a..b words
// (imm32), bit 0 of d of the first cell: 64-bit index.
T0_INLINE u8* farAddress(State& s, u64 index, u32 width) {
  const Cell& more = s.pc[1];
  const MemoryObj* memory = s.cx->instance->memories[more.imm32()];
  if (more.a == 0) index = static_cast<u32>(index);
  const u64 at = index + more.h;
  const u64 size = memory->size.load(std::memory_order_acquire);
  if (BLS_UNLIKELY(at < index || size < width || at > size - width)) return nullptr;
  return memory->base + at;
}
T0_INLINE SlowFn farTrap(State& s) {
  s.acc = static_cast<u64>(Trap::MemoryOutOfBounds);
  return &raiseAcc;
}
/// a result, b address.
template <class Sem>
T0_INLINE SlowFn loadFar(State& s) {
  const u8* at = farAddress(s, s.fp[s.pc->b], sizeof(typename Sem::Mem));
  if (BLS_UNLIKELY(at == nullptr)) return farTrap(s);
  put<ToSlot>(s, Sem::fromMemory(sem::readLe<typename Sem::Mem>(at)));
  s.step<2>();
  return nullptr;
}
/// a address, b value.
template <class Sem>
T0_INLINE SlowFn storeFar(State& s) {
  u8* at = farAddress(s, s.fp[s.pc->a], sizeof(typename Sem::Mem));
  if (BLS_UNLIKELY(at == nullptr)) return farTrap(s);
  sem::writeLe(at, Sem::toMemory(slotGet<typename Sem::Arg>(s, s.pc->b)));
  s.step<2>();
  return nullptr;
}
/// a result, b vector, c lane, d address.
template <class Sem>
T0_INLINE SlowFn loadLaneFar(State& s) {
  const u8* at = farAddress(s, s.fp[s.pc->d], sizeof(typename Sem::Mem));
  if (BLS_UNLIKELY(at == nullptr)) return farTrap(s);
  put<ToSlot>(
      s, Sem::fromMemory(sem::readLe<typename Sem::Mem>(at), slotGet<Vec>(s, s.pc->b), s.pc->c));
  s.step<2>();
  return nullptr;
}
template <class Sem>
T0_INLINE SlowFn storeLaneFar(State& s) {
  u8* at = farAddress(s, s.fp[s.pc->d], sizeof(typename Sem::Mem));
  if (BLS_UNLIKELY(at == nullptr)) return farTrap(s);
  sem::writeLe(at, Sem::toMemory(slotGet<Vec>(s, s.pc->b), s.pc->c));
  s.step<2>();
  return nullptr;
}

}  // namespace bls::interp
