// Store: owns every run-time object of one or more linked instances, their execution stacks and their limits.
//
// Objects live as long as the store (handles never dangle inside it). Not thread safe, except InterruptState and what shared
// memories document. Spec: exec/runtime, store.
#pragma once

#include <deque>
#include <memory>

#include "engine/base/status.h"
#include "engine/object/instance.h"

namespace bls {

/// Run-time limits of one store; exceeding one makes growth fail (-1) or creation an error. ~0 means no limit.
struct StoreLimits {
  u64 memoryBytesEach = ~u64{0};     // any single linear memory
  u64 memoryBytesTotal = ~u64{0};    // all memories, tables at 8 bytes an element, heap and data copies (MEM-3)
  u64 tableElements = 10000000;      // any single table
  u64 instances = 10000;
  u64 slotStackBytes = u64{4} << 20;
};

struct StoreConfig {
  StoreLimits limits;
  MemoryStrategy memory = MemoryStrategy::Guard;
  bool deterministic = false;
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
  TableObj* newTable(const TableType& type, ValType canonElem, u64 initRef, std::string* why);
  GlobalObj* newGlobal(const GlobalType& type, ValType canonType, GlobalCell value);
  TagObj* newTag(u32 canonType);
  FuncObj* newFunc();
  FuncObj* newHostFunc(u32 canonType, u32 paramSlots, u32 resultSlots, HostThunk thunk, void* hostData,
                       const char* name);
  /// Raw zeroed storage that lives as long as the store (instances, arrays).
  void* allocate(size_t bytes);

  /// The execution context of the store's main chain, made on first use with stacks sized by the limits.
  ExecCtx* mainCtx(std::string* why);

  /// Charges / returns bytes against memoryBytesTotal; false when the limit would be passed.
  bool charge(u64 bytes);
  void discharge(u64 bytes) { usedBytes_ -= bytes; }
  u64 peakBytes() const { return peakBytes_; }

  /// Fuel (fuel.md section 2). Remaining never goes below 0 and saturates at UINT64_MAX.
  void setFuel(u64 units);
  u64 remainingFuel() const;

  InterruptState& interrupt() { return interrupt_; }
  /// Keeps `object` alive as long as the store (module code, host contexts).
  void keepAlive(std::shared_ptr<void> object) { kept_.push_back(std::move(object)); }

 private:
  StoreConfig config_;
  u64 usedBytes_ = 0;
  u64 peakBytes_ = 0;
  InterruptState interrupt_;
  std::deque<std::unique_ptr<MemoryObj>> memories_;
  std::deque<std::unique_ptr<TableObj>> tables_;
  std::deque<GlobalObj> globals_;
  std::deque<TagObj> tags_;
  std::deque<FuncObj> funcs_;
  std::deque<std::unique_ptr<u64[]>> blocks_;
  std::deque<std::shared_ptr<void>> kept_;
  struct Stacks;
  std::unique_ptr<Stacks> stacks_;
};

}  // namespace bls
