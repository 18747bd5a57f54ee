// Every vector instruction of opcodes.def that computes from registers, as this CPU's macro
// assembler emits it, against its functor: bit for bit, on edge values and seeded random ones, with
// every level of CPU features and every way operands and result can share registers. All registers
// that are not the result must keep their value.
#include "tests/codegen/vector_code.h"

namespace bls::codegen {
namespace {

class MasmVectorTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!canRunVectors()) GTEST_SKIP() << "no vectors here";
  }
  VectorValues values_{0x5eed};
};

/// Runs `code` and compares all registers; says what was wrong.
::testing::AssertionResult matches(const VectorCode& code, const State& in, const State& want) {
  const State got = code(in);
  if (got == want) return ::testing::AssertionSuccess();
  auto failure = ::testing::AssertionFailure();
  for (u32 i = 0; i < State::kVectors; ++i) {
    if (text(got.v[i]) != text(want.v[i])) {
      failure << "\nvector " << i << " is " << text(got.v[i]) << ", not " << text(want.v[i]);
    }
  }
  for (u32 i = 0; i < 16; ++i) {
    if (got.g[i] != want.g[i]) {
      failure << std::hex << "\ngeneral " << i << " is " << got.g[i] << ", not " << want.g[i];
    }
  }
  return failure;
}

std::string described(Op op, u32 cpu, const VPlacement& p) {
  return std::string(opInfo(op).text) + " cpu " + std::to_string(cpu) + " registers " +
         std::to_string(p.d.code) + " " + std::to_string(p.a.code) + " " +
         std::to_string(p.b.code) + " " + std::to_string(p.c.code);
}

/// Of the first type the instruction's name says: "i16x8.shl".
u32 laneBits(Op op) { return static_cast<u32>(std::atoi(opInfo(op).text + 1)); }

/// The placements that differ for so many operands.
std::vector<VPlacement> placementsFor(u32 operands) {
  std::vector<VPlacement> out;
  for (u32 i : {0u, 1u, 2u, 3u, 5u, 6u, 4u, 7u, 8u}) {
    if (operands > 1 || i < 3) out.push_back(kVPlacements[i]);
    if (operands == 2 && i == 6) break;
  }
  return out;
}

using Emit = void (*)(Masm&, Op, const VPlacement&);

void runCases(VectorValues& values, OpClass cls, u32 operands, u32 rounds, Emit emit) {
  ASSERT_FALSE(vectorCases(cls).empty());
  for (u32 cpu : vectorCpus()) {
    for (const VectorCase& one : vectorCases(cls)) {
      for (const VPlacement& p : placementsFor(operands)) {
        const VectorCode code(cpu, [&](Masm& m) { emit(m, one.op, p); });
        State in = values.state();
        for (u32 i = 0; i < rounds; ++i) {
          const u32 kind = values.kind();
          for (FReg r : {p.d, p.a, p.b, p.c}) in.v[r.code] = values.vector(kind);
          const Operands args{{in.v[p.a.code], in.v[p.b.code], in.v[p.c.code]}, 0, 0};
          State want = in;
          want.v[p.d.code] = one.functor(args).v;
          ASSERT_TRUE(matches(code, in, want))
              << described(one.op, cpu, p) << "\nof " << text(args.v[0]) << ", " << text(args.v[1])
              << ", " << text(args.v[2]);
        }
      }
    }
  }
}

TEST_F(MasmVectorTest, Unary) {
  runCases(values_, OpClass::VUnary, 1, 700,
           [](Masm& m, Op op, const VPlacement& p) { m.vectorUnary(op, p.d, p.a); });
}

TEST_F(MasmVectorTest, Binary) {
  runCases(values_, OpClass::VBinary, 2, 350,
           [](Masm& m, Op op, const VPlacement& p) { m.vectorBinary(op, p.d, p.a, p.b); });
}

TEST_F(MasmVectorTest, Ternary) {
  runCases(values_, OpClass::VTernary, 3, 500,
           [](Masm& m, Op op, const VPlacement& p) { m.vectorTernary(op, p.d, p.a, p.b, p.c); });
}

