// SIMD (vector types): ChaCha20 with row vectors and lane rotation, checked with the published
// block, used to encrypt and to decrypt a buffer in place.
//
// Size: number of 16 KiB buffers.
#include "bench/programs/kernels/kernel.h"

typedef u32 U32x4 __attribute__((vector_size(16)));
typedef u8 U8x16 __attribute__((vector_size(16)));

enum { kBuffer = 16384 };

typedef struct {
  U32x4 rows[4];
} State;

static U32x4 rotateLeft(U32x4 v, u32 n) { return v << n | v >> (32 - n); }

// A rotation by 16 bits moves bytes only.
static U32x4 rotate16(U32x4 v) {
  return (U32x4)__builtin_shufflevector((U8x16)v, (U8x16)v, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9,
                                        14, 15, 12, 13);
}

static U32x4 rotate8(U32x4 v) {
  return (U32x4)__builtin_shufflevector((U8x16)v, (U8x16)v, 3, 0, 1, 2, 7, 4, 5, 6, 11, 8, 9, 10,
                                        15, 12, 13, 14);
}

static void quarterRounds(State* s) {
  U32x4 a = s->rows[0], b = s->rows[1], c = s->rows[2], d = s->rows[3];
  a += b;
  d = rotate16(d ^ a);
  c += d;
  b = rotateLeft(b ^ c, 12);
  a += b;
  d = rotate8(d ^ a);
  c += d;
  b = rotateLeft(b ^ c, 7);
  s->rows[0] = a;
  s->rows[1] = b;
  s->rows[2] = c;
  s->rows[3] = d;
}

static void diagonalise(State* s) {
  s->rows[1] = __builtin_shufflevector(s->rows[1], s->rows[1], 1, 2, 3, 0);
  s->rows[2] = __builtin_shufflevector(s->rows[2], s->rows[2], 2, 3, 0, 1);
  s->rows[3] = __builtin_shufflevector(s->rows[3], s->rows[3], 3, 0, 1, 2);
}

static void straighten(State* s) {
  s->rows[1] = __builtin_shufflevector(s->rows[1], s->rows[1], 3, 0, 1, 2);
  s->rows[2] = __builtin_shufflevector(s->rows[2], s->rows[2], 2, 3, 0, 1);
  s->rows[3] = __builtin_shufflevector(s->rows[3], s->rows[3], 1, 2, 3, 0);
}

static State block(const State* start) {
  State s = *start;
  for (u32 i = 0; i < 10; i++) {
    quarterRounds(&s);
    diagonalise(&s);
    quarterRounds(&s);
    straighten(&s);
  }
  for (u32 i = 0; i < 4; i++) s.rows[i] += start->rows[i];
  return s;
}

static State makeState(const u32* key, u32 counter, const u32* nonce) {
  return (State){{{0x61707865, 0x3320646e, 0x79622d32, 0x6b206574},
                  {key[0], key[1], key[2], key[3]},
                  {key[4], key[5], key[6], key[7]},
                  {counter, nonce[0], nonce[1], nonce[2]}}};
}

// Exclusive-or with the key stream; `count` is a multiple of 64.
static void crypt(u8* data, u32 count, State s) {
  for (u32 at = 0; at < count; at += 64) {
    State stream = block(&s);
    for (u32 i = 0; i < 4; i++) {
      U32x4 v;
      memcpy(&v, data + at + 16 * i, 16);
      v ^= stream.rows[i];
      memcpy(data + at + 16 * i, &v, 16);
    }
    s.rows[3] += (U32x4){1, 0, 0, 0};
  }
}

static U32x4 foldBuffer(const u8* data) {
  U32x4 a = {1, 2, 3, 4}, v;
  for (u32 at = 0; at < kBuffer; at += 16) {
    memcpy(&v, data + at, 16);
    a = rotateLeft(a, 5) + (v ^ a);
  }
  return a;
}

static u64 run(u32 n) {
  static u8 buffer[kBuffer];
  u32 key[8], nonce[3] = {0x09000000, 0x4a000000, 0};
  u64 sum = 0;
  for (u32 i = 0; i < 8; i++) key[i] = 0x03020100u + i * 0x04040404u;
  State s = makeState(key, 1, nonce);
  State check = block(&s);
  if (check.rows[0][0] != 0xe4e7f110u || check.rows[3][3] != 0x4e3c50a2u) return 0;
  for (u32 i = 0; i < kBuffer; i++) buffer[i] = (u8)(i * 7);
  for (u32 round = 0; round < n; round++) {
    nonce[2] = round;
    s = makeState(key, round, nonce);
    crypt(buffer, kBuffer, s);
    U32x4 a = foldBuffer(buffer);
    sum = mix(mix(sum, a[0] | (u64)a[1] << 32), a[2] | (u64)a[3] << 32);
    if (round % 3 == 2) {
      crypt(buffer, kBuffer, s);
      sum = mix(sum, buffer[round % kBuffer]);
    }
    key[round & 7] ^= a[3];
  }
  return sum;
}

KERNEL_MAIN(run)
