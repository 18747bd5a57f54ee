// Options of `bls run` and `bls-runtime` → RunRequest.
#include "runtime/run_request.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "engine/base/platform.h"
#include "runtime/confined_file.h"
#include "runtime/dotenv.h"

namespace bls::cli {
namespace {

constexpr u64 kPageBytes = 65536;
constexpr u64 kMaxDotenvBytes = 16 << 20;

std::string fileNameOf(const std::string& path) {
  size_t slash = path.find_last_of('/');
  return slash == std::string::npos ? path : path.substr(slash + 1);
}

std::string shown(const char* text) { return "'" + escapeForMessage(std::string(text), 100) + "'"; }

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
  Builder(const ParsedOptions& options, OptionPlace place, RunRequest* out, std::string* why)
      : o_(options), place_(place), out_(out), why_(why) {}

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
    out_->file = o_.positionals[0];
    out_->args.assign(o_.positionals.begin() + 1, o_.positionals.end());
    out_->args.insert(out_->args.end(), o_.rest.begin(), o_.rest.end());
    out_->invoke = o_.has(OptionId::Invoke);
    if (out_->invoke && o_.has(OptionId::Entry))
      return fail("--invoke and --entry exclude each other; give one");
    out_->entry = out_->invoke ? o_.text(OptionId::Invoke) : o_.text(OptionId::Entry);
    out_->unknownImportsTrap = o_.has(OptionId::UnknownImportsTrap);
    out_->stats = o_.has(OptionId::Stats);
    out_->profile = profileOf(o_.text(OptionId::Profile));
    out_->statsJson = out_->stats && o_[OptionId::Stats].text != nullptr;
    out_->statsDigest = out_->statsJson && o_[OptionId::Stats].text == std::string_view("digest");
    out_->wasi.args.push_back(fileNameOf(out_->file));
    if (!out_->invoke)
      out_->wasi.args.insert(out_->wasi.args.end(), out_->args.begin(), out_->args.end());
    if (out_->compatible) out_->logFile = logNameFor(out_->file);
    if (o_.has(OptionId::RuntimeLogger)) {
      std::string name = o_.text(OptionId::RuntimeLogger);
      const char* root = o_.text(OptionId::FsRootPath);
      out_->logFile = root[0] != 0 && name[0] != '/' ? std::string(root) + "/" + name : name;
    }
    return true;
  }

  bool engine() {
    embed::EngineConfig& config = out_->engine;
    if (o_.has(OptionId::Features) &&
        !parseFeatures(o_.text(OptionId::Features), &config.features, why_))
      return false;
    if (!engineChoices(o_, &config, why_)) return false;
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
    config.metered = out_->hasFuel || out_->runTimeMs != 0;
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
    if (out_->engine.tier != embed::TierMode::Interp &&
        limits.slotStackBytes > embed::kMaxBaselineStackBytes) {
      return fail("--stack-size is at most " + std::to_string(embed::kMaxBaselineStackBytes) +
                  " with compiled code, which also uses the thread's own stack; or --tier=interp");
    }
    return true;
  }

  bool directories() {
    if (o_.has(OptionId::FsRootPath)) {
      // A root that does not exist is carried on without: the first client names one that it has
      // not made.
      std::string root = o_.text(OptionId::FsRootPath);
      if (directoryExists(root.c_str())) out_->wasi.preopens.push_back({root, "/", true, true});
    }
    for (const auto& [id, text] : o_.lists) {
      if (id != OptionId::Dir && id != OptionId::DirReadOnly) continue;
      auto [host, guest] = splitPair(text);
      if (host.empty())
        return fail(std::string("--dir needs a host directory, not ") + shown(text));
      out_->wasi.preopens.push_back(
          {host, guest.empty() ? host : guest, true, id == OptionId::Dir});
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
    if (o_.has(OptionId::Stdin) && std::strcmp(o_.text(OptionId::Stdin), "inherit") != 0) {
      out_->wasi.in = wasi::Stdio::fromBytes(o_.text(OptionId::Stdin));
    }
    out_->wasi.rawTerminal = std::strcmp(o_.text(OptionId::Tty), "raw") == 0;
    return true;
  }

  const ParsedOptions& o_;
  OptionPlace place_;
  RunRequest* out_;
  std::string* why_;
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
                    std::string* why) {
  return Builder(options, place, out, why).run();
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
      *why = "unknown feature '" + escapeForMessage(std::string(word), 100) + "'";
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
