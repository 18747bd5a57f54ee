// libFuzzer target: a program generated from the input, run in every interpreter configuration with
// ample, exact and short budgets; they must agree on everything.
#include <cstdio>
#include <cstdlib>

#include "tests/fuzz/agree.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, size_t size) {
  using namespace bls::test;
  if (size < 4) return 0;
  Entropy entropy({data + 2, size - 2});
  Agreement result =
      compareProgram(randomProgram(entropy), static_cast<bls::u32>(data[0] | data[1] << 8), 0);
  if (result.problem.empty()) return 0;
  std::fprintf(stderr, "%s\n", result.problem.c_str());
  std::abort();
}
