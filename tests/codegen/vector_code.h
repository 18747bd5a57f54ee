// Vector operations of the macro assembler, run on a whole register file: VectorCode emits one
// operation between code that loads all registers from a State and stores them to another, so that
// a test sees the result and whatever else was changed. Beside it, what the tests share: feature
// sets, placements, operand values, and the functors of opcodes.def as functions.
#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <vector>

#include "codegen/op_semantics.h"
#include "tests/codegen/assembled.h"

namespace bls::codegen::x64 {

using sem::Vec;

/// All registers an operation may be given. xmm14, xmm15, r11 are scratch, rdi points here.
struct State {
  static constexpr u32 kVectors = 14;
  Vec v[kVectors];
  u64 g[16];
};

inline constexpr u32 kUsableG = 0xffff & ~(1u << kRdi.code | 1u << kRsp.code | 1u << kScratch.code);

class VectorCode {
 public:
  VectorCode(u32 cpu, const std::function<void(MasmX64&)>& operation)
      : code_([&](MasmX64& m) { emit(m, operation); }, cpu) {}

  State operator()(const State& in) const {
    Frame frame{in, in};
    code_(reinterpret_cast<u64>(&frame));
    return frame.out;
  }

 private:
  struct Frame {
    State in, out;
  };
  static Address at(size_t offset) { return Address::at(kRdi, static_cast<i32>(offset)); }
  static void emit(MasmX64& m, const std::function<void(MasmX64&)>& operation) {
    constexpr size_t kOut = offsetof(Frame, out);
    for (u8 i = 0; i < State::kVectors; ++i) {
      m.vectorLoad(Op::V128Load, FReg{i}, at(offsetof(State, v) + i * sizeof(Vec)));
    }
    for (u8 i = 0; i < 16; ++i) {
      if ((kUsableG >> i & 1) != 0) m.load(Access::U64, Reg{i}, at(offsetof(State, g) + i * 8u));
    }
    m.push(kRdi);
    operation(m);
    m.pop(kRdi);
    for (u8 i = 0; i < 16; ++i) {
      if ((kUsableG >> i & 1) != 0) m.store(8, at(kOut + offsetof(State, g) + i * 8u), Reg{i});
    }
    for (u8 i = 0; i < State::kVectors; ++i) {
      m.vectorStore(at(kOut + offsetof(State, v) + i * sizeof(Vec)), FReg{i});
    }
  }

  Assembled code_;
};

/// All the CPU has, the base alone, and what lies between.
inline std::vector<u32> vectorCpus() {
  using platform::Cpu;
  using platform::cpuBit;
  const u32 all = platform::cpuFeatures();
  return {all, cpuBit(Cpu::Sse41), all & ~cpuBit(Cpu::Avx2),
          all & (cpuBit(Cpu::Sse41) | cpuBit(Cpu::Sse42))};
}
inline bool canRunVectors() { return platform::cpuHas(platform::cpuBit(platform::Cpu::Sse41)); }

/// Result and operands: apart, low and high, and the result in the place of each operand.
struct VPlacement {
  FReg d, a, b, c;
};
inline constexpr VPlacement kVPlacements[] = {
    {{0}, {1}, {2}, {3}}, {{13}, {12}, {11}, {10}}, {{4}, {4}, {9}, {2}},
    {{8}, {3}, {8}, {5}}, {{6}, {12}, {7}, {6}},    {{1}, {5}, {5}, {13}},
    {{9}, {9}, {9}, {9}}, {{2}, {2}, {10}, {2}},    {{3}, {0}, {3}, {3}},
};

/// Operand values, in kinds: lanes of edge values of one lane type, or any bits. Seeded: runs
/// repeat.
class VectorValues {
 public:
  static constexpr u32 kKinds = 7;

  explicit VectorValues(u64 seed);
  u64 word() { return random_(); }
  /// A kind to choose the operands of one call from, and such an operand.
  u32 kind() { return static_cast<u32>(random_() % kKinds); }
  Vec vector(u32 kind) { return made_[kind][random_() % kEach]; }
  State state();

 private:
  static constexpr u32 kEach = 1024;
  Vec make(u32 kind);
  std::mt19937_64 random_;
  std::vector<Vec> made_[kKinds];
};

/// One instruction and what its functor says. Which members of Operands count depends on the class.
struct Operands {
  Vec v[3];
  u64 scalar;
  u32 lane;
};
struct Outcome {
  Vec v;
  u64 scalar;
};
struct VectorCase {
  Op op;
  Outcome (*functor)(const Operands&);
};

/// The rows of a class that compute from registers alone.
const std::vector<VectorCase>& vectorCases(OpClass cls);

inline bool operator==(const State& x, const State& y) {
  return std::memcmp(&x, &y, sizeof(State)) == 0;
}

/// As hexadecimal words, lowest first.
std::string text(Vec value);

}  // namespace bls::codegen::x64
