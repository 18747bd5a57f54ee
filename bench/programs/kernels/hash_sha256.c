// Hashing: SHA-256 with HMAC and an iterated key derivation over short messages.
//
// Size: number of rounds; a round hashes one 4 KiB message, authenticates 16 short ones and derives
// one key by 20 iterations. The published test vector for "abc" is checked first.
#include "bench/programs/kernels/kernel.h"

typedef struct {
  u32 state[8];
  u64 length;
  u8 buffer[64];
} Sha;

static const u32 kRound[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

static u32 rotateRight(u32 v, u32 n) { return v >> n | v << (32 - n); }

static u32 loadBig(const u8* p) {
  return (u32)p[0] << 24 | (u32)p[1] << 16 | (u32)p[2] << 8 | p[3];
}

static void storeBig(u8* p, u32 v) {
  p[0] = (u8)(v >> 24);
  p[1] = (u8)(v >> 16);
  p[2] = (u8)(v >> 8);
  p[3] = (u8)v;
}

static void compress(u32* state, const u8* block) {
  u32 w[64], s[8];
  for (u32 i = 0; i < 16; i++) w[i] = loadBig(block + i * 4);
  for (u32 i = 16; i < 64; i++) {
    u32 a = w[i - 15], b = w[i - 2];
    u32 s0 = rotateRight(a, 7) ^ rotateRight(a, 18) ^ a >> 3;
    u32 s1 = rotateRight(b, 17) ^ rotateRight(b, 19) ^ b >> 10;
    w[i] = w[i - 16] + s0 + w[i - 7] + s1;
  }
  memcpy(s, state, sizeof s);
  for (u32 i = 0; i < 64; i++) {
    u32 e = s[4], a = s[0];
    u32 choose = (e & s[5]) ^ (~e & s[6]);
    u32 majority = (a & s[1]) ^ (a & s[2]) ^ (s[1] & s[2]);
    u32 t1 = s[7] + (rotateRight(e, 6) ^ rotateRight(e, 11) ^ rotateRight(e, 25)) + choose +
             kRound[i] + w[i];
    u32 t2 = (rotateRight(a, 2) ^ rotateRight(a, 13) ^ rotateRight(a, 22)) + majority;
    s[7] = s[6];
    s[6] = s[5];
    s[5] = e;
    s[4] = s[3] + t1;
    s[3] = s[2];
    s[2] = s[1];
    s[1] = a;
    s[0] = t1 + t2;
  }
  for (u32 i = 0; i < 8; i++) state[i] += s[i];
}

static void shaStart(Sha* h) {
  static const u32 kInitial[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                  0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  memcpy(h->state, kInitial, sizeof kInitial);
  h->length = 0;
}

static void shaUpdate(Sha* h, const u8* data, u32 count) {
  u32 filled = (u32)(h->length & 63);
  h->length += count;
  if (filled + count < 64) {
    memcpy(h->buffer + filled, data, count);
    return;
  }
  if (filled) {
    memcpy(h->buffer + filled, data, 64 - filled);
    compress(h->state, h->buffer);
    data += 64 - filled;
    count -= 64 - filled;
  }
  for (; count >= 64; data += 64, count -= 64) compress(h->state, data);
  memcpy(h->buffer, data, count);
}

static void shaFinish(Sha* h, u8* digest) {
  u64 bits = h->length * 8;
  u8 padding[72] = {0x80};
  u32 zeros = (u32)((119 - (h->length & 63)) % 64);
  storeBig(padding + 1 + zeros, (u32)(bits >> 32));
  storeBig(padding + 5 + zeros, (u32)bits);
  shaUpdate(h, padding, zeros + 9);
  for (u32 i = 0; i < 8; i++) storeBig(digest + i * 4, h->state[i]);
}

static void hmac(const u8* key, const u8* message, u32 count, u8* digest) {
  u8 pad[64];
  Sha h;
  for (u32 i = 0; i < 64; i++) pad[i] = (i < 32 ? key[i] : 0) ^ 0x36;
  shaStart(&h);
  shaUpdate(&h, pad, 64);
  shaUpdate(&h, message, count);
  shaFinish(&h, digest);
  for (u32 i = 0; i < 64; i++) pad[i] ^= 0x36 ^ 0x5c;
  shaStart(&h);
  shaUpdate(&h, pad, 64);
  shaUpdate(&h, digest, 32);
  shaFinish(&h, digest);
}

static void deriveKey(const u8* password, u32 salt, u32 iterations, u8* out) {
  u8 block[32];
  storeBig(block, salt);
  hmac(password, block, 4, block);
  memcpy(out, block, 32);
  for (u32 i = 1; i < iterations; i++) {
    hmac(password, block, 32, block);
    for (u32 k = 0; k < 32; k++) out[k] ^= block[k];
  }
}

static u64 run(u32 n) {
  static u8 message[4096];
  u8 digest[32], key[32];
  u64 seed = 149, sum = 0;
  Sha h;
  shaStart(&h);
  shaUpdate(&h, (const u8*)"abc", 3);
  shaFinish(&h, digest);
  if (loadBig(digest) != 0xba7816bf || loadBig(digest + 28) != 0xf20015ad) return 0;
  memcpy(key, digest, 32);
  for (u32 round = 0; round < n; round++) {
    for (u32 i = 0; i < sizeof message; i += 8) {
      u64 r = rngNext(&seed);
      memcpy(message + i, &r, 8);
    }
    shaStart(&h);
    shaUpdate(&h, message, 1000);
    shaUpdate(&h, message + 1000, 3096);
    shaFinish(&h, digest);
    sum = mix(sum, loadBig(digest));
    for (u32 i = 0; i < 16; i++) {
      hmac(key, message + i * 50, 10 + i * 7, digest);
      sum = mix(sum, loadBig(digest + 4));
    }
    deriveKey(digest, round, 20, key);
    sum = mix(sum, loadBig(key));
  }
  return sum;
}

KERNEL_MAIN(run)
