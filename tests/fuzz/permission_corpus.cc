// permission_corpus: seeded permission lists, URLs and questions; see permission_check.h.
//
//   permission_corpus [--count N] [--seed S] [--only I]
//
// The run also fails when too little of it is about lists that parse, or when an answer hardly
// occurs.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "tests/fuzz/permission_check.h"
#include "tests/support/random_module.h"

int main(int argc, char** argv) {
  using namespace bls;
  u64 count = 20000, seed = 1, only = 0;
  for (int i = 1; i + 1 < argc; i += 2) {
    if (std::strcmp(argv[i], "--count") == 0) count = std::strtoull(argv[i + 1], nullptr, 0);
    if (std::strcmp(argv[i], "--seed") == 0) seed = std::strtoull(argv[i + 1], nullptr, 0);
    if (std::strcmp(argv[i], "--only") == 0) only = std::strtoull(argv[i + 1], nullptr, 0);
  }
  test::Random random(seed);
  test::PermissionTally tally;
  u64 failed = 0;
  for (u64 i = 1; i <= count; ++i) {
    std::vector<u8> bytes(8 + random.below(200));
    for (u8& byte : bytes) byte = static_cast<u8>(random.next());
    if (only != 0 && only != i) continue;
    std::string wrong = test::checkPermissions(bytes.data(), bytes.size(), &tally);
    if (wrong.empty()) continue;
    ++failed;
    std::fprintf(stderr, "input %llu: %s\n", static_cast<unsigned long long>(i), wrong.c_str());
  }
  auto show = [](u64 n) { return static_cast<unsigned long long>(n); };
  std::printf(
      "lists: %llu accepted, %llu rejected; answers: %llu denied, %llu ask, %llu allowed; "
      "%llu by URL\n",
      show(tally.accepted), show(tally.rejected), show(tally.answers[0]), show(tally.answers[1]),
      show(tally.answers[2]), show(tally.urlsAllowed));
  bool enough = only != 0 || (tally.accepted >= count / 50 && tally.rejected >= count / 50 &&
                              tally.answers[0] >= count / 50 && tally.answers[1] >= count / 50 &&
                              tally.answers[2] >= count / 50 && tally.urlsAllowed >= count / 10000);
  if (!enough) std::fprintf(stderr, "too little was reached\n");
  failed += enough ? 0 : 1;
  std::printf("%llu passed, %llu failed\n", show(count), show(failed));
  return failed == 0 ? 0 : 1;
}
