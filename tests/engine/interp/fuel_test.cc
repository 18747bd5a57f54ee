// Fuel in every back end where one module run from outside is not enough: several calls on one
// budget (worked example 27), host functions that read and set the counter (31), slices, the
// largest numbers, and every kind of trap with every budget. The other worked examples are swept
// by tests/fuel/run.py; number 25 needs arrays.
#include <gtest/gtest.h>

#include <limits>

#include "tests/support/tier_test.h"

namespace bls::test {
namespace {

TIER_SUITE(Fuel);

constexpr embed::FuelSchedule kSchedules[] = {embed::FuelSchedule::Wt31,
                                              embed::FuelSchedule::WtNext};

// Number 27: cost 4, the only check is the one at entry, after its unit.
TIER_TEST(Fuel, SeveralCallsOnEveryBudget) {
  Code add;
  add.LocalGet(0).I32Const(2).I32Add();
  ModuleBuilder module;
  module.func("run", "i", "i", add);
  tier.metered = true;
  for (auto schedule : kSchedules) {
    tier.schedule = schedule;
    tier.load(module);
    for (u64 budget = 0; budget <= 4 * 4 + 1; ++budget) {
      ASSERT_TRUE(tier.store().setFuel(budget).ok());
      u64 used = 0;
      bool empty = false;
      for (int call = 0; call < 4; ++call) {
        empty = empty || used + 1 >= budget;
        const Outcome out = tier.call("run", {Value::i32(1)});
        EXPECT_EQ(out.trap, empty ? Trap::OutOfFuel : Trap::None) << budget << " call " << call;
        if (!empty) used += 4;
        EXPECT_EQ(tier.fuel(), empty || used >= budget ? 0 : budget - used) << budget;
      }
    }
  }
}

// Going for more fuel at a loop header leaves all values as they are, wherever they are kept: 14
// vectors, integers and floats that each round changes.
TIER_TEST(Fuel, MoreFuelInALoopKeepsEveryValue) {
  constexpr u64 kRounds = 500;
  std::string text = "(module (func (export \"run\") (param $n i32) (result i64)\n";
  std::string change, sum = "(i64.const 0)";
  for (int i = 0; i < 14; ++i) {
    const std::string v = "$v" + std::to_string(i);
    text += "(local " + v + " v128)";
    change += "(local.set " + v + " (i64x2.add (local.get " + v + ") (v128.const i64x2 " +
              std::to_string(i + 1) + " " + std::to_string(100 + i) + ")))";
    sum = "(i64.add " + sum + " (i64.add (i64x2.extract_lane 0 (local.get " + v +
          ")) (i64x2.extract_lane 1 (local.get " + v + "))))";
  }
  text += "(local $a i64) (local $b f64) (local $c f32)\n(loop $again " + change +
          "(local.set $a (i64.add (local.get $a) (i64.const 3)))"
          "(local.set $b (f64.add (local.get $b) (f64.const 0.5)))"
          "(local.set $c (f32.add (local.get $c) (f32.const 2)))"
          "(br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))" +
          "(i64.add (local.get $a) (i64.add " + sum +
          " (i64.add (i64.trunc_f64_s (local.get $b)) (i64.trunc_f32_s (local.get $c)))))))";
  u64 each = 3 + 2;  // of a round, doubled where b counts
  for (u64 i = 0; i < 14; ++i) each += i + 1 + 100 + i;
  tier.metered = true;
  u64 used = 0;
  for (u64 slice : {u64{1} << 20, u64{1}, u64{2}, u64{61}, u64{100}}) {
    tier.limits.fuelSlice = slice;
    tier.open();
    tier.addText(text);
    ASSERT_TRUE(tier.store().setFuel(1000000).ok());
    const Outcome out = tier.call("run", {Value::i32(kRounds)});
    ASSERT_EQ(out.trap, Trap::None) << slice;
    EXPECT_EQ(out.values[0].lo, each * kRounds + kRounds / 2) << slice;
    if (used == 0) used = 1000000 - tier.fuel();
    EXPECT_EQ(1000000 - tier.fuel(), used) << slice;
  }
}

// Number 31, for every budget and every amount the host function may leave.
TIER_TEST(Fuel, HostFunctionsSeeAndSetTheCounter) {
  ModuleBuilder module;
  module.importFunc("h", "host", "", "");
  Code run, empty;
  run.Call(0).Call(2);
  module.func("run", "", "", run);
  module.func("g", "", "", empty);
  tier.metered = true;
  for (auto schedule : kSchedules) {
    tier.schedule = schedule;
    tier.open();
    u64 seen = 0, left = 0;
    bool called = false, sets = false;
    tier.linker().function("h", "host", [&](host::Caller&) {
      called = true;
      seen = tier.fuel();
      EXPECT_TRUE(!sets || tier.store().setFuel(left).ok());
    });
    tier.add(module);
    for (u64 budget = 0; budget <= 6; ++budget) {
      for (u64 amount = 0; amount <= 5; ++amount) {
        for (bool setting : {false, true}) {
          sets = setting;
          left = amount;
          called = false;
          ASSERT_TRUE(tier.store().setFuel(budget).ok());
          const Trap trap = tier.call("run").trap;
          EXPECT_EQ(called, budget > 1) << budget;
          EXPECT_TRUE(!called || seen == budget - 2) << "entry and call: " << seen;
          // Then the second call and the entry of $g: used 2 of what there is now.
          const u64 now = setting ? amount : budget < 2 ? 0 : budget - 2;
          const bool enough = called && now > 2;
          EXPECT_EQ(trap, enough ? Trap::None : Trap::OutOfFuel) << budget << " " << amount;
          EXPECT_EQ(tier.fuel(), enough ? now - 2 : 0) << budget << " " << amount;
        }
      }
    }
  }
}

// A host function called in a loop refuels the guest once; used and remaining follow.
TIER_TEST(Fuel, RefuellingDuringACall) {
  ModuleBuilder module;
  module.importFunc("h", "host", "i", "");
  Code run;
  run.Loop().LocalGet(0).Call(0).LocalGet(0).I32Const(1).I32Sub().LocalTee(0).BrIf(0).End();
  module.func("run", "i", "", run);
  tier.metered = true;
  tier.open();
  tier.linker().function("h", "host", [&](host::Caller&, i32 n) {
    EXPECT_TRUE(n != 5 || tier.store().setFuel(tier.fuel() + 1000).ok());
  });
  tier.add(module);
  ASSERT_TRUE(tier.store().setFuel(60).ok());
  // 1 + 7 in each round; with 14 the header is reached with 64 used before the host refuels.
  EXPECT_EQ(tier.call("run", {Value::i32(4)}).trap, Trap::None);
  EXPECT_EQ(tier.fuel(), 60u - 1 - 4 * 7);
  ASSERT_TRUE(tier.store().setFuel(60).ok());
  EXPECT_EQ(tier.call("run", {Value::i32(14)}).trap, Trap::OutOfFuel);
  ASSERT_TRUE(tier.store().setFuel(60).ok());
  EXPECT_EQ(tier.call("run", {Value::i32(13)}).trap, Trap::None);
  EXPECT_EQ(tier.fuel(), 1060u - 1 - 13 * 7);
}

// Fuel is handed out in slices; their ends must not show, nor must the largest numbers wrap.
TIER_TEST(Fuel, SlicesAndLargeBudgetsDoNotShow) {
  ModuleBuilder module;
  Code run, get, add;
  run.Loop().GlobalGet(0).I32Const(1).I32Add().GlobalSet(0).Br(0).End();
  get.GlobalGet(0).I32Const(0).GlobalSet(0);
  add.LocalGet(0).I32Const(2).I32Add();
  module.func("run", "", "", run);
  module.func("get", "", "i", get);
  module.func("add", "i", "i", add);
  module.global('i');
  tier.metered = true;
  tier.load(module);
  for (u64 budget : {kFuelSlice - 1, kFuelSlice, kFuelSlice + 1, kFuelSlice + 2, kFuelSlice + 5,
                     2 * kFuelSlice, 2 * kFuelSlice + 3}) {
    ASSERT_TRUE(tier.store().setFuel(budget).ok());
    EXPECT_EQ(tier.call("run").trap, Trap::OutOfFuel);
    EXPECT_EQ(tier.fuel(), 0u);
    ASSERT_TRUE(tier.store().setFuel(100).ok());
    // The header is reached with 1 + 5 n used, and ends the run when that is at least the budget.
    EXPECT_EQ(tier.call("get").values[0].lo, (budget - 1 + 4) / 5) << budget;
  }
  constexpr u64 kMost = std::numeric_limits<u64>::max();
  for (u64 budget : {kMost, kMost - 1, u64{1} << 63, (u64{1} << 63) - 1}) {
    ASSERT_TRUE(tier.store().setFuel(budget).ok());
    EXPECT_EQ(tier.fuel(), budget);
    EXPECT_EQ(tier.call("add", {Value::i32(1)}).trap, Trap::None);
    EXPECT_EQ(tier.fuel(), budget - 4);
  }
}

TIER_TEST(Fuel, AStoreStartsWithNone) {
  ModuleBuilder module;
  module.func("run", "", "", Code());
  tier.metered = true;
  tier.load(module);
  embed::EngineConfig config;
  config.metered = true;
  config.dispatch = tier.kind().dispatch;
  config.memory = tier.kind().memory;
  auto engine = embed::Engine::make(config).value();
  embed::Store store(engine);
  EXPECT_EQ(store.fuel().value(), 0u);
  embed::Linker linker(store);
  auto compiled = embed::Module::compile(engine, module.build()).value();
  auto instance = linker.instantiate(compiled).value();
  EXPECT_EQ(instance.function("run").value().call({}).failure().trap, Trap::OutOfFuel);
}

// Every kind of trap, in the middle of straight-line code behind a call, with every budget: the
// count includes the trapping operator and nothing behind it.
TIER_TEST(Fuel, TrapsCountUpToTheTrappingOperator) {
  struct Case {
    const char* name;
    Trap trap;
    u64 cost;  // of the operators up to and with the trapping one
    Code code;
    bool saved = false;  // what is written back before includes them
  };
  std::vector<Case> cases;
  auto add = [&](const char* name, Trap trap, u64 cost, const Code& code, bool saved = false) {
    cases.push_back({name, trap, cost, code, saved});
  };
  add("unreachable", Trap::Unreachable, 0, Code().op(Op::Unreachable), true);
  add("divide", Trap::DivideByZero, 3, Code().I32Const(1).I32Const(0).I32DivS().Drop());
  add("overflow", Trap::IntegerOverflow, 3,
      Code().I32Const(std::numeric_limits<i32>::min()).I32Const(-1).I32DivS().Drop());
  add("remainder", Trap::DivideByZero, 3, Code().I64Const(1).I64Const(0).I64RemU().Drop());
  add("nan", Trap::InvalidConversion, 4,
      Code().F64Const(0).F64Const(0).F64Div().op(Op::I32TruncF64S).Drop());
  add("range", Trap::IntegerOverflow, 2, Code().F64Const(1e20).op(Op::I64TruncF64S).Drop());
  add("load", Trap::MemoryOutOfBounds, 2, Code().I32Const(-1).memory(Op::I32Load, 0).Drop());
  add("sum", Trap::MemoryOutOfBounds, 4,
      Code().LocalGet(0).I32Const(65536).I32Add().memory(Op::I64Load, 9).Drop());
  add("store", Trap::MemoryOutOfBounds, 3,
      Code().I32Const(65533).I32Const(1).memory(Op::I32Store, 0));
  add("static", Trap::MemoryOutOfBounds, 2,
      Code().I32Const(0).memory(Op::I32Load, 0xffffffff).Drop(), true);
  add("second", Trap::MemoryOutOfBounds, 2,
      Code().I32Const(65536).memory(Op::I32Load8U, 0, 1).Drop());
  add("element", Trap::UndefinedElement, 2, Code().I32Const(9).CallIndirect(0), true);
  add("null", Trap::UninitializedElement, 2, Code().I32Const(1).op(Op::CallIndirect, 0, 1), true);
  add("mismatch", Trap::IndirectCallMismatch, 2, Code().I32Const(1).CallIndirect(0), true);
  add("table", Trap::TableOutOfBounds, 2, Code().I32Const(7).op(Op::TableGet, 0).Drop());
  add("fill", Trap::MemoryOutOfBounds, 4,
      Code().I32Const(65536).I32Const(0).I32Const(1).op(Op::MemoryFill, 0));
  // With traps that report what was last written back (worked examples 15 and 16): entry, call
  // and the entry of g, unless the trapping operator is a save point itself.
  for (auto at : {embed::FuelAtTraps::Exact, embed::FuelAtTraps::Compat}) {
    for (auto schedule : kSchedules) {
      const u64 perUnit = schedule == embed::FuelSchedule::WtNext ? 1 : 0;
      for (const Case& c : cases) {
        ModuleBuilder module;
        Code g, run, number;
        run.LocalGet(0).LocalSet(0).Call(0);
        run.bytes.insert(run.bytes.end(), c.code.bytes.begin(), c.code.bytes.end());
        run.LocalGet(0).Drop();
        number.I32Const(1);
        module.func("g", "", "", g);
        module.func("number", "", "i", number);
        module.func("run", "", "", run, {{1, 'i'}});
        module.memory({1, 2, false});
        module.memory(1);
        module.table({0, 1});
        module.emptyTable({4, {}, false});
        tier.metered = true;
        tier.schedule = schedule;
        tier.fuelAtTraps = at;
        tier.load(module);
        const u64 bulk = std::string_view(c.name) == "fill" ? perUnit : 0;
        const bool exact = at == embed::FuelAtTraps::Exact || c.saved;
        const u64 total = 5 + (exact ? c.cost + bulk : 0);
        for (u64 budget = 0; budget <= 5 + c.cost + bulk + 1; ++budget) {
          ASSERT_TRUE(tier.store().setFuel(budget).ok());
          const bool reached = budget > 5;  // the check at the entry of g, with 5 used
          EXPECT_EQ(tier.call("run").trap, reached ? c.trap : Trap::OutOfFuel)
              << c.name << " " << budget;
          EXPECT_EQ(tier.fuel(), reached && budget > total ? budget - total : 0)
              << c.name << " " << budget;
        }
      }
    }
  }
}

// The same mode around loops, returns of all kinds, and host functions that set the counter.
TIER_TEST(Fuel, SavePointsOfTheCompatibleMode) {
  ModuleBuilder module;
  module.importFunc("h", "set", "", "");
  auto trap = [](Code& c) -> Code& { return c.I32Const(1).I32Const(0).I32DivS(); };
  Code nothing, loop, afterHost, inner, outer, normal;
  trap(nothing).Drop();
  loop.I32Const(10).LocalSet(0).Loop().LocalGet(0).I32Const(1).I32Sub().LocalTee(0).BrIf(0).End();
  trap(loop).Drop();
  afterHost.LocalGet(0).Drop().Call(0).LocalGet(0).Drop();
  trap(afterHost).Drop();
  inner.LocalGet(0).I32Const(1).I32Add();
  outer.LocalGet(0).Call(4).Drop();
  trap(outer);
  normal.LocalGet(0).Call(4).I32Const(2).I32Mul();
  module.func("nothing", "i", "", nothing);
  module.func("loop", "i", "", loop);
  module.func("afterHost", "i", "", afterHost);
  module.func("inner", "i", "i", inner);
  module.func("outer", "i", "i", outer);
  module.func("normal", "i", "i", normal);
  tier.metered = true;
  tier.fuelAtTraps = embed::FuelAtTraps::Compat;
  tier.open();
  tier.linker().function("h", "set",
                         [&](host::Caller&) { EXPECT_TRUE(tier.store().setFuel(500).ok()); });
  tier.add(module);
  struct Case {
    const char* name;
    Trap trap;
    u64 left;
  };
  const Case cases[] = {{"nothing", Trap::DivideByZero, 1000},
                        {"loop", Trap::DivideByZero, 1000},
                        {"afterHost", Trap::DivideByZero, 500},
                        {"outer", Trap::DivideByZero, 1000 - (1 + 2) - (1 + 3)},
                        {"normal", Trap::None, 1000 - (1 + 2) - (1 + 3) - 2},
                        {"nothing", Trap::DivideByZero, 1000}};
  for (const Case& c : cases) {
    ASSERT_TRUE(tier.store().setFuel(1000).ok());
    EXPECT_EQ(tier.call(c.name, {Value::i32(3)}).trap, c.trap) << c.name;
    EXPECT_EQ(tier.fuel(), c.left) << c.name;
  }
}

// Stack overflow: the same depth and the same count everywhere.
TIER_TEST(Fuel, StackOverflowCountsTheSameEverywhere) {
  ModuleBuilder module;
  Code deep;
  deep.LocalGet(0).I32Const(1).I32Add().Call(0).I32Const(1).I32Add();
  module.func("deep", "i", "i", deep, {{3, 'v'}});
  auto used = [&](TierRun& run) {
    run.metered = true;
    run.limits.slotStackBytes = 100000;
    run.load(module);
    EXPECT_EQ(run.call("deep", {Value::i32(0)}).trap, Trap::StackOverflow);
    return (u64{1} << 40) - run.fuel();
  };
  TierRun first(tierKinds()[0]);
  const u64 expected = used(first);
  EXPECT_EQ(used(tier), expected);
  EXPECT_EQ(expected % 5, 0u) << "whole activations: entry, three operators and the call";
}

}  // namespace
}  // namespace bls::test
