// Vectors of the macro assembler: memory forms, constants, shuffles; and what is emitted, read back
// by an independent disassembler: each instruction known, none beyond the features allowed, one
// memory access where one is promised.
#include <Zydis/Zydis.h>

#include <algorithm>

#include "tests/codegen/vector_code.h"

namespace bls::codegen {
namespace {

using platform::Cpu;
using platform::cpuBit;

class MasmX64VectorMemoryTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!canRunVectors()) GTEST_SKIP() << "no SSE4.1 here";
  }
  VectorValues values_{0xfeed};
};

// Reading back.

std::vector<ZydisDisassembledInstruction> decoded(std::span<const u8> code) {
  std::vector<ZydisDisassembledInstruction> out;
  for (size_t at = 0; at < code.size(); at += out.back().info.length) {
    out.emplace_back();
    EXPECT_TRUE(ZYAN_SUCCESS(ZydisDisassembleIntel(ZYDIS_MACHINE_MODE_LONG_64, at, &code[at],
                                                   code.size() - at, &out.back())));
    if (out.back().info.length == 0) break;
  }
  return out;
}

const ZydisDecodedOperand* memoryOperand(const ZydisDisassembledInstruction& instruction) {
  for (u32 i = 0; i < instruction.info.operand_count_visible; ++i) {
    if (instruction.operands[i].type == ZYDIS_OPERAND_TYPE_MEMORY) return &instruction.operands[i];
  }
  return nullptr;
}
bool isConstantOfPool(const ZydisDecodedOperand& operand) {
  return operand.mem.base == ZYDIS_REGISTER_RIP;
}

/// Whether a CPU with just these features has the instruction.
bool allowed(const ZydisDisassembledInstruction& instruction, u32 cpu) {
  const auto has = [cpu](Cpu feature) { return (cpu & cpuBit(feature)) != 0; };
  if (instruction.info.encoding != ZYDIS_INSTRUCTION_ENCODING_LEGACY) {
    if (instruction.info.encoding != ZYDIS_INSTRUCTION_ENCODING_VEX || !has(Cpu::Avx)) return false;
  }
  switch (instruction.info.meta.isa_set) {
    case ZYDIS_ISA_SET_I86:
    case ZYDIS_ISA_SET_I386:
    case ZYDIS_ISA_SET_I486REAL:
    case ZYDIS_ISA_SET_LONGMODE:
    case ZYDIS_ISA_SET_SSE:
    case ZYDIS_ISA_SET_SSEMXCSR:
    case ZYDIS_ISA_SET_SSE2:
    case ZYDIS_ISA_SET_SSE3:
    case ZYDIS_ISA_SET_SSSE3:
    case ZYDIS_ISA_SET_SSE4: return true;
    case ZYDIS_ISA_SET_SSE42: return has(Cpu::Sse42);
    case ZYDIS_ISA_SET_AVX: return has(Cpu::Avx);
    case ZYDIS_ISA_SET_AVX2: return has(Cpu::Avx2);
    default: return false;
  }
}

/// Checks what `emit` emits; the instructions.
std::vector<ZydisDisassembledInstruction> checked(u32 cpu, const std::string& what,
                                                  const std::function<void(MasmX64&)>& emit) {
  MasmX64 m(cpu);
  emit(m);
  const u32 end = m.position();  // the constants come behind
  const std::span<const u8> code = m.finish();
  EXPECT_EQ(code.empty(), end == 0) << what;  // nothing to do, or nothing could be encoded
  std::vector<ZydisDisassembledInstruction> out =
      decoded(code.first(std::min<size_t>(end, code.size())));
  for (const auto& instruction : out) {
    EXPECT_TRUE(allowed(instruction, cpu)) << what << ": " << instruction.text;
    const ZydisDecodedOperand* operand = memoryOperand(instruction);
    if (operand == nullptr) continue;
    if (isConstantOfPool(*operand)) {
      const u64 at = static_cast<u64>(operand->mem.disp.value) + instruction.info.length +
                     instruction.runtime_address;
      EXPECT_EQ(at % 16, 0u) << what;
      EXPECT_LE(at + 16, code.size()) << what;
    } else if (instruction.info.encoding == ZYDIS_INSTRUCTION_ENCODING_LEGACY &&
               operand->size == 128) {
      EXPECT_EQ(std::string(instruction.text).substr(0, 6), "movups") << what;
    }
  }
  return out;
}

