// TIER_TEST: one test body, run on every way of executing wasm that this build has: back ends ×
// memory strategies. In the body `tier` is a TierRun: compile a module, call its exports, see
// values, traps and fuel.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>

#include "runtime/load.h"
#include "runtime/runtime.h"
#include "runtime/tiers.h"
#include "tests/support/module_builder.h"

namespace bls::test {

struct TierKind {
  const char* name;
  embed::Dispatch dispatch;
  embed::MemoryMode memory;
  embed::TierMode tier = embed::TierMode::Interp;
  bool spillStress = false;
  u32 compileAtCall = 0;  // TierMode::Auto
  u32 compileAtLoop = 0;
  bool mixStress = false;
  bool switchTiers = false;
};
inline std::vector<TierKind> tierKinds() {
  std::vector<TierKind> kinds{{"loop_checked", embed::Dispatch::Loop, embed::MemoryMode::Checked}};
  if (hasTailBackend()) {
    kinds.push_back({"tail_checked", embed::Dispatch::Tail, embed::MemoryMode::Checked});
    if (canUseGuardMemory(Backend::Tail)) {
      kinds.push_back({"tail_guard", embed::Dispatch::Tail, embed::MemoryMode::Guard});
    }
  }
  if (hasBaseline()) {
    constexpr embed::TierMode kBaseline = embed::TierMode::Baseline;
    constexpr embed::Dispatch kDispatch = embed::Dispatch::Default;
    kinds.push_back({"baseline_checked", kDispatch, embed::MemoryMode::Checked, kBaseline});
    if (canUseGuardMemory(Backend::Default, true)) {
      kinds.push_back({"baseline_guard", kDispatch, embed::MemoryMode::Guard, kBaseline});
    }
    kinds.push_back({"baseline_spill", kDispatch, embed::MemoryMode::Auto, kBaseline, true});
    kinds.push_back(
        {"baseline_mixed", kDispatch, embed::MemoryMode::Auto, kBaseline, false, 0, 0, true});
  }
  if (hasBaseline()) {
    // Into compiled code at the first arrival at a loop, and at calls here and there.
    constexpr embed::TierMode kAuto = embed::TierMode::Auto;
    const embed::MemoryMode memory = canUseGuardMemory(Backend::Default, true)
                                         ? embed::MemoryMode::Guard
                                         : embed::MemoryMode::Checked;
    kinds.push_back({"at_loops", embed::Dispatch::Default, memory, kAuto, false, 0, 1});
    kinds.push_back(
        {"at_calls", embed::Dispatch::Loop, embed::MemoryMode::Checked, kAuto, false, 2, 3});
    // Up and down every few loop headers and calls.
    kinds.push_back(
        {"switching", embed::Dispatch::Default, memory, kAuto, false, 1, 1, false, true});
    kinds.push_back({"switching_spill", embed::Dispatch::Loop, embed::MemoryMode::Checked, kAuto,
                     true, 1, 1, false, true});
  }
  return kinds;
}

/// What a call did: values, or a trap.
struct Outcome {
  std::vector<Value> values;
  Trap trap = Trap::None;
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

class TierRun {
 public:
  explicit TierRun(const TierKind& kind) : kind_(kind) {
    if (kind.switchTiers || kind.spillStress) limits.fuelSlice = 5;  // more is fetched often
  }

  bool deterministic = false;
  bool metered = false;
  bool gcStress = false;
  embed::FuelSchedule schedule = embed::FuelSchedule::Wt31;
  embed::FuelAtTraps fuelAtTraps = embed::FuelAtTraps::Exact;
  StoreLimits limits;

