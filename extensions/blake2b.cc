// The compression function works on sixteen words in rounds of eight mixings; see RFC 7693.
#include "extensions/blake2b.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace bls {
namespace {

constexpr size_t kResultBytes = 32;
constexpr int kRounds = 12;

// Fractional parts of the square roots of the first eight primes (section 2.6).
constexpr u64 kInitial[8] = {0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b,
                             0xa54ff53a5f1d36f1, 0x510e527fade682d1, 0x9b05688c2b3e6c1f,
                             0x1f83d9abfb41bd6b, 0x5be0cd19137e2179};

// Which message word goes where, by round; rounds 10 and 11 use the first two rows again.
constexpr u8 kOrder[10][16] = {{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
                               {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
                               {11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4},
                               {7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8},
                               {9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13},
                               {2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9},
                               {12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11},
                               {13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10},
                               {6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5},
                               {10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0}};

u64 wordAt(const u8* bytes) {
  u64 word = 0;
  for (int i = 7; i >= 0; --i) word = word << 8 | bytes[i];
  return word;
}

void mix(u64& a, u64& b, u64& c, u64& d, u64 x, u64 y) {
  a += b + x;
  d = std::rotr(d ^ a, 32);
  c += d;
  b = std::rotr(b ^ c, 24);
  a += b + y;
  d = std::rotr(d ^ a, 16);
  c += d;
  b = std::rotr(b ^ c, 63);
}

}  // namespace

Blake2b256::Blake2b256() {
  std::copy(std::begin(kInitial), std::end(kInitial), state_);
  state_[0] ^= 0x01010000 ^ kResultBytes;  // parameters: fan-out 1, depth 1, no key, result size
}

void Blake2b256::compress(const u8* block, bool last) {
  u64 m[16];
  u64 v[16];
  for (size_t i = 0; i < 16; ++i) m[i] = wordAt(block + 8 * i);
  std::copy(std::begin(state_), std::end(state_), v);
  std::copy(std::begin(kInitial), std::end(kInitial), v + 8);
  v[12] ^= countLow_;
  v[13] ^= countHigh_;
  if (last) v[14] = ~v[14];
  for (int round = 0; round < kRounds; ++round) {
    const u8* s = kOrder[round % 10];
    for (size_t i = 0; i < 4; ++i)  // columns
      mix(v[i], v[4 + i], v[8 + i], v[12 + i], m[s[2 * i]], m[s[2 * i + 1]]);
    for (size_t i = 0; i < 4; ++i) {  // diagonals
      mix(v[i], v[4 + (i + 1) % 4], v[8 + (i + 2) % 4], v[12 + (i + 3) % 4], m[s[8 + 2 * i]],
          m[s[9 + 2 * i]]);
    }
  }
  for (size_t i = 0; i < 8; ++i) state_[i] ^= v[i] ^ v[8 + i];
}

void Blake2b256::add(std::span<const u8> bytes) {
  while (!bytes.empty()) {
    if (held_ == kBlockBytes) {
      countLow_ += kBlockBytes;
      if (countLow_ < kBlockBytes) ++countHigh_;
      compress(pending_, false);
      held_ = 0;
    }
    const size_t part = std::min(bytes.size(), kBlockBytes - held_);
    std::memcpy(pending_ + held_, bytes.data(), part);
    held_ += part;
    bytes = bytes.subspan(part);
  }
}

void Blake2b256::finish(u8 out[32]) {
  countLow_ += held_;
  if (countLow_ < held_) ++countHigh_;
  std::memset(pending_ + held_, 0, kBlockBytes - held_);
  compress(pending_, true);
  for (size_t i = 0; i < kResultBytes; ++i) out[i] = static_cast<u8>(state_[i / 8] >> 8 * (i % 8));
}

}  // namespace bls
