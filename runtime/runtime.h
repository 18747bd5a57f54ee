// The embedding API: compile modules, give them host functions, run them. Everything an embedder
// needs is in bls::embed.
//
//   auto engine = embed::Engine::make();                       // settings and the tier; cheap to
//   copy, thread safe auto module = embed::Module::fromFile(engine.value(), "add.wasm");
//   embed::Store store(engine.value());                        // one guest world: objects, limits,
//   stacks embed::Linker linker(store); linker.function("env", "log", [](host::Caller&, i32 x) {
//   std::printf("%d\n", x); }); auto instance = linker.instantiate(module.value()); auto add =
//   instance.value().typed<i32(i32, i32)>("add"); embed::Expected<i32> sum = add.value()(1, 2);
//
// Nothing throws. What can fail returns Expected<T>: a value or a Failure (an error, a guest trap,
// or the guest leaving). Engine and Module may be used from any thread. A Store and what belongs to
// it (Linker, Instance, functions, memories) is for one thread at a time; InterruptHandle is the
// exception. Handles keep what they refer to alive, so no order of destruction is wrong. Mixing
// objects of different engines or stores is an error, never undefined.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/exec/entry.h"
#include "engine/host/abi.h"
#include "engine/host/bind.h"
#include "engine/instance/extern.h"
#include "engine/object/store.h"
#include "engine/wasm/features.h"
#include "runtime/failure.h"
#include "runtime/typed.h"

namespace bls::wasi {
class Context;
struct ContextConfig;
}  // namespace bls::wasi

namespace bls::embed {

class HostObserver;

/// How out-of-bounds accesses are found. Guard uses address space (4 GiB for each 32-bit memory)
/// and signal handlers for SIGSEGV, SIGBUS and SIGFPE, which chain to the ones that were there;
/// Checked compares and needs neither. Auto is Guard where the system allows it.
enum class MemoryMode : u8 { Auto, Guard, Checked };
/// Back end of the interpreter; Default is the fastest this build has.
enum class Dispatch : u8 { Default, Tail, Loop };
/// How code is executed. Baseline compiles a function when it is first called; what the compiler
/// does not cover is interpreted. Compiled code may take 1.5 times the slot budget of the thread's
/// own stack (AArch64: twice), besides what the host functions take: the default budget of 4 MiB is
/// for threads with 8 MiB (AArch64: 10), and `bls` allows none over kMaxBaselineStackBytes.
enum class TierMode : u8 { Interp, Baseline, Auto };
/// When a tier that compiles does so: as TierMode says, or all functions while the module is
/// loaded.
enum class CompileMode : u8 { Lazy, Eager };
constexpr u64 kMaxBaselineStackBytes = u64{8} << 20;
enum class FuelSchedule : u8 { Wt31, WtNext };
/// What a trap other than running out leaves: the count up to and with the trapping instruction, or
/// as in Wasmtime the value that was last written back (before calls, returns and unreachable).
enum class FuelAtTraps : u8 { Exact, Compat };

struct EngineConfig {
  Features features;  // WebAssembly proposals that modules may use
  MemoryMode memory = MemoryMode::Auto;
  Dispatch dispatch = Dispatch::Default;
  TierMode tier = TierMode::Interp;
  /// TierMode::Auto: the call, and the arrival at a loop header, at which a function is compiled; 0
  /// is never.
  u32 compileAtCall = 10;
  u32 compileAtLoop = 100;
  CompileMode compile = CompileMode::Lazy;
  u32 compileThreads = 0;  // CompileMode::Eager: 0 is as many as CPUs, 1 the calling thread
  FuelSchedule fuelSchedule = FuelSchedule::Wt31;
  FuelAtTraps fuelAtTraps = FuelAtTraps::Exact;
  bool metered = false;        // count fuel; also needed for interrupts and deadlines to end loops
  bool deterministic = false;  // canonical NaNs
  bool gcStress = false;       // collect garbage at every allocation: for tests
  bool spillStress = false;    // compiled code keeps few values in registers: for tests
  bool switchTiers = false;    // with a compiler: change tiers every few safepoints, for tests
  bool mixStress = false;      // every second function is left to the interpreter: for tests
  /// If given, only functions whose indices are in these ranges (first and last) are compiled: for
  /// finding the one that the compiler gets wrong.
  std::optional<std::vector<std::pair<u32, u32>>> compileOnly;
  u32 threads = 0;  // for modules over 1 MiB; 0: as many as CPUs
  u64 maxModuleBytes = u64{256} << 20;
};

struct EngineState;
struct LoadedModule;
struct StoreState;

class Engine {
 public:
  Engine() = default;  // refers to nothing; only for assigning to
  /// Error: Config when a setting is not possible here (guard memory or tail dispatch in a build
  /// without them).
  static Expected<Engine> make(const EngineConfig& config = {});
  const EngineConfig& config() const;
  const std::shared_ptr<EngineState>& state() const { return state_; }

