// v8_programs: generated programs with what this engine makes of them, for another engine to do the
// same.
//
//   v8_programs [--seed S] [--count N] [--dump PREFIX]
//
// --dump writes modules and memories of the last program to files.
// Program i has seed S + i. Each goes to standard output as a 32-bit length, that many bytes of
// JSON, and the modules whose sizes the JSON states: library, main module and an observer, which
// calls "compute" of the main module with fixed arguments and stores its results, and stores its
// numeric globals, into a memory of its own, so that no value has to cross into the embedder. The
// programs are portable (random_module.h). Every one is run in two configurations, which must
// agree; most are not metered and none is deterministic, unlike in agree_corpus.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "runtime/runtime.h"
#include "tests/support/random_module.h"

namespace {

using namespace bls;
using namespace bls::test;

struct Configuration {
  const char* name;
  embed::Dispatch dispatch;
  embed::MemoryMode memory;
  embed::TierMode tier;
  u32 compileAtCall = 0, compileAtLoop = 0;
  bool metered = false;
  bool gcStress = false;
};

// A program runs in a pair of these, the first or the second of which interprets.
constexpr Configuration kConfigurations[] = {
    {"tail/guard", embed::Dispatch::Tail, embed::MemoryMode::Guard, embed::TierMode::Interp},
    {"baseline/guard", embed::Dispatch::Tail, embed::MemoryMode::Guard, embed::TierMode::Baseline},
    {"loop/checked", embed::Dispatch::Loop, embed::MemoryMode::Checked, embed::TierMode::Interp},
    {"at loops/guard", embed::Dispatch::Tail, embed::MemoryMode::Guard, embed::TierMode::Auto, 0,
     1},
    {"at calls/checked/gc", embed::Dispatch::Loop, embed::MemoryMode::Checked,
     embed::TierMode::Auto, 2, 3, true, true},
    {"baseline/checked", embed::Dispatch::Tail, embed::MemoryMode::Checked,
     embed::TierMode::Baseline},
};
constexpr u32 kPairs = 3;

const embed::Engine& engineOf(u32 index) {
  static std::array<embed::Engine, 2 * kPairs> engines;
  static std::array<bool, 2 * kPairs> made{};
  if (!made[index]) {
    const Configuration& c = kConfigurations[index];
    embed::EngineConfig config;
    config.dispatch = c.dispatch;
    config.memory = c.memory;
    config.tier = c.tier;
    config.compileAtCall = c.compileAtCall;
    config.compileAtLoop = c.compileAtLoop;
    config.metered = c.metered;
    config.gcStress = c.gcStress;
    auto engine = embed::Engine::make(config);
    if (!engine.ok()) {
      std::fprintf(stderr, "v8_programs: %s: %s\n", c.name, engine.failure().text("").c_str());
      std::exit(2);
    }
    engines[index] = engine.value();
    made[index] = true;
  }
  return engines[index];
}

// What V8 does not have, or decides by itself.
Weights weights() {
  Weights out;
  out.portable = true;
  out.of[static_cast<u8>(Group::Relaxed)] = 0;
  out.of[static_cast<u8>(Group::Wide)] = 0;
  return out;
}

// --- the observer ------------------------------------------------------------------------------

constexpr u32 kGlobalsAt = 32, kGlobalBytes = 16;

struct Observed {
  std::string name;
  ValType type;
  bool isMutable;
};

std::vector<Observed> globalsOf(const bls::Module& module) {
  std::vector<Observed> out;
  for (const ExportDecl& e : module.exports) {
    if (e.kind != ExternKind::Global) continue;
    const GlobalType& type = module.globals[GlobalIndex{e.index}].type;
    out.push_back({std::string(e.name), type.type, type.isMutable});
  }
  return out;
}

void putName(Bytes& out, const std::string& name) {
  putU32(out, name.size());
  out.insert(out.end(), name.begin(), name.end());
}

void putStore(Bytes& out, ValType type) {
  switch (type.kind()) {
    case ValType::I32: out.insert(out.end(), {0x36, 2}); break;
    case ValType::I64: out.insert(out.end(), {0x37, 3}); break;
    case ValType::F32: out.insert(out.end(), {0x38, 2}); break;
    case ValType::F64: out.insert(out.end(), {0x39, 3}); break;
    default: out.insert(out.end(), {0xfd, 0x0b, 4}); break;
  }
  out.push_back(0);
}

void putBody(Bytes& out, const Bytes& code) {
  putU32(out, code.size());
  out.insert(out.end(), code.begin(), code.end());
}

Bytes observerOf(const std::vector<Observed>& globals) {
  Bytes out = {0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00};
  putSection(out, 1, {2, 0x60, 4, 0x7f, 0x7e, 0x7d, 0x7c, 3, 0x7e, 0x7c, 0x7f, 0x60, 0, 0});
  Bytes imports;
  putU32(imports, 1 + globals.size());
  putName(imports, "main");
  putName(imports, "compute");
  imports.insert(imports.end(), {0, 0});
  for (const Observed& g : globals) {
    putName(imports, "main");
    putName(imports, g.name);
    imports.insert(imports.end(), {3, static_cast<u8>(g.type.kind()), g.isMutable});
  }
  putSection(out, 2, imports);
  putSection(out, 3, {2, 1, 1});
  putSection(out, 5, {1, 0, 1});
  Bytes exports = {3};
  putName(exports, "out");
  exports.insert(exports.end(), {2, 0});
  putName(exports, "compute");
  exports.insert(exports.end(), {0, 1});
  putName(exports, "globals");
  exports.insert(exports.end(), {0, 2});
  putSection(out, 7, exports);
  Bytes compute = {3, 1, 0x7e, 1, 0x7c, 1, 0x7f, 0x41, 0x79, 0x42};
  putI64(compute, i64{1} << 40);
  auto raw = [&](u64 bits, u32 bytes) {
    for (u32 i = 0; i < bytes; ++i) compute.push_back(static_cast<u8>(bits >> (8 * i)));
  };
  compute.push_back(0x43);
  raw(__builtin_bit_cast(u32, 1.5f), 4);
  compute.push_back(0x44);
  raw(__builtin_bit_cast(u64, -2.25e10), 8);
  compute.insert(compute.end(), {0x10, 0, 0x21, 2, 0x21, 1, 0x21, 0});
  compute.insert(compute.end(), {0x41, 0, 0x20, 0, 0x37, 3, 0, 0x41, 8, 0x20, 1, 0x39, 3, 0});
  compute.insert(compute.end(), {0x41, 16, 0x20, 2, 0x36, 2, 0, 0x0b});
  Bytes store = {0};
  for (u32 i = 0; i < globals.size(); ++i) {
    store.push_back(0x41);
    putI64(store, kGlobalsAt + i * kGlobalBytes);
    store.push_back(0x23);
    putU32(store, i);
    putStore(store, globals[i].type);
  }
  store.push_back(0x0b);
  Bytes code = {2};
  putBody(code, compute);
  putBody(code, store);
  putSection(out, 10, code);
  return out;
}

// --- one run -----------------------------------------------------------------------------------

// The kinds that two engines can be expected to agree on: the names are compare.mjs's too.
const char* kindOf(Trap trap) {
  switch (trap) {
    case Trap::StackOverflow: return "stack";
    case Trap::MemoryOutOfBounds: return "memory";
    case Trap::UnalignedAtomic: return "unaligned";
    case Trap::TableOutOfBounds:
    case Trap::UndefinedElement: return "table";
    case Trap::UninitializedElement:
    case Trap::IndirectCallMismatch: return "signature";
    case Trap::IntegerOverflow: return "overflow";
    case Trap::DivideByZero: return "zero";
    case Trap::InvalidConversion: return "conversion";
    case Trap::Unreachable: return "unreachable";
    case Trap::NullReference:
    case Trap::NullFunctionRef:
    case Trap::NullStructRef:
    case Trap::NullArrayRef:
    case Trap::NullI31Ref:
    case Trap::NullExceptionRef: return "null";
    case Trap::CastFailure: return "cast";
    case Trap::ArrayOutOfBounds: return "array";
    case Trap::AllocationTooLarge: return "size";
    case Trap::ExpectedShared: return "shared";
    case Trap::UncaughtException: return "exception";
    default: return trapText(trap);
  }
}

struct MemoryState {
  std::string name;
  u64 size = 0;
  u32 hash = 0;
  friend bool operator==(const MemoryState&, const MemoryState&) = default;
};

struct Outcome {
  std::string problem;  // refused, and why
  std::string compute, run;
  std::string values;  // the observer's memory, as hexadecimal digits
  std::vector<MemoryState> memories;
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

// Easily the same in JavaScript.
u32 hashWords(u32 hash, const u8* data, size_t size) {
  for (size_t i = 0; i + 4 <= size; i += 4) {
    u32 word;
    std::memcpy(&word, data + i, 4);
    hash = (hash ^ word) * 0x9e3779b1u;
    hash ^= hash >> 15;
  }
  return hash;
}

std::string endOf(const embed::Failure& failure) {
  if (failure.kind == embed::Failure::Kind::Trap) return kindOf(failure.trap);
  return failure.text("");
}

const char* gDump = nullptr;  // prefix of the files written

void writeFile(const std::string& suffix, std::span<const u8> bytes) {
  std::FILE* file = std::fopen((gDump + suffix).c_str(), "wb");
  if (file == nullptr || std::fwrite(bytes.data(), 1, bytes.size(), file) != bytes.size()) {
    std::exit(1);
  }
  std::fclose(file);
}

void observe(const embed::Instance& main, const embed::Instance& observer, u32 globals,
             Outcome& out) {
  for (const char* name : {"memory", "memory1", "memory2", "memory3"}) {
    auto memory = main.memory(name);
    if (!memory.ok()) break;
    MemoryState state{name, memory.value().sizeBytes(), 0};
    std::array<u8, 4096> part;
    for (u64 at = 0; at < state.size; at += part.size()) {
      if (memory.value().read(at, part)) state.hash = hashWords(state.hash, part.data(), 4096);
    }
    if (gDump != nullptr) {
      Bytes all(state.size);
      if (memory.value().read(0, all)) writeFile("-" + state.name + ".bless", all);
    }
    out.memories.push_back(state);
  }
  Bytes values(kGlobalsAt + globals * kGlobalBytes);
  auto memory = observer.memory("out");
  if (!memory.ok() || !memory.value().read(0, values)) return;
  for (u8 byte : values) {
    out.values += "0123456789abcdef"[byte >> 4];
    out.values += "0123456789abcdef"[byte & 15];
  }
}

std::string callOf(const embed::Instance& instance, const char* name) {
  auto function = instance.typed<void()>(name);
  if (!function.ok()) return function.failure().text("");
  auto done = function.value()();
  return done.ok() ? "ok" : endOf(done.failure());
}

Outcome runIn(u32 configuration, std::span<const Bytes> modules, u32 globals) {
  Outcome out;
  const embed::Engine& engine = engineOf(configuration);
  embed::Store store(engine);
  if (kConfigurations[configuration].metered) (void)store.setFuel(u64{1} << 40);
  embed::Linker linker(store);
  linker.function("env", "mark", [](host::Caller&, i32) {});
  linker.function("env", "mix", [](host::Caller&, i64 a, f64 b) {
    return static_cast<i64>(static_cast<u64>(a) * 31 ^ std::bit_cast<u64>(b));
  });
  std::array<embed::Instance, 3> instances;
  constexpr const char* kNames[] = {"lib", "main", "observer"};
  for (u32 i = 0; i < 3; ++i) {
    auto module = embed::Module::compile(engine, modules[i]);
    if (!module.ok()) {
      out.problem = std::string(kNames[i]) + ": " + module.failure().text("");
      return out;
    }
    auto instance = linker.instantiate(module.value());
    if (!instance.ok()) {
      out.problem = std::string(kNames[i]) + ": " + endOf(instance.failure());
      return out;
    }
    instances[i] = instance.value();
    (void)linker.instance(kNames[i], instances[i]);
  }
  out.compute = callOf(instances[2], "compute");
  out.run = callOf(instances[1], "run");
  if (callOf(instances[2], "globals") != "ok") out.problem = "the observer failed";
  observe(instances[1], instances[2], globals, out);
  return out;
}

// --- the stream --------------------------------------------------------------------------------

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c < ' ' ? ' ' : c;
  }
  return out + '"';
}

