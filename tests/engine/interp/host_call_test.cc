// Host functions called from every tier: what they may do to their caller's memory, and requests to
// end that come while they run.
#include <gtest/gtest.h>

#include "tests/support/tier_test.h"

namespace bls::test {
namespace {

TIER_SUITE(HostCall);

TIER_TEST(HostCall, AHostFunctionGrowsTheMemoryOfItsCaller) {
  tier.open();
  std::optional<embed::Memory> memory;
  tier.linker().function("h", "grow", [&](host::Caller& caller, i32 pages) -> i32 {
    const u64 before = caller.memory().size;
    const i64 grown = memory->grow(static_cast<u64>(pages));
    EXPECT_EQ(caller.memory().size, before + (static_cast<u64>(pages) << 16));
    return static_cast<i32>(grown);
  });
  tier.addText(R"((module
    (import "h" "grow" (func $grow (param i32) (result i32)))
    (memory (export "memory") 1 50)
    (data (i32.const 9) "\05")
    (func (export "go") (param i32) (result i32) (local $at i32)
      (local.set $at (i32.mul (i32.const 0x10000)
        (i32.add (call $grow (local.get 0)) (local.get 0))))
      (i32.store8 offset=0xffff (i32.sub (local.get $at) (i32.const 0x10000)) (i32.const 60))
      (i32.add (i32.load8_u (i32.const 9))
        (i32.add (i32.load8_u (i32.sub (local.get $at) (i32.const 1)))
          (i32.mul (memory.size) (i32.const 1000)))))
    (func (export "beyond") (result i32)
      (drop (call $grow (i32.const 1)))
      (i32.load8_u (i32.mul (memory.size) (i32.const 0x10000))))))");
  memory = tier.instance().memory("memory").value();
  for (i32 pages = 1; pages < 40; pages += 13) {
    const i32 now = static_cast<i32>(memory->pages()) + pages;
    EXPECT_EQ(tier.call("go", {Value::i32(pages)}).values[0].asI32(), now * 1000 + 65);
  }
  EXPECT_EQ(tier.call("beyond", {}).trap, Trap::MemoryOutOfBounds);
}

// A loop that calls nothing else is left at its next host call.
TIER_TEST(HostCall, ARequestToEndIsSeenAtTheNextCall) {
  tier.open();
  u32 calls = 0;
  const embed::InterruptHandle handle = tier.store().interruptHandle().value();
  tier.linker().function("h", "tick", [&](host::Caller&) {
    if (++calls == 3) handle.interrupt();
  });
  tier.addText(R"((module
    (import "h" "tick" (func $tick))
    (func (export "spin") (loop (call $tick) (br 0)))))");
  EXPECT_EQ(tier.call("spin").trap, Trap::Interrupt);
  EXPECT_EQ(calls, 3u);
}

// The records of a host call are those of this call, not of an earlier one made in line.
TIER_TEST(HostCall, TracesAndCallsBackStandOnTheRightFrame) {
  tier.open();
  embed::Function back;
  tier.linker().function("h", "nothing", [](host::Caller&, i32) {});
  tier.linker().function("h", "back", [&](host::Caller& caller, i32 n, i64, i64) -> i32 {
    auto result = back.call({Value::i32(n - 1)});
    if (!result.ok()) caller.raise(result.failure().trap);
    return result.ok() ? result.value()[0].asI32() : 0;
  });
  tier.addText(R"((module
    (import "h" "nothing" (func $nothing (param i32)))
    (import "h" "back" (func $back (param i32 i64 i64) (result i32)))
    (memory 1)
    (func $down (export "down") (param i32) (result i32) (local i64)
      (local.set 1 (i64.const 0x1234567887654321))
      (call $nothing (local.get 0))
      (if (i32.eqz (local.get 0)) (then (return (i32.const 1))))
      (if (i32.eq (local.get 0) (i32.const 100)) (then (drop (i32.div_s (i32.const 1) (i32.const 0)))))
      (i32.add (i32.const 1) (call $back (local.get 0) (i64.const -1) (local.get 1)))
      (call $nothing (i32.const 5))
      (i32.add (i32.ne (i32.const 0)
        (i32.wrap_i64 (i64.sub (local.get 1) (i64.const 0x1234567887654321))))))
    (func (export "grown") (param i32) (result i32)
      (call $nothing (local.get 0))
      (drop (memory.grow (i32.const 1)))
      (call $down (local.get 0)))))");
  back = tier.instance().function("down").value();
  EXPECT_EQ(tier.call("down", {Value::i32(40)}).values[0].asI32(), 41);
  EXPECT_EQ(tier.call("grown", {Value::i32(7)}).values[0].asI32(), 8);
  auto result = tier.instance().function("down").value().call({Value::i32(102)});
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.failure().trap, Trap::DivideByZero);
  // The place of the trap, the innermost frame there, the two others at the same call.
  const std::string& trace = result.failure().trace;
  std::vector<std::string> places;
  for (size_t at = trace.find("0x"); at != std::string::npos; at = trace.find("0x", at + 1)) {
    places.push_back(trace.substr(at, trace.find_first_not_of("x0123456789abcdef", at) - at));
  }
  ASSERT_EQ(places.size(), 4u) << trace;
  EXPECT_EQ(places[0], places[1]) << trace;
  EXPECT_NE(places[1], places[2]) << trace;
  EXPECT_EQ(places[2], places[3]) << trace;
  back = embed::Function();
}

}  // namespace
}  // namespace bls::test
