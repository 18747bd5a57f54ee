// SIMD (vector types): single-precision matrix product with packed panels and a 4x8 micro-kernel,
// a bias and a clipped linear activation, chained as the layers of a small network.
//
// Size: number of forward passes of a batch of 32 through four 128x128 layers.
#include "bench/programs/kernels/kernel.h"

typedef f32 F32x4 __attribute__((vector_size(16)));
typedef i32 I32x4 __attribute__((vector_size(16)));

enum { kBatch = 32, kWidth = 128, kLayers = 4, kPanel = 8 };

static f32 weights[kLayers][kWidth * kWidth];  // packed: panels of 8 columns, row by row
static f32 bias[kLayers][kWidth];
static f32 activations[2][kBatch * kWidth];

static F32x4 load(const f32* p) {
  F32x4 v;
  memcpy(&v, p, 16);
  return v;
}

static void store(f32* p, F32x4 v) { memcpy(p, &v, 16); }

static F32x4 splat(f32 v) { return (F32x4){v, v, v, v}; }

static F32x4 clip(F32x4 v) {
  I32x4 positive = v > splat(0);
  v = (F32x4)(positive & (I32x4)v);
  I32x4 small = v < splat(6);
  return (F32x4)((small & (I32x4)v) | (~small & (I32x4)splat(6)));
}

// Four rows of `in` times one panel of eight columns.
static void microKernel(const f32* in, const f32* panel, const f32* add, f32* out) {
  F32x4 sums[4][2];
  for (u32 r = 0; r < 4; r++) {
    sums[r][0] = load(add);
    sums[r][1] = load(add + 4);
  }
  for (u32 k = 0; k < kWidth; k++) {
    F32x4 left = load(panel + k * kPanel), right = load(panel + k * kPanel + 4);
    for (u32 r = 0; r < 4; r++) {
      F32x4 factor = splat(in[r * kWidth + k]);
      sums[r][0] += factor * left;
      sums[r][1] += factor * right;
    }
  }
  for (u32 r = 0; r < 4; r++) {
    store(out + r * kWidth, clip(sums[r][0]));
    store(out + r * kWidth + 4, clip(sums[r][1]));
  }
}

static void layer(u32 index, const f32* in, f32* out) {
  for (u32 column = 0; column < kWidth; column += kPanel) {
    const f32* panel = weights[index] + column * kWidth;
    for (u32 row = 0; row < kBatch; row += 4) {
      microKernel(in + row * kWidth, panel, bias[index] + column, out + row * kWidth + column);
    }
  }
}

// Scales every row to a maximum of one, so that values neither die nor grow.
static void normaliseRows(f32* data) {
  for (u32 row = 0; row < kBatch; row++) {
    f32* p = data + row * kWidth;
    F32x4 top = splat(0.001f);
    for (u32 i = 0; i < kWidth; i += 4) {
      F32x4 v = load(p + i);
      I32x4 greater = v > top;
      top = (F32x4)((greater & (I32x4)v) | (~greater & (I32x4)top));
    }
    f32 a = top[0] > top[1] ? top[0] : top[1], b = top[2] > top[3] ? top[2] : top[3];
    F32x4 scale = splat(1.0f / (a > b ? a : b));
    for (u32 i = 0; i < kWidth; i += 4) store(p + i, load(p + i) * scale);
  }
}

static u64 run(u32 n) {
  u64 seed = 163, sum = 0;
  for (u32 l = 0; l < kLayers; l++) {
    for (u32 i = 0; i < kWidth * kWidth; i++) weights[l][i] = (f32)(rngUnit(&seed) - 0.5);
    for (u32 i = 0; i < kWidth; i++) bias[l][i] = (f32)(rngUnit(&seed) * 0.25);
  }
  for (u32 i = 0; i < kBatch * kWidth; i++) activations[0][i] = (f32)rngUnit(&seed);
  for (u32 pass = 0; pass < n; pass++) {
    for (u32 l = 0; l < kLayers; l++) {
      layer(l, activations[l & 1], activations[~l & 1]);
      normaliseRows(activations[~l & 1]);
    }
    for (u32 row = 0; row < kBatch; row += 5) {
      sum = mixF64(sum, (f64)activations[0][row * kWidth + pass % kWidth]);
    }
    activations[0][pass % (kBatch * kWidth)] += 0.125f;
  }
  return sum;
}

KERNEL_MAIN(run)
