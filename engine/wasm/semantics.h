// Pure semantics of the scalar integer, comparison and wide-arithmetic instructions, one functor
// per row of opcodes.def. Interpreter handlers, constant folding and tests all call these. Shape:
// `Arg`/`Res` are slot types only (u32 u64 f32 f64 Vec; signedness lives in the functor), `kTraps`,
// and `eval`. Where kTraps, call `check` first and `eval` only when it says Trap::None. `kNanBits`
// is 32 or 64 where a NaN result's sign and payload may differ between machines and a deterministic
// mode has to canonicalise lanes of that width (canonicalResult), else 0. Included alone this file
// is cheap; semantics_all.h brings in the others and checks every row. Users must be compiled
// without -ffast-math and with -ffp-contract=off.
#pragma once

#include <limits>
#include <type_traits>

#include "engine/base/ints.h"
#include "engine/wasm/traps.h"

// The functors differ by instruction set, and a program may hold several builds of them (SIMD
// handlers with and without SSE4.1). The inline namespace keeps those apart for the linker.
// BLS_SEM_GENERIC turns all machine-specific forms off, so that tests reach the portable ones.
#if defined(BLS_SEM_GENERIC)
#define BLS_SEM_ISA isa_generic
#elif defined(__AVX__)
#define BLS_SEM_ISA isa_avx
#elif defined(__SSE4_2__)
#define BLS_SEM_ISA isa_sse42
#elif defined(__SSE4_1__)
#define BLS_SEM_ISA isa_sse41
#elif defined(__SSSE3__)
#define BLS_SEM_ISA isa_ssse3
#elif defined(__SSE2__)
#define BLS_SEM_ISA isa_sse2
#elif defined(__aarch64__)
#define BLS_SEM_ISA isa_neon
#elif defined(__wasm_simd128__)
#define BLS_SEM_ISA isa_wasm_simd
#else
#define BLS_SEM_ISA isa_portable
#endif

// Heads of a constexpr functor member and of a constexpr free helper.
#define BLS_SEM [[gnu::always_inline]] static constexpr
#define BLS_SEM_FUNC [[gnu::always_inline]] constexpr

