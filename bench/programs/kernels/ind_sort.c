// Indirect calls: a generic sort, binary search and unique over records with comparators passed as
// function pointers, in the manner of qsort and bsearch.
//
// Size: number of tables; each table of 3,000 rows is sorted by six orders and searched.
#include "bench/programs/kernels/kernel.h"

enum { kRows = 3000, kOrders = 6 };

typedef struct {
  u32 id, price;
  i32 balance;
  f32 weight;
  char name[12];
} Row;

typedef int (*Compare)(const void*, const void*);

static int byId(const void* a, const void* b) {
  u32 x = ((const Row*)a)->id, y = ((const Row*)b)->id;
  return x < y ? -1 : x > y;
}

static int byPrice(const void* a, const void* b) {
  u32 x = ((const Row*)a)->price, y = ((const Row*)b)->price;
  return x < y ? -1 : x > y ? 1 : byId(a, b);
}

static int byBalanceDown(const void* a, const void* b) {
  i32 x = ((const Row*)a)->balance, y = ((const Row*)b)->balance;
  return x > y ? -1 : x < y ? 1 : byId(a, b);
}

static int byWeight(const void* a, const void* b) {
  f32 x = ((const Row*)a)->weight, y = ((const Row*)b)->weight;
  return x < y ? -1 : x > y ? 1 : byId(a, b);
}

static int byName(const void* a, const void* b) {
  const char* x = ((const Row*)a)->name;
  const char* y = ((const Row*)b)->name;
  while (*x && *x == *y) {
    x++;
    y++;
  }
  return (u8)*x<(u8)*y ? -1 : (u8)*x>(u8) * y ? 1 : byId(a, b);
}

static int byParity(const void* a, const void* b) {
  u32 x = ((const Row*)a)->price & 1, y = ((const Row*)b)->price & 1;
  return x != y ? (x < y ? -1 : 1) : byBalanceDown(a, b);
}

static const Compare kCompare[kOrders] = {byId, byPrice, byBalanceDown, byWeight, byName, byParity};

static void insertionSort(const Row** items, u32 count, Compare compare) {
  for (u32 i = 1; i < count; i++) {
    const Row* item = items[i];
    u32 j = i;
    for (; j > 0 && compare(items[j - 1], item) > 0; j--) items[j] = items[j - 1];
    items[j] = item;
  }
}

// Quicksort with median of three; the larger part is handled by the loop.
static void sortBy(const Row** items, u32 count, Compare compare) {
  while (count > 12) {
    const Row *a = items[0], *b = items[count / 2], *c = items[count - 1];
    if (compare(a, b) > 0) {
      const Row* t = a;
      a = b;
      b = t;
    }
    if (compare(b, c) > 0) b = compare(a, c) > 0 ? a : c;
    u32 i = 0, j = count - 1;
    for (;;) {
      while (compare(items[i], b) < 0) i++;
      while (compare(items[j], b) > 0) j--;
      if (i >= j) break;
      const Row* t = items[i];
      items[i++] = items[j];
      items[j--] = t;
    }
    u32 left = j + 1;
    if (left < count - left) {
      sortBy(items, left, compare);
      items += left;
      count -= left;
    } else {
      sortBy(items + left, count - left, compare);
      count = left;
    }
  }
  insertionSort(items, count, compare);
}

static u32 lowerBound(const Row** items, u32 count, const Row* key, Compare compare) {
  u32 low = 0;
  while (count > 0) {
    u32 half = count / 2;
    if (compare(items[low + half], key) < 0) {
      low += half + 1;
      count -= half + 1;
    } else {
      count = half;
    }
  }
  return low;
}

static void fillRows(Row* rows, u64* seed) {
  for (u32 i = 0; i < kRows; i++) {
    Row* r = &rows[i];
    r->id = i;
    r->price = rngBelow(seed, 2000);
    r->balance = (i32)rngBelow(seed, 20000) - 10000;
    r->weight = (f32)rngBelow(seed, 4096) * 0.125f;
    u32 length = 3 + rngBelow(seed, 8);
    for (u32 k = 0; k < length; k++) r->name[k] = (char)('a' + rngBelow(seed, k < 2 ? 4 : 26));
    r->name[length] = 0;
  }
}

static u64 run(u32 n) {
  static Row rows[kRows];
  static const Row* items[kRows];
  u64 seed = 107, sum = 0;
  for (u32 t = 0; t < n; t++) {
    fillRows(rows, &seed);
    for (u32 i = 0; i < kRows; i++) items[i] = &rows[i];
    for (u32 order = 0; order < kOrders; order++) {
      Compare compare = kCompare[(order + t) % kOrders];
      sortBy(items, kRows, compare);
      for (u32 probe = 0; probe < 300; probe++) {
        Row key = rows[(probe * 37 + t) % kRows];
        key.price += probe & 1;
        key.balance -= (i32)(probe & 3);
        sum += lowerBound(items, kRows, &key, compare);
      }
      sum = mix(sum, items[(t * 11) % kRows]->id);
    }
  }
  return sum;
}

KERNEL_MAIN(run)
