// wordHash: the hash of a word of text for the tables of names and instructions.
//
// Reads eight characters at a time and gives the same at compile time. Without a seed: the tables
// are bounded by the size of the text, and a long chain costs time in proportion to it.
#pragma once

#include <cstring>
#include <string_view>
#include <type_traits>

#include "engine/base/ints.h"

namespace bls::text {

namespace detail {
constexpr u64 wordPart(const char* p, size_t size) {
  u64 out = 0;
  if (std::is_constant_evaluated()) {
    for (size_t i = 0; i < size; ++i) out |= static_cast<u64>(static_cast<u8>(p[i])) << (8 * i);
  } else if (size == 8) {
    std::memcpy(&out, p, 8);
  } else {
    u32 half = 0;
    std::memcpy(&half, p, 4);
    out = half;
  }
  return out;
}
constexpr u64 wordMix(u64 h, u64 part) {
  h = (h ^ part) * 0x9fb21c651e98df25u;
  return h ^ h >> 32;
}
}  // namespace detail

constexpr u32 wordHash(std::string_view word) {
  const char* p = word.data();
  size_t size = word.size();
  u64 h = 0x9e3779b97f4a7c15u ^ size;
  if (size >= 8) {
    for (size_t at = 0; at + 8 < size; at += 8) h = detail::wordMix(h, detail::wordPart(p + at, 8));
    h = detail::wordMix(h, detail::wordPart(p + size - 8, 8));  // overlaps the one before
  } else if (size >= 4) {
    u64 both = detail::wordPart(p, 4) | detail::wordPart(p + size - 4, 4) << 32;
    h = detail::wordMix(h, both);
  } else {
    u64 few = 0;
    for (size_t i = 0; i < size; ++i) few = few << 8 | static_cast<u8>(p[i]);
    h = detail::wordMix(h, few);
  }
  return static_cast<u32>((h * 0xff51afd7ed558ccdu) >> 32);
}

}  // namespace bls::text
