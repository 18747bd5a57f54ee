// What the baseline compiler covers, continued: atomic instructions of every width on every kind of
// memory against a model, wide arithmetic, and the fuel of bulk instructions and save points.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "tests/support/raw_module.h"
#include "tests/support/tier_test.h"

namespace bls::test {
namespace {

TIER_SUITE(CompiledAtomic);

constexpr u64 kPage = 65536;

// A memory of one page under test, number 1 if there is one more before it.
struct MemoryKind {
  const char* name;
  bool is64, shared, second;
};
constexpr MemoryKind kKinds[] = {
    {"plain", false, false, false}, {"shared", false, true, false},
    {"second", false, false, true}, {"second, shared", false, true, true},
    {"wide", true, false, false},   {"wide, second, shared", true, true, true},
};

constexpr u32 numberOf(Op op) { return static_cast<u32>(op); }
constexpr Op kFirst = Op::I32AtomicLoad;
constexpr Op kLast = Op::I64AtomicRmw32CmpxchgU;
u64 maskOf(u32 bytes) { return bytes == 8 ? ~u64{0} : (u64{1} << bytes * 8) - 1; }

// What an instruction leaves in memory; `*result`: on the stack.
u64 model(Op op, u64 old, u64 x, u64 y, u64* result) {
  const OpInfo& info = opInfo(op);
  const u64 mask = maskOf(1u << info.aux);
  *result = old;
  switch (info.cls) {
    case OpClass::AtomicLoad: return old;
    case OpClass::AtomicStore: return x & mask;
    case OpClass::AtomicCmpxchg: return old == x ? y & mask : old;
    default: break;
  }
  switch ((numberOf(op) - numberOf(Op::I32AtomicRmwAdd)) / 7) {
    case 0: return (old + x) & mask;
    case 1: return (old - x) & mask;
    case 2: return old & x;
    case 3: return (old | x) & mask;
    case 4: return (old ^ x) & mask;
    default: return x & mask;
  }
}

Bytes limits(const MemoryKind& kind) {
  Bytes out{static_cast<u8>(1 | (kind.shared ? 2 : 0) | (kind.is64 ? 4 : 0)), 1, 3};
  return out;
}

// Functions named by their instruction: (address, x, y) -> result, with the operands' own types.
// Values stand below and in locals, so that registers are in use.
RawModule atomicModule(const MemoryKind& kind, u64 offset) {
  constexpr u8 kI64 = 0x7e;
  RawModule m;
  if (kind.second) m.add(RawModule::Memory, {0, 1});
  m.add(RawModule::Memory, limits(kind));
  const u32 number = kind.second ? 1 : 0;
  const u32 type = m.funcType({kI64, kI64, kI64}, 3, {kI64}, 1);
  for (u32 i = numberOf(kFirst); i <= numberOf(kLast); ++i) {
    const Op op = static_cast<Op>(i);
    const OpInfo& info = opInfo(op);
    Code code;
    const auto argument = [&](u32 local, char letter) {
      code.LocalGet(local);
      if (letter == 'i') code.I32WrapI64();
    };
    code.LocalGet(1).LocalGet(2).I64Add();
    argument(0, kind.is64 ? 'l' : 'i');
    for (u32 k = 1; k < info.paramCount; ++k) argument(k, info.params[k]);
    code.op(op).byte(static_cast<u8>(info.aux | (number != 0 ? 0x40 : 0)));
    if (number != 0) code.byte(static_cast<u8>(number));
    putU32(code.bytes, offset);
    if (info.resultCount == 0) {
      code.I64Const(0);
    } else if (info.results[0] == 'i') {
      code.I64ExtendI32U();
    }
    // What stood in registers before is still there: the result plus 0.
    code.I64Add().LocalGet(1).I64Sub().LocalGet(2).I64Sub();
    m.func(info.text, type, code);
  }
  m.func("fence", type, Code().LocalGet(0).op(Op::AtomicFence).byte(0));
  return m;
}

TIER_TEST(CompiledAtomic, EveryInstructionOnEveryMemory) {
  constexpr u64 kValues[] = {0,
                             1,
                             0x7f,
                             0xff,
                             0x100,
                             0x8000,
                             0xffff,
                             0x80000000,
                             0xffffffff,
                             0x100000001,
                             0x8000000000000000,
                             0xfedcba9876543210,
                             ~u64{0}};
  for (const MemoryKind& kind : kKinds) {
    const u64 offset = 24;
    tier.load(atomicModule(kind, offset).build());
    u8* base = tier.instance().object()->memories[kind.second ? 1 : 0]->base;
    const auto at = [](u64 v) { return Value::i64(static_cast<i64>(v)); };
    for (u32 i = numberOf(kFirst); i <= numberOf(kLast); ++i) {
      const Op op = static_cast<Op>(i);
      const OpInfo& info = opInfo(op);
      const u32 width = 1u << info.aux;
      const bool isStore = info.resultCount == 0;
      const char letter = info.paramCount > 1 ? info.params[1] : 'l';
      u64 seed = i;
      for (u64 old : kValues) {
        for (u64 x : kValues) {
          const u64 y = kValues[++seed % std::size(kValues)];
          const u64 place = 8 + 8 * (seed % 3);
          const u64 found = old & maskOf(width);
          std::memcpy(base + offset + place, &old, 8);
          u64 result = 0;
          const u64 operand = letter == 'i' ? static_cast<u32>(x) : x;
          const u64 left = model(op, found, operand, y, &result);
          const Outcome out = tier.call(info.text, {at(place), at(x), at(y)});
          ASSERT_EQ(out.trap, Trap::None) << info.text;
          ASSERT_EQ(out.values[0].lo, isStore ? 0 : result)
              << kind.name << " " << info.text << " " << old << " " << x << " " << y;
          u64 now = 0;
          std::memcpy(&now, base + offset + place, 8);
          // What lies beside the access stays.
          ASSERT_EQ(now, (old & ~maskOf(width)) | left)
              << kind.name << " " << info.text << " " << old << " " << x << " " << y;
        }
      }
      // Bounds come first, then alignment, which counts for the sum with the offset.
      const u64 last = kPage - offset - width;
      EXPECT_EQ(tier.call(info.text, {at(last), at(1), at(1)}).trap, Trap::None) << info.text;
      for (u64 beyond : {last + 1, last + width, u64{0xffffffff}, u64{0xfffffff8} - offset}) {
        EXPECT_EQ(tier.call(info.text, {at(beyond), at(1), at(1)}).trap, Trap::MemoryOutOfBounds)
            << kind.name << " " << info.text << " " << beyond;
      }
      if (kind.is64) {
        EXPECT_EQ(tier.call(info.text, {at(~u64{0} - offset + 1), at(1), at(1)}).trap,
                  Trap::MemoryOutOfBounds);
      }
      for (u64 k = 1; k < width; ++k) {
        EXPECT_EQ(tier.call(info.text, {at(64 + k), at(1), at(1)}).trap, Trap::UnalignedAtomic)
            << kind.name << " " << info.text << " " << k;
      }
    }
    EXPECT_EQ(tier.call("fence", {at(7), at(0), at(0)}).values[0].lo, 7u);
    tier.expectAllCompiled();
  }
}

TIER_TEST(CompiledAtomic, SharedMemoriesGrowAndWait) {
  tier.loadText(R"((module
    (memory $m 1 4 shared)
    (memory $n i64 1 4 shared)
    (func (export "load") (param i32) (result i32) (i32.load8_u $m (local.get 0)))
    (func (export "store") (param i32 i32) (i32.store8 $m offset=1 (local.get 0) (local.get 1)))
    (func (export "grow") (result i32) (memory.grow $m (i32.const 1)))
    (func (export "size") (result i32) (memory.size $m))
    (func (export "size64") (result i64) (memory.size $n))
    (func (export "wait") (param i32 i32 i64) (result i32)
      (memory.atomic.wait32 $m offset=4 (local.get 0) (local.get 1) (local.get 2)))
    (func (export "wait64") (param i64 i64 i64) (result i32)
      (memory.atomic.wait64 $n offset=8 (local.get 0) (local.get 1) (local.get 2)))
    (func (export "notify") (param i32 i32) (result i32)
      (memory.atomic.notify $m offset=4 (local.get 0) (local.get 1)))
  ))");
  const auto number = [&](const char* name, std::initializer_list<Value> args = {}) {
    const Outcome out = tier.call(name, args);
    EXPECT_EQ(out.trap, Trap::None) << name;
    return out.values.empty() ? ~u64{0} : out.values[0].lo;
  };
  EXPECT_EQ(tier.call("load", {Value::i32(65536)}).trap, Trap::MemoryOutOfBounds);
  EXPECT_EQ(tier.call("store", {Value::i32(65535), Value::i32(1)}).trap, Trap::MemoryOutOfBounds);
  // Another thread's growth, as the memory shows it: not through this code.
  EXPECT_EQ(tier.instance().object()->memories[0]->grow(1), 1);
  tier.call("store", {Value::i32(65535), Value::i32(0x1ab)});
  EXPECT_EQ(number("load", {Value::i32(65536)}), 0xabu);
  EXPECT_EQ(number("size"), 2u);
  EXPECT_EQ(number("grow"), 2u);
  EXPECT_EQ(number("size"), 3u);
  EXPECT_EQ(number("size64"), 1u);
  EXPECT_EQ(number("load", {Value::i32(3 * 65536 - 1)}), 0u);

