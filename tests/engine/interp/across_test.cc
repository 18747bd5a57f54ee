// Calls between instances, in every tier: a ring of two or three instances that call each other by
// import, through a shared table and by reference. What is checked is that each goes on with its
// own memory and globals, how deep recursion gets, that tail calls take no stack, and that traps,
// exceptions, the collector and fuel see the frames of all of them. Tiers are compared with the
// loop interpreter where no number is given.
#include <gtest/gtest.h>

#include "engine/object/store.h"
#include "tests/support/tier_test.h"

namespace bls::test {
namespace {

TIER_SUITE(Across);

// The first instance owns the tables the others put themselves into; it calls on through them.
// Every function counts in its own instance's global and memory after the call has come back.
constexpr const char* kFirst = R"((module
  (type $level (func (param i32) (result i32)))
  (type $box (struct (field i32)))
  (table (export "table") 4 funcref)
  (table $typed (export "typed") 4 (ref null $level))
  (global $depth (export "depth") (mut i32) (i32.const 0))
  (global $mine (mut i32) (i32.const 0))
  (memory (export "memory") 1)
  (data (i32.const 0) "\05")
  (tag $thrown (export "thrown") (param i32))
  (elem declare func $f)
  (func $count (param i32) (result i32)
    (global.set $mine (i32.add (global.get $mine) (i32.const 1)))
    (i32.add (local.get 0) (i32.load8_u (i32.const 0))))
  (func $f (export "f") (type $level)
    (global.set $depth (local.get 0))
    (if (i32.eqz (local.get 0)) (then (return (i32.const 1000))))
    (call $count (call_indirect (type $level) (i32.sub (local.get 0) (i32.const 1)) (i32.const 0))))
  (func $r (export "r") (type $level)
    (global.set $depth (local.get 0))
    (if (i32.eqz (local.get 0)) (then (return (i32.const 1000))))
    (call $count (call_ref $level (i32.sub (local.get 0) (i32.const 1)) (table.get $typed (i32.const 1)))))
  (func (export "down") (type $level)
    (global.set $depth (local.get 0))
    (i32.add (call_indirect (type $level) (i32.add (local.get 0) (i32.const 1)) (i32.const 1)) (i32.const 1)))
  (func (export "tail") (type $level)
    (if (i32.eqz (local.get 0)) (then (return (i32.load8_u (i32.const 0)))))
    (return_call_indirect (type $level) (i32.sub (local.get 0) (i32.const 1)) (i32.const 2)))
  (func (export "tailRef") (type $level)
    (if (i32.eqz (local.get 0)) (then (return (i32.load8_u (i32.const 0)))))
    (return_call_ref $level (i32.sub (local.get 0) (i32.const 1)) (table.get $typed (i32.const 2))))
  (func (export "trap") (type $level)
    (if (i32.eqz (local.get 0)) (then (unreachable)))
    (call_indirect (type $level) (i32.sub (local.get 0) (i32.const 1)) (i32.const 3)))
  (func (export "outside") (type $level) (i32.load (i32.const -4)))
  (func (export "throw") (type $level)
    (if (i32.eqz (local.get 0)) (then (throw $thrown (i32.const 77))))
    (call_ref $level (i32.sub (local.get 0) (i32.const 1)) (table.get $typed (i32.const 3))))
  (func (export "objects") (type $level) (local (ref null $box))
    (if (i32.eqz (local.get 0)) (then (return (i32.const 0))))
    (local.set 1 (struct.new $box (local.get 0)))
    (i32.add (call_ref $level (i32.sub (local.get 0) (i32.const 1)) (table.get $typed (i32.const 0)))
             (struct.get $box 0 (local.get 1))))
  (func (export "mine") (result i32) (global.get $mine))
))";

