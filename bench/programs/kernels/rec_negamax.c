// Recursive calls: game-tree search for four-in-a-row on a 7x6 board: negamax with alpha-beta,
// centre-first move order and a small transposition table.
//
// Size: number of positions searched to depth 7; positions are reached by random legal moves.
#include "bench/programs/kernels/kernel.h"

enum { kColumns = 7, kColumnBits = 7, kDepth = 7, kTable = 16384, kWin = 1000 };

typedef struct {
  u64 mine, all;  // bit column * 7 + row
} Position;

typedef struct {
  u64 key;
  i16 score;
  u8 depth, bound;  // 0 exact, 1 lower, 2 upper
} Entry;

static Entry table[kTable];
static const u8 kOrder[kColumns] = {3, 2, 4, 1, 5, 0, 6};
static u64 nodes;

static int hasFour(u64 b) {
  static const u8 steps[4] = {1, kColumnBits, kColumnBits - 1, kColumnBits + 1};
  for (u32 i = 0; i < 4; i++) {
    u64 pairs = b & (b >> steps[i]);
    if (pairs & (pairs >> (2 * steps[i]))) return 1;
  }
  return 0;
}

static u64 bottom(u32 column) { return 1ull << (column * kColumnBits); }

static int playable(u64 all, u32 column) { return !(all & (bottom(column) << 5)); }

static u64 moveBit(u64 all, u32 column) {
  return (all + bottom(column)) & (0x3full << (column * kColumnBits));
}

// Open lines weigh more toward the centre.
static i32 evaluate(Position p) {
  static const u8 weights[kColumns] = {1, 2, 3, 5, 3, 2, 1};
  u64 theirs = p.all ^ p.mine;
  i32 score = 0;
  for (u32 c = 0; c < kColumns; c++) {
    u64 column = 0x3full << (c * kColumnBits);
    score += weights[c] *
             (__builtin_popcountll(p.mine & column) - __builtin_popcountll(theirs & column));
  }
  return score;
}

static i32 search(Position p, u32 depth, i32 alpha, i32 beta) {
  nodes++;
  if (depth == 0) return evaluate(p);
  u64 key = p.mine * 0x9e3779b97f4a7c15ull ^ p.all;
  Entry* e = &table[(key * 0xd6e8feb86659fd93ull) >> 50];
  if (e->key == key && e->depth == depth) {
    if (e->bound == 0) return e->score;
    if (e->bound == 1 && e->score >= beta) return e->score;
    if (e->bound == 2 && e->score <= alpha) return e->score;
  }
  i32 best = -2 * kWin, start = alpha;
  for (u32 i = 0; i < kColumns; i++) {
    if (!playable(p.all, kOrder[i])) continue;
    u64 bit = moveBit(p.all, kOrder[i]);
    i32 score;
    if (hasFour(p.mine | bit)) {
      score = kWin + (i32)depth;
    } else {
      score = -search((Position){p.all ^ p.mine, p.all | bit}, depth - 1, -beta, -alpha);
    }
    if (score > best) best = score;
    if (best > alpha) alpha = best;
    if (alpha >= beta) break;
  }
  if (best == -2 * kWin) return 0;  // board full
  *e = (Entry){key, (i16)best, (u8)depth, best >= beta ? 1 : best <= start ? 2 : 0};
  return best;
}

static Position randomPosition(u64* seed) {
  for (;;) {
    Position p = {0, 0};
    u32 moves = 6 + rngBelow(seed, 10), made = 0;
    while (made < moves) {
      u32 column = rngBelow(seed, kColumns);
      if (!playable(p.all, column)) continue;
      u64 bit = moveBit(p.all, column);
      if (hasFour(p.mine | bit)) break;
      p = (Position){p.all ^ p.mine, p.all | bit};
      made++;
    }
    if (made == moves) return p;
  }
}

static u64 run(u32 n) {
  u64 seed = 97, sum = 0;
  for (u32 i = 0; i < n; i++) {
    memset(table, 0, sizeof table);
    sum = mix(sum, (u64)(i64)search(randomPosition(&seed), kDepth, -2 * kWin, 2 * kWin));
  }
  return mix(sum, nodes);
}

KERNEL_MAIN(run)
