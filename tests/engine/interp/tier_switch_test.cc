// Changing tiers at safepoints (exec/tier_switch.h): every program here is run interpreted and then
// going up and down all the time, under either memory strategy, with and without fuel and
// collections, with hardly a value in registers. Values, traps and fuel must be equal, and the
// changes must have happened.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/tier_test.h"

namespace bls::test {
namespace {

struct Call {
  const char* name;
  std::vector<Value> args;
};

struct Settings {
  bool metered = false;
  bool gcStress = false;
  embed::FuelAtTraps fuelAtTraps = embed::FuelAtTraps::Exact;
  u64 slotStackBytes = 0;         // 0: the usual
  u64 budget = 0;                 // 0: ample, for all calls together
  const char* library = nullptr;  // a module called "there"
};

struct Seen {
  std::vector<Outcome> outcomes;
  std::vector<u64> fuel;  // left after each call
  CompileStats stats;
};

CompileStats statsOf(TierRun& run) {
  return static_cast<embed::LoadedModule*>(run.instance().object()->owner)->code->compileStats();
}

Seen observe(const TierKind& kind, const char* text, const std::vector<Call>& calls,
             const Settings& settings) {
  Seen out;
  TierRun run(kind);
  run.metered = settings.metered;
  run.gcStress = settings.gcStress;
  run.fuelAtTraps = settings.fuelAtTraps;
  if (settings.slotStackBytes != 0) run.limits.slotStackBytes = settings.slotStackBytes;
  run.open();
  run.linker().function("h", "twice", [](host::Caller&, i32 x) -> i32 { return 2 * x; });
  // Back into the guest: the frames below wait in either tier.
  run.linker().function("h", "back", [&](host::Caller&, i32 x) -> i32 {
    auto result = run.instance().function("sum").value().call({Value::i32(x)});
    return result.ok() ? result.value()[0].asI32() : -1;
  });
  if (settings.library != nullptr) run.addText(settings.library, "there");
  run.addText(text);
  if (::testing::Test::HasFatalFailure()) return out;
  if (settings.budget != 0) {
    EXPECT_TRUE(run.store().setFuel(settings.budget).ok());
  }
  for (const Call& call : calls) {
    out.outcomes.push_back(run.call(call.name, call.args));
    if (settings.metered) out.fuel.push_back(run.fuel());
  }
  out.stats = statsOf(run);
  return out;
}

/// Those that change tiers all the time.
std::vector<TierKind> switching() {
  std::vector<TierKind> out;
  for (const TierKind& kind : tierKinds()) {
    if (kind.switchTiers) out.push_back(kind);
  }
  return out;
}

/// The same everywhere; with so many calls every kind must have gone down and come up.
void agree(const char* text, const std::vector<Call>& calls, const Settings& settings,
           u64 leastDowns) {
  const Seen expected = observe(tierKinds()[0], text, calls, settings);
  EXPECT_EQ(expected.stats.tierDowns, 0u);
  for (const TierKind& kind : switching()) {
    SCOPED_TRACE(kind.name);
    const Seen seen = observe(kind, text, calls, settings);
    ASSERT_EQ(seen.outcomes.size(), expected.outcomes.size());
    for (size_t i = 0; i < calls.size(); ++i) {
      EXPECT_EQ(seen.outcomes[i], expected.outcomes[i]) << "call " << i << ", " << calls[i].name;
    }
    EXPECT_EQ(seen.fuel, expected.fuel);
    EXPECT_GE(seen.stats.tierDowns, leastDowns);
    if (leastDowns != 0) {
      EXPECT_GT(seen.stats.loopEntries, 0u);
    }
  }
}

void agreeEverywhere(const char* text, const std::vector<Call>& calls, u64 leastDowns) {
  for (bool metered : {false, true}) {
    for (bool gcStress : {false, true}) {
      SCOPED_TRACE(metered);
      SCOPED_TRACE(gcStress);
      agree(text, calls, {metered, gcStress}, leastDowns);
    }
  }
}

std::vector<Call> callsOf(std::initializer_list<const char*> names, std::initializer_list<i32> of) {
  std::vector<Call> out;
  for (const char* name : names) {
    for (i32 n : of) out.push_back({name, {Value::i32(n)}});
  }
  return out;
}

// Loops whose values are in registers of both kinds, on the operand stack below the loop, and in
// parameters of the loop; locals that nobody has written; calls; calls of the host and back.
constexpr const char* kLoops = R"((module
  (import "h" "twice" (func $twice (param i32) (result i32)))
  (import "h" "back" (func $back (param i32) (result i32)))
  (type $f (func (param i32) (result i32)))
  (memory 1 4)
  (table funcref (elem $even $odd $sum))
  (func $sum (export "sum") (param $n i32) (result i32) (local $s i32)
    (loop $again
      (local.set $s (i32.add (local.get $s) (i32.mul (local.get $n) (local.get $n))))
      (br_if $again (i32.gt_s (local.tee $n (i32.sub (local.get $n) (i32.const 1))) (i32.const 0))))
    (local.get $s))
  (func (export "kinds") (param $n i32) (result i32 i64 f32 f64)
    (local $a i32) (local $b i64) (local $c f32) (local $d f64) (local $still i64)
    (local.set $c (f32.const 1.5))
    (loop $outer
      (local.set $a (i32.add (local.get $a) (i32.const 3)))
      (block $done
        (br_if $done (i32.and (local.get $a) (i32.const 1)))
        (loop $inner
          (local.set $b (i64.add (local.get $b) (i64.extend_i32_u (local.get $a))))
          (local.set $c (f32.add (local.get $c) (f32.const 0.25)))
          (local.set $d (f64.add (local.get $d) (f64.promote_f32 (local.get $c))))
          (br_if $inner (i64.ne (i64.rem_u (local.get $b) (i64.const 5)) (local.get $still)))))
      (br_if $outer (i32.gt_s (local.tee $n (i32.sub (local.get $n) (i32.const 1))) (i32.const 0))))
    (local.get $a) (local.get $b) (local.get $c) (local.get $d))
  (func (export "below") (param $n i32) (result i32)
    (i32.const 1000)
    (i32.mul (local.get $n) (i32.const 7))
    (local.get $n)
    (i32.const 0)
    (loop $again (param i32 i32) (result i32)  ;; n, the sum
      (i32.add (i32.const 5))
      (local.set $n)
      (i32.sub (i32.const 1))
      (local.get $n)
      (br_if $again (i32.lt_s (local.get $n) (i32.const 60)))
      (i32.add))
    (loop $more (param i32) (result i32)
      (i32.sub (i32.const 1))
      (i32.const 1)
      (i32.add)
      (i32.const 2)
      (i32.sub)
      (local.tee $n)
      (local.get $n)
      (br_if $more (i32.gt_s (i32.const 0))))
    (i32.add) (i32.sub))
  (func $unwritten (export "unwritten") (param $n i32) (result i32)
    (local i32 i32 i32 i32 i32 i32 i32 i32 i64 i64 i64 i64 i64 i64 i64 f64 f64 f64 f64 f64)
    (if (i32.gt_s (local.get $n) (i32.const 0))
      (then (local.set $n (i32.add (local.get $n) (call $unwritten (i32.sub (local.get $n) (i32.const 1)))))))
    (i32.add (i32.add (local.get $n) (i32.add (local.get 1) (local.get 8)))
             (i32.wrap_i64 (i64.add (local.get 9) (i64.reinterpret_f64 (local.get 20))))))
  (func $even (param $n i32) (result i32)
    (if (result i32) (i32.eqz (local.get $n)) (then (i32.const 1))
      (else (call_indirect (type $f) (i32.sub (local.get $n) (i32.const 1)) (i32.const 1)))))
  (func $odd (param $n i32) (result i32)
    (if (result i32) (i32.eqz (local.get $n)) (then (i32.const 0))
      (else (return_call_indirect (type $f) (i32.sub (local.get $n) (i32.const 1)) (i32.const 0)))))
  (func (export "parity") (param $n i32) (result i32) (local $s i32)
    (loop $again
      (local.set $s (i32.add (i32.shl (local.get $s) (i32.const 1)) (call $even (local.get $n))))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $s))
  (func $chain (export "chain") (param $n i32) (result i32)
    (if (i32.eqz (local.get $n)) (then (return (call $twice (i32.const 21)))))
    (return_call $chain (i32.sub (local.get $n) (i32.const 1))))
  (func $nest (export "nest") (param $n i32) (result i32) (local $i i32) (local $s i32)
    (if (i32.eqz (local.get $n)) (then (return (i32.const 1))))
    (loop $again
      (local.set $s (i32.add (local.get $s) (call $nest (i32.sub (local.get $n) (i32.const 1)))))
      (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 3))))
    (local.get $s))
  (func (export "host") (param $n i32) (result i32) (local $s i32)
    (loop $again
      (local.set $s (i32.add (local.get $s)
        (i32.add (call $twice (local.get $n)) (call $back (local.get $n)))))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $s))
  (func (export "grow") (param $n i32) (result i32) (local $at i32) (local $s i32)
    (loop $again
      (drop (memory.grow (i32.eq (i32.and (local.get $n) (i32.const 3)) (i32.const 1))))
      (local.set $at (i32.sub (i32.shl (memory.size) (i32.const 16)) (i32.const 8)))
      (i64.store (local.get $at) (i64.add (i64.load (local.get $at)) (i64.extend_i32_u (local.get $n))))
      (local.set $s (i32.add (local.get $s) (i32.wrap_i64 (i64.load (local.get $at)))))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $s))
  (func (export "table") (param $n i32) (result i32) (local $s i32)
    (loop $again
      (local.set $s (i32.add (i32.mul (local.get $s) (i32.const 3)) (local.get $n)))
      (local.set $n (i32.sub (local.get $n) (i32.const 1)))
      (block $out
        (br_table $out $again $again $out $again (i32.and (local.get $n) (i32.const 7)))))
    (local.get $s))
  (func (export "outside") (param $n i32) (result i32) (local $at i32)
    (loop $again
      (local.set $at (i32.add (local.get $at) (i32.const 4096)))
      (i32.store (local.get $at) (local.get $n))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $at))
  (func (export "divide") (param $n i32) (result i32) (local $s i32)
    (loop $again
      (local.set $s (i32.add (local.get $s) (i32.div_s (i32.const 1000) (i32.sub (local.get $n) (i32.const 3)))))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $s))
  (func $deep (export "deep") (param $n i32) (result i32) (local $i i32)
    (loop $again
      (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 3))))
    (i32.add (i32.const 1) (call $deep (local.get $n))))))";

