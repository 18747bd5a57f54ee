// Pure semantics of the float SIMD instructions and of the vector conversions, by instruction name.
// The rules per lane are those of semantics_float.h and semantics_convert.h; where a lane result is
// a NaN made by arithmetic it is quiet, and canonical if the operands were. Abs, neg, pmin and pmax
// move bits. Also here: canonicalNanLanes and canonicalResult for deterministic mode. Users must be
// compiled with -ffp-contract=off. Spec: exec/numerics.
#pragma once

#include "engine/wasm/semantics_convert.h"
#include "engine/wasm/semantics_simd_int.h"

namespace bls::sem::inline BLS_SEM_ISA {

/// Functor on float lanes of type T whose NaN results are not fixed by the spec.
template <class T>
struct VectorArithmetic : Functor<Vec, Vec> {
  static constexpr u8 kNanBits = sizeof(T) * 8;
};

/// NaN lanes (of type T) become the canonical NaN.
template <class T>
BLS_SEM_V_FUNC Vec canonicalNanLanes(Vec value) {
  using Format = detail::FloatFormat<T>;
  const Vec isNan = vec(lanes<T>(value) != lanes<T>(value));
  return detail::select(isNan, vec(splat<typename Format::Bits>(Format::kCanonicalNan)), value);
}

/// The result of functor S as deterministic mode wants it: canonical NaNs where kNanBits says so.
template <class S, class R>
BLS_SEM_V_FUNC R canonicalResult(R result) {
  if constexpr (S::kNanBits == 0) {
    return result;
  } else if constexpr (std::is_same_v<R, Vec>) {
    if constexpr (S::kNanBits == 32) {
      return canonicalNanLanes<f32>(result);
    } else {
      return canonicalNanLanes<f64>(result);
    }
  } else {
    return canonicalNan(result);
  }
}

template <class T>
struct FloatLaneEq : detail::VectorOp {
  BLS_SEM_V Vec eval(Vec lhs, Vec rhs) { return vec(lanes<T>(lhs) == lanes<T>(rhs)); }
};
template <class T>
struct FloatLaneNe : detail::VectorOp {
  BLS_SEM_V Vec eval(Vec lhs, Vec rhs) { return vec(lanes<T>(lhs) != lanes<T>(rhs)); }
};
template <class T>
struct FloatLaneLt : detail::VectorOp {
  BLS_SEM_V Vec eval(Vec lhs, Vec rhs) { return vec(lanes<T>(lhs) < lanes<T>(rhs)); }
};
template <class T>
struct FloatLaneGt : detail::VectorOp {
  BLS_SEM_V Vec eval(Vec lhs, Vec rhs) { return vec(lanes<T>(lhs) > lanes<T>(rhs)); }
};
template <class T>
struct FloatLaneLe : detail::VectorOp {
  BLS_SEM_V Vec eval(Vec lhs, Vec rhs) { return vec(lanes<T>(lhs) <= lanes<T>(rhs)); }
};
template <class T>
struct FloatLaneGe : detail::VectorOp {
  BLS_SEM_V Vec eval(Vec lhs, Vec rhs) { return vec(lanes<T>(lhs) >= lanes<T>(rhs)); }
};

template <class T>
struct FloatLaneAdd : VectorArithmetic<T> {
  BLS_SEM_V Vec eval(Vec lhs, Vec rhs) { return vec(lanes<T>(lhs) + lanes<T>(rhs)); }
};
template <class T>
struct FloatLaneSub : VectorArithmetic<T> {
  BLS_SEM_V Vec eval(Vec lhs, Vec rhs) { return vec(lanes<T>(lhs) - lanes<T>(rhs)); }
};
template <class T>
struct FloatLaneMul : VectorArithmetic<T> {
  BLS_SEM_V Vec eval(Vec lhs, Vec rhs) { return vec(lanes<T>(lhs) * lanes<T>(rhs)); }
};
template <class T>
struct FloatLaneDiv : VectorArithmetic<T> {
  BLS_SEM_V Vec eval(Vec lhs, Vec rhs) { return vec(lanes<T>(lhs) / lanes<T>(rhs)); }
};
template <class T>
struct FloatLaneSqrt : VectorArithmetic<T> {
  BLS_SEM_V Vec eval(Vec value) {
#if defined(BLS_SEM_SSE2)
    if constexpr (sizeof(T) == 8) return vec(_mm_sqrt_pd(reinterpret_cast<__m128d>(value)));
    if constexpr (sizeof(T) == 4) return vec(_mm_sqrt_ps(reinterpret_cast<__m128>(value)));
#elif defined(BLS_SEM_NEON)
    if constexpr (sizeof(T) == 8) return vec(vsqrtq_f64(reinterpret_cast<float64x2_t>(value)));
    if constexpr (sizeof(T) == 4) return vec(vsqrtq_f32(reinterpret_cast<float32x4_t>(value)));
#else
    Lanes<T> result = lanes<T>(value);
    for (u32 i = 0; i < kLaneCount<T>; ++i) result[i] = Sqrt<T>::eval(result[i]);
    return vec(result);
#endif
  }
};
template <class T>
struct FloatLaneAbs : detail::VectorOp {
  BLS_SEM_V Vec eval(Vec value) {
    return value &
           ~vec(splat<typename detail::FloatFormat<T>::Bits>(detail::FloatFormat<T>::kSign));
  }
};
template <class T>
struct FloatLaneNeg : detail::VectorOp {
  BLS_SEM_V Vec eval(Vec value) {
    return value ^ vec(splat<typename detail::FloatFormat<T>::Bits>(detail::FloatFormat<T>::kSign));
  }
};

namespace detail {
/// `value`, but the canonical NaN in lanes where lhs or rhs is one.
template <class T>
BLS_SEM_V_FUNC Vec orCanonicalNan(Vec value, Vec lhs, Vec rhs) {
  using Bits = typename FloatFormat<T>::Bits;
  const Lanes<T> a = lanes<T>(lhs), b = lanes<T>(rhs);
#ifdef BLS_SEM_SSE2
  Vec unordered;
  if constexpr (sizeof(T) == 8) {
    unordered = vec(_mm_cmpunord_pd(reinterpret_cast<__m128d>(a), reinterpret_cast<__m128d>(b)));
  } else {
    unordered = vec(_mm_cmpunord_ps(reinterpret_cast<__m128>(a), reinterpret_cast<__m128>(b)));
  }
#else
  const Vec unordered = vec(a != a) | vec(b != b);
#endif
  // All ones, less the payload below the quiet bit: a canonical NaN without a constant.
  constexpr int kPayloadShift = sizeof(T) == 8 ? 13 : 10;
  return (value | unordered) & ~vec(lanes<Bits>(unordered) >> kPayloadShift);
}
}  // namespace detail

/// b < a ? b : a, in this operand order; nothing is quieted.
template <class T>
struct FloatLanePmin : detail::VectorOp {
  BLS_SEM_V Vec eval(Vec lhs, Vec rhs) {
    const Lanes<T> a = lanes<T>(lhs), b = lanes<T>(rhs);
    return vec(b < a ? b : a);
  }
};
/// a < b ? b : a.
template <class T>
struct FloatLanePmax : detail::VectorOp {
  BLS_SEM_V Vec eval(Vec lhs, Vec rhs) {
    const Lanes<T> a = lanes<T>(lhs), b = lanes<T>(rhs);
    return vec(a < b ? b : a);
  }
};
/// -0 below +0, any NaN wins.
template <class T>
struct FloatLaneMin : VectorArithmetic<T> {
  BLS_SEM_V Vec eval(Vec lhs, Vec rhs) {
#ifdef BLS_SEM_NEON
    if constexpr (sizeof(T) == 8) {
      return vec(vminq_f64(reinterpret_cast<float64x2_t>(lhs), reinterpret_cast<float64x2_t>(rhs)));
    } else {
      return vec(vminq_f32(reinterpret_cast<float32x4_t>(lhs), reinterpret_cast<float32x4_t>(rhs)));
    }
#else
    // Both orders agree but for zeros of different sign and NaNs.
    const Lanes<T> a = lanes<T>(lhs), b = lanes<T>(rhs);
    return detail::orCanonicalNan<T>(vec(a < b ? a : b) | vec(b < a ? b : a), lhs, rhs);
#endif
  }
};
template <class T>
struct FloatLaneMax : VectorArithmetic<T> {
  BLS_SEM_V Vec eval(Vec lhs, Vec rhs) {
#ifdef BLS_SEM_NEON
    if constexpr (sizeof(T) == 8) {
      return vec(vmaxq_f64(reinterpret_cast<float64x2_t>(lhs), reinterpret_cast<float64x2_t>(rhs)));
    } else {
      return vec(vmaxq_f32(reinterpret_cast<float32x4_t>(lhs), reinterpret_cast<float32x4_t>(rhs)));
    }
#else
    const Lanes<T> a = lanes<T>(lhs), b = lanes<T>(rhs);
    return detail::orCanonicalNan<T>(vec(a > b ? a : b) & vec(b > a ? b : a), lhs, rhs);
#endif
  }
};

namespace detail {
/// What the four rounding instructions share where the target has none: |value| rounded to even by
/// adding and subtracting 2^(mantissa bits), and the mask of lanes where that is meaningful.
template <class T>
struct RoundParts {
  using Format = FloatFormat<T>;
  using Bits = typename Format::Bits;

