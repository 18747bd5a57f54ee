// Models of the scalar instructions, one table entry per row of opcodes.def that names a functor.
#pragma once

#include "tests/engine/wasm/semantics_cases.h"

namespace bls {
namespace {

// `functor` is in parentheses, so that commas are legal.
template <class T>
struct Identity {
  using Type = T;
};
#define FUNCTOR(functor) Identity<BLS_UNPAREN functor>::Type
#define UNARY(name, In, Out, functor, ...)                                                  \
  Case {                                                                                    \
    #name, unary<In, Out, (FUNCTOR(functor)::kNanBits > 0)>, erase(FUNCTOR(functor)::eval), \
        erase(+[](M<In> a) -> M<Out> { return static_cast<M<Out>>(__VA_ARGS__); })          \
  }
#define BINARY(name, In, Out, functor, ...)                                                  \
  Case {                                                                                     \
    #name, binary<In, Out, (FUNCTOR(functor)::kNanBits > 0)>, erase(FUNCTOR(functor)::eval), \
        erase(+[](M<In> a, M<In> b) -> M<Out> { return static_cast<M<Out>>(__VA_ARGS__); })  \
  }
#define DIVISION(name, In, functor, wide)                                                        \
  Case {                                                                                         \
    #name, trappingBinary<FUNCTOR(functor), In>, nullptr, erase(+[](In a, In b) -> Outcome<In> { \
      if (b == 0) return {Trap::DivideByZero, 0};                                                \
      const model::I128 result = static_cast<model::I128>(a) wide static_cast<model::I128>(b);   \
      if (result > static_cast<model::I128>(std::numeric_limits<In>::max())) {                   \
        return {Trap::IntegerOverflow, 0};                                                       \
      }                                                                                          \
      return {Trap::None, static_cast<In>(result)};                                              \
    })                                                                                           \
  }
