// BLAKE2b with a 32-byte result and no key. Entry point: Blake2b256.
// Source: RFC 7693, sections 2.7 (constants), 3.1 (mixing), 3.2 (compression), 3.3 (padding).
#pragma once

#include <span>

#include "engine/base/ints.h"

namespace bls {

/// add() any number of times, then finish() once. Not thread safe.
class Blake2b256 {
 public:
  Blake2b256();
  void add(std::span<const u8> bytes);
  void finish(u8 out[32]);

 private:
  static constexpr size_t kBlockBytes = 128;

  void compress(const u8* block, bool last);

  u64 state_[8];
  u64 countLow_ = 0;  // bytes compressed, 128 bits
  u64 countHigh_ = 0;
  u8 pending_[kBlockBytes] = {};  // the last block is kept back: it is compressed as the last
  size_t held_ = 0;
};

}  // namespace bls
