// Application: bzip2: compress and decompress generated text blocks, and compare.
//
// Size: number of 100,000-byte inputs.
#include "bench/programs/kernels/kernel.h"
#include "bzlib.h"

enum { kInput = 100000, kPacked = 110000 };

// The library is built without stdio and reports internal errors here.
void bz_internal_error(int code) {
  fprintf(stderr, "bzip2: internal error %d\n", code);
  exit(2);
}

static char input[kInput], packed[kPacked], output[kInput];

// Words of a made-up language with a skewed distribution and frequent pairs.
static void generate(u64* seed) {
  static const char kSyllables[32][4] = {"ka",  "to",  "mi",  "ra",  "ne", "so", "lu", "vi",
                                         "da",  "po",  "sha", "tri", "el", "an", "or", "us",
                                         "qui", "ber", "ga",  "fo",  "ze", "hy", "ma", "ri",
                                         "no",  "sta", "ly",  "en",  "is", "at", "um", "ix"};
  u32 at = 0, previous = 0;
  while (at < kInput) {
    u64 r = rngNext(seed);
    u32 word = r & 1 ? (previous * 5 + 3) % 512 : (u32)((r >> 8 & 511) & (r >> 20 & 511));
    previous = word;
    const char* parts[3] = {kSyllables[word & 31], kSyllables[word >> 4 & 31],
                            word & 256 ? " " : ". "};
    for (u32 p = 0; p < 3; p++) {
      for (const char* c = parts[p]; *c && at < kInput; c++) input[at++] = *c;
    }
  }
}

static u64 run(u32 n) {
  u64 seed = 179, sum = 0;
  for (u32 i = 0; i < n; i++) {
    generate(&seed);
    unsigned size = kPacked, back = kInput;
    int code = BZ2_bzBuffToBuffCompress(packed, &size, input, kInput, 1 + (int)(i % 9), 0, 30);
    if (code == BZ_OK)
      code = BZ2_bzBuffToBuffDecompress(output, &back, packed, size, (int)(i & 1), 0);
    if (code != BZ_OK || back != kInput || memcmp(input, output, kInput) != 0) {
      fprintf(stderr, "bzip2: round trip failed (%d)\n", code);
      exit(2);
    }
    sum = mix(sum, size);
    for (unsigned k = 0; k < size; k += 61) sum = mix(sum, (u8)packed[k]);
  }
  return sum;
}

KERNEL_MAIN(run)
