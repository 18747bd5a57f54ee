// libFuzzer target: a module generated from the input, run in every interpreter configuration; they
// must agree on everything.
#include <cstdio>
#include <cstdlib>

#include "tests/fuzz/agree.h"
#include "tests/support/random_module.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, size_t size) {
  using namespace bls::test;
  if (size < 4) return 0;
  Entropy entropy({data + 2, size - 2});
  Bytes module = randomModule(entropy);
  Agreement result = compareTiers(module, 1 + (data[0] | data[1] << 8));
  if (!result.problem.empty() || !result.ran) {
    std::fprintf(
        stderr, "%s\n",
        result.problem.empty() ? "a generated module was refused" : result.problem.c_str());
    std::abort();
  }
  return 0;
}