std::vector<Call> loopCalls() {
  return callsOf({"sum", "kinds", "below", "unwritten", "parity", "chain", "nest", "host", "grow",
                  "table", "outside", "divide"},
                 {2, 1, 3, 6, 20});
}

TEST(TierSwitch, LoopsAndCallsGiveTheSame) {
  std::vector<Call> calls = loopCalls();
  // nest(20) is 3^20 calls, and parity(20) the same as 6.
  std::erase_if(calls, [](const Call& c) {
    return std::string_view(c.name) == "nest" && c.args[0].asI32() > 6;
  });
  for (bool metered : {false, true}) {
    SCOPED_TRACE(metered);
    agree(kLoops, calls, {metered}, 100);
  }
  Settings compat{true};
  compat.fuelAtTraps = embed::FuelAtTraps::Compat;
  agree(kLoops, calls, compat, 100);
}

TEST(TierSwitch, FuelEndsTheRunAtTheSameUnit) {
  const std::vector<Call> calls = callsOf({"sum", "nest", "host", "parity", "kinds"}, {3});
  Settings settings{true};
  settings.budget = 1u << 20;
  const u64 all = settings.budget - observe(tierKinds()[0], kLoops, calls, settings).fuel.back();
  for (u64 budget = 1; budget <= all + 1; budget += budget < 40 ? 1 : 13) {
    SCOPED_TRACE(budget);
    settings.budget = budget;
    agree(kLoops, calls, settings, 0);
    if (HasFailure()) break;
  }
}