  EXPECT_EQ(number("wait", {Value::i32(0), Value::i32(1), Value::i64(-1)}), 1u);
  EXPECT_EQ(number("wait", {Value::i32(0), Value::i32(0), Value::i64(1000)}), 2u);
  EXPECT_EQ(number("wait64", {Value::i64(0), Value::i64(1), Value::i64(-1)}), 1u);
  EXPECT_EQ(number("notify", {Value::i32(0), Value::i32(1)}), 0u);
  EXPECT_EQ(tier.call("wait", {Value::i32(2), Value::i32(0), Value::i64(0)}).trap,
            Trap::UnalignedAtomic);
  EXPECT_EQ(tier.call("wait64", {Value::i64(-8), Value::i64(0), Value::i64(0)}).trap,
            Trap::MemoryOutOfBounds);
  EXPECT_EQ(tier.call("notify", {Value::i32(-4), Value::i32(1)}).trap, Trap::MemoryOutOfBounds);
  tier.expectAllCompiled();
}

// ---- Wide arithmetic

TIER_TEST(CompiledAtomic, WideArithmetic) {
  tier.loadText(R"((module
    (func (export "add") (param i64 i64 i64 i64) (result i64 i64)
      (i64.add128 (local.get 0) (local.get 1) (local.get 2) (local.get 3)))
    (func (export "sub") (param i64 i64 i64 i64) (result i64 i64)
      (i64.sub128 (local.get 0) (local.get 1) (local.get 2) (local.get 3)))
    (func (export "mul_s") (param i64 i64 i64 i64) (result i64 i64)
      (i64.mul_wide_s (local.get 0) (local.get 2)))
    (func (export "mul_u") (param i64 i64 i64 i64) (result i64 i64)
      (i64.mul_wide_u (local.get 0) (local.get 2)))
    (func (export "twice") (param i64 i64) (result i64 i64)
      (i64.add128 (local.get 0) (local.get 1) (local.get 0) (local.get 1)))
    (func (export "crossed") (param i64 i64) (result i64 i64)
      (i64.sub128 (local.get 0) (local.get 1) (local.get 1) (local.get 0)))
    (func (export "square") (param i64) (result i64 i64)
      (i64.mul_wide_u (local.get 0) (local.get 0)))
    (func (export "chain") (param i64 i64) (result i64) (local $c i64)
      (local.set $c (i64.const 3))
      (i64.mul_wide_s (local.get 1) (i64.const -7))
      (i64.mul_wide_u (local.get 0) (local.get $c))
      (i64.add128) (local.set 1) (local.get 1) (i64.xor) (local.get $c) (i64.add))
  ))");
  __extension__ using U = unsigned __int128;
  __extension__ using I = __int128;
  constexpr u64 kValues[] = {
      0, 1, 2, 0xffffffff, 0x7fffffffffffffff, 0x8000000000000000, 0x123456789abcdef, ~u64{0}};
  const auto wide = [](u64 lo, u64 hi) { return static_cast<U>(hi) << 64 | lo; };
  const auto at = [](u64 v) { return Value::i64(static_cast<i64>(v)); };
  const auto is = [&](const char* name, std::initializer_list<Value> args, U expected) {
    const Outcome out = tier.call(name, args);
    ASSERT_EQ(out.values.size(), 2u) << name;
    EXPECT_EQ(out.values[0].lo, static_cast<u64>(expected)) << name;
    EXPECT_EQ(out.values[1].lo, static_cast<u64>(expected >> 64)) << name;
  };
  for (u64 a : kValues) {
    for (u64 b : kValues) {
      for (u64 c : kValues) {
        const u64 d = a ^ b;
        is("add", {at(a), at(b), at(c), at(d)}, wide(a, b) + wide(c, d));
        is("sub", {at(a), at(b), at(c), at(d)}, wide(a, b) - wide(c, d));
        is("mul_u", {at(a), at(b), at(c), at(d)}, static_cast<U>(a) * c);
        is("mul_s", {at(a), at(b), at(c), at(d)},
           static_cast<U>(static_cast<I>(static_cast<i64>(a)) * static_cast<i64>(c)));
      }
      is("twice", {at(a), at(b)}, wide(a, b) + wide(a, b));
      is("crossed", {at(a), at(b)}, wide(a, b) - wide(b, a));
      const U sum =
          static_cast<U>(static_cast<I>(static_cast<i64>(b)) * -7) + static_cast<U>(a) * 3;
      const u64 mixed = static_cast<u64>(sum) ^ static_cast<u64>(sum >> 64);
      EXPECT_EQ(tier.call("chain", {at(a), at(b)}).values[0].lo, mixed + 3);
    }
    is("square", {at(a)}, static_cast<U>(a) * a);
  }
  tier.expectAllCompiled();
}

