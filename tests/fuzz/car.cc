// libFuzzer target: any bytes as an archive. The first byte chooses digests: real ones, which
// little damage gets past, or such as count bytes only.
#include <cstdio>
#include <cstdlib>

#include "tests/car/random_car.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, size_t size) {
  using namespace bls::car::test;
  if (size == 0) return 0;
  bls::setAbilities((data[0] & 1) != 0 ? &sizeAbilities() : &realAbilities());
  const Verdict verdict = checkArchive({data + 1, size - 1});
  if (!verdict.wrong.empty()) {
    std::fprintf(stderr, "car: %s\n", verdict.wrong.c_str());
    std::abort();
  }
  return 0;
}
