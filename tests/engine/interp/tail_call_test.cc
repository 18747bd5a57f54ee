// Tail calls in every back end: direct and indirect, within an instance, across instances and to
// host functions; argument moves checked against a model; stack, fuel and traps.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "tests/support/tier_test.h"

namespace bls::test {
namespace {

TIER_SUITE(TailCall);

constexpr i32 kDeep = 1'000'000;

// (n, x) → n == 0 ? x : next(n - 1, x + step), where `tail` makes the tail call.
template <class F>
Code countDown(i32 step, F tail) {
  Code code;
  code.LocalGet(0).I32Eqz().If(0x7f).LocalGet(1).Else();
  code.LocalGet(0).I32Const(1).I32Sub().LocalGet(1).I32Const(step).I32Add();
  tail(code);
  code.End();
  return code;
}

TIER_TEST(TailCall, ThreeFunctionsAMillionDeep) {
  ModuleBuilder module;
  module.func("a", "ii", "i", countDown(1, [](Code& c) { c.ReturnCall(1); }));
  module.func("b", "ii", "i", countDown(2, [](Code& c) {
                c.LocalGet(0).I32Const(1).I32And().op(Op::ReturnCallIndirect, 0, 0);
              }));
  module.func("c", "ii", "i", countDown(3, [](Code& c) { c.ReturnCall(0); }));
  module.table({0, 2});
  tier.limits.slotStackBytes = 4096;  // constant space: a budget of 512 slots is plenty
  tier.load(module);
  u32 expected = 0;
  for (i32 n = kDeep, at = 0; n != 0; --n) {
    expected += static_cast<u32>(at + 1);
    at = at == 0 ? 1 : at == 1 ? ((n & 1) != 0 ? 2 : 0) : 0;
  }
  EXPECT_EQ(tier.call("a", {Value::i32(kDeep), Value::i32(0)}).values[0].lo, expected);
}

// a in one instance, b in another, each tail-calling the other: by import and through the table
// they share.
TIER_TEST(TailCall, BetweenInstancesAMillionDeep) {
  ModuleBuilder first, second;
  const u32 shared = first.emptyTable({1, {}, false});
  Code indirect =
      countDown(1, [&](Code& c) { c.I32Const(0).op(Op::ReturnCallIndirect, 0, shared); });
  first.memory(1);
  first.func("a", "ii", "i", indirect);
  Code called;  // not in tail position: the way back restores this instance
  called.LocalGet(0).LocalGet(1).Call(0).I32Const(0).memory(Op::I32Load, 0).I32Add();
  first.func("called", "ii", "i", called);
  first.data("\x07", 0, 0);
  second.importFunc("first", "a", "ii", "i");
  second.importTable("first", "table", {1, {}, false});
  second.memory(1);
  second.data("\x40", 0, 0);
  second.elem({1});
  second.func("b", "ii", "i", countDown(1, [](Code& c) { c.ReturnCall(0); }));
  Code fill;
  fill.I32Const(0).I32Const(0).I32Const(1).op(Op::TableInit, 0, 0);
  second.func("fill", "", "", fill);
  Code both;  // the memory of the caller's instance is back after the chain
  both.LocalGet(0).LocalGet(1).Call(0).I32Const(0).memory(Op::I32Load, 0).I32Add();
  second.func("both", "ii", "i", both);
  tier.limits.slotStackBytes = 4096;
  tier.open();
  tier.add(first, "first");
  embed::Instance one = tier.instance();
  tier.add(second);
  ASSERT_EQ(tier.call("fill").trap, Trap::None);
  const auto args = {Value::i32(kDeep), Value::i32(5)};
  EXPECT_EQ(tier.call("b", args).values[0].asI32(), kDeep + 5);
  EXPECT_EQ(tier.call("both", args).values[0].asI32(), kDeep + 5 + 0x40);
  auto called1 = one.function("called").value().call(args);
  ASSERT_TRUE(called1.ok()) << called1.failure().text();
  EXPECT_EQ(called1.value()[0].asI32(), kDeep + 5 + 7);
}

TIER_TEST(TailCall, ToHostFunctionsByImportAndTable) {
  ModuleBuilder module;
  module.importFunc("h", "mix", "ild", "d");
  module.importFunc("h", "stop", "", "");
  module.memory(1);
  Code direct, indirect, around, stop;
  direct.LocalGet(0).LocalGet(1).LocalGet(2).ReturnCall(0);
  indirect.LocalGet(0).LocalGet(1).LocalGet(2).I32Const(0).op(Op::ReturnCallIndirect, 0, 0);
  around.LocalGet(0).LocalGet(1).LocalGet(2).Call(2).LocalGet(0).LocalGet(1).LocalGet(2).Call(3);
  around.F64Add();
  stop.ReturnCall(1);
  module.func("direct", "ild", "d", direct);
  module.func("indirect", "ild", "d", indirect);
  module.func("around", "ild", "d", around);
  module.func("stop", "", "", stop);
  module.table({0});
  tier.metered = true;
  tier.open();
  tier.linker().function("h", "mix", [](host::Caller&, i32 a, i64 b, f64 c) -> f64 {
    return a * 2.0 + static_cast<f64>(b) * 3.0 + c;
  });
  tier.linker().function("h", "stop", [](host::Caller& caller) { caller.raise(Trap::HostError); });
  tier.add(module);
  const auto args = {Value::i32(10), Value::i64(100), Value::f64(0.5)};
  const std::pair<const char*, std::pair<f64, u64>> cases[] = {
      {"direct", {320.5, 5}}, {"indirect", {320.5, 6}}, {"around", {641, 1 + 4 + 5 + 4 + 6 + 1}}};
  for (const auto& [name, expected] : cases) {
    const u64 before = tier.fuel();
    EXPECT_EQ(tier.call(name, args).values[0].asF64(), expected.first) << name;
    EXPECT_EQ(before - tier.fuel(), expected.second) << name;
  }
  const u64 before = tier.fuel();
  EXPECT_EQ(tier.call("stop").trap, Trap::HostError);
  EXPECT_EQ(before - tier.fuel(), 2u) << "entry and return_call";
}

// A host function reached by a tail call calls back into the guest and is found in no frame twice.
TIER_TEST(TailCall, HostFunctionsMayCallBack) {
  ModuleBuilder module;
  module.importFunc("h", "again", "i", "i");
  Code down;
  down.LocalGet(0).I32Eqz().If(0x7f).I32Const(100).Else().LocalGet(0).ReturnCall(0).End();
  module.func("down", "i", "i", down);
  tier.open();
  embed::Function again;
  tier.linker().function("h", "again", [&](host::Caller& caller, i32 n) -> i32 {
    auto result = again.call({Value::i32(n - 1)});
    if (!result.ok()) caller.raise(result.failure().trap);
    return result.ok() ? result.value()[0].asI32() + 1 : 0;
  });
  tier.add(module);
  again = tier.instance().function("down").value();
  EXPECT_EQ(tier.call("down", {Value::i32(50)}).values[0].asI32(), 150);
  EXPECT_EQ(tier.call("down", {Value::i32(100000)}).trap, Trap::StackOverflow);
  again = embed::Function();
}

TIER_TEST(TailCall, IndirectTrapsAreThoseOfCallIndirect) {
  ModuleBuilder module;
  Code plain, wrong, call;
  plain.LocalGet(0).I32Const(1).I32Add();
  wrong.I64Const(1);
  call.LocalGet(0).LocalGet(0).op(Op::ReturnCallIndirect, 0, 0);
  module.func("plain", "i", "i", plain);
  module.func("wrong", "", "l", wrong);
  module.func("call", "i", "i", call);
  module.emptyTable({4, {}, false});
  module.elem({0, 1});
  Code fill;
  fill.I32Const(0).I32Const(0).I32Const(2).op(Op::TableInit, 0, 0);
  module.func("fill", "", "", fill);
  tier.metered = true;
  tier.load(module);
  ASSERT_EQ(tier.call("fill").trap, Trap::None);
  EXPECT_EQ(tier.call("call", {Value::i32(0)}).values[0].asI32(), 1);
  const std::pair<i32, Trap> cases[] = {{1, Trap::IndirectCallMismatch},
                                        {2, Trap::UninitializedElement},
                                        {4, Trap::UndefinedElement},
                                        {-1, Trap::UndefinedElement}};
  for (auto [index, trap] : cases) {
    const u64 before = tier.fuel();
    EXPECT_EQ(tier.call("call", {Value::i32(index)}).trap, trap);
    EXPECT_EQ(before - tier.fuel(), 4u) << "entry, two local.get, the call itself";
  }
}

// A callee that needs a larger frame than its caller: whether it fits is decided as for any call,
// from where the caller's frame began.
TIER_TEST(TailCall, StackLimitIsThatOfTheCallee) {
  ModuleBuilder module;
  Code big, small, deep;
  big.LocalGet(0);
  small.LocalGet(0).ReturnCall(0);
  deep.LocalGet(0).I32Const(1).I32Add().Call(2);
  module.func("big", "i", "i", big, {{550, 'l'}});
  module.func("small", "i", "i", small);
  module.func("deep", "i", "i", deep);
  for (const auto& [bytes, trap] :
       {std::pair<u64, Trap>{4800, Trap::None}, std::pair<u64, Trap>{4112, Trap::StackOverflow}}) {
    tier.limits.slotStackBytes = bytes;
    tier.load(module);
    EXPECT_EQ(tier.call("small", {Value::i32(9)}).trap, trap) << bytes;
    EXPECT_EQ(tier.call("big", {Value::i32(9)}).trap, trap) << bytes;
    EXPECT_EQ(tier.call("deep", {Value::i32(0)}).trap, Trap::StackOverflow);
    EXPECT_EQ(tier.call("deep", {Value::i32(0)}).trap, Trap::StackOverflow);
  }
}

// Fuel of a tail recursion: every operator once and one entry unit for each activation.
TIER_TEST(TailCall, FuelIsExactAndRunsOutAtTheEntry) {
  ModuleBuilder module;
  module.func("f", "ii", "i", countDown(1, [](Code& c) { c.ReturnCall(0); }));
  tier.metered = true;
  tier.load(module);
  const auto args = {Value::i32(10), Value::i32(0)};
  const u64 total = 10 * (1 + 3 + 7) + (1 + 3 + 1);  // last activation: local.get 1
  for (u64 budget = 0; budget <= total + 1; ++budget) {
    ASSERT_TRUE(tier.store().setFuel(budget).ok());
    const Outcome out = tier.call("f", args);
    const bool enough = budget > 10 * 11 + 1;  // the last check is the last entry
    EXPECT_EQ(out.trap, enough ? Trap::None : Trap::OutOfFuel) << budget;
    EXPECT_EQ(tier.fuel(), enough && budget > total ? budget - total : 0) << budget;
  }
}

// The trace shows the frames that are left: the caller that made the tail call is gone.
TIER_TEST(TailCall, TheTraceHasNoFrameOfTheCaller) {
  ModuleBuilder module;
  Code trap, middle, outer;
  trap.op(Op::Unreachable);
  middle.ReturnCall(0);
  outer.Call(1);
  module.func("trap", "", "", trap);
  module.func("middle", "", "", middle);
  module.func("outer", "", "", outer);
  tier.load(module);
  auto result = tier.instance().function("outer").value().call(std::span<const Value>());
  ASSERT_FALSE(result.ok());
  const std::string& trace = result.failure().trace;
  EXPECT_NE(trace.find("(trap)"), std::string::npos) << trace;
  EXPECT_EQ(trace.find("(middle)"), std::string::npos) << trace;
  EXPECT_NE(trace.find("(outer)"), std::string::npos) << trace;
}

// ---- Argument moves against a model

constexpr char kTypes[] = {'i', 'l', 'f', 'd', 'v'};

Value randomValue(char letter, std::mt19937_64& random) {
  switch (letter) {
    case 'i': return Value::i32(static_cast<i32>(random()));
    case 'l': return Value::i64(static_cast<i64>(random()));
    case 'f': return Value::f32(static_cast<f32>(random() % 100000) / 8);
    case 'd': return Value::f64(static_cast<f64>(random() % 10000000) / 16);
    default: return Value{ValType::V128, random(), random()};
  }
}
char letterOf(const Value& value) {
  for (char letter : kTypes) {
    if (ValType::fromLetter(letter) == value.type) return letter;
  }
  return 'v';
}
void putConst(Code& code, const Value& value) {
  switch (value.type.kind()) {
    case ValType::I32: code.I32Const(value.asI32()); break;
    case ValType::I64: code.I64Const(value.asI64()); break;
    case ValType::F32: code.F32Const(value.asF32()); break;
    case ValType::F64: code.F64Const(value.asF64()); break;
    default: code.op(Op::V128Const).raw(value.lo).raw(value.hi); break;
  }
}
// An operation that keeps the type, so that an argument is computed rather than copied; its model.
Value twice(Code& code, u32 local, const Value& value) {
  code.LocalGet(local).LocalGet(local);
  switch (value.type.kind()) {
    case ValType::I32:
      code.I32Add();
      return Value::i32(static_cast<i32>(static_cast<u32>(value.lo) * 2));
    case ValType::I64: code.I64Add(); return Value::i64(static_cast<i64>(value.lo * 2));
    case ValType::F32: code.F32Add(); return Value::f32(value.asF32() * 2);
    case ValType::F64: code.F64Add(); return Value::f64(value.asF64() * 2);
    default: code.op(Op::V128Xor); return Value{ValType::V128, 0, 0};
  }
}

struct Move {
  ModuleBuilder module;
  std::vector<Value> args, expected;
};

// f tail-calls (or, seed by seed, indirectly or through another instance) g with a mix of its
// parameters in any order, locals, constants and computed values; g returns all it got.
Move randomMove(u32 seed, bool imported) {
  std::mt19937_64 random(seed);
  auto below = [&](u64 n) { return static_cast<u32>(random() % n); };
  Move move;
  std::string params, passed, locals;
  std::vector<Value> values;  // of f's locals
  for (u32 i = below(9); i-- > 0;) params += kTypes[below(5)];
  for (char c : params) values.push_back(randomValue(c, random));
  move.args = values;
  Code body;
  std::vector<std::pair<u32, char>> groups;
  for (u32 i = below(4); i-- > 0;) {
    const char letter = kTypes[below(5)];
    groups.push_back({1, letter});
    const Value value = randomValue(letter, random);
    putConst(body, value);
    body.LocalSet(static_cast<u32>(values.size()));
    values.push_back(value);
  }
  for (u32 count = below(seed % 7 == 0 ? 40 : 12); count-- > 0;) {
    const u32 local = below(values.size() + 1);
    Value value;
    if (local == values.size()) {
      value = randomValue(kTypes[below(5)], random);
      putConst(body, value);
    } else if (below(4) == 0) {
      value = twice(body, local, values[local]);
    } else {
      value = values[local];
      body.LocalGet(local);
      if (below(4) == 0) {  // the local changes afterwards; the operand must not
        const Value next = randomValue(letterOf(value), random);
        putConst(body, next);
        body.LocalSet(local);
        values[local] = next;
      }
    }
    move.expected.push_back(value);
    passed += letterOf(value);
  }
  Code target;
  for (u32 i = 0; i < passed.size(); ++i) target.LocalGet(i);
  u32 to = 0;
  if (imported) {
    to = move.module.importFunc("other", "g", passed, passed);
  } else {
    to = move.module.func("g", passed, passed, target, {{below(3), 'l'}});
  }
  if (seed % 2 == 0) {
    move.module.table({to});
    body.I32Const(0).op(Op::ReturnCallIndirect, 0, 0);
  } else {
    body.ReturnCall(to);
  }
  move.module.func("f", params, passed, body, groups);
  return move;
}

TIER_TEST(TailCall, AThousandArgumentMovesMatchTheModel) {
  for (u32 seed = 1; seed <= 1000; ++seed) {
    const bool imported = seed % 3 == 0;
    Move move = randomMove(seed, imported);
    if (imported) {
      ModuleBuilder other;
      Code target;
      std::string types;
      for (const Value& v : move.expected) {
        types += letterOf(v);
        target.LocalGet(static_cast<u32>(types.size()) - 1);
      }
      other.func("g", types, types, target);
      tier.open();
      tier.add(other, "other");
      tier.add(move.module);
    } else {
      tier.load(move.module);
    }
    const Outcome out = tier.call("f", move.args);
    ASSERT_EQ(out.trap, Trap::None) << "seed " << seed;
    ASSERT_EQ(out.values, move.expected) << "seed " << seed;
  }
}

}  // namespace
}  // namespace bls::test
