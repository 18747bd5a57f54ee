// The tail back end's entry, slow path and trap exit, and the table of recorded accesses.
#include <algorithm>
#include <vector>

#include "engine/interp/tail.h"

#if T0_HAS_TAIL
namespace bls::interp {

#define T0_FAMILIES(X) X(Control) X(Int) X(Memory) X(Float) X(Simd)
#define T0_FAMILY(name)                \
  extern const TailRow kTail##name[];  \
  extern const u32 kTail##name##Count; \
  extern const HotRow kHot##name[];    \
  extern const u32 kHot##name##Count;
T0_FAMILIES(T0_FAMILY)
#undef T0_FAMILY

const Handler* tailHandlers() {
  static const std::vector<Handler> table = [] {
    std::vector<Handler> all(kHandlerCount);
    u32 rows = 0;
    auto add = [&](const TailRow* family, u32 count) {
      for (u32 i = 0; i < count; ++i) all[static_cast<u32>(family[i].row)] = family[i].handler;
      rows += count;
    };
#define T0_FAMILY(name) add(kTail##name, kTail##name##Count);
    T0_FAMILIES(T0_FAMILY)
#undef T0_FAMILY
    CHECK(rows == kHandlerCount);
    return all;
  }();
  return table.data();
}

const Handler* tailCopies(u32 row) {
  static const std::vector<const Handler*> table = [] {
    std::vector<const Handler*> all(kHandlerCount);
    auto add = [&](const HotRow* rows, u32 count) {
      for (u32 i = 0; i < count; ++i) all[static_cast<u32>(rows[i].row)] = rows[i].copies;
    };
#define T0_FAMILY(name) add(kHot##name, kHot##name##Count);
    T0_FAMILIES(T0_FAMILY)
#undef T0_FAMILY
    return all;
  }();
  return table[row];
}

bool tailSupported() {
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
         __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("lzcnt") &&
         __builtin_cpu_supports("popcnt");
#else
  return true;
#endif
}

u64 runTail(const State& s) {
  return reinterpret_cast<Handler>(s.pc->h)(s.pc, s.fp, s.mem0, s.cx, s.acc, 0, s.facc);
}

#if T0_HAS_GUARD
u64 tailTrapExit(T0_PARAMS) {
  (void)acc;
  State s{pc, fp, mem0, cx, 0, facc, 0, false};
  return raise(s, Trap::MemoryOutOfBounds);
}

extern "C" {
// Made by the linker around the entries of T0_SITE: each is the distance from the entry to the
// access.
extern const i32 blsAccessStart[] __asm__("__start_bls_t0_access")
    __attribute__((weak, visibility("hidden")));
extern const i32 blsAccessStop[] __asm__("__stop_bls_t0_access")
    __attribute__((weak, visibility("hidden")));
}

namespace {
std::vector<u64>& accessTable() {
  static std::vector<u64> table;
  return table;
}
}  // namespace

void prepareAccessTable() {
  static const bool done = [] {
    std::vector<u64>& table = accessTable();
    for (const i32* entry = blsAccessStart; entry < blsAccessStop; ++entry) {
      table.push_back(reinterpret_cast<u64>(entry) + static_cast<u64>(static_cast<i64>(*entry)));
    }
    std::sort(table.begin(), table.end());
    return true;
  }();
  (void)done;
}
bool isRecordedAccess(u64 pc) {
  const std::vector<u64>& table = accessTable();
  return std::binary_search(table.begin(), table.end(), pc);
}
#endif

}  // namespace bls::interp
#endif
