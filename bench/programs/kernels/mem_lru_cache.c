// Memory: a least-recently-used cache: hash chains plus a doubly linked recency list, all links as
// indexes into one entry pool, driven by a skewed key stream with range scans mixed in.
//
// Size: number of thousand-operation batches. Pool of 131,072 entries of 32 bytes over 1 M keys.
#include "bench/programs/kernels/kernel.h"

enum { kEntries = 131072, kChains = 262144, kKeys = 1000000, kNone = 0xffffffffu };

typedef struct {
  u32 key, chainNext, newer, older;
  u64 value;
  u32 uses, stamp;
} Entry;

static Entry* entries;
static u32* chains;
static u32 newest = kNone, oldest = kNone, used;

static u32 chainOf(u32 key) { return (key * 0x9e3779b1u) >> 14; }

static void unlinkRecency(u32 e) {
  Entry* x = &entries[e];
  if (x->newer != kNone)
    entries[x->newer].older = x->older;
  else
    newest = x->older;
  if (x->older != kNone)
    entries[x->older].newer = x->newer;
  else
    oldest = x->newer;
}

static void linkNewest(u32 e) {
  entries[e].newer = kNone;
  entries[e].older = newest;
  if (newest != kNone)
    entries[newest].newer = e;
  else
    oldest = e;
  newest = e;
}

static void unlinkChain(u32 e) {
  u32* link = &chains[chainOf(entries[e].key)];
  while (*link != e) link = &entries[*link].chainNext;
  *link = entries[e].chainNext;
}

static u32 find(u32 key) {
  for (u32 e = chains[chainOf(key)]; e != kNone; e = entries[e].chainNext) {
    if (entries[e].key == key) return e;
  }
  return kNone;
}

static u32 insert(u32 key, u64 value, u64* evicted) {
  u32 e;
  if (used < kEntries) {
    e = used++;
  } else {
    e = oldest;
    *evicted += entries[e].uses;
    unlinkRecency(e);
    unlinkChain(e);
  }
  u32 chain = chainOf(key);
  entries[e] = (Entry){.key = key, .chainNext = chains[chain], .value = value, .uses = 1};
  chains[chain] = e;
  linkNewest(e);
  return e;
}

// A key distribution with a heavy head: the minimum of three uniform draws.
static u32 skewedKey(u64* seed) {
  u64 r = rngNext(seed);
  u32 a = (u32)(r & 0xfffff), b = (u32)(r >> 20 & 0xfffff), c = (u32)(r >> 40 & 0xfffff);
  u32 low = a < b ? a : b;
  return (low < c ? low : c) % kKeys;
}

static u64 run(u32 n) {
  u64 seed = 73, sum = 0, evicted = 0;
  u32 hits = 0, stamp = 0;
  entries = allocate(kEntries * sizeof(Entry));
  chains = allocate(kChains * sizeof(u32));
  for (u32 i = 0; i < kChains; i++) chains[i] = kNone;
  for (u32 batch = 0; batch < n; batch++) {
    u32 scan = batch % 7 == 6 ? rngBelow(&seed, kKeys) : kNone;
    for (u32 i = 0; i < 1000; i++) {
      u32 key = scan != kNone ? (scan + i) % kKeys : skewedKey(&seed);
      u32 e = find(key);
      if (e != kNone) {
        hits++;
        entries[e].uses++;
        entries[e].value += stamp;
        unlinkRecency(e);
        linkNewest(e);
      } else {
        e = insert(key, (u64)key * key, &evicted);
      }
      entries[e].stamp = stamp++;
    }
    sum = mix(sum, entries[oldest].value + hits);
  }
  for (u32 e = newest; e != kNone; e = entries[e].older) sum = mix(sum, entries[e].value);
  return mix(mix(sum, evicted), hits);
}

KERNEL_MAIN(run)
