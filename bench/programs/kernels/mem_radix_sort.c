// Memory: least-significant-digit radix sort of records by a 32-bit key, followed by a merge join
// of two sorted runs and a duplicate scan.
//
// Size: number of sorts of 200,000 eight-byte records (two buffers of 1.6 MB and two runs).
#include "bench/programs/kernels/kernel.h"

enum { kRecords = 200000, kBits = 11, kBuckets = 1 << kBits };

typedef struct {
  u32 key, payload;
} Record;

static u32 histograms[3][kBuckets];

static void countDigits(const Record* records) {
  memset(histograms, 0, sizeof histograms);
  for (u32 i = 0; i < kRecords; i++) {
    u32 key = records[i].key;
    histograms[0][key & (kBuckets - 1)]++;
    histograms[1][key >> kBits & (kBuckets - 1)]++;
    histograms[2][key >> (2 * kBits)]++;
  }
}

static void scatter(const Record* from, Record* to, u32 pass) {
  u32 offsets[kBuckets];
  u32 at = 0;
  for (u32 b = 0; b < kBuckets; b++) {
    offsets[b] = at;
    at += histograms[pass][b];
  }
  u32 shift = pass * kBits;
  for (u32 i = 0; i < kRecords; i++) to[offsets[from[i].key >> shift & (kBuckets - 1)]++] = from[i];
}

// Sorts `records`; the result is in `spare` (three passes).
static void radixSort(Record* records, Record* spare) {
  countDigits(records);
  scatter(records, spare, 0);
  scatter(spare, records, 1);
  scatter(records, spare, 2);
}

static u64 mergeJoin(const Record* a, const Record* b) {
  u64 sum = 0;
  u32 i = 0, j = 0, matches = 0;
  while (i < kRecords && j < kRecords) {
    if (a[i].key < b[j].key) {
      i++;
    } else if (a[i].key > b[j].key) {
      j++;
    } else {
      sum += (u64)a[i].payload * b[j].payload;
      matches++;
      j++;
    }
  }
  return mix(sum, matches);
}

static u32 countDuplicates(const Record* records) {
  u32 duplicates = 0;
  for (u32 i = 1; i < kRecords; i++) duplicates += records[i].key == records[i - 1].key;
  return duplicates;
}

static u64 run(u32 n) {
  Record* input = allocate(kRecords * sizeof(Record));
  Record* current = allocate(kRecords * sizeof(Record));
  Record* previous = allocate(kRecords * sizeof(Record));
  u64 seed = 71, sum = 0;
  memset(previous, 0, kRecords * sizeof(Record));
  for (u32 round = 0; round < n; round++) {
    for (u32 i = 0; i < kRecords; i++) {
      u64 r = rngNext(&seed);
      input[i].key = (u32)(r >> 32) >> (round % 3 * 4);
      input[i].payload = (u32)r;
    }
    radixSort(input, current);
    sum = mix(mix(sum, countDuplicates(current)), mergeJoin(current, previous));
    Record* t = previous;
    previous = current;
    current = t;
  }
  return mix(sum, previous[kRecords / 2].payload);
}

KERNEL_MAIN(run)
