// Hashing: 64-bit multiply-rotate hashing of variable-length strings (four lanes for long ones)
// feeding a Robin Hood hash table that counts them.
//
// Size: number of rounds of 2,000 strings of 3 to 90 bytes cut from one text buffer.
#include "bench/programs/kernels/kernel.h"

enum { kTextBytes = 65536, kSlots = 16384, kStrings = 2000 };

static const u64 kP1 = 0x9e3779b185ebca87ull, kP2 = 0xc2b2ae3d27d4eb4full,
                 kP3 = 0x165667b19e3779f9ull, kP4 = 0x85ebca77c2b2ae63ull,
                 kP5 = 0x27d4eb2f165667c5ull;

typedef struct {
  u64 hash;
  u32 offset, count;
  u16 length, distance;  // distance + 1; zero marks an empty slot
} Slot;

static u8 text[kTextBytes];
static Slot table[kSlots];
static u32 used;

static u64 rotate(u64 v, u32 n) { return v << n | v >> (64 - n); }

static u64 read64(const u8* p) {
  u64 v;
  memcpy(&v, p, 8);
  return v;
}

static u64 laneStep(u64 lane, u64 input) { return rotate(lane + input * kP2, 31) * kP1; }

static u64 hashBytes(const u8* p, u32 length, u64 seed) {
  const u8* end = p + length;
  u64 h;
  if (length >= 32) {
    u64 v[4] = {seed + kP1 + kP2, seed + kP2, seed, seed - kP1};
    for (; p + 32 <= end; p += 32) {
      for (u32 i = 0; i < 4; i++) v[i] = laneStep(v[i], read64(p + 8 * i));
    }
    h = rotate(v[0], 1) + rotate(v[1], 7) + rotate(v[2], 12) + rotate(v[3], 18);
    for (u32 i = 0; i < 4; i++) h = (h ^ laneStep(0, v[i])) * kP1 + kP4;
  } else {
    h = seed + kP5;
  }
  h += length;
  for (; p + 8 <= end; p += 8) h = rotate(h ^ laneStep(0, read64(p)), 27) * kP1 + kP4;
  if (p + 4 <= end) {
    u32 v;
    memcpy(&v, p, 4);
    h = rotate(h ^ v * kP1, 23) * kP2 + kP3;
    p += 4;
  }
  for (; p < end; p++) h = rotate(h ^ *p * kP5, 11) * kP1;
  h = (h ^ h >> 33) * kP2;
  h = (h ^ h >> 29) * kP3;
  return h ^ h >> 32;
}

static int sameString(const Slot* s, u64 hash, u32 offset, u32 length) {
  return s->hash == hash && s->length == length &&
         memcmp(text + s->offset, text + offset, length) == 0;
}

// Counts the string; returns its count so far.
static u32 countString(u32 offset, u32 length) {
  u64 hash = hashBytes(text + offset, length, 0);
  u32 at = (u32)hash & (kSlots - 1);
  Slot carried = {hash, offset, 1, (u16)length, 1};
  int displaced = 0;
  for (;; at = (at + 1) & (kSlots - 1), carried.distance++) {
    Slot* s = &table[at];
    if (s->distance == 0) {
      *s = carried;
      used++;
      return 1;
    }
    if (!displaced && sameString(s, hash, offset, length)) return ++s->count;
    if (s->distance < carried.distance) {
      Slot t = *s;
      *s = carried;
      carried = t;
      displaced = 1;
    }
  }
}

static u64 run(u32 n) {
  u64 seed = 151, sum = 0;
  for (u32 i = 0; i < kTextBytes; i++) text[i] = (u8)("etaoin shrdlu"[rngBelow(&seed, 13)]);
  for (u32 round = 0; round < n; round++) {
    u64 stride = rngNext(&seed);
    for (u32 i = 0; i < kStrings; i++) {
      u64 r = (i + 1) * stride;
      u32 length = r >> 63 ? 3 + (u32)(r >> 58 & 3) : 10 + (u32)((r >> 40) % 80);
      u32 offset = (u32)(r >> 8) % (kTextBytes - 96);
      sum += countString(offset, length);
    }
    if (used > kSlots * 3 / 4) {
      for (u32 s = 0; s < kSlots; s++)
        sum = mix(sum, table[s].hash * table[s].count + table[s].distance);
      memset(table, 0, sizeof table);
      used = 0;
    }
  }
  return mix(sum, used);
}

KERNEL_MAIN(run)
