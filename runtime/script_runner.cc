// Running scripts.
#include "runtime/script_runner.h"

#include <algorithm>
#include <map>

#include "engine/base/mutex.h"
#include "engine/object/store.h"
#include "engine/text/printer.h"
#include "runtime/script_threads.h"
#include "runtime/script_values.h"
#include "runtime/spectest.h"

namespace bls::embed {
namespace {

using text::Action;
using text::Command;
using text::CommandKind;
using text::Script;

// What became of a module: usable, or the failure.
struct Attempt {
  bool ok = false;
  Failure failure;
};

const char* kindOfFailure(const Failure& failure) {
  switch (failure.kind) {
    case Failure::Kind::Trap: return "trap";
    case Failure::Kind::Exit: return "exit";
    case Failure::Kind::Error: return errorClassName(failure.error.cls);
  }
  return "?";
}

std::string describe(const Failure& failure) {
  if (failure.kind == Failure::Kind::Trap) {
    size_t end = failure.trace.find('\n');
    return failure.trace.substr(0, end);
  }
  return failure.text();
}

// The script is read by all its threads; assembling a module changes it.
struct SharedScript {
  Script script;
  Mutex lock;
};

// What a thread sees of an instance of the context around it: the shared memories it exports.
struct SharedInstance {
  std::string id;
  std::vector<std::pair<std::string, SharedMemory>> memories;
};

class Runner;
struct RunningThread {
  std::unique_ptr<Runner> runner;
  ScriptReport report;
  ScriptThread thread;  // last: joins before the rest goes
};

class Runner {
 public:
  Runner(SharedScript& script, const ScriptConfig& config, const Engine& engine,
         ScriptReport& report)
      : shared_(script),
        script_(script.script),
        config_(config),
        engine_(engine),
        store_(engine, config.limits),
        linker_(store_),
        report_(report) {
    options_.features = config.engine.features;
    roundTrips_ = config.roundTrip;
  }

  std::string prepare() { return defineSpectest(engine_, linker_); }
  void share(SharedInstance instance) { sharedInstances_.push_back(std::move(instance)); }
  void run(const std::vector<Command>& commands) {
    for (const Command& command : commands) runOne(command);
  }

 private:
  void runOne(const Command& command);
  /// Empty: passed. Else why not.
  std::string execute(const Command& command);
  std::string module(const Command& command);
  std::string instantiateNamed(const Command& command);
  std::string registerInstance(const Command& command);
  std::string startThread(const Command& command);
  std::string waitForThread(const Command& command);
  std::string assertReturn(const Command& command);
  std::string assertTrap(const Command& command, bool exhaustion);
  std::string assertException(const Command& command);
  std::string assertRefused(const Command& command, ErrorClass wanted);
  std::string assertUnlinkable(const Command& command);

  Attempt compile(const Command& command, Module* out);
  std::string roundTrip(const Command& command, const Module& module, std::span<const u8> bytes);
  Attempt instantiate(const Command& command, Instance* out);
  Attempt perform(const Action& action, std::vector<Value>* results);
  Instance* findInstance(std::string_view id);
  void noteWording(const Command& command, const std::string& got);

