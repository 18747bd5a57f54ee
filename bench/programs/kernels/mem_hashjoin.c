// Memory: a database hash join: build an open-addressing table from one relation, probe it with
// another, aggregate per group.
//
// Size: number of probe batches of 65,536 rows. The table has 2^19 slots of 12 bytes.
#include "bench/programs/kernels/kernel.h"

enum {
  kLogSlots = 19,
  kSlots = 1 << kLogSlots,
  kBuildRows = 300000,
  kBatch = 65536,
  kGroups = 4096
};

typedef struct {
  u32 key;  // zero: empty
  u32 group;
  u32 amount;
} Slot;

typedef struct {
  u64 total;
  u32 rows, maximum;
} Group;

static Slot* table;
static Group groups[kGroups];
static u32* batchKeys;
static u32* batchAmounts;

static u32 slotOf(u32 key) { return (key * 2654435769u) >> (32 - kLogSlots); }

static void build(u64* seed) {
  table = allocate(kSlots * sizeof(Slot));
  memset(table, 0, kSlots * sizeof(Slot));
  for (u32 row = 0; row < kBuildRows; row++) {
    u32 key = 1 + rngBelow(seed, 750000);
    u32 at = slotOf(key);
    while (table[at].key != 0 && table[at].key != key) at = (at + 1) & (kSlots - 1);
    table[at].key = key;
    table[at].group = (table[at].group * 31 + row) % kGroups;
    table[at].amount += row & 1023;
  }
}

static void fillBatch(u64* seed) {
  for (u32 i = 0; i < kBatch; i++) {
    u64 r = rngNext(seed);
    batchKeys[i] = 1 + (u32)(((r >> 32) * 750000) >> 32);
    batchAmounts[i] = (u32)r & 65535;
  }
}

static u32 probe(void) {
  u32 matched = 0;
  for (u32 i = 0; i < kBatch; i++) {
    u32 key = batchKeys[i];
    u32 at = slotOf(key);
    while (table[at].key != key) {
      if (table[at].key == 0) break;
      at = (at + 1) & (kSlots - 1);
    }
    if (table[at].key == 0) continue;
    Group* g = &groups[table[at].group];
    u32 value = batchAmounts[i] + table[at].amount;
    g->total += value;
    g->rows++;
    if (value > g->maximum) g->maximum = value;
    matched++;
  }
  return matched;
}

static u64 run(u32 n) {
  u64 seed = 67, sum = 0;
  batchKeys = allocate(kBatch * sizeof(u32));
  batchAmounts = allocate(kBatch * sizeof(u32));
  build(&seed);
  for (u32 batch = 0; batch < n; batch++) {
    fillBatch(&seed);
    sum = mix(sum, probe());
  }
  for (u32 g = 0; g < kGroups; g++) {
    sum = mix(mix(sum, groups[g].total), ((u64)groups[g].rows << 32) | groups[g].maximum);
  }
  return sum;
}

KERNEL_MAIN(run)
