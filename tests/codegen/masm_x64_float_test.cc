// Scalar floats of the macro assembler against C++: arithmetic, conditions, conversions, on zeros,
// subnormals, bounds of the integer types, infinities and NaNs.
#include <bit>
#include <cmath>
#include <limits>
#include <vector>

#include "tests/codegen/assembled.h"

namespace bls::codegen::x64 {
namespace {

const u64 kFloats64[] = {0,
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
const u64 kFloats32[] = {0,          0x80000000, 0x3f800000, 0xbf800000, 0x3f000000, 0xbf000000,
                         0x40200000, 0xc0600000, 1,          0x007fffff, 0x7f7fffff, 0x7f800000,
                         0xff800000, 0x7fc00000, 0x7f800001, 0xffc00123, 0x4effffff, 0x4f000000,
                         0x4f7fffff, 0x4f800000, 0xcf000000, 0xcf000001, 0x5effffff, 0x5f000000,
                         0x5f7fffff, 0x5f800000, 0xdf000000, 0xdf000001, 0xbf7fffff, 0x3f7fffff};

std::vector<u64> floatsOf(Width w) {
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
bool sameFloat(Width w, u64 got, u64 want) {
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

struct FPlacement {
  FReg d, a, b;
};
const FPlacement kFPlacements[] = {{{0}, {1}, {2}}, {{3}, {3}, {9}},  {{14}, {8}, {14}},
                                   {{5}, {5}, {5}}, {{9}, {14}, {2}}, {{2}, {12}, {13}}};

Assembled binaryF(Width w, const FPlacement& p, const std::function<void(MasmX64&)>& emit) {
  return Assembled([&](MasmX64& m) {
    m.moveToF(w, p.b, kRsi);
    m.moveToF(w, p.a, kRdi);
    emit(m);
    m.moveFromF(w, kRax, p.d);
  });
}

TEST(MasmX64FloatTest, FloatOperations) {
  for (FloatOp op : {FloatOp::Add, FloatOp::Sub, FloatOp::Mul, FloatOp::Div, FloatOp::Min,
                     FloatOp::Max, FloatOp::Copysign}) {
    for (Width w : kWidths) {
      for (const FPlacement& p : kFPlacements) {
        const Assembled f = binaryF(w, p, [&](MasmX64& m) { m.floatOp(op, w, p.d, p.a, p.b); });
        for (u64 x : floatsOf(w)) {
          for (u64 y : floatsOf(w)) {
            const u64 right = p.a == p.b ? x : y;
            const u64 want = w == Width::W32
                                 ? bitsOf(expectedFloat(op, floatOf<f32>(x), floatOf<f32>(right)))
                                 : bitsOf(expectedFloat(op, floatOf<f64>(x), floatOf<f64>(right)));
            const u64 got = f(x, y);
            if (op == FloatOp::Copysign) {
              ASSERT_EQ(got, want);
            } else {
              ASSERT_TRUE(sameFloat(w, got, want))
                  << static_cast<int>(op) << std::hex << " " << x << " " << right << " " << got;
            }
          }
        }
      }
    }
  }
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

TEST(MasmX64FloatTest, FloatUnaryOperations) {
  if (!platform::cpuHas(platform::cpuBit(platform::Cpu::Sse41))) GTEST_SKIP() << "no SSE4.1 here";
  for (FloatUnary op : {FloatUnary::Abs, FloatUnary::Neg, FloatUnary::Sqrt, FloatUnary::Ceil,
                        FloatUnary::Floor, FloatUnary::Trunc, FloatUnary::Nearest}) {
    const bool exact = op == FloatUnary::Abs || op == FloatUnary::Neg;
    for (Width w : kWidths) {
      for (const FPlacement& p : kFPlacements) {
        const Assembled f = binaryF(w, p, [&](MasmX64& m) { m.floatUnary(op, w, p.d, p.a); });
        for (u64 x : floatsOf(w)) {
          const u64 want = w == Width::W32 ? bitsOf(expectedUnary(op, floatOf<f32>(x)))
                                           : bitsOf(expectedUnary(op, floatOf<f64>(x)));
          const u64 got = f(x, x);
          if (exact) {
            ASSERT_EQ(got, want);
          } else {
            ASSERT_TRUE(sameFloat(w, got, want)) << static_cast<int>(op) << std::hex << " " << x;
          }
        }
      }
    }
  }
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

TEST(MasmX64FloatTest, FloatConditions) {
  for (FCond cond : {FCond::Eq, FCond::Ne, FCond::Lt, FCond::Gt, FCond::Le, FCond::Ge}) {
    for (Width w : kWidths) {
      for (Reg d : {kRax, kRsi, kR8, kR13}) {
        const Assembled set([&](MasmX64& m) {
          m.moveToF(w, FReg{3}, kRdi);
          m.moveToF(w, FReg{11}, kRsi);
          m.setF(cond, w, d, FReg{3}, FReg{11});
          m.move(Width::W64, kRax, d);
        });
        const Assembled branch([&](MasmX64& m) {
          Label taken;
          Label done;
          m.moveToF(w, FReg{3}, kRdi);
          m.moveToF(w, FReg{11}, kRsi);
          m.branchF(cond, w, FReg{3}, FReg{11}, taken);
          m.loadConstant(kRax, 0);
          m.jump(done);
          m.bind(taken);
          m.loadConstant(kRax, 1);
          m.bind(done);
        });
        for (u64 x : floatsOf(w)) {
          for (u64 y : floatsOf(w)) {
            const bool want = w == Width::W32 ? holdsF(cond, floatOf<f32>(x), floatOf<f32>(y))
                                              : holdsF(cond, floatOf<f64>(x), floatOf<f64>(y));
            ASSERT_EQ(set(x, y), u64{want}) << static_cast<int>(cond) << std::hex << x << " " << y;
            ASSERT_EQ(branch(x, y), u64{want});
          }
        }
      }
    }
  }
}

TEST(MasmX64FloatTest, Conversions) {
  for (Width from : kWidths) {
    for (Width to : kWidths) {
      for (bool isSigned : {false, true}) {
        const Assembled f([&](MasmX64& m) {
          m.intToFloat(to, from, isSigned, FReg{9}, kRdi);
          m.moveFromF(to, kRax, FReg{9});
        });
        for (u64 x : kInts) {
          const u64 value = cut(from, x);
          const auto convert = [&](auto zero) {
            using T = decltype(zero);
            if (!isSigned) return bitsOf(static_cast<T>(value));
            return bitsOf(from == Width::W32 ? static_cast<T>(static_cast<i32>(value))
                                             : static_cast<T>(static_cast<i64>(value)));
          };
          ASSERT_EQ(f(value), to == Width::W32 ? convert(f32{}) : convert(f64{})) << value;
        }
      }
    }
  }
  const Assembled up([&](MasmX64& m) {
    m.moveToF(Width::W32, FReg{9}, kRdi);
    m.promote(FReg{2}, FReg{9});
    m.moveFromF(Width::W64, kRax, FReg{2});
  });
  for (u64 x : kFloats32) {
    ASSERT_TRUE(sameFloat(Width::W64, up(x), bitsOf(static_cast<f64>(floatOf<f32>(x)))));
  }
  const Assembled down([&](MasmX64& m) {
    m.moveToF(Width::W64, FReg{9}, kRdi);
    m.demote(FReg{9}, FReg{9});
    m.moveFromF(Width::W32, kRax, FReg{9});
  });
  for (u64 x : kFloats64) {
    ASSERT_TRUE(sameFloat(Width::W32, down(x), bitsOf(static_cast<f32>(floatOf<f64>(x)))));
  }
}

TEST(MasmX64FloatTest, Truncations) {
  constexpr u64 kBad = 0xbadbadbad;
  for (Width from : kWidths) {
    for (Width to : kWidths) {
      for (bool isSigned : {false, true}) {
        const Assembled f([&](MasmX64& m) {
          Label bad;
          Label done;
          m.moveToF(from, FReg{9}, kRdi);
          m.truncate(to, isSigned, from, kRax, FReg{9}, bad);
          m.jump(done);
          m.bind(bad);
          m.loadConstant(kRax, kBad);
          m.bind(done);
        });
        const u32 bits = to == Width::W32 ? 32 : 64;
        for (u64 x : floatsOf(from)) {
          // f64 holds every f32, and both bounds exactly.
          const f64 value = from == Width::W32 ? f64{floatOf<f32>(x)} : floatOf<f64>(x);
          const f64 t = std::trunc(value);
          const f64 low = isSigned ? -std::ldexp(1.0, static_cast<int>(bits) - 1) : 0.0;
          const f64 high = std::ldexp(1.0, static_cast<int>(isSigned ? bits - 1 : bits));
          u64 want = kBad;
          if (t >= low && t < high) {
            want = cut(to, isSigned ? static_cast<u64>(static_cast<i64>(t)) : static_cast<u64>(t));
          }
          ASSERT_EQ(f(x), want) << value << " to " << bits << (isSigned ? " signed" : " unsigned");
        }
      }
    }
  }
}

TEST(MasmX64FloatTest, CanonicalNan) {
  for (Width w : kWidths) {
    const Assembled f([&](MasmX64& m) {
      m.moveToF(w, FReg{3}, kRdi);
      m.canonicalNan(w, FReg{3});
      m.moveFromF(w, kRax, FReg{3});
    });
    const u64 quiet = w == Width::W32 ? 0x7fc00000 : 0x7ff8000000000000;
    const u64 sign = w == Width::W32 ? 0x80000000 : u64{1} << 63;
    for (u64 nan :
         {quiet, quiet | 1, quiet | sign, quiet - (w == Width::W32 ? 0x3fffff : 0x7ffffffffffff)}) {
      EXPECT_EQ(f(nan), quiet) << nan;
    }
    const u64 infinity = w == Width::W32 ? 0x7f800000 : 0x7ff0000000000000;
    for (u64 number : {u64{0}, sign, infinity, infinity | sign, u64{1}})
      EXPECT_EQ(f(number), number);
  }
}

}  // namespace
}  // namespace bls::codegen::x64
