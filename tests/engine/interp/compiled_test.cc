// What the baseline compiler covers, group by group: tables and references, calls through them,
// several and 64-bit memories, atomics, wide arithmetic, fuel by units and at save points. Every
// tier must give the same; where there is a compiler, all functions must have been compiled.
#include <gtest/gtest.h>

#include "tests/support/tier_test.h"

namespace bls::test {
namespace {

TIER_SUITE(Compiled);

i32 callI32(TierRun& tier, std::string_view name, std::initializer_list<Value> args = {}) {
  const Outcome out = tier.call(name, args);
  EXPECT_EQ(out.trap, Trap::None) << name;
  return out.values.empty() ? -12345 : out.values[0].asI32();
}
u64 callU64(TierRun& tier, std::string_view name, std::initializer_list<Value> args = {}) {
  const Outcome out = tier.call(name, args);
  EXPECT_EQ(out.trap, Trap::None) << name;
  return out.values.empty() ? ~u64{0} : out.values[0].lo;
}

// ---- Tables and references

constexpr const char* kTables = R"((module
  (type $f (func (result i32)))
  (import "h" "host" (func $host (result i32)))
  (table $t 4 10 funcref)
  (table $u i64 4 10 funcref)
  (table $x 3 externref)
  (table $p 2 (ref null $f))
  (elem $e func $one $two $one)
  (elem declare func $host $one $two)
  (func $one (export "one") (result i32) (i32.const 1))
  (func $two (export "two") (result i32) (i32.const 2))
  (func $pick (param i32) (result funcref)
    (if (result funcref) (i32.eqz (local.get 0)) (then (ref.null func))
      (else (select (result funcref) (ref.func $host) (ref.func $one) (i32.eq (local.get 0) (i32.const 7))))))
  (func (export "set") (param i32 i32) (table.set $t (local.get 0) (call $pick (local.get 1))))
  (func (export "set64") (param i64 i32) (table.set $u (local.get 0) (call $pick (local.get 1))))
  (func (export "null") (param i32) (result i32) (ref.is_null (table.get $t (local.get 0))))
  (func (export "null64") (param i64) (result i32) (ref.is_null (table.get $u (local.get 0))))
  (func (export "call") (param i32) (result i32) (call_indirect $t (type $f) (local.get 0)))
  (func (export "call64") (param i64) (result i32) (call_indirect $u (type $f) (local.get 0)))
  (func (export "sizes") (result i32 i64 i32) (table.size $t) (table.size $u) (table.size $x))
  (func (export "grow") (param i32 i32) (result i32)
    (table.grow $t (call $pick (local.get 1)) (local.get 0)))
  (func (export "grow64") (param i64 i32) (result i64)
    (table.grow $u (call $pick (local.get 1)) (local.get 0)))
  (func (export "fill") (param i32 i32 i32)
    (table.fill $t (local.get 0) (call $pick (local.get 1)) (local.get 2)))
  (func (export "copy") (param i64 i32 i32)
    (table.copy $u $t (local.get 0) (local.get 1) (local.get 2)))
  (func (export "init") (param i32 i32 i32)
    (table.init $t $e (local.get 0) (local.get 1) (local.get 2)))
  (func (export "drop") (elem.drop $e))
  (func (export "typed") (param i32) (result i32)
    (table.set $p (i32.const 1) (ref.func $two))
    (if (result i32) (ref.is_null (table.get $p (local.get 0))) (then (i32.const -1))
      (else (call_ref $f (ref.as_non_null (table.get $p (local.get 0))))))))
)";

