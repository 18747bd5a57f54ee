// agree_corpus: seeded random modules, and mutated seed modules, through every interpreter
// configuration of this build.
//
//   agree_corpus [--count N] [--seed S] [--only I] [--dump FILE]
//
// Odd numbers are generated modules (always valid), even ones mutated seeds. Each runs with an
// ample budget and with an odd small one. Results, traps with their trace, fuel, memory and globals
// must be equal. Closing line: `N passed, N failed`.
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "tests/fuzz/agree.h"
#include "tests/fuzz/mutate.h"
#include "tests/support/random_module.h"

namespace {

using namespace bls;
using namespace bls::test;

Bytes inputNumber(u64 seed, u64 number) {
  Random random(seed * 0x9e3779b97f4a7c15u + number);
  if (number % 2 == 0) {
    Mutator mutator(random.next());
    const char* name = "";
    return mutator.next(&name);
  }
  Bytes entropy(100 + random.below(5000));
  for (u8& b : entropy) b = static_cast<u8>(random.next());
  Entropy source(entropy);
  return randomModule(source);
}

}  // namespace

int main(int argc, char** argv) {
  u64 count = 4000, seed = 1, only = 0;
  const char* dump = nullptr;
  for (int i = 1; i + 1 < argc; i += 2) {
    if (std::strcmp(argv[i], "--count") == 0) count = std::strtoull(argv[i + 1], nullptr, 0);
    if (std::strcmp(argv[i], "--seed") == 0) seed = std::strtoull(argv[i + 1], nullptr, 0);
    if (std::strcmp(argv[i], "--only") == 0) only = std::strtoull(argv[i + 1], nullptr, 0);
    if (std::strcmp(argv[i], "--dump") == 0) dump = argv[i + 1];
  }
  u64 passed = 0, failed = 0, ran = 0, trapped = 0, fuel = 0;
  for (u64 i = only != 0 ? only : 1; i <= (only != 0 ? only : count); ++i) {
    Bytes module = inputNumber(seed, i);
    if (dump != nullptr) {
      std::FILE* out = std::fopen(dump, "wb");
      if (out == nullptr) return 1;
      std::fwrite(module.data(), 1, module.size(), out);
      std::fclose(out);
    }
    bool good = true;
    for (u64 budget : {u64{200000}, 1 + i * 7 % 997}) {
      Agreement result = compareTiers(module, budget);
      ran += result.ran;
      trapped += result.trapped;
      fuel += result.outOfFuel;
      bool refused = i % 2 == 1 && !result.ran && result.problem.empty();
      if (result.problem.empty() && !refused) continue;
      good = false;
      std::fprintf(stderr, "input %llu budget %llu: %s\n", static_cast<unsigned long long>(i),
                   static_cast<unsigned long long>(budget),
                   refused ? "a generated module was refused" : result.problem.c_str());
    }
    good ? ++passed : ++failed;
  }
  std::printf("seed %llu: %llu runs, %llu trapped, of these %llu out of fuel\n",
              static_cast<unsigned long long>(seed), static_cast<unsigned long long>(ran),
              static_cast<unsigned long long>(trapped), static_cast<unsigned long long>(fuel));
  std::printf("%llu passed, %llu failed\n", static_cast<unsigned long long>(passed),
              static_cast<unsigned long long>(failed));
  return failed == 0 && passed != 0 ? 0 : 1;
}
