// Seeded random path sequences: both resolvers agree and neither escapes. The same interpreter is
// fuzzed in tests/fuzz/wasi_paths.cc.
#include <gtest/gtest.h>

#include "tests/wasi/path_ops.h"

namespace bls::wasi {
namespace {

constexpr int kSequences = 300;
constexpr size_t kBytes = 40 * 12;

TEST(WasiPathAgreement, RandomSequencesGiveTheSameResultsAndDoNotEscape) {
  u64 state = 20261122;
  for (int sequence = 0; sequence < kSequences; ++sequence) {
    u8 data[kBytes];
    for (u8& byte : data) {
      state = state * 6364136223846793005 + 1442695040888963407;
      byte = static_cast<u8>(state >> 56);
    }
    ASSERT_EQ(runPathOps(data, sizeof data), "") << "sequence " << sequence;
  }
  if (!canComparePathResolvers()) GTEST_SKIP() << "no openat2 here: only the walk was tested";
}

}  // namespace
}  // namespace bls::wasi