// The others call the one before them by import, as "next"; the first calls the last.
constexpr const char* kSecond = R"((module
  (type $level (func (param i32) (result i32)))
  (type $pair (struct (field i64) (field (ref null $pair))))
  (import "next" "f" (func $f (type $level)))
  (import "next" "r" (func $r (type $level)))
  (import "next" "down" (func $down (type $level)))
  (import "next" "tail" (func $tail (type $level)))
  (import "next" "tailRef" (func $tailRef (type $level)))
  (import "next" "trap" (func $trap (type $level)))
  (import "next" "outside" (func $outside (type $level)))
  (import "next" "throw" (func $throw (type $level)))
  (import "next" "objects" (func $objects (type $level)))
  (import "first" "table" (table 4 funcref))
  (import "first" "typed" (table $typed 4 (ref null $level)))
  (import "first" "thrown" (tag $thrown (param i32)))
  (global $depth (import "first" "depth") (mut i32))
  (global $mine (mut i32) (i32.const 0))
  (memory 1)
  (data (i32.const 0) "\30")
  (elem $own func $f2 $down2 $tail2 $trap2)
  (elem $ownTyped (ref null $level) (ref.func $objects2) (ref.func $r2) (ref.func $tailRef2) (ref.func $throw2))
  (func $count (param i32) (result i32)
    (global.set $mine (i32.add (global.get $mine) (i32.const 1)))
    (i32.add (local.get 0) (i32.load8_u (i32.const 0))))
  (func $f2 (export "f") (type $level) (local i64 f64)
    (global.set $depth (local.get 0))
    (local.set 1 (i64.extend_i32_u (local.get 0)))
    (if (i32.eqz (local.get 0)) (then (return (i32.const 2000))))
    (i32.add (call $count (call $f (i32.sub (local.get 0) (i32.const 1)))) (i32.wrap_i64 (i64.shr_u (local.get 1) (i64.const 32)))))
  (func $r2 (export "r") (type $level)
    (global.set $depth (local.get 0))
    (if (i32.eqz (local.get 0)) (then (return (i32.const 2000))))
    (call $count (call $r (i32.sub (local.get 0) (i32.const 1)))))
  (func $down2 (export "down") (type $level)
    (global.set $depth (local.get 0))
    (i32.sub (call $down (i32.add (local.get 0) (i32.const 1))) (i32.const 1)))
  (func $tail2 (export "tail") (type $level)
    (if (i32.eqz (local.get 0)) (then (return (i32.load8_u (i32.const 0)))))
    (return_call $tail (i32.sub (local.get 0) (i32.const 1))))
  (func $tailRef2 (export "tailRef") (type $level)
    (if (i32.eqz (local.get 0)) (then (return (i32.load8_u (i32.const 0)))))
    (return_call $tailRef (i32.sub (local.get 0) (i32.const 1))))
  (func $trap2 (export "trap") (type $level)
    (if (i32.eqz (local.get 0)) (then (drop (call $outside (i32.const 0)))))
    (call $trap (i32.sub (local.get 0) (i32.const 1))))
  (func $outside2 (export "outside") (type $level) (i32.load (i32.const -4)))
  (func $throw2 (export "throw") (type $level)
    (if (i32.eqz (local.get 0)) (then (throw $thrown (i32.const 88))))
    (call $throw (i32.sub (local.get 0) (i32.const 1))))
  (func $objects2 (export "objects") (type $level) (local (ref null $pair))
    (if (i32.eqz (local.get 0)) (then (return (i32.const 0))))
    (local.set 1 (struct.new $pair (i64.const 3) (struct.new $pair (i64.extend_i32_u (local.get 0)) (ref.null $pair))))
    (i32.add (call $objects (i32.sub (local.get 0) (i32.const 1)))
             (i32.wrap_i64 (struct.get $pair 0 (struct.get $pair 1 (local.get 1))))))
  (func (export "fill")
    (table.init 0 $own (i32.const 0) (i32.const 0) (i32.const 4))
    (table.init $typed $ownTyped (i32.const 0) (i32.const 0) (i32.const 4)))
  (func (export "mine") (result i32) (global.get $mine))
  (func (export "depth") (result i32) (global.get $depth))
  ;; The chain of tail calls ends in any instance: memory and global are this one's again.
  (func (export "around") (type $level)
    (i32.add (call $tail2 (local.get 0)) (i32.shl (i32.load8_u (i32.const 0)) (i32.const 8))))
  (func (export "aroundRef") (type $level)
    (i32.add (call $tailRef (local.get 0)) (i32.shl (i32.load8_u (i32.const 0)) (i32.const 8))))
  (func (export "catching") (type $level)
    (block $caught (result i32)
      (try_table (result i32) (catch $thrown $caught) (call $throw2 (local.get 0))))
    (call $count))
  (func (export "catchingAny") (type $level)
    (block $caught (result exnref)
      (try_table (catch_all_ref $caught) (drop (call $throw (local.get 0))))
      (return (i32.const -1)))
    (drop)
    (call $count (i32.const 100)))
))";

struct Ring {
  TierRun& tier;
  embed::Instance first;

  // `instances`: 2 or 3, counted with the first.
  Ring(TierRun& run, u32 instances) : tier(run) {
    tier.open();
    tier.addText(kFirst, "first");
    first = tier.instance();
    EXPECT_TRUE(tier.linker().instance("next", first).ok());
    for (u32 i = 1; i < instances; ++i) {
      tier.addText(kSecond);
      EXPECT_TRUE(tier.linker().instance("next", tier.instance()).ok());
    }
    EXPECT_EQ(tier.call("fill").trap, Trap::None);
  }
  i32 value(std::string_view name, i32 n) {
    const Outcome out = tier.call(name, {Value::i32(n)});
    EXPECT_EQ(out.trap, Trap::None) << name;
    return out.values.empty() ? -12345 : out.values[0].asI32();
  }
  i32 depth() { return tier.call("depth").values[0].asI32(); }
};