TIER_TEST(Compiled, TablesAndReferences) {
  tier.open();
  tier.linker().function("h", "host", [](host::Caller&) -> i32 { return 7; });
  tier.addText(kTables);
  EXPECT_EQ(callI32(tier, "one") + callI32(tier, "two"), 3);
  for (i32 i : {0, 1, 2, 3}) EXPECT_EQ(callI32(tier, "null", {Value::i32(i)}), 1);
  tier.call("set", {Value::i32(1), Value::i32(1)});
  tier.call("set", {Value::i32(3), Value::i32(7)});
  EXPECT_EQ(callI32(tier, "null", {Value::i32(3)}), 0);
  EXPECT_EQ(callI32(tier, "call", {Value::i32(1)}), 1);
  EXPECT_EQ(callI32(tier, "call", {Value::i32(3)}), 7);
  EXPECT_EQ(tier.call("call", {Value::i32(0)}).trap, Trap::UninitializedElement);
  EXPECT_EQ(tier.call("call", {Value::i32(4)}).trap, Trap::UndefinedElement);
  for (i32 i : {4, 5, -1, i32{-2147483647} - 1}) {
    EXPECT_EQ(tier.call("null", {Value::i32(i)}).trap, Trap::TableOutOfBounds) << i;
    EXPECT_EQ(tier.call("set", {Value::i32(i), Value::i32(1)}).trap, Trap::TableOutOfBounds) << i;
  }
  // A null replaces everything that was there.
  tier.call("set", {Value::i32(3), Value::i32(0)});
  EXPECT_EQ(tier.call("call", {Value::i32(3)}).trap, Trap::UninitializedElement);

  tier.call("set64", {Value::i64(2), Value::i32(1)});
  EXPECT_EQ(callI32(tier, "call64", {Value::i64(2)}), 1);
  EXPECT_EQ(callI32(tier, "null64", {Value::i64(2)}), 0);
  for (i64 i : {i64{4}, i64{1} << 32, (i64{1} << 32) + 2, i64{-1}, i64{-4294967294}}) {
    EXPECT_EQ(tier.call("null64", {Value::i64(i)}).trap, Trap::TableOutOfBounds) << i;
    EXPECT_EQ(tier.call("set64", {Value::i64(i), Value::i32(0)}).trap, Trap::TableOutOfBounds) << i;
    EXPECT_EQ(tier.call("call64", {Value::i64(i)}).trap, Trap::UndefinedElement) << i;
  }
  EXPECT_EQ(callI32(tier, "grow", {Value::i32(2), Value::i32(7)}), 4);
  EXPECT_EQ(callI32(tier, "call", {Value::i32(5)}), 7);
  EXPECT_EQ(callI32(tier, "grow", {Value::i32(5), Value::i32(7)}), -1);
  EXPECT_EQ(callU64(tier, "grow64", {Value::i64(1), Value::i32(1)}), 4u);
  EXPECT_EQ(callU64(tier, "grow64", {Value::i64(i64{1} << 32), Value::i32(1)}), ~u64{0});
  const Outcome sizes = tier.call("sizes");
  ASSERT_EQ(sizes.values.size(), 3u);
  EXPECT_EQ(sizes.values[0].lo, 6u);
  EXPECT_EQ(sizes.values[1].lo, 5u);
  EXPECT_EQ(sizes.values[2].lo, 3u);

  tier.call("init", {Value::i32(0), Value::i32(1), Value::i32(2)});
  EXPECT_EQ(callI32(tier, "call", {Value::i32(0)}) * 10 + callI32(tier, "call", {Value::i32(1)}),
            21);
  tier.call("fill", {Value::i32(2), Value::i32(7), Value::i32(2)});
  EXPECT_EQ(callI32(tier, "call", {Value::i32(2)}) + callI32(tier, "call", {Value::i32(3)}), 14);
  tier.call("copy", {Value::i64(1), Value::i32(0), Value::i32(4)});
  EXPECT_EQ(callI32(tier, "call64", {Value::i64(1)}), 2);
  EXPECT_EQ(callI32(tier, "call64", {Value::i64(4)}), 7);
  EXPECT_EQ(tier.call("fill", {Value::i32(5), Value::i32(0), Value::i32(2)}).trap,
            Trap::TableOutOfBounds);
  EXPECT_EQ(tier.call("copy", {Value::i64(i64{1} << 32), Value::i32(0), Value::i32(1)}).trap,
            Trap::TableOutOfBounds);
  EXPECT_EQ(tier.call("init", {Value::i32(0), Value::i32(2), Value::i32(2)}).trap,
            Trap::TableOutOfBounds);
  tier.call("drop");
  EXPECT_EQ(tier.call("init", {Value::i32(0), Value::i32(0), Value::i32(1)}).trap,
            Trap::TableOutOfBounds);
  EXPECT_EQ(callI32(tier, "typed", {Value::i32(0)}), -1);
  EXPECT_EQ(callI32(tier, "typed", {Value::i32(1)}), 2);
  tier.expectAllCompiled();
}

