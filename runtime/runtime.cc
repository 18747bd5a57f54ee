// Engine, Module, Store and the calls between them: the handles of the embedding API.
#include "runtime/runtime.h"

#include <algorithm>

#include "engine/base/platform.h"
#include "engine/exec/trap_handler.h"
#include "engine/gc/values.h"
#include "engine/host/blocking_wait.h"
#include "engine/module/type_canon.h"
#include "runtime/load.h"
#include "runtime/tiers.h"

namespace bls::embed {
namespace {

constexpr u64 kGuardProbeBytes = kGuardReservation;

// Guard memories need room for at least one reservation: not so under a small RLIMIT_AS.
bool guardMemoryFits() {
  u8* probe = platform::reserve(kGuardProbeBytes);
  platform::release(probe, kGuardProbeBytes);
  return probe != nullptr;
}

Failure notPossible(const char* what) {
  return Failure::of(ErrorClass::Config, std::string(what) + " is not possible in this build");
}

}  // namespace

std::string Failure::text(const std::string& file) const {
  switch (kind) {
    case Kind::Error: return error.format(file);
    case Kind::Trap: return trace;
    case Kind::Exit: return "exit status " + std::to_string(exitCode);
  }
  return {};
}

Expected<Engine> Engine::make(const EngineConfig& config) {
  Backend backend = static_cast<Backend>(config.dispatch);
  auto state = std::make_shared<EngineState>();
  state->config = config;
  // Where nothing compiles, automatic means interpreted.
  const bool compiles = config.tier != TierMode::Interp && hasBaseline();
  if (config.tier == TierMode::Baseline && !compiles) return notPossible("tier=baseline");
  state->tier = makeTier(backend, compiles);
  if (state->tier == nullptr) return notPossible("dispatch=tail");
  // Memories may be reserved with guards whether or not the code relies on them; the loop back end
  // compares all the same.
  bool reserve = config.memory != MemoryMode::Checked && platform::hasGuardPages();
  if (config.memory == MemoryMode::Guard && !reserve) return notPossible("guard memory");
  state->guardedCode = reserve && canUseGuardMemory(backend, compiles);
  if (config.memory == MemoryMode::Auto) {
    reserve = state->guardedCode && guardMemoryFits();
    state->guardedCode = reserve;
  }
  if (state->guardedCode && !installTrapHandler()) {
    if (config.memory == MemoryMode::Guard)
      return Failure::of(ErrorClass::Io, "the system refuses signal handlers");
    reserve = state->guardedCode = false;
  }
  state->memory = reserve ? MemoryStrategy::Guard : MemoryStrategy::Checked;
  Engine out;
  out.state_ = std::move(state);
  return out;
}

const EngineConfig& Engine::config() const { return state_->config; }

Expected<Module> Module::compile(const Engine& engine, std::span<const u8> bytes) {
  Diagnostics diag;
  std::shared_ptr<LoadedModule> loaded;
  Status status = loadModule(engine.state(), ModuleBytes::copyOf(bytes), diag, &loaded);
  if (!status.ok()) return Failure::of(*status.error());
  return LoadedModule::handle(std::move(loaded));
}

Expected<Module> Module::fromFile(const Engine& engine, const std::string& path) {
  Diagnostics diag;
  ModuleBytes bytes;
  u64 start = platform::monotonicNs();
  Status status = readModuleFile(path.c_str(), engine.config().maxModuleBytes, diag, &bytes);
  u64 read = platform::monotonicNs();
  std::shared_ptr<LoadedModule> loaded;
  if (status.ok()) status = loadModule(engine.state(), std::move(bytes), diag, &loaded);
  if (!status.ok()) return Failure::of(*status.error());
  loaded->times.readNs = read - start;
  return LoadedModule::handle(std::move(loaded));
}

const bls::Module& Module::declarations() const { return *state_->module; }
const LoadTimes& Module::times() const { return state_->times; }

// ---- stores
// --------------------------------------------------------------------------------------------------------

StoreState::~StoreState() {
  if (interrupt != nullptr) {
    SpinGuard held(&interrupt->lock);
    interrupt->store = nullptr;
  }
}

void InterruptHandle::interrupt(Trap kind) const {
  SpinGuard held(&state_->lock);
  if (state_->store != nullptr) state_->store->requestInterrupt(kind);
}

Store::Store(const Engine& engine, const StoreLimits& limits) {
  StoreConfig config;
  config.limits = limits;
  config.memory = engine.state()->memory;
  config.deterministic = engine.config().deterministic;
  config.gcStress = engine.config().gcStress;
  state_ = std::make_shared<StoreState>(engine.state(), config);
  state_->store.setTier(engine.state()->tier.get());
  state_->store.setFuel(0);
  state_->store.cx()->park = &host::parkWait;
}

bls::Store& Store::objects() { return state_->store; }
u64 Store::peakMemoryBytes() const { return state_->store.peakBytes(); }

Expected<Nothing> Store::setFuel(u64 units) {
  if (!state_->engine->config.metered)
    return Failure::of(ErrorClass::Config, "fuel: the engine is not metered");
  state_->store.setFuel(units);
  return Nothing{};
}

Expected<u64> Store::fuel() const {
  if (!state_->engine->config.metered)
    return Failure::of(ErrorClass::Config, "fuel: the engine is not metered");
  return state_->store.remainingFuel();
}

Expected<InterruptHandle> Store::interruptHandle() {
  if (!state_->store.enableInterrupts())
    return Failure::of(ErrorClass::Io, "no descriptor left for interrupts");
  if (state_->interrupt == nullptr) {
    state_->interrupt = std::make_shared<InterruptHandle::State>();
    state_->interrupt->store = &state_->store;
  }
  InterruptHandle handle;
  handle.state_ = state_->interrupt;
  return handle;
}

void Store::clearInterrupt() { state_->store.clearInterrupt(); }

Expected<Nothing> Store::setDeadline(u64 afterNs) {
  if (!state_->store.enableInterrupts())
    return Failure::of(ErrorClass::Io, "no descriptor left for interrupts");
  if (state_->deadline == nullptr) state_->deadline = std::make_unique<Deadline>();
  auto expired = [](void* store) -> u64 {
    static_cast<bls::Store*>(store)->requestInterrupt(Trap::TimeLimit);
    return 0;
  };
  u64 now = platform::monotonicNs();
  u64 at = afterNs > ~u64{0} - now ? ~u64{0} : now + afterNs;
  if (!state_->deadline->arm(at, expired, &state_->store)) {
    return Failure::of(ErrorClass::Io, "no thread for the deadline");
  }
  return Nothing{};
}

void Store::clearDeadline() {
  if (state_->deadline != nullptr) state_->deadline->disarm();
}

// ---- calls
// ---------------------------------------------------------------------------------------------------------

u64* firstEntrySlots(StoreState* store, const FuncObj* func) {
  if (store == nullptr || func == nullptr) return nullptr;
  std::string why;
  ExecCtx* cx = store->store.mainCtx(&why);
  return cx != nullptr ? entrySlots(cx, func->slots) : nullptr;
}

Failure callFailure(StoreState* store, const FuncObj* func, Trap trap) {
  if (trap != Trap::None) return trapFailure(store->store, trap);
  if (store == nullptr || func == nullptr)
    return Failure::of(ErrorClass::Config, "call of an empty function handle");
  std::string why;
  if (store->store.mainCtx(&why) == nullptr) return Failure::of(ErrorClass::Limit, why);
  return trapFailure(store->store, Trap::StackOverflow);
}

Expected<std::vector<Value>> Function::call(std::span<const Value> args) const {
  u64* slots = callArguments(store_.get(), cx_, func_);
  if (slots == nullptr) return callFailure(store_.get(), func_, Trap::None);
  const FuncType& signature = type();
  if (args.size() != signature.params.size()) {
    return Failure::of(ErrorClass::Config, "the function takes " +
                                               std::to_string(signature.params.size()) +
                                               " arguments, not " + std::to_string(args.size()));
  }
  u64* at = slots;
  for (size_t i = 0; i < args.size(); ++i) {
    bool sameKind = args[i].type.isRef() == signature.params[i].isRef() &&
                    (args[i].type.isRef() || args[i].type == signature.params[i]);
    sameKind = sameKind && (!args[i].type.isRef() || gc::fits(&store_->store, args[i].type,
                                                              args[i].lo, signature.params[i]));
    if (!sameKind) {
      return Failure::of(ErrorClass::Config, "argument " + std::to_string(i + 1) + " must be " +
                                                 toString(signature.params[i]) + ", not " +
                                                 toString(args[i].type));
    }
    *at++ = args[i].type.isRef() ? gc::toSlot(&store_->store, signature.params[i], args[i].lo)
                                 : args[i].lo;
    if (args[i].type == ValType::V128) *at++ = args[i].hi;
  }
  const Trap trap = callSlots(cx_, func_, slots);
  if (trap != Trap::None) return callFailure(store_.get(), func_, trap);
  std::vector<Value> results;
  at = slots;
  for (ValType result : signature.results) {
    Value value{result, *at++, 0};
    if (result == ValType::V128) value.hi = *at++;
    if (result.isRef()) value.lo = gc::toHost(&store_->store, result, value.lo);
    results.push_back(value);
  }
  return results;
}

i64 Memory::grow(u64 pages) {
  const i64 before = memory_->grow(pages);
  ExecCtx* cx = store_->store.cx();
  if (cx->instance != nullptr) refreshMemory(cx);
  return before;
}

bool Memory::read(u64 offset, std::span<u8> out) const {
  if (!memory_->contains(offset, out.size())) return false;
  if (!out.empty()) std::memcpy(out.data(), memory_->base + offset, out.size());
  return true;
}

bool Memory::write(u64 offset, std::span<const u8> bytes) {
  if (!memory_->contains(offset, bytes.size())) return false;
  if (!bytes.empty()) std::memcpy(memory_->base + offset, bytes.data(), bytes.size());
  return true;
}

// ---- instances
// -----------------------------------------------------------------------------------------------------

namespace {

Failure noExport(std::string_view name, const char* kind) {
  return Failure::of(ErrorClass::Link, std::string("no exported ") + kind + " \"" +
                                           escapeForMessage(name.data(), name.size(), 100) + "\"");
}

}  // namespace

Expected<Function> Instance::function(std::string_view name) const {
  Extern found;
  if (!findExport(instance_, name, &found) || found.kind != ExternKind::Func)
    return noExport(name, "function");
  Function out;
  out.store_ = store_;
  out.cx_ = store_->store.cx();
  out.func_ = found.func;
  return out;
}

Expected<Memory> Instance::memory(std::string_view name) const {
  Extern found;
  if (!findExport(instance_, name, &found) || found.kind != ExternKind::Memory)
    return noExport(name, "memory");
  Memory out;
  out.store_ = store_;
  out.memory_ = found.memory;
  return out;
}

Expected<SharedMemory> Instance::sharedMemory(std::string_view name) const {
  Extern found;
  if (!findExport(instance_, name, &found) || found.kind != ExternKind::Memory)
    return noExport(name, "memory");
  SharedMemory out;
  out.memory_ = store_->store.shareMemory(found.memory);
  if (out.memory_ == nullptr) return Failure::of(ErrorClass::Link, "the memory is not shared");
  return out;
}

Expected<Value> Instance::global(std::string_view name) const {
  Extern found;
  if (!findExport(instance_, name, &found) || found.kind != ExternKind::Global)
    return noExport(name, "global");
  Value value{found.globalCanon, found.global->lo, found.global->hi};
  if (value.type.isRef()) value.lo = gc::toHost(&store_->store, value.type, value.lo);
  return value;
}

Failure Instance::typeMismatch(std::string_view name) const {
  return Failure::of(ErrorClass::Link, "exported function \"" +
                                           escapeForMessage(name.data(), name.size(), 100) +
                                           "\" has another type than the one asked for");
}

}  // namespace bls::embed
