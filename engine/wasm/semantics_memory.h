// Pure parts of the scalar memory instructions: how a value looks in memory (little endian),
// widening and narrowing on the way, and the new value of atomic read-modify-write instructions.
// Entry points: readLe, writeLe; Load<To, Mem>, Store<From, Mem>; RmwAdd .. RmwXchg, RmwCmpxchg.
// Bounds and alignment are the caller's business; addresses here are already checked host addresses
// of any alignment (the atomic `fetch` functions need natural alignment).
#pragma once

#include <bit>
#include <cstring>

#include "engine/wasm/semantics.h"

namespace bls::sem::inline BLS_SEM_ISA {

static_assert(std::endian::native == std::endian::little, "memory is little endian by memcpy");

/// The T stored at `at`, which may be unaligned. NaN payloads are kept.
template <class T>
[[gnu::always_inline]] inline T readLe(const u8* at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  return value;
}
template <class T>
[[gnu::always_inline]] inline void writeLe(u8* at, T value) {
  std::memcpy(at, &value, sizeof value);
}

/// To: slot type of the result; MemT: type in memory, sign-extended when signed.
template <class To, class MemT>
struct Load : Functor<None, To> {
  using Mem = MemT;
  static constexpr u32 kWidth = sizeof(Mem);
  BLS_SEM To fromMemory(Mem value) {
    if constexpr (std::is_signed_v<Mem> && std::is_integral_v<Mem>) {
      return static_cast<To>(static_cast<std::make_signed_t<To>>(value));
    } else {
      return value;
    }
  }
  [[gnu::always_inline]] static To load(const u8* at) { return fromMemory(readLe<Mem>(at)); }
};

/// From: slot type of the operand; MemT: type in memory, the low bits of the operand.
template <class From, class MemT>
struct Store : Functor<From, None> {
  using Mem = MemT;
  static constexpr u32 kWidth = sizeof(Mem);
  BLS_SEM Mem toMemory(From value) { return static_cast<Mem>(value); }
  [[gnu::always_inline]] static void store(u8* at, From value) { writeLe(at, toMemory(value)); }
};

// Atomic read-modify-write. Value: slot type; MemT: width in memory, zero-extended on the way out.
// `apply` is the pure rule, `fetch` the same done atomically (sequentially consistent).
template <class Value, class MemT>
struct AtomicRmwBase : Functor<Value, Value> {
  using Mem = MemT;
  static constexpr u32 kWidth = sizeof(Mem);
  BLS_SEM Mem toMemory(Value operand) { return static_cast<Mem>(operand); }
  BLS_SEM Value fromMemory(Mem old) { return old; }
};
template <class Value, class Mem>
struct RmwAdd : AtomicRmwBase<Value, Mem> {
  BLS_SEM Mem apply(Mem old, Mem operand) { return static_cast<Mem>(old + operand); }
  [[gnu::always_inline]] static Mem fetch(Mem* at, Mem operand) {
    return __atomic_fetch_add(at, operand, __ATOMIC_SEQ_CST);
  }
};
template <class Value, class Mem>
struct RmwSub : AtomicRmwBase<Value, Mem> {
  BLS_SEM Mem apply(Mem old, Mem operand) { return static_cast<Mem>(old - operand); }
  [[gnu::always_inline]] static Mem fetch(Mem* at, Mem operand) {
    return __atomic_fetch_sub(at, operand, __ATOMIC_SEQ_CST);
  }
};
template <class Value, class Mem>
struct RmwAnd : AtomicRmwBase<Value, Mem> {
  BLS_SEM Mem apply(Mem old, Mem operand) { return static_cast<Mem>(old & operand); }
  [[gnu::always_inline]] static Mem fetch(Mem* at, Mem operand) {
    return __atomic_fetch_and(at, operand, __ATOMIC_SEQ_CST);
  }
};
template <class Value, class Mem>
struct RmwOr : AtomicRmwBase<Value, Mem> {
  BLS_SEM Mem apply(Mem old, Mem operand) { return static_cast<Mem>(old | operand); }
  [[gnu::always_inline]] static Mem fetch(Mem* at, Mem operand) {
    return __atomic_fetch_or(at, operand, __ATOMIC_SEQ_CST);
  }
};
template <class Value, class Mem>
struct RmwXor : AtomicRmwBase<Value, Mem> {
  BLS_SEM Mem apply(Mem old, Mem operand) { return static_cast<Mem>(old ^ operand); }
  [[gnu::always_inline]] static Mem fetch(Mem* at, Mem operand) {
    return __atomic_fetch_xor(at, operand, __ATOMIC_SEQ_CST);
  }
};
template <class Value, class Mem>
struct RmwXchg : AtomicRmwBase<Value, Mem> {
  BLS_SEM Mem apply(Mem, Mem operand) { return operand; }
  [[gnu::always_inline]] static Mem fetch(Mem* at, Mem operand) {
    return __atomic_exchange_n(at, operand, __ATOMIC_SEQ_CST);
  }
};
/// Compares the zero-extended old value with the whole of `expected`: with bits above the width set
/// it never matches (and still loads).
template <class Value, class Mem>
struct RmwCmpxchg : AtomicRmwBase<Value, Mem> {
  BLS_SEM bool matches(Mem old, Value expected) { return static_cast<Value>(old) == expected; }
  BLS_SEM Mem apply(Mem old, Value expected, Value replacement) {
    return matches(old, expected) ? static_cast<Mem>(replacement) : old;
  }
  [[gnu::always_inline]] static Mem fetch(Mem* at, Value expected, Value replacement) {
    Mem old = static_cast<Mem>(expected);
    if (!matches(old, expected)) return __atomic_load_n(at, __ATOMIC_SEQ_CST);
    // On failure the builtin leaves the value found in `old`; on success that value is `old`
    // already.
    __atomic_compare_exchange_n(at, &old, static_cast<Mem>(replacement), false, __ATOMIC_SEQ_CST,
                                __ATOMIC_SEQ_CST);
    return old;
  }
};

static_assert(Load<u32, i8>::fromMemory(-1) == 0xffffffffu &&
              Load<u64, u8>::fromMemory(255) == 255);
static_assert(Store<u64, u16>::toMemory(0x12345) == 0x2345);
static_assert(RmwSub<u32, u8>::apply(0, 1) == 255);
static_assert(RmwCmpxchg<u32, u8>::apply(1, 0x101, 7) == 1);

}  // namespace bls::sem::inline BLS_SEM_ISA
