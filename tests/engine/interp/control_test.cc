// Blocks, branches, calls, frames, memory boundaries and fuel in every back end.
#include <gtest/gtest.h>

#include "tests/support/tier_test.h"

namespace bls::test {
namespace {

TIER_SUITE(InterpControl);

TIER_TEST(InterpControl, FibonacciByRecursion) {
  Code fib;
  fib.LocalGet(0).I32Const(2).I32LtU().If(0x7f).LocalGet(0).Else();
  fib.LocalGet(0)
      .I32Const(1)
      .I32Sub()
      .Call(0)
      .LocalGet(0)
      .I32Const(2)
      .I32Sub()
      .Call(0)
      .I32Add()
      .End();
  ModuleBuilder module;
  module.func("fib", "i", "i", fib);
  tier.metered = true;
  tier.load(module);
  const u64 before = tier.fuel();
  EXPECT_EQ(tier.call("fib", {Value::i32(20)}).values[0].asI32(), 6765);
  EXPECT_EQ(before - tier.fuel(), 218906u);
}

TIER_TEST(InterpControl, BranchesDropValuesUnderTheResult) {
  Code code;
  code.Block(0x7f).I32Const(1).I32Const(2).I32Const(3).LocalGet(0).BrIf(0).I32Add().I32Add().End();
  ModuleBuilder module;
  module.func("f", "i", "i", code);
  tier.load(module);
  EXPECT_EQ(tier.call("f", {Value::i32(1)}).values[0].asI32(), 3);
  EXPECT_EQ(tier.call("f", {Value::i32(0)}).values[0].asI32(), 6);
}

// What a dropped comparison leaves must not be taken for the value pushed in its place.
TIER_TEST(InterpControl, BranchesAfterADroppedComparison) {
  Code code;
  code.LocalGet(0).I32Eqz().op(Op::Drop).LocalGet(0);
  code.If(0x7f).I32Const(1).Else().I32Const(2).End();
  ModuleBuilder module;
  module.func("f", "i", "i", code);
  Code sum;  // the address is the local, not the dropped sum
  sum.LocalGet(0).LocalGet(1).I32Add().op(Op::Drop).LocalGet(0).memory(Op::I32Load, 0);
  module.func("load", "ii", "i", sum);
  Code table;
  table.Block().Block().LocalGet(0).I32Const(1).I32Add().op(Op::Drop).LocalGet(0);
  table.BrTable({0, 1}).End().I32Const(10).op(Op::Return).End().I32Const(11);
  module.func("table", "i", "i", table);
  module.memory(1);
  module.data("abcdefgh", 0, 0);
  tier.load(module);
  EXPECT_EQ(tier.call("f", {Value::i32(1)}).values[0].asI32(), 1);
  EXPECT_EQ(tier.call("f", {Value::i32(0)}).values[0].asI32(), 2);
  EXPECT_EQ(tier.call("load", {Value::i32(0), Value::i32(4)}).values[0].asI32(), 0x64636261);
  EXPECT_EQ(tier.call("table", {Value::i32(0)}).values[0].asI32(), 10);
  EXPECT_EQ(tier.call("table", {Value::i32(1)}).values[0].asI32(), 11);
}

TIER_TEST(InterpControl, BrTableReachesEveryTargetAndTheDefault) {
  for (i32 bias : {0, -40000}) {
    Code code;
    code.Block().Block().Block().LocalGet(0).I32Const(bias).I32Add().BrTable({0, 1, 0, 2}).End();
    code.I32Const(10).op(Op::Return).End().I32Const(11).op(Op::Return).End().I32Const(12);
    ModuleBuilder module;
    module.func("f", "i", "i", code);
    tier.load(module);
    const i32 expected[] = {10, 11, 10, 12, 12};
    for (i32 i = 0; i < 5; ++i)
      EXPECT_EQ(tier.call("f", {Value::i32(i - bias)}).values[0].asI32(), expected[i]);
    EXPECT_EQ(tier.call("f", {Value::i32(-1 - bias)}).values[0].asI32(), 12);
  }
}

TIER_TEST(InterpControl, BrTableCarriesValuesToDifferentHeights) {
  Code code;
  code.Block(0x7f)
      .I32Const(100)
      .Block(0x7f)
      .I32Const(7)
      .LocalGet(0)
      .BrTable({0, 1})
      .End()
      .I32Add()
      .End();
  ModuleBuilder module;
  module.func("f", "i", "i", code);
  tier.load(module);
  EXPECT_EQ(tier.call("f", {Value::i32(0)}).values[0].asI32(), 107);
  EXPECT_EQ(tier.call("f", {Value::i32(1)}).values[0].asI32(), 7);
}

// A local that is overwritten while older values of it are still on the stack.
TIER_TEST(InterpControl, OldValuesOfLocalsSurviveWrites) {
  Code code;
  code.LocalGet(0)
      .LocalGet(0)
      .LocalGet(0)
      .I32Const(1)
      .I32Add()
      .LocalSet(0)
      .LocalGet(0)
      .I32Const(5)
      .LocalSet(0);
  code.LocalGet(0).I32Mul().I32Sub().I32Add();  // x + (x - (x+1)*5)
  ModuleBuilder module;
  module.func("f", "i", "i", code);
  tier.load(module);
  EXPECT_EQ(tier.call("f", {Value::i32(3)}).values[0].asI32(), 3 + (3 - 4 * 5));
}

TIER_TEST(InterpControl, CountedLoopsWithSeveralIncrements) {
  Code code;  // for (i = 0, p = 0, q = 0; i != n; ++i, p += 4, q += 8) s += p ^ q
  code.Block().LocalGet(0).I32Eqz().BrIf(0).Loop();
  code.LocalGet(4).LocalGet(2).LocalGet(3).I32Xor().I32Add().LocalSet(4);
  code.LocalGet(2).I32Const(4).I32Add().LocalSet(2).LocalGet(3).I32Const(8).I32Add().LocalSet(3);
  code.LocalGet(1)
      .I32Const(1)
      .I32Add()
      .LocalTee(1)
      .LocalGet(0)
      .I32Ne()
      .BrIf(0)
      .End()
      .End()
      .LocalGet(4);
  ModuleBuilder module;
  module.func("f", "i", "i", code, {{4, 'i'}});
  tier.load(module);
  u32 expected = 0;
  for (u32 i = 0; i < 1000; ++i) expected += (4 * i) ^ (8 * i);
  EXPECT_EQ(tier.call("f", {Value::i32(1000)}).values[0].lo, expected);
  EXPECT_EQ(tier.call("f", {Value::i32(0)}).values[0].lo, 0u);
}

TIER_TEST(InterpControl, DeepRecursionOverflowsAndTheStoreStaysUsable) {
  Code deep, one;
  deep.LocalGet(0).I32Const(1).I32Add().Call(0);
  one.I32Const(1);
  ModuleBuilder module;
  module.func("deep", "i", "i", deep);
  module.func("one", "", "i", one);
  tier.load(module);
  EXPECT_EQ(tier.call("deep", {Value::i32(0)}).trap, Trap::StackOverflow);
  EXPECT_EQ(tier.call("one").values[0].asI32(), 1);
}

TIER_TEST(InterpControl, TailCallsTakeNoStack) {
  Code even, odd, indirect;
  even.LocalGet(0)
      .I32Eqz()
      .If(0x7f)
      .I32Const(1)
      .Else()
      .LocalGet(0)
      .I32Const(1)
      .I32Sub()
      .ReturnCall(1)
      .End();
  odd.LocalGet(0).I32Eqz().If(0x7f).I32Const(0).Else().LocalGet(0).I32Const(1).I32Sub().I32Const(0);
  odd.op(Op::ReturnCallIndirect, 0).byte(0).End();
  ModuleBuilder module;
  module.func("even", "i", "i", even);
  module.func("odd", "i", "i", odd);
  module.table({0});
  tier.load(module);
  EXPECT_EQ(tier.call("even", {Value::i32(1000000)}).values[0].asI32(), 1);
  EXPECT_EQ(tier.call("even", {Value::i32(1000001)}).values[0].asI32(), 0);
}

TIER_TEST(InterpControl, ManyParametersAndResultsKeepTheirOrder) {
  const u32 count = 400;
  const std::string types(count, 'l');
  Code reverse, sum;
  for (u32 i = count; i-- > 0;) reverse.LocalGet(i);
  for (u32 i = 0; i < count; ++i) sum.I64Const(i);
  sum.Call(0);
  for (u32 i = 1; i < count; ++i) sum.I64Sub();
  ModuleBuilder module;
  module.func("reverse", types, types, reverse);
  module.func("sum", "", "l", sum);
  tier.load(module);
  std::vector<Value> args;
  for (u32 i = 0; i < count; ++i) args.push_back(Value::i64(i));
  const Outcome out = tier.call("reverse", args);
  ASSERT_EQ(out.values.size(), count);
  for (u32 i = 0; i < count; ++i) EXPECT_EQ(out.values[i].lo, count - 1 - i);
  // 399 - (398 - (397 - …)) as the stack pops it.
  i64 expected = 0;
  for (u32 i = 0; i < count; ++i) expected = static_cast<i64>(i) - expected;
  EXPECT_EQ(tier.call("sum").values[0].asI64(), expected);
}

TIER_TEST(InterpControl, FramesBeyond65536Slots) {
  Code code;  // locals: parameter, 49,990 v128, then an i32 and an i64 far up
  code.LocalGet(0).I32Const(7).I32Add().LocalSet(49991);
  code.LocalGet(49991)
      .op(Op::I32x4Splat)
      .LocalSet(49990)
      .LocalGet(49990)
      .LocalGet(49990)
      .I32x4Add();
  code.op(Op::I32x4ExtractLane).byte(2).LocalSet(49991);
  code.Block().LocalGet(49991).I32Const(20).I32GtS().BrIf(0).I32Const(-1).op(Op::Return).End();
  code.LocalGet(49991)
      .I64ExtendI32U()
      .LocalSet(49992)
      .LocalGet(49992)
      .I64Const(3)
      .I64Mul()
      .I32WrapI64()
      .Call(1);
  Code twice;
  twice.LocalGet(0).I32Const(1).I32Shl();
  ModuleBuilder module;
  module.func("far", "i", "i", code, {{49990, 'v'}, {1, 'i'}, {1, 'l'}});
  module.func("twice", "i", "i", twice);
  tier.load(module);
  EXPECT_EQ(tier.call("far", {Value::i32(5)}).values[0].asI32(), (5 + 7) * 2 * 3 * 2);
  EXPECT_EQ(tier.call("far", {Value::i32(1)}).values[0].asI32(), -1);
}

TIER_TEST(InterpControl, IndirectCallsCheckIndexNullAndType) {
  Code call, wrong;
  call.I32Const(5).LocalGet(0).CallIndirect(0);
  wrong.I64Const(1);
  Code plain;
  plain.LocalGet(0).I32Const(1).I32Add();
  ModuleBuilder module;
  module.func("plain", "i", "i", plain);
  module.func("wrong", "", "l", wrong);
  module.func("call", "i", "i", call);
  module.table({0, 1});
  tier.load(module);
  EXPECT_EQ(tier.call("call", {Value::i32(0)}).values[0].asI32(), 6);
  EXPECT_EQ(tier.call("call", {Value::i32(1)}).trap, Trap::IndirectCallMismatch);
  EXPECT_EQ(tier.call("call", {Value::i32(2)}).trap, Trap::UndefinedElement);
  EXPECT_EQ(tier.call("call", {Value::i32(-1)}).trap, Trap::UndefinedElement);
}

// Every load and store at and around the end of memory, with constant offsets and with sums that
// wrap at 32 bits.
TIER_TEST(InterpControl, MemoryBoundariesOfEveryAccess) {
  for (u32 i = 0; i < kOpCount; ++i) {
    const Op op = static_cast<Op>(i);
    const OpInfo& info = opInfo(op);
    const bool isLoad = info.cls == OpClass::Load || info.cls == OpClass::VLoad;
    const bool isStore = info.cls == OpClass::Store || info.cls == OpClass::VStore;
    if (!isLoad && !isStore) continue;
    const u32 width = 1u << info.aux;
    const char letter = isLoad ? info.results[0] : info.params[1];
    for (u64 offset : {u64{0}, u64{9}, u64{0x12345}, u64{0x2100000}, u64{0xfffffff0}}) {
      ModuleBuilder module;
      module.memory(2);
      const char* names[] = {"local", "sum", "scaled", "plus"};
      for (u32 form = 0; form < 4; ++form) {
        Code code;
        code.LocalGet(0);
        if (form == 1) code.LocalGet(1).I32Add();
        if (form == 2) code.LocalGet(1).I32Const(2).I32Shl().I32Add();
        if (form == 3) code.I32Const(-3).I32Add();
        if (isStore) code.LocalGet(2);
        code.memory(op, offset);
        if (isLoad) code.Drop();
        module.func(names[form], std::string("ii") + letter, "", code);
      }
      tier.load(module);
      const u64 size = 2 * 65536;
      auto check = [&](u32 form, u32 x, u32 y, u32 sum) {
        const u64 at = u64{sum} + offset;
        const Trap expected = at + width > size ? Trap::MemoryOutOfBounds : Trap::None;
        const Outcome got =
            tier.call(names[form], {Value{ValType::I32, x, 0}, Value{ValType::I32, y, 0},
                                    Value{ValType::fromLetter(letter), 0, 0}});
        ASSERT_EQ(got.trap, expected)
            << info.text << " " << names[form] << " " << x << " " << y << " +" << offset;
      };
      for (i64 delta : {-1, 0, 1}) {
        const u32 last =
            static_cast<u32>(static_cast<i64>(size) - width - static_cast<i64>(offset) + delta);
        check(0, last, 0, last);
        check(1, last + 100, static_cast<u32>(-100), last);
        check(2, last - 40, 10, last);
        check(3, last + 3, 0, last);
      }
      for (u32 x : {0u, 0x7fffffffu, 0xffffffffu}) check(0, x, 0, x);
    }
  }
}

TIER_TEST(InterpControl, GrowthIsSeenAtOnce) {
  Code code;  // store at the end of the new page after growing inside an operand
  code.LocalGet(0).I32Const(1).op(Op::MemoryGrow).byte(0).memory(Op::I32Store, 0);
  code.LocalGet(0).memory(Op::I32Load, 0);
  ModuleBuilder module;
  module.memory(1);
  module.func("f", "i", "i", code);
  tier.load(module);
  EXPECT_EQ(tier.call("f", {Value::i32(2 * 65536 - 4)}).values[0].asI32(), 1);
  EXPECT_EQ(tier.call("f", {Value::i32(3 * 65536)}).trap, Trap::MemoryOutOfBounds);
}

// Fuel at traps: everything up to and with the trapping instruction.
TIER_TEST(InterpControl, FuelAtTrapsIsExact) {
  Code divide, outside, nested;
  divide.I32Const(1).I32Const(0).I32DivS().Drop();
  outside.I32Const(65536).I32Const(1).I32Add().memory(Op::I32Load, 0).Drop();
  nested.Call(0).Call(0);
  ModuleBuilder module;
  module.memory(1);
  module.func("divide", "", "", divide);
  module.func("outside", "", "", outside);
  module.func("nested", "", "", nested);
  tier.metered = true;
  tier.load(module);
  const std::pair<const char*, u64> cases[] = {{"divide", 4}, {"outside", 5}, {"nested", 6}};
  for (auto [name, used] : cases) {
    const u64 before = tier.fuel();
    EXPECT_NE(tier.call(name).trap, Trap::None);
    EXPECT_EQ(before - tier.fuel(), used) << name;
  }
}

}  // namespace
}  // namespace bls::test
