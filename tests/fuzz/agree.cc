// The comparison of agree.h over the embedding API.
#include "tests/fuzz/agree.h"

#include "runtime/runtime.h"

namespace bls::test {
namespace {

struct Configuration {
  const char* name;
  embed::Dispatch dispatch;
  embed::MemoryMode memory;
};

constexpr Configuration kConfigurations[] = {
    {"loop/checked", embed::Dispatch::Loop, embed::MemoryMode::Checked},
    {"tail/checked", embed::Dispatch::Tail, embed::MemoryMode::Checked},
    {"loop/guard", embed::Dispatch::Loop, embed::MemoryMode::Guard},
    {"tail/guard", embed::Dispatch::Tail, embed::MemoryMode::Guard},
};

// The configurations that this build has, made once.
const std::vector<std::pair<const char*, embed::Engine>>& engines() {
  static const auto kEngines = [] {
    std::vector<std::pair<const char*, embed::Engine>> out;
    for (const Configuration& c : kConfigurations) {
      embed::EngineConfig config;
      config.dispatch = c.dispatch;
      config.memory = c.memory;
      config.metered = true;
      config.deterministic = true;
      auto engine = embed::Engine::make(config);
      if (engine.ok()) out.emplace_back(c.name, engine.value());
    }
    return out;
  }();
  return kEngines;
}

u64 hashBytes(u64 hash, const u8* data, size_t size) {
  for (size_t i = 0; i < size; ++i) hash = (hash ^ data[i]) * 0x100000001b3u;
  return hash;
}

struct Outcome {
  std::string end;  // "ok", the trap, or why it was refused
  u64 fuel = 0;
  u64 memory = 0;
  u64 globals = 0;
  bool instantiated = false;
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

void observe(const embed::Instance& instance, Outcome& out) {
  auto memory = instance.memory("memory");
  if (memory.ok()) {
    u64 size = memory.value().sizeBytes();
    std::vector<u8> bytes(size);
    if (memory.value().read(0, bytes)) out.memory = hashBytes(size, bytes.data(), bytes.size());
  }
  for (const char* name : {"g0", "g1", "g2", "g3", "g4"}) {
    auto value = instance.global(name);
    if (!value.ok()) continue;
    out.globals = hashBytes(out.globals, reinterpret_cast<const u8*>(&value.value().lo), 8);
    out.globals = hashBytes(out.globals, reinterpret_cast<const u8*>(&value.value().hi), 8);
  }
}

Outcome runIn(const embed::Engine& engine, std::span<const u8> bytes, u64 fuel) {
  Outcome out;
  auto module = embed::Module::compile(engine, bytes);
  if (!module.ok()) {
    out.end = module.failure().text("");
    return out;
  }
  StoreLimits limits;
  limits.memoryBytesEach = u64{16} << 20;
  limits.slotStackBytes = u64{256} << 10;
  embed::Store store(engine, limits);
  (void)store.setFuel(fuel);
  embed::Linker linker(store);
  linker.setUnknownImportsTrap(true);
  auto instance = linker.instantiate(module.value());
  if (!instance.ok()) {
    out.end = instance.failure().text("");
    out.fuel = store.fuel().value();
    return out;
  }
  out.instantiated = true;
  auto run = instance.value().typed<void()>("run");
  if (run.ok()) {
    auto done = run.value()();
    out.end = done.ok() ? "ok" : done.failure().text("");
  } else {
    out.end = "no run";
  }
  out.fuel = store.fuel().value();
  observe(instance.value(), out);
  return out;
}

}  // namespace

Agreement compareTiers(std::span<const u8> module, u64 fuel) {
  Agreement result;
  Outcome first;
  const char* firstName = nullptr;
  for (const auto& [name, engine] : engines()) {
    Outcome outcome = runIn(engine, module, fuel);
    if (firstName == nullptr) {
      first = outcome;
      firstName = name;
      continue;
    }
    if (outcome == first) continue;
    result.problem =
        std::string(firstName) + ": " + first.end + ", fuel " + std::to_string(first.fuel) +
        ", memory " + std::to_string(first.memory) + ", globals " + std::to_string(first.globals) +
        " | " + name + ": " + outcome.end + ", fuel " + std::to_string(outcome.fuel) + ", memory " +
        std::to_string(outcome.memory) + ", globals " + std::to_string(outcome.globals);
    return result;
  }
  result.ran = first.instantiated;
  result.trapped = first.instantiated && first.end != "ok" && first.end != "no run";
  result.outOfFuel = first.end.find("all fuel consumed") != std::string::npos;
  return result;
}

}  // namespace bls::test
