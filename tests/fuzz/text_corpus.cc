// text_corpus: seeded, mutated texts of unknown origin (text_inputs.h) through the parts that read
// them.
//
//   text_corpus [--target NAME] [--count N] [--seed S] [--only I]
//
// Without --target each gets N inputs. Every input must be taken, or refused with a message of one
// line; nothing may crash (run it under the sanitizer presets) or take over 10 s, and at least a
// twentieth must be taken, or the edits test nothing but the first check.
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "tests/fuzz/text_inputs.h"

namespace bls::test {
namespace {

const char* currentTarget = "";
unsigned long long currentNumber = 0;

void onAlarm(int) {
  char line[100];
  const int n = std::snprintf(line, sizeof line, "text_corpus: %s input %llu ran over 10 s\n",
                              currentTarget, currentNumber);
  if (n > 0 && write(2, line, static_cast<size_t>(n)) < 0) _exit(3);
  _exit(2);
}

u64 runTarget(const TextTarget& target, u64 count, u64 seed, u64 only, u64* passed) {
  TextMutator mutator(target, seed);
  u64 failed = 0;
  u64 taken = 0;
  currentTarget = target.name;
  for (u64 i = 1; i <= count; ++i) {
    const std::string input = mutator.next();
    currentNumber = i;
    if (only != 0 && only != i) continue;
    bool accepted = false;
    if (i % 1024 == 1 || only != 0) alarm(10);
    const std::string wrong = target.check(input, &accepted);
    taken += accepted ? 1 : 0;
    if (wrong.empty()) {
      ++*passed;
    } else if (++failed <= 20) {
      std::fprintf(stderr, "%s input %llu: %s\n", target.name, currentNumber, wrong.c_str());
    }
  }
  alarm(0);
  std::printf("%s: %llu inputs, %.1f %% taken\n", target.name,
              static_cast<unsigned long long>(count),
              100.0 * static_cast<double>(taken) / static_cast<double>(count));
  if (only == 0 && taken * 20 < count) {
    std::fprintf(stderr, "%s: too few inputs are taken\n", target.name);
    ++failed;
  }
  return failed;
}

}  // namespace
}  // namespace bls::test

int main(int argc, char** argv) {
  using namespace bls::test;
  bls::u64 count = 20000, seed = 1, only = 0;
  const char* name = nullptr;
  for (int i = 1; i + 1 < argc; i += 2) {
    if (std::strcmp(argv[i], "--count") == 0) count = std::strtoull(argv[i + 1], nullptr, 0);
    if (std::strcmp(argv[i], "--seed") == 0) seed = std::strtoull(argv[i + 1], nullptr, 0);
    if (std::strcmp(argv[i], "--only") == 0) only = std::strtoull(argv[i + 1], nullptr, 0);
    if (std::strcmp(argv[i], "--target") == 0) name = argv[i + 1];
  }
  if (name != nullptr && textTarget(name) == nullptr) return 2;
  std::signal(SIGALRM, onAlarm);
  bls::u64 passed = 0;
  bls::u64 failed = 0;
  for (const TextTarget& target : textTargets()) {
    if (name == nullptr || std::strcmp(name, target.name) == 0)
      failed += runTarget(target, count, seed, only, &passed);
  }
  std::printf("%llu passed, %llu failed\n", static_cast<unsigned long long>(passed),
              static_cast<unsigned long long>(failed));
  return failed == 0 && passed != 0 ? 0 : 1;
}
