// Atomic instructions in every back end; waiting and waking between threads that share a memory.
#include <gtest/gtest.h>

#include <thread>

#include "tests/support/raw_module.h"
#include "tests/support/tier_test.h"

namespace bls::test {
namespace {

TIER_SUITE(InterpAtomic);

constexpr u8 kI32 = 0x7f, kI64 = 0x7e;

Code& mem(Code& code, Op op, u8 align) {
  code.op(op).byte(align).byte(0);
  return code;
}

// A memory of one page, shared or not, exported as "memory"; wait, notify, add.
RawModule withMemory(bool shared) {
  RawModule m;
  m.funcType({kI32, kI32, kI64}, 3, {kI32}, 1);
  m.funcType({kI32, kI32}, 2, {kI32}, 1);
  if (shared) {
    m.add(RawModule::Memory, {3, 1, 2});
  } else {
    m.add(RawModule::Memory, {0, 1});
  }
  m.exported("memory", 2, 0);
  Code wait, notify, add;
  mem(wait.LocalGet(0).LocalGet(1).LocalGet(2), Op::MemoryAtomicWait32, 2);
  mem(notify.LocalGet(0).LocalGet(1), Op::MemoryAtomicNotify, 2);
  mem(add.LocalGet(0).LocalGet(1), Op::I32AtomicRmwAdd, 2);
  m.func("wait", 0, wait);
  m.func("notify", 1, notify);
  m.func("add", 1, add);
  return m;
}

TIER_TEST(InterpAtomic, NarrowOperationsWrapAndNeverMatchWideExpectations) {
  RawModule m = withMemory(false);
  Code add, exchange;
  mem(add.I32Const(8).LocalGet(0), Op::I32AtomicStore8, 0);
  mem(add.I32Const(8).LocalGet(1), Op::I32AtomicRmw8AddU, 0);
  mem(add.I32Const(8), Op::I32AtomicLoad8U, 0).I32Const(1000).I32Mul().I32Add();
  m.func("add8", 1, add);
  mem(exchange.I32Const(8).I32Const(5), Op::I32AtomicStore8, 0);
  mem(exchange.I32Const(8).LocalGet(0).LocalGet(1), Op::I32AtomicRmw8CmpxchgU, 0).Drop();
  mem(exchange.I32Const(8), Op::I32AtomicLoad8U, 0);
  m.func("exchange", 1, exchange);
  tier.load(m.build());
  EXPECT_EQ(tier.call("add8", {Value::i32(250), Value::i32(10)}).values[0].asI32(), 250 + 4000);
  EXPECT_EQ(tier.call("exchange", {Value::i32(5), Value::i32(9)}).values[0].asI32(), 9);
  EXPECT_EQ(tier.call("exchange", {Value::i32(0x105), Value::i32(9)}).values[0].asI32(), 5);
}

TIER_TEST(InterpAtomic, AlignmentAndBoundsTrap) {
  tier.load(withMemory(false).build());
  EXPECT_EQ(tier.call("add", {Value::i32(2), Value::i32(1)}).trap, Trap::UnalignedAtomic);
  EXPECT_EQ(tier.call("add", {Value::i32(65536), Value::i32(1)}).trap, Trap::MemoryOutOfBounds);
  EXPECT_EQ(tier.call("notify", {Value::i32(0), Value::i32(1)}).values[0].asI32(), 0);
  EXPECT_EQ(tier.call("wait", {Value::i32(0), Value::i32(0), Value::i64(0)}).trap,
            Trap::ExpectedShared);
}

TIER_TEST(InterpAtomic, WaitComparesAndTimesOut) {
  tier.load(withMemory(true).build());
  EXPECT_EQ(tier.call("wait", {Value::i32(0), Value::i32(1), Value::i64(-1)}).values[0].asI32(), 1);
  EXPECT_EQ(tier.call("wait", {Value::i32(0), Value::i32(0), Value::i64(1000)}).values[0].asI32(),
            2);
}

TIER_TEST(InterpAtomic, NotifyWakesAThreadWithAStoreOfItsOwn) {
  const Bytes owner = withMemory(true).build();
  RawModule user;
  user.funcType({kI32, kI32, kI64}, 3, {kI32}, 1);
  user.add(RawModule::Import, {1, 'm', 1, 'm', 2, 3, 1, 2});
  Code wait;
  mem(wait.I32Const(4).I32Const(1), Op::I32AtomicStore, 2);
  mem(wait.LocalGet(0).LocalGet(1).LocalGet(2), Op::MemoryAtomicWait32, 2);
  user.func("wait", 0, wait);
  tier.load(owner);
  embed::EngineConfig config;
  config.dispatch = GetParam().dispatch;
  config.memory = GetParam().memory;
  embed::Engine engine = embed::Engine::make(config).value();
  embed::SharedMemory memory = tier.instance().sharedMemory("memory").value();
  i32 result = -1;
  std::thread waiter([&] {
    embed::Store store(engine);
    embed::Linker linker(store);
    linker.sharedMemory("m", "m", memory);
    auto module = embed::Module::compile(engine, user.build());
    auto instance = linker.instantiate(module.value());
    auto done = instance.value().function("wait").value().call(
        {Value::i32(0), Value::i32(0), Value::i64(-1)});
    result = done.value()[0].asI32();
  });
  // As soon as it waits, one notification reaches it.
  while (tier.call("notify", {Value::i32(0), Value::i32(10)}).values[0].asI32() == 0)
    std::this_thread::yield();
  waiter.join();
  EXPECT_EQ(result, 0);
  EXPECT_EQ(tier.call("add", {Value::i32(4), Value::i32(0)}).values[0].asI32(), 1);
}

TIER_TEST(InterpAtomic, AnInterruptEndsAWaitForEver) {
  tier.load(withMemory(true).build());
  auto handle = tier.store().interruptHandle();
  ASSERT_TRUE(handle.ok());
  std::thread other([&] { handle.value().interrupt(); });
  EXPECT_EQ(tier.call("wait", {Value::i32(0), Value::i32(0), Value::i64(-1)}).trap,
            Trap::Interrupt);
  other.join();
}

TIER_TEST(InterpAtomic, PagesOfOneByteGrowByBytes) {
  RawModule m;
  m.funcType({kI32}, 1, {kI32}, 1);
  m.add(RawModule::Memory, {0x08, 10, 0});  // ten pages of 2^0 bytes
  m.func("grow", 0, Code().LocalGet(0).op(Op::MemoryGrow).byte(0));
  Code load;
  load.LocalGet(0).op(Op::I32Load8U).byte(0).byte(0);
  m.func("load", 0, load);
  tier.load(m.build());
  EXPECT_EQ(tier.call("load", {Value::i32(10)}).trap, Trap::MemoryOutOfBounds);
  EXPECT_EQ(tier.call("grow", {Value::i32(3)}).values[0].asI32(), 10);
  EXPECT_EQ(tier.call("load", {Value::i32(12)}).values[0].asI32(), 0);
  EXPECT_EQ(tier.call("load", {Value::i32(13)}).trap, Trap::MemoryOutOfBounds);
  EXPECT_EQ(tier.call("grow", {Value::i32(-1)}).values[0].asI32(), -1);
}

}  // namespace
}  // namespace bls::test
