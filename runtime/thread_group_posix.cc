// Threads of a guest on POSIX threads.
#include <pthread.h>

#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "runtime/load.h"
#include "runtime/thread_group.h"
#include "runtime/tiers.h"

namespace bls::embed {
namespace {

constexpr u32 kMaxThreadId = (u32{1} << 29) - 1;
constexpr i32 kNotStarted = -1;
constexpr size_t kHostStackBytes = size_t{1} << 20;  // for host functions
constexpr const char* kThreadStart = "wasi_thread_start";

}  // namespace

struct ThreadGroup::Threads {
  std::mutex lock;
  std::condition_variable gone;      // a thread, or the first one's call
  std::map<u32, bls::Store*> alive;  // null until the thread has a store that can be interrupted
  bls::Store* first = nullptr;
  std::shared_ptr<MemoryBudget> budget;
  std::map<std::pair<std::string, std::string>, std::shared_ptr<MemoryObj>> memories;
  bool canSpawn = false;
  bool ending = false;
  u32 lastId = 0;
  size_t peak = 1;

  struct Start {
    ThreadGroup* group;
    u32 id;
    i32 argument;
  };

  // With the lock held.
  void endAll() {
    ending = true;
    if (first != nullptr) first->requestInterrupt(Trap::Interrupt);
    for (const auto& [id, store] : alive) {
      if (store != nullptr) store->requestInterrupt(Trap::Interrupt);
    }
  }
  // With the lock held.
  void firstIsDone() {
    first = nullptr;
    gone.notify_all();
  }
  // With the lock held: an id that no thread has.
  u32 newId() {
    do {
      lastId = lastId == kMaxThreadId ? 1 : lastId + 1;
    } while (alive.contains(lastId));
    return lastId;
  }
};

bool ThreadGroup::supported() { return true; }

ThreadGroup::ThreadGroup(Engine engine, ThreadGroupConfig config, SetUp setUp)
    : engine_(std::move(engine)),
      config_(std::move(config)),
      setUp_(std::move(setUp)),
      threads_(std::make_unique<Threads>()) {}

ThreadGroup::~ThreadGroup() {
  std::unique_lock<std::mutex> held(threads_->lock);
  threads_->firstIsDone();
  threads_->endAll();
  threads_->gone.wait(held, [this] { return threads_->alive.empty(); });
}

void ThreadGroup::share(Store& store) {
  bls::Store& objects = store.objects();
  const std::lock_guard<std::mutex> held(threads_->lock);
  if (threads_->budget == nullptr) {
    threads_->budget = objects.budget();
  } else {
    objects.shareBudget(threads_->budget);
  }
  objects.shareFuel(config_.fuel);
}

Expected<Nothing> ThreadGroup::watch(Store& store) {
  if (!store.objects().enableInterrupts())
    return Failure::of(ErrorClass::Io, "no descriptor left for interrupts");
  const std::lock_guard<std::mutex> held(threads_->lock);
  threads_->first = &store.objects();
  return Nothing{};
}

Expected<Nothing> ThreadGroup::linkMemories(Store& store, Linker& linker, const Module& module,
                                            bool* sharesMemory) {
  const bls::Module& declared = module.declarations();
  bls::Linker& names = store.state()->linker;
  for (const ImportDecl& decl : declared.imports) {
    if (decl.kind != ExternKind::Memory) continue;
    const MemoryType& type = declared.memories[MemoryIndex{decl.index}];
    if (!type.limits.shared) continue;
    *sharesMemory = true;
    if (names.find(decl.module, decl.name) != nullptr) continue;
    const std::lock_guard<std::mutex> held(threads_->lock);
    std::shared_ptr<MemoryObj>& memory =
        threads_->memories[{std::string(decl.module), std::string(decl.name)}];
    MemoryObj* here = nullptr;
    if (memory == nullptr) {
      std::string why;
      here = store.objects().newMemory(type, &why);
      if (here == nullptr) return Failure::of(ErrorClass::Limit, std::move(why));
      memory = store.objects().shareMemory(here);
    } else {
      here = store.objects().adoptMemory(memory);
    }
    linker.define(decl.module, decl.name, Extern::of(here));
  }
  return Nothing{};
}

Expected<Nothing> ThreadGroup::link(Store& store, Linker& linker, std::span<const Module> modules) {
  bool sharesMemory = false;
  for (const Module& module : modules) {
    const auto linked = linkMemories(store, linker, module, &sharesMemory);
    if (!linked.ok()) return linked.failure();
  }
  const bls::Module& entry = modules.back().declarations();
  const ExportDecl* start = entry.findExport(kThreadStart);
  if (start != nullptr && start->kind == ExternKind::Func) {
    const FuncType wanted{{ValType::I32, ValType::I32}, {}};
    const std::lock_guard<std::mutex> held(threads_->lock);
    if (sharesMemory && entry.funcTypeOf(start->index) == wanted) threads_->canSpawn = true;
  }
  linker.function("wasi", "thread-spawn",
                  [this](host::Caller&, i32 argument) { return spawn(argument); });
  return Nothing{};
}

i32 ThreadGroup::spawn(i32 argument) {
  Threads& threads = *threads_;
  u32 id = 0;
  {
    const std::lock_guard<std::mutex> held(threads.lock);
    if (threads.ending || !threads.canSpawn || threads.alive.size() >= config_.maxThreads)
      return kNotStarted;
    id = threads.newId();
    threads.alive[id] = nullptr;
    threads.peak = std::max(threads.peak, threads.alive.size() + 1);
  }
  pthread_attr_t attributes;
  bool started = pthread_attr_init(&attributes) == 0;
  if (started) {
    size_t stack = kHostStackBytes;
    if (engine_.config().tier != TierMode::Interp)
      stack += static_cast<size_t>(nativeStackFor(config_.limits.slotStackBytes));
    auto entry = [](void* given) -> void* {
      const std::unique_ptr<Threads::Start> start(static_cast<Threads::Start*>(given));
      start->group->body(start->id, start->argument);
      return nullptr;
    };
    auto start = std::make_unique<Threads::Start>(Threads::Start{this, id, argument});
    pthread_t thread;
    started = pthread_attr_setstacksize(&attributes, stack) == 0 &&
              pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED) == 0 &&
              pthread_create(&thread, &attributes, entry, start.get()) == 0;
    if (started) {
      [[maybe_unused]] const Threads::Start* const taken = start.release();  // by the thread
    }
    pthread_attr_destroy(&attributes);
  }
  if (started) return static_cast<i32>(id);
  const std::lock_guard<std::mutex> held(threads.lock);
  threads.alive.erase(id);
  return kNotStarted;
}

