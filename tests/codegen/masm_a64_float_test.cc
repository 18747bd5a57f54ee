// Scalar floats of the AArch64 macro assembler against C++: arithmetic, conditions, conversions, on
// zeros, subnormals, bounds of the integer types, infinities and NaNs.
#include "tests/codegen/assembled_a64.h"
#include "tests/codegen/expected_float.h"

namespace bls::codegen::a64 {
namespace {

struct FPlacement {
  FReg d, a, b;
};
const FPlacement kFPlacements[] = {{{0}, {1}, {2}}, {{3}, {3}, {9}},  {{14}, {8}, {14}},
                                   {{5}, {5}, {5}}, {{9}, {14}, {2}}, {{2}, {12}, {13}}};

Assembled binaryF(Width w, const FPlacement& p, const std::function<void(MasmA64&)>& emit) {
  return Assembled([&](MasmA64& m) {
    m.moveToF(w, p.b, kX1);
    m.moveToF(w, p.a, kX0);
    emit(m);
    m.moveFromF(w, kX0, p.d);
  });
}

TEST(MasmA64FloatTest, FloatOperations) {
  for (FloatOp op : {FloatOp::Add, FloatOp::Sub, FloatOp::Mul, FloatOp::Div, FloatOp::Min,
                     FloatOp::Max, FloatOp::Copysign}) {
    for (Width w : kWidths) {
      for (const FPlacement& p : kFPlacements) {
        const Assembled f = binaryF(w, p, [&](MasmA64& m) { m.floatOp(op, w, p.d, p.a, p.b); });
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

TEST(MasmA64FloatTest, FloatUnaryOperations) {
  for (FloatUnary op : {FloatUnary::Abs, FloatUnary::Neg, FloatUnary::Sqrt, FloatUnary::Ceil,
                        FloatUnary::Floor, FloatUnary::Trunc, FloatUnary::Nearest}) {
    const bool exact = op == FloatUnary::Abs || op == FloatUnary::Neg;
    for (Width w : kWidths) {
      for (const FPlacement& p : kFPlacements) {
        const Assembled f = binaryF(w, p, [&](MasmA64& m) { m.floatUnary(op, w, p.d, p.a); });
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

TEST(MasmA64FloatTest, FloatConditions) {
  for (FCond cond : {FCond::Eq, FCond::Ne, FCond::Lt, FCond::Gt, FCond::Le, FCond::Ge}) {
    for (Width w : kWidths) {
      for (Reg d : {kX0, kX1, kX8, kX23}) {
        const Assembled set([&](MasmA64& m) {
          m.moveToF(w, FReg{3}, kX0);
          m.moveToF(w, FReg{11}, kX1);
          m.setF(cond, w, d, FReg{3}, FReg{11});
          m.move(Width::W64, kX0, d);
        });
        const Assembled branch([&](MasmA64& m) {
          Label taken;
          Label done;
          m.moveToF(w, FReg{3}, kX0);
          m.moveToF(w, FReg{11}, kX1);
          m.branchF(cond, w, FReg{3}, FReg{11}, taken);
          m.loadConstant(kX0, 0);
          m.jump(done);
          m.bind(taken);
          m.loadConstant(kX0, 1);
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

TEST(MasmA64FloatTest, Conversions) {
  for (Width from : kWidths) {
    for (Width to : kWidths) {
      for (bool isSigned : {false, true}) {
        const Assembled f([&](MasmA64& m) {
          m.intToFloat(to, from, isSigned, FReg{9}, kX0);
          m.moveFromF(to, kX0, FReg{9});
        });
        for (u64 x : kInts) {
          const u64 value = cut(from, x);
          ASSERT_EQ(f(value), expectedConversion(from, to, isSigned, value)) << value;
        }
      }
    }
  }
  const Assembled up([&](MasmA64& m) {
    m.moveToF(Width::W32, FReg{9}, kX0);
    m.promote(FReg{2}, FReg{9});
    m.moveFromF(Width::W64, kX0, FReg{2});
  });
  for (u64 x : kFloats32) {
    ASSERT_TRUE(sameFloat(Width::W64, up(x), bitsOf(static_cast<f64>(floatOf<f32>(x)))));
  }
  const Assembled down([&](MasmA64& m) {
    m.moveToF(Width::W64, FReg{9}, kX0);
    m.demote(FReg{9}, FReg{9});
    m.moveFromF(Width::W32, kX0, FReg{9});
  });
  for (u64 x : kFloats64) {
    ASSERT_TRUE(sameFloat(Width::W32, down(x), bitsOf(static_cast<f32>(floatOf<f64>(x)))));
  }
}

TEST(MasmA64FloatTest, Truncations) {
  for (Width from : kWidths) {
    for (Width to : kWidths) {
      for (bool isSigned : {false, true}) {
        const Assembled f([&](MasmA64& m) {
          Label bad;
          Label done;
          m.moveToF(from, FReg{9}, kX0);
          m.truncate(to, isSigned, from, kX0, FReg{9}, bad);
          m.jump(done);
          m.bind(bad);
          m.loadConstant(kX0, kNotTruncated);
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

TEST(MasmA64FloatTest, CanonicalNan) {
  for (Width w : kWidths) {
    const Assembled f([&](MasmA64& m) {
      m.moveToF(w, FReg{3}, kX0);
      m.canonicalNan(w, FReg{3});
      m.moveFromF(w, kX0, FReg{3});
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
}  // namespace bls::codegen::a64
