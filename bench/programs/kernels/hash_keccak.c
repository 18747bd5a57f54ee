// Hashing: SHA3-256 and SHAKE128 over the Keccak permutation, used for a Merkle tree.
//
// Size: number of trees of 64 leaves of 200 bytes. The published digest of the empty message is
// checked first.
#include "bench/programs/kernels/kernel.h"

enum { kRounds = 24, kLeaves = 64, kLeafBytes = 200 };

static u64 roundConstants[kRounds];

// Round constants from the degree-8 linear feedback shift register of FIPS 202.
static void buildConstants(void) {
  u8 lfsr = 1;
  for (u32 r = 0; r < kRounds; r++) {
    for (u32 j = 0; j < 7; j++) {
      if (lfsr & 1) roundConstants[r] ^= 1ull << ((1u << j) - 1);
      lfsr = (u8)(lfsr & 0x80 ? lfsr << 1 ^ 0x71 : lfsr << 1);
    }
  }
}

static u64 rotate(u64 v, u32 n) { return n ? v << n | v >> (64 - n) : v; }

static void permute(u64* s) {
  static const u8 kRotation[24] = {1,  3,  6,  10, 15, 21, 28, 36, 45, 55, 2,  14,
                                   27, 41, 56, 8,  25, 43, 62, 18, 39, 61, 20, 44};
  static const u8 kLane[24] = {10, 7,  11, 17, 18, 3, 5,  16, 8,  21, 24, 4,
                               15, 23, 19, 13, 12, 2, 20, 14, 22, 9,  6,  1};
  u64 c[5];
  for (u32 r = 0; r < kRounds; r++) {
    for (u32 x = 0; x < 5; x++) c[x] = s[x] ^ s[x + 5] ^ s[x + 10] ^ s[x + 15] ^ s[x + 20];
    for (u32 x = 0; x < 5; x++) {
      u64 d = c[(x + 4) % 5] ^ rotate(c[(x + 1) % 5], 1);
      for (u32 y = 0; y < 25; y += 5) s[x + y] ^= d;
    }
    u64 moving = s[1];
    for (u32 i = 0; i < 24; i++) {
      u64 t = s[kLane[i]];
      s[kLane[i]] = rotate(moving, kRotation[i]);
      moving = t;
    }
    for (u32 y = 0; y < 25; y += 5) {
      for (u32 x = 0; x < 5; x++) c[x] = s[y + x];
      for (u32 x = 0; x < 5; x++) s[y + x] = c[x] ^ (~c[(x + 1) % 5] & c[(x + 2) % 5]);
    }
    s[0] ^= roundConstants[r];
  }
}

static void absorbBlock(u64* s, const u8* p, u32 rate) {
  for (u32 i = 0; i < rate / 8; i++) {
    u64 v;
    memcpy(&v, p + 8 * i, 8);
    s[i] ^= v;
  }
  permute(s);
}

// One-shot sponge; the first `outCount` bytes (at most one block) of the output.
static void sponge(u32 rate, u8 suffix, const u8* in, u32 count, u8* out, u32 outCount) {
  u64 s[25] = {0};
  u8 last[168] = {0};
  for (; count >= rate; in += rate, count -= rate) absorbBlock(s, in, rate);
  memcpy(last, in, count);
  last[count] = suffix;
  last[rate - 1] |= 0x80;
  absorbBlock(s, last, rate);
  memcpy(out, s, outCount);
}

static void sha3(const u8* in, u32 count, u8* out) { sponge(136, 0x06, in, count, out, 32); }

static u64 buildTree(const u8* leaves, u8 (*nodes)[32]) {
  for (u32 i = 0; i < kLeaves; i++) sha3(leaves + i * kLeafBytes, kLeafBytes - i % 3, nodes[i]);
  for (u32 width = kLeaves; width > 1; width /= 2) {
    for (u32 i = 0; i < width / 2; i++) {
      u8 pair[65];
      pair[0] = (u8)width;
      memcpy(pair + 1, nodes[2 * i], 64);
      sha3(pair, sizeof pair, nodes[i]);
    }
  }
  u64 top;
  memcpy(&top, nodes[0], 8);
  return top;
}

static u64 run(u32 n) {
  static u8 leaves[kLeaves * kLeafBytes], nodes[kLeaves][32];
  u8 digest[168];
  u64 sum = 0;
  buildConstants();
  sha3(leaves, 0, digest);
  if (digest[0] != 0xa7 || digest[1] != 0xff || digest[31] != 0x4a) return 0;
  for (u32 tree = 0; tree < n; tree++) {
    u8 name[8] = {0};
    memcpy(name, &tree, 4);
    for (u32 at = 0; at < sizeof leaves; at += 160) {
      name[4] = (u8)(at / 160);
      sponge(168, 0x1f, name, sizeof name, leaves + at, 160);
    }
    sum = mix(sum, buildTree(leaves, nodes));
  }
  return sum;
}

KERNEL_MAIN(run)
