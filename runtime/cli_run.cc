// `bls run`: load, link, instantiate, call, report.
#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "engine/base/platform.h"
#include "runtime/cli.h"
#include "runtime/config_input.h"
#include "runtime/deadline.h"
#include "runtime/descriptors.h"
#include "runtime/extension_host.h"
#include "runtime/host_log.h"
#include "runtime/load.h"
#include "runtime/permission_gate.h"
#include "runtime/program.h"
#include "runtime/run_log.h"
#include "runtime/signals.h"
#include "runtime/stats.h"
#include "runtime/thread_group.h"
#include "runtime/tiers.h"
#include "runtime/values.h"

namespace bls::cli {
namespace {

// How long after a time limit the guest may still take to end by itself.
constexpr u64 kGraceNs = 80 * 1000 * 1000;

void logFinish(const RunLog& log, int status) {
  log.write(LogLevel::Info, kLogProgram,
            "The wasm execute finish, the exit code: " + std::to_string(status));
}

// Watches the wall clock from process start, loading included. At the limit it asks the store to
// end; a run that has not ended a little later (still loading, or in a call that cannot be woken)
// is ended with the process.
class TimeLimit {
 public:
  /// `leave` ends the process with a status.
  TimeLimit(Console& console, const RunLog& log, void (*leave)(void* run, int status), void* run)
      : console_(console), log_(log), leave_(leave), run_(run) {}
  bool start(u64 atNs) {
    atNs_ = atNs;
    deadline_ = std::make_unique<Deadline>();
    return deadline_->arm(atNs, &TimeLimit::expired, this);
  }
  void watch(bls::Store* store) { store_.store(store, std::memory_order_release); }
  void stop() {
    if (deadline_ != nullptr) deadline_->disarm();
  }
  /// Without its thread for a moment; a limit that passes meanwhile counts on resuming.
  void pause() { deadline_.reset(); }
  bool resume() { return atNs_ == 0 || start(atNs_); }

 private:
  static u64 expired(void* self) {
    TimeLimit& limit = *static_cast<TimeLimit*>(self);
    bls::Store* store = limit.store_.load(std::memory_order_acquire);
    if (store != nullptr && !limit.asked_) {
      limit.asked_ = true;
      store->requestInterrupt(Trap::TimeLimit);
      return platform::monotonicNs() + kGraceNs;
    }
    // The guest may have filled a pipe that nobody reads: then there is nothing to wait for.
    const bool heard = limit.console_.errReady();
    if (heard) limit.console_.problem(std::string("trap: ") + trapText(Trap::TimeLimit));
    if (heard || !limit.log_.onStderr()) logFinish(limit.log_, kExitTimeLimit);
    limit.leave_(limit.run_, kExitTimeLimit);
    return 0;
  }

  Console& console_;
  const RunLog& log_;
  void (*const leave_)(void* run, int status);
  void* const run_;
  std::atomic<bls::Store*> store_{nullptr};
  bool asked_ = false;
  u64 atNs_ = 0;
  std::unique_ptr<Deadline> deadline_;
};

struct Run : RunState {
  Run(RunRequest given, Console& where)
      : request(std::move(given)),
        console(where),
        permissions(where, log),
        limit(
            where, log, [](void* run, int status) { static_cast<Run*>(run)->leave(status); },
            this) {}
  ~Run() override {
    limit.stop();
    if (!request.ownsProcess) return;
    signalTarget(nullptr);
    crashLogIs(nullptr);
  }

  int go();

