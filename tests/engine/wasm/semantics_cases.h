// Frame of the semantics tests: random operands that favour borders, one checker for every operand
// shape, and the Case table entry. A case compares the functor with a model, operand by operand, on
// fixed pseudo-random input; the first difference is reported with its operands.
// Included by one .cc per instruction-set build, so everything is in an unnamed namespace.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include "engine/wasm/semantics_all.h"
#include "tests/engine/wasm/semantics_models.h"

namespace bls {
namespace {

/// A driver, which knows the operand shape, with the functor's function and the model it compares.
/// The last two are passed without their types: one driver serves many rows, and compilers do not
/// copy it for each.
struct Case {
  using Function = void (*)();
  using Driver = std::string (*)(int rounds, Function eval, Function expect);

  const char* name;  // row of opcodes.def
  Driver driver;
  Function eval;
  Function expect;

  /// Empty, or the first difference.
  std::string run(int rounds) const { return driver(rounds, eval, expect); }
};
template <class F>
Case::Function erase(F* function) {
  return reinterpret_cast<Case::Function>(function);
}
template <class F>
F* restore(Case::Function function) {
  return reinterpret_cast<F*>(function);
}

class Random {
 public:
  u64 bits() {  // splitmix64
    u64 z = state_ += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }

  template <class T>
  T integer() {
    using U = std::make_unsigned_t<T>;
    constexpr int kWidth = sizeof(T) * 8;
    const u64 raw = bits();
    const U random = static_cast<U>(bits());
    switch (raw % 8) {
      case 0: return static_cast<T>((raw >> 8) % 5 - 2);  // -2 .. 2
      case 1:
        return static_cast<T>((U{1} << (kWidth - 1)) + (raw >> 8) % 3 - 1);  // MIN, around MAX
      case 2: return static_cast<T>((U{1} << (raw >> 8) % kWidth) - (raw >> 20) % 2);
      case 3: return static_cast<T>(U(0) - (U{1} << (raw >> 8) % kWidth) + (raw >> 20) % 2);
      case 4: return static_cast<T>(random >> (raw >> 8) % kWidth);
      default: return static_cast<T>(random);
    }
  }

  /// Bits of a float.
  template <class T>
  model::Bits<T> floating() {
    using B = model::Bits<T>;
    constexpr int kMantissa = model::Format<T>::kMantissa;
    const u64 raw = bits();
    const B random = static_cast<B>(bits());
    const B sign = random & model::kSignBit<T>;
    switch (raw % 8) {
      case 0: {
        constexpr B kSpecials[] = {0,
                                   1,
                                   B{1} << kMantissa,
                                   model::kInfinity<T>,
                                   model::kInfinity<T> - 1,
                                   model::kInfinity<T> | model::kQuietBit<T>,
                                   model::kInfinity<T> | model::kQuietBit<T>,
                                   model::kInfinity<T> | 1,
                                   model::kInfinity<T> | model::kQuietBit<T> | 5};
        return sign | kSpecials[(raw >> 8) % std::size(kSpecials)];
      }
      case 1:  // around a power of two up to 2^66, where conversions have their limits
        return model::encode<T>(sign != 0, model::U128{1} << (raw >> 8) % 67, 0) + (raw >> 20) % 3 -
               1;
      case 2:  // halves, and their neighbours
        return model::encode<T>(sign != 0, (raw >> 8) % 64, -1) + (raw >> 20) % 3 - 1;
      case 3:  // 1 to 2^67 with random fraction
      case 4: {
        const int bias = (1 << (model::Format<T>::kExponent - 1)) - 1;
        const B exponent = static_cast<B>(bias - 2 + static_cast<int>((raw >> 8) % 70));
        return sign | exponent << kMantissa | (random & ((B{1} << kMantissa) - 1));
      }
      case 5:  // around zero and the subnormal border of the other format as well
        return model::encode<T>(sign != 0, random >> 1, -150 - static_cast<int>((raw >> 8) % 50));
      default: return random;
    }
  }

  template <class T>
  T value() {
    if constexpr (std::is_floating_point_v<T>) {
      return __builtin_bit_cast(T, floating<T>());
    } else {
      return integer<T>();
    }
  }

  /// A vector whose lanes are values of T; some vectors repeat one lane.
  template <class T>
  sem::Vec vector() {
    std::array<T, 16 / sizeof(T)> lanes;
    for (T& lane : lanes) lane = value<T>();
    return __builtin_bit_cast(sem::Vec, lanes);
  }

