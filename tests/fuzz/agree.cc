// The comparison of agree.h over the embedding API.
#include "tests/fuzz/agree.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include "runtime/runtime.h"

namespace bls::test {
namespace {

constexpr u64 kAmpleFuel = 30'000'000;

// Emulators keep megabytes for each reservation of address space: no guard pages there.
#ifdef BLS_EMULATED
constexpr bool kGuards = false;
#else
constexpr bool kGuards = true;
#endif

struct Configuration {
  const char* name;
  embed::Dispatch dispatch;
  embed::MemoryMode memory;
  bool gcStress = false;
  embed::TierMode tier = embed::TierMode::Interp;
  u32 compileAtCall = 0;  // TierMode::Auto
  u32 compileAtLoop = 0;
  bool switchTiers = false;
};

constexpr Configuration kConfigurations[] = {
    {"loop/checked", embed::Dispatch::Loop, embed::MemoryMode::Checked},
    {"tail/checked", embed::Dispatch::Tail, embed::MemoryMode::Checked},
    {"loop/guard", embed::Dispatch::Loop, embed::MemoryMode::Guard},
    {"tail/guard", embed::Dispatch::Tail, embed::MemoryMode::Guard},
    // A collection at every allocation: a reference that the collector does not find shows.
    {"tail/checked/gc", embed::Dispatch::Tail, embed::MemoryMode::Checked, true},
    {"baseline/checked", embed::Dispatch::Tail, embed::MemoryMode::Checked, false,
     embed::TierMode::Baseline},
    {"baseline/guard", embed::Dispatch::Tail, embed::MemoryMode::Guard, false,
     embed::TierMode::Baseline},
    // From one tier to the other in the middle of functions, and between callers and callees.
    {"at loops/guard", embed::Dispatch::Tail, embed::MemoryMode::Guard, false,
     embed::TierMode::Auto, 0, 1},
    {"at calls/checked/gc", embed::Dispatch::Loop, embed::MemoryMode::Checked, true,
     embed::TierMode::Auto, 2, 3},
    // Up and down every few loop headers and calls.
    {"tier switches/guard/gc", embed::Dispatch::Tail, embed::MemoryMode::Guard, true,
     embed::TierMode::Auto, 1, 1, true},
};

using NamedEngine = std::pair<const char*, embed::Engine>;

// The configurations that this build has, made once.
const std::vector<NamedEngine>& engines() {
  static const auto kEngines = [] {
    std::vector<NamedEngine> out;
    for (const Configuration& c : kConfigurations) {
      const bool guard = c.memory == embed::MemoryMode::Guard;
      if (guard && !kGuards && c.tier != embed::TierMode::Auto) continue;  // also there with checks
      if (!kGuards && c.name == std::string_view("tail/checked")) continue;  // and with collections
      embed::EngineConfig config;
      config.dispatch = c.dispatch;
      config.memory = kGuards ? c.memory : embed::MemoryMode::Checked;
      config.gcStress = c.gcStress;
      config.tier = c.tier;
      config.compileAtCall = c.compileAtCall;
      config.compileAtLoop = c.compileAtLoop;
      config.switchTiers = c.switchTiers;
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
  for (; size >= 8; size -= 8, data += 8) {
    u64 word;
    std::memcpy(&word, data, 8);
    hash = (hash ^ word) * 0x9e3779b97f4a7c15u;
    hash ^= hash >> 29;
  }
  for (size_t i = 0; i < size; ++i) hash = (hash ^ data[i]) * 0x100000001b3u;
  return hash;
}

struct Outcome {
  std::string end;      // "ok", the trap, or why it was refused
  std::string compute;  // the same for "compute", if there is one
  u64 fuel = 0;
  u64 results = 0;
  u64 memory = 0;
  u64 globals = 0;
  bool instantiated = false;
  Trap trap = Trap::None;
  friend bool operator==(const Outcome&, const Outcome&) = default;

  std::string text() const {
    return end + (compute.empty() ? "" : ", compute " + compute) + ", fuel " +
           std::to_string(fuel) + ", results " + std::to_string(results) + ", memory " +
           std::to_string(memory) + ", globals " + std::to_string(globals);
  }
};

u64 hashValue(u64 hash, const Value& value) {
  hash = hashBytes(hash, reinterpret_cast<const u8*>(&value.lo), 8);
  if (value.type != ValType::V128) return hash;
  return hashBytes(hash, reinterpret_cast<const u8*>(&value.hi), 8);
}

void observe(const embed::Instance& instance, Outcome& out) {
  std::array<u8, 4096> part;  // stays in the cache
  for (const char* name : {"memory", "memory1", "memory2", "memory3"}) {
    auto memory = instance.memory(name);
    if (!memory.ok()) break;
    u64 size = memory.value().sizeBytes();
    out.memory ^= size;
    for (u64 at = 0; at < size; at += part.size()) {
      std::span<u8> bytes(part.data(), std::min<u64>(part.size(), size - at));
      if (memory.value().read(at, bytes)) {
        out.memory = hashBytes(out.memory, bytes.data(), bytes.size());
      }
    }
  }
  for (int i = 0; i < 16; ++i) {
    auto value = instance.global("g" + std::to_string(i));
    if (value.ok()) out.globals = hashValue(out.globals, value.value());
  }
}

// One or two modules, compiled for one configuration.
struct Compiled {
  std::vector<embed::Module> modules;  // the last one is run
  std::string refusal;
};

Compiled compile(const embed::Engine& engine, std::initializer_list<std::span<const u8>> modules) {
  Compiled out;
  for (std::span<const u8> bytes : modules) {
    auto module = embed::Module::compile(engine, bytes);
    if (!module.ok()) {
      out.refusal = module.failure().text("");
      return out;
    }
    out.modules.push_back(module.value());
  }
  return out;
}

// How a call ended, with the frames. Where in a loop the fuel ran out is not compared: no
// instruction has failed there, and tiers put the check of a loop header in different places.
std::string endOf(const embed::Failure& failure) {
  const bool spent = failure.kind == embed::Failure::Kind::Trap && failure.trap == Trap::OutOfFuel;
  return spent ? "trap: all fuel consumed" : failure.text("");
}

void callCompute(const embed::Instance& instance, Outcome& out) {
  auto compute = instance.function("compute");
  if (!compute.ok()) return;
  auto values = compute.value().call(
      {Value::i32(-7), Value::i64(i64{1} << 40), Value::f32(1.5f), Value::f64(-2.25e10)});
  out.compute = values.ok() ? "ok" : endOf(values.failure());
  if (!values.ok()) return;
  for (const Value& v : values.value()) out.results = hashValue(out.results, v);
}

Outcome runIn(const embed::Engine& engine, const Compiled& compiled, u64 fuel,
              OpCounts* marks = nullptr) {
  Outcome out;
  if (!compiled.refusal.empty()) {
    out.end = compiled.refusal;
    return out;
  }
  StoreLimits limits;
  limits.memoryBytesEach = u64{16} << 20;
  limits.slotStackBytes = u64{256} << 10;
  embed::Store store(engine, limits);
  (void)store.setFuel(fuel);
  embed::Linker linker(store);
  linker.setUnknownImportsTrap(true);
  linker.function("env", "mark", [marks](host::Caller&, i32 op) {
    if (marks != nullptr) ++(*marks)[static_cast<u32>(op) % kOpCount];
  });
  linker.function("env", "mix", [](host::Caller&, i64 a, f64 b) {
    return static_cast<i64>(static_cast<u64>(a) * 31 ^ std::bit_cast<u64>(b));
  });
  std::optional<embed::Instance> last;
  for (const embed::Module& module : compiled.modules) {
    auto instance = linker.instantiate(module);
    if (!instance.ok()) {
      out.end = endOf(instance.failure());
      out.fuel = store.fuel().value();
      return out;
    }
    last = instance.value();
    if (compiled.modules.size() > 1) (void)linker.instance("lib", *last);
  }
  out.instantiated = true;
  if (compiled.modules.size() > 1) callCompute(*last, out);
  auto run = last->typed<void()>("run");
  if (run.ok()) {
    auto done = run.value()();
    out.end = done.ok() ? "ok" : endOf(done.failure());
    if (!done.ok()) out.trap = done.failure().trap;
  } else {
    out.end = "no run";
  }
  out.fuel = store.fuel().value();
  observe(*last, out);
  return out;
}

// Runs in all configurations, or only in the first and the last, which differ in everything;
// `problem` is set when they disagree.
Outcome runAll(const std::vector<Compiled>& compiled, u64 fuel, std::string* problem,
               bool endsOnly = false) {
  Outcome first;
  for (size_t i = 0; i < engines().size(); ++i) {
    if (endsOnly && i != 0 && i + 1 != engines().size()) continue;
    Outcome outcome = runIn(engines()[i].second, compiled[i], fuel);
    if (i == 0) {
      first = outcome;
    } else if (outcome != first) {
      *problem = "budget " + std::to_string(fuel) + ": " + engines()[0].first + ": " +
                 first.text() + " | " + engines()[i].first + ": " + outcome.text();
      break;
    }
  }
  return first;
}

Agreement agreementOf(const Outcome& outcome, u64 fuel) {
  Agreement result;
  result.ran = outcome.instantiated;
  result.trapped = outcome.instantiated && outcome.end != "ok" && outcome.end != "no run";
  result.outOfFuel = outcome.end.find("all fuel consumed") != std::string::npos;
  result.trap = outcome.trap;
  result.fuelUsed = fuel - outcome.fuel;
  const std::string text = outcome.text();
  result.digest = hashBytes(0, reinterpret_cast<const u8*>(text.data()), text.size());
  if (!outcome.instantiated) result.problem = outcome.end;
  return result;
}

}  // namespace

std::vector<const char*> configurationNames() {
  std::vector<const char*> out;
  for (const auto& [name, engine] : engines()) out.push_back(name);
  return out;
}

Agreement compareTiers(std::span<const u8> module, u64 fuel) {
  std::vector<Compiled> compiled;
  for (const auto& [name, engine] : engines()) compiled.push_back(compile(engine, {module}));
  std::string problem;
  Agreement result = agreementOf(runAll(compiled, fuel, &problem), fuel);
  result.problem = problem;
  return result;
}

Agreement compareProgram(const RandomProgram& program, u32 part) {
  std::vector<Compiled> compiled;
  for (const auto& [name, engine] : engines()) {
    compiled.push_back(compile(engine, {program.library, program.main}));
  }
  std::string problem;
  Agreement result = agreementOf(runAll(compiled, kAmpleFuel, &problem), kAmpleFuel);
  if (!problem.empty()) result.problem = problem;
  if (result.problem.empty() && result.outOfFuel) result.problem = "the program does not end";
  if (!result.problem.empty()) return result;
  Outcome exact = runAll(compiled, result.fuelUsed, &problem, true);
  if (problem.empty() && exact.trap != result.trap) {
    problem = "with exactly the fuel it takes: " + exact.text();
  }
  if (problem.empty()) (void)runAll(compiled, result.fuelUsed * part >> 16, &problem, true);
  result.problem = problem;
  return result;
}

u64 cover(const RandomProgram& program, OpCounts& counts) {
  const embed::Engine& engine = engines().back().second;
  OpCounts marks{};
  Compiled compiled = compile(engine, {withMarks(program.library), withMarks(program.main)});
  (void)runIn(engine, compiled, kAmpleFuel * 4, &marks);
  u64 total = 0;
  for (u32 i = 0; i < kOpCount; ++i) {
    counts[i] += marks[i];
    total += marks[i];
  }
  return total;
}

}  // namespace bls::test
