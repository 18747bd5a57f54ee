// Micro benchmarks of decoding: module structure alone, and with every body walked (no types).
#include <benchmark/benchmark.h>

#include "bench/micro/synthetic_module.h"
#include "engine/decode/body_decoder.h"
#include "engine/decode/module_decoder.h"

namespace bls {
namespace {

void noFree(void*, const u8*, size_t) {}

void decodeStructure(benchmark::State& state) {
  std::vector<u8> bytes = syntheticModule(static_cast<u32>(state.range(0)));
  Diagnostics diag;
  for (auto _ : state) {
    std::unique_ptr<Module> module;
    Status status = decodeModule(ModuleBytes(bytes.data(), bytes.size(), noFree, nullptr),
                                 Features(), diag, &module);
    if (!status.ok()) state.SkipWithError("the module was refused");
    benchmark::DoNotOptimize(module.get());
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
  state.SetBytesProcessed(state.iterations() * static_cast<i64>(bytes.size()));
}
BENCHMARK(decodeStructure)
    ->ArgName("functions")
    ->Arg(10)
    ->Arg(1000)
    ->Arg(20000)
    ->Unit(benchmark::kMicrosecond);

void decodeBodies(benchmark::State& state) {
  std::vector<u8> bytes = syntheticModule(static_cast<u32>(state.range(0)));
  Diagnostics diag;
  std::unique_ptr<Module> module;
  Status status = decodeModule(ModuleBytes(bytes.data(), bytes.size(), noFree, nullptr), Features(),
                               diag, &module);
  if (!status.ok()) {
    state.SkipWithError("the module was refused");
    return;
  }
  for (auto _ : state) {
    for (u32 i = 0; i < static_cast<u32>(state.range(0)); i++) {
      if (!decodeBody(*module, i, diag).ok()) state.SkipWithError("a body was refused");
    }
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
  state.SetBytesProcessed(state.iterations() * static_cast<i64>(bytes.size()));
}
BENCHMARK(decodeBodies)->ArgName("functions")->Arg(1000)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace bls
