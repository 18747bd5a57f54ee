// memory.copy and memory.fill with literal lengths in every tier and memory strategy: overlapping,
// at both ends of the memory, past them (nothing is written then), with addresses and bytes known
// while compiling, against a model.
#include <gtest/gtest.h>

#include <cstring>
#include <string>

#include "tests/support/tier_test.h"

namespace bls::test {
namespace {

TIER_SUITE(ShortBulk);

constexpr u32 kPage = 65536;
constexpr u32 kLongest = 70;  // what is done in line, and more

std::string number(u64 n) { return std::to_string(n); }

class Memory {
 public:
  explicit Memory(TierRun& tier) : handle_(tier.instance().memory("memory").value()) {
    for (u32 i = 0; i < kPage; i++) model_.push_back(static_cast<u8>(i * 7 + (i >> 8)));
    EXPECT_TRUE(handle_.write(0, model_));
  }
  u8* model() { return model_.data(); }
  bool agrees() {
    std::vector<u8> now(kPage);
    return handle_.read(0, now) && now == model_;
  }

 private:
  embed::Memory handle_;
  std::vector<u8> model_;
};

Value at(u64 place) { return Value::i32(static_cast<i32>(place)); }

TIER_TEST(ShortBulk, Copies) {
  tier.open();
  std::string text = "(module (memory (export \"memory\") 1)";
  for (u32 n = 0; n <= kLongest; n++) {
    text += "(func (export \"c" + number(n) +
            "\") (param i32 i32) (memory.copy (local.get 0) (local.get 1) (i32.const " + number(n) +
            ")))";
  }
  // Values in many registers around it, which it must leave alone.
  text += R"((func (export "among") (param i32 i32) (result i64) (local i64 i64 f64 f64 v128)
    (local.set 2 (i64.extend_i32_u (local.get 0))) (local.set 3 (i64.mul (local.get 2) (i64.const 3)))
    (local.set 4 (f64.convert_i64_u (local.get 3))) (local.set 5 (f64.add (local.get 4) (f64.const 1)))
    (local.set 6 (i64x2.splat (local.get 3)))
    (memory.copy (local.get 0) (local.get 1) (i32.const 61))
    (memory.fill (i32.add (local.get 0) (i32.const 100)) (local.get 1) (i32.const 47))
    (i64.add (i64.add (local.get 2) (local.get 3)) (i64.add (i64x2.extract_lane 1 (local.get 6))
      (i64.trunc_f64_u (f64.add (local.get 4) (local.get 5))))))))";
  tier.addText(text);
  Memory memory(tier);
  for (u32 n = 0; n <= kLongest; n++) {
    const std::string name = "c" + number(n);
    const u32 last = kPage - n;
    const std::pair<u32, u32> pairs[] = {
        {100, 300}, {100, 101}, {101, 100}, {100, 100 + n / 2}, {100 + n / 2, 100},
        {5, 5},     {0, last},  {last, 0},  {last, last - 3},   {last - 3, last}};
    for (const auto& [to, from] : pairs) {
      EXPECT_EQ(tier.call(name, {at(to), at(from)}).trap, Trap::None) << n;
      std::memmove(memory.model() + to, memory.model() + from, n);
    }
    EXPECT_TRUE(memory.agrees()) << n;
    for (const u32 outside :
         {last + 1, kPage - 1 + (n < 2), kPage, 0x7fffffffu, 0x80000000u, ~u32{0}}) {
      if (u64{outside} + n <= kPage) continue;
      EXPECT_EQ(tier.call(name, {at(outside), at(50)}).trap, Trap::MemoryOutOfBounds) << n;
      EXPECT_EQ(tier.call(name, {at(50), at(outside)}).trap, Trap::MemoryOutOfBounds) << n;
      EXPECT_EQ(tier.call(name, {at(outside), at(outside)}).trap, Trap::MemoryOutOfBounds) << n;
    }
    EXPECT_TRUE(memory.agrees()) << n;
  }
  const Outcome among = tier.call("among", {at(1000), at(2000)});
  EXPECT_EQ(among.values[0].lo, 1000u + 3000 + 3000 + 6001);
  std::memmove(memory.model() + 1000, memory.model() + 2000, 61);
  std::memset(memory.model() + 1100, 2000 & 0xff, 47);
  EXPECT_TRUE(memory.agrees());
}

