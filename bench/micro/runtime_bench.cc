// Micro benchmarks through the embedding API: instantiation, first calls (lazy translation), the
// overhead of a call from C++ into wasm, wasm to wasm, through a table, and from wasm to a host
// function.
#include <benchmark/benchmark.h>

#include "bench/micro/synthetic_module.h"
#include "runtime/runtime.h"

namespace bls::embed {
namespace {

constexpr i32 kCalls = 1000;

// A module compiled once; aborts when it cannot be, because nothing below makes sense then.
Module compiled(const Engine& engine, const std::vector<u8>& bytes) {
  Expected<Module> module = Module::compile(engine, bytes);
  CHECK(module.ok());
  return module.value();
}

Engine makeEngine(bool metered) {
  EngineConfig config;
  config.metered = metered;
  Expected<Engine> engine = Engine::make(config);
  CHECK(engine.ok());
  return engine.value();
}

// A store with callModule instantiated, its import being a trivial host function.
struct CallWorld {
  Engine engine;
  Store store;
  Linker linker;
  Instance instance;

  explicit CallWorld(bool metered = false)
      : engine(makeEngine(metered)), store(engine), linker(store) {
    linker.function("env", "step", [](host::Caller&, i32 x) { return x + 1; });
    if (metered) CHECK(store.setFuel(u64{1} << 60).ok());
    Expected<Instance> made = linker.instantiate(compiled(engine, callModule()));
    CHECK(made.ok());
    instance = made.value();
  }
};

void instantiate(benchmark::State& state) {
  Engine engine = makeEngine(false);
  Module module = compiled(engine, syntheticModule(static_cast<u32>(state.range(0))));
  for (auto _ : state) {
    Store store(engine);
    Linker linker(store);
    if (!linker.instantiate(module).ok()) state.SkipWithError("instantiation failed");
  }
}
BENCHMARK(instantiate)->ArgName("functions")->Arg(10)->Arg(1000)->Unit(benchmark::kMicrosecond);

// Compiling a module and calling through all of its functions once: decode, validate, translate,
// run.
void compileAndFirstCall(benchmark::State& state) {
  Engine engine = makeEngine(false);
  std::vector<u8> bytes = syntheticModule(static_cast<u32>(state.range(0)));
  for (auto _ : state) {
    Module module = compiled(engine, bytes);
    Store store(engine);
    Linker linker(store);
    Expected<Instance> instance = linker.instantiate(module);
    CHECK(instance.ok());
    auto function = instance.value().typed<i32(i32, i32)>("run");
    CHECK(function.ok());
    if (!function.value()(64, 4).ok()) state.SkipWithError("the call failed");
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
  state.SetBytesProcessed(state.iterations() * static_cast<i64>(bytes.size()));
}
BENCHMARK(compileAndFirstCall)
    ->ArgName("functions")
    ->Arg(10)
    ->Arg(1000)
    ->Unit(benchmark::kMicrosecond);

void callFromHost(benchmark::State& state) {
  CallWorld world;
  auto leaf = world.instance.typed<i32(i32)>("leaf");
  CHECK(leaf.ok());
  i32 value = 0;
  for (auto _ : state) {
    Expected<i32> next = leaf.value()(value);
    if (!next.ok()) state.SkipWithError("the call failed");
    value = next.value();
  }
  benchmark::DoNotOptimize(value);
}
BENCHMARK(callFromHost);

// One of the loops of callModule; the number printed is calls per second.
void callLoop(benchmark::State& state, const char* name, bool metered) {
  CallWorld world(metered);
  auto loop = world.instance.typed<i32(i32)>(name);
  CHECK(loop.ok());
  for (auto _ : state) {
    Expected<i32> result = loop.value()(kCalls);
    if (!result.ok() || result.value() != kCalls) state.SkipWithError("the loop failed");
  }
  state.SetItemsProcessed(state.iterations() * kCalls);
}
BENCHMARK_CAPTURE(callLoop, direct, "callLoop", false);
BENCHMARK_CAPTURE(callLoop, directMetered, "callLoop", true);
BENCHMARK_CAPTURE(callLoop, indirect, "indirectLoop", false);
BENCHMARK_CAPTURE(callLoop, host, "hostLoop", false);

}  // namespace
}  // namespace bls::embed
