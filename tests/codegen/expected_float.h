// What float operations of a macro assembler must give, in C++: zeros, subnormals, bounds of the
// integer types, infinities and NaNs, and a function for each family. Shared by the tests of all
// CPUs.
#pragma once

#include <bit>
#include <cmath>
#include <limits>
#include <vector>

#include "tests/codegen/expected.h"

namespace bls::codegen {

inline const u64 kFloats64[] = {0,
                                0x8000000000000000,
                                0x3ff0000000000000,
                                0xbff0000000000000,
                                0x3fe0000000000000,
                                0xbfe0000000000000,
                                0x4004000000000000,
                                0xc00c000000000000,
                                0x0000000000000001,
                                0x000fffffffffffff,
                                0x7fefffffffffffff,
                                0x7ff0000000000000,
                                0xfff0000000000000,
                                0x7ff8000000000000,
                                0x7ff0000000000001,
                                0xfff8000000000123,
                                0x41dfffffffc00000,
                                0x41e0000000000000,
                                0x41efffffffe00000,
                                0x41f0000000000000,
                                0xc1e0000000000000,
                                0xc1e0000000200000,
                                0xc1e00000001fffff,
                                0x43dfffffffffffff,
                                0x43e0000000000000,
                                0x43efffffffffffff,
                                0x43f0000000000000,
                                0xc3e0000000000000,
                                0xc3e0000000000001,
                                0xbfefffffffffffff,
                                0x3fefffffffffffff,
                                0x4330000000000001,
                                0x4059000000000000};
inline const u64 kFloats32[] = {
    0,          0x80000000, 0x3f800000, 0xbf800000, 0x3f000000, 0xbf000000, 0x40200000, 0xc0600000,
    1,          0x007fffff, 0x7f7fffff, 0x7f800000, 0xff800000, 0x7fc00000, 0x7f800001, 0xffc00123,
    0x4effffff, 0x4f000000, 0x4f7fffff, 0x4f800000, 0xcf000000, 0xcf000001, 0x5effffff, 0x5f000000,
    0x5f7fffff, 0x5f800000, 0xdf000000, 0xdf000001, 0xbf7fffff, 0x3f7fffff};

inline std::vector<u64> floatsOf(Width w) {
  return w == Width::W32 ? std::vector<u64>(std::begin(kFloats32), std::end(kFloats32))
                         : std::vector<u64>(std::begin(kFloats64), std::end(kFloats64));
}

template <class T>
u64 bitsOf(T v) {
  if constexpr (sizeof(T) == 4) {
    return std::bit_cast<u32>(v);
  } else {
    return std::bit_cast<u64>(v);
  }
}
template <class T>
T floatOf(u64 bits) {
  if constexpr (sizeof(T) == 4) {
    return std::bit_cast<T>(static_cast<u32>(bits));
  } else {
    return std::bit_cast<T>(bits);
  }
}

/// Equal bits; any quiet NaN for a NaN.
inline bool sameFloat(Width w, u64 got, u64 want) {
  const u64 infinity = w == Width::W32 ? 0x7f800000 : 0x7ff0000000000000;
  const u64 quiet = w == Width::W32 ? 0x00400000 : 0x0008000000000000;
  const u64 sign = w == Width::W32 ? 0x80000000 : 0x8000000000000000;
  if ((want & ~sign) > infinity) return (got & ~sign) > infinity && (got & quiet) != 0;
  return got == want;
}

template <class T>
T expectedFloat(FloatOp op, T x, T y) {
  switch (op) {
    case FloatOp::Add: return x + y;
    case FloatOp::Sub: return x - y;
    case FloatOp::Mul: return x * y;
    case FloatOp::Div: return x / y;
    case FloatOp::Min:
      if (std::isnan(x) || std::isnan(y)) return std::numeric_limits<T>::quiet_NaN();
      return x == y ? (std::signbit(x) ? x : y) : (x < y ? x : y);
    case FloatOp::Max:
      if (std::isnan(x) || std::isnan(y)) return std::numeric_limits<T>::quiet_NaN();
      return x == y ? (std::signbit(x) ? y : x) : (x > y ? x : y);
    case FloatOp::Copysign: return std::copysign(x, y);
  }
  return 0;
}

template <class T>
T expectedUnary(FloatUnary op, T x) {
  switch (op) {
    case FloatUnary::Abs: return std::fabs(x);
    case FloatUnary::Neg: return -x;
    case FloatUnary::Sqrt: return std::sqrt(x);
    case FloatUnary::Ceil: return std::ceil(x);
    case FloatUnary::Floor: return std::floor(x);
    case FloatUnary::Trunc: return std::trunc(x);
    case FloatUnary::Nearest: return std::nearbyint(x);
  }
  return 0;
}

template <class T>
bool holdsF(FCond cond, T x, T y) {
  switch (cond) {
    case FCond::Eq: return x == y;
    case FCond::Ne: return x != y;
    case FCond::Lt: return x < y;
    case FCond::Gt: return x > y;
    case FCond::Le: return x <= y;
    case FCond::Ge: return x >= y;
  }
  return false;
}

/// The bits of a converted integer; `value` is cut to its width.
inline u64 expectedConversion(Width from, Width to, bool isSigned, u64 value) {
  const auto convert = [&](auto zero) {
    using T = decltype(zero);
    if (!isSigned) return bitsOf(static_cast<T>(value));
    return bitsOf(from == Width::W32 ? static_cast<T>(static_cast<i32>(value))
                                     : static_cast<T>(static_cast<i64>(value)));
  };
  return to == Width::W32 ? convert(f32{}) : convert(f64{});
}

/// What the tests' code answers where nothing fits.
inline constexpr u64 kNotTruncated = 0xbadbadbad;

inline u64 expectedTruncation(Width from, Width to, bool isSigned, u64 x) {
  const u32 bits = to == Width::W32 ? 32 : 64;
  // f64 holds every f32, and both bounds exactly.
  const f64 value = from == Width::W32 ? f64{floatOf<f32>(x)} : floatOf<f64>(x);
  const f64 t = std::trunc(value);
  const f64 low = isSigned ? -std::ldexp(1.0, static_cast<int>(bits) - 1) : 0.0;
  const f64 high = std::ldexp(1.0, static_cast<int>(isSigned ? bits - 1 : bits));
  if (!(t >= low && t < high)) return kNotTruncated;
  return cut(to, isSigned ? static_cast<u64>(static_cast<i64>(t)) : static_cast<u64>(t));
}

}  // namespace bls::codegen
