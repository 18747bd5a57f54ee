// Random valid modules, steered by a stream of bytes: the same bytes give the same module.
//
// Entry point: randomModule(entropy). The module exports "run" () -> (), its memory and its
// globals; it uses every executable instruction of opcodes.def whose typing follows its signature,
// and control, calls, tables and bulk operations on top. Loops end by fuel only. What it does not
// do: features the interpreter refuses, imports, several memories.
#pragma once

#include <span>

#include "tests/support/seed_modules.h"

namespace bls::test {

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

Bytes randomModule(Entropy& entropy);

}  // namespace bls::test
