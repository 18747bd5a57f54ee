// car_corpus: seeded archives, most of them damaged or hostile, through reader, search and walk.
//
//   car_corpus [--count N] [--seed S] [--only I] [--dump FILE]
//
// Each must be accepted, or refused in one line; names that lead elsewhere must not be seen by what
// would write files; nothing may crash (run it under the sanitizer presets), take over 10 s, or
// grow the process over 1 GiB. The run fails as well when too few archives open (20 %), are
// walked to the end (5 %) or hold a configuration (5 %).
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <map>

#include "tests/car/random_car.h"

namespace bls::car::test {
namespace {

volatile unsigned long long current;

void onAlarm(int) {
  char line[80];
  const int size = std::snprintf(line, sizeof line, "car_corpus: archive %llu ran over 10 s\n",
                                 static_cast<unsigned long long>(current));
  if (size > 0 && write(2, line, static_cast<size_t>(size)) < 0) _exit(3);
  _exit(2);
}

struct Tally {
  u64 total = 0, opened = 0, walked = 0, config = 0, failed = 0;
  std::map<std::string, u64> classes;

  void add(const Verdict& verdict) {
    ++total;
    opened += verdict.opened;
    walked += verdict.walked;
    config += verdict.config;
    if (!verdict.refusal.empty()) ++classes[verdict.refusal];
    if (verdict.wrong.empty()) return;
    ++failed;
    std::fprintf(stderr, "archive %llu: %s\n", static_cast<unsigned long long>(current),
                 verdict.wrong.c_str());
  }

  int report() const {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto percent = [&](u64 part) {
      return 100.0 * static_cast<double>(part) / static_cast<double>(total);
    };
    std::printf(
        "archives %llu, open %.1f %%, walked to the end %.1f %%, with a configuration "
        "%.1f %%, peak RSS %ld MiB\n",
        static_cast<unsigned long long>(total), percent(opened), percent(walked), percent(config),
        usage.ru_maxrss / 1024);
    for (const auto& [name, count] : classes)
      std::printf("  %-12s %llu\n", name.c_str(), static_cast<unsigned long long>(count));
    u64 wrong = failed;
    if (percent(opened) < 20 || percent(walked) < 5 || percent(config) < 5) {
      std::fprintf(stderr, "too few archives are in order\n");
      ++wrong;
    }
    if (usage.ru_maxrss > 1024 * 1024) {
      std::fprintf(stderr, "peak RSS over 1 GiB\n");
      ++wrong;
    }
    std::printf("%llu passed, %llu failed\n", static_cast<unsigned long long>(total - failed),
                static_cast<unsigned long long>(wrong));
    return wrong == 0 ? 0 : 1;
  }
};

int run(u64 count, u64 seed, u64 only, const char* dump) {
  std::signal(SIGALRM, onAlarm);
  std::printf("seed %llu, count %llu\n", static_cast<unsigned long long>(seed),
              static_cast<unsigned long long>(count));
  CarGenerator generator(seed);
  Tally tally;
  for (u64 i = 1; i <= count; ++i) {
    bool weak = false;
    const std::string bytes = generator.next(&weak);
    current = i;
    if (only != 0 && only != i) continue;
    if (dump != nullptr && only == i) {
      std::FILE* out = std::fopen(dump, "wb");
      if (out == nullptr) return 1;
      std::fwrite(bytes.data(), 1, bytes.size(), out);
      std::fclose(out);
    }
    setAbilities(weak ? &sizeAbilities() : &realAbilities());
    alarm(10);
    tally.add(checkArchive({reinterpret_cast<const u8*>(bytes.data()), bytes.size()}));
    alarm(0);
  }
  return only != 0 ? (tally.failed == 0 ? 0 : 1) : tally.report();
}

}  // namespace
}  // namespace bls::car::test

int main(int argc, char** argv) {
  bls::u64 count = 20000, seed = 1, only = 0;
  const char* dump = nullptr;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view option = argv[i];
    if (option == "--count") count = std::strtoull(argv[i + 1], nullptr, 0);
    if (option == "--seed") seed = std::strtoull(argv[i + 1], nullptr, 0);
    if (option == "--only") only = std::strtoull(argv[i + 1], nullptr, 0);
    if (option == "--dump") dump = argv[i + 1];
  }
  return bls::car::test::run(count, seed, only, dump);
}
