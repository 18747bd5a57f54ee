// Typed function references in every back end: call_ref, tail calls through references, null tests.
#include <gtest/gtest.h>

#include "tests/support/raw_module.h"
#include "tests/support/tier_test.h"

namespace bls::test {
namespace {

TIER_SUITE(InterpRefs);

constexpr u8 kI32 = 0x7f;

// Types: 0 (i32) -> i32; 1 (i32, ref null 0) -> i32; 2 (ref null 0) -> i32.
RawModule withFuncTypes() {
  RawModule m;
  m.funcType({kI32}, 1, {kI32}, 1);
  m.funcType({kI32, 0x63, 0}, 2, {kI32}, 1);
  m.funcType({0x63, 0}, 1, {kI32}, 1);
  return m;
}

TIER_TEST(InterpRefs, CallRefReachesTheFunctionAndTrapsOnNull) {
  RawModule m = withFuncTypes();
  const u32 twice = m.func("", 0, Code().LocalGet(0).I32Const(2).I32Mul());
  m.func("apply", 1, Code().LocalGet(0).LocalGet(1).op(Op::CallRef, 0).I32Const(1).I32Add());
  m.declare({twice});
  m.func("good", 0, Code().LocalGet(0).op(Op::RefFunc, twice).Call(1));
  m.func("null", 0, Code().LocalGet(0).op(Op::RefNull).byte(0).Call(1));
  for (bool metered : {false, true}) {
    tier.metered = metered;
    tier.load(m.build());
    EXPECT_EQ(tier.call("good", {Value::i32(21)}).values[0].asI32(), 43);
    EXPECT_EQ(tier.call("null", {Value::i32(21)}).trap, Trap::NullFunctionRef);
  }
  // entry, get, ref.func, call; entry, 2 gets, call_ref; entry 1 + 3; const, add.
  const u64 before = tier.fuel();
  tier.call("good", {Value::i32(1)});
  EXPECT_EQ(before - tier.fuel(), 4u + 4u + 4u + 2u);
}

TIER_TEST(InterpRefs, TailCallsThroughReferencesNeedNoStack) {
  // f(n, ref): n == 0 ? 7 : return_call_ref(n - 1, f) by way of a table-less reference to itself.
  RawModule m;
  m.type({0x60, 1, kI32, 1, kI32});
  const u32 self = m.func("loop", 0,
                          Code()
                              .LocalGet(0)
                              .I32Eqz()
                              .If(kI32)
                              .I32Const(7)
                              .Else()
                              .LocalGet(0)
                              .I32Const(1)
                              .I32Sub()
                              .op(Op::RefFunc, 0)
                              .op(Op::ReturnCallRef, 0)
                              .End());
  m.declare({self});
  tier.load(m.build());
  EXPECT_EQ(tier.call("loop", {Value::i32(1000000)}).values[0].asI32(), 7);
}

TIER_TEST(InterpRefs, NullTestsBranchWithTheRightValues) {
  RawModule m = withFuncTypes();
  const u32 one = m.func("", 0, Code().I32Const(1));
  // Null: 10 + 1; else the call's 1 + 10.
  Code onNull;
  onNull.Block(kI32).I32Const(10).LocalGet(0).op(Op::BrOnNull, 0);
  onNull.op(Op::CallRef, 0).End().I32Const(1).I32Add();
  m.func("onNull", 2, onNull);
  // (block (result i32 (ref 0)))
  const u32 pair = m.funcType({}, 0, {0x64, 0}, 1);
  Code onNonNull;
  onNonNull.op(Op::Block).byte(static_cast<u8>(pair)).LocalGet(0).op(Op::BrOnNonNull, 0);
  onNonNull.I32Const(5).op(Op::Return).End().LocalSet(0).I32Const(3).LocalGet(0).op(Op::CallRef, 0);
  m.func("onNonNull", 2, onNonNull);
  m.func("asNonNull", 2, Code().I32Const(2).LocalGet(0).RefAsNonNull().op(Op::CallRef, 0));
  m.declare({one});
  const u32 nothing = m.funcType({}, 0, {kI32}, 1);
  u32 f = 1;
  for (const char* name : {"onNull", "onNonNull", "asNonNull"}) {
    m.func(std::string(name) + "(null)", nothing, Code().op(Op::RefNull).byte(0).Call(f));
    m.func(std::string(name) + "(one)", nothing, Code().op(Op::RefFunc, one).Call(f));
    ++f;
  }
  tier.load(m.build());
  EXPECT_EQ(tier.call("onNull(null)").values[0].asI32(), 11);
  EXPECT_EQ(tier.call("onNull(one)").values[0].asI32(), 2);
  EXPECT_EQ(tier.call("onNonNull(null)").values[0].asI32(), 5);
  EXPECT_EQ(tier.call("onNonNull(one)").values[0].asI32(), 1);
  EXPECT_EQ(tier.call("asNonNull(null)").trap, Trap::NullReference);
  EXPECT_EQ(tier.call("asNonNull(one)").values[0].asI32(), 1);
}

TIER_TEST(InterpRefs, WideArithmeticAndRelaxedVectorsRun) {
  ModuleBuilder m;
  m.func("mulhi", "ll", "l",
         Code().LocalGet(0).LocalGet(1).I64MulWideU().LocalSet(0).Drop().LocalGet(0));
  m.func("add", "llll", "l",
         Code()
             .LocalGet(0)
             .LocalGet(1)
             .LocalGet(2)
             .LocalGet(3)
             .I64Add128()
             .LocalSet(0)
             .Drop()
             .LocalGet(0));
  m.func("madd", "fff", "f",
         Code()
             .LocalGet(0)
             .F32x4Splat()
             .LocalGet(1)
             .F32x4Splat()
             .LocalGet(2)
             .F32x4Splat()
             .F32x4RelaxedMadd()
             .op(Op::F32x4ExtractLane)
             .byte(3));
  tier.load(m);
  EXPECT_EQ(tier.call("mulhi", {Value::i64(-1), Value::i64(-1)}).values[0].asI64(), -2);
  EXPECT_EQ(tier.call("add", {Value::i64(-1), Value::i64(1), Value::i64(1), Value::i64(2)})
                .values[0]
                .asI64(),
            4);
  EXPECT_EQ(tier.call("madd", {Value::f32(2), Value::f32(3), Value::f32(4)}).values[0].asF32(),
            10.0f);
}

}  // namespace
}  // namespace bls::test
