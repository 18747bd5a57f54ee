// Seeded mutation of modules: byte-level damage and structure-aware edits that often keep a module
// valid.
//
// Entry point: Mutator(seed).next(). The same seed gives the same sequence on every machine.
// Structure-aware edits work on a list of sections parsed here with a reader of its own, so that a
// decoder bug cannot hide itself.
#pragma once

#include "tests/support/random_module.h"

namespace bls::test {

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
