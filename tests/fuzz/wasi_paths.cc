// libFuzzer target: sequences of path calls on both path resolvers, which must agree and never
// leave the granted directory.
#include <stdio.h>
#include <stdlib.h>

#include "tests/wasi/path_ops.h"

// Says once what is being tested, so that a log without openat2 cannot pass for one with it.
extern "C" int LLVMFuzzerInitialize(int*, char***) {
  fprintf(stderr, "wasi_paths: %s\n",
          bls::wasi::canComparePathResolvers() ? "openat2 against the walk"
                                               : "the walk alone: this kernel has no openat2");
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string wrong = bls::wasi::runPathOps(data, size);
  if (!wrong.empty()) {
    fprintf(stderr, "wasi_paths: %s\n", wrong.c_str());
    abort();
  }
  return 0;
}