#define TRUNCATION(name, In, Out) \
  Case { #name, trappingTruncation<sem::TruncTo<Out, In>, In, Out>, nullptr, nullptr }

/// Bit `place` of the value.
template <class T>
bool bitAt(T value, u32 place) {
  return (static_cast<std::make_unsigned_t<T>>(value) >> place & 1) != 0;
}
template <class T>
T countLeading(T value) {
  T zeros = 0;
  while (zeros < sizeof(T) * 8 && !bitAt(value, sizeof(T) * 8 - 1 - zeros)) ++zeros;
  return zeros;
}
template <class T>
T countTrailing(T value) {
  T zeros = 0;
  while (zeros < sizeof(T) * 8 && !bitAt(value, zeros)) ++zeros;
  return zeros;
}
template <class T>
T countOnes(T value) {
  T ones = 0;
  for (u32 place = 0; place < sizeof(T) * 8; ++place) ones += bitAt(value, place) ? 1 : 0;
  return ones;
}
/// Rotates left, bit by bit.
template <class T>
T rotate(T value, u32 count) {
  T result = 0;
  for (u32 place = 0; place < sizeof(T) * 8; ++place) {
    if (bitAt(value, place)) result |= T{1} << (place + count) % (sizeof(T) * 8);
  }
  return result;
}
/// value x 2^-count, rounded down, without a shift of a negative number.
template <class T>
T shiftDown(T value, u32 count) {
  const model::I128 unit = static_cast<model::I128>(1) << count;
  const model::I128 wide = value;
  return static_cast<T>(wide >= 0 ? wide / unit : -((-wide + unit - 1) / unit));
}

#define INTEGER_CASES(name, S, U)                                                             \
  UNARY(name##Eqz, U, u32, (sem::Eqz<U>), a == 0),                                            \
      BINARY(name##Eq, U, u32, (sem::Eq<U>), (a ^ b) == 0),                                   \
      BINARY(name##Ne, U, u32, (sem::Ne<U>), (a ^ b) != 0),                                   \
      BINARY(name##LtS, S, u32, (sem::Lt<S>), model::I128(a) - b < 0),                        \
      BINARY(name##LtU, U, u32, (sem::Lt<U>), model::I128(a) - b < 0),                        \
      BINARY(name##GtS, S, u32, (sem::Gt<S>), model::I128(a) - b > 0),                        \
      BINARY(name##GtU, U, u32, (sem::Gt<U>), model::I128(a) - b > 0),                        \
      BINARY(name##LeS, S, u32, (sem::Le<S>), model::I128(a) - b <= 0),                       \
      BINARY(name##LeU, U, u32, (sem::Le<U>), model::I128(a) - b <= 0),                       \
      BINARY(name##GeS, S, u32, (sem::Ge<S>), model::I128(a) - b >= 0),                       \
      BINARY(name##GeU, U, u32, (sem::Ge<U>), model::I128(a) - b >= 0),                       \
      UNARY(name##Clz, U, U, (sem::Clz<U>), countLeading(a)),                                 \
      UNARY(name##Ctz, U, U, (sem::Ctz<U>), countTrailing(a)),                                \
      UNARY(name##Popcnt, U, U, (sem::Popcnt<U>), countOnes(a)),                              \
      BINARY(name##Add, U, U, (sem::Add<U>), model::U128(a) + b),                             \
      BINARY(name##Sub, U, U, (sem::Sub<U>), model::U128(a) - b),                             \
      BINARY(name##Mul, U, U, (sem::Mul<U>), model::U128(a) * b),                             \
      DIVISION(name##DivS, S, (sem::DivS<S>), /), DIVISION(name##DivU, U, (sem::DivU<U>), /), \
      DIVISION(name##RemS, S, (sem::RemS<S>), %), DIVISION(name##RemU, U, (sem::RemU<U>), %), \
      BINARY(name##And, U, U, (sem::And<U>), a + b - (a | b)),                                \
      BINARY(name##Or, U, U, (sem::Or<U>), ~(~a & ~b)),                                       \
      BINARY(name##Xor, U, U, (sem::Xor<U>), (a | b) - (a & b)),                              \
      BINARY(name##Shl, U, U, (sem::Shl<U>), model::U128(a) << b % (sizeof(U) * 8)),          \
      BINARY(name##ShrS, S, S, (sem::Shr<S>), shiftDown(a, U(b) % (sizeof(U) * 8))),          \
      BINARY(name##ShrU, U, U, (sem::Shr<U>), shiftDown(a, b % (sizeof(U) * 8))),             \
      BINARY(name##Rotl, U, U, (sem::Rotl<U>), rotate(a, b % (sizeof(U) * 8))),               \
      BINARY(name##Rotr, U, U, (sem::Rotr<U>), rotate(a, sizeof(U) * 8 - b % (sizeof(U) * 8)))

#define FLOAT_CASES(name, F)                                                                       \
  BINARY(name##Eq, F, u32, (sem::Eq<F>),                                                           \
         !model::unordered<F>(a, b) && !model::less<F>(a, b) && !model::less<F>(b, a)),            \
      BINARY(name##Ne, F, u32, (sem::Ne<F>),                                                       \
             model::unordered<F>(a, b) || model::less<F>(a, b) || model::less<F>(b, a)),           \
      BINARY(name##Lt, F, u32, (sem::Lt<F>), !model::unordered<F>(a, b) && model::less<F>(a, b)),  \
      BINARY(name##Gt, F, u32, (sem::Gt<F>), !model::unordered<F>(a, b) && model::less<F>(b, a)),  \
      BINARY(name##Le, F, u32, (sem::Le<F>), !model::unordered<F>(a, b) && !model::less<F>(b, a)), \
      BINARY(name##Ge, F, u32, (sem::Ge<F>), !model::unordered<F>(a, b) && !model::less<F>(a, b)), \
      UNARY(name##Abs, F, F, (sem::Abs<F>), a & ~model::kSignBit<F>),                              \
      UNARY(name##Neg, F, F, (sem::Neg<F>), a ^ model::kSignBit<F>),                               \
      UNARY(name##Ceil, F, F, (sem::Ceil<F>), model::round<F>(a, model::Rounding::Ceil)),          \
      UNARY(name##Floor, F, F, (sem::Floor<F>), model::round<F>(a, model::Rounding::Floor)),       \
      UNARY(name##Trunc, F, F, (sem::Trunc<F>), model::round<F>(a, model::Rounding::Trunc)),       \
      UNARY(name##Nearest, F, F, (sem::Nearest<F>), model::round<F>(a, model::Rounding::Nearest)), \
      UNARY(name##Sqrt, F, F, (sem::Sqrt<F>), model::sqrt<F>(a)),                                  \
      BINARY(name##Add, F, F, (sem::Add<F>), model::add<F>(a, b)),                                 \
      BINARY(name##Sub, F, F, (sem::Sub<F>), model::sub<F>(a, b)),                                 \
      BINARY(name##Mul, F, F, (sem::Mul<F>), model::mul<F>(a, b)),                                 \
      BINARY(name##Div, F, F, (sem::Div<F>), model::div<F>(a, b)),                                 \
      BINARY(name##Min, F, F, (sem::Min<F>), model::min<F>(a, b)),                                 \
      BINARY(name##Max, F, F, (sem::Max<F>), model::max<F>(a, b)),                                 \
      BINARY(name##Copysign, F, F, (sem::Copysign<F>),                                             \
             (a & ~model::kSignBit<F>) | (b & model::kSignBit<F>))

#define SATURATING(name, In, Out) \
  UNARY(name, In, Out, (sem::TruncSat<Out, In>), model::truncateSaturated<Out, In>(a))
#define CONVERSION(name, In, Out) \
  UNARY(name, In, Out, (sem::ConvertTo<Out, In>), model::fromInteger<Out, In>(a))

/// The low `width` bits of value as a signed number.
constexpr i64 signedLow(u64 value, u32 width) {
  const u64 low = value % (u64{1} << width);
  return low < (u64{1} << (width - 1)) ? i64(low) : i64(low) - (i64{1} << width);
}

const Case kScalarCases[] = {
    INTEGER_CASES(I32, i32, u32),
    INTEGER_CASES(I64, i64, u64),
    FLOAT_CASES(F32, f32),
    FLOAT_CASES(F64, f64),
    UNARY(I32WrapI64, u64, u32, (sem::Wrap), a % (u64{1} << 32)),
    UNARY(I64ExtendI32S, u32, u64, (sem::Extend<i32, i64>), signedLow(a, 32)),
    UNARY(I64ExtendI32U, u32, u64, (sem::Extend<u32, u64>), a),
    UNARY(I32Extend8S, u32, u32, (sem::Extend<i8, i32>), signedLow(a, 8)),
    UNARY(I32Extend16S, u32, u32, (sem::Extend<i16, i32>), signedLow(a, 16)),
    UNARY(I64Extend8S, u64, u64, (sem::Extend<i8, i64>), signedLow(a, 8)),
    UNARY(I64Extend16S, u64, u64, (sem::Extend<i16, i64>), signedLow(a, 16)),
    UNARY(I64Extend32S, u64, u64, (sem::Extend<i32, i64, u64>), signedLow(a, 32)),
    TRUNCATION(I32TruncF32S, f32, i32),
    TRUNCATION(I32TruncF32U, f32, u32),
    TRUNCATION(I32TruncF64S, f64, i32),
    TRUNCATION(I32TruncF64U, f64, u32),
    TRUNCATION(I64TruncF32S, f32, i64),
    TRUNCATION(I64TruncF32U, f32, u64),
    TRUNCATION(I64TruncF64S, f64, i64),
    TRUNCATION(I64TruncF64U, f64, u64),
    SATURATING(I32TruncSatF32S, f32, i32),
    SATURATING(I32TruncSatF32U, f32, u32),
    SATURATING(I32TruncSatF64S, f64, i32),
    SATURATING(I32TruncSatF64U, f64, u32),
    SATURATING(I64TruncSatF32S, f32, i64),
    SATURATING(I64TruncSatF32U, f32, u64),
    SATURATING(I64TruncSatF64S, f64, i64),
    SATURATING(I64TruncSatF64U, f64, u64),
    CONVERSION(F32ConvertI32S, i32, f32),
    CONVERSION(F32ConvertI32U, u32, f32),
    CONVERSION(F32ConvertI64S, i64, f32),
    CONVERSION(F32ConvertI64U, u64, f32),
    CONVERSION(F64ConvertI32S, i32, f64),
    CONVERSION(F64ConvertI32U, u32, f64),
    CONVERSION(F64ConvertI64S, i64, f64),
    CONVERSION(F64ConvertI64U, u64, f64),
    UNARY(F32DemoteF64, f64, f32, (sem::Demote), model::convertFloat<f32, f64>(a)),
    UNARY(F64PromoteF32, f32, f64, (sem::Promote), model::convertFloat<f64, f32>(a)),
    UNARY(I32ReinterpretF32, f32, u32, (sem::Reinterpret<u32, f32>), a),
    UNARY(I64ReinterpretF64, f64, u64, (sem::Reinterpret<u64, f64>), a),
    UNARY(F32ReinterpretI32, u32, f32, (sem::Reinterpret<f32, u32>), a),
    UNARY(F64ReinterpretI64, u64, f64, (sem::Reinterpret<f64, u64>), a),
};

#undef FUNCTOR
#undef UNARY
#undef BINARY
#undef DIVISION
#undef TRUNCATION
#undef INTEGER_CASES
#undef FLOAT_CASES
#undef SATURATING
#undef CONVERSION

}  // namespace
}  // namespace bls
