// Integer: global alignment of DNA sequences with affine gaps (Gotoh's algorithm) and traceback.
//
// Size: number of sequence pairs. Each pair is a random sequence of 220 bases and a mutated copy;
// the full three-state matrix is filled, the path is walked back and the edit script checksummed.
#include "bench/programs/kernels/kernel.h"

enum { kLength = 220, kMaxLength = kLength + 64, kGapOpen = 11, kGapExtend = 2, kFar = -1000000 };
enum { kFromMatch = 0, kFromDelete = 1, kFromInsert = 2, kDeleteExtends = 4, kInsertExtends = 8 };

static const i8 kScore[4][4] = {{5, -4, -1, -4}, {-4, 5, -4, -1}, {-1, -4, 5, -4}, {-4, -1, -4, 5}};

static u8 trace[kMaxLength + 1][kMaxLength + 1];
static i32 bestRow[kMaxLength + 1], deleteRow[kMaxLength + 1];

static u32 makePair(u64* seed, u8* a, u8* b, u32* lengthB) {
  u32 m = 0;
  for (u32 i = 0; i < kLength; i++) a[i] = (u8)rngBelow(seed, 4);
  for (u32 i = 0; i < kLength && m + 8 < kMaxLength; i++) {
    u32 event = rngBelow(seed, 100);
    if (event < 4) continue;                        // one base lost
    if (event < 8) b[m++] = (u8)rngBelow(seed, 4);  // one base gained
    if (event == 99) {                              // a short duplication
      for (u32 k = 0; k < 6; k++) b[m++] = a[(i + k) % kLength];
    }
    b[m++] = event < 18 ? (u8)rngBelow(seed, 4) : a[i];
  }
  *lengthB = m;
  return kLength;
}

static i32 fill(const u8* a, u32 n, const u8* b, u32 m) {
  bestRow[0] = 0;
  for (u32 j = 1; j <= m; j++) {
    bestRow[j] = -(i32)(kGapOpen + kGapExtend * j);
    deleteRow[j] = kFar;
    trace[0][j] = kFromInsert | kInsertExtends;
  }
  for (u32 i = 1; i <= n; i++) {
    const i8* scores = kScore[a[i - 1]];
    i32 diagonal = bestRow[0];
    i32 insert = kFar;
    bestRow[0] = -(i32)(kGapOpen + kGapExtend * i);
    trace[i][0] = kFromDelete | kDeleteExtends;
    for (u32 j = 1; j <= m; j++) {
      u8 flags = 0;
      i32 open = bestRow[j] - kGapOpen - kGapExtend;
      i32 del = deleteRow[j] - kGapExtend;
      if (del > open)
        flags |= kDeleteExtends;
      else
        del = open;
      open = bestRow[j - 1] - kGapOpen - kGapExtend;
      i32 ins = insert - kGapExtend;
      if (ins > open)
        flags |= kInsertExtends;
      else
        ins = open;
      i32 best = diagonal + scores[b[j - 1]];
      if (del > best) {
        best = del;
        flags |= kFromDelete;
      }
      if (ins > best) {
        best = ins;
        flags = (u8)((flags & ~3u) | kFromInsert);
      }
      diagonal = bestRow[j];
      bestRow[j] = best;
      deleteRow[j] = del;
      insert = ins;
      trace[i][j] = flags;
    }
  }
  return bestRow[m];
}

static u64 walkBack(u32 i, u32 j, u64 sum) {
  u32 state = trace[i][j] & 3, runLength = 0, previous = state;
  while (i > 0 || j > 0) {
    u8 cell = trace[i][j];
    if (state == kFromMatch) {
      i--;
      j--;
      state = trace[i][j] & 3;
    } else if (state == kFromDelete) {
      i--;
      if (!(cell & kDeleteExtends)) state = trace[i][j] & 3;
    } else {
      j--;
      if (!(cell & kInsertExtends)) state = trace[i][j] & 3;
    }
    runLength++;
    if (state != previous) {
      sum = mix(sum, runLength * 4 + previous);
      previous = state;
      runLength = 0;
    }
  }
  return mix(sum, runLength);
}

static u64 run(u32 n) {
  static u8 a[kMaxLength], b[kMaxLength];
  u64 seed = 21, sum = 0;
  for (u32 pair = 0; pair < n; pair++) {
    u32 lengthB;
    u32 lengthA = makePair(&seed, a, b, &lengthB);
    i32 score = fill(a, lengthA, b, lengthB);
    sum = walkBack(lengthA, lengthB, mix(sum, (u64)(i64)score));
  }
  return sum;
}

KERNEL_MAIN(run)
