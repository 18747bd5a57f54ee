// Integer: segmented sieve of Eratosthenes with statistics on the primes found.
//
// Size: number of 32 KiB segments (each covers 65,536 integers, odd numbers only).
// Per segment: cross off multiples of the base primes, then walk the survivors and collect prime
// count, twin pairs, the largest gap and a histogram of gaps modulo 30.
#include "bench/programs/kernels/kernel.h"

enum { kSegmentOdds = 32768, kMaxBase = 65536 };

static u8 segment[kSegmentOdds];
static u32 basePrimes[6600];
static u32 nextMultiple[6600];  // offset of the next multiple, in odds, from the segment start
static u32 baseCount;

static void findBasePrimes(void) {
  static u8 composite[kMaxBase];
  for (u32 p = 3; p < kMaxBase; p += 2) {
    if (composite[p]) continue;
    basePrimes[baseCount++] = p;
    for (u64 q = (u64)p * p; q < kMaxBase; q += 2 * p) composite[q] = 1;
  }
}

typedef struct {
  u64 count, twins, sum;
  u64 last;
  u32 maxGap;
  u32 gapHistogram[30];
} Statistics;

static void crossOff(u64 low, u32* active) {
  memset(segment, 1, sizeof segment);
  u64 high = low + 2ull * kSegmentOdds;
  // Base primes join when their square enters the window.
  while (*active < baseCount) {
    u64 square = (u64)basePrimes[*active] * basePrimes[*active];
    if (square >= high) break;
    nextMultiple[*active] = (u32)((square - low) / 2);
    ++*active;
  }
  for (u32 i = 0; i < *active; i++) {
    u32 step = basePrimes[i];
    u32 j = nextMultiple[i];
    for (; j < kSegmentOdds; j += step) segment[j] = 0;
    nextMultiple[i] = j - kSegmentOdds;
  }
}

static void collect(u64 low, Statistics* s) {
  for (u32 i = 0; i < kSegmentOdds; i++) {
    if (!segment[i]) continue;
    u64 prime = low + 2ull * i;
    u32 gap = (u32)(prime - s->last);
    if (gap == 2) s->twins++;
    if (gap > s->maxGap) s->maxGap = gap;
    s->gapHistogram[gap % 30]++;
    s->last = prime;
    s->count++;
    s->sum += prime;
  }
}

static u64 run(u32 n) {
  Statistics s = {.count = 1, .sum = 2, .last = 2};
  u32 active = 0;
  findBasePrimes();
  for (u32 k = 0; k < n; k++) {
    u64 low = 1 + 2ull * kSegmentOdds * k;
    crossOff(low, &active);
    if (k == 0) segment[0] = 0;  // one is not prime
    collect(low, &s);
  }
  u64 sum = mix(mix(mix(mix(0, s.count), s.twins), s.sum), s.maxGap);
  for (u32 i = 0; i < 30; i++) sum = mix(sum, s.gapHistogram[i]);
  return sum;
}

KERNEL_MAIN(run)
