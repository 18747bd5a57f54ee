// Integer operations of the AArch64 macro assembler are run on edge values in several register
// assignments and compared with C++.
#include "tests/codegen/assembled_a64.h"

namespace bls::codegen::a64 {
namespace {

TEST(MasmA64IntTest, IntegerOperations) {
  for (IntOp op : kIntOps) {
    for (Width w : kWidths) {
      for (const Placement& p : kPlacements) {
        const Assembled f = binary(p, [&](MasmA64& m) { m.intOp(op, w, p.d, p.a, p.b); });
        for (u64 x : kInts) {
          for (u64 y : kInts) {
            const u64 right = p.a == p.b ? x : y;
            ASSERT_EQ(f(x, y), expectedInt(op, w, x, right))
                << static_cast<int>(op) << " " << static_cast<int>(w) << " " << x << " " << y;
          }
        }
      }
    }
  }
}

// Fields of 12 bits, shifted or not, bit patterns, and what fits neither.
TEST(MasmA64IntTest, IntegerOperationsWithImmediates) {
  const i32 immediates[] = {0,     1,        -1,       2,          7,         255,       4095,
                            4096,  -4096,    4097,     0xfff000,   0xffffff,  -0xffffff, 0x1000000,
                            65535, 0xff00ff, 0xf0f0f0, 0x7fff0000, INT32_MAX, INT32_MIN};
  for (IntOp op : kIntOps) {
    for (Width w : kWidths) {
      for (const Placement& p : kPlacements) {
        for (i32 imm : immediates) {
          const Assembled f = binary(p, [&](MasmA64& m) { m.intOpImm(op, w, p.d, p.a, imm); });
          for (u64 x : kInts) {
            ASSERT_EQ(f(x, 5), expectedInt(op, w, x, static_cast<u64>(i64{imm})))
                << static_cast<int>(op) << " " << x << " " << imm;
          }
        }
      }
    }
  }
}

// The fuel checks branch on a subtraction.
TEST(MasmA64IntTest, SubtractionSetsTheFlags) {
  for (i32 imm : {0, 1, 5, 4095, 4097, 0x123456, -3}) {
    const Assembled f([&](MasmA64& m) {
      m.intOpImm(IntOp::Sub, Width::W64, kX5, kX0, imm);
      m.setOnFlags(Cond::LeS, kX0);
      m.intOpImm(IntOp::Sub, Width::W64, kX5, kX5, 0);
      m.setOnFlags(Cond::GtS, kX1);
      m.shiftImm(ShiftOp::Shl, Width::W64, kX1, kX1, 1);
      m.intOp(IntOp::Or, Width::W64, kX0, kX0, kX1);
    });
    for (i64 x : {i64{0}, i64{1}, i64{5}, i64{4096}, i64{4097}, i64{-7}, i64{1} << 40}) {
      EXPECT_EQ(f(static_cast<u64>(x)), x - imm <= 0 ? 1u : 2u) << x << " " << imm;
    }
  }
}

constexpr ShiftOp kShifts[] = {ShiftOp::Shl, ShiftOp::ShrS, ShiftOp::ShrU, ShiftOp::Rotl,
                               ShiftOp::Rotr};

TEST(MasmA64IntTest, Shifts) {
  for (ShiftOp op : kShifts) {
    for (Width w : kWidths) {
      for (const Placement& p : kPlacements) {
        const Assembled f = binary(p, [&](MasmA64& m) { m.shift(op, w, p.d, p.a, p.b); });
        for (u64 x : kInts) {
          for (u64 y : kInts) {
            const u64 count = p.a == p.b ? x : y;
            ASSERT_EQ(f(x, y), expectedShift(op, w, x, count)) << static_cast<int>(op);
          }
        }
      }
      for (u32 count : {0u, 1u, 2u, 7u, 31u, 32u, 63u, 64u, 65u}) {
        for (const Placement& p : kPlacements) {
          const Assembled f = binary(p, [&](MasmA64& m) { m.shiftImm(op, w, p.d, p.a, count); });
          for (u64 x : kInts) ASSERT_EQ(f(x, 3), expectedShift(op, w, x, count)) << count;
        }
      }
    }
  }
}

TEST(MasmA64IntTest, BitOperations) {
  for (BitOp op : {BitOp::Clz, BitOp::Ctz, BitOp::Popcnt, BitOp::Extend8S, BitOp::Extend16S,
                   BitOp::Extend32S, BitOp::ZeroExtend32}) {
    for (Width w : kWidths) {
      for (const Placement& p : kPlacements) {
        const Assembled f = binary(p, [&](MasmA64& m) { m.bitOp(op, w, p.d, p.a); });
        for (u64 x : kInts) {
          ASSERT_EQ(f(x, x), expectedBits(op, w, x)) << static_cast<int>(op) << " " << x;
        }
      }
    }
  }
}

TEST(MasmA64IntTest, Division) {
  for (DivOp op : {DivOp::DivS, DivOp::DivU, DivOp::RemS, DivOp::RemU}) {
    for (Width w : kWidths) {
      for (const Placement& p : kPlacements) {
        const Assembled f = binary(p, [&](MasmA64& m) {
          Label zero;
          Label overflow;
          Label done;
          m.divide(op, w, p.d, p.a, p.b, zero, overflow);
          m.jump(done);
          m.bind(zero);
          m.loadConstant(p.d, kDividedByZero);
          m.jump(done);
          m.bind(overflow);
          m.loadConstant(p.d, kDivideOverflow);
          m.bind(done);
        });
        for (u64 x : kInts) {
          for (u64 y : kInts) {
            const u64 by = p.a == p.b ? x : y;
            ASSERT_EQ(f(x, y), expectedDivision(op, w, x, by))
                << static_cast<int>(op) << " " << x << " " << by;
          }
        }
      }
    }
  }
}

TEST(MasmA64IntTest, ConditionsSetBranchAndSelect) {
  for (Cond cond : kConds) {
    for (Width w : kWidths) {
      for (const Placement& p : kPlacements) {
        if (p.a == p.b) continue;
        const Assembled set = binary(p, [&](MasmA64& m) {
          m.compare(w, p.a, p.b);
          m.setOnFlags(cond, p.d);
        });
        const Assembled select = binary(p, [&](MasmA64& m) {
          m.compare(w, p.a, p.b);
          m.selectOnFlags(cond, Width::W64, p.d, p.a, p.b);
        });
        const Assembled branch = binary(p, [&](MasmA64& m) {
          Label taken;
          Label done;
          m.compare(w, p.a, p.b);
          m.branchOnFlags(cond, taken);
          m.loadConstant(p.d, 0);
          m.jump(done);
          m.bind(taken);
          m.loadConstant(p.d, 1);
          m.bind(done);
        });
        for (u64 x : kInts) {
          for (u64 y : kInts) {
            const bool want = holds(cond, w, x, y);
            ASSERT_EQ(set(x, y), u64{want});
            ASSERT_EQ(branch(x, y), u64{want});
            ASSERT_EQ(select(x, y), want ? x : y);
          }
        }
      }
    }
  }
}

TEST(MasmA64IntTest, ConditionsWithImmediates) {
  for (Cond cond : kConds) {
    for (Width w : kWidths) {
      for (i32 imm : {0, 1, -1, 64, 4095, -4095, 4096, -4096, INT32_MAX, INT32_MIN}) {
        const Assembled f([&](MasmA64& m) {
          m.compareImm(w, kX0, imm);
          m.setOnFlags(cond, kX0);
        });
        const u64 right = static_cast<u64>(i64{imm});
        for (u64 x : kInts) ASSERT_EQ(f(x), u64{holds(cond, w, x, right)}) << x << " " << imm;
      }
      const Assembled both([&](MasmA64& m) {
        m.test(w, kX0, kX1);
        m.setOnFlags(Cond::Eq, kX0);
      });
      for (u64 x : kInts) {
        for (u64 y : kInts) ASSERT_EQ(both(x, y), u64{cut(w, x & y) == 0});
      }
    }
  }
}

TEST(MasmA64IntTest, Constants) {
  for (u64 value : kInts) {
    for (u64 v : {value, ~value, value << 16, value * 0x10001, value << 47}) {
      for (Reg d : {kX0, kX9, kX28}) {
        const Assembled f([&](MasmA64& m) {
          m.loadConstant(d, v);
          m.move(Width::W64, kX0, d);
        });
        ASSERT_EQ(f(), v);
      }
    }
    for (FReg d : {FReg{0}, FReg{7}, FReg{15}, FReg{30}}) {
      for (Width w : kWidths) {
        const Assembled f([&](MasmA64& m) {
          m.loadConstantF(w, d, cut(w, value));
          m.moveFromF(w, kX0, d);
        });
        ASSERT_EQ(f(), cut(w, value));
      }
    }
  }
}

}  // namespace
}  // namespace bls::codegen::a64
