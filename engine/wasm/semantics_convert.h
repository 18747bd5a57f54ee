// Pure semantics of the scalar conversions: wrap, extend, float <-> integer, demote, promote,
// reinterpret. Spec: exec/numerics, conversions. The operand of TruncTo is checked against
// exclusive bounds that are exact in its float type, so `eval` never converts a value C++ leaves
// undefined. Integer -> float is one C++ conversion: correctly rounded, u64 included (no step
// through f64).
#pragma once

#include "engine/wasm/semantics_float.h"

namespace bls::sem::inline BLS_SEM_ISA {

struct Wrap : Functor<u64, u32> {
  BLS_SEM u32 eval(u64 value) { return static_cast<u32>(value); }
};

/// Takes the low bits of the operand that fit From and extends them, by From's signedness, to To.
/// Operand: slot type of the operand (an i64 only where it is i64.extendN_s).
template <class From, class To,
          class Operand = std::conditional_t<sizeof(From) == 4, u32, Carrier<To>>>
struct Extend : Functor<Operand, Carrier<To>> {
  BLS_SEM Carrier<To> eval(Operand value) {
    return static_cast<Carrier<To>>(static_cast<To>(static_cast<From>(value)));
  }
};

namespace detail {
/// Values v of the float type F whose truncation fits the integer type I: above <= ... v ... <
/// below. `kLow` itself fits iff kLowFits.
template <class I, class F>
struct TruncRange {
  static constexpr bool kSigned = std::is_signed_v<I>;
  static constexpr F kHigh =
      kBits<I> == 32 ? (kSigned ? F(0x1p31) : F(0x1p32)) : (kSigned ? F(0x1p63) : F(0x1p64));
  // -2^31 - 1 exists in f64 only; in the other cases the next value below MIN is out of range.
  static constexpr bool kLowFits = kSigned && !(kBits<I> == 32 && sizeof(F) == 8);
  static constexpr F kLow = !kSigned ? F(-1) : (kLowFits ? -kHigh : -kHigh - F(1));
  BLS_SEM bool contains(F value) {
    if constexpr (kLowFits) {
      return value >= kLow && value < kHigh;
    } else {
      return value > kLow && value < kHigh;
    }
  }
};
}  // namespace detail

/// Trapping truncation towards zero.
template <class I, class F>
struct TruncTo : Functor<F, Carrier<I>> {
  static constexpr bool kTraps = true;
  BLS_SEM Trap check(F value) {
    if (detail::TruncRange<I, F>::contains(value)) [[likely]]
      return Trap::None;
    return value != value ? Trap::InvalidConversion : Trap::IntegerOverflow;
  }
  BLS_SEM Carrier<I> eval(F value) { return static_cast<Carrier<I>>(static_cast<I>(value)); }
};

/// Saturating truncation towards zero; NaN gives 0.
template <class I, class F>
struct TruncSat : Functor<F, Carrier<I>> {
  BLS_SEM Carrier<I> eval(F value) {
    if (detail::TruncRange<I, F>::contains(value)) [[likely]] {
      return static_cast<Carrier<I>>(static_cast<I>(value));
    }
    if (value != value) return 0;
    return static_cast<Carrier<I>>(value < 0 ? std::numeric_limits<I>::min()
                                             : std::numeric_limits<I>::max());
  }
};

/// Integer I to float F, rounded to nearest even once.
template <class F, class I>
struct ConvertTo : Functor<Carrier<I>, F> {
  BLS_SEM F eval(Carrier<I> value) { return static_cast<F>(static_cast<I>(value)); }
};

/// NaN payloads keep their top bits and become quiet.
struct Demote : Functor<f64, f32> {
  static constexpr u8 kNanBits = 32;
  BLS_SEM f32 eval(f64 value) { return static_cast<f32>(value); }
};
struct Promote : Functor<f32, f64> {
  static constexpr u8 kNanBits = 64;
  BLS_SEM f64 eval(f32 value) { return static_cast<f64>(value); }
};

/// Same bits, other type.
template <class To, class From>
struct Reinterpret : Functor<From, To> {
  static_assert(sizeof(To) == sizeof(From));
  BLS_SEM To eval(From value) { return __builtin_bit_cast(To, value); }
};

static_assert(Extend<i8, i32>::eval(0x180) == 0xffffff80u &&
              Extend<i32, i64>::eval(~0u) == ~u64{0});
static_assert(Extend<u32, u64>::eval(~0u) == 0xffffffffu);
static_assert(TruncTo<i32, f64>::check(-2147483648.9) == Trap::None);
static_assert(TruncTo<i32, f64>::check(-2147483649.0) == Trap::IntegerOverflow);
static_assert(TruncTo<u32, f32>::check(-0.99f) == Trap::None);
static_assert(TruncTo<u64, f64>::check(0x1p64) == Trap::IntegerOverflow);
static_assert(TruncTo<i64, f32>::check(__builtin_nanf("")) == Trap::InvalidConversion);
static_assert(TruncSat<i64, f64>::eval(-1e300) == 1ull << 63 && TruncSat<u32, f32>::eval(-5) == 0);
static_assert(ConvertTo<f32, u64>::eval(0x8000008000000001u) == 0x1.000002p63f);

}  // namespace bls::sem::inline BLS_SEM_ISA
