// Memory: ranking on a random directed graph in compressed-row form, with 32-bit fixed-point ranks.
//
// Size: number of power iterations over 120,000 nodes with eight to sixteen in-links each; half of
// the links point to random nodes, half to near neighbours. The working set is about 8 MB.
#include "bench/programs/kernels/kernel.h"

enum { kNodes = 120000, kDampNumerator = 218, kDampShift = 8 };

static u32* rowStart;
static u32* sources;
static u32* outDegree;

static void buildGraph(void) {
  u64 seed = 61;
  rowStart = allocate((kNodes + 1) * sizeof(u32));
  sources = allocate((size_t)kNodes * 16 * sizeof(u32));
  outDegree = allocate(kNodes * sizeof(u32));
  memset(outDegree, 0, kNodes * sizeof(u32));
  u32 at = 0;
  for (u32 node = 0; node < kNodes; node++) {
    rowStart[node] = at;
    u64 bits = rngNext(&seed);
    u32 degree = 8 + (u32)(bits & 7);
    for (u32 k = 0; k < degree; k++) {
      u64 r = rngNext(&seed);
      u32 source =
          (r & 1) ? (u32)(((r >> 32) * kNodes) >> 32) : (node + (u32)((r >> 8) & 1023)) % kNodes;
      sources[at++] = source;
      outDegree[source]++;
    }
  }
  rowStart[kNodes] = at;
}

// One iteration; returns the sum of absolute changes.
static u64 iterate(const u32* shares, u32* ranks) {
  u64 change = 0;
  for (u32 node = 0; node < kNodes; node++) {
    u64 incoming = 0;
    for (u32 k = rowStart[node], end = rowStart[node + 1]; k < end; k++)
      incoming += shares[sources[k]];
    u32 updated = (u32)((incoming * kDampNumerator) >> kDampShift) + 150000;
    change += updated > ranks[node] ? updated - ranks[node] : ranks[node] - updated;
    ranks[node] = updated;
  }
  return change;
}

static void distribute(u32* shares, const u32* ranks) {
  for (u32 node = 0; node < kNodes; node++) {
    shares[node] = outDegree[node] == 0 ? 0 : ranks[node] / outDegree[node];
  }
}

static u64 run(u32 n) {
  buildGraph();
  u32* ranks = allocate(kNodes * sizeof(u32));
  u32* shares = allocate(kNodes * sizeof(u32));
  for (u32 i = 0; i < kNodes; i++) ranks[i] = 1000000;
  u64 sum = 0;
  for (u32 round = 0; round < n; round++) {
    distribute(shares, ranks);
    sum = mix(sum, iterate(shares, ranks));
  }
  u32 best = 0;
  for (u32 i = 0; i < kNodes; i++) {
    if (ranks[i] > ranks[best]) best = i;
    sum = mix(sum, ranks[i]);
  }
  free(ranks);
  free(shares);
  return mix(sum, best);
}

KERNEL_MAIN(run)