 private:
  std::shared_ptr<EngineState> state_;
};

/// Nanoseconds spent on one module.
struct LoadTimes {
  u64 readNs = 0;
  u64 decodeNs = 0;
  u64 validateNs = 0;
};

/// A module, decoded and completely validated. Immutable, shared by any number of stores of its
/// engine.
class Module {
 public:
  Module() = default;  // refers to nothing; only for assigning to
  /// Copies the bytes. Errors: Malformed, Invalid, Unsupported (feature off), Limit; each with a
  /// byte offset.
  static Expected<Module> compile(const Engine& engine, std::span<const u8> bytes);
  /// The same for a file (`-` is standard input), which is mapped when it is large: it must not
  /// shrink while in use. Error: Io.
  static Expected<Module> fromFile(const Engine& engine, const std::string& path);
  /// What the module declares: imports, exports, types. Valid as long as any handle to the module.
  const bls::Module& declarations() const;
  const LoadTimes& times() const;
  const std::shared_ptr<LoadedModule>& state() const { return state_; }

 private:
  friend struct LoadedModule;
  std::shared_ptr<LoadedModule> state_;
};

/// Ends the execution of a store from any other thread; stays safe to use when the store is gone.
class InterruptHandle {
 public:
  /// The running call, or the next one, ends with this trap (Interrupt or TimeLimit): at once in
  /// blocking host calls, at the next function entry or (metered engines) loop header in wasm code.
  void interrupt(Trap kind = Trap::Interrupt) const;

  struct State;

 private:
  friend class Store;
  std::shared_ptr<State> state_;
};

class Instance;

/// An exception that no handler caught, taken out of its store.
struct ThrownException {
  const TagObj* tag = nullptr;  // tags are compared by identity; valid as long as the store
  std::vector<Value> payload;   // references in it are the embedder's to release

  /// True when it was thrown with the tag that the instance exports under this name.
  bool hasTag(const Instance& instance, std::string_view exportName) const;
};

class Store {
 public:
  explicit Store(const Engine& engine, const StoreLimits& limits = {});

  /// Fuel left for the guest. Metered stores start with none. Error: Config when the engine is not
  /// metered.
  Expected<Nothing> setFuel(u64 units);
  Expected<u64> fuel() const;
  /// Most bytes that memories and tables had together.
  u64 peakMemoryBytes() const;

  /// Error: Io when the system has no descriptor left.
  Expected<InterruptHandle> interruptHandle();
  /// Takes back an interrupt or deadline that ended a call, so that the next call can run.
  void clearInterrupt();
  /// Every call that runs `afterNs` from now ends with TimeLimit. Error: Io when the system refuses
  /// a thread.
  Expected<Nothing> setDeadline(u64 afterNs);
  void clearDeadline();

  /// Gives back a reference to an object of the guest (a result, a global's value, a payload):
  /// until then the object is kept, afterwards the value is null. Nothing happens for other values,
  /// which need no release.
  void release(const Value& reference);
  /// What the last call that ended with Trap::UncaughtException threw. Once; until then, or until
  /// the next one, the exception is kept. Error: Config when there is none.
  Expected<ThrownException> takeException();

