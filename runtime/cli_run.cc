// `bls run`: load, link, instantiate, call, report.
#include <cstdlib>
#include <cstring>

#include "engine/base/platform.h"
#include "runtime/cli.h"
#include "runtime/deadline.h"
#include "runtime/load.h"
#include "runtime/run_log.h"
#include "runtime/stats.h"
#include "runtime/tiers.h"
#include "runtime/values.h"

namespace bls::cli {
namespace {

// How long after a time limit the guest may still take to end by itself.
constexpr u64 kGraceNs = 80 * 1000 * 1000;

// Watches the wall clock from process start, loading included. At the limit it asks the store to
// end; a run that has not ended a little later (still loading, or in a call that cannot be woken)
// is ended with the process.
class TimeLimit {
 public:
  explicit TimeLimit(Console& console) : console_(console) {}
  bool start(u64 atNs) { return deadline_.arm(atNs, &TimeLimit::expired, this); }
  void watch(bls::Store* store) { store_.store(store, std::memory_order_release); }
  void stop() { deadline_.disarm(); }

 private:
  static u64 expired(void* self) {
    TimeLimit& limit = *static_cast<TimeLimit*>(self);
    bls::Store* store = limit.store_.load(std::memory_order_acquire);
    if (store != nullptr && !limit.asked_) {
      limit.asked_ = true;
      store->requestInterrupt(Trap::TimeLimit);
      return platform::monotonicNs() + kGraceNs;
    }
    limit.console_.problem(std::string("trap: ") + trapText(Trap::TimeLimit));
    std::_Exit(kExitTimeLimit);
  }

  Console& console_;
  std::atomic<bls::Store*> store_{nullptr};
  bool asked_ = false;
  Deadline deadline_;
};

struct Run : RunState {
  Run(RunRequest given, Console& where)
      : request(std::move(given)), console(where), permissions(where, log), limit(where) {}
  ~Run() override { limit.stop(); }

  int go();

 private:
  int execute();
  int fail(const embed::Failure& failure);
  int ended(const embed::Failure& failure);
  bool openListeners(embed::Failure* failure);
  int call(const embed::Instance& instance);
  int callEntry(const embed::Instance& instance, const embed::Function& function);
  int invoke(const embed::Function& function);
  int statusOf(u32 guestStatus) const {
    u32 status = guestStatus > 255 ? 255 : guestStatus;
    return static_cast<int>(request.compatible && status >= 126 ? 255 : status);
  }
  void report(int status, Trap trap);

