// Pure semantics of the integer SIMD instructions, by instruction name.
// Each is a lane template (LaneAdd<T>, ..) under the name of its row in opcodes.def. Lanes are
// computed on unsigned types, where wrapping is defined; the sign, where it matters, is in the
// template argument. Written on compiler vector types; SSE2 intrinsics where g++ finds no good code
// for the plain form (saturation, averages, narrowing, widening products, masks, byte and 64-bit
// shifts and compares). Spec: exec/numerics, vector instructions.
#pragma once

#include "engine/wasm/semantics_simd.h"

namespace bls::sem::inline BLS_SEM_ISA {

namespace detail {
using VectorOp = Functor<Vec, Vec>;

template <class T>
using Unsigned = std::make_unsigned_t<T>;

#ifdef BLS_SEM_SSE2
BLS_SEM_V_FUNC __m128i sse(Vec value) { return reinterpret_cast<__m128i>(value); }
#endif

/// All ones in lanes that are negative.
template <class T>
BLS_SEM_V_FUNC Vec signMask(Vec value) {
  if constexpr (sizeof(T) == 8) {
    const Lanes<i32> signs = lanes<i32>(value) >> 31;
    return vec(__builtin_shufflevector(signs, signs, 1, 1, 3, 3));
  } else {
    return vec(lanes<std::make_signed_t<T>>(value) < Lanes<std::make_signed_t<T>>{});
  }
}

/// All ones where lhs == rhs.
template <class T>
BLS_SEM_V_FUNC Vec equal(Vec lhs, Vec rhs) {
#if defined(BLS_SEM_SSE2) && !defined(BLS_SEM_SSE41)
  if constexpr (sizeof(T) == 8) {
    const Lanes<i32> halves = lanes<i32>(lhs) == lanes<i32>(rhs);
    return vec(halves & __builtin_shufflevector(halves, halves, 1, 0, 3, 2));
  }
#endif
  return vec(lanes<T>(lhs) == lanes<T>(rhs));
}

/// All ones where lhs < rhs, by the signedness of T.
template <class T>
BLS_SEM_V_FUNC Vec less(Vec lhs, Vec rhs) {
#if defined(BLS_SEM_SSE2) && !defined(__SSE4_2__)
  if constexpr (sizeof(T) == 8) {
    static_assert(std::is_signed_v<T>);
    // Sign of lhs - rhs, corrected where the subtraction overflowed.
    const Vec difference = lhs - rhs;
    return signMask<i64>(difference ^ ((lhs ^ rhs) & (difference ^ lhs)));
  }
#endif
  return vec(lanes<T>(lhs) < lanes<T>(rhs));
}

/// Bits of lhs where the mask is set, of rhs elsewhere.
BLS_SEM_V_FUNC Vec select(Vec mask, Vec lhs, Vec rhs) { return (lhs & mask) | (rhs & ~mask); }

template <class T>
BLS_SEM_V_FUNC Vec minimum(Vec lhs, Vec rhs) {
  const Lanes<T> a = lanes<T>(lhs), b = lanes<T>(rhs);
  return vec(a < b ? a : b);
}
template <class T>
BLS_SEM_V_FUNC Vec maximum(Vec lhs, Vec rhs) {
  const Lanes<T> a = lanes<T>(lhs), b = lanes<T>(rhs);
  return vec(a > b ? a : b);
}
}  // namespace detail

template <class T>
struct LaneEq : detail::VectorOp {
  BLS_SEM_V Vec eval(Vec lhs, Vec rhs) { return detail::equal<T>(lhs, rhs); }
};
template <class T>
struct LaneNe : detail::VectorOp {
  BLS_SEM_V Vec eval(Vec lhs, Vec rhs) { return ~detail::equal<T>(lhs, rhs); }
};
template <class T>
struct LaneLt : detail::VectorOp {
  BLS_SEM_V Vec eval(Vec lhs, Vec rhs) { return detail::less<T>(lhs, rhs); }
};
template <class T>
struct LaneGt : detail::VectorOp {
  BLS_SEM_V Vec eval(Vec lhs, Vec rhs) { return detail::less<T>(rhs, lhs); }
};
template <class T>
struct LaneLe : detail::VectorOp {
  BLS_SEM_V Vec eval(Vec lhs, Vec rhs) {
#ifdef BLS_SEM_SSE2
    // There are no unsigned comparisons; the difference that stops at 0 tells as much.
    if constexpr (std::is_same_v<T, u8>) {
      return detail::equal<u8>(vec(_mm_subs_epu8(detail::sse(lhs), detail::sse(rhs))), Vec{});
    }
    if constexpr (std::is_same_v<T, u16>) {
      return detail::equal<u16>(vec(_mm_subs_epu16(detail::sse(lhs), detail::sse(rhs))), Vec{});
    }
#endif
    return ~detail::less<T>(rhs, lhs);
  }
};
template <class T>
struct LaneGe : detail::VectorOp {
  BLS_SEM_V Vec eval(Vec lhs, Vec rhs) { return LaneLe<T>::eval(rhs, lhs); }
};

template <class T>
struct LaneAdd : detail::VectorOp {
  BLS_SEM_V Vec eval(Vec lhs, Vec rhs) { return vec(lanes<T>(lhs) + lanes<T>(rhs)); }
};
template <class T>
struct LaneSub : detail::VectorOp {
  BLS_SEM_V Vec eval(Vec lhs, Vec rhs) { return vec(lanes<T>(lhs) - lanes<T>(rhs)); }
};
template <class T>
struct LaneMul : detail::VectorOp {
  BLS_SEM_V Vec eval(Vec lhs, Vec rhs) { return vec(lanes<T>(lhs) * lanes<T>(rhs)); }
};
template <class T>
struct LaneNeg : detail::VectorOp {
  BLS_SEM_V Vec eval(Vec value) { return vec(Lanes<T>{} - lanes<T>(value)); }
};
/// |MIN| is MIN.
template <class T>
struct LaneAbs : detail::VectorOp {
  BLS_SEM_V Vec eval(Vec value) {
    const Vec sign = detail::signMask<T>(value);
    return vec(lanes<T>(value ^ sign) - lanes<T>(sign));
  }
};
template <class T>
struct LaneMin : detail::VectorOp {
  BLS_SEM_V Vec eval(Vec lhs, Vec rhs) { return detail::minimum<T>(lhs, rhs); }
};
template <class T>
struct LaneMax : detail::VectorOp {
  BLS_SEM_V Vec eval(Vec lhs, Vec rhs) { return detail::maximum<T>(lhs, rhs); }
};

/// Saturating addition; T is i8, u8, i16 or u16.
template <class T>
struct LaneAddSat : detail::VectorOp {
  BLS_SEM_V Vec eval(Vec lhs, Vec rhs) {
#ifdef BLS_SEM_SSE2
    if constexpr (std::is_same_v<T, i8>)
      return vec(_mm_adds_epi8(detail::sse(lhs), detail::sse(rhs)));
    if constexpr (std::is_same_v<T, u8>)
      return vec(_mm_adds_epu8(detail::sse(lhs), detail::sse(rhs)));
    if constexpr (std::is_same_v<T, i16>)
      return vec(_mm_adds_epi16(detail::sse(lhs), detail::sse(rhs)));
    if constexpr (std::is_same_v<T, u16>)
      return vec(_mm_adds_epu16(detail::sse(lhs), detail::sse(rhs)));
#else
    using U = detail::Unsigned<T>;
    const Vec sum = vec(lanes<U>(lhs) + lanes<U>(rhs));
    if constexpr (std::is_unsigned_v<T>) {
      return sum | detail::less<T>(sum, lhs);
    } else {
      const Vec overflow = detail::signMask<T>((lhs ^ sum) & (rhs ^ sum));
      const Vec limit = detail::signMask<T>(lhs) ^ vec(splat<T>(std::numeric_limits<T>::max()));
      return detail::select(overflow, limit, sum);
    }
#endif
  }
};
template <class T>
struct LaneSubSat : detail::VectorOp {
  BLS_SEM_V Vec eval(Vec lhs, Vec rhs) {
#ifdef BLS_SEM_SSE2
    if constexpr (std::is_same_v<T, i8>)
      return vec(_mm_subs_epi8(detail::sse(lhs), detail::sse(rhs)));
    if constexpr (std::is_same_v<T, u8>)
      return vec(_mm_subs_epu8(detail::sse(lhs), detail::sse(rhs)));
    if constexpr (std::is_same_v<T, i16>)
      return vec(_mm_subs_epi16(detail::sse(lhs), detail::sse(rhs)));
    if constexpr (std::is_same_v<T, u16>)
      return vec(_mm_subs_epu16(detail::sse(lhs), detail::sse(rhs)));
#else
    using U = detail::Unsigned<T>;
    const Vec difference = vec(lanes<U>(lhs) - lanes<U>(rhs));
    if constexpr (std::is_unsigned_v<T>) {
      return difference & ~detail::less<T>(lhs, rhs);
    } else {
      const Vec overflow = detail::signMask<T>((lhs ^ rhs) & (lhs ^ difference));
      const Vec limit = detail::signMask<T>(lhs) ^ vec(splat<T>(std::numeric_limits<T>::max()));
      return detail::select(overflow, limit, difference);
    }
#endif
  }
};
/// (lhs + rhs + 1) / 2 without overflow; T is u8 or u16.
template <class T>
struct LaneAvgr : detail::VectorOp {
  BLS_SEM_V Vec eval(Vec lhs, Vec rhs) {
#ifdef BLS_SEM_SSE2
    if constexpr (sizeof(T) == 1) return vec(_mm_avg_epu8(detail::sse(lhs), detail::sse(rhs)));
    if constexpr (sizeof(T) == 2) return vec(_mm_avg_epu16(detail::sse(lhs), detail::sse(rhs)));
#else
    return vec(lanes<T>(lhs | rhs) - (lanes<T>(lhs ^ rhs) >> 1));
#endif
  }
};

struct I8x16Popcnt : detail::VectorOp {
  BLS_SEM_V Vec eval(Vec value) {
#ifdef BLS_SEM_NEON
    return vec(vcntq_u8(vreinterpretq_u8_u64(value)));
#else
    // Shifts of the whole register: bits that cross a byte border are masked off.
    const auto bytes = [](u64 byte) {
      return Vec{byte * 0x0101010101010101, byte * 0x0101010101010101};
    };
    Vec sums = vec(lanes<u8>(value) - lanes<u8>((value >> 1) & bytes(0x55)));
    sums = (sums & bytes(0x33)) + ((sums >> 2) & bytes(0x33));
    return (sums + (sums >> 4)) & bytes(0x0f);
#endif
  }
};

// Shifts by a scalar count taken modulo the lane width.
namespace detail {
/// Shifts 16-, 32- or 64-bit lanes; count below the width.
template <class T>
BLS_SEM_V_FUNC Vec shiftLeft(Vec value, u32 count) {
#ifdef BLS_SEM_SSE2
  const __m128i by = _mm_cvtsi32_si128(static_cast<int>(count));
  if constexpr (sizeof(T) == 2) return vec(_mm_sll_epi16(sse(value), by));
  if constexpr (sizeof(T) == 4) return vec(_mm_sll_epi32(sse(value), by));
  if constexpr (sizeof(T) == 8) return vec(_mm_sll_epi64(sse(value), by));
#else
  return vec(lanes<T>(value) << splat<T>(static_cast<T>(count)));
#endif
}
template <class T>
BLS_SEM_V_FUNC Vec shiftRight(Vec value, u32 count) {
#ifdef BLS_SEM_SSE2
  const __m128i by = _mm_cvtsi32_si128(static_cast<int>(count));
  if constexpr (std::is_same_v<T, i16>) return vec(_mm_sra_epi16(sse(value), by));
  if constexpr (std::is_same_v<T, i32>) return vec(_mm_sra_epi32(sse(value), by));
  if constexpr (std::is_same_v<T, u16>) return vec(_mm_srl_epi16(sse(value), by));
  if constexpr (std::is_same_v<T, u32>) return vec(_mm_srl_epi32(sse(value), by));
  if constexpr (std::is_same_v<T, u64>) return vec(_mm_srl_epi64(sse(value), by));
#else
  return vec(lanes<T>(value) >> splat<T>(static_cast<T>(count)));
#endif
}
}  // namespace detail

// Bytes are shifted as the even and the odd half of 16-bit lanes.
template <class T>
struct LaneShl : detail::VectorOp {
  BLS_SEM_V Vec eval(Vec value, u32 count) {
    count &= detail::kBits<T> - 1;
    if constexpr (sizeof(T) == 1) {
      const Vec even = vec(splat<u16>(0x00ff));
      return (detail::shiftLeft<u16>(value, count) & even) |
             detail::shiftLeft<u16>(value & ~even, count);
    } else {
      return detail::shiftLeft<T>(value, count);
    }
  }
};
template <class T>
struct LaneShr : detail::VectorOp {
  BLS_SEM_V Vec eval(Vec value, u32 count) {
    count &= detail::kBits<T> - 1;
    if constexpr (sizeof(T) == 1) {
      const Vec even = vec(splat<u16>(0x00ff));
      if constexpr (std::is_signed_v<T>) {
        const Vec raised = vec(lanes<u16>(value) << 8);
        return (detail::shiftRight<i16>(value, count) & ~even) |
               vec(lanes<u16>(detail::shiftRight<i16>(raised, count)) >> 8);
      } else {
        return (detail::shiftRight<u16>(value, count) & ~even) |
               detail::shiftRight<u16>(value & even, count);
      }
    } else if constexpr (std::is_same_v<T, i64>) {
      // Logical, then the sign is copied from where it landed into the bits above.
      const Vec sign = detail::shiftRight<u64>(vec(splat<u64>(u64{1} << 63)), count);
      return (detail::shiftRight<u64>(value, count) ^ sign) - sign;
    } else {
      return detail::shiftRight<T>(value, count);
    }
  }
};

template <class T>
struct LaneAllTrue : Functor<Vec, u32> {
  BLS_SEM_V u32 eval(Vec value) {
    const Vec zero = detail::equal<T>(value, Vec{});
#ifdef BLS_SEM_SSE2
    return _mm_movemask_epi8(detail::sse(zero)) == 0;
#else
    return (zero[0] | zero[1]) == 0;
#endif
  }
};
/// Sign bits of all lanes, lane 0 lowest.
template <class T>
struct LaneBitmask : Functor<Vec, u32> {
  BLS_SEM_V u32 eval(Vec value) {
#ifdef BLS_SEM_SSE2
    const __m128i v = detail::sse(value);
    if constexpr (sizeof(T) == 1) return static_cast<u32>(_mm_movemask_epi8(v));
    if constexpr (sizeof(T) == 2) {
      return static_cast<u32>(_mm_movemask_epi8(_mm_packs_epi16(v, _mm_setzero_si128())));
    }
    if constexpr (sizeof(T) == 4) return static_cast<u32>(_mm_movemask_ps(_mm_castsi128_ps(v)));
    if constexpr (sizeof(T) == 8) return static_cast<u32>(_mm_movemask_pd(_mm_castsi128_pd(v)));
#else
    const Lanes<T> signs = lanes<T>(detail::signMask<T>(value));
    u32 mask = 0;
    for (u32 i = 0; i < kLaneCount<T>; ++i) mask |= static_cast<u32>(signs[i] & 1) << i;
    return mask;
#endif
  }
};

template <class From>
struct ExtendLow : detail::VectorOp {
  BLS_SEM_V Vec eval(Vec value) { return detail::extendHalf<From, false>(value); }
};
template <class From>
struct ExtendHigh : detail::VectorOp {
  BLS_SEM_V Vec eval(Vec value) { return detail::extendHalf<From, true>(value); }
};

namespace detail {
template <class T>
struct Doubled;
template <>
struct Doubled<i8> {
  using Type = i16;
};
template <>
struct Doubled<u8> {
  using Type = u16;
};
template <>
struct Doubled<i16> {
  using Type = i32;
};
template <>
struct Doubled<u16> {
  using Type = u32;
};
template <>
struct Doubled<i32> {
  using Type = i64;
};
template <>
struct Doubled<u32> {
  using Type = u64;
};

/// Products of one half of the lanes in twice the width, by the signedness of T.
template <class T, bool kHigh>
BLS_SEM_V_FUNC Vec multiplyHalf(Vec lhs, Vec rhs) {
#ifdef BLS_SEM_SSE2
  if constexpr (sizeof(T) == 2) {
    const __m128i low = _mm_mullo_epi16(sse(lhs), sse(rhs));
    const __m128i high = std::is_signed_v<T> ? _mm_mulhi_epi16(sse(lhs), sse(rhs))
                                             : _mm_mulhi_epu16(sse(lhs), sse(rhs));
    return vec(kHigh ? _mm_unpackhi_epi16(low, high) : _mm_unpacklo_epi16(low, high));
  }
  if constexpr (sizeof(T) == 4) {
    // The multiplications read the even lanes.
    constexpr int kOrder = kHigh ? 0xfa : 0x50;
    const __m128i a = _mm_shuffle_epi32(sse(lhs), kOrder), b = _mm_shuffle_epi32(sse(rhs), kOrder);
    if constexpr (std::is_unsigned_v<T>) return vec(_mm_mul_epu32(a, b));
#ifdef BLS_SEM_SSE41
    return vec(_mm_mul_epi32(a, b));
#else
    // A negative operand x was read as x + 2^32: take the other one off the high half.
    const Vec correction =
        (signMask<i32>(vec(a)) & vec(b)) + (signMask<i32>(vec(b)) & vec(a));  // low halves matter
    return vec(_mm_mul_epu32(a, b)) - (correction << 32);
#endif
  }
#endif
  using Wide = Unsigned<typename Doubled<T>::Type>;
  return vec(lanes<Wide>(extendHalf<T, kHigh>(lhs)) * lanes<Wide>(extendHalf<T, kHigh>(rhs)));
}

/// Even and odd lanes of type T in twice the width.
template <class T>
BLS_SEM_V_FUNC Vec evenLanes(Vec value) {
  using Wide = typename Doubled<T>::Type;
  using UnsignedWide = Unsigned<Wide>;
  if constexpr (std::is_unsigned_v<T>) {
    return vec(lanes<Wide>(value) & splat<Wide>(std::numeric_limits<T>::max()));
  } else {
    const Vec raised = vec(lanes<UnsignedWide>(value) << static_cast<int>(kBits<T>));
    return vec(lanes<Wide>(raised) >> static_cast<int>(kBits<T>));
  }
}
template <class T>
BLS_SEM_V_FUNC Vec oddLanes(Vec value) {
  using Wide = typename Doubled<T>::Type;
  return vec(lanes<Wide>(value) >> static_cast<int>(kBits<T>));
}

/// 16-bit lanes to 8, saturated; the operand is signed, the result has T's signedness.
template <class T>
BLS_SEM_V_FUNC Vec narrow16(Vec lhs, Vec rhs) {
#ifdef BLS_SEM_SSE2
  if constexpr (std::is_signed_v<T>) return vec(_mm_packs_epi16(sse(lhs), sse(rhs)));
  return vec(_mm_packus_epi16(sse(lhs), sse(rhs)));
#else
  const Vec low = vec(splat<i16>(std::numeric_limits<T>::min()));
  const Vec high = vec(splat<i16>(std::numeric_limits<T>::max()));
  const Vec a = minimum<i16>(maximum<i16>(lhs, low), high);
  const Vec b = minimum<i16>(maximum<i16>(rhs, low), high);
  return vec(__builtin_shufflevector(lanes<u8>(a), lanes<u8>(b), 0, 2, 4, 6, 8, 10, 12, 14, 16, 18,
                                     20, 22, 24, 26, 28, 30));
#endif
}
template <class T>
BLS_SEM_V_FUNC Vec narrow32(Vec lhs, Vec rhs) {
#ifdef BLS_SEM_SSE2
  if constexpr (std::is_signed_v<T>) return vec(_mm_packs_epi32(sse(lhs), sse(rhs)));
#endif
#ifdef BLS_SEM_SSE41
  return vec(_mm_packus_epi32(sse(lhs), sse(rhs)));
#elif defined(BLS_SEM_SSE2)
  // Negative to 0, then through the signed form with everything moved down by 2^15.
  const Lanes<i32> offset = splat<i32>(0x8000);
  const Lanes<i32> a = lanes<i32>(lhs & ~signMask<i32>(lhs)) - offset;
  const Lanes<i32> b = lanes<i32>(rhs & ~signMask<i32>(rhs)) - offset;
  return vec(_mm_packs_epi32(sse(vec(a)), sse(vec(b)))) ^ vec(splat<u16>(0x8000));
#else
  const Vec low = vec(splat<i32>(std::numeric_limits<T>::min()));
  const Vec high = vec(splat<i32>(std::numeric_limits<T>::max()));
  const Vec a = minimum<i32>(maximum<i32>(lhs, low), high);
  const Vec b = minimum<i32>(maximum<i32>(rhs, low), high);
  return vec(__builtin_shufflevector(lanes<u16>(a), lanes<u16>(b), 0, 2, 4, 6, 8, 10, 12, 14));
#endif
}
}  // namespace detail

template <class T>
struct ExtmulLow : detail::VectorOp {
  BLS_SEM_V Vec eval(Vec lhs, Vec rhs) { return detail::multiplyHalf<T, false>(lhs, rhs); }
};
template <class T>
struct ExtmulHigh : detail::VectorOp {
  BLS_SEM_V Vec eval(Vec lhs, Vec rhs) { return detail::multiplyHalf<T, true>(lhs, rhs); }
};
/// Sums of neighbours, in twice the width.
template <class T>
struct ExtaddPairwise : detail::VectorOp {
  BLS_SEM_V Vec eval(Vec value) {
    using Wide = detail::Unsigned<typename detail::Doubled<T>::Type>;
    return vec(lanes<Wide>(detail::evenLanes<T>(value)) + lanes<Wide>(detail::oddLanes<T>(value)));
  }
};
template <class T>
struct Narrow : detail::VectorOp {
  BLS_SEM_V Vec eval(Vec lhs, Vec rhs) {
    if constexpr (sizeof(T) == 1) {
      return detail::narrow16<T>(lhs, rhs);
    } else {
      return detail::narrow32<T>(lhs, rhs);
    }
  }
};

/// Sums of neighbouring products; 2 x MIN x MIN wraps.
struct I32x4DotI16x8S : detail::VectorOp {
  BLS_SEM_V Vec eval(Vec lhs, Vec rhs) {
#ifdef BLS_SEM_SSE2
    return vec(_mm_madd_epi16(detail::sse(lhs), detail::sse(rhs)));
#else
    return vec(lanes<u32>(detail::evenLanes<i16>(lhs)) * lanes<u32>(detail::evenLanes<i16>(rhs)) +
               lanes<u32>(detail::oddLanes<i16>(lhs)) * lanes<u32>(detail::oddLanes<i16>(rhs)));
#endif
  }
};
/// (lhs x rhs + 2^14) >> 15; only MIN x MIN saturates.
struct I16x8Q15mulrSatS : detail::VectorOp {
  BLS_SEM_V Vec eval(Vec lhs, Vec rhs) {
#if defined(BLS_SEM_SSSE3)
    const __m128i product = _mm_mulhrs_epi16(detail::sse(lhs), detail::sse(rhs));
    return vec(_mm_xor_si128(product, _mm_cmpeq_epi16(product, _mm_set1_epi16(-0x8000))));
#else
    const auto scaled = [](Vec products) {
      return vec(lanes<i32>(vec(lanes<u32>(products) + splat<u32>(0x4000))) >> 15);
    };
    return detail::narrow32<i16>(scaled(detail::multiplyHalf<i16, false>(lhs, rhs)),
                                 scaled(detail::multiplyHalf<i16, true>(lhs, rhs)));
#endif
  }
};

// I8x16
using I8x16Eq = LaneEq<u8>;
using I8x16Ne = LaneNe<u8>;
using I8x16LtS = LaneLt<i8>;
using I8x16LtU = LaneLt<u8>;
using I8x16GtS = LaneGt<i8>;
using I8x16GtU = LaneGt<u8>;
using I8x16LeS = LaneLe<i8>;
using I8x16LeU = LaneLe<u8>;
using I8x16GeS = LaneGe<i8>;
using I8x16GeU = LaneGe<u8>;
using I8x16Abs = LaneAbs<u8>;
using I8x16Neg = LaneNeg<u8>;
using I8x16AllTrue = LaneAllTrue<u8>;
using I8x16Bitmask = LaneBitmask<u8>;
using I8x16Shl = LaneShl<u8>;
using I8x16ShrS = LaneShr<i8>;
using I8x16ShrU = LaneShr<u8>;
using I8x16Add = LaneAdd<u8>;
using I8x16Sub = LaneSub<u8>;
using I8x16MinS = LaneMin<i8>;
using I8x16MinU = LaneMin<u8>;
using I8x16MaxS = LaneMax<i8>;
using I8x16MaxU = LaneMax<u8>;
using I8x16AddSatS = LaneAddSat<i8>;
using I8x16AddSatU = LaneAddSat<u8>;
using I8x16SubSatS = LaneSubSat<i8>;
using I8x16SubSatU = LaneSubSat<u8>;
using I8x16AvgrU = LaneAvgr<u8>;
using I8x16NarrowI16x8S = Narrow<i8>;
using I8x16NarrowI16x8U = Narrow<u8>;

// I16x8
using I16x8Eq = LaneEq<u16>;
using I16x8Ne = LaneNe<u16>;
using I16x8LtS = LaneLt<i16>;
using I16x8LtU = LaneLt<u16>;
using I16x8GtS = LaneGt<i16>;
using I16x8GtU = LaneGt<u16>;
using I16x8LeS = LaneLe<i16>;
using I16x8LeU = LaneLe<u16>;
using I16x8GeS = LaneGe<i16>;
using I16x8GeU = LaneGe<u16>;
using I16x8Abs = LaneAbs<u16>;
using I16x8Neg = LaneNeg<u16>;
using I16x8AllTrue = LaneAllTrue<u16>;
using I16x8Bitmask = LaneBitmask<u16>;
using I16x8Shl = LaneShl<u16>;
using I16x8ShrS = LaneShr<i16>;
using I16x8ShrU = LaneShr<u16>;
using I16x8Add = LaneAdd<u16>;
using I16x8Sub = LaneSub<u16>;
using I16x8Mul = LaneMul<u16>;
using I16x8MinS = LaneMin<i16>;
using I16x8MinU = LaneMin<u16>;
using I16x8MaxS = LaneMax<i16>;
using I16x8MaxU = LaneMax<u16>;
using I16x8AddSatS = LaneAddSat<i16>;
using I16x8AddSatU = LaneAddSat<u16>;
using I16x8SubSatS = LaneSubSat<i16>;
using I16x8SubSatU = LaneSubSat<u16>;
using I16x8AvgrU = LaneAvgr<u16>;
using I16x8NarrowI32x4S = Narrow<i16>;
using I16x8NarrowI32x4U = Narrow<u16>;
using I16x8ExtendLowI8x16S = ExtendLow<i8>;
using I16x8ExtendHighI8x16S = ExtendHigh<i8>;
using I16x8ExtmulLowI8x16S = ExtmulLow<i8>;
using I16x8ExtmulHighI8x16S = ExtmulHigh<i8>;
using I16x8ExtaddPairwiseI8x16S = ExtaddPairwise<i8>;
using I16x8ExtendLowI8x16U = ExtendLow<u8>;
using I16x8ExtendHighI8x16U = ExtendHigh<u8>;
using I16x8ExtmulLowI8x16U = ExtmulLow<u8>;
using I16x8ExtmulHighI8x16U = ExtmulHigh<u8>;
using I16x8ExtaddPairwiseI8x16U = ExtaddPairwise<u8>;

// I32x4
using I32x4Eq = LaneEq<u32>;
using I32x4Ne = LaneNe<u32>;
using I32x4LtS = LaneLt<i32>;
using I32x4LtU = LaneLt<u32>;
using I32x4GtS = LaneGt<i32>;
using I32x4GtU = LaneGt<u32>;
using I32x4LeS = LaneLe<i32>;
using I32x4LeU = LaneLe<u32>;
using I32x4GeS = LaneGe<i32>;
using I32x4GeU = LaneGe<u32>;
using I32x4Abs = LaneAbs<u32>;
using I32x4Neg = LaneNeg<u32>;
using I32x4AllTrue = LaneAllTrue<u32>;
using I32x4Bitmask = LaneBitmask<u32>;
using I32x4Shl = LaneShl<u32>;
using I32x4ShrS = LaneShr<i32>;
using I32x4ShrU = LaneShr<u32>;
using I32x4Add = LaneAdd<u32>;
using I32x4Sub = LaneSub<u32>;
using I32x4Mul = LaneMul<u32>;
using I32x4MinS = LaneMin<i32>;
using I32x4MinU = LaneMin<u32>;
using I32x4MaxS = LaneMax<i32>;
using I32x4MaxU = LaneMax<u32>;
using I32x4ExtendLowI16x8S = ExtendLow<i16>;
using I32x4ExtendHighI16x8S = ExtendHigh<i16>;
using I32x4ExtmulLowI16x8S = ExtmulLow<i16>;
using I32x4ExtmulHighI16x8S = ExtmulHigh<i16>;
using I32x4ExtaddPairwiseI16x8S = ExtaddPairwise<i16>;
using I32x4ExtendLowI16x8U = ExtendLow<u16>;
using I32x4ExtendHighI16x8U = ExtendHigh<u16>;
using I32x4ExtmulLowI16x8U = ExtmulLow<u16>;
using I32x4ExtmulHighI16x8U = ExtmulHigh<u16>;
using I32x4ExtaddPairwiseI16x8U = ExtaddPairwise<u16>;

// I64x2
using I64x2Eq = LaneEq<u64>;
using I64x2Ne = LaneNe<u64>;
using I64x2LtS = LaneLt<i64>;
using I64x2GtS = LaneGt<i64>;
using I64x2LeS = LaneLe<i64>;
using I64x2GeS = LaneGe<i64>;
using I64x2Abs = LaneAbs<u64>;
using I64x2Neg = LaneNeg<u64>;
using I64x2AllTrue = LaneAllTrue<u64>;
using I64x2Bitmask = LaneBitmask<u64>;
using I64x2Shl = LaneShl<u64>;
using I64x2ShrS = LaneShr<i64>;
using I64x2ShrU = LaneShr<u64>;
using I64x2Add = LaneAdd<u64>;
using I64x2Sub = LaneSub<u64>;
using I64x2Mul = LaneMul<u64>;
using I64x2ExtendLowI32x4S = ExtendLow<i32>;
using I64x2ExtendHighI32x4S = ExtendHigh<i32>;
using I64x2ExtmulLowI32x4S = ExtmulLow<i32>;
using I64x2ExtmulHighI32x4S = ExtmulHigh<i32>;
using I64x2ExtendLowI32x4U = ExtendLow<u32>;
using I64x2ExtendHighI32x4U = ExtendHigh<u32>;
using I64x2ExtmulLowI32x4U = ExtmulLow<u32>;
using I64x2ExtmulHighI32x4U = ExtmulHigh<u32>;
}  // namespace bls::sem::inline BLS_SEM_ISA