TIER_TEST(ShortBulk, Fills) {
  tier.open();
  std::string text = "(module (memory (export \"memory\") 1)";
  for (u32 n = 0; n <= kLongest; n++) {
    const std::string length = "(i32.const " + number(n) + ")))";
    text += "(func (export \"f" + number(n) +
            "\") (param i32 i32) (memory.fill (local.get 0) (local.get 1) " + length;
    text += "(func (export \"k" + number(n) +
            "\") (param i32) (memory.fill (local.get 0) (i32.const 0x1a5) " + length;
  }
  tier.addText(text + ")");
  Memory memory(tier);
  for (u32 n = 0; n <= kLongest; n++) {
    const u32 last = kPage - n;
    for (const u32 to : {0u, 77u, last - 1, last}) {
      EXPECT_EQ(tier.call("f" + number(n), {at(to), at(0x12345600 + n)}).trap, Trap::None) << n;
      std::memset(memory.model() + to, static_cast<u8>(n), n);
      EXPECT_TRUE(memory.agrees()) << n;
      EXPECT_EQ(tier.call("k" + number(n), {at(to)}).trap, Trap::None) << n;
      std::memset(memory.model() + to, 0xa5, n);
    }
    EXPECT_TRUE(memory.agrees()) << n;
    for (const u32 outside : {last + 1, kPage - 1 + (n < 2), kPage, 0x80000000u, ~u32{0}}) {
      if (u64{outside} + n <= kPage) continue;
      EXPECT_EQ(tier.call("f" + number(n), {at(outside), at(9)}).trap, Trap::MemoryOutOfBounds)
          << n;
      EXPECT_EQ(tier.call("k" + number(n), {at(outside)}).trap, Trap::MemoryOutOfBounds) << n;
    }
    EXPECT_TRUE(memory.agrees()) << n;
  }
}

TIER_TEST(ShortBulk, KnownAddresses) {
  // Addresses that compilers see: within, at the end, past it, and past what an offset can hold.
  const std::pair<std::string, bool> places[] = {
      {"16", true},          {"65526", true},       {"65527", false},     {"0x7fffffff", false},
      {"0x7ffffff0", false}, {"0x80000000", false}, {"0xfffffffe", false}};
  tier.open();
  std::string text = "(module (memory (export \"memory\") 1)";
  for (const auto& [place, inside] : places) {
    text += "(func (export \"to" + place + "\") (memory.copy (i32.const " + place +
            ") (i32.const 200) (i32.const 10)))";
    text += "(func (export \"from" + place + "\") (memory.copy (i32.const 200) (i32.const " +
            place + ") (i32.const 10)))";
    text += "(func (export \"fill" + place + "\") (memory.fill (i32.const " + place +
            ") (i32.const 3) (i32.const 10)))";
  }
  tier.addText(text + ")");
  Memory memory(tier);
  for (const auto& [place, inside] : places) {
    const Trap expected = inside ? Trap::None : Trap::MemoryOutOfBounds;
    const u64 where = std::stoull(place, nullptr, 0);
    EXPECT_EQ(tier.call("to" + place).trap, expected) << place;
    if (inside) std::memmove(memory.model() + where, memory.model() + 200, 10);
    EXPECT_EQ(tier.call("from" + place).trap, expected) << place;
    if (inside) std::memmove(memory.model() + 200, memory.model() + where, 10);
    EXPECT_EQ(tier.call("fill" + place).trap, expected) << place;
    if (inside) std::memset(memory.model() + where, 3, 10);
    EXPECT_TRUE(memory.agrees()) << place;
  }
}

}  // namespace
}  // namespace bls::test
