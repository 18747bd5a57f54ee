// ThreadGroup: the threads of one guest (wasi-threads). Entry points: ThreadGroup::link, watch,
// finish.
//
// Every thread is a store of its own with an instance of its own, on a host thread of its own; they
// share the memories that the module imports as shared, the WASI context, the fuel pool and the
// memory budget. A trap or proc_exit in any thread ends all of them, with that outcome; when the
// first thread's call returns, the others are ended too. Threads that wait (poll, read, atomic
// wait) are woken to end. Source: WASI reference, section 8; threat model THR-2.
#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>

#include "runtime/runtime.h"

namespace bls::embed {

/// What all threads of a guest are held to.
struct ThreadGroupConfig {
  u32 maxThreads = 64;             // besides the first one, alive at the same time
  StoreLimits limits;              // of every thread's store
  std::shared_ptr<FuelPool> fuel;  // null: fuel is not counted
  /// The first thread may be in a call of native code that nothing can wake, when another ends the
  /// guest: with what, to a function that ends the process. After `graceNs`, on that other thread.
  /// Null: it is waited for.
  std::function<void(const Failure&)> stuck;
  u64 graceNs = 0;
};

class ThreadGroup {
 public:
  /// The fuel slice (StoreLimits) for every store of a group: large enough that drawing from the
  /// pool is rare, so small that threads that wait hold at most a tenth of the fuel together.
  static u64 fuelSlice(u64 fuel, u32 maxThreads) {
    return std::clamp<u64>(fuel / (10 * (u64{maxThreads} + 1)), 1, 100000);
  }

  /// Links and instantiates the program in the store of one more thread. Called on that thread;
  /// calls may overlap.
  using SetUp = std::function<Expected<Instance>(Store&)>;

  /// The engine is metered, else a thread that loops could not be ended.
  ThreadGroup(Engine engine, ThreadGroupConfig config, SetUp setUp);
  /// Ends all threads and waits until they are gone.
  ~ThreadGroup();
  ThreadGroup(const ThreadGroup&) = delete;
  ThreadGroup& operator=(const ThreadGroup&) = delete;

  /// True where this build can start threads.
  static bool supported();

  /// Gives `store` what all threads share: budget and fuel. Before anything is made in it. The
  /// first call is for the first thread's store.
  void share(Store& store);
  /// Defines `wasi` `thread-spawn` and the shared memories that `modules` import and nobody has
  /// defined: the first time they are made with the declared limits, later the same ones are used.
  /// The last module is the one whose threads start. Errors: Limit when a memory cannot be made.
  Expected<Nothing> link(Store& store, Linker& linker, std::span<const Module> modules);
  /// The first thread's store, whose call is interrupted when another thread ends the guest.
  /// Error: Io without a descriptor for interrupts.
  Expected<Nothing> watch(Store& store);

  /// The first thread is done: ends the others and waits for them, at most `graceNs`. True when all
  /// are gone; else nothing they use may be destroyed.
  bool finish(u64 graceNs);
  /// How another thread ended the guest, if one did: a trap, an exit, or an error. After finish.
  const std::optional<Failure>& outcome() const { return outcome_; }
  /// Most threads, with the first one, that were alive at once.
  u32 peakThreads() const;

 private:
  struct Threads;
  i32 spawn(i32 argument);
  void body(u32 id, i32 argument);
  void end(Failure failure);
  Expected<Nothing> linkMemories(Store& store, Linker& linker, const Module& module,
                                 bool* sharesMemory);

  Engine engine_;
  ThreadGroupConfig config_;
  SetUp setUp_;
  std::unique_ptr<Threads> threads_;
  std::optional<Failure> outcome_;
};

}  // namespace bls::embed
