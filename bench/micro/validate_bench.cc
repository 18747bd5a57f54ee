// Micro benchmarks of complete validation, metadata included, on one thread.
#include <benchmark/benchmark.h>

#include "bench/micro/synthetic_module.h"
#include "engine/decode/module_decoder.h"
#include "engine/validate/module_validator.h"

namespace bls {
namespace {

void noFree(void*, const u8*, size_t) {}

void validate(benchmark::State& state) {
  std::vector<u8> bytes = syntheticModule(static_cast<u32>(state.range(0)));
  Diagnostics diag;
  std::unique_ptr<Module> module;
  Status decoded = decodeModule(ModuleBytes(bytes.data(), bytes.size(), noFree, nullptr),
                                Features(), diag, &module);
  if (!decoded.ok()) {
    state.SkipWithError("the module was refused");
    return;
  }
  for (auto _ : state) {
    ModuleMeta meta;
    Status status = validateModule(*module, ValidateOptions(), &meta, diag);
    if (!status.ok()) state.SkipWithError("the module is not valid");
    benchmark::DoNotOptimize(meta.funcs.data());
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
  state.SetBytesProcessed(state.iterations() * static_cast<i64>(bytes.size()));
}
BENCHMARK(validate)
    ->ArgName("functions")
    ->Arg(10)
    ->Arg(1000)
    ->Arg(20000)
    ->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace bls