void ThreadGroup::body(u32 id, i32 argument) {
  Threads& threads = *threads_;
  {
    Store store(engine_, config_.limits);
    share(store);
    std::optional<Failure> failure;
    bool wanted = false;
    if (!store.objects().enableInterrupts()) {
      failure = Failure::of(ErrorClass::Io, "no descriptor left for another thread");
    } else {
      const std::lock_guard<std::mutex> held(threads.lock);
      wanted = !threads.ending;
      threads.alive[id] = &store.objects();
    }
    if (wanted) {
      Expected<Instance> made = setUp_(store);
      if (!made.ok()) {
        failure = made.failure();
      } else {
        Expected<Function> start = made.value().function(kThreadStart);
        if (!start.ok()) {
          failure = start.failure();
        } else {
          const Value arguments[] = {{ValType::I32, id, 0},
                                     {ValType::I32, static_cast<u32>(argument), 0}};
          auto done = start.value().call(arguments);
          if (!done.ok()) failure = done.failure();
        }
      }
    }
    {
      const std::lock_guard<std::mutex> held(threads.lock);
      threads.alive[id] = nullptr;
    }
    store.objects().returnFuel();
    if (failure) end(std::move(*failure));
  }
  const std::lock_guard<std::mutex> held(threads.lock);
  threads.alive.erase(id);
  threads.gone
      .notify_all();  // with the lock held: the group may be destroyed as soon as it is free
}

void ThreadGroup::end(Failure failure) {
  std::unique_lock<std::mutex> held(threads_->lock);
  if (threads_->ending) return;  // an interrupted thread, or one that came second
  outcome_ = std::move(failure);
  threads_->endAll();
  if (!config_.stuck) return;
  const bool back = threads_->gone.wait_for(held, std::chrono::nanoseconds(config_.graceNs),
                                            [this] { return threads_->first == nullptr; });
  if (!back) config_.stuck(*outcome_);
}

bool ThreadGroup::finish(u64 graceNs) {
  std::unique_lock<std::mutex> held(threads_->lock);
  threads_->firstIsDone();
  threads_->endAll();
  return threads_->gone.wait_for(held, std::chrono::nanoseconds(graceNs),
                                 [this] { return threads_->alive.empty(); });
}

u32 ThreadGroup::peakThreads() const {
  const std::lock_guard<std::mutex> held(threads_->lock);
  return static_cast<u32>(threads_->peak);
}

}  // namespace bls::embed
