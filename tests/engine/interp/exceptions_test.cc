// Exceptions in every back end: both designs, tags, unwinding through calls and host functions,
// exact fuel.
#include <gtest/gtest.h>

#include "tests/support/raw_module.h"
#include "tests/support/tier_test.h"

namespace bls::test {
namespace {

TIER_SUITE(InterpExceptions);

constexpr u8 kI32 = 0x7f, kVoid = 0x40, kExnRef = 0x69;

// Types: 0 (i32) -> (); 1 (i32) -> i32; 2 () -> i32. Tag 0: (i32), tag 1: (i32), both of type 0.
RawModule withTags() {
  RawModule m;
  m.funcType({kI32}, 1, {}, 0);
  m.funcType({kI32}, 1, {kI32}, 1);
  m.funcType({}, 0, {kI32}, 1);
  m.add(RawModule::kTag, {0, 0});
  m.add(RawModule::kTag, {0, 0});
  return m;
}
Code& tryTable(Code& code, u8 type, std::initializer_list<u8> clauses, u8 count) {
  code.op(Op::TryTable).byte(type).byte(count);
  for (u8 byte : clauses) code.byte(byte);
  return code;
}

TIER_TEST(InterpExceptions, AClauseTakesTheExceptionOfItsTagFromACallee) {
  RawModule m = withTags();
  // thrower(n): n == 0 throws tag 0 with 7, n == 1 tag 1 with 8, else nothing.
  const u32 thrower = m.func("", 0,
                             Code()
                                 .LocalGet(0)
                                 .I32Eqz()
                                 .If(kVoid)
                                 .I32Const(7)
                                 .op(Op::Throw, 0)
                                 .End()
                                 .LocalGet(0)
                                 .I32Const(1)
                                 .I32Eq()
                                 .If(kVoid)
                                 .I32Const(8)
                                 .op(Op::Throw, 1)
                                 .End());
  Code code;
  code.Block(kI32).Block(kI32);
  tryTable(code, kVoid, {0, 0, 0, 0, 1, 1}, 2);  // catch 0 → inner block, catch 1 → outer
  code.LocalGet(0).Call(thrower).End().I32Const(99).op(Op::Return).End();
  code.I32Const(100).I32Add().op(Op::Return).End();
  code.I32Const(200).I32Add();
  m.func("f", 1, code);
  for (bool metered : {false, true}) {
    tier.metered = metered;
    tier.load(m.build());
    EXPECT_EQ(tier.call("f", {Value::i32(0)}).values[0].asI32(), 107);
    EXPECT_EQ(tier.call("f", {Value::i32(1)}).values[0].asI32(), 208);
    EXPECT_EQ(tier.call("f", {Value::i32(2)}).values[0].asI32(), 99);
  }
  // entry, try_table, get, call; entry, get, eqz, if, const, throw; const, add (return is free).
  const u64 before = tier.fuel();
  tier.call("f", {Value::i32(0)});
  EXPECT_EQ(before - tier.fuel(), 4u + 6u + 2u);
}

TIER_TEST(InterpExceptions, AnUncaughtExceptionEndsTheCallWithItsFuelCounted) {
  RawModule m = withTags();
  m.func("f", 0, Code().LocalGet(0).op(Op::Throw, 0));
  tier.metered = true;
  tier.load(m.build());
  const u64 before = tier.fuel();
  EXPECT_EQ(tier.call("f", {Value::i32(1)}).trap, Trap::UncaughtException);
  EXPECT_EQ(before - tier.fuel(), 3u);
  EXPECT_EQ(tier.call("f", {Value::i32(1)}).trap, Trap::UncaughtException);
}

TIER_TEST(InterpExceptions, AReferenceThrowsTheSameExceptionAgain) {
  RawModule m = withTags();
  const u32 pair = m.funcType({}, 0, {kI32, kExnRef}, 2);
  Code code;
  code.Block(kI32);
  tryTable(code, kVoid, {0, 0, 0}, 1);
  code.op(Op::Block).byte(static_cast<u8>(pair));
  tryTable(code, kVoid, {1, 0, 0}, 1);  // catch_ref 0
  code.I32Const(41).op(Op::Throw, 0).End().op(Op::Unreachable).End();
  code.LocalSet(0).Drop().LocalGet(0).op(Op::ThrowRef);
  code.End().op(Op::Unreachable).End().I32Const(1).I32Add();
  m.func("again", 2, code, {1, 1, kExnRef});
  m.func("null", 2, Code().op(Op::RefNull).byte(kExnRef).op(Op::ThrowRef));
  tier.load(m.build());
  EXPECT_EQ(tier.call("again").values[0].asI32(), 42);
  EXPECT_EQ(tier.call("null").trap, Trap::NullExceptionRef);
}

TIER_TEST(InterpExceptions, ALoopAsHandlerChecksFuel) {
  RawModule m = withTags();
  const u32 none = m.funcType({}, 0, {}, 0);
  m.add(RawModule::kTag, {0, static_cast<u8>(none)});
  Code code;  // loop { try_table (catch 2 → loop) { throw 2 } }
  code.Loop();
  tryTable(code, kVoid, {0, 2, 0}, 1);
  code.op(Op::Throw, 2).End().End();
  m.func("spin", none, code);
  tier.metered = true;
  tier.load(m.build());
  ASSERT_TRUE(tier.store().setFuel(1000).ok());
  EXPECT_EQ(tier.call("spin").trap, Trap::OutOfFuel);
  EXPECT_EQ(tier.fuel(), 0u);
}

TIER_TEST(InterpExceptions, TrapsAreNotCaught) {
  RawModule m = withTags();
  Code code;
  code.Block(kVoid);
  tryTable(code, kVoid, {2, 0}, 1);  // catch_all
  code.op(Op::Unreachable).End().End().I32Const(1);
  m.func("f", 2, code);
  tier.load(m.build());
  EXPECT_EQ(tier.call("f").trap, Trap::Unreachable);
}

TIER_TEST(InterpExceptions, LegacyCatchRethrowAndDelegate) {
  RawModule m = withTags();
  const u32 thrower = m.func("", 0, Code().LocalGet(0).op(Op::Throw, 0));
  // catch 0 adds 1; catch_all gives -1.
  m.func("catch", 1,
         Code()
             .op(Op::Try)
             .byte(kI32)
             .LocalGet(0)
             .Call(thrower)
             .I32Const(0)
             .op(Op::Catch, 1)
             .op(Op::Catch, 0)
             .I32Const(1)
             .I32Add()
             .op(Op::CatchAll)
             .I32Const(-1)
             .End());
  // An inner catch_all rethrows; the outer catch sees the payload.
  m.func("rethrow", 1,
         Code()
             .op(Op::Try)
             .byte(kI32)
             .op(Op::Try)
             .byte(kVoid)
             .LocalGet(0)
             .Call(thrower)
             .op(Op::CatchAll)
             .op(Op::Rethrow, 0)
             .End()
             .I32Const(0)
             .op(Op::Catch, 0)
             .I32Const(10)
             .I32Add()
             .End());
  // Delegates past the middle try, whose catch_all must not see it.
  m.func("delegate", 1,
         Code()
             .op(Op::Try)
             .byte(kI32)
             .op(Op::Try)
             .byte(kI32)
             .op(Op::Try)
             .byte(kVoid)
             .LocalGet(0)
             .Call(thrower)
             .op(Op::Delegate, 1)
             .I32Const(0)
             .op(Op::CatchAll)
             .I32Const(-2)
             .End()
             .op(Op::Catch, 0)
             .I32Const(20)
             .I32Add()
             .End());
  m.func("toCaller", 1,
         Code()
             .op(Op::Try)
             .byte(kI32)
             .op(Op::Try)
             .byte(kVoid)
             .LocalGet(0)
             .Call(thrower)
             .op(Op::Delegate, 1)
             .I32Const(0)
             .op(Op::CatchAll)
             .I32Const(-2)
             .End());
  tier.load(m.build());
  EXPECT_EQ(tier.call("catch", {Value::i32(5)}).values[0].asI32(), 6);
  EXPECT_EQ(tier.call("rethrow", {Value::i32(5)}).values[0].asI32(), 15);
  EXPECT_EQ(tier.call("delegate", {Value::i32(5)}).values[0].asI32(), 25);
  EXPECT_EQ(tier.call("toCaller", {Value::i32(5)}).trap, Trap::UncaughtException);
}

TIER_TEST(InterpExceptions, ExceptionsPassThroughHostFunctions) {
  tier.open();
  u32 unwound = 0;
  tier.linker().function("h", "f", [&](host::Caller&, i32 value) -> Trap {
    auto thrown = tier.instance().function("throw").value().call({Value::i32(value + 1)});
    EXPECT_FALSE(thrown.ok());
    ++unwound;
    return thrown.failure().trap;
  });
  tier.addText(R"((module
    (import "h" "f" (func $host (param i32)))
    (tag $t (param i32))
    (func (export "throw") (param i32) (throw $t (local.get 0)))
    (func (export "catch") (param i32) (result i32)
      (block $h (result i32)
        (try_table (catch $t $h) (call $host (local.get 0)))
        (i32.const 0)))))");
  EXPECT_EQ(tier.call("catch", {Value::i32(41)}).values[0].asI32(), 42);
  EXPECT_EQ(unwound, 1u);
}

// The frame that makes a tail call has left its try forms, and what it holds are the arguments: a
// collection below a host function must not take them for the references that stood there.
TIER_TEST(InterpExceptions, ATailCallToTheHostLeavesTheFrame) {
  tier.gcStress = true;
  tier.open();
  tier.linker().function("h", "f", [&](host::Caller&, i64 value) -> Trap {
    auto made = tier.instance().function("allocate").value().call(std::span<const Value>());
    EXPECT_TRUE(made.ok());
    if (value == 0) return Trap::None;
    auto thrown = tier.instance().function("throw").value().call(std::span<const Value>());
    EXPECT_FALSE(thrown.ok());
    return thrown.failure().trap;
  });
  tier.addText(R"((module
    (type $s (struct (field i64)))
    (import "h" "f" (func $host (param i64)))
    (tag $t)
    (func (export "throw") (throw $t))
    (func (export "allocate") (drop (struct.new $s (i64.const 1))))
    (func $leave (param (ref $s)) (param i64)
      (block $h
        (try_table (catch $t $h)
          (return_call $host (i64.add (local.get 1) (i64.const 0x123456780000))))))
    (func $quiet (param (ref $s)) (param i64)
      (return_call $host (i64.shr_u (struct.get $s 0 (local.get 0)) (i64.const 63))))
    (func (export "uncaught")
      (call $leave (struct.new $s (i64.const 5)) (i64.const 7)))
    (func (export "caught") (result i32)
      (block $h
        (try_table (catch $t $h) (call $leave (struct.new $s (i64.const 5)) (i64.const 7)))
        (return (i32.const 0)))
      (i32.const 1))
    (func (export "quiet") (result i64) (local $kept (ref $s))
      (local.set $kept (struct.new $s (i64.const 9)))
      (call $quiet (local.get $kept) (i64.const 3))
      (struct.get $s 0 (local.get $kept)))))");
  EXPECT_EQ(tier.call("uncaught").trap, Trap::UncaughtException);
  EXPECT_EQ(tier.call("caught").values[0].asI32(), 1);
  EXPECT_EQ(tier.call("quiet").values[0].asI64(), 9);
  tier.expectAllCompiled();
}

}  // namespace
}  // namespace bls::test