namespace bls::sem::inline BLS_SEM_ISA {

/// The `semantics` entry of instructions that are not pure functions of their operands.
struct None {};

namespace detail {
template <class T>
struct CarrierOf {
  using Type = T;
};
template <>
struct CarrierOf<i32> {
  using Type = u32;
};
template <>
struct CarrierOf<i64> {
  using Type = u64;
};

template <class T>
constexpr u32 kBits = sizeof(T) * 8;
}  // namespace detail

/// Slot type that holds a T: unsigned for integers.
template <class T>
using Carrier = typename detail::CarrierOf<T>::Type;

/// What functors share: slot types and traits with their usual values.
template <class A, class R>
struct Functor {
  using Arg = A;
  using Res = R;
  static constexpr bool kTraps = false;
  static constexpr u8 kNanBits = 0;
};

/// Same, for arithmetic on T whose NaN results are not fixed by the spec.
template <class T>
struct Arithmetic : Functor<T, T> {
  static constexpr u8 kNanBits = std::is_floating_point_v<T> ? sizeof(T) * 8 : 0;
};

// Arithmetic shared by unsigned integers (wrapping) and floats (round to nearest even).
template <class T>
struct Add : Arithmetic<T> {
  BLS_SEM T eval(T lhs, T rhs) { return lhs + rhs; }
};
template <class T>
struct Sub : Arithmetic<T> {
  BLS_SEM T eval(T lhs, T rhs) { return lhs - rhs; }
};
template <class T>
struct Mul : Arithmetic<T> {
  BLS_SEM T eval(T lhs, T rhs) { return lhs * rhs; }
};

// Division. x86 `idiv` faults on MIN / -1 and MIN % -1, C++ leaves both undefined.
template <class T>
struct DivS : Functor<Carrier<T>, Carrier<T>> {
  static_assert(std::is_signed_v<T>);
  using U = Carrier<T>;
  static constexpr bool kTraps = true;
  BLS_SEM Trap check(U lhs, U rhs) {
    if (static_cast<U>(rhs + 1) > 1) [[likely]]
      return Trap::None;  // neither 0 nor -1
    if (rhs == 0) return Trap::DivideByZero;
    return static_cast<T>(lhs) == std::numeric_limits<T>::min() ? Trap::IntegerOverflow
                                                                : Trap::None;
  }
  BLS_SEM U eval(U lhs, U rhs) { return static_cast<U>(static_cast<T>(lhs) / static_cast<T>(rhs)); }
};
template <class T>
struct DivU : Functor<T, T> {
  static_assert(std::is_unsigned_v<T>);
  static constexpr bool kTraps = true;
  BLS_SEM Trap check(T, T rhs) { return rhs == 0 ? Trap::DivideByZero : Trap::None; }
  BLS_SEM T eval(T lhs, T rhs) { return lhs / rhs; }
};
template <class T>
struct RemS : Functor<Carrier<T>, Carrier<T>> {
  static_assert(std::is_signed_v<T>);
  using U = Carrier<T>;
  static constexpr bool kTraps = true;
  BLS_SEM Trap check(U, U rhs) { return rhs == 0 ? Trap::DivideByZero : Trap::None; }
  BLS_SEM U eval(U lhs, U rhs) {
    if (static_cast<T>(rhs) == -1) [[unlikely]]
      return 0;
    return static_cast<U>(static_cast<T>(lhs) % static_cast<T>(rhs));
  }
};
template <class T>
struct RemU : Functor<T, T> {
  static_assert(std::is_unsigned_v<T>);
  static constexpr bool kTraps = true;
  BLS_SEM Trap check(T, T rhs) { return rhs == 0 ? Trap::DivideByZero : Trap::None; }
  BLS_SEM T eval(T lhs, T rhs) { return lhs % rhs; }
};

// Bits. Shift counts are taken modulo the width.
template <class T>
struct And : Functor<T, T> {
  BLS_SEM T eval(T lhs, T rhs) { return lhs & rhs; }
};
template <class T>
struct Or : Functor<T, T> {
  BLS_SEM T eval(T lhs, T rhs) { return lhs | rhs; }
};
template <class T>
struct Xor : Functor<T, T> {
  BLS_SEM T eval(T lhs, T rhs) { return lhs ^ rhs; }
};
template <class T>
struct Shl : Functor<T, T> {
  BLS_SEM T eval(T lhs, T rhs) { return lhs << (rhs & (detail::kBits<T> - 1)); }
};
/// Logical for unsigned T, arithmetic for signed T.
template <class T>
struct Shr : Functor<Carrier<T>, Carrier<T>> {
  using U = Carrier<T>;
  BLS_SEM U eval(U lhs, U rhs) {
    return static_cast<U>(static_cast<T>(lhs) >> (rhs & (detail::kBits<T> - 1)));
  }
};
template <class T>
struct Rotl : Functor<T, T> {
  BLS_SEM T eval(T lhs, T rhs) {
    constexpr T kMask = detail::kBits<T> - 1;
    return (lhs << (rhs & kMask)) | (lhs >> ((0 - rhs) & kMask));
  }
};
template <class T>
struct Rotr : Functor<T, T> {
  BLS_SEM T eval(T lhs, T rhs) {
    constexpr T kMask = detail::kBits<T> - 1;
    return (lhs >> (rhs & kMask)) | (lhs << ((0 - rhs) & kMask));
  }
};
template <class T>
struct Clz : Functor<T, T> {
  BLS_SEM T eval(T value) {
    if (value == 0) return detail::kBits<T>;
    if constexpr (sizeof(T) == 8) {
      return static_cast<T>(__builtin_clzll(value));
    } else {
      return static_cast<T>(__builtin_clz(value));
    }
  }
};
template <class T>
struct Ctz : Functor<T, T> {
  BLS_SEM T eval(T value) {
    if (value == 0) return detail::kBits<T>;
    if constexpr (sizeof(T) == 8) {
      return static_cast<T>(__builtin_ctzll(value));
    } else {
      return static_cast<T>(__builtin_ctz(value));
    }
  }
};
template <class T>
struct Popcnt : Functor<T, T> {
  BLS_SEM T eval(T value) {
#if defined(__x86_64__) && !defined(__POPCNT__)
    // The builtin would be a library call here.
    constexpr T kOnes = ~T{0} / 255;
    value -= (value >> 1) & (kOnes * 0x55);
    value = (value & (kOnes * 0x33)) + ((value >> 2) & (kOnes * 0x33));
    value = (value + (value >> 4)) & (kOnes * 0x0f);
    return (value * kOnes) >> (detail::kBits<T> - 8);
#else
    if constexpr (sizeof(T) == 8) {
      return static_cast<T>(__builtin_popcountll(value));
    } else {
      return static_cast<T>(__builtin_popcount(value));
    }
#endif
  }
};

// Comparisons: integers by the signedness of T; floats IEEE, so only `Ne` holds for a NaN.
template <class T>
struct Eqz : Functor<T, u32> {
  BLS_SEM u32 eval(T value) { return value == 0; }
};
template <class T>
struct Eq : Functor<Carrier<T>, u32> {
  BLS_SEM u32 eval(Carrier<T> lhs, Carrier<T> rhs) { return lhs == rhs; }
};
template <class T>
struct Ne : Functor<Carrier<T>, u32> {
  BLS_SEM u32 eval(Carrier<T> lhs, Carrier<T> rhs) { return lhs != rhs; }
};
template <class T>
struct Lt : Functor<Carrier<T>, u32> {
  BLS_SEM u32 eval(Carrier<T> lhs, Carrier<T> rhs) {
    return static_cast<T>(lhs) < static_cast<T>(rhs);
  }
};
template <class T>
struct Gt : Functor<Carrier<T>, u32> {
  BLS_SEM u32 eval(Carrier<T> lhs, Carrier<T> rhs) {
    return static_cast<T>(lhs) > static_cast<T>(rhs);
  }
};
template <class T>
struct Le : Functor<Carrier<T>, u32> {
  BLS_SEM u32 eval(Carrier<T> lhs, Carrier<T> rhs) {
    return static_cast<T>(lhs) <= static_cast<T>(rhs);
  }
};
template <class T>
struct Ge : Functor<Carrier<T>, u32> {
  BLS_SEM u32 eval(Carrier<T> lhs, Carrier<T> rhs) {
    return static_cast<T>(lhs) >= static_cast<T>(rhs);
  }
};

/// Result of the wide-arithmetic instructions; `lo` is pushed first.
struct WideResult {
  u64 lo;
  u64 hi;
  friend constexpr bool operator==(WideResult a, WideResult b) {
    return a.lo == b.lo && a.hi == b.hi;
  }
};

namespace detail {
/// 64 x 64 -> 128 without a 128-bit type, for hosts where that would be a library call.
BLS_SEM_FUNC WideResult mulWidePortable(u64 lhs, u64 rhs) {
  const u64 aLo = static_cast<u32>(lhs), aHi = lhs >> 32;
  const u64 bLo = static_cast<u32>(rhs), bHi = rhs >> 32;
  const u64 low = aLo * bLo;
  const u64 mid = aHi * bLo + (low >> 32);  // cannot wrap: (2^32-1)^2 + 2^32-1 < 2^64
  const u64 mid2 = aLo * bHi + static_cast<u32>(mid);
  return {(mid2 << 32) | static_cast<u32>(low), aHi * bHi + (mid >> 32) + (mid2 >> 32)};
}

BLS_SEM_FUNC WideResult mulWide(u64 lhs, u64 rhs) {
#if defined(__SIZEOF_INT128__) && !defined(__wasm__) && !defined(BLS_SEM_GENERIC)
  __extension__ using U128 = unsigned __int128;
  const U128 product = static_cast<U128>(lhs) * rhs;
  return {static_cast<u64>(product), static_cast<u64>(product >> 64)};
#else
  return mulWidePortable(lhs, rhs);
#endif
}
}  // namespace detail

struct I64Add128 : Functor<u64, WideResult> {
  BLS_SEM WideResult eval(u64 lhsLo, u64 lhsHi, u64 rhsLo, u64 rhsHi) {
    const u64 lo = lhsLo + rhsLo;
    return {lo, lhsHi + rhsHi + (lo < lhsLo ? 1u : 0u)};
  }
};
struct I64Sub128 : Functor<u64, WideResult> {
  BLS_SEM WideResult eval(u64 lhsLo, u64 lhsHi, u64 rhsLo, u64 rhsHi) {
    return {lhsLo - rhsLo, lhsHi - rhsHi - (lhsLo < rhsLo ? 1u : 0u)};
  }
};
struct I64MulWideU : Functor<u64, WideResult> {
  BLS_SEM WideResult eval(u64 lhs, u64 rhs) { return detail::mulWide(lhs, rhs); }
};
struct I64MulWideS : Functor<u64, WideResult> {
  BLS_SEM WideResult eval(u64 lhs, u64 rhs) {
    // A negative operand x stands for x - 2^64, so the other one comes off the high half.
    WideResult product = detail::mulWide(lhs, rhs);
    product.hi -= static_cast<u64>(static_cast<i64>(lhs) >> 63) & rhs;
    product.hi -= static_cast<u64>(static_cast<i64>(rhs) >> 63) & lhs;
    return product;
  }
};

static_assert(DivS<i32>::check(0x80000000u, 0xffffffffu) == Trap::IntegerOverflow);
static_assert(DivS<i32>::check(0x80000000u, 0) == Trap::DivideByZero);
static_assert(DivS<i64>::check(5, ~u64{0}) == Trap::None);
static_assert(DivS<i32>::eval(static_cast<u32>(-7), 2) == static_cast<u32>(-3));
static_assert(RemS<i32>::eval(0x80000000u, 0xffffffffu) == 0);
static_assert(RemS<i64>::eval(static_cast<u64>(-7), 2) == static_cast<u64>(-1));
static_assert(Shl<u32>::eval(1, 33) == 2 && Shr<i32>::eval(0x80000000u, 63) == 0xffffffffu);
static_assert(Rotl<u32>::eval(0x80000001u, 32) == 0x80000001u &&
              Rotr<u64>::eval(1, 1) == 1ull << 63);
static_assert(Clz<u32>::eval(0) == 32 && Ctz<u64>::eval(0) == 64 &&
              Popcnt<u64>::eval(~u64{0}) == 64);
static_assert(Lt<i32>::eval(~0u, 0) == 1 && Lt<u32>::eval(~0u, 0) == 0);
static_assert(I64MulWideS::eval(~u64{0}, ~u64{0}) == WideResult{1, 0});
static_assert(I64MulWideU::eval(~u64{0}, ~u64{0}) == WideResult{1, ~u64{1}});
static_assert(detail::mulWidePortable(~u64{0}, ~u64{0}) == WideResult{1, ~u64{1}});

}  // namespace bls::sem::inline BLS_SEM_ISA
