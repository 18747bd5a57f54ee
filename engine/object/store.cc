// Store: creation and destruction of run-time objects, stacks, limits, fuel and interrupts.
//
// The slot stack lies between two inaccessible regions; the control stack behind it holds three
// records for every 16 bytes of slot budget, which is what a frame takes at most, so the slot
// compare of function entry always fails first (threat model STK-1). Fresh stacks and memories come
// from the system as zeros and go back to it with the store, which is how nothing leaks between
// guests.
#include "engine/object/store.h"

#include <algorithm>

#include "engine/base/platform.h"
#include "engine/module/type_canon.h"

namespace bls {
namespace {

// T0 clears locals in groups of four slots and copies operands in pairs: room for that behind the
// last frame.
constexpr u64 kSlotSlackBytes = 64;

constexpr u64 kStackGuardBytes = 65536;
constexpr u64 kSpareRecords = 512;  // host entries and restore records

// A committed block between guards, or zeroed heap where there are no guards.
struct StackBlock {
  u8* region = nullptr;
  u64 regionBytes = 0;
  u8* start = nullptr;

  bool make(u64 bytes) {
    if (!platform::hasGuardPages()) {
      region = static_cast<u8*>(platform::allocZeroed(bytes));
      start = region;
      return region != nullptr;
    }
    u64 page = platform::pageSize();
    bytes = (bytes + page - 1) & ~(page - 1);
    regionBytes = bytes + 2 * kStackGuardBytes;
    region = platform::reserve(regionBytes);
    if (region == nullptr) return false;
    start = region + kStackGuardBytes;
    if (platform::commit(start, bytes)) return true;
    drop();
    return false;
  }
  void drop() {
    if (region == nullptr) return;
    if (platform::hasGuardPages()) {
      platform::release(region, regionBytes);
    } else {
      platform::freeZeroed(region);
    }
    region = nullptr;
  }
};

}  // namespace

struct Store::Stacks {
  ExecCtx cx;
  StackBlock slots;
  StackBlock control;
  std::string trapDetail;
  TrapTrace trace;
  ~Stacks() {
    slots.drop();
    control.drop();
  }
};

Store::Store(const StoreConfig& config)
    : config_(config),
      budget_(std::make_shared<MemoryBudget>(config.limits.memoryBytesTotal)),
      stacks_(std::make_unique<Stacks>()) {
  stacks_->cx.store = this;
  stacks_->cx.interrupt = &interrupt_;
  stacks_->cx.trapDetail = &stacks_->trapDetail;
  stacks_->cx.trace = &stacks_->trace;
}

Store::~Store() {
  for (auto& [instance, elemCount] : instances_) {
    for (u32 i = 0; i < elemCount; ++i) instance->elems[i].~ElemInstance();
  }
  memories_.clear();
  tables_.clear();
  for (void* block : blocks_) platform::freeZeroed(block);
  platform::closeWakeFd(interrupt_.wakeFd);
}

std::shared_ptr<MemoryObj> Store::shareMemory(const MemoryObj* memory) const {
  for (const auto& own : memories_) {
    if (own.get() == memory) return own->type.limits.shared ? own : nullptr;
  }
  return nullptr;
}
MemoryObj* Store::adoptMemory(std::shared_ptr<MemoryObj> memory) {
  memories_.push_back(std::move(memory));
  return memories_.back().get();
}

MemoryObj* Store::newMemory(const MemoryType& type, std::string* why) {
  auto memory = std::make_shared<MemoryObj>();
  if (!memory->init(this, type, config_.memory, config_.limits.memoryBytesEach, why))
    return nullptr;
  memories_.push_back(std::move(memory));
  return memories_.back().get();
}

TableObj* Store::newTable(const TableType& type, ValType canonElem, u64 initRef, std::string* why) {
  auto table = std::make_unique<TableObj>();
  if (!table->init(this, type, canonElem, initRef, why)) return nullptr;
  tables_.push_back(std::move(table));
  return tables_.back().get();
}

GlobalObj* Store::newGlobal(const GlobalType& type, ValType canonType, GlobalCell value) {
  globals_.push_back({value, type, canonType});
  return &globals_.back();
}

TagObj* Store::newTag(u32 canonType) {
  tags_.push_back({canonType});
  return &tags_.back();
}

FuncObj* Store::newFunc() { return &funcs_.emplace_back(); }

FuncObj* Store::newHostFunc(u32 canonType, u32 paramSlots, u32 resultSlots, HostThunk thunk,
                            void* hostData, const char* name) {
  FuncObj* func = newFunc();
  func->host = thunk;
  func->hostData = hostData;
  func->canonType = canonType;
  func->setSlots(paramSlots, resultSlots);
  func->hostName = name;
  return func;
}

void* Store::allocate(u64 bytes) {
  void* block = platform::allocZeroed(bytes);
  if (block != nullptr) blocks_.push_back(block);
  return block;
}

bool Store::addInstance(Instance* instance, u32 elemCount) {
  if (instances_.size() >= config_.limits.instances) return false;
  instances_.emplace_back(instance, elemCount);
  return true;
}

Store::Mark Store::mark() const {
  return {memories_.size(), tables_.size(), globals_.size(),  tags_.size(),
          funcs_.size(),    blocks_.size(), instances_.size()};
}

void Store::rollback(const Mark& mark) {
  while (instances_.size() > mark.instances) {
    auto [instance, elemCount] = instances_.back();
    for (u32 i = 0; i < elemCount; ++i) instance->elems[i].~ElemInstance();
    instances_.pop_back();
  }
  while (memories_.size() > mark.memories) memories_.pop_back();
  while (tables_.size() > mark.tables) tables_.pop_back();
  while (globals_.size() > mark.globals) globals_.pop_back();
  while (tags_.size() > mark.tags) tags_.pop_back();
  while (funcs_.size() > mark.funcs) funcs_.pop_back();
  while (blocks_.size() > mark.blocks) {
    platform::freeZeroed(blocks_.back());
    blocks_.pop_back();
  }
}

ExecCtx* Store::cx() { return &stacks_->cx; }

void Store::setTier(Tier* tier) { stacks_->cx.tier = tier; }

ExecCtx* Store::mainCtx(std::string* why) {
  ExecCtx& cx = stacks_->cx;
  if (BLS_LIKELY(cx.slotBase != nullptr)) return &cx;
  u64 budget = std::max<u64>(config_.limits.slotStackBytes & ~u64{15}, 4096);
  u64 records = budget / 16 * 3 + kSpareRecords;
  if (!stacks_->slots.make(budget + kSlotSlackBytes) ||
      !stacks_->control.make(records * sizeof(ControlRecord))) {
    stacks_->slots.drop();
    *why = "the system refuses " + std::to_string(budget) + " bytes for the wasm stack";
    return nullptr;
  }
  cx.slotBase = reinterpret_cast<u64*>(stacks_->slots.start);
  cx.slotEnd = cx.slotBase + budget / 8;
  cx.ctlBase = reinterpret_cast<ControlRecord*>(stacks_->control.start);
  cx.ctl = cx.ctlBase;
  cx.ctlLimit = cx.ctlBase + records;
  cx.hostTop = cx.slotBase;
  // A request that came before the stacks existed is kept: null means "look at InterruptState".
  cx.slotLimit.store(cx.slotEnd, std::memory_order_seq_cst);
  if (interrupt_.requested.load(std::memory_order_seq_cst) != 0)
    cx.slotLimit.store(nullptr, std::memory_order_relaxed);
  return &cx;
}

bool Store::ownsAddress(const void* address) const {
  for (const auto& memory : memories_) {
    if (memory->reserves(address)) return true;
  }
  return false;
}

void Store::setFuel(u64 units) {
  ExecCtx& cx = stacks_->cx;
  u64 slice = std::min<u64>(units, config_.limits.fuelSlice);
  cx.fuel = static_cast<i64>(slice);
  cx.fuelReserve = units - slice;
  cx.saveFuel();
}

u64 Store::remainingFuel() const {
  const ExecCtx& cx = stacks_->cx;
  const u64 pooled = fuelPool_ != nullptr ? fuelPool_->left() : 0;
  u64 own = cx.fuelReserve + pooled;
  if (own < pooled) own = ~u64{0};
  if (cx.fuel >= 0) {
    u64 sum = own + static_cast<u64>(cx.fuel);
    return sum < own ? ~u64{0} : sum;
  }
  u64 overdraft = u64{0} - static_cast<u64>(cx.fuel);
  return own > overdraft ? own - overdraft : 0;
}

void Store::returnFuel() {
  ExecCtx& cx = stacks_->cx;
  if (fuelPool_ == nullptr) return;
  if (cx.fuel > 0) fuelPool_->giveBack(static_cast<u64>(cx.fuel));
  fuelPool_->giveBack(cx.fuelReserve);
  cx.fuel = 0;
  cx.fuelReserve = 0;
}

void Store::consumeFuel(u64 units) {
  ExecCtx& cx = stacks_->cx;
  if (units > cx.fuelReserve) cx.fuelReserve += drawFuel(units - cx.fuelReserve);
  u64 fromReserve = std::min(units, cx.fuelReserve);
  cx.fuelReserve -= fromReserve;
  i64 rest = static_cast<i64>(std::min(units - fromReserve, u64{1} << 62));
  cx.fuel = cx.fuel < -(i64{1} << 62) ? cx.fuel : cx.fuel - rest;
  cx.saveFuel();
}

bool Store::enableInterrupts() {
  if (interrupt_.wakeFd < 0) interrupt_.wakeFd = platform::newWakeFd();
  return interrupt_.wakeFd >= 0;
}

void Store::requestInterrupt(Trap kind) {
  interrupt_.requested.store(static_cast<u8>(kind), std::memory_order_seq_cst);
  stacks_->cx.slotLimit.store(nullptr, std::memory_order_seq_cst);
  platform::signalWakeFd(interrupt_.wakeFd);
}

void Store::clearInterrupt() {
  interrupt_.requested.store(0, std::memory_order_seq_cst);
  stacks_->cx.slotLimit.store(stacks_->cx.slotEnd, std::memory_order_seq_cst);
  platform::clearWakeFd(interrupt_.wakeFd);
}

}  // namespace bls