// ---- Fuel

// Units by length and the check before the work, for every bulk instruction; a length is literal
// only when its constant stands right before.
TIER_TEST(CompiledAtomic, BulkInstructionsCostUnits) {
  tier.metered = true;
  tier.schedule = embed::FuelSchedule::WtNext;
  tier.loadText(R"((module
    (memory 1 2) (table 200 210 funcref)
    (data $d "0123456789") (elem $e func 0 0 0)
    (func (export "fill") (param i32) (memory.fill (i32.const 0) (i32.const 1) (local.get 0)))
    (func (export "copy") (param i32) (memory.copy (i32.const 0) (i32.const 9) (local.get 0)))
    (func (export "init") (param i32) (memory.init $d (i32.const 0) (i32.const 0) (local.get 0)))
    (func (export "grow") (param i32) (drop (memory.grow (local.get 0))))
    (func (export "fill table") (param i32) (table.fill (i32.const 0) (ref.null func) (local.get 0)))
    (func (export "copy table") (param i32) (table.copy (i32.const 0) (i32.const 1) (local.get 0)))
    (func (export "init table") (param i32) (table.init $e (i32.const 0) (i32.const 0) (local.get 0)))
    (func (export "grow table") (param i32) (drop (table.grow (ref.null func) (local.get 0))))
    (func (export "literal") (memory.fill (i32.const 0) (i32.const 1) (i32.const 100)))
    (func (export "long literal") (memory.fill (i32.const 0) (i32.const 1) (i32.const 200)))
    (func (export "apart") (i32.const 0) (i32.const 1) (i32.const 100) (nop) (memory.fill))
    (func (export "drops") (data.drop $d) (elem.drop $e))
  ))");
  struct Case {
    const char* name;
    u64 flat, perUnit;
    i32 length;
  };
  const Case cases[] = {{"fill", 5, 1, 60},       {"copy", 5, 1, 60},
                        {"init", 5, 1, 10},       {"grow", 3, 0, 1},
                        {"fill table", 5, 1, 60}, {"copy table", 5, 1, 60},
                        {"init table", 5, 1, 3},  {"grow table", 4, 1, 5},
                        {"fill", 5, 1, 65536},    {"grow table", 4, 1, 1000}};
  for (const Case& c : cases) {
    const u64 total = c.flat + c.perUnit * static_cast<u64>(c.length);
    for (u64 budget : {total - 1, total, total + 1, total + 10}) {
      ASSERT_TRUE(tier.store().setFuel(budget).ok());
      const Outcome out = tier.call(c.name, {Value::i32(c.length)});
      EXPECT_EQ(out.trap, budget > total ? Trap::None : Trap::OutOfFuel) << c.name << " " << budget;
      EXPECT_EQ(tier.fuel(), budget > total ? budget - total : 0) << c.name << " " << budget;
    }
  }
  // A failing bounds check is paid for.
  ASSERT_TRUE(tier.store().setFuel(1000000).ok());
  EXPECT_EQ(tier.call("fill", {Value::i32(200000)}).trap, Trap::MemoryOutOfBounds);
  EXPECT_EQ(tier.fuel(), 1000000u - 5 - 200000);
  // Not checked: overdrawn and done. The other two are checked.
  ASSERT_TRUE(tier.store().setFuel(5).ok());
  EXPECT_EQ(tier.call("literal").trap, Trap::None);
  EXPECT_EQ(tier.fuel(), 0u);
  for (const char* name : {"long literal", "apart"}) {
    ASSERT_TRUE(tier.store().setFuel(100).ok());
    EXPECT_EQ(tier.call(name).trap, Trap::OutOfFuel) << name;
  }
  ASSERT_TRUE(tier.store().setFuel(10).ok());
  EXPECT_EQ(tier.call("drops").trap, Trap::None);
  EXPECT_EQ(tier.fuel(), 10u - 3);
  tier.expectAllCompiled();
}