TIER_TEST(Across, EachGoesOnWithItsOwn) {
  for (u32 instances : {2u, 3u}) {
    Ring ring(tier, instances);
    // Levels alternate: 5 is added in the first instance, 0x30 in the others.
    const i32 rounds = 60;
    const i32 others = static_cast<i32>(instances) - 1;
    const i32 n = rounds * static_cast<i32>(instances);
    const i32 sum = 2000 + rounds * (5 + others * 0x30);
    for (const char* name : {"f", "r"}) EXPECT_EQ(ring.value(name, n), sum) << name;
    EXPECT_EQ(tier.call("mine").values[0].asI32(), 2 * rounds);
    auto mine = ring.first.function("mine").value().call({});
    EXPECT_EQ(mine.value()[0].asI32(), 2 * rounds);
  }
}

// How deep it gets depends on slots only: no native frames stand between the instances.
TIER_TEST(Across, DepthIsTheSame) {
  for (u32 instances : {2u, 3u}) {
    for (u64 bytes : {u64{4} << 20, u64{100000}, u64{4096}}) {
      tier.limits.slotStackBytes = bytes;
      Ring ring(tier, instances);
      EXPECT_EQ(tier.call("down", {Value::i32(1)}).trap, Trap::StackOverflow);
      // A level takes its parameter and the link; the last one's operands must fit too.
      EXPECT_EQ(ring.depth(), static_cast<i32>(bytes / 8 - 5) / 3 + 1) << instances << " instances";
    }
  }
}

TIER_TEST(Across, TailCallsTakeNoStack) {
  tier.limits.slotStackBytes = 4096;
  constexpr i32 kDeep = 300'000;
  for (u32 instances : {2u, 3u}) {
    Ring ring(tier, instances);
    for (i32 n : {kDeep, kDeep + 1, kDeep + 2}) {
      const i32 last = static_cast<u32>(n) % instances == instances - 1 ? 5 : 0x30;
      EXPECT_EQ(ring.value("tail", n), last) << n;
      EXPECT_EQ(ring.value("around", n), last + 0x3000) << n;
    }
    const i32 last = static_cast<u32>(kDeep) % instances == instances - 2 ? 5 : 0x30;
    EXPECT_EQ(ring.value("aroundRef", kDeep), last + 0x3000);
  }
}

// The frames of a trap, as far as they are listed.
std::vector<std::pair<const Module*, u32>> frames(TierRun& tier) {
  const TrapTrace& trace = *tier.store().objects().cx()->trace;
  std::vector<std::pair<const Module*, u32>> out;
  for (u32 i = 0; i < trace.count; ++i) {
    out.emplace_back(trace.frames[i].module, trace.frames[i].funcIndex);
  }
  return out;
}

TIER_TEST(Across, TracesListEveryInstance) {
  for (u32 instances : {2u, 3u}) {
    Ring ring(tier, instances);
    for (i32 n : {3, 4, 5, 50, 51, 52}) {
      const bool outside = static_cast<u32>(n) % instances != instances - 1;
      EXPECT_EQ(tier.call("trap", {Value::i32(n)}).trap,
                outside ? Trap::MemoryOutOfBounds : Trap::Unreachable);
      const TrapTrace& trace = *tier.store().objects().cx()->trace;
      EXPECT_EQ(trace.total, static_cast<u32>(n) + (outside ? 2 : 1));
      const auto listed = frames(tier);
      ASSERT_GT(listed.size(), 3u);
      EXPECT_NE(listed[0].first, nullptr);
      const Module* first = ring.first.object()->module;
      u32 ofFirst = 0;
      for (const auto& frame : listed) ofFirst += frame.first == first ? 1 : 0;
      EXPECT_GE(ofFirst, static_cast<u32>(listed.size()) / instances);
      // Afterwards everything is as it was.
      EXPECT_EQ(ring.value("tail", 1), instances == 2 ? 5 : 0x30);
    }
  }
}

TIER_TEST(Across, ExceptionsAreCaughtElsewhere) {
  for (u32 instances : {2u, 3u}) {
    Ring ring(tier, instances);
    for (i32 n : {0, 1, 2, 3, 30, 31}) {
      const bool byFirst = static_cast<u32>(n) % instances == instances - 1;
      EXPECT_EQ(ring.value("catching", n), (byFirst ? 77 : 88) + 0x30) << n;
      EXPECT_EQ(ring.value("catchingAny", n), 100 + 0x30) << n;
      EXPECT_EQ(tier.call("throw", {Value::i32(n)}).trap, Trap::UncaughtException);
      EXPECT_EQ(tier.store().objects().cx()->trace->total, static_cast<u32>(n) + 1);
    }
  }
}

