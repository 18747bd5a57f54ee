// Options of `bls run` and `bls-runtime` → RunRequest.
#include "runtime/run_request.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <span>

#include "engine/base/platform.h"
#include "runtime/config_file.h"
#include "runtime/confined_file.h"
#include "runtime/dotenv.h"
#include "runtime/shown.h"
#include "runtime/tuning.h"
#include "wasi/path_check.h"

namespace bls::cli {
namespace {

constexpr u64 kPageBytes = 65536;
constexpr u64 kMaxDotenvBytes = 16 << 20;

std::string fileNameOf(const std::string& path) {
  size_t slash = path.find_last_of('/');
  return slash == std::string::npos ? path : path.substr(slash + 1);
}

std::string lowered(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

// Text up to the first `::`, and what is behind it up to the next one.
std::pair<std::string, std::string> splitPair(const char* text) {
  std::string whole(text);
  size_t colons = whole.find("::");
  if (colons == std::string::npos) return {whole, {}};
  std::string second = whole.substr(colons + 2);
  return {whole.substr(0, colons), second.substr(0, second.find("::"))};
}

class Builder {
 public:
  Builder(const ParsedOptions& options, OptionPlace place, RunRequest* out, std::string* why,
          const ConfigFile* config)
      : o_(options), place_(place), out_(out), why_(why), config_(config) {}

  bool run() {
    out_->compatible = place_ == OptionPlace::Runtime;
    return program() && engine() && limits() && directories() && environment() && streams() &&
           readPermissionOptions(o_, place_, &out_->permissions, why_);
  }

 private:
  bool fail(std::string text) {
    *why_ = std::move(text);
    return false;
  }

  bool program() {
    if (o_.positionals.empty()) return fail("no module given; example: bls run hello.wasm");
    if (!modules()) return false;
    out_->args.assign(o_.positionals.begin() + 1, o_.positionals.end());
    out_->args.insert(out_->args.end(), o_.rest.begin(), o_.rest.end());
    out_->invoke = o_.has(OptionId::Invoke);
    if (out_->invoke && o_.has(OptionId::Entry))
      return fail("--invoke and --entry exclude each other; give one");
    out_->entry = out_->invoke ? o_.text(OptionId::Invoke) : entryName();
    out_->unknownImportsTrap = o_.has(OptionId::UnknownImportsTrap);
    out_->stats = o_.has(OptionId::Stats);
    out_->profile = profileOf(o_.text(OptionId::Profile));
    out_->statsJson = out_->stats && o_[OptionId::Stats].text != nullptr;
    out_->statsDigest = out_->statsJson && o_[OptionId::Stats].text == std::string_view("digest");
    out_->wasi.args.push_back(fileNameOf(out_->file));
    if (!out_->invoke)
      out_->wasi.args.insert(out_->wasi.args.end(), out_->args.begin(), out_->args.end());
    out_->sandbox = !o_.has(OptionId::NoSandbox);
    out_->listedVariables = listedVariables(std::getenv("BLS_LIST_VARS"));
    logging();
    if (!extensionSettings(o_, config_, &out_->extensions, why_)) return false;
    if (o_.has(OptionId::Trace) && !parseTrace(o_.text(OptionId::Trace), &out_->hostLog))
      return fail("--trace " + shown(o_.text(OptionId::Trace)) +
                  " must be host or host:FILE; example: --trace=host");
    if (o_.has(OptionId::Counters)) {
      out_->hostLog.counters = o_.text(OptionId::Counters);
      if (out_->hostLog.counters.empty())
        return fail("--counters needs a file; example: --counters=run.prom");
    }
    return true;
  }

  // The module that runs and those it is linked with. --module replaces a configuration's libraries
  // and makes it version 1.
  bool modules() {
    const std::vector<const char*> named = o_.list(OptionId::ModuleOption);
    out_->fromConfig = config_ != nullptr;
    out_->linked = !named.empty() || (config_ != nullptr && config_->version == 1);
    if (config_ == nullptr) {
      out_->file = o_.positionals[0];
    } else if (config_->version == 0) {
      out_->file = config_->entry;
    }
    for (const ConfigModule& m :
         config_ != nullptr ? config_->modules : std::vector<ConfigModule>()) {
      if (out_->linked && m.entry) out_->file = m.file;  // the last one wins
      if (named.empty() || m.entry)
        out_->modules.push_back({m.file, m.name, m.md5, m.sha256, m.entry, true});
    }
    for (const char* text : named) {
      const char* equals = std::strchr(text, '=');
      if (equals == nullptr || equals == text || equals[1] == 0) {
        return fail("--module " + shown(text) +
                    " must be of the form NAME=PATH; example: --module lib=lib.wasm");
      }
      ProgramFile library;
      library.file = equals + 1;
      library.name.assign(text, static_cast<size_t>(equals - text));
      out_->modules.push_back(std::move(library));
    }
    return true;
  }

  // Of version 1 the configuration's `entry`, except that --module makes it _start again.
  const char* entryName() {
    const bool fromFile = config_ != nullptr && config_->version == 1 &&
                          !o_.has(OptionId::ModuleOption) && !config_->entry.empty();
    if (o_.has(OptionId::Entry) && o_.text(OptionId::Entry)[0] != 0)
      return o_.text(OptionId::Entry);
    out_->entryIsDefault = !fromFile;
    return fromFile ? config_->entry.c_str() : optionInfo(OptionId::Entry).standard;
  }

  void logging() {
    if (!out_->compatible) return;
    if (config_ != nullptr) {
      // A configuration names both or logs to standard error; an option names a file by itself.
      const bool both = o_.has(OptionId::FsRootPath) && o_.has(OptionId::RuntimeLogger);
      const bool named = config_->find(OptionId::RuntimeLogger) == nullptr;
      out_->logToStderr = !both && !(named && o_.has(OptionId::RuntimeLogger));
    } else {
      out_->logFile = logNameFor(out_->file);
    }
    if (o_.has(OptionId::RuntimeLogger) && !out_->logToStderr) {
      std::string name = o_.text(OptionId::RuntimeLogger);
      // The first client names a root that it has not made; the log then goes where the run is.
      const char* root = o_.text(OptionId::FsRootPath);
      if (root[0] != 0 && directoryExists(root)) out_->logRoot = root;
      out_->logFile = name;
    }
    out_->hasLogLevel = o_.has(OptionId::RuntimeLoggerLevel);
    if (out_->hasLogLevel &&
        !parseLogLevel(o_.text(OptionId::RuntimeLoggerLevel), &out_->logLevel)) {
      out_->logLevel = LogLevel::Info;  // as the reference runtime takes any other word
    }
  }

  bool engine() {
    embed::EngineConfig& config = out_->engine;
    if (o_.has(OptionId::Features) &&
        !parseFeatures(o_.text(OptionId::Features), &config.features, why_))
      return false;
    if (!engineChoices(o_, &config, why_)) return false;
    Tuning tuning;
    for (const char* pairs : o_.list(OptionId::Optimize)) {
      if (!parseTuning(pairs, &tuning, why_)) return false;
    }
    if (tuning.checkedMemory && !o_.has(OptionId::MemoryMode))
      config.memory = embed::MemoryMode::Checked;
    if (out_->profile != Profile::None && config.tier == embed::TierMode::Interp)
      return fail("--profile is for compiled code; add --tier=baseline");
    if (config.compile == embed::CompileMode::Eager && config.tier == embed::TierMode::Interp)
      return fail("--compile=eager needs a compiler; add --tier=baseline");
    std::string_view schedule = o_.text(OptionId::FuelSchedule);
    config.fuelSchedule =
        schedule == "wt-next" ? embed::FuelSchedule::WtNext : embed::FuelSchedule::Wt31;
    config.fuelAtTraps = o_.text(OptionId::FuelAtTraps) == std::string_view("compat")
                             ? embed::FuelAtTraps::Compat
                             : embed::FuelAtTraps::Exact;
    config.deterministic = o_.has(OptionId::Deterministic);
    config.threads = static_cast<u32>(o_.number(OptionId::Threads, 0));
    out_->hasFuel = o_.has(OptionId::LimitedFuel);
    out_->fuel = o_.number(OptionId::LimitedFuel, 0);
    out_->runTimeMs = o_.number(OptionId::RunTime, 0);
    out_->threads = o_.has(OptionId::FeatureThread);
    out_->maxThreads = static_cast<u32>(o_.number(OptionId::MaxThreads, 64));
    if (o_.has(OptionId::MaxThreads) && !out_->threads)
      return fail("--max-threads needs --feature-thread");
    // What has a limit, or another thread, must be able to end a loop.
    config.metered = out_->hasFuel || out_->runTimeMs != 0 || out_->threads;
    out_->wasi.deterministic = config.deterministic;
    out_->wasi.randomSeed = o_.number(OptionId::Seed, 0);
    if (o_.has(OptionId::Seed) && !config.deterministic)
      return fail("--seed needs --deterministic");
    return true;
  }

  bool limits() {
    StoreLimits& limits = out_->limits;
    limits.memoryBytesEach = o_.number(OptionId::MaxMemorySize, ~u64{0});
    u64 pages = o_.number(OptionId::LimitedMemory, ~u64{0});
    if (pages <= ~u64{0} / kPageBytes)
      limits.memoryBytesEach = std::min(limits.memoryBytesEach, pages * kPageBytes);
    limits.memoryBytesTotal = o_.number(OptionId::TotalMemory, ~u64{0});
    limits.slotStackBytes = o_.number(OptionId::StackSize, limits.slotStackBytes);
    limits.tableElements = o_.number(OptionId::MaxTableElements, limits.tableElements);
    limits.instances = o_.number(OptionId::MaxInstances, limits.instances);
    wasi::ContextLimits& guest = out_->wasi.limits;
    guest.descriptors = static_cast<u32>(o_.number(OptionId::MaxOpenFiles, guest.descriptors));
    guest.outputBytes = o_.number(OptionId::MaxOutput, guest.outputBytes);
    if (out_->engine.tier != embed::TierMode::Interp &&
        limits.slotStackBytes > embed::kMaxBaselineStackBytes) {
      return fail("--stack-size is at most " + std::to_string(embed::kMaxBaselineStackBytes) +
                  " with compiled code, which also uses the thread's own stack; or --tier=interp");
    }
    return true;
  }

  bool directories() {
    for (const auto& [id, text] : o_.lists) {
      if (id != OptionId::Dir && id != OptionId::DirReadOnly) continue;
      auto [host, guest] = splitPair(text);
      if (host.empty())
        return fail(std::string("--dir needs a host directory, not ") + shown(text));
      out_->wasi.preopens.push_back(
          {host, guest.empty() ? host : guest, true, id == OptionId::Dir});
    }
    if (config_ != nullptr && !o_.has(OptionId::Dir) && !o_.has(OptionId::DirReadOnly)) {
      for (const ConfigDirectory& directory : config_->directories)
        out_->wasi.preopens.push_back({directory.host, directory.guest, true, true});
    }
    if (o_.has(OptionId::FsRootPath)) {
      // A root that does not exist is carried on without: the first client names one that it has
      // not made.
      std::string root = o_.text(OptionId::FsRootPath);
      if (directoryExists(root.c_str())) out_->wasi.preopens.push_back({root, "/", true, true});
    }
    for (const char* listener : o_.list(OptionId::TcpListen))
      out_->listeners.emplace_back(listener);
    return true;
  }

  bool environment() {
    Environment& env = out_->wasi.env;
    if (o_.has(OptionId::EnvFile)) {
      platform::FileBytes file;
      if (platform::readFile(o_.text(OptionId::EnvFile), kMaxDotenvBytes, &file) == 0) {
        env = parseDotenv({reinterpret_cast<const char*>(file.data), file.size},
                          [](const char* name) -> const char* { return std::getenv(name); });
        platform::freeFile(&file);
      }
    }
    for (const char* text : o_.list(OptionId::Env)) {
      const char* equals = std::strchr(text, '=');
      if (equals == nullptr || equals == text) {
        return fail("--env " + shown(text) +
                    " must be of the form `key=value`; example: --env LANG=C");
      }
      setVariable(&env, {text, static_cast<size_t>(equals - text)}, equals + 1);
    }
    sortEnvironment(&env);
    return true;
  }

  wasi::Stdio output(OptionId id) {
    std::string_view text = o_.text(id);
    if (text == "null") return wasi::Stdio::null();
    if (text == "inherit" || text.empty()) return wasi::Stdio::inherit();
    // Below the root only; without a root, or when it cannot be opened, the stream is inherited as
    // if not given.
    int fd = o_.has(OptionId::FsRootPath)
                 ? openConfinedAppend(o_.text(OptionId::FsRootPath), std::string(text).c_str())
                 : -1;
    return fd < 0 ? wasi::Stdio::inherit() : wasi::Stdio::fromFd(fd);
  }

  bool streams() {
    out_->wasi.out = output(OptionId::Stdout);
    out_->wasi.err = output(OptionId::Stderr);
    // A configuration without `stdin` means an empty input; its text may hold zero bytes.
    if (o_.has(OptionId::Stdin) || config_ != nullptr) {
      const ConfigSetting* inFile = config_ != nullptr ? config_->find(OptionId::Stdin) : nullptr;
      const char* given = o_.text(OptionId::Stdin);
      const bool sameText = inFile != nullptr && given == inFile->text.c_str();
      const std::string text = sameText ? inFile->text : given;
      if (text != "inherit" && out_->compatible) {
        fixInput(text, out_);
      } else if (text != "inherit") {
        out_->wasi.in = wasi::Stdio::fromBytes(text);
        out_->input = std::make_shared<host::ProcessInput>(-1, text, nullptr, 0);
      }
    }
    out_->wasi.rawTerminal = std::strcmp(o_.text(OptionId::Tty), "raw") == 0;
    return true;
  }

  const ParsedOptions& o_;
  OptionPlace place_;
  RunRequest* out_;
  std::string* why_;
  const ConfigFile* config_;
};

}  // namespace

namespace {

/// FIRST-LAST or a single index, commas between; or `none`.
bool parseRanges(std::string_view text, std::vector<std::pair<u32, u32>>* out) {
  if (text == "none") return true;
  for (size_t at = 0; at <= text.size();) {
    const std::string word(text.substr(at, text.find(',', at) - at));
    at += word.size() + 1;
    const size_t dash = word.find('-');
    u64 first = 0;
    u64 last = 0;
    if (!parseU64(word.substr(0, dash).c_str(), &first)) return false;
    if (dash == std::string::npos) {
      last = first;
    } else if (!parseU64(word.c_str() + dash + 1, &last)) {
      return false;
    }
    if (last > ~u32{0} || first > last) return false;
    out->emplace_back(static_cast<u32>(first), static_cast<u32>(last));
  }
  return true;
}

}  // namespace

bool makeRunRequest(const ParsedOptions& options, OptionPlace place, RunRequest* out,
                    std::string* why, const ConfigFile* config) {
  return Builder(options, place, out, why, config).run();
}

bool extensionSettings(const ParsedOptions& options, const ConfigFile* config,
                       extensions::Settings* out, std::string* why) {
  if (options.has(OptionId::DriversRootPath))
    out->driversRoot = options.text(OptionId::DriversRootPath);
  out->certificates = options.text(OptionId::CaFile);
  out->resolverStub = options.text(OptionId::HostsFile);
  out->ipfsApi = options.text(OptionId::IpfsApi);
  out->childrenGetEnvironment = options.has(OptionId::CgiInheritEnv);
  for (const char* variable : options.list(OptionId::CgiEnv)) {
    if (variable[0] == 0 || variable[0] == '=') {
      *why = "--cgi-env " + shown(variable) +
             " must be of the form NAME or NAME=VALUE; example: --cgi-env LANG=C";
      return false;
    }
    out->childVariables.emplace_back(variable);
  }
  out->childrenConfined = options.text(OptionId::CgiProfile) == std::string_view("confined");
  out->verifyMs = options.number(OptionId::CgiVerifyTime, out->verifyMs);
  out->modelsMayRun = options.has(OptionId::AllowRunModel) || options.has(OptionId::AllowAll);
  if (const char* home = std::getenv("HOME"); home != nullptr && home[0] != 0)
    out->modelFolder = std::string(home) + "/.blessnet/models";
  if (options.has(OptionId::ModelFolder)) out->modelFolder = options.text(OptionId::ModelFolder);
  if (options.has(OptionId::ModelSource)) out->modelSource = options.text(OptionId::ModelSource);
  if (options.has(OptionId::CgiLimits) &&
      !parseChildLimits(options.text(OptionId::CgiLimits), &out->childLimits, why))
    return false;
  if (options.has(OptionId::HttpLimits) &&
      !parseHttpLimits(options.text(OptionId::HttpLimits), &out->httpLimits, why))
    return false;
  if (config == nullptr) return true;
  for (const ConfigDriver& driver : config->drivers)
    out->drivers.push_back({lowered(driver.schema), driver.path, lowered(driver.sha256)});
  return true;
}

void fixInput(std::string text, RunRequest* request) {
  request->input = std::make_shared<host::ProcessInput>(0, std::move(text), &wasi::isUtf8);
  request->wasi.in = wasi::Stdio::fromInput(request->input);
}

std::vector<std::pair<std::string, std::string>> listedVariables(const char* names) {
  std::vector<std::pair<std::string, std::string>> out;
  std::string_view left = names == nullptr ? "" : names;
  while (!left.empty()) {
    const std::string name(left.substr(0, left.find(';')));
    left.remove_prefix(std::min(name.size() + 1, left.size()));
    const char* value = name.empty() ? nullptr : std::getenv(name.c_str());
    if (!name.empty()) out.emplace_back(name, value != nullptr ? value : "");
  }
  return out;
}

namespace {

// KEY=N,...; what does not parse is what `*bad` then is.
bool parseLimits(std::string_view list, std::span<const std::pair<std::string_view, u64*>> keys,
                 std::string* bad) {
  while (!list.empty()) {
    const std::string word(list.substr(0, list.find(',')));
    list.remove_prefix(std::min(word.size() + 1, list.size()));
    const size_t equals = word.find('=');
    u64* to = nullptr;
    for (const auto& [key, place] : keys) {
      if (word.substr(0, equals) == key) to = place;
    }
    if (to == nullptr || equals == std::string::npos || !parseU64(word.c_str() + equals + 1, to)) {
      *bad = word;
      return false;
    }
  }
  return true;
}

}  // namespace

bool parseChildLimits(std::string_view list, extensions::ChildLimits* out, std::string* why) {
  const std::pair<std::string_view, u64*> keys[] = {{"cpu", &out->cpuSeconds},
                                                    {"memory", &out->memoryBytes},
                                                    {"files", &out->files},
                                                    {"processes", &out->processes},
                                                    {"file-size", &out->fileBytes}};
  std::string bad;
  if (parseLimits(list, keys, &bad)) return true;
  *why = "--cgi-limits: " + shown(bad.c_str()) +
         " is not cpu, memory, files, processes or file-size with a number; example: "
         "--cgi-limits memory=1073741824,cpu=60";
  return false;
}

bool parseHttpLimits(std::string_view list, extensions::HttpLimits* out, std::string* why) {
  const std::pair<std::string_view, u64*> keys[] = {{"request", &out->requestBytes},
                                                    {"response", &out->responseBytes}};
  std::string bad;
  if (parseLimits(list, keys, &bad)) return true;
  *why = "--http-limits: " + shown(bad.c_str()) +
         " is not request or response with a number of bytes; example: "
         "--http-limits response=10485760,request=65536";
  return false;
}

bool splitListener(const std::string& text, std::string* address, i32* fd) {
  // The colons inside brackets belong to the address.
  const size_t bracket = text.starts_with("[") ? text.find(']') : std::string::npos;
  const size_t colons = text.find("::", bracket == std::string::npos ? 0 : bracket);
  *address = text.substr(0, colons);
  *fd = -1;
  if (colons == std::string::npos) return true;
  u64 number = 0;
  if (!parseU64(text.c_str() + colons + 2, &number) || number > 1u << 20) return false;
  *fd = static_cast<i32>(number);
  return true;
}

bool engineChoices(const ParsedOptions& options, embed::EngineConfig* out, std::string* why) {
  std::string_view memory = options.text(OptionId::MemoryMode);
  out->memory = memory == "guard"     ? embed::MemoryMode::Guard
                : memory == "checked" ? embed::MemoryMode::Checked
                                      : embed::MemoryMode::Auto;
  std::string_view dispatch = options.text(OptionId::Dispatch);
  out->dispatch = dispatch == "tail"   ? embed::Dispatch::Tail
                  : dispatch == "loop" ? embed::Dispatch::Loop
                                       : embed::Dispatch::Default;
  const std::string_view tier = options.text(OptionId::Tier);
  out->tier = tier == "baseline" ? embed::TierMode::Baseline
              : tier == "auto"   ? embed::TierMode::Auto
                                 : embed::TierMode::Interp;
  out->compileAtCall =
      static_cast<u32>(options.number(OptionId::CompileAtCall, out->compileAtCall));
  out->compileAtLoop =
      static_cast<u32>(options.number(OptionId::CompileAtLoop, out->compileAtLoop));
  out->compile = options.text(OptionId::Compile) == std::string_view("eager")
                     ? embed::CompileMode::Eager
                     : embed::CompileMode::Lazy;
  out->compileThreads = static_cast<u32>(options.number(OptionId::CompileThreads, 0));
  out->gcStress = options.has(OptionId::GcStress);
  const std::string_view stress = options.text(OptionId::Stress);
  out->spillStress = stress == "spill";
  out->switchTiers = stress == "tier-switch";
  out->mixStress = stress == "mix";
  if (!options.has(OptionId::CompileOnly)) return true;
  const char* ranges = options.text(OptionId::CompileOnly);
  if (parseRanges(ranges, &out->compileOnly.emplace())) return true;
  *why = "--compile-only is numbers and ranges of functions or none, not " + shown(ranges) +
         "; example: --compile-only=0-99,120";
  return false;
}

bool parseFeatures(const char* list, Features* out, std::string* why) {
  std::string_view left = list;
  while (!left.empty()) {
    std::string_view word = left.substr(0, left.find(','));
    left.remove_prefix(std::min(word.size() + 1, left.size()));
    bool on = word.empty() || word[0] != '-';
    if (!on) word.remove_prefix(1);
    Feature feature;
    if (word == "all" && on) {
      *out = Features::all();
    } else if (word == "profile-1.0" && on) {
      *out = Features::profile10();
    } else if (Features::byName(word, &feature)) {
      out->set(feature, on);
    } else {
      std::vector<const char*> names = {"all", "profile-1.0"};
      for (const FeatureInfo& info : kFeatureInfo) names.push_back(info.flag);
      const char* close = closestWord(std::string(word), names);
      *why = "unknown feature " + shown(word);
      *why += close != nullptr ? std::string("; did you mean '") + close + "'?"
                               : "; bls --version lists them";
      return false;
    }
  }
  return true;
}

std::string logNameFor(const std::string& file) {
  std::string name = fileNameOf(file);
  size_t dot = name.find('.');
  return dot == std::string::npos || dot == 0 ? "runtime.log" : name.substr(0, dot) + ".log";
}

}  // namespace bls::cli
