// The load pipeline and the files it reads.
#include "runtime/load.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "engine/base/byte_reader.h"
#include "engine/base/platform.h"
#include "engine/decode/module_decoder.h"
#include "engine/validate/module_validator.h"

namespace bls::embed {
namespace {

constexpr u64 kParallelAboveBytes = u64{1} << 20;

Executor* executorFor(EngineState& engine, u64 moduleBytes) {
  if (moduleBytes <= kParallelAboveBytes || engine.config.threads == 1) return nullptr;
  SpinGuard held(&engine.poolLock);
  if (engine.pool == nullptr) engine.pool = std::make_unique<ThreadPool>(engine.config.threads);
  return engine.pool.get();
}

Executor* compileExecutor(EngineState& engine) {
  if (engine.config.compileThreads == 1) return nullptr;
  SpinGuard held(&engine.poolLock);
  if (engine.compilePool == nullptr)
    engine.compilePool = std::make_unique<ThreadPool>(engine.config.compileThreads);
  return engine.compilePool.get();
}

// The component model's binary format has a layer number where modules have none, its text another
// keyword.
bool isComponent(std::span<const u8> bytes) {
  constexpr u8 kLayer[] = {0, 'a', 's', 'm', 0x0d, 0, 1, 0};
  if (bytes.size() >= sizeof kLayer && std::memcmp(bytes.data(), kLayer, sizeof kLayer) == 0)
    return true;
  if (!text::looksLikeText(bytes)) return false;
  std::string_view start(reinterpret_cast<const char*>(bytes.data()),
                         std::min<size_t>(bytes.size(), 4096));
  while (true) {
    const size_t at = start.find_first_not_of(" \t\r\n");
    if (at == std::string_view::npos) return false;
    start.remove_prefix(at);
    if (!start.starts_with(";;")) break;
    start.remove_prefix(std::min(start.find('\n'), start.size()));
  }
  if (!start.starts_with('(')) return false;
  start.remove_prefix(std::min(start.find_first_not_of(" \t\r\n", 1), start.size()));
  constexpr std::string_view kWord = "component";
  return start.starts_with(kWord) && start.size() > kWord.size() &&
         std::string_view(" \t\r\n()$;").find(start[kWord.size()]) != std::string_view::npos;
}

}  // namespace

CodeOptions EngineState::codeOptions() const {
  CodeOptions options;
  options.metered = config.metered;
  options.guardMemory = guardedCode;
  options.deterministic = config.deterministic;
  options.savedFuel = config.fuelAtTraps == FuelAtTraps::Compat;
  options.spillStress = config.spillStress;
  options.switchTiers = config.switchTiers;
  options.mixStress = config.mixStress;
  if (config.compileOnly.has_value()) options.compileOnly = &*config.compileOnly;
  options.fuelSchedule = static_cast<u8>(config.fuelSchedule);
  if (config.tier == embed::TierMode::Auto) {
    options.compileAtCall = config.compileAtCall;
    options.compileAtLoop = config.compileAtLoop;
  }
  return options;
}

Status loadModule(const std::shared_ptr<EngineState>& engine, ModuleBytes bytes, Diagnostics& diag,
                  std::shared_ptr<LoadedModule>* out) {
  auto loaded = std::make_shared<LoadedModule>();
  loaded->engine = engine;
  u64 size = bytes.span().size();
  if (size > engine->config.maxModuleBytes) {
    return diag.fail(ErrorClass::Limit, "module bytes " + std::to_string(size) + " > " +
                                            std::to_string(engine->config.maxModuleBytes));
  }
  u64 start = platform::monotonicNs();
  ModuleBytes source;
  text::TextOptions fromText;
  fromText.features = engine->config.features;
  TRY(textToBinary(&bytes, fromText, diag, &source));
  TRY(decodeModule(std::move(bytes), engine->config.features, diag, &loaded->module));
  u64 decoded = platform::monotonicNs();
  ValidateOptions options;
  options.executor = executorFor(*engine, size);
  Status valid = validateModule(*loaded->module, options, &loaded->meta, diag);
  if (!valid.ok()) return placeInText(source, *loaded->module, diag);
  u64 validated = platform::monotonicNs();
  loaded->code = engine->tier->prepare(*loaded->module, loaded->meta, engine->codeOptions());
  if (engine->config.compile == CompileMode::Eager) {
    loaded->code->compileAll(compileExecutor(*engine));
  }
  loaded->times.decodeNs = decoded - start;
  loaded->times.validateNs = validated - decoded;
  *out = std::move(loaded);
  return {};
}

namespace {

std::string_view textOf(const ModuleBytes& bytes) {
  return {reinterpret_cast<const char*>(bytes.span().data()), bytes.span().size()};
}

}  // namespace

namespace {

// Where in the entries of which section a byte of the file is; false outside of entries.
bool entryAt(const bls::Module& m, u64 offset, u8* section, u64* entryOffset) {
  constexpr u8 kStart = 8, kDataCount = 12;
  for (const SectionInfo& info : m.sections) {
    if (info.id == 0 || offset < info.offset || offset >= u64{info.offset} + info.size) continue;
    Diagnostics unused;
    ByteReader in(m.bytes.span().subspan(info.offset, info.size), info.offset, &unused);
    u32 count = 0;
    const bool bare = info.id == kStart || info.id == kDataCount;
    if (!bare && !in.lebU32(&count).ok()) return false;
    if (offset < in.offset()) return false;
    *section = info.id;
    *entryOffset = offset - in.offset();
    return true;
  }
  return false;
}

void placeField(const ModuleBytes& source, const bls::Module& m, Error* error) {
  u8 section = 0;
  u64 entryOffset = 0;
  text::TextOptions options;
  options.features = m.features;
  text::Position at;
  if (!entryAt(m, error->offset, &section, &entryOffset) ||
      !text::locateField(textOf(source), options, section, entryOffset, &at)) {
    return;
  }
  error->line = at.line;
  error->column = at.column;
  error->offset = kNoOffset;
}

}  // namespace

Status placeInText(const ModuleBytes& source, const bls::Module& m, Diagnostics& diag) {
  Error* error = diag.mutableFirst();
  bool inBody = error->func != kNoFunc && error->func >= m.importedFuncs &&
                error->func < m.funcs.size() && error->offset != kNoOffset;
  if (!source.span().empty() && inBody) {
    u32 body = m.funcs[FuncIndex{error->func}].bodyOffset;
    text::TextOptions options;
    options.features = m.features;
    text::Position at;
    bool behind = error->offset >= body;
    if (behind && text::locateInstruction(textOf(source), options, error->func,
                                          static_cast<u32>(error->offset - body), &at)) {
      error->line = at.line;
      error->column = at.column;
      error->offset = kNoOffset;
      error->section = nullptr;
    }
  } else if (!source.span().empty() && error->offset != kNoOffset && error->line == 0) {
    placeField(source, m, error);
  }
  return Status(error);
}

Status textToBinary(ModuleBytes* bytes, const text::TextOptions& options, Diagnostics& diag,
                    ModuleBytes* source) {
  if (isComponent(bytes->span())) {
    return diag.fail(ErrorClass::Unsupported,
                     "this is a component (WASI 0.2); only core modules are run, so build it for "
                     "WASI preview 1 (wasm32-wasip1)");
  }
  if (!text::looksLikeText(bytes->span())) return {};
  auto binary = std::make_unique<std::vector<u8>>();
  TRY(text::parseText(textOf(*bytes), options, diag, binary.get()));
  *source = std::move(*bytes);
  auto freeVector = [](void* context, const u8*, size_t) {
    delete static_cast<std::vector<u8>*>(context);
  };
  std::vector<u8>* kept = binary.release();
  *bytes = ModuleBytes(kept->data(), kept->size(), freeVector, kept);
  return {};
}

Status readModuleFile(const char* path, u64 maxBytes, Diagnostics& diag, ModuleBytes* out) {
  platform::FileBytes file;
  int error = platform::readFile(path, maxBytes, &file);
  if (error == EFBIG)
    return diag.fail(ErrorClass::Limit, "module bytes > " + std::to_string(maxBytes));
  if (error != 0)
    return diag.fail(ErrorClass::Io,
                     std::string("cannot read the module: ") + std::strerror(error));
  auto* kept = new platform::FileBytes(file);
  *out = ModuleBytes(
      file.data, file.size,
      [](void* context, const u8*, size_t) {
        auto* owned = static_cast<platform::FileBytes*>(context);
        platform::freeFile(owned);
        delete owned;
      },
      kept);
  return {};
}

}  // namespace bls::embed
