/* The MD5 of a file in hex, without a newline, as the worker node's own test function prints it:
     md5sum --chunk BYTES --file NAME
   The file is read in chunks of BYTES. Spec: RFC 1321. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Fractions of |sin(i)|, i from 1 on, times 2^32; and the rotations, four for each round. */
static const uint32_t kSines[64] = {
    0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501,
    0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821,
    0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
    0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a,
    0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
    0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
    0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
    0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391};
static const int kTurns[16] = {7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21};

typedef struct {
  uint32_t state[4];
  uint64_t bytes;
  uint8_t block[64];
} Md5;

static uint32_t turned(uint32_t x, int n) { return x << n | x >> (32 - n); }

static void mix(Md5* m) {
  uint32_t words[16], a = m->state[0], b = m->state[1], c = m->state[2], d = m->state[3];
  memcpy(words, m->block, 64);
  for (int i = 0; i < 64; i++) {
    int round = i / 16;
    uint32_t f = round == 0 ? (b & c) | (~b & d) : round == 1 ? (d & b) | (~d & c) : round == 2 ? b ^ c ^ d : c ^ (b | ~d);
    int word = round == 0 ? i : round == 1 ? 5 * i + 1 : round == 2 ? 3 * i + 5 : 7 * i;
    uint32_t sum = a + f + kSines[i] + words[word % 16];
    a = d, d = c, c = b;
    b += turned(sum, kTurns[round * 4 + i % 4]);
  }
  m->state[0] += a, m->state[1] += b, m->state[2] += c, m->state[3] += d;
}

static void add(Md5* m, const uint8_t* data, size_t size) {
  for (size_t i = 0; i < size; i++) {
    m->block[m->bytes++ % 64] = data[i];
    if (m->bytes % 64 == 0) mix(m);
  }
}

int main(int argc, char** argv) {
  const char* file = NULL;
  long chunk = 4096;
  for (int i = 1; i + 1 < argc; i += 2) {
    if (strcmp(argv[i], "--file") == 0) file = argv[i + 1];
    if (strcmp(argv[i], "--chunk") == 0) chunk = atol(argv[i + 1]);
  }
  if (file == NULL || chunk < 1 || chunk > 1 << 20) {
    fprintf(stderr, "usage: md5sum --chunk BYTES --file NAME\n");
    return 2;
  }
  FILE* in = fopen(file, "rb");
  uint8_t* buffer = malloc((size_t)chunk);
  if (in == NULL || buffer == NULL) {
    perror(file);
    return 1;
  }
  Md5 m = {{0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476}, 0, {0}};
  size_t got;
  while ((got = fread(buffer, 1, (size_t)chunk, in)) > 0) add(&m, buffer, got);
  uint64_t bits = m.bytes * 8;
  add(&m, (const uint8_t*)"\x80", 1);
  while (m.bytes % 64 != 56) add(&m, (const uint8_t*)"", 1);
  add(&m, (const uint8_t*)&bits, 8);
  for (int i = 0; i < 16; i++) printf("%02x", m.state[i / 4] >> i % 4 * 8 & 0xff);
  return ferror(in) ? 1 : 0;
}
