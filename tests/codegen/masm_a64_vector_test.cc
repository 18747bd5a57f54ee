// Vectors of the AArch64 macro assembler: memory forms, constants, shuffles; and what is emitted,
// read back by an independent disassembler: every instruction known, the access where it is said to
// be, the text expected for one instruction of each form.
#include <algorithm>

#include "codegen/a64/vector_a64.h"
#include "tests/codegen/vector_code.h"

namespace bls::codegen {
namespace {

class MasmA64VectorTest : public ::testing::Test {
 protected:
  VectorValues values_{0xfeed};
};

constexpr Address kAt = Address::indexed(kX2, kX9, 5);

u32 lanesOf(Op op) {
  const OpInfo& info = opInfo(op);
  switch (info.cls) {
    case OpClass::VExtract:
    case OpClass::VReplace: return info.aux;
    case OpClass::VLoadLane:
    case OpClass::VStoreLane: return 16u >> info.aux;
    default: return 1;
  }
}

void emitAny(MasmA64& m, Op op, const VPlacement& p, u32 lane) {
  const OpInfo& info = opInfo(op);
  const auto floats = [](char letter) { return letter == 'f' || letter == 'd'; };
  switch (info.cls) {
    case OpClass::VLoad: m.vectorLoad(op, p.d, kAt); break;
    case OpClass::VStore: m.vectorStore(kAt, p.a); break;
    case OpClass::VLoadLane: m.vectorLoadLane(op, p.d, p.a, kAt, lane); break;
    case OpClass::VStoreLane: m.vectorStoreLane(op, kAt, p.a, lane); break;
    case OpClass::VSplat:
      floats(info.params[0]) ? m.vectorSplatF(op, p.d, p.a) : m.vectorSplat(op, p.d, kX10);
      break;
    case OpClass::VExtract:
      floats(info.results[0]) ? m.vectorExtractF(op, p.d, p.a, lane)
                              : m.vectorExtract(op, kX8, p.a, lane);
      break;
    case OpClass::VReplace:
      floats(info.params[1]) ? m.vectorReplaceF(op, p.d, p.a, p.b, lane)
                             : m.vectorReplace(op, p.d, p.a, kX6, lane);
      break;
    case OpClass::VShuffle: {
      u8 lanes[16] = {};
      for (u32 i = 0; i < 16; ++i) lanes[i] = static_cast<u8>(i * 7 % 32);
      m.vectorShuffle(p.d, p.a, p.b, lanes);
      break;
    }
    case OpClass::VUnary: m.vectorUnary(op, p.d, p.a); break;
    case OpClass::VBinary: m.vectorBinary(op, p.d, p.a, p.b); break;
    case OpClass::VTernary: m.vectorTernary(op, p.d, p.a, p.b, p.c); break;
    case OpClass::VTest: m.vectorTest(op, kX5, p.a); break;
    case OpClass::VShift:
      m.vectorShift(op, p.d, p.a, kX1);
      m.vectorShiftImm(op, p.d, p.a, 3);
      break;
    default: FAIL() << info.text;
  }
}

// Reading back.

TEST_F(MasmA64VectorTest, TheDisassemblerKnowsEveryInstruction) {
  u32 seen = 0;
  std::vector<u8> all;
  for (u32 i = 0; i < kOpCount; ++i) {
    const Op op = static_cast<Op>(i);
    if (!isVectorClass(opInfo(op).cls)) continue;
    ++seen;
    for (const VPlacement& p : kVPlacements) {
      for (u32 lane = 0; lane < lanesOf(op); ++lane) {
        MasmA64 m(0);
        m.move(Width::W64, kX0, kX1);  // something, where nothing is to do
        emitAny(m, op, p, lane);
        const u32 end = m.position();  // the constants come behind
        const std::span<const u8> code = m.finish();
        ASSERT_GE(code.size(), end) << opInfo(op).text;
        all.insert(all.end(), code.begin(), code.begin() + end);
      }
    }
  }
  EXPECT_EQ(seen, 255u) << "a vector instruction was added or lost: this line too";
  const std::string text = disassemble(all);
  EXPECT_EQ(static_cast<size_t>(std::count(text.begin(), text.end(), '\n')), all.size() / 4);
  EXPECT_EQ(text.find("undefined"), std::string::npos);
  EXPECT_EQ(text.find(".inst"), std::string::npos);
}

TEST_F(MasmA64VectorTest, TheDisassemblerAgrees) {
  MasmA64 m(0);
  const FReg d{1}, a{2}, b{3};
  m.vectorLoad(Op::V128Load, d, Address::at(kX3, 32));
  m.vectorLoad(Op::V128Load8x8S, d, Address::at(kX3, 8));
  m.vectorLoad(Op::V128Load16Splat, d, Address::indexed(kX3, kX4));
  m.vectorLoad(Op::V128Load32Zero, d, Address::at(kX3, -4));
  m.vectorLoadLane(Op::V128Load8Lane, d, a, Address::at(kX3, 1), 7);
  m.vectorStore(Address::at(kX3, -16), d);
  m.vectorStoreLane(Op::V128Store64Lane, Address::at(kX3, 8), a, 1);
  m.vectorSplat(Op::I64x2Splat, d, kX5);
  m.vectorExtract(Op::I16x8ExtractLaneS, kX5, a, 6);
  m.vectorReplaceF(Op::F32x4ReplaceLane, d, d, a, 3);
  m.vectorUnary(Op::I16x8ExtaddPairwiseI8x16U, d, a);
  m.vectorUnary(Op::I32x4TruncSatF64x2SZero, d, a);
  m.vectorUnary(Op::F64x2ConvertLowI32x4U, d, a);
  m.vectorBinary(Op::I32x4LtU, d, a, b);
  m.vectorBinary(Op::I16x8ExtmulHighI8x16S, d, a, b);
  m.vectorBinary(Op::I8x16NarrowI16x8U, d, a, d);
  m.vectorBinary(Op::F32x4Pmin, d, a, b);
  m.vectorBinary(Op::I64x2Mul, d, a, b);
  m.vectorTest(Op::I32x4AllTrue, kX5, a);
  m.vectorShift(Op::I16x8ShrS, d, a, kX5);
  m.vectorShiftImm(Op::I64x2Shl, d, a, 63);
  m.canonicalNanLanes(Width::W64, d);
  EXPECT_EQ(disassemble(m.finish()),
            "ldr q1, [x3, #32]\n"
            "ldr d1, [x3, #8]\n"
            "sxtl v1.8h, v1.8b\n"
            "ldr h1, [x3, x4]\n"
            "dup v1.8h, v1.h[0]\n"
            "ldur s1, [x3, #-4]\n"
            "ldr b31, [x3, #1]\n"
            "mov v1.16b, v2.16b\n"
            "mov v1.b[7], v31.b[0]\n"
            "stur q1, [x3, #-16]\n"
            "mov d31, v2.d[1]\n"
            "str d31, [x3, #8]\n"
            "dup v1.2d, x5\n"
            "smov w5, v2.h[6]\n"
            "mov v1.s[3], v2.s[0]\n"
            "uaddlp v1.8h, v2.16b\n"
            "fcvtzs v1.2d, v2.2d\n"
            "sqxtn v1.2s, v1.2d\n"
            "uxtl v1.2d, v2.2s\n"
            "ucvtf v1.2d, v1.2d\n"
            "cmhi v1.4s, v3.4s, v2.4s\n"
            "smull2 v1.8h, v2.16b, v3.16b\n"
            "sqxtun v31.8b, v2.8h\n"
            "sqxtun2 v31.16b, v1.8h\n"
            "mov v1.16b, v31.16b\n"
            "fcmgt v31.4s, v2.4s, v3.4s\n"
            "mov v1.16b, v31.16b\n"
            "bsl v1.16b, v3.16b, v2.16b\n"
            "mov x16, v2.d[0]\n"
            "mov x17, v3.d[0]\n"
            "mul x16, x16, x17\n"
            "mov v1.d[0], x16\n"
            "mov x16, v2.d[1]\n"
            "mov x17, v3.d[1]\n"
            "mul x16, x16, x17\n"
            "mov v1.d[1], x16\n"
            "cmeq v31.4s, v2.4s, #0\n"
            "umaxp v31.4s, v31.4s, v31.4s\n"
            "fmov x16, d31\n"
            "cmp x16, #0x0\n"
            "cset w5, eq\n"
            "and w16, w5, #0xf\n"
            "neg w16, w16\n"
            "dup v31.16b, w16\n"
            "sshl v1.8h, v2.8h, v31.8h\n"
            "shl v1.2d, v2.2d, #63\n"
            "mov x17, #0x7ff8000000000000\n"
            "dup v30.2d, x17\n"
            "fcmeq v31.2d, v1.2d, v1.2d\n"
            "bif v1.16b, v30.16b, v31.16b\n");
}

// Memory.

struct Memory {
  u8 bytes[64];
};

State stateFor(VectorValues& values, const Memory& memory, u32 offset) {
  State in = values.state();
  in.g[kX2.code] = reinterpret_cast<u64>(&memory) - 1000;
  in.g[kX9.code] = 1000 - 5 + offset;
  return in;
}

/// What `emit` returns must be the place of one instruction, of so many bytes.
template <class Emit>
void checkAccess(Op op, bool load, const Emit& emit) {
  MasmA64 m(0);
  const u32 site = emit(m);
  const std::span<const u8> code = m.finish();
  ASSERT_LE(site + 4, code.size());
  u32 bits;
  std::memcpy(&bits, &code[site], sizeof bits);
  const u32 log2 = opInfo(op).aux;
  EXPECT_EQ(bits & 0xffe0fc00,
            0x3c206800 | (log2 & 3) << 30 | (log2 == 4 ? 1u << 23 : 0) | u32{load} << 22)
      << opInfo(op).text;
}

template <Op O>
void checkLoad(VectorValues& values) {
  using S = SemOf<O>;
  constexpr bool kLane = OpTag<O>::kInfo.cls == OpClass::VLoadLane;
  for (const VPlacement& p : {kVPlacements[0], kVPlacements[1], kVPlacements[2]}) {
    for (u32 lane = 0; lane < lanesOf(O); ++lane) {
      const auto emit = [&](MasmA64& m) {
        return kLane ? m.vectorLoadLane(O, p.d, p.a, kAt, lane) : m.vectorLoad(O, p.d, kAt);
      };
      checkAccess(O, true, emit);
      const VectorCode code(0, [&](MasmA64& m) { emit(m); });
      Memory memory;
      for (u8& byte : memory.bytes) byte = static_cast<u8>(values.word());
      for (u32 offset = 0; offset < 20; ++offset) {
        const State in = stateFor(values, memory, offset);
        State want = in;
        typename S::Mem value;
        std::memcpy(&value, memory.bytes + offset, sizeof value);
        if constexpr (kLane) {
          want.v[p.d.code] = S::fromMemory(value, in.v[p.a.code], lane);
        } else {
          want.v[p.d.code] = S::fromMemory(value);
        }
        const State got = code(in);
        ASSERT_TRUE(got == want) << opInfo(O).text << " lane " << lane << " gave "
                                 << text(got.v[p.d.code]) << " for " << text(want.v[p.d.code]);
      }
    }
  }
}

template <Op O>
void checkStore(VectorValues& values) {
  using S = SemOf<O>;
  constexpr bool kLane = OpTag<O>::kInfo.cls == OpClass::VStoreLane;
  for (FReg s : {FReg{0}, FReg{29}}) {
    for (u32 lane = 0; lane < lanesOf(O); ++lane) {
      const auto emit = [&](MasmA64& m) {
        return kLane ? m.vectorStoreLane(O, kAt, s, lane) : m.vectorStore(kAt, s);
      };
      checkAccess(O, false, emit);
      const VectorCode code(0, [&](MasmA64& m) { emit(m); });
      for (u32 offset = 0; offset < 20; ++offset) {
        Memory memory;
        for (u8& byte : memory.bytes) byte = static_cast<u8>(values.word());
        Memory want = memory;
        const State in = stateFor(values, memory, offset);
        typename S::Mem out;
        if constexpr (kLane) {
          out = S::toMemory(in.v[s.code], lane);
        } else {
          out = S::toMemory(in.v[s.code]);
        }
        std::memcpy(want.bytes + offset, &out, sizeof out);
        ASSERT_TRUE(code(in) == in) << opInfo(O).text;
        ASSERT_EQ(std::memcmp(&memory, &want, sizeof want), 0) << opInfo(O).text << " " << lane;
      }
    }
  }
}

template <Op O>
void checkMemoryForm(VectorValues& values) {
  constexpr OpClass kClass = OpTag<O>::kInfo.cls;
  if constexpr (kClass == OpClass::VLoad || kClass == OpClass::VLoadLane) checkLoad<O>(values);
  if constexpr (kClass == OpClass::VStore || kClass == OpClass::VStoreLane) checkStore<O>(values);
}

TEST_F(MasmA64VectorTest, LoadsAndStores) {
#define OP(name, ...) checkMemoryForm<Op::name>(values_);
#include "engine/wasm/opcodes.def"
#undef OP
}

// Constants.

TEST_F(MasmA64VectorTest, Constants) {
  std::vector<Vec> constants = {Vec{},     ~Vec{},    Vec{0, ~u64{0}}, Vec{1, 0},
                                Vec{1, 2}, Vec{2, 1}, Vec{1, 2},       Vec{~u64{0}, 0}};
  for (u32 i = 0; i < 40; ++i) constants.push_back(Vec{values_.word(), i % 3});
  for (size_t first = 0; first + 8 <= constants.size(); ++first) {
    const VectorCode code(0, [&](MasmA64& m) {
      for (const Vec& c : constants) m.loadConstantV(FReg{9}, c[0], c[1]);
      for (u8 i = 0; i < 8; ++i) {
        m.loadConstantF(Width::W64, FReg{8}, constants[first + i][0]);
        m.loadConstantV(FReg{i}, constants[first + i][0], constants[first + i][1]);
      }
    });
    State want = values_.state();
    const State got = code(want);
    for (u32 i = 0; i < 8; ++i) want.v[i] = constants[first + i];
    want.v[9] = constants.back();
    want.v[8] = Vec{constants[first + 7][0], 0};
    ASSERT_TRUE(got == want) << first;
  }
}

TEST_F(MasmA64VectorTest, RewoundConstantsAreForgotten) {
  const VectorCode code(0, [](MasmA64& m) {
    m.loadConstantV(FReg{1}, 1, 2);
    const u32 start = m.position();
    m.loadConstantV(FReg{2}, 3, 4);
    m.rewind(start);
    m.loadConstantV(FReg{4}, 5, 6);
  });
  const State in = values_.state();
  State want = in;
  want.v[1] = Vec{1, 2};
  want.v[4] = Vec{5, 6};
  EXPECT_TRUE(code(in) == want);
}

// Shuffles.

using ShuffleLanes = std::array<u8, 16>;

template <class F>
ShuffleLanes shuffleOf(const F& laneAt) {
  ShuffleLanes lanes;
  for (u32 i = 0; i < 16; ++i) lanes[i] = static_cast<u8>(laneAt(i) & 31);
  return lanes;
}

/// Patterns with an instruction of their own, of two operands: runs, interleaved and every other
/// lane, both in either order; then of one: lanes repeated or reversed.
std::vector<ShuffleLanes> cheapShuffles() {
  std::vector<ShuffleLanes> out;
  for (u32 run = 0; run < 32; ++run) {
    out.push_back(shuffleOf([&](u32 i) { return run + i; }));
    out.push_back(shuffleOf([&](u32 i) { return ((run + i) & 15) | (run & 16); }));
    out.push_back(shuffleOf([&](u32) { return run; }));
  }
  for (u32 width : {1u, 2u, 4u, 8u}) {
    for (u32 flip : {0u, 16u}) {
      for (u32 part : {0u, 1u}) {
        out.push_back(shuffleOf([&](u32 i) {
          const u32 lane = i / width;
          return (part * 8 + lane / 2 * width + i % width + lane % 2 * 16) ^ flip;
        }));
        out.push_back(shuffleOf(
            [&](u32 i) { return ((2 * (i / width) + part) * width + i % width) ^ flip; }));
        out.push_back(shuffleOf([&](u32 i) {
          const u32 lane = i / width;
          return ((lane / 2 * 2 + part) * width + i % width + lane % 2 * 16) ^ flip;
        }));
      }
      for (u32 from = 0; from < 16; from += width) {
        out.push_back(shuffleOf([&](u32 i) { return (from + i % width) ^ flip; }));
      }
    }
  }
  for (u32 bits : {0u, 1u, 2u, 3u, 4u, 6u, 7u}) {
    for (u32 side : {0u, 16u}) out.push_back(shuffleOf([&](u32 i) { return (i ^ bits) + side; }));
  }
  return out;
}

TEST_F(MasmA64VectorTest, Shuffles) {
  std::vector<ShuffleLanes> all = cheapShuffles();
  const size_t cheap = all.size();
  for (size_t n = 0; n < cheap; ++n) {  // near misses, and any lanes
    all.push_back(all[n]);
    all.back()[n % 16] ^= static_cast<u8>(1 << (n % 5));
    all.push_back(shuffleOf([&](u32) { return static_cast<u32>(values_.word()); }));
    const u32 side = n % 2 * 16;
    all.push_back(shuffleOf([&](u32) { return (static_cast<u32>(values_.word()) & 15) | side; }));
  }
  for (const ShuffleLanes& lanes : all) {
    Vec select;
    std::memcpy(&select, lanes.data(), sizeof select);
    for (u32 which : {1u, 2u, 3u, 5u}) {
      const VPlacement& p = kVPlacements[which];
      const VectorCode code(0, [&](MasmA64& m) { m.vectorShuffle(p.d, p.a, p.b, lanes); });
      const State in = values_.state();
      State want = in;
      want.v[p.d.code] = sem::I8x16Shuffle::eval(in.v[p.a.code], in.v[p.b.code], select);
      const State got = code(in);
      ASSERT_TRUE(got == want) << text(select) << " gave " << text(got.v[p.d.code]) << " of "
                               << text(in.v[p.a.code]) << ", " << text(in.v[p.b.code]);
    }
  }
}

TEST_F(MasmA64VectorTest, CheapShufflesAreOneInstruction) {
  for (const ShuffleLanes& lanes : cheapShuffles()) {
    MasmA64 m(0);
    m.vectorShuffle(FReg{0}, FReg{1}, FReg{2}, lanes);
    Vec select;
    std::memcpy(&select, lanes.data(), sizeof select);
    EXPECT_EQ(m.finish().size(), 4u) << text(select);
  }
}

}  // namespace
}  // namespace bls::codegen