std::string jsonOf(const Outcome& o) {
  std::string out = "{\"problem\":" + quoted(o.problem) + ",\"compute\":" + quoted(o.compute) +
                    ",\"run\":" + quoted(o.run) + ",\"values\":" + quoted(o.values) +
                    ",\"memories\":[";
  for (const MemoryState& m : o.memories) {
    out += (out.back() == '[' ? "[" : ",[") + quoted(m.name) + "," + std::to_string(m.size) + "," +
           std::to_string(m.hash) + "]";
  }
  return out + "]}";
}

void put(const void* data, size_t size) {
  if (std::fwrite(data, 1, size, stdout) != size) std::exit(1);
}

void writeProgram(u64 seed) {
  const Bytes entropy = entropyOf(seed);
  Entropy source(entropy);
  RandomProgram program = randomProgram(source, weights());
  std::vector<Observed> globals;
  std::string problem;
  auto main = embed::Module::compile(engineOf(0), program.main);
  if (main.ok()) globals = globalsOf(main.value().declarations());
  const Bytes modules[] = {program.library, program.main, observerOf(globals)};
  const u32 pair = static_cast<u32>(seed % kPairs) * 2;
  const u32 count = static_cast<u32>(globals.size());
  Outcome first = runIn(pair, modules, count), second = runIn(pair + 1, modules, count);
  if (!(first == second)) {
    first.problem = std::string(kConfigurations[pair].name) + ": " + jsonOf(first) + " | " +
                    kConfigurations[pair + 1].name + ": " + jsonOf(second);
  }
  std::string header = "{\"seed\":" + std::to_string(seed) + ",\"sizes\":[";
  for (const Bytes& m : modules) {
    header += (header.back() == '[' ? "" : ",") + std::to_string(m.size());
  }
  header += "],\"expected\":" + jsonOf(first) + "}";
  const u32 length = static_cast<u32>(header.size());
  put(&length, 4);
  put(header.data(), length);
  constexpr const char* kNames[] = {"lib", "main", "observer"};
  for (u32 i = 0; i < 3; ++i) {
    put(modules[i].data(), modules[i].size());
    if (gDump != nullptr) writeFile(std::string("-") + kNames[i] + ".wasm", modules[i]);
  }
}

}  // namespace

int main(int argc, char** argv) {
  u64 seed = 1, count = 1000;
  for (int i = 1; i + 1 < argc; i += 2) {
    const char* value = argv[i + 1];
    if (std::strcmp(argv[i], "--seed") == 0) {
      seed = std::strtoull(value, nullptr, 0);
    } else if (std::strcmp(argv[i], "--count") == 0) {
      count = std::strtoull(value, nullptr, 0);
    } else if (std::strcmp(argv[i], "--dump") == 0) {
      gDump = value;
    } else {
      std::fprintf(stderr, "v8_programs: unknown option %s\n", argv[i]);
      return 2;
    }
  }
  for (u64 i = 0; i < count; ++i) writeProgram(seed + i);
  return std::fflush(stdout) == 0 ? 0 : 1;
}