TIER_TEST(Across, TheCollectorSeesAllFrames) {
  tier.gcStress = true;
  for (u32 instances : {2u, 3u}) {
    Ring ring(tier, instances);
    EXPECT_EQ(ring.value("objects", 40), 40 * 41 / 2);
  }
}

// Results, traps and fuel as the loop interpreter has them, with little fuel and little stack too.
TIER_TEST(Across, FuelIsTheSame) {
  for (auto atTraps : {embed::FuelAtTraps::Exact, embed::FuelAtTraps::Compat}) {
    for (u32 instances : {2u, 3u}) {
      TierRun reference(tierKinds()[0]);
      for (TierRun* run : {&tier, &reference}) {
        run->metered = true;
        run->fuelAtTraps = atTraps;
        run->limits.slotStackBytes = 8192;
      }
      Ring ring(tier, instances);
      Ring other(reference, instances);
      for (const char* name : {"f", "r", "down", "tail", "tailRef", "trap", "throw", "catching",
                               "catchingAny", "objects", "around", "aroundRef"}) {
        for (i32 n : {0, 1, 2, 3, 17, 100}) {
          for (u64 fuel : {u64{1} << 40, u64{100}, u64{37}, u64{9}}) {
            Outcome out[2];
            u64 left[2];
            u32 total[2];
            for (TierRun* run : {&tier, &reference}) {
              const size_t i = run == &tier ? 0 : 1;
              EXPECT_TRUE(run->store().setFuel(fuel).ok());
              out[i] = run->call(name, {Value::i32(n)});
              left[i] = run->fuel();
              total[i] = run->store().objects().cx()->trace->total;
            }
            EXPECT_EQ(out[0], out[1]) << name << " " << n << " with " << fuel;
            EXPECT_EQ(left[0], left[1]) << name << " " << n << " with " << fuel;
            if (out[0].trap != Trap::None && out[0].trap != Trap::OutOfFuel) {
              EXPECT_EQ(total[0], total[1]) << name << " " << n << " with " << fuel;
            }
          }
        }
      }
    }
  }
}

// A host function between frames of several instances: traps and exceptions pass it.
TIER_TEST(Across, HostFunctionsInBetween) {
  tier.open();
  embed::Function back;
  tier.linker().function("h", "back", [&](host::Caller& caller, i32 n) -> i32 {
    auto result = back.call({Value::i32(n)});
    if (!result.ok()) caller.raise(result.failure().trap);
    return result.ok() ? result.value()[0].asI32() + 1 : 0;
  });
  tier.addText(R"((module
    (type $level (func (param i32) (result i32)))
    (import "h" "back" (func $back (type $level)))
    (memory 1) (data (i32.const 0) "\07")
    (tag $e (export "e") (param i32))
    (func (export "up") (type $level)
      (if (i32.eqz (local.get 0)) (then (throw $e (i32.const 5))))
      (if (i32.eq (local.get 0) (i32.const 1)) (then (unreachable)))
      (if (i32.eq (local.get 0) (i32.const 10)) (then (return (i32.const 3))))
      (i32.add (call $back (i32.sub (local.get 0) (i32.const 2))) (i32.load8_u (i32.const 0))))))",
               "up");
  tier.addText(R"((module
    (type $level (func (param i32) (result i32)))
    (import "up" "up" (func $up (type $level)))
    (import "up" "e" (tag $e (param i32)))
    (memory 1) (data (i32.const 0) "\09")
    (func (export "plain") (type $level)
      (i32.add (call $up (local.get 0)) (i32.load8_u (i32.const 0))))
    (func (export "tail") (type $level) (return_call $up (local.get 0)))
    (func (export "guarded") (type $level)
      (block $out (result i32)
        (try_table (result i32) (catch $e $out) (call $up (local.get 0))))
      (i32.mul (i32.load8_u (i32.const 0))))))");
  const std::pair<const char*, i32> ways[] = {{"plain", 46}, {"tail", 28}};
  for (const auto& [name, sum] : ways) {
    back = tier.instance().function(name).value();
    EXPECT_EQ(tier.call("plain", {Value::i32(14)}).values[0].asI32(), sum) << name;
    EXPECT_EQ(tier.call("plain", {Value::i32(5)}).trap, Trap::Unreachable) << name;
    EXPECT_EQ(tier.call("plain", {Value::i32(4)}).trap, Trap::UncaughtException) << name;
    EXPECT_EQ(tier.call("guarded", {Value::i32(4)}).values[0].asI32(), 5 * 9) << name;
    EXPECT_EQ(tier.call("guarded", {Value::i32(10)}).values[0].asI32(), 3 * 9) << name;
  }
  back = embed::Function();
}

}  // namespace
}  // namespace bls::test
