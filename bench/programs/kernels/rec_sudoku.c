// Recursive calls: backtracking sudoku solver with candidate masks and most-constrained-cell
// choice, and a counter of queen placements.
//
// Size: number of puzzles; each is a shuffled solution with cells removed. After every fourth
// puzzle the 8-queens solutions are counted as well.
#include "bench/programs/kernels/kernel.h"

enum { kNodeLimit = 2000 };

typedef struct {
  u8 cells[81];
  u16 rows[9], columns[9], boxes[9];  // used digits as bits 1..9
  u32 nodes;
} Board;

static u32 boxOf(u32 cell) { return cell / 27 * 3 + cell % 9 / 3; }

static void place(Board* b, u32 cell, u32 digit) {
  u16 bit = (u16)(1u << digit);
  b->cells[cell] = (u8)digit;
  b->rows[cell / 9] |= bit;
  b->columns[cell % 9] |= bit;
  b->boxes[boxOf(cell)] |= bit;
}

static void clear(Board* b, u32 cell) {
  u16 keep = (u16) ~(1u << b->cells[cell]);
  b->cells[cell] = 0;
  b->rows[cell / 9] &= keep;
  b->columns[cell % 9] &= keep;
  b->boxes[boxOf(cell)] &= keep;
}

static u32 candidates(const Board* b, u32 cell) {
  return 0x3feu & ~(u32)(b->rows[cell / 9] | b->columns[cell % 9] | b->boxes[boxOf(cell)]);
}

static int solve(Board* b) {
  // A rare puzzle with very many solutions would otherwise outweigh all others.
  if (++b->nodes > kNodeLimit) return 1;
  u32 best = 81, bestCount = 10, bestMask = 0;
  for (u32 cell = 0; cell < 81; cell++) {
    if (b->cells[cell]) continue;
    u32 mask = candidates(b, cell);
    u32 count = (u32)__builtin_popcount(mask);
    if (count < bestCount) {
      best = cell;
      bestCount = count;
      bestMask = mask;
      if (count <= 1) break;
    }
  }
  if (best == 81) return 1;
  while (bestMask) {
    u32 digit = (u32)__builtin_ctz(bestMask);
    bestMask &= bestMask - 1;
    place(b, best, digit);
    if (solve(b)) return 1;
    clear(b, best);
  }
  return 0;
}

// A valid grid from the cyclic pattern with relabelled digits and swapped rows and columns.
static void makePuzzle(Board* b, u64* seed) {
  u8 label[9], row[9], column[9];
  for (u32 i = 0; i < 9; i++) {
    label[i] = (u8)(i + 1);
    row[i] = column[i] = (u8)i;
  }
  for (u32 i = 8; i > 0; i--) {
    u32 j = rngBelow(seed, i + 1);
    u8 t = label[i];
    label[i] = label[j];
    label[j] = t;
  }
  for (u32 band = 0; band < 3; band++) {
    u32 a = band * 3 + rngBelow(seed, 3), c = band * 3 + rngBelow(seed, 3);
    u8 t = row[a];
    row[a] = row[c];
    row[c] = t;
    a = band * 3 + rngBelow(seed, 3);
    c = band * 3 + rngBelow(seed, 3);
    t = column[a];
    column[a] = column[c];
    column[c] = t;
  }
  memset(b, 0, sizeof *b);
  for (u32 cell = 0; cell < 81; cell++) {
    u32 r = row[cell / 9], c = column[cell % 9];
    if (rngBelow(seed, 100) < 38) place(b, cell, label[(r * 3 + r / 3 + c) % 9]);
  }
}

static u32 queens(u32 columns, u32 left, u32 right) {
  if (columns == 0xff) return 1;
  u32 count = 0;
  for (u32 free = 0xffu & ~(columns | left | right); free; free &= free - 1) {
    u32 bit = free & (0u - free);
    count += queens(columns | bit, (left | bit) << 1, (right | bit) >> 1);
  }
  return count;
}

static u64 run(u32 n) {
  u64 seed = 83, sum = 0;
  Board board;
  for (u32 p = 0; p < n; p++) {
    makePuzzle(&board, &seed);
    sum = mix(sum, (u64)solve(&board));
    for (u32 cell = 0; cell < 81; cell += 5) sum = mix(sum, board.cells[cell]);
    sum = mix(sum, board.nodes);
    if (p % 4 == 3) sum = mix(sum, queens(0, 0, 0));
  }
  return sum;
}

KERNEL_MAIN(run)