// Branches on references with values below them, to blocks, loops and the function's end.
TIER_TEST(Compiled, NullTestsBranch) {
  tier.loadText(R"((module
    (type $f (func (result i32)))
    (elem declare func $three)
    (func $three (export "three") (result i32) (i32.const 3))
    (func $pick (param i32) (result (ref null $f))
      (if (result (ref null $f)) (local.get 0) (then (ref.func $three)) (else (ref.null $f))))
    (func (export "on null") (param i32) (result i32)
      (block $l (result i32)
        (i32.const 10)
        (br_on_null $l (call $pick (local.get 0)))
        (call_ref $f)
        (i32.add)))
    (func (export "on null, twice") (param i32) (result i32) (local $r (ref null $f))
      (local.set $r (call $pick (local.get 0)))
      (block $l
        (br_on_null $l (local.get $r)) (drop)
        (br_on_null $l (local.get $r))
        (return (i32.add (call_ref $f) (call_ref $f (ref.as_non_null (local.get $r))))))
      (i32.const -1))
    (func (export "on non null") (param i32) (result i32)
      (block $l (result (ref $f))
        (br_on_non_null $l (call $pick (local.get 0)))
        (return (i32.const -2)))
      (call_ref $f))
    (func (export "on non null, values") (param i32) (result i32)
      (block $l (result i32 i32 (ref $f))
        (i32.const 100) (local.get 0)
        (br_on_non_null $l (call $pick (local.get 0)))
        (return (i32.add)))
      (call_ref $f) (i32.add) (i32.add))
    (func (export "loop") (param i32) (result i32) (local $n i32)
      (loop $l
        (local.set $n (i32.add (local.get $n) (i32.const 1)))
        (br_on_null $l (call $pick (i32.gt_u (local.get $n) (local.get 0))))
        (drop))
      (local.get $n))
    (func (export "out") (param i32) (result i32)
      (i32.const 5) (br_on_null 0 (call $pick (local.get 0))) (call_ref $f) (i32.mul))
    (func (export "constant null") (result i32)
      (block $l (br_on_null $l (ref.null $f)) (return (call_ref $f)))
      (i32.const 9))
    (func (export "not null") (param i32) (result i32)
      (call_ref $f (ref.as_non_null (call $pick (local.get 0)))))
  ))");
  EXPECT_EQ(callI32(tier, "three"), 3);
  const auto both = [&](std::string_view name, i32 null, i32 other) {
    EXPECT_EQ(callI32(tier, name, {Value::i32(0)}), null) << name;
    EXPECT_EQ(callI32(tier, name, {Value::i32(1)}), other) << name;
  };
  both("on null", 10, 13);
  both("on null, twice", -1, 6);
  both("on non null", -2, 3);
  both("on non null, values", 100, 104);
  both("loop", 1, 2);
  both("out", 5, 15);
  EXPECT_EQ(callI32(tier, "loop", {Value::i32(1000)}), 1001);
  EXPECT_EQ(callI32(tier, "constant null"), 9);
  EXPECT_EQ(tier.call("not null", {Value::i32(0)}).trap, Trap::NullReference);
  EXPECT_EQ(callI32(tier, "not null", {Value::i32(1)}), 3);
  tier.expectAllCompiled();
}

// ---- Calls through references