  SharedScript& shared_;
  Script& script_;
  const ScriptConfig& config_;
  const Engine& engine_;
  Store store_;
  Linker linker_;
  ScriptReport& report_;
  text::TextOptions options_;
  std::map<std::string, Module, std::less<>> modules_;
  std::map<std::string, Instance, std::less<>> instances_;
  Module latestModule_;
  Instance latestInstance_;
  std::vector<SharedInstance> sharedInstances_;
  std::map<std::string, std::unique_ptr<RunningThread>, std::less<>> threads_;
  bool hasModule_ = false;
  bool hasInstance_ = false;
  bool roundTrips_ = false;
};

void Runner::runOne(const Command& command) {
  u32 kind = static_cast<u32>(command.kind);
  ++report_.run[kind];
  std::string problem = execute(command);
  if (problem.empty()) return;
  ++report_.failed[kind];
  report_.failures.push_back({script_.lineOf(command), command.kind, std::move(problem)});
}

std::string Runner::execute(const Command& command) {
  switch (command.kind) {
    case CommandKind::Module:
    case CommandKind::ModuleDefinition: return module(command);
    case CommandKind::ModuleInstance: return instantiateNamed(command);
    case CommandKind::Register: return registerInstance(command);
    case CommandKind::Invoke:
    case CommandKind::Get: {
      std::vector<Value> results;
      Attempt done = perform(command.action, &results);
      return done.ok ? "" : describe(done.failure);
    }
    case CommandKind::AssertReturn: return assertReturn(command);
    case CommandKind::AssertTrap: return assertTrap(command, false);
    case CommandKind::AssertExhaustion: return assertTrap(command, true);
    case CommandKind::AssertException: return assertException(command);
    case CommandKind::AssertMalformed:
    case CommandKind::AssertMalformedCustom: return assertRefused(command, ErrorClass::Malformed);
    case CommandKind::AssertInvalid:
    case CommandKind::AssertInvalidCustom: return assertRefused(command, ErrorClass::Invalid);
    case CommandKind::AssertUnlinkable: return assertUnlinkable(command);
    case CommandKind::Thread: return startThread(command);
    case CommandKind::Wait: return waitForThread(command);
  }
  return "?";
}

// ---- modules and instances

Attempt Runner::compile(const Command& command, Module* out) {
  Attempt attempt;
  Diagnostics diag;
  std::vector<u8> bytes;
  Status status;
  {
    MutexGuard held(shared_.lock);
    status = script_.assemble(command, options_, diag, &bytes);
  }
  if (!status.ok()) {
    attempt.failure = Failure::of(*status.error());
    return attempt;
  }
  Expected<Module> module = Module::compile(engine_, bytes);
  if (!module.ok()) {
    attempt.failure = module.failure();
    return attempt;
  }
  *out = module.value();
  if (roundTrips_) {
    std::string problem = roundTrip(command, *out, bytes);
    if (!problem.empty()) {
      attempt.failure = Failure::of(ErrorClass::Internal, "round trip: " + problem);
      return attempt;
    }
  }
  attempt.ok = true;
  return attempt;
}

// Text made of a module has to read back: as the same bytes if we encoded them, else as a module
// that prints the same again.
std::string Runner::roundTrip(const Command& command, const Module& module,
                              std::span<const u8> bytes) {
  bool ours = command.module.kind == text::ModuleFormKind::Fields;
  for (bool folded : {false, true}) {
    Diagnostics diag;
    text::PrintOptions form;
    form.folded = folded;
    std::string first, second;
    std::vector<u8> again;
    Status done = text::printModule(module.declarations(), form, diag, &first);
    if (done.ok()) done = text::parseText(first, options_, diag, &again);
    if (!done.ok()) return done.error()->format("");
    if (ours && !std::equal(bytes.begin(), bytes.end(), again.begin(), again.end()))
      return "other bytes";
    Expected<Module> back = Module::compile(engine_, again);
    if (!back.ok()) return back.failure().text();
    done = text::printModule(back.value().declarations(), form, diag, &second);
    if (!done.ok()) return done.error()->format("");
    if (first != second) return "other text";
  }
  return {};
}

// Instantiates the command's module: a form of its own, or an instance of a definition.
Attempt Runner::instantiate(const Command& command, Instance* out) {
  Attempt attempt;
  Module module;
  if (command.isInstance) {
    auto found = modules_.find(command.source);
    bool latest = command.source.empty() && hasModule_;
    if (found == modules_.end() && !latest) {
      attempt.failure =
          Failure::of(ErrorClass::Config, "unknown module " + std::string(command.source));
      return attempt;
    }
    module = latest ? latestModule_ : found->second;
  } else {
    attempt = compile(command, &module);
    if (!attempt.ok) return attempt;
    attempt.ok = false;
  }
  Expected<Instance> instance = linker_.instantiate(module);
  if (!instance.ok()) {
    attempt.failure = instance.failure();
    return attempt;
  }
  *out = instance.value();
  attempt.ok = true;
  return attempt;
}

std::string Runner::module(const Command& command) {
  Module module;
  hasInstance_ = hasInstance_ && command.kind == CommandKind::ModuleDefinition;
  Attempt compiled = compile(command, &module);
  if (!compiled.ok) return describe(compiled.failure);
  latestModule_ = module;
  hasModule_ = true;
  if (!command.id.empty()) modules_[std::string(command.id)] = module;
  if (command.kind == CommandKind::ModuleDefinition) return {};
  Expected<Instance> instance = linker_.instantiate(module);
  if (!instance.ok()) return describe(instance.failure());
  latestInstance_ = instance.value();
  hasInstance_ = true;
  if (!command.id.empty()) instances_[std::string(command.id)] = instance.value();
  return {};
}

std::string Runner::instantiateNamed(const Command& command) {
  Instance instance;
  Attempt made = instantiate(command, &instance);
  if (!made.ok) return describe(made.failure);
  latestInstance_ = instance;
  hasInstance_ = true;
  if (!command.id.empty()) instances_[std::string(command.id)] = instance;
  return {};
}

Instance* Runner::findInstance(std::string_view id) {
  if (id.empty()) return hasInstance_ ? &latestInstance_ : nullptr;
  auto found = instances_.find(id);
  return found == instances_.end() ? nullptr : &found->second;
}

std::string Runner::registerInstance(const Command& command) {
  for (const SharedInstance& instance : sharedInstances_) {
    if (command.id.empty() || instance.id != command.id) continue;
    for (const auto& [name, memory] : instance.memories)
      linker_.sharedMemory(command.text, name, memory);
    return {};
  }
  Instance* instance = findInstance(command.id);
  if (instance == nullptr) return "there is no such instance";
  Expected<Nothing> done = linker_.instance(command.text, *instance);
  return done.ok() ? "" : describe(done.failure());
}

// ---- threads

// The commands run in a context of their own: another store, an empty registry, and of the
// instances here only the shared memories of those named.
std::string Runner::startThread(const Command& command) {
  auto made = std::make_unique<RunningThread>();
  made->runner = std::make_unique<Runner>(shared_, config_, engine_, made->report);
  std::string error = made->runner->prepare();
  if (!error.empty()) return error;
  for (std::string_view id : command.sharedIds) {
    SharedInstance shared{std::string(id), {}};
    Instance* instance = findInstance(id);
    if (instance == nullptr) return "there is no instance " + std::string(id);
    for (const ExportDecl& item : instance->object()->module->exports) {
      if (item.kind != ExternKind::Memory) continue;
      Expected<SharedMemory> memory = instance->sharedMemory(item.name);
      if (memory.ok()) shared.memories.emplace_back(std::string(item.name), memory.value());
    }
    made->runner->share(std::move(shared));
  }
  RunningThread* running = made.get();
  bool started =
      made->thread.start([running, &command] { running->runner->run(command.children); });
  if (!started) return "no thread can be started";
  threads_[std::string(command.id)] = std::move(made);
  return {};
}

std::string Runner::waitForThread(const Command& command) {
  auto found = threads_.find(command.id);
  if (found == threads_.end()) return "there is no thread " + std::string(command.id);
  found->second->thread.join();
  const ScriptReport& report = found->second->report;
  if (report.failures.empty()) return {};
  const ScriptFailure& first = report.failures[0];
  return "in the thread, line " + std::to_string(first.line) + ": " + commandKindName(first.kind) +
         ": " + first.message;
}

// ---- actions

Attempt Runner::perform(const Action& action, std::vector<Value>* results) {
  Attempt attempt;
  Instance* instance = findInstance(action.instance);
  if (instance == nullptr) {
    attempt.failure = Failure::of(ErrorClass::Config, "there is no such instance");
    return attempt;
  }
  if (action.isGet) {
    Expected<Value> value = instance->global(action.name);
    attempt.ok = value.ok();
    if (value.ok()) {
      results->push_back(value.value());
    } else {
      attempt.failure = value.failure();
    }
    return attempt;
  }
  Expected<Function> function = instance->function(action.name);
  if (!function.ok()) {
    attempt.failure = function.failure();
    return attempt;
  }
  const FuncType& type = function.value().type();
  std::vector<Value> args;
  for (size_t i = 0; i < action.args.size(); ++i) {
    ValType wanted = i < type.params.size() ? type.params[i] : ValType(ValType::I32);
    args.push_back(argumentValue(store_.objects(), action.args[i], wanted));
  }
  Expected<std::vector<Value>> called = function.value().call(args);
  attempt.ok = called.ok();
  if (called.ok()) {
    *results = std::move(called.value());
  } else {
    attempt.failure = called.failure();
  }
  return attempt;
}

std::string Runner::assertReturn(const Command& command) {
  std::vector<Value> results;
  Attempt done = perform(command.action, &results);
  if (!done.ok) return describe(done.failure);
  if (results.size() != command.results.size()) {
    return std::to_string(results.size()) + " results, expected " +
           std::to_string(command.results.size());
  }
  for (size_t i = 0; i < results.size(); ++i) {
    if (!matches(store_.objects(), results[i], command.results[i])) {
      return "result " + std::to_string(i) + " is " + show(results[i]) + ", expected " +
             show(command.results[i]);
    }
  }
  return {};
}

// ---- assertions on failure

namespace {

bool startsWith(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix;
}

// The message of a trap; the detail it may have (an index) is in the trace.
bool trapMatches(const Failure& failure, const std::string& expected) {
  std::string_view message = trapText(failure.trap);
  if (startsWith(message, expected)) return true;
  // "uninitialized element 2": the trace names the element.
  return startsWith(expected, message) && failure.trace.find(expected) != std::string::npos;
}

}  // namespace

std::string Runner::assertTrap(const Command& command, bool exhaustion) {
  Attempt done;
  if (command.hasModule) {
    Instance instance;
    done = instantiate(command, &instance);
  } else {
    std::vector<Value> results;
    done = perform(command.action, &results);
  }
  if (done.ok) return "no trap, expected \"" + command.text + "\"";
  if (done.failure.kind != Failure::Kind::Trap)
    return std::string(kindOfFailure(done.failure)) +
           " error instead of a trap: " + describe(done.failure);
  if (done.failure.trap == Trap::UncaughtException)
    return "exception instead of a trap: " + describe(done.failure);
  if (exhaustion != (done.failure.trap == Trap::StackOverflow) && exhaustion)
    return "another trap: " + describe(done.failure);
  if (!trapMatches(done.failure, command.text))
    return "trap \"" + std::string(trapText(done.failure.trap)) + "\", expected \"" + command.text +
           "\"";
  return {};
}

std::string Runner::assertException(const Command& command) {
  std::vector<Value> results;
  Attempt done = perform(command.action, &results);
  if (done.ok) return "returned, expected an exception";
  bool thrown =
      done.failure.kind == Failure::Kind::Trap && done.failure.trap == Trap::UncaughtException;
  return thrown ? "" : "expected an exception: " + describe(done.failure);
}

void Runner::noteWording(const Command& command, const std::string& got) {
  if (startsWith(got, command.text)) return;
  report_.wording.push_back({script_.lineOf(command), command.kind,
                             "\"" + got + "\", expected \"" + command.text + "\""});
}

std::string Runner::assertRefused(const Command& command, ErrorClass wanted) {
  Module module;
  Attempt compiled = compile(command, &module);
  const char* name = errorClassName(wanted);
  if (compiled.ok) return std::string("accepted, expected ") + name + ": " + command.text;
  const Error& error = compiled.failure.error;
  // A feature that is off or a limit is a refusal of either kind.
  bool other = error.cls == ErrorClass::Unsupported || error.cls == ErrorClass::Limit;
  if (error.cls != wanted && !other)
    return std::string("expected ") + name + " (" + command.text + "), got " +
           describe(compiled.failure);
  noteWording(command, error.message);
  return {};
}

std::string Runner::assertUnlinkable(const Command& command) {
  Instance instance;
  Attempt done = instantiate(command, &instance);
  if (done.ok) return "linked, expected \"" + command.text + "\"";
  bool link =
      done.failure.kind == Failure::Kind::Error && done.failure.error.cls == ErrorClass::Link;
  if (!link) return "no link error: " + describe(done.failure);
  if (!startsWith(done.failure.error.message, command.text))
    return "\"" + done.failure.error.message + "\", expected \"" + command.text + "\"";
  return {};
}

}  // namespace

u32 ScriptReport::total() const {
  u32 sum = 0;
  for (u32 count : run) sum += count;
  return sum;
}
u32 ScriptReport::totalFailed() const {
  u32 sum = 0;
  for (u32 count : failed) sum += count;
  return sum;
}

ScriptReport runScript(std::string source, const ScriptConfig& config) {
  ScriptReport report;
  SharedScript script;
  Diagnostics diag;
  Status parsed = script.script.parse(std::move(source), diag);
  if (!parsed.ok()) {
    report.error = parsed.error()->format("");
    return report;
  }
  Expected<Engine> engine = Engine::make(config.engine);
  if (!engine.ok()) {
    report.error = engine.failure().text();
    return report;
  }
  Runner runner(script, config, engine.value(), report);
  report.error = runner.prepare();
  if (report.error.empty()) runner.run(script.script.commands());
  return report;
}

}  // namespace bls::embed