  BLS_SEM_V_FUNC explicit RoundParts(Vec value)
      : value_(value), sign_(value & vec(splat<Bits>(Format::kSign))) {
    const Lanes<T> shift = splat<T>(Format::kIntegral);
    const Lanes<T> size = lanes<T>(value ^ sign_);
    small_ = vec(size < shift);
    magnitude_ = vec((size + shift) - shift);
  }
  /// 1 in lanes where lhs > rhs, else +0.
  BLS_SEM_V Lanes<T> oneIfGreater(Vec lhs, Vec rhs) {
    return lanes<T>(vec(lanes<T>(lhs) > lanes<T>(rhs)) & vec(splat<T>(1)));
  }
  /// `rounded` in the lanes that needed it; large lanes as they were and NaNs quiet.
  BLS_SEM_V_FUNC Vec finish(Vec rounded) const {
    const Vec isNan = vec(lanes<T>(value_) != lanes<T>(value_));
    return select(small_, rounded, value_ | (isNan & vec(splat<Bits>(Format::kQuiet))));
  }

  Vec value_, sign_, small_, magnitude_;
};
}  // namespace detail

#if defined(BLS_SEM_SSE41)
#define BLS_SEM_ROUND_BODY(sseMode, neonName)                          \
  constexpr int kMode = (sseMode) | _MM_FROUND_NO_EXC;                 \
  if constexpr (sizeof(T) == 8) {                                      \
    return vec(_mm_round_pd(reinterpret_cast<__m128d>(value), kMode)); \
  } else {                                                             \
    return vec(_mm_round_ps(reinterpret_cast<__m128>(value), kMode));  \
  }
#elif defined(BLS_SEM_NEON)
#define BLS_SEM_ROUND_BODY(sseMode, neonName)                         \
  if constexpr (sizeof(T) == 8) {                                     \
    return vec(neonName##_f64(reinterpret_cast<float64x2_t>(value))); \
  } else {                                                            \
    return vec(neonName##_f32(reinterpret_cast<float32x4_t>(value))); \
  }
#else
#define BLS_SEM_ROUND_BODY(sseMode, neonName) return portable(value);
#endif

template <class T>
struct FloatLaneCeil : VectorArithmetic<T> {
  BLS_SEM_V Vec eval(Vec value){BLS_SEM_ROUND_BODY(_MM_FROUND_TO_POS_INF, vrndpq)} BLS_SEM_V Vec
      portable(Vec value) {
    const detail::RoundParts<T> parts(value);
    const Vec near = parts.magnitude_ | parts.sign_;
    return parts.finish(vec(lanes<T>(near) + parts.oneIfGreater(value, near)) | parts.sign_);
  }
};
template <class T>
struct FloatLaneFloor : VectorArithmetic<T> {
  BLS_SEM_V Vec eval(Vec value){BLS_SEM_ROUND_BODY(_MM_FROUND_TO_NEG_INF, vrndmq)} BLS_SEM_V Vec
      portable(Vec value) {
    const detail::RoundParts<T> parts(value);
    const Vec near = parts.magnitude_ | parts.sign_;
    return parts.finish(vec(lanes<T>(near) - parts.oneIfGreater(near, value)));
  }
};
template <class T>
struct FloatLaneTrunc : VectorArithmetic<T> {
  BLS_SEM_V Vec eval(Vec value){BLS_SEM_ROUND_BODY(_MM_FROUND_TO_ZERO, vrndq)} BLS_SEM_V Vec
      portable(Vec value) {
    const detail::RoundParts<T> parts(value);
    const Vec size = value ^ parts.sign_;
    const Lanes<T> below = lanes<T>(parts.magnitude_) - parts.oneIfGreater(parts.magnitude_, size);
    return parts.finish(vec(below) | parts.sign_);
  }
};
template <class T>
struct FloatLaneNearest : VectorArithmetic<T> {
  BLS_SEM_V Vec eval(Vec value){BLS_SEM_ROUND_BODY(_MM_FROUND_TO_NEAREST_INT, vrndnq)} BLS_SEM_V Vec
      portable(Vec value) {
    const detail::RoundParts<T> parts(value);
    return parts.finish(parts.magnitude_ | parts.sign_);
  }
};
#undef BLS_SEM_ROUND_BODY

// F32x4
using F32x4Eq = FloatLaneEq<f32>;
using F32x4Ne = FloatLaneNe<f32>;
using F32x4Lt = FloatLaneLt<f32>;
using F32x4Gt = FloatLaneGt<f32>;
using F32x4Le = FloatLaneLe<f32>;
using F32x4Ge = FloatLaneGe<f32>;
using F32x4Abs = FloatLaneAbs<f32>;
using F32x4Neg = FloatLaneNeg<f32>;
using F32x4Ceil = FloatLaneCeil<f32>;
using F32x4Floor = FloatLaneFloor<f32>;
using F32x4Trunc = FloatLaneTrunc<f32>;
using F32x4Nearest = FloatLaneNearest<f32>;
using F32x4Sqrt = FloatLaneSqrt<f32>;
using F32x4Add = FloatLaneAdd<f32>;
using F32x4Sub = FloatLaneSub<f32>;
using F32x4Mul = FloatLaneMul<f32>;
using F32x4Div = FloatLaneDiv<f32>;
using F32x4Min = FloatLaneMin<f32>;
using F32x4Max = FloatLaneMax<f32>;
using F32x4Pmin = FloatLanePmin<f32>;
using F32x4Pmax = FloatLanePmax<f32>;

// F64x2
using F64x2Eq = FloatLaneEq<f64>;
using F64x2Ne = FloatLaneNe<f64>;
using F64x2Lt = FloatLaneLt<f64>;
using F64x2Gt = FloatLaneGt<f64>;
using F64x2Le = FloatLaneLe<f64>;
using F64x2Ge = FloatLaneGe<f64>;
using F64x2Abs = FloatLaneAbs<f64>;
using F64x2Neg = FloatLaneNeg<f64>;
using F64x2Ceil = FloatLaneCeil<f64>;
using F64x2Floor = FloatLaneFloor<f64>;
using F64x2Trunc = FloatLaneTrunc<f64>;
using F64x2Nearest = FloatLaneNearest<f64>;
using F64x2Sqrt = FloatLaneSqrt<f64>;
using F64x2Add = FloatLaneAdd<f64>;
using F64x2Sub = FloatLaneSub<f64>;
using F64x2Mul = FloatLaneMul<f64>;
using F64x2Div = FloatLaneDiv<f64>;
using F64x2Min = FloatLaneMin<f64>;
using F64x2Max = FloatLaneMax<f64>;
using F64x2Pmin = FloatLanePmin<f64>;
using F64x2Pmax = FloatLanePmax<f64>;

// Conversions. `Zero` forms give two lanes and clear the other two.

struct F32x4ConvertI32x4S : detail::VectorOp {
  BLS_SEM_V Vec eval(Vec value) {
    return vec(__builtin_convertvector(lanes<i32>(value), Lanes<f32>));
  }
};
struct F32x4ConvertI32x4U : detail::VectorOp {
  BLS_SEM_V Vec eval(Vec value) {
    // Two exact halves, so the one addition rounds once.
    const Lanes<i32> high = lanes<i32>(vec(lanes<u32>(value) >> 16));
    const Lanes<i32> low = lanes<i32>(vec(lanes<u32>(value) & splat<u32>(0xffff)));
    const Lanes<f32> scaled = __builtin_convertvector(high, Lanes<f32>) * splat<f32>(0x1p16f);
    return vec(scaled + __builtin_convertvector(low, Lanes<f32>));
  }
};
struct F64x2ConvertLowI32x4S : detail::VectorOp {
  BLS_SEM_V Vec eval(Vec value) {
#ifdef BLS_SEM_SSE2
    return vec(_mm_cvtepi32_pd(detail::sse(value)));
#else
    const Lanes<i32> all = lanes<i32>(value);
    return vec(Lanes<f64>{static_cast<f64>(all[0]), static_cast<f64>(all[1])});
#endif
  }
};
struct F64x2ConvertLowI32x4U : detail::VectorOp {
  BLS_SEM_V Vec eval(Vec value) {
    // As the low mantissa bits of 2^52.
    const Vec high = vec(splat<u32>(0x43300000));
    const Vec biased = detail::interleaveLow<u32>(value, high);
    return vec(lanes<f64>(biased) - splat<f64>(0x1p52));
  }
};
struct F32x4DemoteF64x2Zero : VectorArithmetic<f32> {
  BLS_SEM_V Vec eval(Vec value) {
#ifdef BLS_SEM_SSE2
    return vec(_mm_cvtpd_ps(reinterpret_cast<__m128d>(value)));
#else
    const Lanes<f64> all = lanes<f64>(value);
    return vec(Lanes<f32>{Demote::eval(all[0]), Demote::eval(all[1]), 0, 0});
#endif
  }
};
struct F64x2PromoteLowF32x4 : VectorArithmetic<f64> {
  BLS_SEM_V Vec eval(Vec value) {
#ifdef BLS_SEM_SSE2
    return vec(_mm_cvtps_pd(reinterpret_cast<__m128>(value)));
#else
    const Lanes<f32> all = lanes<f32>(value);
    return vec(Lanes<f64>{Promote::eval(all[0]), Promote::eval(all[1])});
#endif
  }
};

// Truncations saturate, NaN gives 0. The SSE2 conversions give 0x80000000 for whatever does not
// fit.
struct I32x4TruncSatF32x4S : detail::VectorOp {
  BLS_SEM_V Vec eval(Vec value) {
#if defined(BLS_SEM_SSE2)
    const Lanes<f32> x = lanes<f32>(value);
    const Vec number = value & vec(x == x);
    const Vec tooLarge = vec(x >= splat<f32>(0x1p31f));
    return vec(_mm_cvttps_epi32(reinterpret_cast<__m128>(number))) ^ tooLarge;
#elif defined(BLS_SEM_NEON)
    return vec(vcvtq_s32_f32(reinterpret_cast<float32x4_t>(value)));
#else
    const Lanes<f32> x = lanes<f32>(value);
    Lanes<u32> result = {};
    for (u32 i = 0; i < 4; ++i) result[i] = TruncSat<i32, f32>::eval(x[i]);
    return vec(result);
#endif
  }
};
struct I32x4TruncSatF32x4U : detail::VectorOp {
  BLS_SEM_V Vec eval(Vec value) {
#if defined(BLS_SEM_SSE2)
    // maxps gives its second operand for a NaN.
    const __m128 x = _mm_max_ps(reinterpret_cast<__m128>(value), _mm_setzero_ps());
    const __m128 half = _mm_set1_ps(0x1p31f);
    const Vec upper = vec(_mm_cmpge_ps(x, half));
    const Vec tooLarge = vec(_mm_cmpge_ps(x, _mm_set1_ps(0x1p32f)));
    const __m128 reduced = _mm_sub_ps(x, reinterpret_cast<__m128>(upper & vec(half)));
    const Vec low = vec(_mm_cvttps_epi32(reduced));
    return (low ^ vec(lanes<u32>(upper) << 31)) | tooLarge;
#elif defined(BLS_SEM_NEON)
    return vec(vcvtq_u32_f32(reinterpret_cast<float32x4_t>(value)));
#else
    const Lanes<f32> x = lanes<f32>(value);
    Lanes<u32> result = {};
    for (u32 i = 0; i < 4; ++i) result[i] = TruncSat<u32, f32>::eval(x[i]);
    return vec(result);
#endif
  }
};
struct I32x4TruncSatF64x2SZero : detail::VectorOp {
  BLS_SEM_V Vec eval(Vec value) {
    const Lanes<f64> x = lanes<f64>(value);
#ifdef BLS_SEM_SSE2
    const Vec number = value & vec(x == x);
    const __m128d capped = _mm_min_pd(reinterpret_cast<__m128d>(number), _mm_set1_pd(2147483647.0));
    return vec(_mm_cvttpd_epi32(capped));
#else
    return vec(Lanes<u32>{TruncSat<i32, f64>::eval(x[0]), TruncSat<i32, f64>::eval(x[1]), 0, 0});
#endif
  }
};
struct I32x4TruncSatF64x2UZero : detail::VectorOp {
  BLS_SEM_V Vec eval(Vec value) {
#ifdef BLS_SEM_SSE2
    __m128d x = _mm_max_pd(reinterpret_cast<__m128d>(value), _mm_setzero_pd());
    x = _mm_min_pd(x, _mm_set1_pd(4294967295.0));
    const __m128d half = _mm_set1_pd(0x1p31);
    const Lanes<u32> upper = lanes<u32>(vec(_mm_cmpge_pd(x, half)));
    const __m128d reduced = _mm_sub_pd(x, reinterpret_cast<__m128d>(vec(upper) & vec(half)));
    const Lanes<u32> upperLow = __builtin_shufflevector(upper, Lanes<u32>{}, 0, 2, 4, 4);
    return vec(_mm_cvttpd_epi32(reduced)) ^ vec(upperLow << 31);
#else
    const Lanes<f64> x = lanes<f64>(value);
    return vec(Lanes<u32>{TruncSat<u32, f64>::eval(x[0]), TruncSat<u32, f64>::eval(x[1]), 0, 0});
#endif
  }
};

}  // namespace bls::sem::inline BLS_SEM_ISA