TIER_TEST(Compiled, CallRefReachesOwnOtherAndHostFunctions) {
  tier.metered = true;
  tier.open();
  tier.linker().function("h", "host", [](host::Caller&, i32 x, i64 y) -> i64 { return x - y; });
  tier.addText(R"((module
    (global $k (mut i64) (i64.const 1000))
    (func (export "other") (param i32 i64) (result i64)
      (i64.add (global.get $k) (i64.add (i64.extend_i32_s (local.get 0)) (local.get 1))))))",
               "there");
  tier.addText(R"((module
    (type $f (func (param i32 i64) (result i64)))
    (import "h" "host" (func $host (type $f)))
    (import "there" "other" (func $other (type $f)))
    (elem declare func $host $other $own $trap $deep)
    (memory 1)
    (global $k (mut i64) (i64.const 5))
    (func $own (type $f)
      (i64.mul (i64.extend_i32_s (local.get 0)) (i64.mul (local.get 1) (global.get $k))))
    (func $trap (type $f) (i64.div_u (local.get 1) (i64.extend_i32_u (local.get 0))))
    (func $deep (type $f)
      (i64.add (i64.const 1) (call_ref $f (local.get 0) (local.get 1) (ref.func $deep))))
    (func $pick (param i32) (result (ref null $f))
      (block $d (block $c (block $b (block $a (block $n
        (br_table $n $a $b $c $d (local.get 0)))
        (return (ref.null $f)))
        (return (ref.func $own)))
        (return (ref.func $other)))
        (return (ref.func $host)))
      (select (result (ref null $f)) (ref.func $trap) (ref.func $deep)
        (i32.eq (local.get 0) (i32.const 4))))
    (func (export "call") (param i32 i32 i64) (result i64)
      (i64.add (i64.const 1000000)
        (call_ref $f (local.get 1) (local.get 2) (call $pick (local.get 0)))))
    (func (export "load") (param i32 i32 i64) (result i64)
      (i64.store (i32.const 8) (local.get 2))
      (drop (call_ref $f (local.get 1) (local.get 2) (call $pick (local.get 0))))
      (i64.load (i32.const 8)))))");
  const auto call = [&](i32 which) {
    return tier.call("call", {Value::i32(which), Value::i32(6), Value::i64(7)});
  };
  EXPECT_EQ(call(0).trap, Trap::NullFunctionRef);
  const i64 expected[] = {0, 1000000 + 6 * 7 * 5, 1000000 + 1013, 1000000 - 1, 1000000 + 1};
  for (i32 which : {1, 2, 3, 4}) {
    const Outcome out = call(which);
    ASSERT_EQ(out.trap, Trap::None) << which;
    EXPECT_EQ(out.values[0].asI64(), expected[which]) << which;
    EXPECT_EQ(callU64(tier, "load", {Value::i32(which), Value::i32(6), Value::i64(77)}), 77u);
  }
  EXPECT_EQ(tier.call("call", {Value::i32(4), Value::i32(0), Value::i64(7)}).trap,
            Trap::DivideByZero);
  EXPECT_EQ(call(5).trap, Trap::StackOverflow);
  // entry, const, 2 gets, get, call, entry of $pick, get, br_table, ref.func, return free,
  // call_ref, entry of $own, 5 operators, and the last addition.
  const u64 before = tier.fuel();
  call(1);
  EXPECT_EQ(before - tier.fuel(), 1u + 5 + 1 + 3 + 1 + 1 + 6 + 1);
  tier.expectAllCompiled();
}

// ---- Memories