void emitAnyLane(MasmX64& m, Op op, const VPlacement& p, u32 lane) {
  const OpInfo& info = opInfo(op);
  const auto floats = [](char letter) { return letter == 'f' || letter == 'd'; };
  const Address at = Address::indexed(kRdx, kR9, 5);
  switch (info.cls) {
    case OpClass::VLoad: m.vectorLoad(op, p.d, at); break;
    case OpClass::VStore: m.vectorStore(at, p.a); break;
    case OpClass::VLoadLane: m.vectorLoadLane(op, p.d, p.a, at, lane); break;
    case OpClass::VStoreLane: m.vectorStoreLane(op, at, p.a, lane); break;
    case OpClass::VSplat:
      floats(info.params[0]) ? m.vectorSplatF(op, p.d, p.a) : m.vectorSplat(op, p.d, kR10);
      break;
    case OpClass::VExtract:
      floats(info.results[0]) ? m.vectorExtractF(op, p.d, p.a, lane)
                              : m.vectorExtract(op, kR8, p.a, lane);
      break;
    case OpClass::VReplace:
      floats(info.params[1]) ? m.vectorReplaceF(op, p.d, p.a, p.b, lane)
                             : m.vectorReplace(op, p.d, p.a, kRsi, lane);
      break;
    case OpClass::VShuffle: {
      u8 lanes[16] = {};
      for (u32 i = 0; i < 16; ++i) lanes[i] = static_cast<u8>((i * 7 + lane) % 32);
      m.vectorShuffle(p.d, p.a, p.b, lanes);
      break;
    }
    case OpClass::VUnary: m.vectorUnary(op, p.d, p.a); break;
    case OpClass::VBinary: m.vectorBinary(op, p.d, p.a, p.b); break;
    case OpClass::VTernary: m.vectorTernary(op, p.d, p.a, p.b, p.c); break;
    case OpClass::VTest: m.vectorTest(op, kRbp, p.a); break;
    case OpClass::VShift:
      m.vectorShift(op, p.d, p.a, kRcx);
      m.vectorShiftImm(op, p.d, p.a, lane + 1);
      break;
    default: FAIL() << info.text;
  }
}

u32 lanesOf(Op op) {
  const OpInfo& info = opInfo(op);
  switch (info.cls) {
    case OpClass::VExtract:
    case OpClass::VReplace: return info.aux;
    case OpClass::VLoadLane:
    case OpClass::VStoreLane: return 16u >> info.aux;
    case OpClass::VShuffle:
    case OpClass::VShift: return 64;
    default: return 1;
  }
}

bool isVector(Op op) {
  return opInfo(op).cls >= OpClass::VLoad && opInfo(op).cls <= OpClass::VShift;
}

TEST_F(MasmX64VectorMemoryTest, EveryInstructionHasCodeOfTheFeaturesAllowed) {
  u32 seen = 0;
  for (u32 i = 0; i < kOpCount; ++i) {
    const Op op = static_cast<Op>(i);
    if (!isVector(op)) continue;
    ++seen;
    for (u32 cpu : vectorCpus()) {
      for (const VPlacement& p : kVPlacements) {
        for (u32 lane = 0; lane < lanesOf(op); ++lane) {
          const auto code =
              checked(cpu, opInfo(op).text, [&](MasmX64& m) { emitAnyLane(m, op, p, lane); });
          const bool nothingToDo = opInfo(op).cls == OpClass::VExtract && p.d == p.a;
          ASSERT_TRUE(!code.empty() || nothingToDo) << opInfo(op).text;
        }
      }
    }
  }
  EXPECT_EQ(seen, 255u) << "a vector instruction was added or lost: this line too";
}