TEST_F(MasmVectorTest, Tests) {
  for (u32 cpu : vectorCpus()) {
    for (const VectorCase& one : vectorCases(OpClass::VTest)) {
      for (Reg d : kScalars) {
        const FReg a{static_cast<u8>(d.code % State::kVectors)};
        const VectorCode code(cpu, [&](Masm& m) { m.vectorTest(one.op, d, a); });
        State in = values_.state();
        for (u32 i = 0; i < 400; ++i) {
          in.v[a.code] = i == 0 ? Vec{} : values_.vector(values_.kind());
          if (i % 5 == 1) in.v[a.code] = Vec{u64{1} << (i % 64), 0};
          if (i % 5 == 2) in.v[a.code] = ~Vec{0, u64{0xff} << (i % 64)};
          State want = in;
          want.g[d.code] = one.functor({{in.v[a.code]}, 0, 0}).scalar;
          ASSERT_TRUE(matches(code, in, want))
              << opInfo(one.op).text << " cpu " << cpu << " of " << text(in.v[a.code]);
        }
      }
    }
  }
}

TEST_F(MasmVectorTest, ShiftsByRegister) {
  for (u32 cpu : vectorCpus()) {
    for (const VectorCase& one : vectorCases(OpClass::VShift)) {
      for (const VPlacement& p : placementsFor(1)) {
        for (Reg count : kScalars) {
          const VectorCode code(cpu, [&](Masm& m) { m.vectorShift(one.op, p.d, p.a, count); });
          State in = values_.state();
          for (u32 i = 0; i < 200; ++i) {
            in.v[p.a.code] = values_.vector(values_.kind());
            in.g[count.code] = i < 130 ? i : values_.word();
            State want = in;
            want.v[p.d.code] = one.functor({{in.v[p.a.code]}, in.g[count.code], 0}).v;
            ASSERT_TRUE(matches(code, in, want))
                << described(one.op, cpu, p) << " of " << text(in.v[p.a.code]) << " by "
                << in.g[count.code];
          }
        }
      }
    }
  }
}

TEST_F(MasmVectorTest, ShiftsByConstant) {
  for (u32 cpu : vectorCpus()) {
    for (const VectorCase& one : vectorCases(OpClass::VShift)) {
      for (const VPlacement& p : {kVPlacements[0], kVPlacements[2]}) {
        const u32 width = laneBits(one.op);
        for (u32 count = 0; count <= width + 1; ++count) {
          const u32 by = count <= width ? count : 0xfffffff3;
          const VectorCode code(cpu, [&](Masm& m) { m.vectorShiftImm(one.op, p.d, p.a, by); });
          State in = values_.state();
          for (u32 i = 0; i < 40; ++i) {
            in.v[p.a.code] = values_.vector(values_.kind());
            State want = in;
            want.v[p.d.code] = one.functor({{in.v[p.a.code]}, by, 0}).v;
            ASSERT_TRUE(matches(code, in, want))
                << described(one.op, cpu, p) << " of " << text(in.v[p.a.code]) << " by " << by;
          }
        }
      }
    }
  }
}

bool isFloat(char letter) { return letter == 'f' || letter == 'd'; }

TEST_F(MasmVectorTest, Splats) {
  for (u32 cpu : vectorCpus()) {
    for (const VectorCase& one : vectorCases(OpClass::VSplat)) {
      const bool floats = isFloat(opInfo(one.op).params[0]);
      for (const VPlacement& p : placementsFor(1)) {
        for (Reg s : kScalars) {
          const VectorCode code(cpu, [&](Masm& m) {
            if (floats) {
              m.vectorSplatF(one.op, p.d, p.a);
            } else {
              m.vectorSplat(one.op, p.d, s);
            }
          });
          State in = values_.state();
          for (u32 i = 0; i < 60; ++i) {
            in.v[p.a.code] = values_.vector(values_.kind());
            in.g[s.code] = values_.vector(values_.kind())[0];
            State want = in;
            const u64 scalar = floats ? in.v[p.a.code][0] : in.g[s.code];
            want.v[p.d.code] = one.functor({{}, scalar, 0}).v;
            ASSERT_TRUE(matches(code, in, want)) << described(one.op, cpu, p);
          }
        }
      }
    }
  }
}