 private:
  int execute();
  bool openLog();
  int becomeFull();
  int startExtensions();
  void beAlone();
  bool confine();
  void problem(const std::string& line, const std::string& logged);
  int fail(const embed::Failure& failure);
  int ended(const embed::Failure& failure);
  int openListeners();
  int reportEnd(const embed::Failure& failure);
  int quietEnd(const embed::Failure& failure) const;
  [[noreturn]] void leave(int status);
  const embed::Failure* endThreads();
  embed::Expected<embed::Nothing> shareThreads();
  embed::Expected<embed::Instance> setUp(embed::Store& into, bool anotherThread, std::string* file);
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
  HostLog hostLog;             // outlives the store
  ExtensionHost extensions;    // outlives the store
  embed::Engine engine;
  Program program;
  std::string about;  // the file that loading or linking is at
  std::unique_ptr<embed::Store> store;
  std::shared_ptr<wasi::Context> context;
  std::unique_ptr<embed::ThreadGroup> group;  // with --feature-thread
  bool threadsEnded = false;
  bool threadsGone = true;
  TimeLimit limit;
  u64 runNs = 0;
  bool started = false;
  bool left = false;  // by proc_exit
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
      if (error.message.find("\"wasi\" \"thread-spawn\"") != std::string::npos) {
        advise("try --feature-thread");
      } else if (error.message.starts_with("unknown import: function")) {
        advise("try --unknown-imports-trap if it is not needed");
      } else if (error.message.starts_with("unknown import: memory")) {
        advise("try --feature-thread if the module is for threads");
      }
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

// Once on standard error, also when the log goes there.
void Run::problem(const std::string& line, const std::string& logged) {
  if (!log.onStderr() || !log.wants(LogLevel::Error, kLogEngine)) console.problem(line);
  log.write(LogLevel::Error, kLogEngine, logged);
}

int Run::fail(const embed::Failure& failure) {
  std::string line = withAdvice(failure, about.empty() ? request.file : about);
  const bool isError = failure.kind == embed::Failure::Kind::Error;
  const std::string& message = failure.error.message;
  const bool checksum = isError && message.ends_with(" checksum is not correctly.");
  if (request.compatible && (checksum || (isError && message.starts_with("Unknown error: ")))) {
    // The reference's own lines.
    console.logLine(message);
    if (checksum) console.logLine("The configure error");
    if (!log.onStderr()) log.write(LogLevel::Error, kLogEngine, line);
  } else {
    problem(line, line);
  }
  bool initialMemory = failure.kind == embed::Failure::Kind::Error &&
                       failure.error.message.starts_with("memory minimum size of");
  if (initialMemory) return kExitMemoryOverLimit;
  return checksum ? kExitConfig : kExitFailure;
}

// Ends the other threads. What one of them ended the guest with, if it was first; else null, as
// when called again.
const embed::Failure* Run::endThreads() {
  if (group == nullptr || threadsEnded) return nullptr;
  threadsEnded = true;
  threadsGone = group->finish(kGraceNs);
  return group->outcome() ? &*group->outcome() : nullptr;
}

// A trap or proc_exit: the end of a run, not a failure to run.
int Run::ended(const embed::Failure& failure) {
  const embed::Failure* other = endThreads();
  return reportEnd(other != nullptr ? *other : failure);
}

int Run::reportEnd(const embed::Failure& failure) {
  if (failure.kind == embed::Failure::Kind::Exit) {
    left = true;
    return statusOf(failure.exitCode);
  }
  if (failure.kind == embed::Failure::Kind::Error) return fail(failure);
  trap = failure.trap;
  if (trap == Trap::Interrupt && signalReceived() != 0) return trapExitCode(trap);
  if (trap == Trap::OutOfFuel) {
    problem(failure.trace, "All fuel is consumed, the app exited, fuel consumed " +
                               std::to_string(store->objects().remainingFuel()) + ", Max Fuel is " +
                               std::to_string(request.fuel) + ".");
  } else if (trap == Trap::TimeLimit) {
    console.problem(failure.trace);
  } else {
    problem(failure.trace, "error: " + failure.trace);
  }
  return trapExitCode(trap);
}

// The status of reportEnd, of which nobody is told.
int Run::quietEnd(const embed::Failure& failure) const {
  switch (failure.kind) {
    case embed::Failure::Kind::Exit: return statusOf(failure.exitCode);
    case embed::Failure::Kind::Error: return kExitFailure;
    default: return trapExitCode(failure.trap);
  }
}

// Ends the process while threads are in calls that nothing can wake. Any thread.
void Run::leave(int status) {
  (void)permissions.finish(request.permissions, request.file, true);
  runEndActions();
  std::_Exit(status);
}

// 0, or the status to end with.
int Run::openListeners() {
  for (const std::string& text : request.listeners) {
    std::string address;
    i32 number = -1;
    if (!splitListener(text, &address, &number)) {
      fail(embed::Failure::of(ErrorClass::Config, "--tcplisten " + escapeForMessage(text, 100) +
                                                      ": bad descriptor number; example: "
                                                      "--tcplisten 127.0.0.1:8080::3"));
      return kExitUsage;
    }
    Diagnostics diag;
    Result<int> fd = wasi::openListener(address, diag);
    if (!fd.ok()) {
      fail(embed::Failure::of(*fd.error()));
      return fd.error()->cls == ErrorClass::Config ? kExitUsage : kExitFailure;
    }
    request.wasi.listeners.push_back({fd.value(), number});
  }
  return 0;
}

bool Run::openLog() {
  if (request.compatible) {
    const char* directives = std::getenv("RUST_LOG");
    if (directives != nullptr) log.filter().addDirectives(directives);
  }
  if (request.hasLogLevel) log.filter().setGlobal(request.logLevel);
  if (!request.logFile.empty()) return log.open(request.logRoot, request.logFile);
  if (request.logToStderr) log.toStderr();
  return true;
}

// A module that came from standard input is put back there.
int Run::becomeFull() {
  if (request.file == "-") {
    const std::span<const u8> bytes = program.modules().back().state()->module->bytes.span();
    if (!replaceStandardInput(bytes))
      return fail(embed::Failure::of(ErrorClass::Io, "no memory file for the module"));
  }
  return request.becomeFull();
}

// Makes what the modules import from beyond WASI. 0, or the status to end with.
int Run::startExtensions() {
  extensions::Services services;
  services.gate = permissions.gate();
  services.descriptors = &context->descriptors();
  services.input = request.input;
  services.listedVariables = request.listedVariables;
  services.settings = &request.extensions;
  services.logLine = [](void* self, extensions::LogLevel level, const std::string& line) {
    constexpr LogLevel kLevels[] = {LogLevel::Error, LogLevel::Warn, LogLevel::Info,
                                    LogLevel::Debug};
    static_cast<Run*>(self)->log.write(kLevels[static_cast<u8>(level)], kLogEngine, line);
  };
  services.logUser = this;
  std::string why;
  bool badSettings = false;
  if (extensions.start(std::move(services), &why, &badSettings)) return 0;
  if (badSettings) {
    problem("error: config: " + why, "error: config: " + why);
    return kExitConfig;
  }
  return fail(embed::Failure::of(ErrorClass::Io, "the extensions cannot be started: " + why));
}

// Ends every thread but this one: a fork must not meet another's locks, and rules for files hold
// for the calling thread and those it starts later (older kernels), so no other may be left that a
// guest which breaks out could run on.
void Run::beAlone() {
  limit.pause();
  engine.state()->pool.reset();
  engine.state()->compilePool.reset();
}

// After everything that is needed has been opened, before the first instruction of the guest.
// False when the time limit cannot be watched any more.
bool Run::confine() {
  dropInherited();
  if (!request.sandbox) return limit.resume();
  if (extensions.unconfined()) {
    log.write(LogLevel::Info, kLogProgram,
              "sandbox: not entered, since native driver libraries are in use");
    return limit.resume();
  }
  SandboxRequest wanted;
  extensions.widen(&wanted);
  wanted.paths.insert(wanted.paths.end(), request.sandboxPaths.begin(), request.sandboxPaths.end());
  wanted.compiles = engine.config().tier != embed::TierMode::Interp;
  wanted.logFd = log.descriptor();
  const SandboxReport report = enterSandbox(wanted);
  if (log.wants(LogLevel::Debug, kLogProgram))
    log.write(LogLevel::Debug, kLogProgram, "sandbox: " + report.line());
  return limit.resume();
}

int Run::go() {
  int status = execute();
  if (const embed::Failure* other = endThreads(); other != nullptr) status = reportEnd(*other);
  extensions.finish(threadsGone);
  hostLog.finish();
  limit.stop();
  const int signal = signalReceived();
  if (started && !left && signal == 0) logFinish(log, status);
  if (!permissions.finish(request.permissions, request.file) && status == 0) status = kExitFailure;
  if (store != nullptr && request.stats) report(status, trap);
  if (signal != 0 && request.ownsProcess) endBySignal(signal);
  runEndActions();
  return status;
}

int Run::execute() {
  if (!openLog()) {
    console.logLine(
        "failed to init logger: Unknown error: the runtime logger file does not exist or is "
        "unreadable.");
    return kExitFailure;
  }
  if (request.ownsProcess) watchSignals();
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
  embed::Expected<embed::Nothing> loaded = program.load(engine, request, &about);
  if (!loaded.ok()) return fail(loaded.failure());
  extensions.choose(program.modules());
  if (extensions.needsFullProgram()) {
    if (request.becomeFull) return becomeFull();
    return fail(embed::Failure::of(
        ErrorClass::Unsupported, "the module imports from extensions that are not in this build"));
  }
  const auto isWeak = [](const ProgramFile& f) { return f.checked && f.sha256.empty(); };
  if (std::any_of(request.modules.begin(), request.modules.end(), isWeak)) {
    log.write(LogLevel::Warn, kLogProgram,
              "modules are compared by MD5, which anybody can forge; list their sha256 as well");
  }

  if (request.threads)
    request.limits.fuelSlice =
        embed::ThreadGroup::fuelSlice(request.hasFuel ? request.fuel : ~u64{0}, request.maxThreads);
  store = std::make_unique<embed::Store>(engine, request.limits);
  if (engine.config().metered) store->objects().setFuel(request.hasFuel ? request.fuel : ~u64{0});
  if (request.runTimeMs != 0) {
    if (!store->objects().enableInterrupts()) {
      return fail(embed::Failure::of(ErrorClass::Io, "no descriptor left for the time limit"));
    }
    limit.watch(&store->objects());
  }
  if (request.ownsProcess) signalTarget(&store->objects());
  if (int status = openListeners(); status != 0) return status;
  for (const wasi::Preopen& preopen : request.wasi.preopens)
    request.sandboxPaths.push_back({preopen.hostPath, preopen.write});
  request.wasi.onOutputFull = [this, most = request.wasi.limits.outputBytes] {
    log.write(LogLevel::Warn, kLogEngine,
              "The output limit is reached, Max Output is " + std::to_string(most) + ".");
  };
  std::string why;
  if (!permissions.start(request.permissions, &request.wasi, &why)) {
    fail(embed::Failure::of(ErrorClass::Config, why));
    return kExitUsage;
  }
  if (!request.permissions.recordFile.empty())
    request.sandboxPaths.push_back({permissions.recordFolder(request.permissions), true});
  auto granted = embed::Linker::makeWasi(std::move(request.wasi));
  if (!granted.ok()) return fail(granted.failure());
  context = granted.value();
  if (request.threads) {
    const auto shared = shareThreads();
    if (!shared.ok()) return fail(shared.failure());
  }
  if (!hostLog.open(request.hostLog, console, &why))
    return fail(embed::Failure::of(ErrorClass::Io, why));
  if (request.ownsProcess) {
    const auto write = [](void* counters) { static_cast<HostLog*>(counters)->writeAtEnd(); };
    if (!addEndAction(write, &hostLog))
      return fail(embed::Failure::of(ErrorClass::Io, "too many end actions"));
  }
  if (request.ownsProcess && (request.sandbox || !extensions.empty())) beAlone();
  if (int status = startExtensions(); status != 0) return status;
  if (request.ownsProcess && !confine())
    return fail(embed::Failure::of(ErrorClass::Io, "no thread for --run-time"));
  if (!hostLog.serve()) return fail(embed::Failure::of(ErrorClass::Io, "no thread for --counters"));
  log.write(LogLevel::Info, kLogProgram, "The wasm app started.");
  started = true;
  if (request.compatible && request.ownsProcess) crashLogIs(&log);
  const auto instance = setUp(*store, false, &about);
  if (!instance.ok()) return ended(instance.failure());
  u64 start = platform::monotonicNs();
  int status = call(instance.value());
  runNs = platform::monotonicNs() - start;
  return status;
}

embed::Expected<embed::Nothing> Run::shareThreads() {
  if (!embed::ThreadGroup::supported()) {
    return embed::Failure::of(ErrorClass::Unsupported,
                              "--feature-thread is not possible in this build");
  }
  embed::ThreadGroupConfig config;
  config.maxThreads = request.maxThreads;
  config.limits = request.limits;
  config.fuel = std::make_shared<FuelPool>(store->objects().remainingFuel());
  if (request.ownsProcess) {
    config.graceNs = kGraceNs;
    config.stuck = [this](const embed::Failure& failure) {
      // As with a time limit, what nobody reads is not waited for.
      const bool heard = console.errReady();
      const int status = heard ? reportEnd(failure) : quietEnd(failure);
      if (heard || !log.onStderr()) logFinish(log, status);
      leave(status);
    };
  }
  store->objects().setFuel(0);  // all of it is in the pool
  group =
      std::make_unique<embed::ThreadGroup>(engine, std::move(config), [this](embed::Store& into) {
        std::string file;
        return setUp(into, true, &file);
      });
  group->share(*store);
  return group->watch(*store);
}

// The guest's world in a store: the first one, or that of another thread (on that thread). `*file`
// is the one a failure is about.
embed::Expected<embed::Instance> Run::setUp(embed::Store& into, bool anotherThread,
                                            std::string* file) {
  embed::Linker linker(into);
  linker.setUnknownImportsTrap(request.unknownImportsTrap);
  linker.observe(hostLog.observer());
  linker.wasi(context);
  extensions.link(linker);
  if (group != nullptr) {
    const auto linked = group->link(into, linker, program.modules());
    if (!linked.ok()) return linked.failure();
  }
  return program.instantiate(into, linker, anotherThread, file);
}

int Run::call(const embed::Instance& instance) {
  embed::Expected<embed::Function> function = instance.function(request.entry);
  if (!function.ok() && request.entryIsDefault && !request.linked)
    function = instance.function("");  // as the reference does
  if (!function.ok()) {
    embed::Failure failure = instance.function(request.entry).failure();
    failure.error.message +=
        request.invoke ? "; bls inspect lists the exports" : "; try --entry NAME or --invoke NAME";
    return fail(failure);
  }
  // A module that has an initialiser is set up first.
  if (request.entry != "_initialize") {
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
  if (!done.ok()) return ended(done.failure());
  log.write(LogLevel::Debug, kLogEngine, "program exit normal.");
  return 0;
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
  stats.compiles = engine.config().tier != embed::TierMode::Interp;
  for (const embed::Module& module : program.modules()) {
    const embed::LoadedModule& loaded = *module.state();
    stats.functions += loaded.module->funcs.size() - loaded.module->importedFuncs;
    stats.translated += loaded.code->translatedFunctions();
    stats.compile.add(loaded.code->compileStats());
    stats.moduleBytes += loaded.module->bytes.span().size();
    stats.readNs += loaded.times.readNs;
    stats.decodeNs += loaded.times.decodeNs;
    stats.validateNs += loaded.times.validateNs;
  }
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
