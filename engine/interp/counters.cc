// The report of BLS_T0_COUNTERS builds.
#include "engine/interp/counters.h"

#ifdef BLS_T0_COUNTERS
#include <algorithm>
#include <cstdio>
#include <vector>

namespace bls::interp {

Counters counters;

namespace {
const char* const kNames[] = {
#define HB(id, body) #id,
#define HT(id, body) #id,
#include "engine/interp/handlers_all.def"
#undef HB
#undef HT
};

}  // namespace

void printCounters() {
  constexpr size_t kRows = 40, kPairs = 150;
  u64 total = 0;
  std::vector<std::pair<u64, u32>> rows, pairs;
  for (u32 i = 0; i < kHandlerCount; ++i) {
    total += counters.rows[i];
    rows.emplace_back(counters.rows[i], i);
    for (u32 j = 0; j < kHandlerCount; ++j) {
      if (counters.pairs[i][j] != 0)
        pairs.emplace_back(counters.pairs[i][j], i * kHandlerCount + j);
    }
  }
  auto row = [](H h) { return counters.rows[static_cast<u32>(h)]; };
  std::fprintf(stderr, "dispatches %llu, moves %llu, constants %llu, slow exits %llu\n",
               static_cast<unsigned long long>(total),
               static_cast<unsigned long long>(row(H::Copy) + row(H::CopyPair) + row(H::CopyVec) +
                                               row(H::FromAcc)),
               static_cast<unsigned long long>(row(H::Const32) + row(H::ConstS32) +
                                               row(H::Const64) + row(H::Const128)),
               static_cast<unsigned long long>(counters.slowExits));
  std::sort(rows.rbegin(), rows.rend());
  std::sort(pairs.rbegin(), pairs.rend());
  auto share = [&](u64 n) { return 100.0 * static_cast<double>(n) / static_cast<double>(total); };
  for (size_t i = 0; i < std::min(kRows, rows.size()); ++i) {
    std::fprintf(stderr, "row %5.2f%% %s\n", share(rows[i].first), kNames[rows[i].second]);
  }
  for (size_t i = 0; i < std::min(kPairs, pairs.size()); ++i) {
    std::fprintf(stderr, "pair %5.2f%% %s %s\n", share(pairs[i].first),
                 kNames[pairs[i].second / kHandlerCount], kNames[pairs[i].second % kHandlerCount]);
  }
}

}  // namespace bls::interp
#endif
