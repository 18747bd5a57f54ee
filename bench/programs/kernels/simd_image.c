// SIMD (auto-vectorised): 8-bit image filters written as plain loops: box blur, alpha blend,
// edge magnitude, threshold with saturation, per-channel statistics.
//
// Size: number of 320x240 frames.
#include "bench/programs/kernels/kernel.h"

enum { kWidth = 320, kHeight = 240, kPixels = kWidth * kHeight };

static u8 frame[kPixels], blurred[kPixels], overlay[kPixels], blended[kPixels], edges[kPixels];
static u16 rowSums[kPixels];

static void paint(u32 t) {
  for (u32 y = 0; y < kHeight; y++) {
    for (u32 x = 0; x < kWidth; x++) {
      frame[y * kWidth + x] = (u8)((x * 3 + t * 5) ^ (y * 2 + t));
      overlay[y * kWidth + x] = (u8)((x + y) / 2 + t);
    }
  }
}

static void boxBlur(const u8* restrict in, u8* restrict out) {
  for (u32 y = 0; y < kHeight; y++) {
    const u8* row = in + y * kWidth;
    u16* sums = rowSums + y * kWidth;
    for (u32 x = 1; x < kWidth - 1; x++) sums[x] = (u16)(row[x - 1] + 2 * row[x] + row[x + 1]);
    sums[0] = (u16)(4 * row[0]);
    sums[kWidth - 1] = (u16)(4 * row[kWidth - 1]);
  }
  for (u32 y = 1; y < kHeight - 1; y++) {
    const u16* a = rowSums + (y - 1) * kWidth;
    const u16* b = rowSums + y * kWidth;
    const u16* c = rowSums + (y + 1) * kWidth;
    for (u32 x = 0; x < kWidth; x++) out[y * kWidth + x] = (u8)((a[x] + 2 * b[x] + c[x] + 8) >> 4);
  }
}

static void blend(const u8* restrict a, const u8* restrict b, u8* restrict out, u16 alpha) {
  u16 rest = (u16)(256 - alpha);
  for (u32 i = 0; i < kPixels; i++) out[i] = (u8)((u16)(a[i] * rest + b[i] * alpha + 128) >> 8);
}

static void findEdges(const u8* restrict in, u8* restrict out) {
  for (u32 y = 1; y < kHeight - 1; y++) {
    const u8* up = in + (y - 1) * kWidth;
    const u8* row = in + y * kWidth;
    const u8* down = in + (y + 1) * kWidth;
    for (u32 x = 1; x < kWidth - 1; x++) {
      i16 gx = (i16)(row[x + 1] - row[x - 1]);
      i16 gy = (i16)(down[x] - up[x]);
      i16 magnitude = (i16)((gx < 0 ? -gx : gx) + (gy < 0 ? -gy : gy));
      out[y * kWidth + x] = (u8)(magnitude > 255 ? 255 : magnitude);
    }
  }
}

static void threshold(u8* pixels, u8 level) {
  for (u32 i = 0; i < kPixels; i++) {
    u8 v = pixels[i];
    pixels[i] = v < level ? 0 : v > 200 ? 255 : v;
  }
}

typedef struct {
  u32 total, bright, difference;
  u8 low, high;
} Statistics;

static Statistics measure(const u8* restrict a, const u8* restrict b) {
  Statistics s = {0, 0, 0, 255, 0};
  for (u32 y = 0; y < kHeight; y++) {
    const u8* p = a + y * kWidth;
    const u8* q = b + y * kWidth;
    u32 total = 0, difference = 0;
    for (u32 x = 0; x < kWidth; x++) {
      total += p[x];
      difference += (u32)(p[x] > q[x] ? p[x] - q[x] : q[x] - p[x]);
    }
    s.total += total;
    s.difference += difference;
    for (u32 x = 0; x < kWidth; x++) {
      s.low = p[x] < s.low ? p[x] : s.low;
      s.high = p[x] > s.high ? p[x] : s.high;
    }
    for (u32 x = 0; x < kWidth; x++) s.bright += p[x] > 128;
  }
  return s;
}

static u64 run(u32 n) {
  u64 sum = 0;
  for (u32 t = 0; t < n; t++) {
    paint(t);
    boxBlur(frame, blurred);
    blend(blurred, overlay, blended, (u16)(t % 256));
    findEdges(blended, edges);
    threshold(edges, (u8)(t % 40));
    Statistics s = measure(edges, blurred);
    sum = mix(sum, ((u64)s.total << 32) | s.bright);
    sum = mix(sum, ((u64)s.difference << 16) | (u64)(s.low << 8) | s.high);
  }
  return sum;
}

KERNEL_MAIN(run)
