// Recursive calls: an ordered set as a treap with recursive split, merge, rank and range removal.
//
// Size: number of rounds of 2,000 operations on a set that settles at about 10,000 keys. Nodes come
// from a pool and are linked by index.
#include "bench/programs/kernels/kernel.h"

enum { kPool = 65536, kKeyRange = 30000 };

typedef struct {
  u32 key, priority, left, right, count;
} Node;

static Node pool[kPool];  // node 0 is the empty tree
static u32 freeList, nextFresh = 1;
static u64 seed = 89;

static u32 newNode(u32 key) {
  u32 t = freeList;
  if (t)
    freeList = pool[t].left;
  else
    t = nextFresh++;
  pool[t] = (Node){.key = key, .priority = (u32)rngNext(&seed), .count = 1};
  return t;
}

static void update(u32 t) {
  pool[t].count = 1 + pool[pool[t].left].count + pool[pool[t].right].count;
}

// Keys below `key` to *low, the others to *high.
static void split(u32 t, u32 key, u32* low, u32* high) {
  if (t == 0) {
    *low = *high = 0;
  } else if (pool[t].key < key) {
    split(pool[t].right, key, &pool[t].right, high);
    *low = t;
    update(t);
  } else {
    split(pool[t].left, key, low, &pool[t].left);
    *high = t;
    update(t);
  }
}

static u32 merge(u32 a, u32 b) {
  if (a == 0) return b;
  if (b == 0) return a;
  if (pool[a].priority > pool[b].priority) {
    pool[a].right = merge(pool[a].right, b);
    update(a);
    return a;
  }
  pool[b].left = merge(a, pool[b].left);
  update(b);
  return b;
}

static int contains(u32 t, u32 key) {
  if (t == 0) return 0;
  if (key == pool[t].key) return 1;
  return contains(key < pool[t].key ? pool[t].left : pool[t].right, key);
}

static u32 insert(u32 root, u32 key) {
  u32 low, high;
  if (contains(root, key)) return root;
  split(root, key, &low, &high);
  return merge(merge(low, newNode(key)), high);
}

static void release(u32 t) {
  if (t == 0) return;
  u32 left = pool[t].left, right = pool[t].right;
  pool[t].left = freeList;
  freeList = t;
  release(left);
  release(right);
}

static u32 eraseRange(u32 root, u32 from, u32 to, u32* removed) {
  u32 low, middle, high;
  split(root, from, &low, &high);
  split(high, to, &middle, &high);
  *removed += pool[middle].count;
  release(middle);
  return merge(low, high);
}

static u32 rankOf(u32 t, u32 key) {
  if (t == 0) return 0;
  if (key <= pool[t].key) return rankOf(pool[t].left, key);
  return 1 + pool[pool[t].left].count + rankOf(pool[t].right, key);
}

static u32 depth(u32 t) {
  if (t == 0) return 0;
  u32 left = depth(pool[t].left), right = depth(pool[t].right);
  return 1 + (left > right ? left : right);
}

static u64 sumInOrder(u32 t, u64 sum) {
  if (t == 0) return sum;
  sum = mix(sumInOrder(pool[t].left, sum), pool[t].key);
  return sumInOrder(pool[t].right, sum);
}

static u64 run(u32 n) {
  u64 sum = 0;
  u32 root = 0, removed = 0, found = 0;
  for (u32 round = 0; round < n; round++) {
    for (u32 i = 0; i < 2000; i++) {
      u32 key = rngBelow(&seed, kKeyRange);
      u32 kind = i & 7;
      if (kind < 4) {
        root = insert(root, key);
      } else if (kind < 6) {
        found += (u32)contains(root, key);
      } else if (kind == 6) {
        sum += rankOf(root, key);
      } else if (i % 32 == 7) {
        root = eraseRange(root, key, key + 400, &removed);
      }
    }
    sum = mix(sum, ((u64)removed << 32) | found);
    if (round % 8 == 0) sum = mix(sum, depth(root));
  }
  return sumInOrder(root, mix(sum, pool[root].count));
}

KERNEL_MAIN(run)
