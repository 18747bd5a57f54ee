// `bls validate`: the complete check of a module, and its timing.
#include <algorithm>

#include "engine/base/platform.h"
#include "engine/decode/module_decoder.h"
#include "engine/validate/module_validator.h"
#include "runtime/cli.h"
#include "runtime/json_text.h"
#include "runtime/load.h"

namespace bls::cli {

int validateFile(const ValidateRequest& request, Console& console) {
  Diagnostics diag;
  ModuleBytes file, source;
  Status status =
      embed::readModuleFile(request.file.c_str(), request.engine.maxModuleBytes, diag, &file);
  text::TextOptions textOptions;
  textOptions.features = request.engine.features;
  if (status.ok()) status = embed::textToBinary(&file, textOptions, diag, &source);
  std::vector<u64> times;
  std::unique_ptr<ThreadPool> pool;
  ValidateOptions options;
  if (request.engine.threads != 1 && file.span().size() > u64{1} << 20) {
    pool = std::make_unique<ThreadPool>(request.engine.threads);
    options.executor = pool.get();
  }
  for (u64 i = 0; status.ok() && i < request.repeat; ++i) {
    std::unique_ptr<bls::Module> module;
    ModuleMeta meta;
    // A view: the file's bytes outlive every pass.
    ModuleBytes view(file.span().data(), file.span().size(), nullptr, nullptr);
    u64 start = platform::monotonicNs();
    status = decodeModule(std::move(view), request.engine.features, diag, &module);
    if (status.ok()) status = validateModule(*module, options, &meta, diag);
    times.push_back(platform::monotonicNs() - start);
    if (!status.ok() && module != nullptr) status = embed::placeInText(source, *module, diag);
  }
  if (!status.ok()) {
    console.problem(withAdvice(embed::Failure::of(*status.error()), request.file));
    return kExitFailure;
  }
  if (request.json || request.repeat > 1) {
    JsonText json;
    json.open('{').key("valid").boolean(true).key("bytes").number(file.span().size());
    json.key("threads").number(pool != nullptr ? pool->concurrency() : 1);
    json.key("best_ns").number(*std::min_element(times.begin(), times.end()));
    json.key("ns").open('[');
    for (u64 ns : times) json.number(ns);
    json.close(']').close('}');
    console.out(json.text() + "\n");
  }
  return 0;
}

}  // namespace bls::cli
