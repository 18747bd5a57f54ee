// Vector operations of the macro assembler, run on a whole register file: VectorCode emits one
// operation between code that loads all registers from a State and stores them to another, so that
// a test sees the result and whatever else was changed. Beside it, what the tests share: feature
// sets, placements, operand values, and the functors of opcodes.def as functions. State, VectorCode
// and the feature sets are the CPU's: vector_code_x64.h, vector_code_a64.h.
#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <vector>

#include "codegen/op_semantics.h"
#if defined(__x86_64__)
#include "tests/codegen/vector_code_x64.h"
#else
#include "tests/codegen/vector_code_a64.h"
#endif

namespace bls::codegen {

/// Result and operands: apart, low and high, and the result in the place of each operand.
struct VPlacement {
  FReg d, a, b, c;
};
inline constexpr u8 kLastV = State::kVectors - 1;
inline constexpr VPlacement kVPlacements[] = {
    {{0}, {1}, {2}, {3}}, {{kLastV}, {12}, {11}, {10}}, {{4}, {4}, {9}, {2}},
    {{8}, {3}, {8}, {5}}, {{6}, {12}, {7}, {6}},        {{1}, {5}, {5}, {kLastV}},
    {{9}, {9}, {9}, {9}}, {{2}, {2}, {10}, {2}},        {{3}, {0}, {3}, {3}},
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

}  // namespace bls::codegen
