// Pure semantics of the scalar float instructions (add, sub, mul and the comparisons are in
// semantics.h) and NaN canonicalisation. Spec: exec/numerics, floating-point operations.
// abs, neg, copysign touch only the sign bit; everything else returns a quiet NaN for NaN operands,
// canonical (either sign) when the operands were. Rounding is done without libm calls: by the
// machine's instruction where the target has one, else by adding and subtracting 2^(mantissa bits).
// sqrt becomes one instruction with -fno-math-errno; without it errno costs a branch, results stay.
#pragma once

#include "engine/wasm/semantics.h"

#if !defined(BLS_SEM_GENERIC) && (defined(__SSE4_1__) || defined(__aarch64__) || defined(__wasm__))
#define BLS_SEM_NATIVE_ROUND 1
#elif !defined(BLS_SEM_GENERIC) && defined(__SSE2__)
#include <emmintrin.h>
#define BLS_SEM_SSE2_ROUND 1
#endif

namespace bls::sem::inline BLS_SEM_ISA {

namespace detail {
template <class T>
struct FloatFormat;
template <>
struct FloatFormat<f32> {
  using Bits = u32;
  static constexpr u32 kSign = 0x80000000u;
  static constexpr u32 kQuiet = 0x00400000u;
  static constexpr u32 kCanonicalNan = 0x7fc00000u;
  static constexpr f32 kIntegral = 0x1p23f;  // from here on every value is an integer
};
template <>
struct FloatFormat<f64> {
  using Bits = u64;
  static constexpr u64 kSign = 0x8000000000000000u;
  static constexpr u64 kQuiet = 0x0008000000000000u;
  static constexpr u64 kCanonicalNan = 0x7ff8000000000000u;
  static constexpr f64 kIntegral = 0x1p52;
};

template <class T>
BLS_SEM_FUNC typename FloatFormat<T>::Bits toBits(T value) {
  return __builtin_bit_cast(typename FloatFormat<T>::Bits, value);
}
template <class T>
BLS_SEM_FUNC T fromBits(typename FloatFormat<T>::Bits bits) {
  return __builtin_bit_cast(T, bits);
}

template <class T>
BLS_SEM_FUNC T fabs(T value) {
  if constexpr (sizeof(T) == 8) {
    return __builtin_fabs(value);
  } else {
    return __builtin_fabsf(value);
  }
}
template <class T>
BLS_SEM_FUNC T copysign(T magnitude, T sign) {
  if constexpr (sizeof(T) == 8) {
    return __builtin_copysign(magnitude, sign);
  } else {
    return __builtin_copysignf(magnitude, sign);
  }
}

/// False for equal operands and NaNs: one compare and branch, by the builtin, at run time.
template <class T>
BLS_SEM_FUNC bool lessOrGreater(T lhs, T rhs) {
  if (__builtin_is_constant_evaluated()) return lhs < rhs || lhs > rhs;
  return __builtin_islessgreater(lhs, rhs);
}

/// Sets the quiet bit: what an arithmetic instruction does to a NaN. By bits, because compilers
/// assume that x * 1 and x - 0 are x.
template <class T>
BLS_SEM_FUNC T quietNan(T nan) {
  return fromBits<T>(toBits(nan) | FloatFormat<T>::kQuiet);
}

/// value is already integral, infinite or NaN.
template <class T>
BLS_SEM_FUNC T roundSpecial(T value) {
  return value != value ? quietNan(value) : value;
}

/// |value| rounded to an integer, ties to even; |value| < kIntegral.
template <class T>
BLS_SEM_FUNC T roundMagnitude(T value) {
  const T shifted = fabs(value) + FloatFormat<T>::kIntegral;
  return shifted - FloatFormat<T>::kIntegral;
}

#ifdef BLS_SEM_SSE2_ROUND
// `value` in the low lane of a vector. g++ would spend an instruction on clearing the other lanes,
// which nothing here reads.
[[gnu::always_inline]] inline __m128d asLane(f64 value) {
#ifdef __clang__
  return _mm_set_sd(value);
#else
  __m128d lane;
  __asm__("" : "=x"(lane) : "0"(value));
  return lane;
#endif
}
[[gnu::always_inline]] inline __m128 asLane(f32 value) {
#ifdef __clang__
  return _mm_set_ss(value);
#else
  __m128 lane;
  __asm__("" : "=x"(lane) : "0"(value));
  return lane;
#endif
}
[[gnu::always_inline]] inline f64 oneIfGreaterSse2(f64 lhs, f64 rhs) {
  const __m128d mask = _mm_cmplt_sd(asLane(rhs), asLane(lhs));
  return _mm_cvtsd_f64(_mm_and_pd(mask, _mm_set_sd(1)));
}
[[gnu::always_inline]] inline f32 oneIfGreaterSse2(f32 lhs, f32 rhs) {
  const __m128 mask = _mm_cmplt_ss(asLane(rhs), asLane(lhs));
  return _mm_cvtss_f32(_mm_and_ps(mask, _mm_set_ss(1)));
}
#endif

/// 1 if lhs > rhs, else +0. As a compare mask on x86: compilers make it a branch, and which way
/// a value rounds is not predictable.
template <class T>
BLS_SEM_FUNC T oneIfGreater(T lhs, T rhs) {
#ifdef BLS_SEM_SSE2_ROUND
  if (!__builtin_is_constant_evaluated()) return oneIfGreaterSse2(lhs, rhs);
#endif
  return lhs > rhs ? T{1} : T{0};
}
}  // namespace detail

/// The canonical NaN for any NaN, everything else unchanged: for deterministic mode.
template <class T>
BLS_SEM_FUNC T canonicalNan(T value) {
  if (value != value) [[unlikely]] {
    return detail::fromBits<T>(detail::FloatFormat<T>::kCanonicalNan);
  }
  return value;
}

template <class T>
struct Div : Arithmetic<T> {
  BLS_SEM T eval(T lhs, T rhs) {
    // Division by zero is defined: IEC 60559. UBSan's float-divide-by-zero is not in `undefined`.
    return lhs / rhs;
  }
};

/// The smaller one; -0 below +0, any NaN wins. x86 minsd alone does neither.
template <class T>
struct Min : Arithmetic<T> {
  BLS_SEM T eval(T lhs, T rhs) {
    if (!detail::lessOrGreater(lhs, rhs)) [[unlikely]] {
      if (lhs != rhs) return lhs + rhs;
      return detail::fromBits<T>(detail::toBits(lhs) | detail::toBits(rhs));
    }
    return lhs < rhs ? lhs : rhs;
  }
};
template <class T>
struct Max : Arithmetic<T> {
  BLS_SEM T eval(T lhs, T rhs) {
    if (!detail::lessOrGreater(lhs, rhs)) [[unlikely]] {
      if (lhs != rhs) return lhs + rhs;
      return detail::fromBits<T>(detail::toBits(lhs) & detail::toBits(rhs));
    }
    return lhs > rhs ? lhs : rhs;
  }
};

template <class T>
struct Abs : Functor<T, T> {
  BLS_SEM T eval(T value) { return detail::fabs(value); }
};
template <class T>
struct Neg : Functor<T, T> {
  BLS_SEM T eval(T value) { return -value; }
};
template <class T>
struct Copysign : Functor<T, T> {
  BLS_SEM T eval(T lhs, T rhs) { return detail::copysign(lhs, rhs); }
};

template <class T>
struct Sqrt : Arithmetic<T> {
  BLS_SEM T eval(T value) {
    if constexpr (sizeof(T) == 8) {
      return __builtin_sqrt(value);
    } else {
      return __builtin_sqrtf(value);
    }
  }
};

// One functor for each direction; `machine` is the builtin that is one instruction where
// BLS_SEM_NATIVE_ROUND holds, `portable` the arithmetic form, also used at compile time.
#ifdef BLS_SEM_NATIVE_ROUND
#define BLS_SEM_ROUND_BODY(machine)         \
  if (!__builtin_is_constant_evaluated()) { \
    if constexpr (sizeof(T) == 8) {         \
      return machine(value);                \
    } else {                                \
      return machine##f(value);             \
    }                                       \
  }                                         \
  return portable(value);
#else
#define BLS_SEM_ROUND_BODY(machine) return portable(value);
#endif

/// Towards plus infinity; the sign of a zero result is that of the operand.
template <class T>
struct Ceil : Arithmetic<T> {
  BLS_SEM T eval(T value){BLS_SEM_ROUND_BODY(__builtin_ceil)} BLS_SEM T portable(T value) {
    if (!(detail::fabs(value) < detail::FloatFormat<T>::kIntegral)) [[unlikely]] {
      return detail::roundSpecial(value);
    }
    const T near = detail::copysign(detail::roundMagnitude(value), value);
    return detail::copysign(near + detail::oneIfGreater(value, near), value);
  }
};
/// Towards minus infinity.
template <class T>
struct Floor : Arithmetic<T> {
  BLS_SEM T eval(T value){BLS_SEM_ROUND_BODY(__builtin_floor)} BLS_SEM T portable(T value) {
    if (!(detail::fabs(value) < detail::FloatFormat<T>::kIntegral)) [[unlikely]] {
      return detail::roundSpecial(value);
    }
    const T near = detail::copysign(detail::roundMagnitude(value), value);
    return near - detail::oneIfGreater(near, value);  // keeps -0
  }
};
/// Towards zero.
template <class T>
struct Trunc : Arithmetic<T> {
  BLS_SEM T eval(T value){BLS_SEM_ROUND_BODY(__builtin_trunc)} BLS_SEM T portable(T value) {
    if (!(detail::fabs(value) < detail::FloatFormat<T>::kIntegral)) [[unlikely]] {
      return detail::roundSpecial(value);
    }
    const T near = detail::roundMagnitude(value);
    return detail::copysign(near - detail::oneIfGreater(near, detail::fabs(value)), value);
  }
};
/// To the nearest integer, ties to even.
template <class T>
struct Nearest : Arithmetic<T> {
  BLS_SEM T eval(T value){BLS_SEM_ROUND_BODY(__builtin_roundeven)} BLS_SEM T portable(T value) {
    if (!(detail::fabs(value) < detail::FloatFormat<T>::kIntegral)) [[unlikely]] {
      return detail::roundSpecial(value);
    }
    return detail::copysign(detail::roundMagnitude(value), value);
  }
};
#undef BLS_SEM_ROUND_BODY

static_assert(detail::toBits(Min<f64>::eval(0.0, -0.0)) == detail::FloatFormat<f64>::kSign);
static_assert(detail::toBits(Max<f32>::eval(-0.0f, 0.0f)) == 0);
static_assert(detail::toBits(Ceil<f64>::eval(-0.5)) == detail::FloatFormat<f64>::kSign);
static_assert(Floor<f64>::eval(-0.5) == -1.0 && Floor<f32>::eval(8388607.5f) == 8388607.0f);
static_assert(Trunc<f32>::eval(-1.75f) == -1.0f && Ceil<f32>::eval(1.25f) == 2.0f);
static_assert(Nearest<f64>::eval(2.5) == 2.0 && Nearest<f64>::eval(-3.5) == -4.0);

}  // namespace bls::sem::inline BLS_SEM_ISA
