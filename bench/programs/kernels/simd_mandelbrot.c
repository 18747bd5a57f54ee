// SIMD (vector types): escape-time fractal in f32 lanes with smooth interior statistics.
//
// Size: picture width; height is three quarters of it; at most 160 iterations a pixel. Written with
// clang's 16-byte vector types, which become SSE2 natively and v128 in wasm.
#include "bench/programs/kernels/kernel.h"

typedef f32 F32x4 __attribute__((vector_size(16)));
typedef i32 I32x4 __attribute__((vector_size(16)));

enum { kLimit = 160 };

static int anyLane(I32x4 mask) { return (mask[0] | mask[1] | mask[2] | mask[3]) != 0; }

static F32x4 splat(f32 v) { return (F32x4){v, v, v, v}; }

static F32x4 selectLanes(I32x4 mask, F32x4 yes, F32x4 no) {
  return (F32x4)((mask & (I32x4)yes) | (~mask & (I32x4)no));
}

typedef struct {
  I32x4 count;
  F32x4 trap;  // smallest squared distance from the origin
} Orbit;

static Orbit iterate(F32x4 cx, F32x4 cy) {
  F32x4 x = splat(0), y = splat(0);
  Orbit o = {{0, 0, 0, 0}, splat(4)};
  I32x4 alive = {-1, -1, -1, -1};
  for (u32 i = 0; i < kLimit; i++) {
    F32x4 xx = x * x, yy = y * y;
    F32x4 norm = xx + yy;
    alive &= norm <= splat(4);
    if (i % 4 == 0 && !anyLane(alive)) break;
    o.count -= alive;
    F32x4 nextY = splat(2) * x * y + cy;
    F32x4 nextX = xx - yy + cx;
    x = selectLanes(alive, nextX, x);
    y = selectLanes(alive, nextY, y);
    if (i > 0) o.trap = selectLanes(alive & (norm < o.trap), norm, o.trap);
  }
  return o;
}

static u64 run(u32 n) {
  u64 sum = 0;
  u32 height = n * 3 / 4;
  f32 step = 3.0f / (f32)n;
  F32x4 trapTotal = splat(0);
  for (u32 py = 0; py < height; py++) {
    F32x4 cy = splat((f32)py * step - 1.125f);
    I32x4 rowTotal = {0, 0, 0, 0};
    for (u32 px = 0; px + 4 <= n; px += 4) {
      F32x4 lane = {0, 1, 2, 3};
      F32x4 cx = (splat((f32)px) + lane) * splat(step) - splat(2.1f);
      Orbit o = iterate(cx, cy);
      rowTotal += o.count * (I32x4){1, 3, 5, 7};
      trapTotal = trapTotal * splat(0.5f) + o.trap;
    }
    for (u32 k = 0; k < 4; k++) sum = mix(sum, (u32)rowTotal[k]);
  }
  for (u32 k = 0; k < 4; k++) sum = mixF64(sum, (f64)trapTotal[k]);
  return sum;
}

KERNEL_MAIN(run)