TEST_F(MasmVectorTest, ExtractsOfIntegers) {
  for (u32 cpu : vectorCpus()) {
    for (const VectorCase& one : vectorCases(OpClass::VExtract)) {
      if (isFloat(opInfo(one.op).results[0])) continue;
      for (u32 lane = 0; lane < opInfo(one.op).aux; ++lane) {
        for (Reg d : kScalars) {
          const FReg a{static_cast<u8>(d.code % State::kVectors)};
          const VectorCode code(cpu, [&](Masm& m) { m.vectorExtract(one.op, d, a, lane); });
          State in = values_.state();
          for (u32 i = 0; i < 40; ++i) {
            in.v[a.code] = values_.vector(values_.kind());
            State want = in;
            want.g[d.code] = one.functor({{in.v[a.code]}, 0, lane}).scalar;
            ASSERT_TRUE(matches(code, in, want)) << opInfo(one.op).text << " lane " << lane;
          }
        }
      }
    }
  }
}

TEST_F(MasmVectorTest, ExtractsOfFloats) {
  for (u32 cpu : vectorCpus()) {
    for (const VectorCase& one : vectorCases(OpClass::VExtract)) {
      const char result = opInfo(one.op).results[0];
      if (!isFloat(result)) continue;
      for (u32 lane = 0; lane < opInfo(one.op).aux; ++lane) {
        for (const VPlacement& p : placementsFor(1)) {
          const VectorCode code(cpu, [&](Masm& m) { m.vectorExtractF(one.op, p.d, p.a, lane); });
          State in = values_.state();
          for (u32 i = 0; i < 60; ++i) {
            in.v[p.a.code] = values_.vector(values_.kind());
            State want = in;
            want.v[p.d.code] = code(in).v[p.d.code];  // the lanes above are anything
            const u64 got = want.v[p.d.code][0];
            ASSERT_EQ(result == 'f' ? got & 0xffffffff : got,
                      one.functor({{in.v[p.a.code]}, 0, lane}).scalar)
                << described(one.op, cpu, p) << " lane " << lane;
            ASSERT_TRUE(matches(code, in, want)) << described(one.op, cpu, p);
          }
        }
      }
    }
  }
}

TEST_F(MasmVectorTest, Replaces) {
  for (u32 cpu : vectorCpus()) {
    for (const VectorCase& one : vectorCases(OpClass::VReplace)) {
      const bool floats = isFloat(opInfo(one.op).params[1]);
      for (u32 lane = 0; lane < opInfo(one.op).aux; ++lane) {
        for (const VPlacement& p : placementsFor(2)) {
          const Reg s = kScalars[p.b.code % std::size(kScalars)];
          const VectorCode code(cpu, [&](Masm& m) {
            if (floats) {
              m.vectorReplaceF(one.op, p.d, p.a, p.b, lane);
            } else {
              m.vectorReplace(one.op, p.d, p.a, s, lane);
            }
          });
          State in = values_.state();
          for (u32 i = 0; i < 40; ++i) {
            in.v[p.a.code] = values_.vector(values_.kind());
            in.v[p.b.code] = values_.vector(values_.kind());
            State want = in;
            const u64 scalar = floats ? in.v[p.b.code][0] : in.g[s.code];
            want.v[p.d.code] = one.functor({{in.v[p.a.code]}, scalar, lane}).v;
            ASSERT_TRUE(matches(code, in, want)) << described(one.op, cpu, p) << " lane " << lane;
          }
        }
      }
    }
  }
}

TEST_F(MasmVectorTest, CanonicalNanLanes) {
  for (u32 cpu : vectorCpus()) {
    for (Width w : kWidths) {
      for (FReg d : {FReg{0}, FReg{9}}) {
        const VectorCode code(cpu, [&](Masm& m) { m.canonicalNanLanes(w, d); });
        State in = values_.state();
        for (u32 i = 0; i < 2000; ++i) {
          const Vec value = in.v[d.code] = values_.vector(values_.kind());
          State want = in;
          want.v[d.code] = w == Width::W32 ? sem::canonicalNanLanes<f32>(value)
                                           : sem::canonicalNanLanes<f64>(value);
          ASSERT_TRUE(matches(code, in, want)) << text(value);
        }
      }
    }
  }
}

}  // namespace
}  // namespace bls::codegen
