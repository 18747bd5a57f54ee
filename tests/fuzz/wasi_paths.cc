// libFuzzer target: sequences of path calls on both path resolvers, which must agree and never
// leave the granted directory.
#include <stdio.h>
#include <stdlib.h>

#include "tests/wasi/path_ops.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const bool kPossible = bls::wasi::canComparePathResolvers();
  if (!kPossible) return 0;
  std::string wrong = bls::wasi::runPathOps(data, size);
  if (!wrong.empty()) {
    fprintf(stderr, "wasi_paths: %s\n", wrong.c_str());
    abort();
  }
  return 0;
}
