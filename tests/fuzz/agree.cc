// The comparison of agree.h over the embedding API.
#include "tests/fuzz/agree.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include "runtime/runtime.h"

namespace bls::test {
namespace {

constexpr u64 kAmpleFuel = 30'000'000;

struct Configuration {
  const char* name;
  embed::Dispatch dispatch;
  embed::MemoryMode memory;
  bool gcStress = false;
  embed::TierMode tier = embed::TierMode::Interp;
  u32 compileAtCall = 0;  // TierMode::Auto
  u32 compileAtLoop = 0;
  bool switchTiers = false;
  u32 oneIn = 1;  // of how many programs it runs one, if not all: the first and the last take all
};

constexpr u32 kOftenOneIn = 8;
constexpr u64 kShortSlice = 37;  // of fuel

#ifndef BLS_EMULATED
bool sampling = false;
constexpr Configuration kConfigurations[] = {
    {"loop/checked", embed::Dispatch::Loop, embed::MemoryMode::Checked},
    {"tail/checked", embed::Dispatch::Tail, embed::MemoryMode::Checked, false,
     embed::TierMode::Interp, 0, 0, false, kOftenOneIn},
    {"loop/guard", embed::Dispatch::Loop, embed::MemoryMode::Guard, false, embed::TierMode::Interp,
     0, 0, false, kOftenOneIn},
    {"tail/guard", embed::Dispatch::Tail, embed::MemoryMode::Guard, false, embed::TierMode::Interp,
     0, 0, false, kOftenOneIn},
    // A collection at every allocation: a reference that the collector does not find shows.
    {"tail/checked/gc", embed::Dispatch::Tail, embed::MemoryMode::Checked, true,
     embed::TierMode::Interp, 0, 0, false, kOftenOneIn},
    {"baseline/checked", embed::Dispatch::Tail, embed::MemoryMode::Checked, false,
     embed::TierMode::Baseline, 0, 0, false, kOftenOneIn},
    {"baseline/guard", embed::Dispatch::Tail, embed::MemoryMode::Guard, false,
     embed::TierMode::Baseline},
    // From one tier to the other in the middle of functions, and between callers and callees.
    {"at loops/guard", embed::Dispatch::Tail, embed::MemoryMode::Guard, false,
     embed::TierMode::Auto, 0, 1, false, kOftenOneIn},
    {"at calls/checked/gc", embed::Dispatch::Loop, embed::MemoryMode::Checked, true,
     embed::TierMode::Auto, 2, 3, false, kOftenOneIn},
    // Up and down every few loop headers and calls.
    {"tier switches/guard/gc", embed::Dispatch::Tail, embed::MemoryMode::Guard, true,
     embed::TierMode::Auto, 1, 1, true},
};
#else
bool sampling = true;
constexpr u32 kRareOneIn = 100;  // mutants run in all but those
// Under an emulator a program takes several times as long: each runs in the interpreter, compiled,
// and changing between both, and a part of them in the rest. An emulator keeps some words for each
// page of reserved address space: with guard pages a program takes ten times as long again, so the
// table is another and not the one above with other shares.
constexpr Configuration kConfigurations[] = {
    {"loop/checked", embed::Dispatch::Loop, embed::MemoryMode::Checked},
    {"tail/checked/gc", embed::Dispatch::Tail, embed::MemoryMode::Checked, true,
     embed::TierMode::Interp, 0, 0, false, kOftenOneIn},
    {"baseline/checked", embed::Dispatch::Tail, embed::MemoryMode::Checked, false,
     embed::TierMode::Baseline},
    {"baseline/guard", embed::Dispatch::Tail, embed::MemoryMode::Guard, false,
     embed::TierMode::Baseline, 0, 0, false, kRareOneIn},
    {"at loops/checked", embed::Dispatch::Tail, embed::MemoryMode::Checked, false,
     embed::TierMode::Auto, 0, 1, false, kOftenOneIn},
    {"at calls/checked/gc", embed::Dispatch::Loop, embed::MemoryMode::Checked, true,
     embed::TierMode::Auto, 2, 3, false, kOftenOneIn},
    {"tier switches/checked/gc", embed::Dispatch::Tail, embed::MemoryMode::Checked, true,
     embed::TierMode::Auto, 1, 1, true},
};
#endif

struct Candidate {
  const Configuration* configuration;
  embed::Engine engine;

