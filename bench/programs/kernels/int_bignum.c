// Integer: arbitrary-precision arithmetic on 32-bit limbs.
//
// Size: rounds. Each round takes two pseudo-random 2,048-bit numbers, multiplies them with one
// level of Karatsuba over schoolbook multiplication, squares one of them, and reduces both results
// by Montgomery reduction modulo an odd 2,048-bit modulus; the limbs are folded into the checksum.
#include "bench/programs/kernels/kernel.h"

enum { kLimbs = 64, kHalf = kLimbs / 2 };

// out[0 .. 2*count) = a * b
static void mulSchool(u32* out, const u32* a, const u32* b, u32 count) {
  memset(out, 0, 2 * count * sizeof *out);
  for (u32 i = 0; i < count; i++) {
    u64 carry = 0;
    u64 factor = a[i];
    for (u32 j = 0; j < count; j++) {
      u64 t = factor * b[j] + out[i + j] + carry;
      out[i + j] = (u32)t;
      carry = t >> 32;
    }
    out[i + count] = (u32)carry;
  }
}

static u32 addInto(u32* a, const u32* b, u32 count) {
  u64 carry = 0;
  for (u32 i = 0; i < count; i++) {
    u64 t = (u64)a[i] + b[i] + carry;
    a[i] = (u32)t;
    carry = t >> 32;
  }
  return (u32)carry;
}

static u32 subInto(u32* a, const u32* b, u32 count) {
  u64 borrow = 0;
  for (u32 i = 0; i < count; i++) {
    u64 t = (u64)a[i] - b[i] - borrow;
    a[i] = (u32)t;
    borrow = (t >> 32) & 1;
  }
  return (u32)borrow;
}

static void propagate(u32* a, u32 carry) {
  for (u32 i = 0; carry != 0; i++) {
    u64 t = (u64)a[i] + carry;
    a[i] = (u32)t;
    carry = (u32)(t >> 32);
  }
}

static int compare(const u32* a, const u32* b, u32 count) {
  for (u32 i = count; i-- > 0;) {
    if (a[i] != b[i]) return a[i] < b[i] ? -1 : 1;
  }
  return 0;
}

// |a - b| into out; returns the sign.
static int absDifference(u32* out, const u32* a, const u32* b, u32 count) {
  int order = compare(a, b, count);
  const u32* big = order >= 0 ? a : b;
  const u32* small = order >= 0 ? b : a;
  memcpy(out, big, count * sizeof *out);
  subInto(out, small, count);
  return order;
}

// One Karatsuba level: three half-size products.
static void mulKaratsuba(u32* out, const u32* a, const u32* b) {
  u32 da[kHalf], db[kHalf], middle[kLimbs], cross[kLimbs + 1];
  mulSchool(out, a, b, kHalf);
  mulSchool(out + kLimbs, a + kHalf, b + kHalf, kHalf);
  int sign = absDifference(da, a, a + kHalf, kHalf) * absDifference(db, b, b + kHalf, kHalf);
  mulSchool(middle, da, db, kHalf);
  memcpy(cross, out, kLimbs * sizeof *cross);
  cross[kLimbs] = addInto(cross, out + kLimbs, kLimbs);
  if (sign > 0) {
    cross[kLimbs] -= subInto(cross, middle, kLimbs);
  } else if (sign < 0) {
    cross[kLimbs] += addInto(cross, middle, kLimbs);
  }
  u32 carry = addInto(out + kHalf, cross, kLimbs);
  propagate(out + kHalf + kLimbs, carry + cross[kLimbs]);
}

// -m^-1 mod 2^32 by Newton's iteration.
static u32 negInverse(u32 m) {
  u32 x = m;
  for (int i = 0; i < 5; i++) x *= 2 - m * x;
  return 0u - x;
}

// product * 2^-2048 mod m; product has 2*kLimbs limbs and is destroyed.
static void montgomeryReduce(u32* out, u32* product, const u32* m, u32 inverse) {
  u32 top = 0;
  for (u32 i = 0; i < kLimbs; i++) {
    u64 q = (u32)(product[i] * inverse);
    u64 carry = 0;
    for (u32 j = 0; j < kLimbs; j++) {
      u64 t = q * m[j] + product[i + j] + carry;
      product[i + j] = (u32)t;
      carry = t >> 32;
    }
    u64 t = (u64)product[i + kLimbs] + carry + top;
    product[i + kLimbs] = (u32)t;
    top = (u32)(t >> 32);
  }
  memcpy(out, product + kLimbs, kLimbs * sizeof *out);
  if (top != 0 || compare(out, m, kLimbs) >= 0) subInto(out, m, kLimbs);
}

static u64 run(u32 n) {
  static u32 a[kLimbs], b[kLimbs], m[kLimbs], product[2 * kLimbs + 2];
  u64 seed = 11, sum = 0;
  for (u32 i = 0; i < kLimbs; i++) {
    a[i] = (u32)rngNext(&seed);
    b[i] = (u32)rngNext(&seed);
    m[i] = (u32)rngNext(&seed);
  }
  m[0] |= 1;
  m[kLimbs - 1] |= 0x80000000u;
  u32 inverse = negInverse(m[0]);
  for (u32 round = 0; round < n; round++) {
    mulKaratsuba(product, a, b);
    montgomeryReduce(a, product, m, inverse);
    mulKaratsuba(product, b, b);
    montgomeryReduce(b, product, m, inverse);
    b[0] ^= round;
    sum = mix(sum, a[round % kLimbs] ^ ((u64)b[(round * 7) % kLimbs] << 32));
  }
  for (u32 i = 0; i < kLimbs; i++) sum = mix(sum, a[i] + ((u64)b[i] << 32));
  return sum;
}

KERNEL_MAIN(run)