TEST(TierSwitch, TheStackOverflowsAtTheSameDepth) {
  for (u64 bytes : {u64{16} << 10, u64{256} << 10}) {
    Settings settings{true};
    settings.slotStackBytes = bytes;
    agree(kLoops, callsOf({"deep"}, {1}), settings, 20);
  }
}

TEST(TierSwitch, HandlersOfEitherTierCatch) {
  constexpr const char* kText = R"((module
    (tag $t (param i32))
    (func (export "sum") (param i32) (result i32) (local.get 0))
    (func $maybe (param $n i32) (result i32) (local $i i32)
      (loop $again
        (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 3))))
      (if (i32.eqz (i32.rem_u (local.get $n) (i32.const 3))) (then (throw $t (local.get $n))))
      (local.get $i))
    (func $through (param $n i32) (result i32) (i32.add (call $maybe (local.get $n)) (i32.const 1)))
    (func (export "caught") (param $n i32) (result i32) (local $s i32)
      (loop $outer
        (i32.const 10)
        (block $h (result i32)
          (try_table (catch $t $h)
            (loop $inner
              (local.set $s (i32.add (local.get $s) (call $through (local.get $n))))
              (br_if $inner (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
          (i32.const 0))
        (i32.add)
        (local.set $s (i32.add (local.get $s)))
        (br_if $outer (i32.gt_s (local.tee $n (i32.sub (local.get $n) (i32.const 1))) (i32.const 0))))
      (local.get $s))
    (func (export "again") (param $n i32) (result i32) (local $s i32) (local $e exnref)
      (loop $outer
        (block $h (result i32 exnref)
          (try_table (catch_ref $t $h)
            (loop $inner
              (drop (call $through (local.get $n)))
              (br $inner (local.set $n (i32.sub (local.get $n) (i32.const 1))))))
          (unreachable))
        (local.set $e)
        (local.set $s (i32.add (local.get $s)))
        (block $h2 (result i32)
          (try_table (catch $t $h2)
            (loop $few
              (br_if $few (i32.rem_u (local.tee $s (i32.add (local.get $s) (i32.const 1))) (i32.const 4))))
            (throw_ref (local.get $e)))
          (i32.const 0))
        (local.set $s (i32.add (local.get $s)))
        (br_if $outer (i32.gt_s (local.tee $n (i32.sub (local.get $n) (i32.const 1))) (i32.const 0))))
      (local.get $s))
    (func (export "uncaught") (param $n i32) (result i32)
      (loop $again
        (drop (call $through (local.get $n)))
        (br $again (local.set $n (i32.sub (local.get $n) (i32.const 1)))))
      (unreachable))))";
  agreeEverywhere(kText, callsOf({"caught", "again", "uncaught"}, {1, 4, 20, 31}), 50);
}

TEST(TierSwitch, ReferencesAreFoundInFramesOfEitherTier) {
  constexpr const char* kText = R"((module
    (type $node (struct (field i32) (field (ref null $node))))
    (func (export "sum") (param i32) (result i32) (local.get 0))
    (func $make (param $n i32) (param $l (ref null $node)) (result (ref $node)) (local $i i32)
      (loop $again
        (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 2))))
      (struct.new $node (local.get $n) (local.get $l)))
    (func (export "list") (param $n i32) (result i32) (local $l (ref null $node)) (local $s i32)
      (struct.new $node (i32.const 1000) (ref.null $node))  ;; below both loops
      (loop $again
        (local.set $l (call $make (local.get $n) (local.get $l)))
        (local.set $l (struct.new $node (i32.const 1) (local.get $l)))
        (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
      (block $done
        (loop $walk
          (br_if $done (ref.is_null (local.get $l)))
          (local.set $s (i32.add (i32.mul (local.get $s) (i32.const 3)) (struct.get $node 0 (local.get $l))))
          (drop (call $make (local.get $s) (local.get $l)))
          (local.set $l (struct.get $node 1 (local.get $l)))
          (br $walk)))
      (struct.get $node 0)
      (i32.add (local.get $s)))))";
  agreeEverywhere(kText, callsOf({"list"}, {1, 2, 5, 30}), 30);
}

