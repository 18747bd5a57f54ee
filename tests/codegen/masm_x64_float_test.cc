// Scalar floats of the macro assembler against C++: arithmetic, conditions, conversions, on zeros,
// subnormals, bounds of the integer types, infinities and NaNs.
#include "tests/codegen/assembled.h"
#include "tests/codegen/expected_float.h"

namespace bls::codegen::x64 {
namespace {

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
          ASSERT_EQ(f(value), expectedConversion(from, to, isSigned, value)) << value;
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
          m.loadConstant(kRax, kNotTruncated);
          m.bind(done);
        });
        for (u64 x : floatsOf(from)) {
          const u64 want = expectedTruncation(from, to, isSigned, x);
          ASSERT_EQ(f(x), want) << x << (isSigned ? " signed" : " unsigned");
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