  bool takes(u64 program) const {
    return !sampling ||
           (program + static_cast<u64>(configuration - kConfigurations)) % configuration->oneIn ==
               0;
  }
};

// The configurations that this build has, made once.
const std::vector<Candidate>& candidates() {
  static const auto kCandidates = [] {
    std::vector<Candidate> out;
    for (const Configuration& c : kConfigurations) {
      embed::EngineConfig config;
      config.dispatch = c.dispatch;
      config.memory = c.memory;
      config.gcStress = c.gcStress;
      config.tier = c.tier;
      config.compileAtCall = c.compileAtCall;
      config.compileAtLoop = c.compileAtLoop;
      config.switchTiers = c.switchTiers;
      config.metered = true;
      config.deterministic = true;
      auto engine = embed::Engine::make(config);
      if (engine.ok()) out.push_back({&c, engine.value()});
    }
    return out;
  }();
  return kCandidates;
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
  const Candidate* in;
  std::vector<embed::Module> modules;  // the last one is run
  std::string refusal;
};

Compiled compile(const Candidate& in, std::initializer_list<std::span<const u8>> modules) {
  Compiled out{&in, {}, {}};
  for (std::span<const u8> bytes : modules) {
    auto module = embed::Module::compile(in.engine, bytes);
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

Outcome runCompiled(const Compiled& compiled, u64 fuel, OpCounts* marks = nullptr) {
  Outcome out;
  if (!compiled.refusal.empty()) {
    out.end = compiled.refusal;
    return out;
  }
  StoreLimits limits;
  limits.memoryBytesEach = u64{16} << 20;
  limits.slotStackBytes = u64{256} << 10;
  // Compiled code goes for more fuel often; the interpreter it is compared with does not.
  const Configuration& how = *compiled.in->configuration;
  if (how.tier != embed::TierMode::Interp || how.gcStress) limits.fuelSlice = kShortSlice;
  embed::Store store(compiled.in->engine, limits);
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

// Runs in all of these configurations, or only in the first and the last, which differ in
// everything; `problem` is set when they disagree.
Outcome runAll(const std::vector<Compiled>& compiled, u64 fuel, std::string* problem,
               bool endsOnly = false) {
  Outcome first;
  for (size_t i = 0; i < compiled.size(); ++i) {
    if (endsOnly && i != 0 && i + 1 != compiled.size()) continue;
    Outcome outcome = runCompiled(compiled[i], fuel);
    if (i == 0) {
      first = outcome;
    } else if (outcome != first) {
      *problem = "budget " + std::to_string(fuel) + ": " + compiled[0].in->configuration->name +
                 ": " + first.text() + " | " + compiled[i].in->configuration->name + ": " +
                 outcome.text();
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

void sampleConfigurations() { sampling = true; }

std::vector<std::string> configurationNames() {
  std::vector<std::string> out;
  for (const Candidate& c : candidates()) {
    const u32 oneIn = sampling ? c.configuration->oneIn : 1;
    out.push_back(c.configuration->name +
                  (oneIn == 1 ? "" : " (1 in " + std::to_string(oneIn) + ")"));
  }
  return out;
}

Agreement compareTiers(std::span<const u8> module, u64 fuel) {
  std::vector<Compiled> compiled;
  for (const Candidate& c : candidates()) {
    if (c.configuration->oneIn <= kOftenOneIn) compiled.push_back(compile(c, {module}));
  }
  std::string problem;
  Agreement result = agreementOf(runAll(compiled, fuel, &problem), fuel);
  result.problem = problem;
  return result;
}

Agreement compareProgram(const RandomProgram& program, u32 part, u64 number) {
  std::vector<Compiled> compiled;
  for (const Candidate& c : candidates()) {
    if (c.takes(number)) compiled.push_back(compile(c, {program.library, program.main}));
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
  OpCounts marks{};
  Compiled compiled =
      compile(candidates().back(), {withMarks(program.library), withMarks(program.main)});
  (void)runCompiled(compiled, kAmpleFuel * 4, &marks);
  u64 total = 0;
  for (u32 i = 0; i < kOpCount; ++i) {
    counts[i] += marks[i];
    total += marks[i];
  }
  return total;
}

}  // namespace bls::test
