// Garbage-collected objects in every back end, with collections at every allocation and without.
#include <gtest/gtest.h>

#include "engine/gc/heap.h"
#include "engine/gc/values.h"
#include "tests/support/raw_module.h"
#include "tests/support/tier_test.h"

namespace bls::test {
namespace {

TIER_SUITE(InterpGc);

constexpr u8 kI32 = 0x7f, kI64 = 0x7e, kVoid = 0x40, kAny = 0x6e;

Code& gc(Code& code, Op op, u64 first, u64 second) {
  code.op(op, first);
  putU32(code.bytes, second);
  return code;
}

// Type 0: struct { mut i32, mut (ref null 0) }; 1: array of mut i32; 2: array of (ref null 0).
RawModule withObjects() {
  RawModule m;
  m.type({0x5f, 2, kI32, 1, 0x63, 0, 1});
  m.type({0x5e, kI32, 1});
  m.type({0x5e, 0x63, 0, 1});
  return m;
}

TIER_TEST(InterpGc, ListsSurviveCollections) {
  RawModule m = withObjects();
  const u32 sumType = m.funcType({kI32}, 1, {kI64}, 1);
  // Builds a list of n nodes, with garbage between, then adds up their numbers.
  Code code;  // locals: 0 n, 1 head, 2 sum
  code.Loop();
  code.LocalGet(0).LocalGet(1).op(Op::StructNew, 0).LocalSet(1);
  code.op(Op::StructNewDefault, 0).Drop();
  code.LocalGet(0).I32Const(1).I32Sub().LocalTee(0).BrIf(0).End();
  code.Block().Loop();
  code.LocalGet(1).op(Op::BrOnNull, 1).Drop();
  gc(code.LocalGet(2).LocalGet(1), Op::StructGet, 0, 0).I64ExtendI32U().I64Add().LocalSet(2);
  gc(code.LocalGet(1), Op::StructGet, 0, 1).LocalSet(1);
  code.Br(0).End().End().LocalGet(2);
  m.func("sum", sumType, code, {2, 1, 0x63, 0, 1, kI64});
  for (bool stress : {false, true}) {
    tier.gcStress = stress;
    tier.load(m.build());
    const i32 n = stress ? 300 : 50000;
    EXPECT_EQ(tier.call("sum", {Value::i32(n)}).values[0].asI64(), i64{n} * (n + 1) / 2);
    const gc::Heap* heap = gc::Heap::ifAny(&tier.store().objects());
    ASSERT_NE(heap, nullptr);
    EXPECT_GT(heap->collections(), stress ? 500u : 2u);
  }
}

TIER_TEST(InterpGc, OperandsAndCallersAreRoots) {
  RawModule m = withObjects();
  m.funcType({kI32}, 1, {0x64, 0}, 1);  // 3
  const u32 run = m.funcType({kI32}, 1, {kI32}, 1);
  // make(n): a node whose next is make(n - 1).
  Code make;
  make.LocalGet(0);
  make.LocalGet(0).I32Eqz().If(0x63).bytes.pop_back();
  make.byte(static_cast<u8>(m.funcType({}, 0, {0x63, 0}, 1)));
  make.op(Op::RefNull).byte(0).Else().LocalGet(0).I32Const(1).I32Sub().Call(0).End();
  make.op(Op::StructNew, 0);
  m.func("", 3, make);
  // Three on the stack at once; then the numbers of their nexts' nexts.
  Code code;
  for (i32 i = 0; i < 3; ++i) code.LocalGet(0).I32Const(i).I32Add().Call(0);
  for (i32 i = 0; i < 3; ++i) {
    gc(code, Op::StructGet, 0, 1);
    gc(code, Op::StructGet, 0, 0);
    code.LocalSet(1).LocalGet(1).LocalGet(2).I32Add().LocalSet(2);
  }
  code.LocalGet(2);
  m.func("run", run, code, {1, 2, kI32});
  for (bool stress : {false, true}) {
    tier.gcStress = stress;
    tier.load(m.build());
    EXPECT_EQ(tier.call("run", {Value::i32(10)}).values[0].asI32(), 9 + 10 + 11);
  }
}

TIER_TEST(InterpGc, ArraysCheckBoundsAndNull) {
  RawModule m = withObjects();
  const u32 get = m.funcType({kI32, kI32}, 2, {kI32}, 1);
  Code code;
  code.I32Const(7).LocalGet(0).op(Op::ArrayNew, 1).LocalGet(1).op(Op::ArrayGet, 1);
  m.func("get", get, code);
  Code fixed;
  fixed.I32Const(10).I32Const(20).I32Const(30);
  gc(fixed, Op::ArrayNewFixed, 1, 3).LocalSet(2);
  fixed.LocalGet(2).LocalGet(0).LocalGet(1).op(Op::ArraySet, 1);
  gc(fixed.LocalGet(2).I32Const(1).LocalGet(2).I32Const(0).I32Const(2), Op::ArrayCopy, 1, 1);
  fixed.LocalGet(2).I32Const(2).op(Op::ArrayGet, 1).LocalGet(2).ArrayLen().I32Add();
  m.func("fixed", get, fixed, {1, 1, 0x63, 1});
  m.func("null", get, Code().op(Op::RefNull).byte(1).LocalGet(1).op(Op::ArrayGet, 1));
  tier.load(m.build());
  EXPECT_EQ(tier.call("get", {Value::i32(5), Value::i32(4)}).values[0].asI32(), 7);
  EXPECT_EQ(tier.call("get", {Value::i32(5), Value::i32(5)}).trap, Trap::ArrayOutOfBounds);
  EXPECT_EQ(tier.call("get", {Value::i32(-1), Value::i32(0)}).trap, Trap::AllocationTooLarge);
  EXPECT_EQ(tier.call("fixed", {Value::i32(1), Value::i32(5)}).values[0].asI32(), 5 + 3);
  EXPECT_EQ(tier.call("null", {Value::i32(1), Value::i32(5)}).trap, Trap::NullArrayRef);
}

TIER_TEST(InterpGc, CastsFollowDeclaredSubtypes) {
  RawModule m;
  m.type({0x50, 0, 0x5f, 1, kI32, 0});                       // 0: open
  m.type({0x50, 1, 0, 0x5f, 2, kI32, 0, kI32, 0});           // 1: below 0
  m.type({0x4f, 1, 1, 0x5f, 3, kI32, 0, kI32, 0, kI32, 0});  // 2: final, below 1
  const u32 test = m.funcType({kI32}, 1, {kI32}, 1);
  // Makes an object of type `n` (3: i31, 4: null) and returns bits: is a 0, 1, 2, i31, struct.
  Code code;
  code.Block(kVoid).Block(kVoid).Block(kVoid).Block(kVoid).LocalGet(0).BrTable({0, 1, 2, 3, 3});
  code.End().op(Op::StructNewDefault, 0).LocalSet(1).Br(2);
  code.End().op(Op::StructNewDefault, 1).LocalSet(1).Br(1);
  code.End().op(Op::StructNewDefault, 2).LocalSet(1).End();
  code.LocalGet(0).I32Const(3).I32Eq().If(kVoid).I32Const(5).RefI31().LocalSet(1).End();
  i32 bit = 1;
  for (u8 heap : {u8{0}, u8{1}, u8{2}, u8{0x6c}, u8{0x6b}}) {
    code.LocalGet(1).op(Op::RefTest).byte(heap).I32Const(bit).I32Mul();
    if (bit != 1) code.I32Add();
    bit *= 2;
  }
  m.func("test", test, code, {1, 1, kAny});
  Code cast;
  cast.op(Op::StructNewDefault, 1).op(Op::RefCast).byte(0).op(Op::RefCast).byte(2);
  gc(cast, Op::StructGet, 2, 2);
  m.func("cast", test, cast);
  tier.load(m.build());
  const i32 expected[] = {17, 19, 23, 8, 0};
  for (i32 i = 0; i < 5; ++i)
    EXPECT_EQ(tier.call("test", {Value::i32(i)}).values[0].asI32(), expected[i]) << i;
  EXPECT_EQ(tier.call("cast", {Value::i32(0)}).trap, Trap::CastFailure);
}

TIER_TEST(InterpGc, HostHandlesFollowObjects) {
  RawModule m = withObjects();
  const u32 make = m.funcType({kI32}, 1, {0x64, 0}, 1);
  const u32 read = m.funcType({0x64, 0}, 1, {kI32}, 1);
  m.func("make", make, Code().LocalGet(0).op(Op::RefNull).byte(0).op(Op::StructNew, 0));
  Code code;
  gc(code.LocalGet(0), Op::StructGet, 0, 0);
  m.func("read", read, code);
  tier.gcStress = true;
  tier.load(m.build());
  std::vector<Value> kept;
  for (i32 i = 0; i < 20; ++i) kept.push_back(tier.call("make", {Value::i32(i)}).values[0]);
  for (i32 i = 0; i < 20; ++i)
    EXPECT_EQ(tier.call("read", {kept[static_cast<size_t>(i)]}).values[0].asI32(), i);
  bls::Store& store = tier.store().objects();
  EXPECT_EQ(gc::describe(&store, kept[0].type, kept[0].lo).what, gc::Referent::Struct);
}

TIER_TEST(InterpGc, AFullHeapIsATrapAndTheBudgetIsKept) {
  RawModule m = withObjects();
  const u32 t = m.funcType({kI32}, 1, {kI32}, 1);
  Code code;  // keeps n arrays of 1000 numbers alive in a list of arrays
  code.LocalGet(0).op(Op::ArrayNewDefault, 1).ArrayLen();
  m.func("array", t, code);
  tier.limits.memoryBytesTotal = u64{1} << 20;
  tier.load(m.build());
  EXPECT_EQ(tier.call("array", {Value::i32(1000)}).values[0].asI32(), 1000);
  EXPECT_EQ(tier.call("array", {Value::i32(1000000)}).trap, Trap::AllocationTooLarge);
  EXPECT_EQ(tier.call("array", {Value::i32(2000)}).values[0].asI32(), 2000);
  EXPECT_LE(tier.store().peakMemoryBytes(), u64{1} << 20);
}

// Straight code meets no loop header and no call: the end of a collection is where it can be ended.
TIER_TEST(InterpGc, ARequestToEndIsSeenAfterACollection) {
  RawModule m = withObjects();
  const u32 none = m.funcType({}, 0, {}, 0);
  m.add(RawModule::Import, {1, 'h', 4, 's', 't', 'o', 'p', 0, static_cast<u8>(none)});
  m.importedFuncs = 1;
  m.func("run", none, Code().Call(0).op(Op::StructNewDefault, 0).Drop());
  tier.gcStress = true;
  tier.open();
  auto handle = tier.store().interruptHandle();
  ASSERT_TRUE(handle.ok());
  bool stop = false;
  tier.linker().function("h", "stop", [&](host::Caller&) -> Trap {
    if (stop) handle.value().interrupt();
    return Trap::None;
  });
  tier.add(m.build());
  EXPECT_EQ(tier.call("run").trap, Trap::None);
  stop = true;
  EXPECT_EQ(tier.call("run").trap, Trap::Interrupt);
}

TIER_TEST(InterpGc, BulkArrayWorkIsChargedByElement) {
  RawModule m = withObjects();
  const u32 t = m.funcType({kI32}, 1, {kI32}, 1);
  m.func("array", t, Code().LocalGet(0).op(Op::ArrayNewDefault, 1).ArrayLen());
  tier.metered = true;
  for (auto [schedule, perElement] :
       {std::pair{embed::FuelSchedule::Wt31, 0u}, {embed::FuelSchedule::WtNext, 1u}}) {
    tier.schedule = schedule;
    tier.load(m.build());
    const u64 before = tier.fuel();
    tier.call("array", {Value::i32(100)});
    EXPECT_EQ(before - tier.fuel(), 4u + 100 * perElement);
  }
}

// Fuel rules, example 25.
TIER_TEST(InterpGc, InitialisersThatMakeArraysAreChargedAtInstantiation) {
  RawModule m = withObjects();
  const u32 none = m.funcType({}, 0, {}, 0);
  m.add(RawModule::Global, {0x64, 1, 0, 0x41, 0xe4, 0, 0xfb, 7, 1, 0x0b});
  m.start = static_cast<i32>(m.func("", none, Code()));
  tier.metered = true;
  tier.schedule = embed::FuelSchedule::WtNext;
  tier.open();
  const u64 before = tier.fuel();
  tier.add(m.build());
  EXPECT_EQ(before - tier.fuel(), 105u);
}

TIER_TEST(InterpGc, ConstantExpressionsMakeObjects) {
  RawModule m = withObjects();
  const u32 t = m.funcType({}, 0, {kI32}, 1);
  // A node (7) whose next is a node (8); extern.convert_any and back would keep it.
  m.add(RawModule::Global, {0x64, 0, 0, 0x41, 7, 0x41, 8, 0xd0, 0, 0xfb, 0, 0, 0xfb, 0, 0, 0x0b});
  Code code;
  gc(code.GlobalGet(0), Op::StructGet, 0, 1);
  gc(code, Op::StructGet, 0, 0);
  gc(code.GlobalGet(0), Op::StructGet, 0, 0).I32Const(10).I32Mul().I32Add();
  m.func("f", t, code);
  for (bool stress : {false, true}) {
    tier.gcStress = stress;
    tier.load(m.build());
    EXPECT_EQ(tier.call("f").values[0].asI32(), 78);
  }
}

TIER_TEST(InterpGc, HostReferencesGoThroughAnyAndBack) {
  RawModule m;
  constexpr u8 kExtern = 0x6f;
  const u32 t = m.funcType({kExtern}, 1, {kExtern}, 1);
  m.func("f", t, Code().LocalGet(0).AnyConvertExtern().ExternConvertAny());
  const u32 toAny = m.funcType({kExtern}, 1, {kAny}, 1);
  m.func("any", toAny, Code().LocalGet(0).AnyConvertExtern());
  tier.gcStress = true;
  tier.load(m.build());
  const Value host = Value::ref(ValType::externref(), 0x1230);
  EXPECT_EQ(tier.call("f", {host}).values[0].lo, 0x1230u);
  EXPECT_EQ(tier.call("f", {Value::ref(ValType::externref(), 0)}).values[0].lo, 0u);
  const Value any = tier.call("any", {host}).values[0];
  const gc::Description found = gc::describe(&tier.store().objects(), any.type, any.lo);
  EXPECT_EQ(found.what, gc::Referent::Host);
  EXPECT_EQ(found.host, 0x1230u);
}

}  // namespace
}  // namespace bls::test