  /// A fresh store. load() does this by itself; tests that link something first call it before.
  void open() {
    embed::EngineConfig config;
    config.dispatch = kind_.dispatch;
    config.memory = kind_.memory;
    config.tier = kind_.tier;
    config.compileAtCall = kind_.compileAtCall;
    config.compileAtLoop = kind_.compileAtLoop;
    config.spillStress = kind_.spillStress;
    config.switchTiers = kind_.switchTiers;
    config.mixStress = kind_.mixStress;
    config.deterministic = deterministic;
    config.metered = metered;
    config.gcStress = gcStress;
    config.fuelSchedule = schedule;
    config.fuelAtTraps = fuelAtTraps;
    auto engine = embed::Engine::make(config);
    ASSERT_TRUE(engine.ok()) << engine.failure().text();
    engine_ = engine.value();
    linker_.reset();
    store_.emplace(engine_, limits);
    if (metered) {
      ASSERT_TRUE(store_->setFuel(u64{1} << 40).ok());
    }
    linker_.emplace(*store_);
  }
  /// Adds an instance to the open store and makes it the one under test; its exports can be
  /// imported from `name`.
  void add(const Bytes& bytes, std::string_view name = "") {
    auto module = embed::Module::compile(engine_, bytes);
    ASSERT_TRUE(module.ok()) << module.failure().text();
    auto instance = linker_->instantiate(module.value());
    ASSERT_TRUE(instance.ok()) << instance.failure().text();
    instance_ = instance.value();
    if (!name.empty()) {
      ASSERT_TRUE(linker_->instance(name, instance_).ok());
    }
  }
  void add(const ModuleBuilder& module, std::string_view name = "") { add(module.build(), name); }
  void addText(std::string_view text, std::string_view name = "") {
    add(Bytes(text.begin(), text.end()), name);
  }
  /// Replaces the module under test.
  void load(const Bytes& bytes) {
    open();
    if (linker_) add(bytes);
  }
  void load(const ModuleBuilder& module) { load(module.build()); }
  void loadText(std::string_view text) { load(Bytes(text.begin(), text.end())); }
  embed::Linker& linker() { return *linker_; }
  const TierKind& kind() const { return kind_; }

  Outcome call(std::string_view name, std::span<const Value> args) {
    if (instance_.object() == nullptr)
      return {{}, Trap::HostError};  // load() has failed the test already
    auto function = instance_.function(name);
    EXPECT_TRUE(function.ok());
    auto result = function.value().call(args);
    Outcome out;
    if (result.ok()) {
      out.values = result.value();
    } else {
      EXPECT_EQ(result.failure().kind, embed::Failure::Kind::Trap) << result.failure().text();
      out.trap = result.failure().trap;
    }
    return out;
  }
  Outcome call(std::string_view name, std::initializer_list<Value> args = {}) {
    return call(name, std::span<const Value>(args.begin(), args.size()));
  }
  embed::Store& store() { return *store_; }
  embed::Instance& instance() { return instance_; }
  u64 fuel() { return store_->fuel().value(); }
  /// Fails the test when a function of the module under test that has been called, and all have,
  /// was not compiled although this tier compiles.
  void expectAllCompiled() {
    if (kind_.tier != embed::TierMode::Baseline || kind_.mixStress) return;
    const auto* loaded = static_cast<embed::LoadedModule*>(instance_.object()->owner);
    EXPECT_EQ(loaded->code->compiledFunctions(),
              loaded->module->funcs.size() - loaded->module->importedFuncs);
    EXPECT_EQ(loaded->code->translatedFunctions(), 0u);
  }

 private:
  TierKind kind_;
  embed::Engine engine_;
  std::optional<embed::Store> store_;
  std::optional<embed::Linker> linker_;
  embed::Instance instance_;
};

class TierTest : public ::testing::TestWithParam<TierKind> {
 protected:
  TierRun tier{GetParam()};
};

}  // namespace bls::test

#define TIER_SUITE(suite)                                                               \
  class suite : public ::bls::test::TierTest {};                                        \
  INSTANTIATE_TEST_SUITE_P(Tiers, suite, ::testing::ValuesIn(::bls::test::tierKinds()), \
                           [](const auto& info) { return std::string(info.param.name); })
#define TIER_TEST(suite, name) TEST_P(suite, name)