// In every memory: the last value that fits, the first that does not, and sums that would wrap.
TIER_TEST(Compiled, AccessesOfSeveralMemories) {
  tier.loadText(R"((module
    (memory $a 1 3) (memory $b 2 4) (memory $c i64 1 3) (memory $d i64 2 4)
    (data $s "0123456789")
    (func (export "get0") (param i64) (result i64)
      (i64.load $a offset=8 (i32.wrap_i64 (local.get 0))))
    (func (export "get1") (param i64) (result i64)
      (i64.load $b offset=8 (i32.wrap_i64 (local.get 0))))
    (func (export "get2") (param i64) (result i64) (i64.load $c offset=8 (local.get 0)))
    (func (export "get3") (param i64) (result i64) (i64.load $d offset=8 (local.get 0)))
    (func (export "put0") (param i64 i64)
      (i64.store $a offset=8 (i32.wrap_i64 (local.get 0)) (local.get 1)))
    (func (export "put1") (param i64 i64)
      (i64.store $b offset=8 (i32.wrap_i64 (local.get 0)) (local.get 1)))
    (func (export "put2") (param i64 i64) (i64.store $c offset=8 (local.get 0) (local.get 1)))
    (func (export "put3") (param i64 i64) (i64.store $d offset=8 (local.get 0) (local.get 1)))
    (func (export "far0") (param i64) (result i32)
      (i32.load8_u $a offset=0xffffffff (i32.wrap_i64 (local.get 0))))
    (func (export "far1") (param i64) (result i32)
      (i32.load8_u $b offset=0xffffffff (i32.wrap_i64 (local.get 0))))
    (func (export "far2") (param i64) (result i32)
      (i32.load8_u $c offset=0xffffffffffffffff (local.get 0)))
    (func (export "far3") (param i64) (result i32)
      (i32.load8_u $d offset=0xfffffffffffffff0 (local.get 0)))
    (func (export "sizes") (result i32 i32 i64 i64)
      (memory.size $a) (memory.size $b) (memory.size $c) (memory.size $d))
    (func (export "grow0") (param i64) (result i64)
      (i64.extend_i32_s (memory.grow $a (i32.wrap_i64 (local.get 0)))))
    (func (export "grow1") (param i64) (result i64)
      (i64.extend_i32_s (memory.grow $b (i32.wrap_i64 (local.get 0)))))
    (func (export "grow2") (param i64) (result i64) (memory.grow $c (local.get 0)))
    (func (export "grow3") (param i64) (result i64) (memory.grow $d (local.get 0)))
    (func (export "bulk") (param i64) (result i64)
      (memory.init $c $s (local.get 0) (i32.const 2) (i32.const 8))
      (memory.copy $b $c (i32.const 64) (local.get 0) (i32.const 8))
      (memory.fill $d (local.get 0) (i32.const 0x5a) (i64.const 4))
      (memory.copy $d $b (i64.add (local.get 0) (i64.const 4)) (i32.const 64) (i32.const 4))
      (data.drop $s)
      (i64.load $d (local.get 0)))
  ))");
  constexpr u64 kPage = 65536;
  u64 pages[] = {1, 2, 1, 2};
  const auto name = [](const char* what, u32 memory) { return what + std::to_string(memory); };
  const auto at = [](u64 v) { return Value::i64(static_cast<i64>(v)); };
  const auto probe = [&](u32 memory) {
    const u64 last = pages[memory] * kPage - 16;
    const u64 mark = 0x0123456789abcdef ^ memory ^ pages[memory] << 8;
    EXPECT_EQ(tier.call(name("put", memory), {at(last), at(mark)}).trap, Trap::None) << memory;
    EXPECT_EQ(callU64(tier, name("get", memory), {at(last)}), mark) << memory;
    const u64 wrapping = memory < 2 ? 0xfffffff8 : ~u64{7};
    for (u64 beyond :
         {last + 1, last + 8, wrapping, wrapping - 1, wrapping + 7, wrapping / 2 + 1}) {
      EXPECT_EQ(tier.call(name("get", memory), {at(beyond)}).trap, Trap::MemoryOutOfBounds)
          << memory << " " << beyond;
      EXPECT_EQ(tier.call(name("put", memory), {at(beyond), at(1)}).trap, Trap::MemoryOutOfBounds)
          << memory << " " << beyond;
    }
    if (memory >= 2) {  // the high half of an index counts
      EXPECT_EQ(tier.call(name("get", memory), {at(u64{1} << 32)}).trap, Trap::MemoryOutOfBounds);
    }
    // An address that wraps is outside, whatever is left of it.
    for (u64 index : {u64{0}, u64{1}, u64{15}, u64{16}, u64{17}, ~u64{0}}) {
      EXPECT_EQ(tier.call(name("far", memory), {at(index)}).trap, Trap::MemoryOutOfBounds)
          << memory << " " << index;
    }
  };
  for (u32 memory : {0u, 1u, 2u, 3u}) {
    probe(memory);
    EXPECT_EQ(callU64(tier, name("grow", memory), {at(1)}), pages[memory]) << memory;
    ++pages[memory];
    EXPECT_EQ(callU64(tier, name("grow", memory), {at(100)}), ~u64{0}) << memory;
    probe(memory);
  }
  const Outcome sizes = tier.call("sizes");
  ASSERT_EQ(sizes.values.size(), 4u);
  for (u32 memory : {0u, 1u, 2u, 3u}) EXPECT_EQ(sizes.values[memory].lo, pages[memory]);
  EXPECT_EQ(callU64(tier, "bulk", {at(32)}), 0x353433325a5a5a5au);
  EXPECT_EQ(tier.call("bulk", {at(32)}).trap, Trap::MemoryOutOfBounds);
  tier.expectAllCompiled();
}

// More floats are alive than there are registers when a checked address is made.
TIER_TEST(Compiled, FloatLoadsAmongManyFloats) {
  Code sum;
  constexpr i32 kCount = 24;
  for (i32 i = 0; i < kCount; ++i) {
    sum.I32Const(4 * i).memory(Op::F32Load, 0).F32Const(1).F32Add();
    if (i == kCount / 2) sum.LocalGet(0).memory(Op::F32Load, 16).I32Const(8).memory(Op::F32Load, 0);
  }
  for (i32 i = 1; i < kCount + 2; ++i) sum.F32Add();
  ModuleBuilder module;
  module.memory(1);
  std::string bytes;
  for (i32 i = 0; i < kCount; ++i) {
    const f32 value = static_cast<f32>(i * i);
    char image[4];
    std::memcpy(image, &value, 4);
    bytes.append(image, 4);
  }
  module.data(bytes, 0, 0);
  module.func("sum", "i", "f", sum);
  tier.load(module);
  f32 expected = kCount + 5 * 5 + 2 * 2;  // the words at 4 + 16 and at 8
  for (i32 i = 0; i < kCount; ++i) expected += static_cast<f32>(i * i);
  EXPECT_EQ(tier.call("sum", {Value::i32(4)}).values[0].asF32(), expected);
  tier.expectAllCompiled();
}

}  // namespace
}  // namespace bls::test
