// Counts of executed handlers and of pairs, for the census that decides about fused instructions.
// Only with the build option BLS_T0_COUNTERS; then printed to stderr when the outermost run ends:
// dispatches, moves, slow exits, most frequent rows and pairs.
#pragma once

#ifdef BLS_T0_COUNTERS
#include "engine/interp/handlers.h"

namespace bls::interp {

struct Counters {
  u64 rows[kHandlerCount];
  u32 last;
  u64 slowExits;
  u64 pairs[kHandlerCount][kHandlerCount];
};
extern Counters counters;
void printCounters();

T0_INLINE void countRow(H h) {
  const u32 row = static_cast<u32>(h);
  ++counters.rows[row];
  ++counters.pairs[counters.last][row];
  counters.last = row;
}

}  // namespace bls::interp
#define T0_COUNT(id) ::bls::interp::countRow(H::id)
#define T0_COUNT_SLOW() ++::bls::interp::counters.slowExits
#else
#define T0_COUNT(id)
#define T0_COUNT_SLOW()
#endif
