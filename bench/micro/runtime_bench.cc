// Micro benchmarks through the embedding API: instantiation, first calls (lazy translation), the
// overhead of a call from C++ into wasm, wasm to wasm, through a table, to another instance and
// from wasm to a host function, and of a trap. Calls and traps in both tiers.
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

Engine makeEngine(bool metered, TierMode tier = TierMode::Interp) {
  EngineConfig config;
  config.tier = tier;
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

  explicit CallWorld(bool metered = false, TierMode tier = TierMode::Interp)
      : engine(makeEngine(metered, tier)), store(engine), linker(store) {
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

// The time of one operation, when an iteration does so many of them.
void showEach(benchmark::State& state, f64 operations) {
  state.counters["each"] = benchmark::Counter(
      operations, benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

// From C++ into wasm and back.
void callFromHost(benchmark::State& state, TierMode tier) {
  CallWorld world(false, tier);
  auto leaf = world.instance.typed<i32(i32)>("leaf");
  CHECK(leaf.ok());
  i32 value = 0;
  for (auto _ : state) {
    Expected<i32> next = leaf.value()(value);
    if (!next.ok()) state.SkipWithError("the call failed");
    value = next.value();
  }
  benchmark::DoNotOptimize(value);
  showEach(state, 1);
}
BENCHMARK_CAPTURE(callFromHost, interp, TierMode::Interp);
BENCHMARK_CAPTURE(callFromHost, baseline, TierMode::Baseline);

// One of the loops of callModule, with so many calls in an iteration.
void callLoop(benchmark::State& state, const char* name, bool metered, TierMode tier,
              i32 calls = 1) {
  CallWorld world(metered, tier);
  auto loop = world.instance.typed<i32(i32)>(name);
  CHECK(loop.ok());
  for (auto _ : state) {
    Expected<i32> result = loop.value()(kCalls);
    if (!result.ok() || result.value() != kCalls * calls) state.SkipWithError("the loop failed");
  }
  showEach(state, kCalls * calls);
}
BENCHMARK_CAPTURE(callLoop, direct, "callLoop", false, TierMode::Interp);
BENCHMARK_CAPTURE(callLoop, directMetered, "callLoop", true, TierMode::Interp);
BENCHMARK_CAPTURE(callLoop, indirect, "indirectLoop", false, TierMode::Interp);
BENCHMARK_CAPTURE(callLoop, host, "hostLoop", false, TierMode::Interp);
BENCHMARK_CAPTURE(callLoop, directBaseline, "callLoop", false, TierMode::Baseline);
BENCHMARK_CAPTURE(callLoop, directMeteredBaseline, "callLoop", true, TierMode::Baseline);
BENCHMARK_CAPTURE(callLoop, indirectBaseline, "indirectLoop", false, TierMode::Baseline);
BENCHMARK_CAPTURE(callLoop, hostBaseline, "hostLoop", false, TierMode::Baseline);
// The difference to the one before is three calls without a loop.
BENCHMARK_CAPTURE(callLoop, fourHostBaseline, "hostLoop4", false, TierMode::Baseline, 4);

// The loop over the import, which is a function of another instance.
void acrossLoop(benchmark::State& state, bool metered, TierMode tier) {
  CallWorld world(metered, tier);
  Extern leaf;
  CHECK(findExport(world.instance.object(), "leaf", &leaf));
  world.linker.define("env", "step", leaf);
  Expected<Instance> caller = world.linker.instantiate(compiled(world.engine, callModule()));
  CHECK(caller.ok());
  auto loop = caller.value().typed<i32(i32)>("hostLoop");
  CHECK(loop.ok());
  for (auto _ : state) {
    Expected<i32> result = loop.value()(kCalls);
    if (!result.ok() || result.value() != kCalls) state.SkipWithError("the loop failed");
  }
  showEach(state, kCalls);
}
BENCHMARK_CAPTURE(acrossLoop, interp, false, TierMode::Interp);
BENCHMARK_CAPTURE(acrossLoop, baseline, false, TierMode::Baseline);
BENCHMARK_CAPTURE(acrossLoop, meteredBaseline, true, TierMode::Baseline);

// From the call to the trap in the caller's hands, its frames recorded, no text made of them.
// "outside" faults under guard memory, "stop" calls out.
void trap(benchmark::State& state, const char* name, TierMode tier) {
  CallWorld world(false, tier);
  Extern item;
  CHECK(findExport(world.instance.object(), name, &item));
  bls::Store& store = world.store.objects();
  std::string why;
  ExecCtx* cx = store.mainCtx(&why);
  CHECK(cx != nullptr);
  for (auto _ : state) {
    u64* slots = entrySlots(cx, 1);
    slots[0] = 0;
    if (callSlots(cx, item.func, slots) == Trap::None) state.SkipWithError("no trap");
  }
  showEach(state, 1);
}
BENCHMARK_CAPTURE(trap, unreachableInterp, "stop", TierMode::Interp);
BENCHMARK_CAPTURE(trap, memoryInterp, "outside", TierMode::Interp);
BENCHMARK_CAPTURE(trap, unreachableBaseline, "stop", TierMode::Baseline);
BENCHMARK_CAPTURE(trap, memoryBaseline, "outside", TierMode::Baseline);

}  // namespace
}  // namespace bls::embed