  bls::Store& objects();
  const std::shared_ptr<StoreState>& state() const { return state_; }

 private:
  std::shared_ptr<StoreState> state_;
};

/// A linear memory of a store.
class Memory {
 public:
  u64 sizeBytes() const { return memory_->size.load(std::memory_order_acquire); }
  u64 pages() const { return memory_->pages(); }
  /// Pages before, or -1 when a limit or the system refuses. A host function may grow the memory of
  /// its caller.
  i64 grow(u64 pages);
  /// False, and nothing copied, when the range is not inside.
  bool read(u64 offset, std::span<u8> out) const;
  bool write(u64 offset, std::span<const u8> bytes);

 private:
  friend class Instance;
  std::shared_ptr<StoreState> store_;
  MemoryObj* memory_ = nullptr;
};

/// A shared memory, for stores on other threads. Copies refer to the same memory and keep it alive.
class SharedMemory {
 public:
  u64 sizeBytes() const { return memory_->size.load(std::memory_order_acquire); }

 private:
  friend class Instance;
  friend class Linker;
  std::shared_ptr<MemoryObj> memory_;
};

/// A function of a store, with its arguments as values.
class Function {
 public:
  Function() = default;
  const FuncType& type() const { return signatureOf(func_); }
  /// Errors: Config for arguments that do not fit the parameters; Trap; Exit.
  Expected<std::vector<Value>> call(std::span<const Value> args) const;
  Expected<std::vector<Value>> call(std::initializer_list<Value> args) const {
    return call(std::span<const Value>(args.begin(), args.size()));
  }

 private:
  friend class Instance;
  template <class Signature>
  friend class TypedFunc;
  std::shared_ptr<StoreState> store_;
  ExecCtx* cx_ = nullptr;
  FuncObj* func_ = nullptr;
};

/// A function whose type was checked once: calls cost no more than the slots. Make it with
/// Instance::typed.
template <class R, class... A>
class TypedFunc<R(A...)> {
 public:
  TypedFunc() = default;
  Expected<R> operator()(A... args) const;

 private:
  Expected<R> fail(Trap trap) const;
  friend class Instance;
  Function function_;
};

class Instance {
 public:
  Instance() = default;  // refers to nothing; only for assigning to
  /// Error: Link when there is no export of that name and kind.
  Expected<Function> function(std::string_view name) const;
  Expected<Memory> memory(std::string_view name) const;
  /// Error: Link as well when the memory is not shared.
  Expected<SharedMemory> sharedMemory(std::string_view name) const;
  /// The value of an exported global.
  Expected<Value> global(std::string_view name) const;
  /// Error: Link when the export is missing or has another type.
  template <class Signature>
  Expected<TypedFunc<Signature>> typed(std::string_view name) const {
    Expected<Function> found = function(name);
    if (!found.ok()) return found.failure();
    if (!TypedTraits<Signature>::matches(found.value().type())) return typeMismatch(name);
    TypedFunc<Signature> out;
    out.function_ = found.value();
    return out;
  }
  bls::Instance* object() const { return instance_; }

 private:
  friend class Linker;
  Failure typeMismatch(std::string_view name) const;
  std::shared_ptr<StoreState> store_;
  std::shared_ptr<LoadedModule> module_;
  bls::Instance* instance_ = nullptr;
};

/// Names for imports, in one store. The latest definition of a name wins.
class Linker {
 public:
  explicit Linker(Store& store);