TEST(TierSwitch, InstancesAndTheirMemoriesStayApart) {
  constexpr const char* kLibrary = R"((module
    (memory 1)
    (global $calls (mut i32) (i32.const 0))
    (func $count (export "count") (param $n i32) (result i32) (local $i i32)
      (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
      (loop $again
        (i32.store (i32.const 8) (i32.add (i32.load (i32.const 8)) (i32.const 1)))
        (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 3))))
      (i32.add (i32.mul (global.get $calls) (i32.const 1000)) (i32.load (i32.const 8))))
    (func (export "fail") (param $n i32) (result i32)
      (loop $again
        (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
      (i32.load (i32.const 65536)))))";
  constexpr const char* kText = R"((module
    (import "there" "count" (func $count (param i32) (result i32)))
    (import "there" "fail" (func $fail (param i32) (result i32)))
    (memory 1)
    (func (export "sum") (param i32) (result i32) (local.get 0))
    (func $last (param $n i32) (result i32)
      (loop $again
        (i32.store (i32.const 8) (i32.add (i32.load (i32.const 8)) (i32.const 7)))
        (br_if $again (i32.and (i32.load (i32.const 8)) (i32.const 1))))
      (return_call $count (local.get $n)))
    (func (export "both") (param $n i32) (result i32) (local $s i32)
      (loop $again
        (i32.store (i32.const 8) (i32.add (i32.load (i32.const 8)) (local.get $n)))
        (local.set $s (i32.add (local.get $s) (i32.add (call $count (local.get $n)) (call $last (local.get $n)))))
        (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
      (i32.add (local.get $s) (i32.load (i32.const 8))))
    (func (export "fails") (param $n i32) (result i32) (return_call $fail (local.get $n)))))";
  Settings settings;
  settings.library = kLibrary;
  for (bool metered : {false, true}) {
    SCOPED_TRACE(metered);
    settings.metered = metered;
    agree(kText, callsOf({"both", "fails"}, {1, 4, 30}), settings, 12);
  }
}

TEST(TierSwitch, VectorsStayWhole) {
  constexpr const char* kText = R"((module
    (func (export "sum") (param i32) (result i32) (local.get 0))
    (func (export "lanes") (param $n i32) (result v128 v128) (local $a v128) (local $b v128) (local $d f64)
      (v128.const i32x4 1 2 3 4)
      (loop $again
        (local.set $a (i32x4.add (local.get $a) (i32x4.splat (local.get $n))))
        (local.set $b (f64x2.add (local.get $b) (f64x2.convert_low_i32x4_s (local.get $a))))
        (local.set $d (f64.add (local.get $d) (f64x2.extract_lane 1 (local.get $b))))
        (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
      (i32x4.add (local.get $a))
      (f64x2.replace_lane 0 (local.get $b) (local.get $d)))))";
  agreeEverywhere(kText, callsOf({"lanes"}, {1, 2, 5, 100}), 8);
}

}  // namespace
}  // namespace bls::test
