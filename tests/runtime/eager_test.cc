// Compiling whole modules while they are loaded: same code at the same places for any number of
// threads, and beside calls of another thread.
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "engine/base/mutex.h"
#include "runtime/load.h"
#include "runtime/runtime.h"
#include "runtime/tiers.h"

namespace bls::embed {
namespace {

constexpr u32 kFunctions = 1500;

// Functions of different sizes, about 120 KiB: several batches. Each adds to what the one before it
// returns, so that "run" calls all of them.
std::string manyFunctions() {
  std::string text = "(module (memory 1)";
  for (u32 i = 0; i < kFunctions; ++i) {
    text += "(func $f" + std::to_string(i) + " (param i32) (result i32) (local.get 0)";
    for (u32 j = 0; j < i % 40; ++j) {
      text += "(i32.const " + std::to_string(i * 7 + j) + ")(i32.add)";
    }
    text += "(i32.load offset=" + std::to_string(i) + " (i32.const 0))(i32.add)";
    if (i != 0) text += "(call $f" + std::to_string(i - 1) + ")";
    text += ")";
  }
  return text + "(export \"run\" (func $f" + std::to_string(kFunctions - 1) + ")))";
}

EngineConfig eager(u32 threads) {
  EngineConfig config;
  config.tier = TierMode::Baseline;
  config.compile = CompileMode::Eager;
  config.compileThreads = threads;
  return config;
}

Expected<Module> load(const Engine& engine) {
  const std::string text = manyFunctions();
  return Module::compile(engine, {reinterpret_cast<const u8*>(text.data()), text.size()});
}

i32 runOf(const Engine& engine, const Module& module) {
  Store store(engine);
  Linker linker(store);
  auto instance = linker.instantiate(module);
  EXPECT_TRUE(instance.ok());
  return instance.value().typed<i32(i32)>("run").value()(1).value();
}

i32 interpreted() {
  Engine engine = Engine::make().value();
  return runOf(engine, load(engine).value());
}

struct Seen {
  u32 funcIndex;
  u64 place;  // from the first function's
  std::vector<u8> code;
  bool operator==(const Seen&) const = default;
};
std::vector<Seen> seen;
const u8* firstCode = nullptr;

void observe(const CodeEvent& event) {
  if (firstCode == nullptr) firstCode = event.code;
  seen.push_back({event.funcIndex, static_cast<u64>(event.code - firstCode),
                  std::vector<u8>(event.code, event.code + event.size)});
}

std::vector<Seen> codeMadeBy(u32 threads) {
  seen.clear();
  firstCode = nullptr;
  observeCode(&observe);
  Engine engine = Engine::make(eager(threads)).value();
  Expected<Module> module = load(engine);
  observeCode(nullptr);
  EXPECT_TRUE(module.ok());
  EXPECT_EQ(module.value().state()->code->compiledFunctions(), kFunctions);
  EXPECT_EQ(runOf(engine, module.value()), interpreted());
  EXPECT_EQ(module.value().state()->code->translatedFunctions(), 0u);
  return seen;
}

TEST(Eager, AnyNumberOfThreadsMakesTheSameCode) {
  if (!hasBaseline()) GTEST_SKIP() << "no compiler here";
  const std::vector<Seen> alone = codeMadeBy(1);
  ASSERT_EQ(alone.size(), kFunctions);
  for (u32 threads : {2u, 5u}) {
    const std::vector<Seen> together = codeMadeBy(threads);
    ASSERT_EQ(together.size(), alone.size());
    for (u32 i = 0; i < kFunctions; ++i)
      ASSERT_TRUE(together[i] == alone[i]) << threads << " " << i;
  }
}

TEST(Eager, CompilesBesideCalls) {
  if (!hasBaseline()) GTEST_SKIP() << "no compiler here";
  const i32 expected = interpreted();
  EngineConfig config = eager(1);
  config.compile = CompileMode::Lazy;
  Engine engine = Engine::make(config).value();
  Module module = load(engine).value();
  std::thread ahead([&] {
    ThreadPool pool(3);
    module.state()->code->compileAll(&pool);
  });
  for (int i = 0; i < 3; ++i) EXPECT_EQ(runOf(engine, module), expected);
  ahead.join();
  EXPECT_EQ(runOf(engine, module), expected);
  const CompileStats stats = module.state()->code->compileStats();
  EXPECT_EQ(stats.functions, kFunctions);
  EXPECT_EQ(stats.notCovered + stats.noRoom, 0u);
  EXPECT_GT(stats.codeBytes, stats.wasmBytes);
}

TEST(Eager, NothingToCompileIsNoError) {
  Engine engine = Engine::make().value();
  Module module = load(engine).value();
  module.state()->code->compileAll(nullptr);
  EXPECT_EQ(module.state()->code->compiledFunctions(), 0u);
}

}  // namespace
}  // namespace bls::embed
