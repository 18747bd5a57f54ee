// agree_corpus: random programs, and mutated seed modules, in every configuration
// of this build.
//
//   agree_corpus [--seed S] [--count N] [--mutants N] [--cover-every N] [--weight GROUP=N]...
//   [--sampled]
//                [--configurations N]
//   agree_corpus --seed S --one [--dump PREFIX] [--weight GROUP=N]...
//
// Program number i has seed S + i; --one runs the program of one seed and --dump writes its two
// modules. Results, traps with their trace, fuel, memories and globals must be equal under ample,
// exact and short budgets. Every N-th program runs once more with its instructions counted. A run
// of 2000 programs or more fails as well when less than 98 % of the instructions were executed, the
// median program executed fewer than 200, or half of the programs trapped; any run does when the
// build has fewer than --configurations.
// Closing line: `N passed, N failed`.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>

#include "tests/fuzz/agree.h"
#include "tests/fuzz/mutate.h"
#include "tests/support/random_module.h"

namespace {

using namespace bls;
using namespace bls::test;

struct Options {
  u64 seed = 1, count = 4000, mutants = 0, coverEvery = 8, configurations = 0;
  bool one = false;
  const char* dump = nullptr;
  Weights weights;
};

int usage(const char* what) {
  std::fprintf(stderr, "agree_corpus: bad argument %s; groups:", what);
  for (const char* name : kGroupNames) std::fprintf(stderr, " %s", name);
  std::fprintf(stderr, "\n");
  return 2;
}

bool setWeight(const char* text, Weights& weights) {
  const char* equals = std::strchr(text, '=');
  if (equals == nullptr) return false;
  for (u32 g = 0; g < kGroupCount; ++g) {
    if (std::string(text, equals) != kGroupNames[g]) continue;
    weights.of[g] = static_cast<u8>(std::min(std::strtoull(equals + 1, nullptr, 0), 60ull));
    return true;
  }
  return false;
}

const char* parse(int argc, char** argv, Options& o) {
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--sampled") == 0) {
      sampleConfigurations();
      continue;
    }
    if (std::strcmp(argv[i], "--one") == 0) {
      o.one = true;
      continue;
    }
    if (i + 1 >= argc) return argv[i];
    const char* name = argv[i];
    const char* value = argv[++i];
    u64 number = std::strtoull(value, nullptr, 0);
    if (std::strcmp(name, "--seed") == 0) {
      o.seed = number;
    } else if (std::strcmp(name, "--count") == 0) {
      o.count = number;
    } else if (std::strcmp(name, "--mutants") == 0) {
      o.mutants = number;
    } else if (std::strcmp(name, "--configurations") == 0) {
      o.configurations = number;
    } else if (std::strcmp(name, "--cover-every") == 0) {
      o.coverEvery = std::max<u64>(number, 1);
    } else if (std::strcmp(name, "--dump") == 0) {
      o.dump = value;
    } else if (std::strcmp(name, "--weight") != 0 || !setWeight(value, o.weights)) {
      return name;
    }
  }
  return nullptr;
}

RandomProgram programOf(u64 seed, const Weights& weights) {
  const Bytes entropy = entropyOf(seed);
  Entropy source(entropy);
  return randomProgram(source, weights);
}

bool writeFile(const std::string& name, const Bytes& bytes) {
  std::FILE* out = std::fopen(name.c_str(), "wb");
  if (out == nullptr) return false;
  bool good = std::fwrite(bytes.data(), 1, bytes.size(), out) == bytes.size();
  return std::fclose(out) == 0 && good;
}

struct Totals {
  u64 passed = 0, failed = 0, trapped = 0;
  u64 digest = 0;  // of what all programs did: the same on every machine
  OpCounts counts{};
  std::vector<u64> executed;
  std::map<std::string, u64> traps;
};

void check(u64 seed, const char* kind, const Agreement& result, Totals& totals) {
  if (result.problem.empty()) {
    ++totals.passed;
    return;
  }
  ++totals.failed;
  if (totals.failed > 20) return;
  std::fprintf(stderr, "%s %llu: %s\n", kind, static_cast<unsigned long long>(seed),
               result.problem.c_str());
}