 private:
  u64 state_ = 12345;
};

/// How models see a T: floats as bits.
template <class T, bool = std::is_floating_point_v<T>>
struct ModelOf {
  using Type = T;
};
template <class T>
struct ModelOf<T, true> {
  using Type = model::Bits<T>;
};
template <class T>
using M = typename ModelOf<T>::Type;

template <class T>
M<T> toModel(sem::Carrier<T> slot) {
  if constexpr (std::is_floating_point_v<T>) {
    return __builtin_bit_cast(M<T>, slot);
  } else {
    return static_cast<T>(slot);
  }
}

template <class T>
constexpr u32 kCount = 16 / sizeof(T);
/// The lanes of a vector as models see them.
template <class T>
using Array = std::array<M<T>, kCount<T>>;
template <class T>
Array<T> split(sem::Vec value) {
  return __builtin_bit_cast(Array<T>, value);
}

std::string hex(u64 value) {
  char text[20];
  std::snprintf(text, sizeof text, "%llx", static_cast<unsigned long long>(value));
  return text;
}
std::string hex(sem::Vec value) { return hex(value[1]) + ":" + hex(value[0]); }

template <class... Operands>
std::string report(u64 expected, u64 actual, Operands... operands) {
  std::string text = "expected " + hex(expected) + ", got " + hex(actual) + " for";
  ((text += " " + hex(operands)), ...);
  return text;
}

/// No rule about payloads is lost when every operand is a number or a canonical NaN.
template <class T>
bool plain(M<T> operand) {
  if constexpr (std::is_floating_point_v<T>) {
    return !model::isNan<T>(operand) || model::isCanonical<T>(operand);
  } else {
    return true;
  }
}

/// Exact bits, but for a NaN out of arithmetic: any sign, quiet, canonical if the operands were
/// plain.
template <class T, bool kArithmetic>
bool matches(M<T> expected, M<T> actual, bool plainOperands) {
  if constexpr (kArithmetic && std::is_floating_point_v<T>) {
    if (model::isNan<T>(expected)) {
      if (!model::isNan<T>(actual) || (actual & model::kQuietBit<T>) == 0) return false;
      return !plainOperands || model::isCanonical<T>(actual);
    }
  }
  return expected == actual;
}

// Scalar operations. In, Out: operand and result types with signedness; the model maps M<In> to
// M<Out>.
template <class In, class Out, bool kArithmetic>
std::string unary(int rounds, Case::Function evalCode, Case::Function expectCode) {
  const auto eval = restore<sem::Carrier<Out>(sem::Carrier<In>)>(evalCode);
  const auto expect = restore<M<Out>(M<In>)>(expectCode);
  Random random;
  for (int i = 0; i < rounds; ++i) {
    const auto a = static_cast<sem::Carrier<In>>(random.value<In>());
    const M<Out> expected = expect(toModel<In>(a));
    const M<Out> actual = toModel<Out>(eval(a));
    if (!matches<Out, kArithmetic>(expected, actual, plain<In>(toModel<In>(a)))) {
      return report(expected, actual, toModel<In>(a));
    }
  }
  return "";
}
template <class In, class Out, bool kArithmetic>
std::string binary(int rounds, Case::Function evalCode, Case::Function expectCode) {
  const auto eval = restore<sem::Carrier<Out>(sem::Carrier<In>, sem::Carrier<In>)>(evalCode);
  const auto expect = restore<M<Out>(M<In>, M<In>)>(expectCode);
  Random random;
  for (int i = 0; i < rounds; ++i) {
    const auto a = static_cast<sem::Carrier<In>>(random.value<In>());
    const auto b = i % 16 == 0 ? a : static_cast<sem::Carrier<In>>(random.value<In>());
    const M<In> lhs = toModel<In>(a), rhs = toModel<In>(b);
    const M<Out> expected = expect(lhs, rhs);
    const M<Out> actual = toModel<Out>(eval(a, b));
    if (!matches<Out, kArithmetic>(expected, actual, plain<In>(lhs) && plain<In>(rhs))) {
      return report(expected, actual, lhs, rhs);
    }
  }
  return "";
}
/// Division: the model gives the quotient or the trap.
template <class T>
struct Outcome {
  Trap trap;
  T value;
};
template <class S, class In>
std::string trappingBinary(int rounds, Case::Function, Case::Function expectCode) {
  const auto expect = restore<Outcome<In>(In, In)>(expectCode);
  Random random;
  for (int i = 0; i < rounds; ++i) {
    const auto a = static_cast<sem::Carrier<In>>(random.value<In>());
    const auto b = static_cast<sem::Carrier<In>>(random.value<In>());
    const Outcome<In> expected = expect(static_cast<In>(a), static_cast<In>(b));
    const Trap trap = S::check(a, b);
    if (trap != expected.trap) return report(u64(expected.trap), u64(trap), a, b);
    if (trap != Trap::None) continue;
    const In actual = static_cast<In>(S::eval(a, b));
    if (actual != expected.value) return report(expected.value, actual, a, b);
  }
  return "";
}
template <class S, class In, class Out>
std::string trappingTruncation(int rounds, Case::Function, Case::Function) {
  Random random;
  for (int i = 0; i < rounds; ++i) {
    const In a = random.value<In>();
    const M<In> bits = toModel<In>(a);
    const std::optional<Out> expected = model::truncate<Out, In>(bits);
    const Trap wanted = expected                 ? Trap::None
                        : model::isNan<In>(bits) ? Trap::InvalidConversion
                                                 : Trap::IntegerOverflow;
    const Trap trap = S::check(a);
    if (trap != wanted) return report(u64(wanted), u64(trap), bits);
    if (trap != Trap::None) continue;
    const Out actual = static_cast<Out>(S::eval(a));
    if (actual != *expected) return report(*expected, actual, bits);
  }
  return "";
}

using VectorUnary = sem::Vec(sem::Vec);
using VectorBinary = sem::Vec(sem::Vec, sem::Vec);
using VectorTernary = sem::Vec(sem::Vec, sem::Vec, sem::Vec);

// Vector operations. Models of `vector*` map whole arrays, those of `lanes*` one lane.
template <class Out, bool kArithmetic, class... Operands>
std::string compareLanes(const Array<Out>& expected, sem::Vec result,
                         const std::array<bool, kCount<Out>>& plainLanes, Operands... operands) {
  const Array<Out> actual = split<Out>(result);
  for (u32 lane = 0; lane < kCount<Out>; ++lane) {
    if (!matches<Out, kArithmetic>(expected[lane], actual[lane], plainLanes[lane])) {
      return report(expected[lane], actual[lane], operands...) + ", lane " + std::to_string(lane);
    }
  }
  return "";
}

template <class In, class Out, bool kArithmetic>
std::string vector1(int rounds, Case::Function evalCode, Case::Function expectCode) {
  const auto eval = restore<VectorUnary>(evalCode);
  const auto expect = restore<Array<Out>(const Array<In>&)>(expectCode);
  Random random;
  for (int i = 0; i < rounds; ++i) {
    const sem::Vec a = random.vector<In>();
    bool allPlain = true;
    for (const M<In> lane : split<In>(a)) allPlain = allPlain && plain<In>(lane);
    std::array<bool, kCount<Out>> plainLanes;
    plainLanes.fill(allPlain);
    const std::string difference =
        compareLanes<Out, kArithmetic>(expect(split<In>(a)), eval(a), plainLanes, a);
    if (!difference.empty()) return difference;
  }
  return "";
}
template <class In, class Out>
std::string vector2(int rounds, Case::Function evalCode, Case::Function expectCode) {
  const auto eval = restore<VectorBinary>(evalCode);
  const auto expect = restore<Array<Out>(const Array<In>&, const Array<In>&)>(expectCode);
  Random random;
  for (int i = 0; i < rounds; ++i) {
    const sem::Vec a = random.vector<In>(), b = i % 16 == 0 ? a : random.vector<In>();
    const std::string difference =
        compareLanes<Out, false>(expect(split<In>(a), split<In>(b)), eval(a, b), {}, a, b);
    if (!difference.empty()) return difference;
  }
  return "";
}
template <class In, class Out, bool kArithmetic>
std::string lanes1(int rounds, Case::Function evalCode, Case::Function expectCode) {
  const auto eval = restore<VectorUnary>(evalCode);
  const auto expect = restore<M<Out>(M<In>)>(expectCode);
  Random random;
  for (int i = 0; i < rounds; ++i) {
    const sem::Vec a = random.vector<In>();
    const Array<In> lhs = split<In>(a);
    Array<Out> expected;
    std::array<bool, kCount<Out>> plainLanes;
    for (u32 lane = 0; lane < kCount<Out>; ++lane) {
      expected[lane] = expect(lhs[lane]);
      plainLanes[lane] = plain<In>(lhs[lane]);
    }
    const std::string difference = compareLanes<Out, kArithmetic>(expected, eval(a), plainLanes, a);
    if (!difference.empty()) return difference;
  }
  return "";
}
template <class In, class Out, bool kArithmetic>
std::string lanes2(int rounds, Case::Function evalCode, Case::Function expectCode) {
  const auto eval = restore<VectorBinary>(evalCode);
  const auto expect = restore<M<Out>(M<In>, M<In>)>(expectCode);
  Random random;
  for (int i = 0; i < rounds; ++i) {
    const sem::Vec a = random.vector<In>(), b = i % 16 == 0 ? a : random.vector<In>();
    const Array<In> lhs = split<In>(a), rhs = split<In>(b);
    Array<Out> expected;
    std::array<bool, kCount<Out>> plainLanes;
    for (u32 lane = 0; lane < kCount<Out>; ++lane) {
      expected[lane] = expect(lhs[lane], rhs[lane]);
      plainLanes[lane] = plain<In>(lhs[lane]) && plain<In>(rhs[lane]);
    }
    const std::string difference =
        compareLanes<Out, kArithmetic>(expected, eval(a, b), plainLanes, a, b);
    if (!difference.empty()) return difference;
  }
  return "";
}
template <class In, bool kArithmetic>
std::string lanes3(int rounds, Case::Function evalCode, Case::Function expectCode) {
  const auto eval = restore<VectorTernary>(evalCode);
  const auto expect = restore<M<In>(M<In>, M<In>, M<In>)>(expectCode);
  Random random;
  for (int i = 0; i < rounds; ++i) {
    const sem::Vec a = random.vector<In>(), b = random.vector<In>(), c = random.vector<In>();
    const Array<In> lhs = split<In>(a), rhs = split<In>(b), third = split<In>(c);
    Array<In> expected;
    std::array<bool, kCount<In>> plainLanes;
    for (u32 lane = 0; lane < kCount<In>; ++lane) {
      expected[lane] = expect(lhs[lane], rhs[lane], third[lane]);
      plainLanes[lane] = plain<In>(lhs[lane]) && plain<In>(rhs[lane]) && plain<In>(third[lane]);
    }
    const std::string difference =
        compareLanes<In, kArithmetic>(expected, eval(a, b, c), plainLanes, a, b, c);
    if (!difference.empty()) return difference;
  }
  return "";
}
/// Vector to i32.
template <class In>
std::string vectorTest(int rounds, Case::Function evalCode, Case::Function expectCode) {
  const auto eval = restore<u32(sem::Vec)>(evalCode);
  const auto expect = restore<u32(const Array<In>&)>(expectCode);
  Random random;
  for (int i = 0; i < rounds; ++i) {
    // Whole zero vectors and vectors without zeros would be rare.
    sem::Vec a = random.vector<In>();
    if (i % 8 == 0) a = sem::Vec{};
    if (i % 8 == 1) a = a | sem::Vec{0x0101010101010101, 0x0101010101010101};
    if (i % 8 == 2) a = sem::Vec{u64{1} << random.bits() % 64, 0};
    const u32 expected = expect(split<In>(a)), actual = eval(a);
    if (expected != actual) return report(expected, actual, a);
  }
  return "";
}
template <class T>
std::string shift(int rounds, Case::Function evalCode, Case::Function expectCode) {
  const auto eval = restore<sem::Vec(sem::Vec, u32)>(evalCode);
  const auto expect = restore<T(T, u32)>(expectCode);
  Random random;
  for (int i = 0; i < rounds; ++i) {
    const sem::Vec a = random.vector<T>();
    const u32 count = i % 2 == 0 ? random.bits() % 70 : random.integer<u32>();
    const Array<T> lanes = split<T>(a);
    Array<T> expected;
    for (u32 lane = 0; lane < kCount<T>; ++lane) {
      expected[lane] = expect(lanes[lane], count % (sizeof(T) * 8));
    }
    const std::string difference = compareLanes<T, false>(expected, eval(a, count), {}, a, count);
    if (!difference.empty()) return difference;
  }
  return "";
}

}  // namespace
}  // namespace bls
