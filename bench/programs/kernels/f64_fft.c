// f64: fast Fourier transform of 4,096 complex points, used for circular convolution and a power
// spectrum with a Hann-like window.
//
// Size: number of signals processed. Twiddle factors come from repeated half-angle formulas, so
// only +, -, *, / and sqrt are used and both builds give the same bits.
#include "bench/programs/kernels/kernel.h"

enum { kLog = 12, kPoints = 1 << kLog };

typedef struct {
  f64 re, im;
} Complex;

static Complex twiddle[kPoints / 2];
static u16 reversed[kPoints];
static Complex signal_[kPoints], filter[kPoints];
static f64 spectrum[kPoints / 2];

static void buildTables(void) {
  // cos and sin of 2*pi/4096 by halving the angle from pi/2.
  f64 c = 0, s = 1;
  for (u32 size = 4; size < kPoints; size *= 2) {
    f64 half = __builtin_sqrt((1 + c) * 0.5);
    s = s / (2 * half);
    c = half;
  }
  f64 cosines[kLog], sines[kLog];  // of 2^k times the base angle
  for (u32 k = 0; k < kLog - 1; k++) {
    cosines[k] = c;
    sines[k] = s;
    f64 doubled = c * c - s * s;
    s = 2 * c * s;
    c = doubled;
  }
  for (u32 i = 0; i < kPoints / 2; i++) {
    Complex w = {1, 0};
    for (u32 k = 0; k < kLog - 1; k++) {
      if (!(i >> k & 1)) continue;
      f64 re = w.re * cosines[k] - w.im * sines[k];
      w.im = w.re * sines[k] + w.im * cosines[k];
      w.re = re;
    }
    twiddle[i].re = w.re;
    twiddle[i].im = -w.im;
  }
  for (u32 i = 0; i < kPoints; i++) {
    u32 r = 0;
    for (u32 k = 0; k < kLog; k++) r |= (i >> k & 1) << (kLog - 1 - k);
    reversed[i] = (u16)r;
  }
}

static void transform(Complex* data) {
  for (u32 i = 0; i < kPoints; i++) {
    u32 j = reversed[i];
    if (i < j) {
      Complex t = data[i];
      data[i] = data[j];
      data[j] = t;
    }
  }
  for (u32 size = 2; size <= kPoints; size *= 2) {
    u32 half = size / 2, stride = kPoints / size;
    for (u32 start = 0; start < kPoints; start += size) {
      for (u32 k = 0; k < half; k++) {
        Complex w = twiddle[k * stride];
        Complex* a = &data[start + k];
        Complex* b = &data[start + k + half];
        f64 re = b->re * w.re - b->im * w.im;
        f64 im = b->re * w.im + b->im * w.re;
        b->re = a->re - re;
        b->im = a->im - im;
        a->re += re;
        a->im += im;
      }
    }
  }
}

// Inverse transform by conjugation, scaled.
static void inverseTransform(Complex* data) {
  for (u32 i = 0; i < kPoints; i++) data[i].im = -data[i].im;
  transform(data);
  for (u32 i = 0; i < kPoints; i++) {
    data[i].re *= 1.0 / kPoints;
    data[i].im *= -1.0 / kPoints;
  }
}

static void convolve(void) {
  transform(signal_);
  for (u32 i = 0; i < kPoints; i++) {
    Complex a = signal_[i], b = filter[i];
    signal_[i].re = a.re * b.re - a.im * b.im;
    signal_[i].im = a.re * b.im + a.im * b.re;
  }
  inverseTransform(signal_);
}

static u64 run(u32 n) {
  u64 seed = 47, sum = 0;
  buildTables();
  memset(filter, 0, sizeof filter);
  for (u32 i = 0; i < 64; i++) filter[i].re = 1.0 / (f64)(i + 2);
  transform(filter);
  for (u32 s = 0; s < n; s++) {
    for (u32 i = 0; i < kPoints; i++) {
      signal_[i].re = rngUnit(&seed) - 0.5 + twiddle[(i * (s + 3)) % (kPoints / 2)].re;
      signal_[i].im = 0;
    }
    convolve();
    for (u32 i = 0; i < kPoints; i++) {
      f64 window = 0.5 - 0.5 * twiddle[i / 2].re;
      signal_[i].re *= window;
      signal_[i].im = 0;
    }
    transform(signal_);
    u32 peak = 0;
    for (u32 i = 0; i < kPoints / 2; i++) {
      spectrum[i] = signal_[i].re * signal_[i].re + signal_[i].im * signal_[i].im;
      if (spectrum[i] > spectrum[peak]) peak = i;
    }
    sum = mixF64(mix(sum, peak), spectrum[peak]);
  }
  return sum;
}

KERNEL_MAIN(run)
