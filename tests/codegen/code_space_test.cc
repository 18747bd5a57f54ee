// Code regions: what is added runs, no page is ever writable and executable, both kinds of views.
#include "codegen/code_space.h"

#include <gtest/gtest.h>

#include <cstring>
#include <fstream>
#include <string>

#include "engine/base/platform.h"

namespace bls::codegen {
namespace {

#if defined(__aarch64__)
// A landing pad, movz, ret.
constexpr u8 kReturn7[] = {0x5f, 0x24, 0x03, 0xd5, 0xe0, 0x00, 0x80, 0x52, 0xc0, 0x03, 0x5f, 0xd6};
constexpr u8 kReturn9[] = {0x5f, 0x24, 0x03, 0xd5, 0x20, 0x01, 0x80, 0x52, 0xc0, 0x03, 0x5f, 0xd6};
#else
constexpr u8 kReturn7[] = {0xb8, 7, 0, 0, 0, 0xc3};
constexpr u8 kReturn9[] = {0xb8, 9, 0, 0, 0, 0xc3};
#endif

u32 run(const u8* code) { return reinterpret_cast<u32 (*)()>(const_cast<u8*>(code))(); }

/// The rights of the mapping that holds `at`, as in /proc/self/maps; and no mapping has all three.
std::string rightsOf(const void* at) {
  std::ifstream maps("/proc/self/maps");
  std::string rights;
  for (std::string line; std::getline(maps, line);) {
    u64 from = 0;
    u64 to = 0;
    char flags[5] = {};
    if (std::sscanf(line.c_str(), "%lx-%lx %4s", &from, &to, flags) != 3) continue;
    EXPECT_FALSE(flags[1] == 'w' && flags[2] == 'x') << line;
    const u64 address = reinterpret_cast<u64>(at);
    if (address >= from && address < to) rights = flags;
  }
  return rights.substr(0, 3);
}

class CodeSpaceTest : public testing::TestWithParam<bool> {};

TEST_P(CodeSpaceTest, RunsWhatWasAddedWhileMoreIsAdded) {
  auto space = CodeSpace::create(1 << 20, GetParam());
  ASSERT_NE(space, nullptr);
  EXPECT_EQ(space->twoViews(), !GetParam());
  const u8* expected = space->next();
  const u8* seven = space->add(kReturn7);
  ASSERT_NE(seven, nullptr);
  EXPECT_EQ(seven, expected);
  EXPECT_EQ(run(seven), 7u);
  const u8* nine = space->add(kReturn9, 64);
  ASSERT_NE(nine, nullptr);
  EXPECT_EQ(reinterpret_cast<u64>(nine) % 64, 0u);
  EXPECT_EQ(run(nine), 9u);
  EXPECT_EQ(run(seven), 7u);
  EXPECT_TRUE(space->contains(nine));
  EXPECT_FALSE(space->contains(kReturn7));
}

TEST_P(CodeSpaceTest, ReservedPlacesAreFilledInAnyOrder) {
  auto space = CodeSpace::create(1 << 20, GetParam());
  ASSERT_NE(space, nullptr);
  const u8* seven = space->reserve(sizeof kReturn7);
  const u8* nine = space->reserve(sizeof kReturn9);
  ASSERT_NE(seven, nullptr);
  ASSERT_NE(nine, nullptr);
  ASSERT_TRUE(space->fill(nine, kReturn9));
  EXPECT_EQ(run(nine), 9u);
  const u8* again = space->add(kReturn9);
  ASSERT_NE(again, nullptr);
  ASSERT_TRUE(space->fill(seven, kReturn7));
  EXPECT_EQ(run(seven), 7u);
  EXPECT_EQ(run(again), 9u);
  EXPECT_EQ(space->reserve(1 << 20), nullptr);
  EXPECT_EQ(space->reserve(0), nullptr);
}

TEST_P(CodeSpaceTest, NoPageIsWritableAndExecutable) {
  auto space = CodeSpace::create(1 << 16, GetParam());
  ASSERT_NE(space, nullptr);
  const u8* code = space->add(kReturn7);
  ASSERT_NE(code, nullptr);
  EXPECT_EQ(rightsOf(code), "r-x");
}

TEST_P(CodeSpaceTest, RefusesWhatDoesNotFit) {
  const u64 page = platform::pageSize();
  auto space = CodeSpace::create(1, GetParam());
  ASSERT_NE(space, nullptr);
  EXPECT_EQ(space->size(), page);
  const std::vector<u8> large(page + 1, 0xc3);
  EXPECT_EQ(space->add(large), nullptr);
  EXPECT_EQ(space->add({}), nullptr);
  EXPECT_EQ(space->used(), 0u);
  EXPECT_NE(space->add(std::span(large).first(page)), nullptr);
  EXPECT_EQ(space->add(kReturn7), nullptr);
  EXPECT_EQ(CodeSpace::create(0), nullptr);
  EXPECT_EQ(CodeSpace::create(u64{1} << 40), nullptr);
}

INSTANTIATE_TEST_SUITE_P(Views, CodeSpaceTest, testing::Bool(), [](const auto& info) {
  return info.param ? std::string("one") : std::string("two");
});

}  // namespace
}  // namespace bls::codegen
