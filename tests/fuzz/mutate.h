// Seeded mutation of modules: byte-level damage and structure-aware edits that often keep a module
// valid.
//
// Entry point: Mutator(seed).next(). The same seed gives the same sequence on every machine.
// Structure-aware edits work on a list of sections parsed here with a reader of its own, so that a
// decoder bug cannot hide itself.
#pragma once

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

class Mutator {
 public:
  explicit Mutator(u64 seed) : random_(seed) {}
  /// A new input: a seed module with one to four edits. `*seedName` names the seed.
  Bytes next(const char** seedName);

 private:
  void damageBytes(Bytes& module);
  void editStructure(Bytes& module);
  Random random_;
};

}  // namespace bls::test
