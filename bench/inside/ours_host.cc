// Our engine behind bench/peers/hosts/host.h, by the embedding API; host_main.c does the timing.
//
// Options: interp (the default), baseline, auto; fuel (metered, with more than is ever used),
// checked (no guard memory), threads (compile and validate with all CPUs). hostCompile makes code
// for every function when the tier compiles, on the calling thread without `threads`.
#include "bench/peers/hosts/host.h"

#include <cstdio>
#include <cstring>
#include <memory>

#include "runtime/runtime.h"

namespace embed = bls::embed;

struct HostModule {
  embed::Module module;
};

struct HostInstance {
  explicit HostInstance(const embed::Engine& engine) : store(engine), linker(store) {}
  embed::Store store;
  embed::Linker linker;
  embed::Instance instance;
  std::vector<std::unique_ptr<HostFunction>> functions;
};

struct HostFunction {
  embed::TypedFunc<bls::i32(bls::i32)> function;
};

namespace {

embed::EngineConfig config;
embed::Engine engine;  // lazy, as a run has it
embed::Engine eager;   // for hostCompile

template <class T>
bool failed(const embed::Expected<T>& result) {
  if (result.ok()) return false;
  std::snprintf(hostError, sizeof hostError, "%s", result.failure().text().c_str());
  return true;
}

HostModule* load(const embed::Engine& how, const uint8_t* bytes, size_t size) {
  embed::Expected<embed::Module> module = embed::Module::compile(how, {bytes, size});
  return failed(module) ? nullptr : new HostModule{module.value()};
}

}  // namespace

bool hostSetup(char** options, int count) {
  bool parallel = false;
  for (int i = 0; i < count; i++) {
    const std::string_view option = options[i];
    if (option == "baseline") {
      config.tier = embed::TierMode::Baseline;
    } else if (option == "auto") {
      config.tier = embed::TierMode::Auto;
    } else if (option == "fuel") {
      config.metered = true;
    } else if (option == "checked") {
      config.memory = embed::MemoryMode::Checked;
    } else if (option == "threads") {
      parallel = true;
    } else if (option != "interp") {
      std::snprintf(hostError, sizeof hostError, "no option %s", options[i]);
      return false;
    }
  }
  config.threads = config.compileThreads = parallel ? 0 : 1;
  embed::Expected<embed::Engine> made = embed::Engine::make(config);
  if (failed(made)) return false;
  engine = made.value();
  embed::EngineConfig complete = config;
  if (config.tier != embed::TierMode::Interp) complete.compile = embed::CompileMode::Eager;
  made = embed::Engine::make(complete);
  if (failed(made)) return false;
  eager = made.value();
  return true;
}

const char* hostVersion(void) { return "bless"; }

bool hostValidate(const uint8_t* bytes, size_t size) {
  HostModule* module = load(engine, bytes, size);
  delete module;
  return module != nullptr;
}

HostModule* hostCompile(const uint8_t* bytes, size_t size) { return load(eager, bytes, size); }

HostModule* hostLoad(const uint8_t* bytes, size_t size) { return load(engine, bytes, size); }

void hostFreeModule(HostModule* module) { delete module; }

HostInstance* hostInstantiate(HostModule* module) {
  auto out = std::make_unique<HostInstance>(engine);
  out->linker.function("env", "step", [](bls::host::Caller&, bls::i32 x) { return x + 1; });
  if (config.metered && failed(out->store.setFuel(bls::u64{1} << 60))) return nullptr;
  embed::Expected<embed::Instance> made = out->linker.instantiate(module->module);
  if (failed(made)) return nullptr;
  out->instance = made.value();
  return out.release();
}

void hostFreeInstance(HostInstance* instance) { delete instance; }

HostFunction* hostFunction(HostInstance* instance, const char* name) {
  auto found = instance->instance.typed<bls::i32(bls::i32)>(name);
  if (failed(found)) return nullptr;
  instance->functions.push_back(std::make_unique<HostFunction>(HostFunction{found.value()}));
  return instance->functions.back().get();
}

bool hostCall(HostFunction* function, int32_t argument, int32_t* result) {
  embed::Expected<bls::i32> out = function->function(argument);
  if (!out.ok()) return false;
  *result = out.value();
  return true;
}

int hostRun(HostModule*, int, char**, char**, char**) {
  std::snprintf(hostError, sizeof hostError, "programs are run by `bls run`");
  return -1;
}
