// The linker of the embedding API: host functions, WASI, instances; instantiation with the checks
// that need metadata.
#include <list>

#include "engine/base/platform.h"
#include "engine/instance/instantiate.h"
#include "engine/module/type_canon.h"
#include "runtime/host_observer.h"
#include "runtime/load.h"
#include "wasi/preview1.h"

namespace bls::embed {
namespace {

u32 slotsOf(std::span<const ValType> types) {
  u32 slots = 0;
  for (ValType type : types) slots += type.slots();
  return slots;
}

struct Observed {
  ObservedImport import;
  HostObserver* observer;
};

// The thunk of an observed function; its FuncObj's hostData is an Observed.
Trap observeCall(ExecCtx* cx, FuncObj* self, u64* slots) {
  const Observed& observed = *static_cast<Observed*>(self->hostData);
  FuncObj inner = *self;
  inner.hostData = observed.import.context;
  return observed.observer->call(observed.import, cx, &inner, slots);
}

// A function that is in no table, observed: what ObservedImport refers to.
struct ObservedFunction {
  std::string module;
  std::string name;
  FuncType type;
  host::HostFunc row;
  Observed observed;
};

// A table of host functions as an import provider: a FuncObj is made when a module asks for the
// name.
class HostProvider : public ImportProvider {
 public:
  HostProvider(host::HostModule module, HostObserver* observer)
      : module_(std::move(module)), observer_(observer) {}
  const char* name() const { return module_.name(); }
  bool provide(bls::Store& store, std::string_view name, Extern* out) override {
    const host::HostFunc* func = module_.find(name);
    if (func == nullptr) return false;
    u32 type = TypeRegistry::global().canonicalFunc(func->type());
    HostThunk thunk = func->thunk;
    void* context = module_.context();
    if (observer_ != nullptr) {
      void* own = observer_->linked(module_.name(), *func);
      context = &observed_.emplace_back(
          Observed{{module_.name(), func, module_.context(), own}, observer_});
      thunk = &observeCall;
    }
    *out = Extern::of(store.newHostFunc(type, func->paramSlots(), func->resultSlots(), thunk,
                                        context, func->name));
    return true;
  }

 private:
  host::HostModule module_;
  HostObserver* observer_;
  std::list<Observed> observed_;  // addresses stay
};

void addProvider(StoreState& state, host::HostModule module) {
  auto provider = std::make_shared<HostProvider>(std::move(module), state.observer);
  state.linker.addProvider(provider->name(), provider.get());
  state.store.keepAlive(std::move(provider));
}

}  // namespace

Failure trapFailure(bls::Store& store, Trap trap) {
  Failure out;
  ExecCtx* cx = store.cx();
  if (trap == Trap::Exit) {
    out.kind = Failure::Kind::Exit;
    out.exitCode = cx->exitCode;
    return out;
  }
  out.kind = Failure::Kind::Trap;
  out.trap = trap;
  out.trace = formatTrap(trap, *cx->trace, *cx->trapDetail);
  cx->trapDetail->clear();
  return out;
}

Linker::Linker(Store& store) : store_(store.state()) {}

FuncObj* Linker::makeHostFunc(const FuncType& type, HostThunk thunk, void* data,
                              std::string_view module, std::string_view name) {
  auto own = std::make_shared<ObservedFunction>();
  own->name = name;
  if (HostObserver* observer = store_->observer; observer != nullptr) {
    own->module = module;
    own->type = type;
    own->row = {own->name.c_str(),      thunk, own->type.params, own->type.results,
                host::Capability::None, ""};
    void* noted = observer->linked(own->module.c_str(), own->row);
    own->observed = {{own->module.c_str(), &own->row, data, noted}, observer};
    thunk = &observeCall;
    data = &own->observed;
  }
  FuncObj* func =
      store_->store.newHostFunc(TypeRegistry::global().canonicalFunc(type), slotsOf(type.params),
                                slotsOf(type.results), thunk, data, own->name.c_str());
  keep(std::move(own));
  return func;
}

void Linker::keep(std::shared_ptr<void> object) { store_->store.keepAlive(std::move(object)); }

void Linker::hostModule(const host::HostModule& module) {
  // A copy of the table's view: the rows themselves are static or owned by `module`, which outlives
  // the store.
  addProvider(*store_, host::HostModule(module.name(), module.functions(), module.context()));
}

Expected<std::shared_ptr<wasi::Context>> Linker::makeWasi(bls::wasi::ContextConfig config) {
  Diagnostics diag;
  auto made = wasi::makeContext(std::move(config), diag);
  if (!made.ok()) return Failure::of(*made.error());
  return std::shared_ptr<wasi::Context>(made.take());
}

void Linker::wasi(std::shared_ptr<wasi::Context> context) {
  addProvider(*store_, wasi::preview1Module(*context));
  addProvider(*store_, wasi::unstableModule(*context));
  keep(std::move(context));
}

Expected<Nothing> Linker::wasi(bls::wasi::ContextConfig config) {
  auto made = makeWasi(std::move(config));
  if (!made.ok()) return made.failure();
  wasi(std::move(made.value()));
  return Nothing{};
}

Expected<Nothing> Linker::instance(std::string_view module, const Instance& instance) {
  if (instance.object() == nullptr || instance.object()->store != &store_->store) {
    return Failure::of(ErrorClass::Config, "the instance belongs to another store");
  }
  store_->linker.defineInstance(module, instance.object());
  return Nothing{};
}

void Linker::define(std::string_view module, std::string_view name, const Extern& item) {
  store_->linker.define(module, name, item);
}

void Linker::sharedMemory(std::string_view module, std::string_view name,
                          const SharedMemory& memory) {
  store_->linker.define(module, name, Extern::of(store_->store.adoptMemory(memory.memory_)));
}

void Linker::observe(HostObserver* observer) { store_->observer = observer; }

void Linker::setUnknownImportsTrap(bool on) { store_->linker.setUnknownImportsTrap(on); }

Expected<Instance> Linker::instantiate(const Module& module, bool anotherThread) {
  const std::shared_ptr<LoadedModule>& loaded = module.state();
  if (loaded == nullptr || loaded->engine != store_->engine) {
    return Failure::of(ErrorClass::Config, "the module belongs to another engine");
  }
  Diagnostics diag;
  std::vector<Extern> imports;
  u64 start = platform::monotonicNs();
  Status linked = store_->linker.resolve(*loaded->module, diag, &imports);
  if (!linked.ok()) return Failure::of(*linked.error());
  InstantiateArgs args;
  args.store = &store_->store;
  args.module = loaded->module.get();
  args.code = loaded->code->cells();
  args.owner = loaded.get();
  args.imports = imports;
  args.anotherThread = anotherThread;
  if (store_->engine->config.metered)
    args.schedule = &kFuelSchedules[static_cast<u8>(store_->engine->config.fuelSchedule)];
  store_->store.keepAlive(loaded);
  Result<Instantiated> made = bls::instantiate(args, diag);
  store_->instantiateNs += platform::monotonicNs() - start;
  if (!made.ok()) return Failure::of(*made.error());
  if (made.value().trap != Trap::None) return trapFailure(store_->store, made.value().trap);
  Instance out;
  out.store_ = store_;
  out.module_ = loaded;
  out.instance_ = made.value().instance;
  return out;
}

}  // namespace bls::embed
