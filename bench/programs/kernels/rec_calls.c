// Recursive calls: small recursive functions whose cost is the call itself: Takeuchi, Ackermann,
// Hofstadter's female/male pair, partitions of an integer, binomials by Pascal's rule.
//
// Size: rounds over the set.
#include "bench/programs/kernels/kernel.h"

static i32 takeuchi(i32 x, i32 y, i32 z) {
  if (y >= x) return z;
  return takeuchi(takeuchi(x - 1, y, z), takeuchi(y - 1, z, x), takeuchi(z - 1, x, y));
}

static u32 ackermann(u32 m, u32 n) {
  if (m == 0) return n + 1;
  if (n == 0) return ackermann(m - 1, 1);
  return ackermann(m - 1, ackermann(m, n - 1));
}

static u32 male(u32 n);

__attribute__((noinline)) static u32 female(u32 n) { return n == 0 ? 1 : n - male(female(n - 1)); }

__attribute__((noinline)) static u32 male(u32 n) { return n == 0 ? 0 : n - female(male(n - 1)); }

// Partitions of `total` into parts no larger than `largest`.
static u32 partitions(u32 total, u32 largest) {
  if (total == 0 || largest == 1) return 1;
  u32 count = partitions(total, largest - 1);
  if (total >= largest) count += partitions(total - largest, largest);
  return count;
}

static u64 binomial(u32 n, u32 k) {
  if (k == 0 || k == n) return 1;
  return binomial(n - 1, k - 1) + binomial(n - 1, k);
}

// Visits every subset of a set of weights, pruned by a bound.
typedef struct {
  u32 weights[24];
  u32 limit, best, visited;
} Subsets;

static void visit(Subsets* s, u32 index, u32 weight) {
  s->visited++;
  if (weight > s->limit) return;
  if (weight > s->best) s->best = weight;
  if (index == 24 || s->best == s->limit) return;
  visit(s, index + 1, weight + s->weights[index]);
  visit(s, index + 1, weight);
}

static u64 run(u32 n) {
  u64 seed = 79, sum = 0;
  Subsets s;
  for (u32 round = 0; round < n; round++) {
    i32 shift = (i32)(round & 1);
    sum = mix(sum, (u64)(i64)takeuchi(13 + shift, 8, 3));
    sum = mix(sum, ackermann(2, 60 + (round & 7)));
    sum = mix(sum, female(60 + (round & 3)) + male(55));
    sum = mix(sum, partitions(34, 20 + (round & 3)));
    sum = mix(sum, binomial(15, 6 + (round & 1)));
    for (u32 i = 0; i < 24; i++) s.weights[i] = 100 + rngBelow(&seed, 900) * 2;
    s.limit = 1801 + (round & 63) * 2;
    s.best = s.visited = 0;
    visit(&s, 0, 0);
    sum = mix(sum, ((u64)s.visited << 32) | s.best);
  }
  return sum;
}

KERNEL_MAIN(run)