  RunRequest request;
  Console& console;
  RunLog log;
  RunPermissions permissions;  // outlives the store's WASI context
  embed::Engine engine;
  embed::Module module;
  std::unique_ptr<embed::Store> store;
  TimeLimit limit;
  u64 runNs = 0;
  Trap trap = Trap::None;
};

}  // namespace

embed::Expected<embed::Nothing> makeStackRoom(const embed::EngineConfig& config, u64 slotBytes) {
  if (config.tier == embed::TierMode::Interp) return embed::Nothing();
  constexpr u64 kHostLeast = u64{1} << 20;  // for host functions
  constexpr u64 kHostMost = u64{12} << 20;
  const u64 needed = nativeStackFor(slotBytes);
  if (needed == 0) return embed::Nothing();
  const u64 room = platform::growFirstStack(needed + kHostMost);
  if (room >= needed + kHostLeast) return embed::Nothing();
  return embed::Failure::of(
      ErrorClass::Config,
      "--stack-size " + std::to_string(slotBytes) +
          " is too much for compiled code when the limit of the process's own " + "stack is " +
          std::to_string(room) + " bytes (ulimit -s)");
}

std::string withAdvice(const embed::Failure& failure, const std::string& file) {
  if (failure.kind != embed::Failure::Kind::Error) return failure.text();
  Error error = failure.error;
  auto advise = [&](const char* text) { error.message += std::string("; ") + text; };
  switch (error.cls) {
    case ErrorClass::Link:
      if (error.message.starts_with("unknown import: function"))
        advise("try --unknown-imports-trap if it is not needed");
      break;
    case ErrorClass::Malformed:
    case ErrorClass::Invalid:
    case ErrorClass::Unsupported:
      if (error.message.find("feature") != std::string::npos) advise("see --features");
      break;
    case ErrorClass::Io:
      if (error.message.find("No such file") != std::string::npos) advise("check the path");
      break;
    case ErrorClass::Limit:
      if (error.message.find("memory limits") != std::string::npos)
        advise("try a larger --max-memory-size, --limited-memory or --total-memory");
      break;
    default: break;
  }
  return error.format(file);
}

namespace {

int Run::fail(const embed::Failure& failure) {
  std::string line = withAdvice(failure, request.file);
  console.problem(line);
  log.error(line);
  bool initialMemory = failure.kind == embed::Failure::Kind::Error &&
                       failure.error.message.starts_with("memory minimum size of");
  if (initialMemory) return kExitMemoryOverLimit;
  return failure.kind == embed::Failure::Kind::Error && failure.error.cls == ErrorClass::Config
             ? kExitConfig
             : kExitFailure;
}

// A trap or proc_exit: the end of a run, not a failure to run.
int Run::ended(const embed::Failure& failure) {
  if (failure.kind == embed::Failure::Kind::Exit) return statusOf(failure.exitCode);
  if (failure.kind == embed::Failure::Kind::Error) return fail(failure);
  trap = failure.trap;
  console.problem(failure.trace);
  if (trap == Trap::OutOfFuel) {
    log.error("All fuel is consumed, the app exited, fuel consumed " +
              std::to_string(store->objects().remainingFuel()) + ", Max Fuel is " +
              std::to_string(request.fuel) + ".");
  } else {
    log.error("error: " + failure.trace);
  }
  return trapExitCode(trap);
}

bool Run::openListeners(embed::Failure* failure) {
  for (const std::string& text : request.listeners) {
    size_t colons = text.find("::");
    u64 number = 0;
    bool named = colons != std::string::npos;
    if (named && (!parseU64(text.c_str() + colons + 2, &number) || number > 1u << 20)) {
      *failure =
          embed::Failure::of(ErrorClass::Config, "--tcplisten " + escapeForMessage(text, 100) +
                                                     ": bad descriptor number");
      return false;
    }
    Diagnostics diag;
    Result<int> fd = wasi::openListener(text.substr(0, colons), diag);
    if (!fd.ok()) {
      *failure = embed::Failure::of(*fd.error());
      return false;
    }
    request.wasi.listeners.push_back({fd.value(), named ? static_cast<i32>(number) : -1});
  }
  return true;
}

int Run::go() {
  int status = execute();
  limit.stop();
  if (!permissions.finish(request.permissions, request.file) && status == 0) status = kExitFailure;
  if (store != nullptr && request.stats) report(status, trap);
  return status;
}

int Run::execute() {
  if (!request.logFile.empty() && !log.open(request.logFile)) {
    console.problem(
        "error: io: failed to init logger: Unknown error: the runtime logger file does not exist "
        "or is unreadable.");
    return kExitFailure;
  }
  if (request.runTimeMs != 0 && !limit.start(request.startNs + request.runTimeMs * 1000000)) {
    return fail(
        embed::Failure::of(ErrorClass::Unsupported, "--run-time is not possible in this build"));
  }
  if (request.profile != Profile::None) {
    std::string why;
    if (!startProfile(request.profile, &why)) {
      return fail(embed::Failure::of(ErrorClass::Io, "--profile is not possible: " + why));
    }
  }
  const auto stack = makeStackRoom(request.engine, request.limits.slotStackBytes);
  if (!stack.ok()) return fail(stack.failure());
  embed::Expected<embed::Engine> made = embed::Engine::make(request.engine);
  if (!made.ok()) return fail(made.failure());
  engine = made.value();
  embed::Expected<embed::Module> loaded = embed::Module::fromFile(engine, request.file);
  if (!loaded.ok()) return fail(loaded.failure());
  module = loaded.value();

  store = std::make_unique<embed::Store>(engine, request.limits);
  if (engine.config().metered) store->objects().setFuel(request.hasFuel ? request.fuel : ~u64{0});
  if (request.runTimeMs != 0) {
    if (!store->objects().enableInterrupts()) {
      return fail(embed::Failure::of(ErrorClass::Io, "no descriptor left for the time limit"));
    }
    limit.watch(&store->objects());
  }
  embed::Failure listening;
  if (!openListeners(&listening)) return fail(listening);
  std::string why;
  if (!permissions.start(request.permissions, &request.wasi, &why))
    return fail(embed::Failure::of(ErrorClass::Config, why));
  embed::Linker linker(*store);
  linker.setUnknownImportsTrap(request.unknownImportsTrap);
  embed::Expected<embed::Nothing> granted = linker.wasi(std::move(request.wasi));
  if (!granted.ok()) return fail(granted.failure());
  embed::Expected<embed::Instance> instance = linker.instantiate(module);
  if (!instance.ok()) return ended(instance.failure());
  u64 start = platform::monotonicNs();
  int status = call(instance.value());
  runNs = platform::monotonicNs() - start;
  return status;
}

int Run::call(const embed::Instance& instance) {
  embed::Expected<embed::Function> function = instance.function(request.entry);
  if (!function.ok()) {
    embed::Failure failure = function.failure();
    failure.error.message +=
        request.invoke ? "; bls inspect lists the exports" : "; try --entry NAME or --invoke NAME";
    return fail(failure);
  }
  // A library module sets itself up first.
  if (request.entry != "_start" && request.entry != "_initialize") {
    embed::Expected<embed::Function> setUp = instance.function("_initialize");
    if (setUp.ok() && setUp.value().type() == FuncType{}) {
      auto done = setUp.value().call({});
      if (!done.ok()) return ended(done.failure());
    }
  }
  return request.invoke ? invoke(function.value()) : callEntry(instance, function.value());
}

int Run::callEntry(const embed::Instance&, const embed::Function& function) {
  if (!function.type().params.empty()) {
    return fail(embed::Failure::of(ErrorClass::Link, "entry function \"" +
                                                         escapeForMessage(request.entry, 100) +
                                                         "\" takes parameters; try --invoke"));
  }
  auto done = function.call({});
  return done.ok() ? 0 : ended(done.failure());
}

int Run::invoke(const embed::Function& function) {
  const FuncType& type = function.type();
  std::vector<Value> values(type.params.size());
  if (request.args.size() != values.size()) {
    console.problem("error: config: \"" + escapeForMessage(request.entry, 100) + "\" takes " +
                    std::to_string(values.size()) + " arguments, not " +
                    std::to_string(request.args.size()) + "; put them behind the file");
    return kExitUsage;
  }
  for (size_t i = 0; i < values.size(); ++i) {
    if (!parseValue(request.args[i], type.params[i], &values[i])) {
      console.problem("error: config: argument " + std::to_string(i + 1) + " must be " +
                      toString(type.params[i]) + ", not '" +
                      escapeForMessage(std::string(request.args[i]), 100) + "'");
      return kExitUsage;
    }
  }
  auto done = function.call(values);
  if (!done.ok()) return ended(done.failure());
  std::string text;
  for (const Value& value : done.value()) text += printValue(value) + "\n";
  console.out(text);
  return 0;
}

void Run::report(int status, Trap ending) {
  RunStats stats;
  stats.metered = request.hasFuel;
  stats.fuelLimit = request.fuel;
  stats.fuelRemaining = store->objects().remainingFuel();
  stats.schedule = engine.config().fuelSchedule == embed::FuelSchedule::WtNext ? "wt-next" : "wt31";
  stats.peakMemoryBytes = store->peakMemoryBytes();
  stats.hasDigest = request.statsDigest;
  if (stats.hasDigest) stats.memoryDigest = memoryDigest(store->objects());
  const embed::LoadedModule& loaded = *module.state();
  stats.functions = loaded.module->funcs.size() - loaded.module->importedFuncs;
  stats.translated = loaded.code->translatedFunctions();
  stats.compiles = engine.config().tier != embed::TierMode::Interp;
  stats.compile = loaded.code->compileStats();
  stats.moduleBytes = loaded.module->bytes.span().size();
  stats.readNs = loaded.times.readNs;
  stats.decodeNs = loaded.times.decodeNs;
  stats.validateNs = loaded.times.validateNs;
  stats.instantiateNs = store->state()->instantiateNs;
  stats.runNs = runNs;
  stats.totalNs = platform::monotonicNs() - request.startNs;
  stats.exitStatus = status;
  stats.trap = ending == Trap::None ? nullptr : trapText(ending);
  console.err(request.statsJson ? statsJson(stats) : statsText(stats));
}

}  // namespace

int runModule(RunRequest request, Console& console, std::unique_ptr<RunState>* keep) {
  auto run = std::make_unique<Run>(std::move(request), console);
  int status = run->go();
  *keep = std::move(run);
  return status;
}

}  // namespace bls::cli
