// The embedding API: values, host functions, traps, limits, interrupts, lifetimes.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "runtime/runtime.h"
#include "tests/runtime/guests.h"

namespace bls::embed {
namespace {

struct World {
  explicit World(EngineConfig config = {}, StoreLimits limits = {})
      : engine(Engine::make(config).value()), store(engine, limits), linker(store) {
    if (config.metered) {
      EXPECT_TRUE(store.setFuel(~u64{0}).ok());
    }
  }
  Instance start(i32 (*host)() = nullptr) {
    linker.function("h", "f",
                    [host](host::Caller&) -> i32 { return host == nullptr ? 0 : host(); });
    auto module = Module::compile(engine, test::guest());
    EXPECT_TRUE(module.ok()) << (module.ok() ? "" : module.failure().text());
    auto instance = linker.instantiate(module.value());
    EXPECT_TRUE(instance.ok()) << (instance.ok() ? "" : instance.failure().text());
    return instance.value();
  }
  Engine engine;
  Store store;
  Linker linker;
};

TEST(Embed, TypedAndUntypedCallsAgree) {
  World w;
  Instance instance = w.start();
  auto add = instance.typed<i32(i32, i32)>("add");
  ASSERT_TRUE(add.ok());
  EXPECT_EQ(add.value()(40, 2).value(), 42);
  auto same = instance.function("add").value().call({Value::i32(40), Value::i32(2)});
  ASSERT_TRUE(same.ok());
  EXPECT_EQ(same.value(), std::vector<Value>{Value::i32(42)});
}

TEST(Embed, MistakesAreErrors) {
  World w;
  Instance instance = w.start();
  EXPECT_FALSE(instance.typed<i64(i32, i32)>("add").ok());
  EXPECT_FALSE(instance.typed<void(i32, i32)>("add").ok());
  EXPECT_FALSE(instance.function("nothing").ok());
  EXPECT_FALSE(instance.function("memory").ok());
  EXPECT_FALSE(instance.memory("add").ok());
  Function add = instance.function("add").value();
  EXPECT_EQ(add.call({Value::i32(1)}).failure().error.message,
            "the function takes 2 arguments, not 1");
  EXPECT_EQ(add.call({Value::i32(1), Value::i64(1)}).failure().error.message,
            "argument 2 must be i32, not i64");
  EXPECT_FALSE(Function().call(std::span<const Value>()).ok());
  EXPECT_FALSE(w.store.setFuel(1).ok());
  EXPECT_FALSE(w.store.fuel().ok());
  World other;
  EXPECT_EQ(other.linker.instance("x", instance).failure().error.message,
            "the instance belongs to another store");
  auto foreign = Module::compile(other.engine, test::guest());
  EXPECT_EQ(w.linker.instantiate(foreign.value()).failure().error.message,
            "the module belongs to another engine");
  u8 junk[] = {1, 2, 3};
  EXPECT_EQ(Module::compile(w.engine, junk).failure().error.cls, ErrorClass::Malformed);
  EXPECT_EQ(Module::fromFile(w.engine, "/no/such/file").failure().error.cls, ErrorClass::Io);
}

class MemoryModes : public testing::TestWithParam<std::pair<MemoryMode, Dispatch>> {};
INSTANTIATE_TEST_SUITE_P(All, MemoryModes,
                         testing::Values(std::pair(MemoryMode::Auto, Dispatch::Default),
                                         std::pair(MemoryMode::Checked, Dispatch::Default),
                                         std::pair(MemoryMode::Checked, Dispatch::Loop)));

TEST_P(MemoryModes, TrapsAreValuesAndTheStoreStaysUsable) {
  EngineConfig config;
  config.memory = GetParam().first;
  config.dispatch = GetParam().second;
  World w(config);
  Instance instance = w.start();
  auto peek = instance.typed<i32(i32)>("peek").value();
  for (int round = 0; round < 3; ++round) {
    for (i32 bad : {-1, 65536, 65533, 1 << 30}) {
      auto result = peek(bad);
      ASSERT_FALSE(result.ok());
      EXPECT_EQ(result.failure().trap, Trap::MemoryOutOfBounds);
      EXPECT_EQ(result.failure().text().substr(0, 62),
                "trap: out of bounds memory access at function 2 (peek) offset ");
    }
    EXPECT_EQ(peek(65532).value(), 0);
    auto down = instance.typed<void()>("down").value()();
    EXPECT_EQ(down.failure().trap, Trap::StackOverflow);
  }
}

// Threat model TRP-2: traps from many threads at once, each with its own store, while another
// thread makes and drops modules.
TEST(Embed, ManyThreadsTrapAtOnce) {
  World shared;
  auto module = Module::compile(shared.engine, test::guest()).value();
  std::atomic<u32> traps{0};
  std::atomic<bool> stop{false};
  std::thread churn([&] {
    while (!stop) EXPECT_TRUE(Module::compile(shared.engine, test::guest()).ok());
  });
  std::vector<std::thread> threads;
  for (int t = 0; t < 64; ++t) {
    threads.emplace_back([&] {
      Store store(shared.engine);
      Linker linker(store);
      linker.setUnknownImportsTrap(true);
      auto peek = linker.instantiate(module).value().typed<i32(i32)>("peek").value();
      for (int i = 0; i < 200; ++i) {
        if (peek(-4 - i).failure().trap == Trap::MemoryOutOfBounds && peek(i).ok()) ++traps;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  stop = true;
  churn.join();
  EXPECT_EQ(traps.load(), 64u * 200u);
}

// How fast is measured by `./dev bench`; here the run ends at all, wherever in the loop it is.
TEST(Embed, InterruptEndsALoop) {
  EngineConfig config;
  config.metered = true;
  World w(config);
  static std::atomic<bool> running;
  Instance instance = w.start([]() -> i32 {
    running = true;
    running.notify_one();
    return 0;
  });
  auto spin = instance.typed<void()>("callAndSpin").value();
  InterruptHandle handle = w.store.interruptHandle().value();
  for (Trap kind : {Trap::Interrupt, Trap::TimeLimit}) {
    running = false;
    std::thread other([&] {
      running.wait(false);
      handle.interrupt(kind);
    });
    auto result = spin();
    other.join();
    EXPECT_EQ(result.failure().trap, kind);
    EXPECT_FALSE(instance.typed<void()>("spin").value()().ok())
        << "a request stays until it is taken back";
    w.store.clearInterrupt();
  }
  EXPECT_EQ(instance.typed<i32(i32, i32)>("add").value()(1, 2).value(), 3);
}

TEST(Embed, DeadlineEndsALoop) {
  EngineConfig config;
  config.metered = true;
  World w(config);
  static Store* store;
  store = &w.store;
  Instance instance = w.start([]() -> i32 { return store->setDeadline(1).ok() ? 0 : 1; });
  auto add = instance.typed<i32(i32, i32)>("add").value();
  ASSERT_TRUE(w.store.setDeadline(~u64{0}).ok());
  EXPECT_TRUE(add(1, 2).ok()) << "a deadline that nobody lives to see";
  EXPECT_EQ(instance.typed<void()>("callAndSpin").value()().failure().trap, Trap::TimeLimit);
  w.store.clearDeadline();
  w.store.clearInterrupt();
  EXPECT_TRUE(add(1, 2).ok());
}

TEST(Embed, HandlesOutliveTheirStore) {
  InterruptHandle handle;
  Function add;
  {
    EngineConfig config;
    config.metered = true;
    World w(config);
    Instance instance = w.start();
    handle = w.store.interruptHandle().value();
    add = instance.function("add").value();
  }
  // The function keeps the store alive; dropping it ends it, and the interrupt then goes nowhere.
  EXPECT_TRUE(add.call({Value::i32(1), Value::i32(2)}).ok());
  add = Function();
  handle.interrupt();
}

TEST(Embed, HostFunctionsSeeMemoryAndMayTrap) {
  World w;
  test::Bytes bytes = test::guest();
  std::string seen;
  w.linker.function("h", "f", [&](host::Caller& caller) -> i32 {
    seen = std::to_string(caller.memory().size);
    caller.raise(Trap::HostError);
    return 7;
  });
  auto instance = w.linker.instantiate(Module::compile(w.engine, bytes).value()).value();
  auto result = instance.typed<i32()>("call").value()();
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.failure().trap, Trap::HostError);
  EXPECT_EQ(seen, "65536");
  EXPECT_NE(result.failure().trace.find("function 5 (call)"), std::string::npos)
      << result.failure().trace;
}

// Host to guest to host recursion ends as a trap at every level (threat model STK-3), and counts
// the same each time.
TEST(Embed, MixedRecursionIsBounded) {
  World w;
  Function call;
  u32 depth = 0, deepest = 0;
  w.linker.function("h", "f", [&](host::Caller& caller) -> i32 {
    deepest = std::max(deepest, ++depth);
    auto inner = call.call(std::span<const Value>());
    --depth;
    if (!inner.ok()) caller.raise(inner.failure().trap);
    return 0;
  });
  auto instance = w.linker.instantiate(Module::compile(w.engine, test::guest()).value()).value();
  call = instance.function("call").value();
  for (int round = 0; round < 2; ++round) {
    deepest = 0;
    auto result = call.call(std::span<const Value>());
    EXPECT_EQ(result.failure().trap, Trap::StackOverflow);
    EXPECT_EQ(deepest, kMaxHostDepth);
    EXPECT_EQ(depth, 0u);
  }
  call = Function();  // the cycle host function → store → host function
}

TEST(Embed, FuelIsCountedAndCharged) {
  EngineConfig config;
  config.metered = true;
  World w(config);
  Instance instance = w.start();
  ASSERT_TRUE(w.store.setFuel(6).ok());
  auto add = instance.typed<i32(i32, i32)>("add").value();
  // Worked example 27 of the fuel contract: cost 4, budget 6, three calls.
  EXPECT_TRUE(add(1, 2).ok());
  EXPECT_EQ(w.store.fuel().value(), 2u);
  EXPECT_TRUE(add(1, 2).ok());
  EXPECT_EQ(w.store.fuel().value(), 0u);
  EXPECT_EQ(add(1, 2).failure().trap, Trap::OutOfFuel);
}

TEST(Embed, LimitsHold) {
  StoreLimits limits;
  limits.memoryBytesEach = 3 * 65536;
  World w({}, limits);
  Instance instance = w.start();
  Memory memory = instance.memory("memory").value();
  EXPECT_EQ(memory.grow(2), 1);
  EXPECT_EQ(memory.grow(1), -1);
  EXPECT_EQ(w.store.peakMemoryBytes(), 3u * 65536);
  u8 byte[1] = {1};
  EXPECT_TRUE(memory.write(3 * 65536 - 1, byte));
  EXPECT_FALSE(memory.write(3 * 65536, byte));
  EXPECT_FALSE(memory.read(~u64{0}, byte));
}

}  // namespace
}  // namespace bls::embed
