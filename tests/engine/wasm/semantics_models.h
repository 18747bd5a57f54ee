// Slow models of the numeric instructions, from first principles: floats as integers with an
// exponent in 128-bit arithmetic, rounding by remainder. Independent of the host's float unit and
// of the code under test. Entry points: decode, encode, the model* functions; all work on bit
// patterns.
#pragma once

#include <limits>
#include <optional>
#include <type_traits>

#include "engine/base/ints.h"

namespace bls::model {

__extension__ typedef __int128 I128;
__extension__ typedef unsigned __int128 U128;

template <class T>
struct Format;
template <>
struct Format<f32> {
  using Bits = u32;
  static constexpr int kMantissa = 23, kExponent = 8;
};
template <>
struct Format<f64> {
  using Bits = u64;
  static constexpr int kMantissa = 52, kExponent = 11;
};
template <class T>
using Bits = typename Format<T>::Bits;

template <class T>
constexpr Bits<T> kSignBit = Bits<T>{1} << (sizeof(T) * 8 - 1);
template <class T>
constexpr Bits<T> kQuietBit = Bits<T>{1} << (Format<T>::kMantissa - 1);
template <class T>
constexpr Bits<T> kInfinity = ((Bits<T>{1} << Format<T>::kExponent) - 1) << Format<T>::kMantissa;
template <class T>
constexpr int kLeastExponent = 2 - (1 << (Format<T>::kExponent - 1)) - Format<T>::kMantissa;

template <class T>
bool isNan(Bits<T> bits) {
  return (bits & ~kSignBit<T>) > kInfinity<T>;
}
template <class T>
bool isCanonical(Bits<T> nan) {
  return (nan & ~kSignBit<T>) == (kInfinity<T> | kQuietBit<T>);
}

enum class Kind { Nan, Infinity, Finite };
/// Finite: mantissa x 2^exponent.
struct Parts {
  Kind kind;
  bool negative;
  u64 mantissa;
  int exponent;
};

template <class T>
Parts decode(Bits<T> bits) {
  const bool negative = (bits & kSignBit<T>) != 0;
  if (isNan<T>(bits)) return {Kind::Nan, negative, 0, 0};
  const Bits<T> size = bits & ~kSignBit<T>;
  if (size == kInfinity<T>) return {Kind::Infinity, negative, 0, 0};
  const Bits<T> fraction = size & ((Bits<T>{1} << Format<T>::kMantissa) - 1);
  const int biased = static_cast<int>(size >> Format<T>::kMantissa);
  if (biased == 0) return {Kind::Finite, negative, fraction, kLeastExponent<T>};
  return {Kind::Finite, negative, fraction | (u64{1} << Format<T>::kMantissa),
          kLeastExponent<T> + biased - 1};
}

inline int bitLength(U128 value) {
  int length = 0;
  for (; value != 0; value >>= 1) ++length;
  return length;
}

template <class T>
Bits<T> infinity(bool negative) {
  return kInfinity<T> | (negative ? kSignBit<T> : 0);
}
template <class T>
Bits<T> someNan() {
  return kInfinity<T> | kQuietBit<T>;
}

/// mantissa x 2^exponent (a little more if `sticky`) rounded to nearest even.
template <class T>
Bits<T> encode(bool negative, U128 mantissa, int exponent, bool sticky = false) {
  const Bits<T> sign = negative ? kSignBit<T> : 0;
  if (mantissa == 0) return sign;
  const int top = bitLength(mantissa) - 1 + exponent;
  int unit = top - Format<T>::kMantissa;
  if (unit < kLeastExponent<T>) unit = kLeastExponent<T>;
  U128 rounded;
  if (unit <= exponent) {
    rounded = mantissa << (exponent - unit);
  } else {
    const int drop = unit - exponent;
    const U128 rest = drop > 126 ? mantissa : mantissa & ((U128{1} << drop) - 1);
    const U128 half = drop > 126 ? ~U128{0} : U128{1} << (drop - 1);
    rounded = drop > 126 ? 0 : mantissa >> drop;
    if (rest > half || (rest == half && (sticky || (rounded & 1) != 0))) ++rounded;
  }
  if (rounded >> (Format<T>::kMantissa + 1) != 0) {
    rounded >>= 1;
    ++unit;
  }
  if (rounded >> Format<T>::kMantissa == 0) return sign | static_cast<Bits<T>>(rounded);
  const int biased = unit - kLeastExponent<T> + 1;
  if (biased >= (1 << Format<T>::kExponent) - 1) return infinity<T>(negative);
  const Bits<T> fraction =
      static_cast<Bits<T>>(rounded) & ((Bits<T>{1} << Format<T>::kMantissa) - 1);
  return sign | static_cast<Bits<T>>(biased) << Format<T>::kMantissa | fraction;
}

template <class T>
Bits<T> add(Bits<T> lhs, Bits<T> rhs) {
  Parts a = decode<T>(lhs), b = decode<T>(rhs);
  if (a.kind == Kind::Nan || b.kind == Kind::Nan) return someNan<T>();
  if (a.kind == Kind::Infinity && b.kind == Kind::Infinity) {
    return a.negative == b.negative ? lhs : someNan<T>();
  }
  if (a.kind == Kind::Infinity) return lhs;
  if (b.kind == Kind::Infinity) return rhs;
  if (a.mantissa == 0 && b.mantissa == 0) return a.negative && b.negative ? lhs : Bits<T>{0};
  if (a.mantissa == 0) return rhs;
  if (b.mantissa == 0) return lhs;
  if (a.exponent < b.exponent) std::swap(a, b);
  constexpr int kMost = 70;
  const int distance = a.exponent - b.exponent;
  bool sticky = false;
  I128 sum = static_cast<I128>(a.mantissa) << (distance > kMost ? kMost : distance);
  if (a.negative) sum = -sum;
  if (distance <= kMost) {
    sum += b.negative ? -static_cast<I128>(b.mantissa) : static_cast<I128>(b.mantissa);
  } else {
    sticky = true;  // b is below one unit of sum
    if (a.negative != b.negative) sum += a.negative ? 1 : -1;
  }
  const bool negative = sum < 0;
  return encode<T>(negative, static_cast<U128>(negative ? -sum : sum),
                   distance > kMost ? a.exponent - kMost : b.exponent, sticky);
}
template <class T>
Bits<T> sub(Bits<T> lhs, Bits<T> rhs) {
  return add<T>(lhs, isNan<T>(rhs) ? rhs : rhs ^ kSignBit<T>);
}
template <class T>
Bits<T> mul(Bits<T> lhs, Bits<T> rhs) {
  const Parts a = decode<T>(lhs), b = decode<T>(rhs);
  const bool negative = a.negative != b.negative;
  if (a.kind == Kind::Nan || b.kind == Kind::Nan) return someNan<T>();
  if (a.kind == Kind::Infinity || b.kind == Kind::Infinity) {
    const bool zero =
        (a.kind == Kind::Finite && a.mantissa == 0) || (b.kind == Kind::Finite && b.mantissa == 0);
    return zero ? someNan<T>() : infinity<T>(negative);
  }
  return encode<T>(negative, static_cast<U128>(a.mantissa) * b.mantissa, a.exponent + b.exponent);
}
template <class T>
Bits<T> div(Bits<T> lhs, Bits<T> rhs) {
  Parts a = decode<T>(lhs), b = decode<T>(rhs);
  const bool negative = a.negative != b.negative;
  if (a.kind == Kind::Nan || b.kind == Kind::Nan) return someNan<T>();
  if (a.kind == Kind::Infinity) {
    return b.kind == Kind::Infinity ? someNan<T>() : infinity<T>(negative);
  }
  if (b.kind == Kind::Infinity) return encode<T>(negative, 0, 0);
  if (b.mantissa == 0) return a.mantissa == 0 ? someNan<T>() : infinity<T>(negative);
  if (a.mantissa == 0) return encode<T>(negative, 0, 0);
  const int raise = 53 - bitLength(a.mantissa);
  const U128 dividend = (static_cast<U128>(a.mantissa) << raise) << 70;
  return encode<T>(negative, dividend / b.mantissa, a.exponent - raise - 70 - b.exponent,
                   dividend % b.mantissa != 0);
}
template <class T>
Bits<T> sqrt(Bits<T> bits) {
  const Parts a = decode<T>(bits);
  if (a.kind == Kind::Nan) return someNan<T>();
  if (a.kind == Kind::Finite && a.mantissa == 0) return bits;
  if (a.negative) return someNan<T>();
  if (a.kind == Kind::Infinity) return bits;
  int raise = 120 - bitLength(a.mantissa);
  if ((a.exponent - raise) % 2 != 0) --raise;
  const U128 square = static_cast<U128>(a.mantissa) << raise;
  U128 root = 0;
  for (U128 bit = U128{1} << 60; bit != 0; bit >>= 1) {
    if ((root | bit) * (root | bit) <= square) root |= bit;
  }
  return encode<T>(false, root, (a.exponent - raise) / 2, root * root != square);
}

/// Order of the spec: by value, -0 below +0. No NaNs.
template <class T>
bool below(Bits<T> lhs, Bits<T> rhs) {
  const auto key = [](Bits<T> bits) { return bits & kSignBit<T> ? ~bits : bits | kSignBit<T>; };
  return key(lhs) < key(rhs);
}
/// Order of the comparison instructions: zeros are equal. No NaNs.
template <class T>
bool less(Bits<T> lhs, Bits<T> rhs) {
  const bool zeros = ((lhs | rhs) & ~kSignBit<T>) == 0;
  return !zeros && below<T>(lhs, rhs);
}
template <class T>
bool unordered(Bits<T> lhs, Bits<T> rhs) {
  return isNan<T>(lhs) || isNan<T>(rhs);
}
template <class T>
Bits<T> min(Bits<T> lhs, Bits<T> rhs) {
  if (unordered<T>(lhs, rhs)) return someNan<T>();
  return below<T>(lhs, rhs) ? lhs : rhs;
}
template <class T>
Bits<T> max(Bits<T> lhs, Bits<T> rhs) {
  if (unordered<T>(lhs, rhs)) return someNan<T>();
  return below<T>(lhs, rhs) ? rhs : lhs;
}
template <class T>
Bits<T> pmin(Bits<T> lhs, Bits<T> rhs) {
  return !unordered<T>(lhs, rhs) && less<T>(rhs, lhs) ? rhs : lhs;
}
template <class T>
Bits<T> pmax(Bits<T> lhs, Bits<T> rhs) {
  return !unordered<T>(lhs, rhs) && less<T>(lhs, rhs) ? rhs : lhs;
}

enum class Rounding { Ceil, Floor, Trunc, Nearest };
template <class T>
Bits<T> round(Bits<T> bits, Rounding mode) {
  const Parts a = decode<T>(bits);
  if (a.kind == Kind::Nan) return someNan<T>();
  if (a.kind == Kind::Infinity || a.exponent >= 0) return bits;
  const int drop =
      -a.exponent > 64 ? 64 : -a.exponent;  // mantissa < 2^53: 64 leaves less than half
  const U128 unit = U128{1} << drop;
  U128 whole = a.mantissa / unit;
  const U128 rest = a.mantissa % unit;
  bool up = false;
  switch (mode) {
    case Rounding::Ceil: up = rest != 0 && !a.negative; break;
    case Rounding::Floor: up = rest != 0 && a.negative; break;
    case Rounding::Trunc: break;
    case Rounding::Nearest: up = rest * 2 > unit || (rest * 2 == unit && whole % 2 == 1); break;
  }
  if (up) ++whole;
  return encode<T>(a.negative, whole, 0);
}

/// Truncated value, nothing where the trapping form traps.
template <class I, class T>
std::optional<I> truncate(Bits<T> bits) {
  const Parts a = decode<T>(bits);
  if (a.kind != Kind::Finite || (a.mantissa != 0 && a.exponent > 70)) return std::nullopt;
  I128 value = 0;
  if (a.exponent >= 0) {
    value = static_cast<I128>(a.mantissa) << a.exponent;
  } else if (a.exponent > -64) {
    value = static_cast<I128>(a.mantissa >> -a.exponent);
  }
  if (a.negative) value = -value;
  if (value < static_cast<I128>(std::numeric_limits<I>::min())) return std::nullopt;
  if (value > static_cast<I128>(std::numeric_limits<I>::max())) return std::nullopt;
  return static_cast<I>(value);
}
template <class I, class T>
I truncateSaturated(Bits<T> bits) {
  if (isNan<T>(bits)) return 0;
  const std::optional<I> value = truncate<I, T>(bits);
  if (value) return *value;
  return bits & kSignBit<T> ? std::numeric_limits<I>::min() : std::numeric_limits<I>::max();
}

template <class T, class I>
Bits<T> fromInteger(I value) {
  const I128 wide = static_cast<I128>(value);
  return encode<T>(wide < 0, static_cast<U128>(wide < 0 ? -wide : wide), 0);
}

/// Demotion and promotion.
template <class To, class From>
Bits<To> convertFloat(Bits<From> bits) {
  const Parts a = decode<From>(bits);
  if (a.kind == Kind::Nan) return someNan<To>();
  if (a.kind == Kind::Infinity) return infinity<To>(a.negative);
  return encode<To>(a.negative, a.mantissa, a.exponent);
}

/// Integer into the range of the narrower type To.
template <class To, class From>
To saturate(From value) {
  if (value < static_cast<From>(std::numeric_limits<To>::min())) {
    return std::numeric_limits<To>::min();
  }
  if (value > static_cast<From>(std::numeric_limits<To>::max())) {
    return std::numeric_limits<To>::max();
  }
  return static_cast<To>(value);
}

}  // namespace bls::model
