// Store: owns every run-time object of one or more linked instances, their execution stacks and
// their limits.
//
// Several threads run one guest as several stores, each with its own instances, that use the same
// shared memories (shareMemory).
// Objects live as long as the store (handles never dangle inside it). Not thread safe, except
// InterruptState and what shared memories document. Spec: exec/runtime, store.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <utility>

#include "engine/base/status.h"
#include "engine/object/fuel_pool.h"
#include "engine/object/instance.h"

namespace bls {

/// Run-time limits of one store; exceeding one makes growth fail (-1) or creation an error. ~0
/// means no limit.
struct StoreLimits {
  u64 memoryBytesEach = ~u64{0};  // any single linear memory
  u64 memoryBytesTotal =
      ~u64{0};  // all memories, tables at 8 bytes an element, heap and data copies (MEM-3)
  u64 tableElements = 10000000;  // any single table
  u64 instances = 10000;
  u64 slotStackBytes = u64{4} << 20;
  /// Fuel that running code is handed at a time, at least 1. What is counted does not depend on it.
  u64 fuelSlice = kFuelSlice;
};

struct StoreConfig {
  StoreLimits limits;
  MemoryStrategy memory = MemoryStrategy::Guard;
  bool deterministic = false;
  bool gcStress = false;  // collect at every allocation
};

/// What the store owns for the garbage collector (gc/heap.h), which is made when it is first
/// needed.
struct StoreHeap {
  virtual ~StoreHeap() = default;
};

class Store {
 public:
  explicit Store(const StoreConfig& config);
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  const StoreConfig& config() const { return config_; }

  /// Creation; null when a limit or the system refuses (`why` then names it).
  MemoryObj* newMemory(const MemoryType& type, std::string* why);
  /// A shared memory of this store for use in another one, perhaps on another thread; null when it
  /// is not shared. adoptMemory makes it usable there. Growth stays charged to the store that made
  /// it. Thread rule: each store's own thread.
  std::shared_ptr<MemoryObj> shareMemory(const MemoryObj* memory) const;
  MemoryObj* adoptMemory(std::shared_ptr<MemoryObj> memory);
  TableObj* newTable(const TableType& type, ValType canonElem, u64 initRef, std::string* why);
  GlobalObj* newGlobal(const GlobalType& type, ValType canonType, GlobalCell value);
  TagObj* newTag(u32 canonType);
  FuncObj* newFunc();
  FuncObj* newHostFunc(u32 canonType, u32 paramSlots, u32 resultSlots, HostThunk thunk,
                       void* hostData, const char* name);
  /// Raw zeroed storage that lives as long as the store (instances, arrays); null when the system
  /// refuses.
  void* allocate(u64 bytes);
  /// Takes note of an instance, whose segments are destroyed with the store. False when the
  /// instance limit is reached.
  bool addInstance(Instance* instance, u32 elemCount);
  const std::deque<std::pair<Instance*, u32>>& instances() const { return instances_; }

  /// Objects made after a mark can be taken back as long as nothing refers to them: a failed
  /// instantiation.
  struct Mark {
    size_t memories, tables, globals, tags, funcs, blocks, instances;
  };
  Mark mark() const;
  void rollback(const Mark& mark);

  /// The execution context of the store's main chain; its stacks are made on first use, sized by
  /// the limits. Null when the system refuses them.
  ExecCtx* mainCtx(std::string* why);
  /// The same without making stacks: for fuel, interrupts and traps.
  ExecCtx* cx();
  /// The tier through which wasm functions are entered; not owned.
  void setTier(Tier* tier);

  StoreHeap* heap() const { return heap_.get(); }
  void setHeap(std::unique_ptr<StoreHeap> heap) { heap_ = std::move(heap); }
  /// In the order they were made, those of other stores that were adopted among them.
  const std::deque<std::shared_ptr<MemoryObj>>& memories() const { return memories_; }
  /// For the collector: everything that may hold references, besides instances() and frames.
  const std::deque<std::unique_ptr<TableObj>>& tables() const { return tables_; }
  std::deque<GlobalObj>& globals() { return globals_; }

  /// Charges / returns bytes against memoryBytesTotal; false when the limit would be passed.
  bool charge(u64 bytes) { return budget_->charge(bytes); }
  void discharge(u64 bytes) { budget_->discharge(bytes); }
  /// Charges what this store makes to the budget of another one, which both are then held to.
  /// Before anything is made.
  void shareBudget(std::shared_ptr<MemoryBudget> budget) { budget_ = std::move(budget); }
  u64 usedBytes() const { return budget_->used(); }
  u64 peakBytes() const { return budget_->peak(); }
  const std::shared_ptr<MemoryBudget>& budget() const { return budget_; }
  /// True when `address` lies in the reservation of one of this store's memories. Async-signal-safe
  /// on the store's thread.
  bool ownsAddress(const void* address) const;

  /// Fuel (fuel.md section 2). Remaining never goes below 0 and saturates at UINT64_MAX.
  void setFuel(u64 units);
  u64 remainingFuel() const;
  /// Takes units for work the host does on the guest's account; may overdraw, which counts as
  /// nothing left.
  void consumeFuel(u64 units);
  /// When the store's own fuel is used up, running code draws from `pool` (null: from nowhere);
  /// what is left there counts as remaining. Before anything runs. Thread rule: the store's thread.
  void shareFuel(std::shared_ptr<FuelPool> pool) { fuelPool_ = std::move(pool); }
  /// Up to `most` units of the pool, 0 when there is none or nothing in it.
  u64 drawFuel(u64 most) { return fuelPool_ != nullptr ? fuelPool_->draw(most) : 0; }
  /// The store's own fuel goes back to the pool.
  void returnFuel();

  InterruptState& interrupt() { return interrupt_; }
  /// Makes the wake descriptor, so that an interrupt also ends blocking host calls. Call before
  /// another thread may interrupt.
  bool enableInterrupts();
  /// Asks the running execution to end with `kind` (Interrupt, TimeLimit, Exit). Any thread, and
  /// signal handlers.
  void requestInterrupt(Trap kind);
  /// Takes a request back, after the execution has ended. The store's thread.
  void clearInterrupt();
  /// Keeps `object` alive as long as the store (module code, host contexts).
  void keepAlive(std::shared_ptr<void> object) { kept_.push_back(std::move(object)); }

 private:
  StoreConfig config_;
  std::shared_ptr<MemoryBudget> budget_;
  std::shared_ptr<FuelPool> fuelPool_;
  InterruptState interrupt_;
  std::deque<std::shared_ptr<MemoryObj>> memories_;
  std::deque<std::unique_ptr<TableObj>> tables_;
  std::deque<GlobalObj> globals_;
  std::deque<TagObj> tags_;
  std::deque<FuncObj> funcs_;
  std::deque<void*> blocks_;
  std::deque<std::pair<Instance*, u32>> instances_;
  std::deque<std::shared_ptr<void>> kept_;
  struct Stacks;
  std::unique_ptr<Stacks> stacks_;
  std::unique_ptr<StoreHeap> heap_;
};

}  // namespace bls
