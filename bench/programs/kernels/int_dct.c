// Integer: a still-image coder's inner loops: 8x8 forward transform in fixed point, quantisation,
// zigzag run-length statistics, reconstruction by the inverse transform.
//
// Size: number of 64x64 tiles. Tile pixels come from a synthetic gradient with texture and noise.
#include "bench/programs/kernels/kernel.h"

enum { kTile = 64, kBits = 12 };

// round(cos(k * pi / 16) * 4096) for k = 0 .. 8
static const i32 kCos[9] = {4096, 4017, 3784, 3406, 2896, 2276, 1567, 799, 0};

static i32 basis[8][8];
static i32 quant[64];
static u8 zigzag[64];

// cos(k * pi / 16) in fixed point for any k >= 0, by symmetry.
static i32 cosine(u32 k) {
  k %= 32;
  if (k > 16) k = 32 - k;
  return k <= 8 ? kCos[k] : -kCos[16 - k];
}

static void buildTables(void) {
  for (u32 u = 0; u < 8; u++) {
    for (u32 x = 0; x < 8; x++) {
      basis[u][x] = u == 0 ? 1448 : cosine((2 * x + 1) * u) / 2;
    }
  }
  u32 at = 0;
  for (u32 d = 0; d < 15; d++) {
    for (u32 i = 0; i <= d; i++) {
      u32 row = d % 2 ? i : d - i, column = d - row;
      if (row < 8 && column < 8) zigzag[at++] = (u8)(row * 8 + column);
    }
  }
  for (u32 i = 0; i < 64; i++) quant[i] = (i32)(6 + 3 * (i / 8 + i % 8));
}

static i32 roundShift(i32 v) { return (v + (1 << (kBits - 1))) >> kBits; }

static void forward(const i16* in, i32* out) {
  i32 half[64];
  for (u32 y = 0; y < 8; y++) {
    for (u32 u = 0; u < 8; u++) {
      i32 acc = 0;
      for (u32 x = 0; x < 8; x++) acc += in[y * 8 + x] * basis[u][x];
      half[y * 8 + u] = roundShift(acc);
    }
  }
  for (u32 u = 0; u < 8; u++) {
    for (u32 v = 0; v < 8; v++) {
      i32 acc = 0;
      for (u32 y = 0; y < 8; y++) acc += half[y * 8 + u] * basis[v][y];
      out[v * 8 + u] = roundShift(acc);
    }
  }
}

static void inverse(const i32* in, i16* out) {
  i32 half[64];
  for (u32 u = 0; u < 8; u++) {
    for (u32 y = 0; y < 8; y++) {
      i32 acc = 0;
      for (u32 v = 0; v < 8; v++) acc += in[v * 8 + u] * basis[v][y];
      half[y * 8 + u] = roundShift(acc);
    }
  }
  for (u32 y = 0; y < 8; y++) {
    for (u32 x = 0; x < 8; x++) {
      i32 acc = 0;
      for (u32 u = 0; u < 8; u++) acc += half[y * 8 + u] * basis[u][x];
      i32 v = roundShift(acc);
      out[y * 8 + x] = (i16)(v < -128 ? -128 : v > 127 ? 127 : v);
    }
  }
}

// Bits an entropy coder with exponential-Golomb codes would need; the quantised block is kept.
static u32 quantise(i32* block) {
  u32 bits = 0, zeros = 0;
  for (u32 k = 0; k < 64; k++) {
    u32 i = zigzag[k];
    i32 v = block[i], q = quant[i];
    i32 level = v >= 0 ? (v + q / 2) / q : -((q / 2 - v) / q);
    block[i] = level * q;
    if (level == 0) {
      zeros++;
      continue;
    }
    u32 magnitude = (u32)(level < 0 ? -level : level);
    bits += 2 * (32 - (u32)__builtin_clz(magnitude)) + 2 * (32 - (u32)__builtin_clz(zeros + 1));
    zeros = 0;
  }
  return bits + 4;
}

static u64 codeTile(const i16* tile, u64 sum) {
  i16 pixels[64], rebuilt[64];
  i32 block[64];
  for (u32 by = 0; by < kTile; by += 8) {
    for (u32 bx = 0; bx < kTile; bx += 8) {
      for (u32 y = 0; y < 8; y++) memcpy(pixels + y * 8, tile + (by + y) * kTile + bx, 16);
      forward(pixels, block);
      u32 bits = quantise(block);
      inverse(block, rebuilt);
      u32 error = 0;
      for (u32 i = 0; i < 64; i++) {
        i32 d = pixels[i] - rebuilt[i];
        error += (u32)(d * d);
      }
      sum = mix(sum, ((u64)error << 32) | bits);
    }
  }
  return sum;
}

static u64 run(u32 n) {
  static i16 tile[kTile * kTile];
  u64 seed = 31, sum = 0;
  buildTables();
  for (u32 t = 0; t < n; t++) {
    u32 slopeX = rngBelow(&seed, 4), slopeY = rngBelow(&seed, 4), period = 3 + rngBelow(&seed, 20);
    for (u32 y = 0; y < kTile; y++) {
      for (u32 x = 0; x < kTile; x++) {
        u32 v = x * slopeX + y * slopeY + ((x + y) % period) * 3 + ((x * y + t) & 7);
        tile[y * kTile + x] = (i16)((i32)(v & 255) - 128);
      }
    }
    sum = codeTile(tile, sum);
  }
  return sum;
}

KERNEL_MAIN(run)