void runPrograms(const Options& o, Totals& totals) {
  for (u64 i = 0; i < (o.one ? 1 : o.count); ++i) {
    RandomProgram program = programOf(o.seed + i, o.weights);
    if (o.dump != nullptr) {
      writeFile(std::string(o.dump) + "-lib.wasm", program.library);
      writeFile(std::string(o.dump) + ".wasm", program.main);
    }
    Agreement result =
        compareProgram(program, static_cast<u32>((o.seed + i) * 40503 & 0xffff), o.seed + i);
    check(o.seed + i, "agree_corpus --one --seed", result, totals);
    totals.digest = (totals.digest ^ result.digest) * 0x9e3779b97f4a7c15u;
    totals.digest ^= totals.digest >> 31;
    if (result.trapped) {
      ++totals.trapped;
      ++totals.traps[trapText(result.trap)];
    }
    if (result.ran && (o.one || i % o.coverEvery == 0)) {
      totals.executed.push_back(cover(program, totals.counts));
    }
  }
}

void runMutants(const Options& o, Totals& totals) {
  for (u64 i = 0; i < o.mutants; ++i) {
    Random random((o.seed + i) * 0x9e3779b97f4a7c15u);
    Mutator mutator(random.next());
    const char* name = "";
    Bytes module = mutator.next(&name);
    Agreement result = compareTiers(module, 200000);
    if (result.problem.empty()) result = compareTiers(module, 1 + i * 7 % 997);
    check(o.seed + i, "mutant", result, totals);
  }
}

// The lines of the report; false when the programs are not what they should be.
bool report(const Options& o, Totals& totals) {
  u32 executable = 0, executed = 0;
  std::string missing;
  for (u32 i = 0; i < kOpCount; ++i) {
    if (!isGenerated(static_cast<Op>(i))) continue;
    ++executable;
    if (totals.counts[i] != 0) {
      ++executed;
    } else {
      missing += std::string(" ") + kOpInfo[i].text;
    }
  }
  std::sort(totals.executed.begin(), totals.executed.end());
  u64 median = totals.executed.empty() ? 0 : totals.executed[totals.executed.size() / 2];
  double runs = static_cast<double>(std::max<u64>(1, o.one ? 1 : o.count));
  const std::vector<std::string> names = configurationNames();
  std::printf("configurations:");
  for (const std::string& name : names) {
    std::printf("%s %s", &name == &names[0] ? "" : ",", name.c_str());
  }
  std::printf("\n");
  double share = 100.0 * executed / executable;
  std::printf("opcodes executed: %u of %u (%.1f %%)%s%s\n", executed, executable, share,
              missing.empty() || o.one ? "" : ", missing:", o.one ? "" : missing.c_str());
  std::printf("instructions executed per program: median %llu, most %llu (%zu programs counted)\n",
              static_cast<unsigned long long>(median),
              static_cast<unsigned long long>(totals.executed.empty() ? 0 : totals.executed.back()),
              totals.executed.size());
  std::printf("digest of what they did: %016llx\n", static_cast<unsigned long long>(totals.digest));
  std::printf("programs that trap: %.1f %%\n", 100.0 * static_cast<double>(totals.trapped) / runs);
  for (const auto& [text, number] : totals.traps) {
    std::printf("  %8llu %s\n", static_cast<unsigned long long>(number), text.c_str());
  }
  if (names.size() < o.configurations) return false;
  if (o.one || o.count < 2000) return true;
  return share >= 98 && median >= 200 && static_cast<double>(totals.trapped) < runs / 2;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  if (const char* bad = parse(argc, argv, options)) return usage(bad);
  Totals totals;
  runPrograms(options, totals);
  if (!options.one) runMutants(options, totals);
  bool good = report(options, totals);
  if (!good)
    std::printf("the programs are too weak for a test, or configurations are missing: see above\n");
  std::printf("%llu passed, %llu failed\n", static_cast<unsigned long long>(totals.passed),
              static_cast<unsigned long long>(totals.failed));
  return good && totals.failed == 0 && totals.passed != 0 ? 0 : 1;
}