// Memory.

/// Bytes of memory around the access, and what surrounds them.
struct Memory {
  u8 bytes[64];
};

State stateFor(VectorValues& values, const Memory& memory, u32 offset) {
  State in = values.state();
  in.g[kRdx.code] = reinterpret_cast<u64>(&memory) - 1000;
  in.g[kR9.code] = 1000 - 5 + offset;
  return in;
}

template <Op O>
Vec loaded(const u8* at, Vec into, u32 lane) {
  using S = SemOf<O>;
  typename S::Mem value;
  std::memcpy(&value, at, sizeof value);
  if constexpr (OpTag<O>::kInfo.cls == OpClass::VLoad) {
    return S::fromMemory(value);
  } else {
    return S::fromMemory(value, into, lane);
  }
}
template <Op O>
void stored(u8* at, Vec value, u32 lane) {
  using S = SemOf<O>;
  typename S::Mem out;
  if constexpr (OpTag<O>::kInfo.cls == OpClass::VStore) {
    out = S::toMemory(value);
  } else {
    out = S::toMemory(value, lane);
  }
  std::memcpy(at, &out, sizeof out);
}

/// What `emit` returns must be the place of the one instruction that accesses memory, all its
/// bytes.
template <class Emit>
void checkAccess(u32 cpu, Op op, const Emit& emit) {
  u32 site = 0;
  const auto code = checked(cpu, opInfo(op).text, [&](MasmX64& m) {
    m.move(Width::W64, kRax, kRcx);
    site = emit(m);
  });
  u32 accesses = 0;
  for (const auto& instruction : code) {
    const ZydisDecodedOperand* operand = memoryOperand(instruction);
    if (operand == nullptr || isConstantOfPool(*operand)) continue;
    ++accesses;
    EXPECT_EQ(instruction.runtime_address, site) << opInfo(op).text;
    EXPECT_EQ(operand->size, 8u << opInfo(op).aux) << opInfo(op).text << instruction.text;
    EXPECT_EQ(operand->mem.base, ZYDIS_REGISTER_RDX);
    EXPECT_EQ(operand->mem.index, ZYDIS_REGISTER_R9);
    EXPECT_EQ(operand->mem.disp.value, 5);
  }
  EXPECT_EQ(accesses, 1u) << opInfo(op).text;
}

template <Op O>
void checkLoad(VectorValues& values) {
  constexpr bool kLane = OpTag<O>::kInfo.cls == OpClass::VLoadLane;
  for (u32 cpu : vectorCpus()) {
    for (const VPlacement& p : {kVPlacements[0], kVPlacements[1], kVPlacements[2]}) {
      for (u32 lane = 0; lane < lanesOf(O); ++lane) {
        const auto emit = [&](MasmX64& m) {
          const Address at = Address::indexed(kRdx, kR9, 5);
          return kLane ? m.vectorLoadLane(O, p.d, p.a, at, lane) : m.vectorLoad(O, p.d, at);
        };
        checkAccess(cpu, O, emit);
        const VectorCode code(cpu, [&](MasmX64& m) { emit(m); });
        Memory memory;
        for (u8& byte : memory.bytes) byte = static_cast<u8>(values.word());
        for (u32 offset = 0; offset < 20; ++offset) {
          const State in = stateFor(values, memory, offset);
          State want = in;
          want.v[p.d.code] = loaded<O>(memory.bytes + offset, in.v[p.a.code], lane);
          const State got = code(in);
          ASSERT_TRUE(got == want) << opInfo(O).text << " lane " << lane << " gave "
                                   << text(got.v[p.d.code]) << " for " << text(want.v[p.d.code]);
        }
      }
    }
  }
}

