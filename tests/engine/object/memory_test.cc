// Memories: strategies, growth, limits, reuse, and every refusal of the system (threat model MEM-1
// to MEM-8).
#include "engine/object/memory.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

#include "engine/base/platform.h"
#include "engine/object/store.h"

namespace bls {
namespace {

constexpr u64 kPage = 65536;

MemoryType memoryType(u64 min, u64 max, bool is64 = false, bool shared = false, u8 pageLog2 = 16) {
  MemoryType type;
  type.limits = {min, max, true, is64, shared};
  type.pageLog2 = pageLog2;
  return type;
}

StoreConfig configWith(MemoryStrategy strategy) {
  StoreConfig config;
  config.memory = strategy;
  return config;
}

// Access rights of the mapping that holds `address`, as in /proc/self/maps; "" when nothing is
// mapped there.
std::string rightsAt(const void* address) {
  std::ifstream maps("/proc/self/maps");
  std::string line;
  while (std::getline(maps, line)) {
    unsigned long long begin = 0, end = 0;
    char rights[8] = {};
    if (std::sscanf(line.c_str(), "%llx-%llx %7s", &begin, &end, rights) != 3) continue;
    unsigned long long at = reinterpret_cast<unsigned long long>(address);
    if (at >= begin && at < end) return rights;
  }
  return "";
}

class MemoryStrategies : public testing::TestWithParam<MemoryStrategy> {};
INSTANTIATE_TEST_SUITE_P(All, MemoryStrategies,
                         testing::Values(MemoryStrategy::Guard, MemoryStrategy::SizedGuard,
                                         MemoryStrategy::Checked));

TEST_P(MemoryStrategies, StartsWithZerosAndGrowsByPages) {
  Store store(configWith(GetParam()));
  std::string why;
  MemoryObj* memory = store.newMemory(memoryType(1, 20), &why);
  ASSERT_NE(memory, nullptr) << why;
  EXPECT_EQ(memory->pages(), 1u);
  for (u64 i = 0; i < kPage; ++i) ASSERT_EQ(memory->base[i], 0);
  memory->base[kPage - 1] = 7;
  EXPECT_EQ(memory->grow(3), 1);
  EXPECT_EQ(memory->pages(), 4u);
  EXPECT_EQ(memory->base[kPage - 1], 7);
  for (u64 i = kPage; i < 4 * kPage; ++i) ASSERT_EQ(memory->base[i], 0);
  EXPECT_EQ(memory->grow(0), 4);
  EXPECT_EQ(memory->grow(17), -1);
  EXPECT_EQ(memory->grow(~u64{0}), -1);
  EXPECT_EQ(memory->grow(16), 4);
  EXPECT_EQ(memory->pages(), 20u);
}

TEST_P(MemoryStrategies, ZeroPagesHaveABase) {
  Store store(configWith(GetParam()));
  std::string why;
  MemoryObj* memory = store.newMemory(memoryType(0, 0), &why);
  ASSERT_NE(memory, nullptr) << why;
  EXPECT_NE(memory->base, nullptr);
  EXPECT_EQ(memory->grow(1), -1);
  EXPECT_TRUE(memory->contains(0, 0));
  EXPECT_FALSE(memory->contains(0, 1));
}

TEST_P(MemoryStrategies, EveryRefusalOfTheSystemIsAValue) {
  for (u64 n = 1; n < 10; ++n) {
    Store store(configWith(GetParam()));
    std::string why;
    platform::failNthCall(n);
    MemoryObj* memory = store.newMemory(memoryType(1, 100), &why);
    bool hit = platform::countedCalls() >= n;
    if (memory == nullptr) {
      EXPECT_FALSE(why.empty());
    } else {
      i64 before = memory->grow(30);
      hit = platform::countedCalls() >= n;
      EXPECT_TRUE(before == 1 || (before == -1 && memory->pages() == 1));
      memory->base[0] = 1;
    }
    platform::failNthCall(0);
    if (memory == nullptr) {
      EXPECT_EQ(store.usedBytes(), 0u) << "call " << n;
    }
    if (!hit) return;
  }
  FAIL() << "more system calls than expected";
}

TEST_P(MemoryStrategies, LimitsSumOverMemories) {
  for (u32 count : {1u, 2u, 50u}) {
    StoreConfig config = configWith(GetParam());
    config.limits.memoryBytesTotal = u64{100} * kPage;
    Store store(config);
    std::string why;
    std::vector<MemoryObj*> memories;
    for (u32 i = 0; i < count; ++i) memories.push_back(store.newMemory(memoryType(1, 200), &why));
    EXPECT_EQ(memories[0]->grow(100 - count), 1);
    EXPECT_EQ(memories[0]->grow(1), -1);
    EXPECT_EQ(store.usedBytes(), 100 * kPage);
    EXPECT_EQ(store.newMemory(memoryType(1, 2), &why), nullptr);
    EXPECT_EQ(why, "memory minimum size of 1 pages exceeds memory limits");
    EXPECT_EQ(store.peakBytes(), 100 * kPage);
  }
}

TEST(Memory, GuardAccessRightsFollowTheSizeExactly) {
  Store store(configWith(MemoryStrategy::Guard));
  std::string why;
  MemoryObj* memory = store.newMemory(memoryType(2, 65536), &why);
  ASSERT_NE(memory, nullptr) << why;
  u8* base = memory->base;
  auto expectBoundary = [&](u64 bytes) {
    EXPECT_EQ(rightsAt(base + bytes - 1), "rw-p");
    EXPECT_EQ(rightsAt(base + bytes), "---p");
  };
  expectBoundary(2 * kPage);
  EXPECT_EQ(memory->grow(1), 2);
  EXPECT_EQ(memory->base, base);
  expectBoundary(3 * kPage);
  EXPECT_EQ(rightsAt(base + kGuardReservation - 1), "---p");
  EXPECT_TRUE(memory->reserves(base + kGuardReservation - 1));
  EXPECT_FALSE(memory->reserves(base + kGuardReservation));
  EXPECT_FALSE(memory->reserves(base - 1));
  EXPECT_FALSE(memory->reserves(nullptr));
}

TEST(Memory, ReachesFourGibibytesAndNotMore) {
  Store store(configWith(MemoryStrategy::Guard));
  std::string why;
  MemoryType type = memoryType(0, 0);
  type.limits.hasMax = false;
  MemoryObj* memory = store.newMemory(type, &why);
  EXPECT_EQ(memory->grow(65536), 0);
  EXPECT_EQ(memory->pages(), 65536u);
  EXPECT_EQ(memory->grow(1), -1);
}

TEST(Memory, StrategyDependsOnTheTypeOnly) {
  using S = MemoryStrategy;
  EXPECT_EQ(memoryStrategyFor(memoryType(1, 2), S::Guard), S::Guard);
  EXPECT_EQ(memoryStrategyFor(memoryType(1, 2, true), S::Guard), S::Checked);
  EXPECT_EQ(memoryStrategyFor(memoryType(1, 2, false, false, 0), S::Guard), S::Checked);
  EXPECT_EQ(memoryStrategyFor(memoryType(1, 1024), S::SizedGuard), S::SizedGuard);
  EXPECT_EQ(memoryStrategyFor(memoryType(1, 1025), S::SizedGuard), S::Checked);
}

TEST(Memory, CustomPageSizeCountsBytes) {
  Store store(configWith(MemoryStrategy::Guard));
  std::string why;
  MemoryObj* memory = store.newMemory(memoryType(3, 100000, false, false, 0), &why);
  ASSERT_NE(memory, nullptr) << why;
  EXPECT_EQ(memory->size.load(), 3u);
  EXPECT_EQ(memory->grow(70000), 3);
  EXPECT_TRUE(memory->contains(70002, 1));
  EXPECT_FALSE(memory->contains(70003, 1));
  EXPECT_EQ(memory->base[70002], 0);
}

TEST(Memory, SixtyFourBitMaximumIsABoundAndNotAReservation) {
  Store store(configWith(MemoryStrategy::Guard));
  std::string why;
  MemoryType type = memoryType(1, u64{1} << 48, true);
  MemoryObj* memory = store.newMemory(type, &why);
  ASSERT_NE(memory, nullptr) << why;
  EXPECT_LE(memory->reservedBytes, u64{1} << 20);
  EXPECT_EQ(memory->grow(u64{1} << 47), -1);
  EXPECT_EQ(memory->grow(~u64{0} >> 1), -1);
  EXPECT_EQ(memory->grow(1), 1);
  type.limits.min = u64{1} << 40;
  EXPECT_EQ(store.newMemory(type, &why), nullptr);
}

TEST(Memory, SharedMemoryNeverMoves) {
  for (MemoryStrategy strategy : {MemoryStrategy::Guard, MemoryStrategy::Checked}) {
    Store store(configWith(strategy));
    std::string why;
    MemoryObj* memory = store.newMemory(memoryType(1, 64, false, true), &why);
    ASSERT_NE(memory, nullptr) << why;
    u8* base = memory->base;
    for (int i = 0; i < 63; ++i) ASSERT_EQ(memory->grow(1), i + 1);
    EXPECT_EQ(memory->base, base);
  }
}

TEST(Memory, ContainsDoesNotWrap) {
  Store store(configWith(MemoryStrategy::Checked));
  std::string why;
  MemoryObj* memory = store.newMemory(memoryType(1, 1), &why);
  EXPECT_TRUE(memory->contains(kPage, 0));
  EXPECT_FALSE(memory->contains(kPage + 1, 0));
  EXPECT_FALSE(memory->contains(~u64{0}, 2));
  EXPECT_FALSE(memory->contains(2, ~u64{0}));
}

TEST(Memory, NothingIsLeftForTheNextGuest) {
  for (MemoryStrategy strategy : {MemoryStrategy::Guard, MemoryStrategy::Checked}) {
    for (int round = 0; round < 3; ++round) {
      Store store(configWith(strategy));
      std::string why;
      MemoryObj* memory = store.newMemory(memoryType(8, 8), &why);
      ExecCtx* cx = store.mainCtx(&why);
      ASSERT_NE(cx, nullptr);
      for (u64 i = 0; i < 8 * kPage; ++i) ASSERT_EQ(memory->base[i], 0);
      for (u64* slot = cx->slotBase; slot < cx->slotEnd; ++slot) ASSERT_EQ(*slot, 0u);
      std::memset(memory->base, 0xab, 8 * kPage);
      std::memset(cx->slotBase, 0xcd, static_cast<size_t>(cx->slotEnd - cx->slotBase) * 8);
    }
  }
}

// Under a small RLIMIT_AS creation and growth fail by value, at 64 sizes. In a child, because the
// limit cannot be undone.
TEST(Memory, AddressSpaceLimitNeverAborts) {
#if defined(BLS_SANITIZED)
  GTEST_SKIP() << "sanitizers need the address space themselves";
#endif
#if defined(BLS_EMULATED)
  GTEST_SKIP() << "the limit would be the emulator's";
#endif
  for (u64 step = 1; step <= 64; ++step) {
    pid_t child = fork();
    if (child == 0) {
      rlimit limit{step * (u64{512} << 10) + (u64{24} << 20), RLIM_INFINITY};
      if (setrlimit(RLIMIT_AS, &limit) != 0) _exit(9);
      Store store(configWith(step % 2 == 0 ? MemoryStrategy::Guard : MemoryStrategy::Checked));
      std::string why;
      MemoryObj* memory = store.newMemory(memoryType(1, 65536), &why);
      if (memory == nullptr) _exit(why.empty() ? 8 : 0);
      while (memory->grow(64) >= 0) {
      }
      memory->base[memory->size.load() - 1] = 1;
      _exit(memory->pages() < 65536 ? 0 : 7);
    }
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFEXITED(status)) << "signal " << WTERMSIG(status) << " at step " << step;
    EXPECT_EQ(WEXITSTATUS(status), 0) << "step " << step;
  }
}

}  // namespace
}  // namespace bls
