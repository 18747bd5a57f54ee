// Random valid programs, steered by a stream of bytes: the same bytes give the same program.
//
// Entry point: randomProgram(entropy, weights). A program is two modules: a library and a main
// module that imports from it (functions, memory, table, global, tag) and from the host. Both
// export "run" () -> (), "compute" (numbers -> numbers), every memory and the numeric globals. They
// use every instruction of opcodes.def that this build executes: plain rows by their signature, the
// others by recipes. Loops count down, and a global that each function decrements bounds the calls,
// so every program ends. Most programs are made not to trap; the others take risks now and then.
#pragma once

#include <array>
#include <span>

#include "engine/wasm/opcodes.h"
#include "tests/support/seed_modules.h"

namespace bls::test {

/// splitmix64: small, well mixed, the same everywhere.
class Random {
 public:
  explicit Random(u64 seed) : state_(seed) {}
  u64 next() {
    u64 z = (state_ += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }
  /// Uniform in [0, n); 0 when n is 0.
  u64 below(u64 n) { return n == 0 ? 0 : next() % n; }
  bool oneIn(u64 n) { return below(n) == 0; }

 private:
  u64 state_;
};

/// Bytes first, then zeros: a short input gives a small module.
class Entropy {
 public:
  explicit Entropy(std::span<const u8> bytes) : bytes_(bytes) {}
  u32 below(u32 n);
  u64 bits64();
  bool spent() const { return at_ >= bytes_.size(); }

 private:
  u8 byte() { return at_ < bytes_.size() ? bytes_[at_++] : 0; }
  std::span<const u8> bytes_;
  size_t at_ = 0;
};

/// What the generator weighs. Risk is in 16ths: the share of programs that may trap on purpose.
enum class Group : u8 {
  Numeric,
  Vector,
  Relaxed,
  Wide,
  Memory,
  Atomic,
  Table,
  Control,
  Call,
  Reference,
  Gc,
  Exception,
  Risk,
};
constexpr u32 kGroupCount = 13;
constexpr const char* kGroupNames[kGroupCount] = {
    "numeric", "vector", "relaxed",   "wide", "memory",    "atomic", "table",
    "control", "call",   "reference", "gc",   "exception", "risk"};

struct Weights {
  std::array<u8, kGroupCount> of = {8, 6, 2, 2, 4, 4, 2, 4, 4, 2, 4, 3, 6};
  /// For comparison with another engine: no NaN bits that the specification leaves open, and pages
  /// of the usual size. Groups that the other engine lacks are to be weighed 0.
  bool portable = false;
  u8 operator[](Group g) const { return of[static_cast<u8>(g)]; }
};

/// True for instructions that a tier of this build runs: what the generator may use.
bool isGenerated(Op op);

struct RandomProgram {
  Bytes library;
  Bytes main;
};

/// Entropy of which the length, too, follows from the seed: what a numbered program is made of.
Bytes entropyOf(u64 seed);

/// A program. Function 0 of both modules is the import "env" "mark" (i32) -> (), which the
/// generated code never calls: it is for instrumentation. "env" "mix" is (i64, f64) -> (i64).
RandomProgram randomProgram(Entropy& entropy, const Weights& weights = {});

}  // namespace bls::test
