// SIMD (auto-vectorised): video motion search: sums of absolute differences of 16x16 blocks over a
// search window, half-pixel refinement by averaging, and a 16-bit integer filter on the residual.
//
// Size: number of 192x128 frames.
#include "bench/programs/kernels/kernel.h"

enum { kWidth = 192, kHeight = 128, kBlock = 16, kRange = 4, kTaps = 8 };

static u8 frames[2][kWidth * kHeight];
static i16 residual[kWidth * kHeight + kTaps], filtered[kWidth * kHeight];

static void paint(u8* frame, u32 t, u64* seed) {
  for (u32 y = 0; y < kHeight; y++) {
    for (u32 x = 0; x < kWidth; x++) {
      u32 sx = x + t * 2, sy = y + t;
      frame[y * kWidth + x] = (u8)(((sx * sx) >> 5) + ((sx * sy) >> 6) + (sy & 15) * 5);
    }
  }
  for (u32 i = 0; i < 600; i++) frame[rngBelow(seed, kWidth * kHeight)] ^= 0x1f;
}

static u32 difference(const u8* a, const u8* b) {
  u32 total = 0;
  for (u32 y = 0; y < kBlock; y++) {
    for (u32 x = 0; x < kBlock; x++) {
      i32 d = a[y * kWidth + x] - b[y * kWidth + x];
      total += (u32)(d < 0 ? -d : d);
    }
  }
  return total;
}

// Against the average of the block at b and the one at b + step.
static u32 differenceHalf(const u8* a, const u8* b, u32 step) {
  u32 total = 0;
  for (u32 y = 0; y < kBlock; y++) {
    for (u32 x = 0; x < kBlock; x++) {
      const u8* p = b + y * kWidth + x;
      i32 d = a[y * kWidth + x] - ((p[0] + p[step] + 1) >> 1);
      total += (u32)(d < 0 ? -d : d);
    }
  }
  return total;
}

static const u8* searchBlock(const u8* current, const u8* previous, u32 bx, u32 by, u64* sum) {
  const u8* block = current + by * kWidth + bx;
  const u8* best = previous + by * kWidth + bx;
  u32 bestCost = difference(block, best);
  u32 fromX = bx < kRange ? 0 : bx - kRange, fromY = by < kRange ? 0 : by - kRange;
  for (u32 y = fromY; y <= by + kRange && y + kBlock < kHeight; y++) {
    for (u32 x = fromX; x <= bx + kRange && x + kBlock < kWidth; x++) {
      const u8* candidate = previous + y * kWidth + x;
      u32 cost = difference(block, candidate);
      if (cost < bestCost) {
        bestCost = cost;
        best = candidate;
      }
    }
  }
  u32 right = differenceHalf(block, best, 1), below = differenceHalf(block, best, kWidth);
  *sum = mix(*sum, ((u64)bestCost << 32) | (right < below ? right : below));
  return best;
}

static void subtractBlock(const u8* current, const u8* match, u32 bx, u32 by) {
  for (u32 y = 0; y < kBlock; y++) {
    const u8* a = current + (by + y) * kWidth + bx;
    const u8* b = match + y * kWidth;
    i16* out = residual + (by + y) * kWidth + bx;
    for (u32 x = 0; x < kBlock; x++) out[x] = (i16)(a[x] - b[x]);
  }
}

static i64 filterResidual(void) {
  static const i16 kCoefficients[kTaps] = {-1, 3, -9, 40, 40, -9, 3, -1};
  i64 energy = 0;
  for (u32 i = 0; i < kWidth * kHeight; i++) {
    i32 acc = 32;
    for (u32 k = 0; k < kTaps; k++) acc += residual[i + k] * kCoefficients[k];
    filtered[i] = (i16)(acc >> 6);
  }
  for (u32 y = 0; y < kHeight; y++) {
    i32 row = 0;
    for (u32 x = 0; x < kWidth; x++) row += filtered[y * kWidth + x] * filtered[y * kWidth + x];
    energy += row;
  }
  return energy;
}

static u64 run(u32 n) {
  u64 seed = 167, sum = 0;
  paint(frames[0], 0, &seed);
  for (u32 t = 1; t <= n; t++) {
    u8* current = frames[t & 1];
    const u8* previous = frames[~t & 1];
    paint(current, t, &seed);
    for (u32 by = 0; by < kHeight; by += kBlock) {
      for (u32 bx = 0; bx < kWidth; bx += kBlock) {
        subtractBlock(current, searchBlock(current, previous, bx, by, &sum), bx, by);
      }
    }
    sum = mix(sum, (u64)filterResidual());
  }
  return sum;
}

KERNEL_MAIN(run)
