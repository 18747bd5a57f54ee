// The tail back end's entry, slow path and trap exit, and the table of recorded accesses.
#include <array>
#include <atomic>

#include "engine/base/cpu.h"
#include "engine/interp/tail.h"

#if T0_HAS_TAIL
namespace bls::interp {

namespace {

// What tail_family.inc writes: distances are from the field that holds them.
struct RowEntry {
  u32 row;
  i32 distance;
};
struct HotEntry {
  u32 row;
  i32 distances[kTailCopies];
};
Handler handlerAt(const i32* distance) {
  return reinterpret_cast<Handler>(reinterpret_cast<u64>(distance) +
                                   static_cast<u64>(static_cast<i64>(*distance)));
}

#define T0_FAMILIES(X) X(Control) X(Int) X(Memory) X(Float) X(Simd) X(Gc) X(Atomic)

// Labels in tail_family.inc.
extern "C" {
#define T0_FAMILY(name)                                                           \
  extern const RowEntry blsRows##name[] __attribute__((visibility("hidden")));    \
  extern const RowEntry blsRowsEnd##name[] __attribute__((visibility("hidden"))); \
  extern const HotEntry blsHot##name[] __attribute__((visibility("hidden")));
T0_FAMILIES(T0_FAMILY)
#undef T0_FAMILY
}

struct Family {
  const RowEntry* rows;
  const RowEntry* end;
  const HotEntry* hot;
};
const Family kFamilies[] = {
#define T0_FAMILY(name) {blsRows##name, blsRowsEnd##name, blsHot##name},
    T0_FAMILIES(T0_FAMILY)
#undef T0_FAMILY
};
// The family of a row; `index`: its place there.
const Family& familyOf(u32 row, u32* index) {
  for (const Family& family : kFamilies) {
    *index = row - family.rows[0].row;
    if (*index < static_cast<u32>(family.end - family.rows)) return family;
  }
  UNREACHABLE("a row of no family");
}

// By row: the place among its family's hot rows plus one, or 0.
constexpr auto kHotIndex = [] {
  std::array<u8, kHandlerCount> all{};
  u8 next = 0;
#define T0_HOT(id) all[static_cast<u32>(H::id)] = ++next;
  T0_HOT_CONTROL(T0_HOT)
  next = 0;
  T0_HOT_INT(T0_HOT)
  next = 0;
  T0_HOT_MEMORY(T0_HOT)
  next = 0;
  T0_HOT_FLOAT(T0_HOT)
  next = 0;
  T0_HOT_SIMD(T0_HOT)
  next = 0;
  T0_HOT_GC(T0_HOT)
  next = 0;
  T0_HOT_ATOMIC(T0_HOT)
#undef T0_HOT
  return all;
}();

}  // namespace

Handler tailHandler(u32 row) {
  u32 index;
  const Family& family = familyOf(row, &index);
  CHECK(family.rows[index].row == row);
  return handlerAt(&family.rows[index].distance);
}

Handler tailCopy(u32 row, u32 turn) {
  u32 index;
  const Family& family = familyOf(row, &index);
  const u32 hot = kHotIndex[row];
  if (hot == 0 || turn % (kTailCopies + 1) == 0) return handlerAt(&family.rows[index].distance);
  const HotEntry& entry = family.hot[hot - 1];
  CHECK(entry.row == row);
  return handlerAt(&entry.distances[turn % (kTailCopies + 1) - 1]);
}

bool tailSupported() {
#if defined(__x86_64__)
  using platform::cpuBit, platform::Cpu;
  return platform::cpuHas(cpuBit(Cpu::Avx2) | cpuBit(Cpu::Bmi1) | cpuBit(Cpu::Bmi2) |
                          cpuBit(Cpu::Lzcnt) | cpuBit(Cpu::Popcnt));
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

u64 accessAt(const i32* entry) {
  return reinterpret_cast<u64>(entry) + static_cast<u64>(static_cast<i64>(*entry));
}

// The recorded addresses as a hash table, made at the first fault: nothing before may pay for it,
// and a signal handler may neither allocate nor wait. Who comes while another thread makes it looks
// through the list.
constexpr u32 kAccessSlots = 4096;  // a power of two, at least twice the accesses
u64 accessTable[kAccessSlots];
std::atomic<u32> accessTableState{0};  // 0 none, 1 in the making, 2 there
u32 accessHash(u64 pc) { return static_cast<u32>(pc * 0x9e3779b97f4a7c15u >> 52); }

bool makeAccessTable() {
  u32 state = accessTableState.load(std::memory_order_acquire);
  if (state == 2) return true;
  if (blsAccessStop - blsAccessStart > kAccessSlots / 2) return false;
  if (state == 1 || !accessTableState.compare_exchange_strong(state, 1)) return false;
  for (const i32* entry = blsAccessStart; entry < blsAccessStop; ++entry) {
    u32 at = accessHash(accessAt(entry));
    while (accessTable[at] != 0) at = (at + 1) % kAccessSlots;
    accessTable[at] = accessAt(entry);
  }
  accessTableState.store(2, std::memory_order_release);
  return true;
}

}  // namespace

bool isRecordedAccess(u64 pc) {
  if (makeAccessTable()) {
    for (u32 at = accessHash(pc); accessTable[at] != 0; at = (at + 1) % kAccessSlots) {
      if (accessTable[at] == pc) return true;
    }
    return false;
  }
  for (const i32* entry = blsAccessStart; entry < blsAccessStop; ++entry) {
    if (accessAt(entry) == pc) return true;
  }
  return false;
}
#endif

}  // namespace bls::interp
#endif