  /// A C++ callable as a host function. Its first parameter is host::Caller&; the others are i32
  /// u32 i64 u64 f32 f64 or the checked views of engine/host/abi.h (GuestPtr, GuestSpan,
  /// GuestString); it returns nothing, a scalar, or a Trap. It must not throw. The callable lives
  /// as long as the store.
  template <class F>
  void function(std::string_view module, std::string_view name, F callable) {
    auto kept = std::make_shared<F>(std::move(callable));
    FuncObj* func = makeHostFunc(CallableTraits<F>::type(), &CallableTraits<F>::thunk, kept.get(),
                                 module, name);
    keep(std::move(kept));
    define(module, name, Extern::of(func));
  }
  /// Host functions made with host::bind. `module` outlives the store.
  void hostModule(const host::HostModule& module);
  /// The WASI modules wasi_snapshot_preview1 and wasi_unstable, with what `config` grants.
  Expected<Nothing> wasi(bls::wasi::ContextConfig config);
  /// The same with a context that may be linked into other stores too, on other threads.
  void wasi(std::shared_ptr<bls::wasi::Context> context);
  /// Errors as wasi::makeContext.
  static Expected<std::shared_ptr<bls::wasi::Context>> makeWasi(bls::wasi::ContextConfig config);
  /// All exports of an instance of the same store, under a module name.
  Expected<Nothing> instance(std::string_view module, const Instance& instance);
  /// A shared memory of another store, perhaps one that another thread uses.
  void sharedMemory(std::string_view module, std::string_view name, const SharedMemory& memory);
  void define(std::string_view module, std::string_view name, const Extern& item);
  /// The host modules and functions added from now on are called through `observer`
  /// (runtime/host_observer.h), which outlives the store. Null: directly.
  void observe(HostObserver* observer);
  /// Unknown function imports trap when called, instead of failing instantiate.
  void setUnknownImportsTrap(bool on);

  /// Matches imports, allocates, runs segments and the start function. Errors: Link, Limit,
  /// Unsupported; or a Trap, after which the instance exists in the store but is not returned.
  Expected<Instance> instantiate(const Module& module) { return instantiate(module, false); }
  /// The same for one more thread of a guest: active data segments do not overwrite shared memories
  /// a second time. (The start function runs, as in wasi-threads elsewhere.)
  Expected<Instance> instantiateThread(const Module& module) { return instantiate(module, true); }

 private:
  Expected<Instance> instantiate(const Module& module, bool anotherThread);
  FuncObj* makeHostFunc(const FuncType& type, HostThunk thunk, void* data, std::string_view module,
                        std::string_view name);
  void keep(std::shared_ptr<void> object);
  std::shared_ptr<StoreState> store_;
};

/// Internal: why a call cannot be made, or what its trap was, with the trace.
[[gnu::cold]] Failure callFailure(StoreState* store, const FuncObj* func, Trap trap);
/// Internal: where the arguments of a call go; null when it cannot be made. The first call of a
/// store makes its stacks.
[[gnu::cold]] u64* firstEntrySlots(StoreState* store, const FuncObj* func);
inline u64* callArguments(StoreState* store, ExecCtx* cx, const FuncObj* func) {
  u64* slots = BLS_LIKELY(cx != nullptr) ? entrySlots(cx, func->slots) : nullptr;
  return BLS_LIKELY(slots != nullptr) ? slots : firstEntrySlots(store, func);
}

template <class R, class... A>
[[gnu::cold, gnu::noinline]] Expected<R> TypedFunc<R(A...)>::fail(Trap trap) const {
  return callFailure(function_.store_.get(), function_.func_, trap);
}

template <class R, class... A>
[[gnu::always_inline]] inline Expected<R> TypedFunc<R(A...)>::operator()(A... args) const {
  FuncObj* func = function_.func_;
  u64* slots = callArguments(function_.store_.get(), function_.cx_, func);
  if (BLS_UNLIKELY(slots == nullptr)) return fail(Trap::None);
  [[maybe_unused]] u32 at = 0;
  ((slots[at++] = host::toSlot(args)), ...);
  const Trap trap = callSlots(function_.cx_, func, slots);
  if (BLS_UNLIKELY(trap != Trap::None)) return fail(trap);
  if constexpr (std::is_same_v<R, void>) {
    return Expected<void>(Nothing{});
  } else {
    return host::slotTo<R>(slots[0]);
  }
}

}  // namespace bls::embed