template <Op O>
void checkStore(VectorValues& values) {
  constexpr bool kLane = OpTag<O>::kInfo.cls == OpClass::VStoreLane;
  for (u32 cpu : vectorCpus()) {
    for (FReg s : {FReg{0}, FReg{13}}) {
      for (u32 lane = 0; lane < lanesOf(O); ++lane) {
        const auto emit = [&](MasmX64& m) {
          const Address at = Address::indexed(kRdx, kR9, 5);
          return kLane ? m.vectorStoreLane(O, at, s, lane) : m.vectorStore(at, s);
        };
        checkAccess(cpu, O, emit);
        const VectorCode code(cpu, [&](MasmX64& m) { emit(m); });
        for (u32 offset = 0; offset < 20; ++offset) {
          Memory memory;
          for (u8& byte : memory.bytes) byte = static_cast<u8>(values.word());
          Memory want = memory;
          const State in = stateFor(values, memory, offset);
          stored<O>(want.bytes + offset, in.v[s.code], lane);
          ASSERT_TRUE(code(in) == in) << opInfo(O).text;
          ASSERT_EQ(std::memcmp(&memory, &want, sizeof want), 0) << opInfo(O).text << " " << lane;
        }
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

TEST_F(MasmX64VectorMemoryTest, LoadsAndStores) {
#define OP(name, ...) checkMemoryForm<Op::name>(values_);
#include "engine/wasm/opcodes.def"
#undef OP
}

// Constants.

TEST_F(MasmX64VectorMemoryTest, Constants) {
  std::vector<Vec> constants = {Vec{},     ~Vec{},    Vec{0, ~u64{0}}, Vec{1, 0},
                                Vec{1, 2}, Vec{2, 1}, Vec{1, 2},       Vec{~u64{0}, 0}};
  for (u32 i = 0; i < 40; ++i) constants.push_back(Vec{values_.word(), i % 3});
  for (u32 cpu : vectorCpus()) {
    for (size_t first = 0; first + 8 <= constants.size(); ++first) {
      const VectorCode code(cpu, [&](MasmX64& m) {
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
}

TEST_F(MasmX64VectorMemoryTest, ShortConstantsReadNoMemory) {
  for (u32 cpu : vectorCpus()) {
    for (u64 word : {u64{0}, ~u64{0}}) {
      const auto code =
          checked(cpu, "v128.const", [&](MasmX64& m) { m.loadConstantV(FReg{3}, word, word); });
      ASSERT_EQ(code.size(), 1u);
      EXPECT_EQ(memoryOperand(code[0]), nullptr);
    }
  }
}

TEST_F(MasmX64VectorMemoryTest, RewoundConstantsAreForgotten) {
  const VectorCode code(platform::cpuFeatures(), [](MasmX64& m) {
    m.loadConstantV(FReg{1}, 1, 2);
    const u32 start = m.position();
    m.loadConstantV(FReg{2}, 3, 4);
    m.vectorUnary(Op::F32x4Neg, FReg{3}, FReg{3});
    m.rewind(start);
    m.loadConstantV(FReg{4}, 5, 6);
    for (u32 i = 0; i < 8; ++i) m.move(Width::W64, kRax, kRax);
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

/// Patterns with an instruction of their own, near misses of them, and any lanes.
std::vector<ShuffleLanes> shuffles(VectorValues& values) {
  std::vector<ShuffleLanes> out;
  for (u32 run = 0; run < 32; ++run) {
    out.push_back(shuffleOf([&](u32 i) { return run + i; }));
    out.push_back(shuffleOf([&](u32 i) { return ((run + i) & 15) | (run & 16); }));
    out.push_back(shuffleOf([&](u32) { return run; }));
    out.push_back(shuffleOf([&](u32 i) { return 2 * i + run; }));
  }
  for (u32 width : {1u, 2u, 4u, 8u}) {
    for (u32 from : {0u, 8u, 4u}) {
      for (u32 flip : {0u, 16u}) {
        for (u32 second : {0u, 16u}) {
          out.push_back(shuffleOf([&](u32 i) {
            const bool odd = i / width % 2 != 0;
            return ((from + i / (2 * width) * width + i % width) + (odd ? second : 0)) ^ flip;
          }));
        }
      }
    }
  }
  for (u32 width : {1u, 2u, 4u, 8u}) {
    for (u32 n = 0; n < 24; ++n) {
      const u64 any = values.word();
      const auto pick = [&](u32 i) { return static_cast<u32>(any >> (4 * (i / width))); };
      out.push_back(shuffleOf([&](u32 i) { return i + 16 * (pick(i) & 1); }));
      const u64 more = values.word();
      out.push_back(shuffleOf([&](u32 i) {
        const u32 group = static_cast<u32>(more >> (4 * (i / width))) & 15;
        return group * width + i % width + (n % 3 == 0 ? 16 * (i / 8) : 0);
      }));
    }
  }
  for (u32 n = 0; n < 100; ++n) {
    out.push_back(shuffleOf([&](u32) { return static_cast<u32>(values.word()); }));
    const u32 side = n % 2 * 16;
    out.push_back(shuffleOf([&](u32) { return (static_cast<u32>(values.word()) & 15) | side; }));
    ShuffleLanes spoilt = out[n];
    spoilt[n % 16] ^= static_cast<u8>(1 << (n % 5));
    out.push_back(spoilt);
  }
  return out;
}

TEST_F(MasmX64VectorMemoryTest, Shuffles) {
  std::vector<ShuffleLanes> all = shuffles(values_);
  all.resize(all.size() | 1);  // odd, so that each meets another placement with the next features
  constexpr u32 kPlacements[] = {1, 2, 3, 5};
  u32 turn = 0;
  for (u32 cpu : vectorCpus()) {
    for (const ShuffleLanes& lanes : all) {
      Vec select;
      std::memcpy(&select, lanes.data(), sizeof select);
      const VPlacement& p = kVPlacements[kPlacements[turn++ % std::size(kPlacements)]];
      const VectorCode code(cpu, [&](MasmX64& m) { m.vectorShuffle(p.d, p.a, p.b, lanes); });
      for (u32 i = 0; i < 3; ++i) {
        const State in = values_.state();
        State want = in;
        want.v[p.d.code] = sem::I8x16Shuffle::eval(in.v[p.a.code], in.v[p.b.code], select);
        const State got = code(in);
        ASSERT_TRUE(got == want) << text(select) << " gave " << text(got.v[p.d.code]) << " of "
                                 << text(in.v[p.a.code]) << ", " << text(in.v[p.b.code]);
      }
    }
  }
}

TEST_F(MasmX64VectorMemoryTest, CheapShufflesAreOneInstruction) {
  const u32 cpu = platform::cpuFeatures() & cpuBit(Cpu::Avx);
  if (cpu == 0) GTEST_SKIP() << "counts three-operand instructions";
  const auto count = [&](const ShuffleLanes& lanes) {
    const auto code = checked(cpu | cpuBit(Cpu::Sse41), "i8x16.shuffle", [&](MasmX64& m) {
      m.vectorShuffle(FReg{0}, FReg{1}, FReg{2}, lanes);
    });
    EXPECT_TRUE(std::all_of(code.begin(), code.end(),
                            [](const auto& one) { return memoryOperand(one) == nullptr; }));
    return code.size();
  };
  for (u32 run = 0; run < 32; ++run) {
    EXPECT_EQ(count(shuffleOf([&](u32 i) { return run + i; })), 1u);
  }
  for (u32 width : {1u, 2u, 4u, 8u}) {
    EXPECT_EQ(count(shuffleOf(
                  [&](u32 i) { return i / (2 * width) * width + i % width + i / width % 2 * 16; })),
              1u);
  }
  EXPECT_EQ(count(shuffleOf([](u32 i) { return i / 2 % 2 * 16 + i; })), 1u);            // blend
  EXPECT_EQ(count(shuffleOf([](u32 i) { return i / 4 * 8 + i % 4; })), 1u);             // even
  EXPECT_EQ(count(shuffleOf([](u32 i) { return (3 - i / 4) * 4 + i % 4 + 16; })), 1u);  // reverse
}

}  // namespace
}  // namespace bls::codegen
