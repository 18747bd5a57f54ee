// Hashing: integrity checks of a chunked file: CRC-32 by eight tables, Adler-32, FNV-1a and a
// rolling polynomial hash that chooses the chunk borders.
//
// Size: number of 64 KiB blocks.
#include "bench/programs/kernels/kernel.h"

enum { kBlock = 65536, kWindow = 48, kBorderMask = 2047 };

static u32 tables[8][256];
static u8 block[kBlock];

static void buildTables(void) {
  for (u32 i = 0; i < 256; i++) {
    u32 c = i;
    for (u32 k = 0; k < 8; k++) c = c & 1 ? 0xedb88320u ^ c >> 1 : c >> 1;
    tables[0][i] = c;
  }
  for (u32 t = 1; t < 8; t++) {
    for (u32 i = 0; i < 256; i++)
      tables[t][i] = tables[t - 1][i] >> 8 ^ tables[0][tables[t - 1][i] & 255];
  }
}

static u32 crc32(u32 crc, const u8* p, u32 count) {
  crc = ~crc;
  for (; count >= 8; p += 8, count -= 8) {
    u32 low, high;
    memcpy(&low, p, 4);
    memcpy(&high, p + 4, 4);
    low ^= crc;
    crc = tables[7][low & 255] ^ tables[6][low >> 8 & 255] ^ tables[5][low >> 16 & 255] ^
          tables[4][low >> 24] ^ tables[3][high & 255] ^ tables[2][high >> 8 & 255] ^
          tables[1][high >> 16 & 255] ^ tables[0][high >> 24];
  }
  for (; count > 0; p++, count--) crc = crc >> 8 ^ tables[0][(crc ^ *p) & 255];
  return ~crc;
}

static u32 adler32(u32 adler, const u8* p, u32 count) {
  u32 a = adler & 0xffff, b = adler >> 16;
  while (count > 0) {
    u32 part = count < 3800 ? count : 3800;
    count -= part;
    for (; part > 0; part--) {
      a += *p++;
      b += a;
    }
    a %= 65521;
    b %= 65521;
  }
  return b << 16 | a;
}

static u64 fnv1a(u64 h, const u8* p, u32 count) {
  for (u32 i = 0; i < count; i++) h = (h ^ p[i]) * 0x100000001b3ull;
  return h;
}

// Length of the next chunk: where a rolling hash of the last 48 bytes has its low bits zero.
static u32 nextBorder(const u8* p, u32 count) {
  const u32 factor = 0x01000193u;
  u32 leaving = 1, h = 0;
  if (count <= 512) return count;
  for (u32 i = 0; i < kWindow; i++) leaving *= factor;
  for (u32 i = 512 - kWindow; i < 512; i++) h = h * factor + p[i];
  for (u32 i = 512; i < count && i < 8192; i++) {
    h = h * factor + p[i] - leaving * p[i - kWindow];
    if ((h >> 12 & kBorderMask) == 0) return i + 1;
  }
  return count < 8192 ? count : 8192;
}

static u64 run(u32 n) {
  u64 seed = 157, sum = 0;
  u32 wholeCrc = 0, wholeAdler = 1;
  buildTables();
  if (crc32(0, (const u8*)"123456789", 9) != 0xcbf43926u) return 0;
  for (u32 i = 0; i < kBlock; i++) block[i] = (u8)(rngNext(&seed) >> 60 << (i & 3));
  for (u32 round = 0; round < n; round++) {
    for (u32 i = 0; i < 64; i++) block[rngBelow(&seed, kBlock)] = (u8)round;
    u32 at = 0, chunks = 0;
    while (at < kBlock) {
      u32 count = nextBorder(block + at, kBlock - at);
      u64 name = fnv1a(0xcbf29ce484222325ull, block + at, count);
      u32 crc = crc32(0, block + at, count);
      sum += name ^ crc;
      at += count;
      chunks++;
    }
    wholeCrc = crc32(wholeCrc, block, kBlock);
    wholeAdler = adler32(wholeAdler, block, kBlock);
    sum = mix(sum, chunks);
  }
  return mix(sum, ((u64)wholeCrc << 32) | wholeAdler);
}

KERNEL_MAIN(run)
