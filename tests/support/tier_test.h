// TIER_TEST: one test body, run on every way of executing wasm that this build has: back ends ×
// memory strategies. In the body `tier` is a TierRun: compile a module, call its exports, see
// values, traps and fuel.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>

#include "runtime/runtime.h"
#include "runtime/tiers.h"
#include "tests/support/module_builder.h"

namespace bls::test {

struct TierKind {
  const char* name;
  embed::Dispatch dispatch;
  embed::MemoryMode memory;
};
inline std::vector<TierKind> tierKinds() {
  std::vector<TierKind> kinds{{"loop_checked", embed::Dispatch::Loop, embed::MemoryMode::Checked}};
  if (hasTailBackend()) {
    kinds.push_back({"tail_checked", embed::Dispatch::Tail, embed::MemoryMode::Checked});
    if (canUseGuardMemory(Backend::Tail)) {
      kinds.push_back({"tail_guard", embed::Dispatch::Tail, embed::MemoryMode::Guard});
    }
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
  explicit TierRun(const TierKind& kind) : kind_(kind) {}

  bool deterministic = false;
  bool metered = false;
  embed::FuelSchedule schedule = embed::FuelSchedule::Wt31;

  /// Replaces the module under test.
  void load(const Bytes& bytes) {
    embed::EngineConfig config;
    config.dispatch = kind_.dispatch;
    config.memory = kind_.memory;
    config.deterministic = deterministic;
    config.metered = metered;
    config.fuelSchedule = schedule;
    auto engine = embed::Engine::make(config);
    ASSERT_TRUE(engine.ok()) << engine.failure().text();
    auto module = embed::Module::compile(engine.value(), bytes);
    ASSERT_TRUE(module.ok()) << module.failure().text();
    store_.emplace(engine.value());
    if (metered) ASSERT_TRUE(store_->setFuel(u64{1} << 40).ok());
    embed::Linker linker(*store_);
    auto instance = linker.instantiate(module.value());
    ASSERT_TRUE(instance.ok()) << instance.failure().text();
    instance_ = instance.value();
  }
  void load(const ModuleBuilder& module) { load(module.build()); }

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

 private:
  TierKind kind_;
  std::optional<embed::Store> store_;
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
