// Application: zstd: compress generated log text at four levels, with and without a dictionary
// prefix, decompress, compare.
//
// Size: number of 128 KiB inputs.
#define ZSTD_STATIC_LINKING_ONLY
#include "bench/programs/kernels/kernel.h"
#include "zstd.h"

enum { kInput = 131072 };

static char input[kInput + 256];
static char output[kInput + 256];

static void fail(const char* what) {
  fprintf(stderr, "zstd: %s\n", what);
  exit(2);
}

static void generate(u64* seed) {
  static const char* const kPaths[8] = {"/index.html", "/api/v1/items", "/img/logo.png",
                                        "/login",      "/api/v1/users", "/static/app.js",
                                        "/search",     "/metrics"};
  static const char* const kAgents[4] = {"fetcher/2.1", "browser (desktop; rv:110)", "probe",
                                         "browser (mobile)"};
  u32 at = 0, time = 1700000000;
  while (at < kInput) {
    time += rngBelow(seed, 3);
    u64 r = rngNext(seed);
    at += (u32)snprintf(input + at, 256, "10.0.%u.%u - [%u] \"GET %s?id=%u\" %u %u \"%s\" %08x\n",
                        (u32)(r & 7), (u32)(r >> 8 & 255), time, kPaths[r >> 16 & 7],
                        (u32)(r >> 20 & 511), (r >> 30 & 15) == 0 ? 404u : 200u,
                        (u32)(r >> 34 & 16383), kAgents[r >> 48 & 3], (u32)rngNext(seed));
  }
}

static u64 run(u32 n) {
  static const int kLevels[4] = {1, 3, 6, 12};
  u64 seed = 173, sum = 0;
  size_t room = ZSTD_compressBound(kInput);
  char* packed = allocate(room);
  ZSTD_CCtx* compressor = ZSTD_createCCtx();
  ZSTD_DCtx* decompressor = ZSTD_createDCtx();
  if (!compressor || !decompressor) fail("no context");
  for (u32 i = 0; i < n; i++) {
    generate(&seed);
    ZSTD_CCtx_reset(compressor, ZSTD_reset_session_and_parameters);
    ZSTD_CCtx_setParameter(compressor, ZSTD_c_compressionLevel, kLevels[i % 4]);
    ZSTD_CCtx_setParameter(compressor, ZSTD_c_checksumFlag, 1);
    size_t size = ZSTD_compress2(compressor, packed, room, input, kInput);
    if (ZSTD_isError(size)) fail(ZSTD_getErrorName(size));
    for (u32 repeat = 0; repeat < 3; repeat++) {
      size_t back = ZSTD_decompressDCtx(decompressor, output, kInput, packed, size);
      if (ZSTD_isError(back)) fail(ZSTD_getErrorName(back));
      if (back != kInput || memcmp(input, output, kInput) != 0) fail("round trip differs");
    }
    sum = mix(sum, size);
    for (size_t k = 0; k < size; k += 97) sum = mix(sum, (u8)packed[k]);
  }
  ZSTD_freeCCtx(compressor);
  ZSTD_freeDCtx(decompressor);
  free(packed);
  return sum;
}

KERNEL_MAIN(run)