TIER_TEST(CompiledAtomic, TrapsReportTheLastSavePoint) {
  tier.metered = true;
  tier.fuelAtTraps = embed::FuelAtTraps::Compat;
  tier.loadText(R"((module
    (type $v (func))
    (memory 1 1) (table funcref (elem $g))
    (func $g)
    (func $div (drop (i32.div_s (i32.const 1) (i32.const 0))))
    (func (export "first") (call $div))
    (func (export "plain") (drop (i32.div_s (i32.const 1) (i32.const 0))))
    (func (export "after") (call $g) (drop (i32.div_s (i32.const 1) (i32.const 0))))
    (func (export "indirect") (call_indirect (type $v) (i32.const 0)) (drop (i32.load (i32.const -1))))
    (func (export "reference") (call_ref $v (ref.func $g)) (drop (i32.load (i32.const 65536))))
    (func (export "unreachable") (drop (i32.const 1)) (unreachable))
    (func (export "always") (drop (i32.load offset=65536 (i32.const 0))))
    (func (export "bulk") (call $g) (memory.fill (i32.const 0) (i32.const 0) (i32.const -1)))
    (func $early (export "early") (param i32) (result i32)
      (if (local.get 0) (then (return (i32.const 1)))) (i32.const 2))
    (func (export "behind") (drop (call $early (i32.const 1))) (unreachable))
  ))");
  const auto used = [&](const char* name, Trap trap) {
    EXPECT_TRUE(tier.store().setFuel(1000).ok());
    EXPECT_EQ(tier.call(name).trap, trap) << name;
    return 1000 - tier.fuel();
  };
  EXPECT_EQ(used("plain", Trap::DivideByZero), 0u);
  EXPECT_EQ(used("first", Trap::DivideByZero), 2u);
  EXPECT_EQ(used("after", Trap::DivideByZero), 3u);
  EXPECT_EQ(used("indirect", Trap::MemoryOutOfBounds), 4u);
  EXPECT_EQ(used("reference", Trap::MemoryOutOfBounds), 4u);
  EXPECT_EQ(used("unreachable", Trap::Unreachable), 2u);
  EXPECT_EQ(used("always", Trap::MemoryOutOfBounds), 3u);
  EXPECT_EQ(used("bulk", Trap::MemoryOutOfBounds), 3u);
  // entry, constant, call; entry, get, if, constant in the callee, saved as it returns; drop is
  // free.
  EXPECT_EQ(used("behind", Trap::Unreachable), 3u + 4u);
  EXPECT_TRUE(tier.store().setFuel(1000).ok());
  EXPECT_EQ(tier.call("early", {Value::i32(0)}).values[0].asI32(), 2);
  EXPECT_EQ(tier.fuel(), 1000u - 4);
  tier.expectAllCompiled();
}

}  // namespace
}  // namespace bls::test
