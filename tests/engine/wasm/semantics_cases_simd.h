// Models of the SIMD instructions, one table entry per row of opcodes.def with a vector operand or
// result. Lane models are written in wider arithmetic than the lanes have.
#pragma once

#include "tests/engine/wasm/semantics_cases.h"

namespace bls {
namespace {

/// The functor of each row, by the row's name: several rows may share one.
namespace rows {
using namespace sem;
#define OP(name, prefix, code, text, imm, sig, cls, aux, semantics, feature) \
  using name = BLS_UNPAREN semantics;
#include "engine/wasm/opcodes.def"
#undef OP
}  // namespace rows

#define LANES1(name, In, Out, ...)                                                 \
  Case {                                                                           \
    #name, lanes1<In, Out, (rows::name::kNanBits > 0)>, erase(rows::name::eval),   \
        erase(+[](M<In> a) -> M<Out> { return static_cast<M<Out>>(__VA_ARGS__); }) \
  }
#define LANES2(name, In, Out, ...)                                                          \
  Case {                                                                                    \
    #name, lanes2<In, Out, (rows::name::kNanBits > 0)>, erase(rows::name::eval),            \
        erase(+[](M<In> a, M<In> b) -> M<Out> { return static_cast<M<Out>>(__VA_ARGS__); }) \
  }
#define LANES3(name, In, ...)                                                                      \
  Case {                                                                                           \
    #name, lanes3<In, (rows::name::kNanBits > 0)>, erase(rows::name::eval),                        \
        erase(+[](M<In> a, M<In> b, M<In> c) -> M<In> { return static_cast<M<In>>(__VA_ARGS__); }) \
  }
// i: number of the result lane; a, b: all lanes of the operands.
#define VECTOR1(name, In, Out, ...)                                                           \
  Case {                                                                                      \
    #name, vector1<In, Out, (rows::name::kNanBits > 0)>, erase(rows::name::eval),             \
        erase(+[](const Array<In>& a) {                                                       \
          Array<Out> result;                                                                  \
          for (u32 i = 0; i < kCount<Out>; ++i) result[i] = static_cast<M<Out>>(__VA_ARGS__); \
          return result;                                                                      \
        })                                                                                    \
  }
#define VECTOR2(name, In, Out, ...)                                                           \
  Case {                                                                                      \
    #name, vector2<In, Out>, erase(rows::name::eval),                                         \
        erase(+[](const Array<In>& a, const Array<In>& b) {                                   \
          Array<Out> result;                                                                  \
          for (u32 i = 0; i < kCount<Out>; ++i) result[i] = static_cast<M<Out>>(__VA_ARGS__); \
          return result;                                                                      \
        })                                                                                    \
  }
#define SHIFT(name, T, ...)                                                \
  Case {                                                                   \
    #name, shift<T>, erase(rows::name::eval),                              \
        erase(+[](T a, u32 count) { return static_cast<T>(__VA_ARGS__); }) \
  }
#define TEST_CASE(name, T, ...)                              \
  Case {                                                     \
    #name, vectorTest<T>, erase(rows::name::eval),           \
        erase(+[](const Array<T>& a) -> u32 { __VA_ARGS__ }) \
  }

using model::I128;
using model::U128;

template <class T>
bool allTrue(const std::array<T, 16 / sizeof(T)>& lanes) {
  for (const T lane : lanes) {
    if (lane == 0) return false;
  }
  return true;
}
template <class T>
u32 bitmask(const std::array<T, 16 / sizeof(T)>& lanes) {
  u32 mask = 0;
  for (u32 i = 0; i < lanes.size(); ++i) mask += lanes[i] < 0 ? 1u << i : 0;
  return mask;
}
/// -1 for true, in the width of the lane.
template <class T>
T truth(bool value) {
  return value ? static_cast<T>(-1) : T{0};
}
I128 floorShift(I128 value, u32 count) {
  const I128 unit = static_cast<I128>(1) << count;
  return value >= 0 ? value / unit : -((-value + unit - 1) / unit);
}

// What every integer shape has. N: 16 / sizeof(lane) is implied by the types.
#define COMMON(shape, TS, TU)                                                                \
  LANES2(shape##Eq, TU, TU, truth<TU>(I128(a) - b == 0)),                                    \
      LANES2(shape##Ne, TU, TU, truth<TU>(I128(a) - b != 0)),                                \
      LANES2(shape##LtS, TS, TU, truth<TU>(I128(a) - b < 0)),                                \
      LANES2(shape##GtS, TS, TU, truth<TU>(I128(a) - b > 0)),                                \
      LANES2(shape##LeS, TS, TU, truth<TU>(I128(a) - b <= 0)),                               \
      LANES2(shape##GeS, TS, TU, truth<TU>(I128(a) - b >= 0)),                               \
      LANES1(shape##Abs, TS, TS, a < 0 ? -I128(a) : I128(a)),                                \
      LANES1(shape##Neg, TS, TS, -I128(a)), LANES2(shape##Add, TU, TU, U128(a) + b),         \
      LANES2(shape##Sub, TU, TU, U128(a) - b),                                               \
      TEST_CASE(shape##AllTrue, TS, return allTrue<TS>(a);),                                 \
      TEST_CASE(shape##Bitmask, TS, return bitmask<TS>(a);),                                 \
      SHIFT(shape##Shl, TU, U128(a) << count), SHIFT(shape##ShrS, TS, floorShift(a, count)), \
      SHIFT(shape##ShrU, TU, floorShift(a, count))
// Up to 32 bits.
#define UNSIGNED_ORDER(shape, TS, TU)                          \
  LANES2(shape##LtU, TU, TU, truth<TU>(I128(a) - b < 0)),      \
      LANES2(shape##GtU, TU, TU, truth<TU>(I128(a) - b > 0)),  \
      LANES2(shape##LeU, TU, TU, truth<TU>(I128(a) - b <= 0)), \
      LANES2(shape##GeU, TU, TU, truth<TU>(I128(a) - b >= 0)), \
      LANES2(shape##MinS, TS, TS, I128(a) < b ? a : b),        \
      LANES2(shape##MinU, TU, TU, I128(a) < b ? a : b),        \
      LANES2(shape##MaxS, TS, TS, I128(a) > b ? a : b),        \
      LANES2(shape##MaxU, TU, TU, I128(a) > b ? a : b)
// 8 and 16 bits; Twice: type of twice the width that narrows to this one.
#define SMALL(shape, TS, TU, twice, Twice)                                           \
  LANES2(shape##AddSatS, TS, TS, model::saturate<TS>(i64{a} + b)),                   \
      LANES2(shape##AddSatU, TU, TU, model::saturate<TU>(i64{a} + b)),               \
      LANES2(shape##SubSatS, TS, TS, model::saturate<TS>(i64{a} - b)),               \
      LANES2(shape##SubSatU, TU, TU, model::saturate<TU>(i64{a} - b)),               \
      LANES2(shape##AvgrU, TU, TU, (u64{a} + b + 1) / 2),                            \
      VECTOR2(shape##Narrow##twice##S, Twice, TS,                                    \
              model::saturate<TS>(i < kCount<Twice> ? a[i] : b[i - kCount<Twice>])), \
      VECTOR2(shape##Narrow##twice##U, Twice, TU,                                    \
              model::saturate<TU, Twice>(i < kCount<Twice> ? a[i] : b[i - kCount<Twice>]))
// From the half as wide shape `half`.
#define WIDENING(shape, TS, TU, half, HS, HU)                                                   \
  LANES2(shape##Mul, TU, TU, U128(a) * b), VECTOR1(shape##ExtendLow##half##S, HS, TS, a[i]),    \
      VECTOR1(shape##ExtendHigh##half##S, HS, TS, a[i + kCount<TS>]),                           \
      VECTOR1(shape##ExtendLow##half##U, HU, TU, a[i]),                                         \
      VECTOR1(shape##ExtendHigh##half##U, HU, TU, a[i + kCount<TS>]),                           \
      VECTOR2(shape##ExtmulLow##half##S, HS, TS, I128(a[i]) * b[i]),                            \
      VECTOR2(shape##ExtmulHigh##half##S, HS, TS, I128(a[i + kCount<TS>]) * b[i + kCount<TS>]), \
      VECTOR2(shape##ExtmulLow##half##U, HU, TU, U128(a[i]) * b[i]),                            \
      VECTOR2(shape##ExtmulHigh##half##U, HU, TU, U128(a[i + kCount<TS>]) * b[i + kCount<TS>])
#define PAIRWISE(shape, TS, TU, half, HS, HU)                                    \
  VECTOR1(shape##ExtaddPairwise##half##S, HS, TS, i64{a[2 * i]} + a[2 * i + 1]), \
      VECTOR1(shape##ExtaddPairwise##half##U, HU, TU, i64{a[2 * i]} + a[2 * i + 1])

#define FLOAT_SHAPE(shape, F, B)                                                                   \
  LANES2(shape##Eq, F, B,                                                                          \
         truth<B>(!model::unordered<F>(a, b) && !model::less<F>(a, b) && !model::less<F>(b, a))),  \
      LANES2(shape##Ne, F, B,                                                                      \
             truth<B>(model::unordered<F>(a, b) || model::less<F>(a, b) || model::less<F>(b, a))), \
      LANES2(shape##Lt, F, B, truth<B>(!model::unordered<F>(a, b) && model::less<F>(a, b))),       \
      LANES2(shape##Gt, F, B, truth<B>(!model::unordered<F>(a, b) && model::less<F>(b, a))),       \
      LANES2(shape##Le, F, B, truth<B>(!model::unordered<F>(a, b) && !model::less<F>(b, a))),      \
      LANES2(shape##Ge, F, B, truth<B>(!model::unordered<F>(a, b) && !model::less<F>(a, b))),      \
      LANES1(shape##Abs, F, F, a & ~model::kSignBit<F>),                                           \
      LANES1(shape##Neg, F, F, a ^ model::kSignBit<F>),                                            \
      LANES1(shape##Ceil, F, F, model::round<F>(a, model::Rounding::Ceil)),                        \
      LANES1(shape##Floor, F, F, model::round<F>(a, model::Rounding::Floor)),                      \
      LANES1(shape##Trunc, F, F, model::round<F>(a, model::Rounding::Trunc)),                      \
      LANES1(shape##Nearest, F, F, model::round<F>(a, model::Rounding::Nearest)),                  \
      LANES1(shape##Sqrt, F, F, model::sqrt<F>(a)), LANES2(shape##Add, F, F, model::add<F>(a, b)), \
      LANES2(shape##Sub, F, F, model::sub<F>(a, b)),                                               \
      LANES2(shape##Mul, F, F, model::mul<F>(a, b)),                                               \
      LANES2(shape##Div, F, F, model::div<F>(a, b)),                                               \
      LANES2(shape##Min, F, F, model::min<F>(a, b)),                                               \
      LANES2(shape##Max, F, F, model::max<F>(a, b)),                                               \
      LANES2(shape##Pmin, F, F, model::pmin<F>(a, b)),                                             \
      LANES2(shape##Pmax, F, F, model::pmax<F>(a, b)),                                             \
      LANES2(shape##RelaxedMin, F, F, model::min<F>(a, b)),                                        \
      LANES2(shape##RelaxedMax, F, F, model::max<F>(a, b)),                                        \
      LANES3(shape##RelaxedMadd, F, model::add<F>(model::mul<F>(a, b), c)),                        \
      LANES3(shape##RelaxedNmadd, F, model::sub<F>(c, model::mul<F>(a, b)))

#define SWIZZLE(name) VECTOR2(name, u8, u8, b[i] < 16 ? a[b[i]] : 0)
#define BITSELECT(name) LANES3(name, u64, (a & c) | (b & ~c))
#define TRUNCATE(prefix)                                                                           \
  LANES1(prefix##F32x4S, f32, i32, model::truncateSaturated<i32, f32>(a)),                         \
      LANES1(prefix##F32x4U, f32, u32, model::truncateSaturated<u32, f32>(a)),                     \
      VECTOR1(prefix##F64x2SZero, f64, i32, i < 2 ? model::truncateSaturated<i32, f64>(a[i]) : 0), \
      VECTOR1(prefix##F64x2UZero, f64, u32, i < 2 ? model::truncateSaturated<u32, f64>(a[i]) : 0)
#define Q15(name) LANES2(name, i16, i16, model::saturate<i16>((i64{a} * b + 0x4000) >> 15))

/// Lane of the 16-bit dot product that relaxed dot products start from.
i16 dotPair(const Array<i8>& a, const Array<i8>& b, u32 lane) {
  return model::saturate<i16>(i32{a[2 * lane]} * b[2 * lane] +
                              i32{a[2 * lane + 1]} * b[2 * lane + 1]);
}
std::string checkDotAdd(int rounds, Case::Function, Case::Function) {
  Random random;
  for (int i = 0; i < rounds; ++i) {
    const sem::Vec a = random.vector<i8>(), b = random.vector<i8>(), c = random.vector<u32>();
    Array<u32> expected = split<u32>(c);
    for (u32 lane = 0; lane < 4; ++lane) {
      expected[lane] += static_cast<u32>(dotPair(split<i8>(a), split<i8>(b), 2 * lane));
      expected[lane] += static_cast<u32>(dotPair(split<i8>(a), split<i8>(b), 2 * lane + 1));
    }
    const sem::Vec actual = sem::I32x4RelaxedDotI8x16I7x16AddS::eval(a, b, c);
    const std::string difference = compareLanes<u32, false>(expected, actual, {}, a, b, c);
    if (!difference.empty()) return difference;
  }
  return "";
}

const Case kSimdCases[] = {
    COMMON(I8x16, i8, u8),
    COMMON(I16x8, i16, u16),
    COMMON(I32x4, i32, u32),
    COMMON(I64x2, i64, u64),
    UNSIGNED_ORDER(I8x16, i8, u8),
    UNSIGNED_ORDER(I16x8, i16, u16),
    UNSIGNED_ORDER(I32x4, i32, u32),
    SMALL(I8x16, i8, u8, I16x8, i16),
    SMALL(I16x8, i16, u16, I32x4, i32),
    WIDENING(I16x8, i16, u16, I8x16, i8, u8),
    WIDENING(I32x4, i32, u32, I16x8, i16, u16),
    WIDENING(I64x2, i64, u64, I32x4, i32, u32),
    PAIRWISE(I16x8, i16, u16, I8x16, i8, u8),
    PAIRWISE(I32x4, i32, u32, I16x8, i16, u16),
    FLOAT_SHAPE(F32x4, f32, u32),
    FLOAT_SHAPE(F64x2, f64, u64),
    LANES1(I8x16Popcnt, u8, u8, __builtin_popcount(a)),
    VECTOR2(I32x4DotI16x8S, i16, i32,
            I128(a[2 * i]) * b[2 * i] + I128(a[2 * i + 1]) * b[2 * i + 1]),
    Q15(I16x8Q15mulrSatS),
    Q15(I16x8RelaxedQ15mulrS),
    SWIZZLE(I8x16Swizzle),
    SWIZZLE(I8x16RelaxedSwizzle),
    LANES1(V128Not, u64, u64, -a - 1),
    LANES2(V128And, u64, u64, a + b - (a | b)),
    LANES2(V128Andnot, u64, u64, a - (a & b)),
    LANES2(V128Or, u64, u64, ~(~a & ~b)),
    LANES2(V128Xor, u64, u64, (a | b) - (a & b)),
    BITSELECT(V128Bitselect),
    BITSELECT(I8x16RelaxedLaneselect),
    BITSELECT(I16x8RelaxedLaneselect),
    BITSELECT(I32x4RelaxedLaneselect),
    BITSELECT(I64x2RelaxedLaneselect),
    TEST_CASE(V128AnyTrue, u32, return a[0] != 0 || a[1] != 0 || a[2] != 0 || a[3] != 0;),
    TRUNCATE(I32x4TruncSat),
    TRUNCATE(I32x4RelaxedTrunc),
    LANES1(F32x4ConvertI32x4S, i32, f32, model::fromInteger<f32, i32>(a)),
    LANES1(F32x4ConvertI32x4U, u32, f32, model::fromInteger<f32, u32>(a)),
    VECTOR1(F64x2ConvertLowI32x4S, i32, f64, model::fromInteger<f64, i32>(a[i])),
    VECTOR1(F64x2ConvertLowI32x4U, u32, f64, model::fromInteger<f64, u32>(a[i])),
    VECTOR1(F32x4DemoteF64x2Zero, f64, f32, i < 2 ? model::convertFloat<f32, f64>(a[i]) : 0),
    VECTOR1(F64x2PromoteLowF32x4, f32, f64, model::convertFloat<f64, f32>(a[i])),
    VECTOR2(I16x8RelaxedDotI8x16I7x16S, i8, i16, dotPair(a, b, i)),
    Case{"I32x4RelaxedDotI8x16I7x16AddS", checkDotAdd, nullptr, nullptr},
};

#undef LANES1
#undef LANES2
#undef LANES3
#undef VECTOR1
#undef VECTOR2
#undef SHIFT
#undef TEST_CASE
#undef COMMON
#undef UNSIGNED_ORDER
#undef SMALL
#undef WIDENING
#undef PAIRWISE
#undef FLOAT_SHAPE
#undef SWIZZLE
#undef BITSELECT
#undef TRUNCATE
#undef Q15

}  // namespace
}  // namespace bls
