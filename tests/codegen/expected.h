// What integer operations of a macro assembler must give, in C++: edge values, and a function for
// each family. Shared by the tests of all CPUs; floats are in expected_float.h.
#pragma once

#include <bit>

#include "codegen/masm.h"

namespace bls::codegen {

/// Edge values, and a value as an operand of a width.
inline constexpr u64 kInts[] = {0,
                                1,
                                2,
                                31,
                                32,
                                63,
                                64,
                                0x7f,
                                0x80,
                                0xff,
                                0x7fff,
                                0x8000,
                                0xffff,
                                0x7fffffff,
                                0x80000000,
                                0xfffffffe,
                                0xffffffff,
                                0x100000000,
                                0x7fffffffffffffff,
                                0x8000000000000000,
                                0xffffffffffffff80,
                                0xffffffff80000000,
                                0xfffffffffffffffe,
                                0xffffffffffffffff,
                                0x123456789abcdef0};

inline u64 cut(Width w, u64 v) { return w == Width::W32 ? static_cast<u32>(v) : v; }
inline constexpr Width kWidths[] = {Width::W32, Width::W64};

inline u64 expectedInt(IntOp op, Width w, u64 x, u64 y) {
  switch (op) {
    case IntOp::Add: return cut(w, x + y);
    case IntOp::Sub: return cut(w, x - y);
    case IntOp::Mul: return cut(w, x * y);
    case IntOp::And: return cut(w, x & y);
    case IntOp::Or: return cut(w, x | y);
    case IntOp::Xor: return cut(w, x ^ y);
  }
  return 0;
}

inline constexpr IntOp kIntOps[] = {IntOp::Add, IntOp::Sub, IntOp::Mul,
                                    IntOp::And, IntOp::Or,  IntOp::Xor};

/// What the tests' code answers instead of a quotient.
inline constexpr u64 kDividedByZero = 0xdead0;
inline constexpr u64 kDivideOverflow = 0xdead1;

inline u64 expectedDivision(DivOp op, Width w, u64 x, u64 y) {
  const u64 a = cut(w, x);
  const u64 b = cut(w, y);
  const i64 sa = w == Width::W32 ? static_cast<i32>(a) : static_cast<i64>(a);
  const i64 sb = w == Width::W32 ? static_cast<i32>(b) : static_cast<i64>(b);
  const i64 least = w == Width::W32 ? i64{INT32_MIN} : INT64_MIN;
  if (b == 0) return kDividedByZero;
  if (op == DivOp::DivU) return a / b;
  if (op == DivOp::RemU) return a % b;
  if (sb != -1) return cut(w, static_cast<u64>(op == DivOp::DivS ? sa / sb : sa % sb));
  if (op == DivOp::RemS) return 0;
  return sa == least ? kDivideOverflow : cut(w, static_cast<u64>(-sa));
}

inline u64 expectedShift(ShiftOp op, Width w, u64 x, u64 y) {
  const bool narrow = w == Width::W32;
  const int count = static_cast<int>(y & (narrow ? 31 : 63));
  const u32 x32 = static_cast<u32>(x);
  switch (op) {
    case ShiftOp::Shl: return narrow ? u64{x32 << count} : x << count;
    case ShiftOp::ShrU: return narrow ? u64{x32 >> count} : x >> count;
    case ShiftOp::ShrS:
      return narrow ? u64{static_cast<u32>(static_cast<i32>(x32) >> count)}
                    : static_cast<u64>(static_cast<i64>(x) >> count);
    case ShiftOp::Rotl: return narrow ? u64{std::rotl(x32, count)} : std::rotl(x, count);
    case ShiftOp::Rotr: return narrow ? u64{std::rotr(x32, count)} : std::rotr(x, count);
  }
  return 0;
}

inline u64 expectedBits(BitOp op, Width w, u64 x) {
  const u32 x32 = static_cast<u32>(x);
  const bool narrow = w == Width::W32;
  switch (op) {
    case BitOp::Clz: return static_cast<u64>(narrow ? std::countl_zero(x32) : std::countl_zero(x));
    case BitOp::Ctz: return static_cast<u64>(narrow ? std::countr_zero(x32) : std::countr_zero(x));
    case BitOp::Popcnt: return static_cast<u64>(narrow ? std::popcount(x32) : std::popcount(x));
    case BitOp::Extend8S: return cut(w, static_cast<u64>(i64{static_cast<i8>(x)}));
    case BitOp::Extend16S: return cut(w, static_cast<u64>(i64{static_cast<i16>(x)}));
    case BitOp::Extend32S: return static_cast<u64>(i64{static_cast<i32>(x)});
    case BitOp::ZeroExtend32: return x32;
  }
  return 0;
}

inline constexpr Cond kConds[] = {Cond::Eq,  Cond::Ne,  Cond::LtS, Cond::GeS, Cond::LeS,
                                  Cond::GtS, Cond::LtU, Cond::GeU, Cond::LeU, Cond::GtU};

inline bool holds(Cond cond, Width w, u64 x, u64 y) {
  const u64 a = cut(w, x);
  const u64 b = cut(w, y);
  const i64 sa = w == Width::W32 ? static_cast<i32>(a) : static_cast<i64>(a);
  const i64 sb = w == Width::W32 ? static_cast<i32>(b) : static_cast<i64>(b);
  switch (cond) {
    case Cond::Eq: return a == b;
    case Cond::Ne: return a != b;
    case Cond::LtS: return sa < sb;
    case Cond::GeS: return sa >= sb;
    case Cond::LeS: return sa <= sb;
    case Cond::GtS: return sa > sb;
    case Cond::LtU: return a < b;
    case Cond::GeU: return a >= b;
    case Cond::LeU: return a <= b;
    case Cond::GtU: return a > b;
  }
  return false;
}

}  // namespace bls::codegen
