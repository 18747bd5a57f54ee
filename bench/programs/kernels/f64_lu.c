// f64: dense linear systems: LU factorisation with partial pivoting, solution, one step of
// iterative refinement, determinant sign and residual norm.
//
// Size: number of 96x96 systems.
#include "bench/programs/kernels/kernel.h"

enum { kOrder = 96 };

static f64 original[kOrder][kOrder], factors[kOrder][kOrder];
static f64 rightSide[kOrder], solution[kOrder], residual[kOrder], correction[kOrder];
static u32 permutation[kOrder];

static f64 absolute(f64 v) { return v < 0 ? -v : v; }

static void makeSystem(u64* seed) {
  for (u32 i = 0; i < kOrder; i++) {
    for (u32 j = 0; j < kOrder; j++) original[i][j] = rngUnit(seed) * 2 - 1;
    original[i][(i * 5) % kOrder] += 3;
    rightSide[i] = rngUnit(seed) * 10 - 5;
  }
  memcpy(factors, original, sizeof factors);
}

// Returns the sign of the permutation, 0 for a singular matrix.
static i32 factorise(void) {
  i32 sign = 1;
  for (u32 i = 0; i < kOrder; i++) permutation[i] = i;
  for (u32 k = 0; k < kOrder; k++) {
    u32 pivot = k;
    for (u32 i = k + 1; i < kOrder; i++) {
      if (absolute(factors[i][k]) > absolute(factors[pivot][k])) pivot = i;
    }
    if (factors[pivot][k] == 0) return 0;
    if (pivot != k) {
      for (u32 j = 0; j < kOrder; j++) {
        f64 t = factors[k][j];
        factors[k][j] = factors[pivot][j];
        factors[pivot][j] = t;
      }
      u32 t = permutation[k];
      permutation[k] = permutation[pivot];
      permutation[pivot] = t;
      sign = -sign;
    }
    f64 inverse = 1.0 / factors[k][k];
    for (u32 i = k + 1; i < kOrder; i++) {
      f64 multiplier = factors[i][k] *= inverse;
      if (multiplier == 0) continue;
      const f64* upper = factors[k];
      f64* row = factors[i];
      for (u32 j = k + 1; j < kOrder; j++) row[j] -= multiplier * upper[j];
    }
  }
  return sign;
}

static void solve(const f64* b, f64* x) {
  for (u32 i = 0; i < kOrder; i++) {
    f64 value = b[permutation[i]];
    for (u32 j = 0; j < i; j++) value -= factors[i][j] * x[j];
    x[i] = value;
  }
  for (u32 i = kOrder; i-- > 0;) {
    f64 value = x[i];
    for (u32 j = i + 1; j < kOrder; j++) value -= factors[i][j] * x[j];
    x[i] = value / factors[i][i];
  }
}

static f64 computeResidual(void) {
  f64 largest = 0;
  for (u32 i = 0; i < kOrder; i++) {
    f64 value = rightSide[i];
    for (u32 j = 0; j < kOrder; j++) value -= original[i][j] * solution[j];
    residual[i] = value;
    if (absolute(value) > largest) largest = absolute(value);
  }
  return largest;
}

static u64 run(u32 n) {
  u64 seed = 43, sum = 0;
  for (u32 s = 0; s < n; s++) {
    makeSystem(&seed);
    i32 sign = factorise();
    if (sign == 0) continue;
    solve(rightSide, solution);
    f64 before = computeResidual();
    solve(residual, correction);
    for (u32 i = 0; i < kOrder; i++) solution[i] += correction[i];
    f64 after = computeResidual();
    for (u32 i = 0; i < kOrder; i++) {
      if (factors[i][i] < 0) sign = -sign;
    }
    sum = mix(mixF64(mixF64(mixF64(sum, solution[s % kOrder]), before), after), (u64)(i64)sign);
  }
  return sum;
}

KERNEL_MAIN(run)
