// The interpreter as a tier: module preparation, lazy translation, entering and leaving the back
// ends, frames of a trap.
#include "engine/interp/interpreter.h"

#include <algorithm>
#include <set>

#include "engine/base/sanitized.h"
#include "engine/exec/bulk_memory.h"
#include "engine/exec/tier_switch.h"
#include "engine/exec/trap_handler.h"
#include "engine/interp/counters.h"
#include "engine/interp/dispatch.h"
#include "engine/interp/frames.h"
#include "engine/interp/translate.h"

namespace bls {
namespace interp {
namespace {

u64 handlerWord(Dispatch dispatch, u64 number) {
#if T0_HAS_TAIL
  if (dispatch == Dispatch::Tail)
    return reinterpret_cast<u64>(tailHandler(static_cast<u32>(number)));
#endif
  (void)dispatch;
  return number;
}

CodeCells makeCells(Dispatch dispatch) {
  auto cell = [&](H h) { return Cell{handlerWord(dispatch, static_cast<u64>(h)), 0, 0, 0, 0}; };
  return {cell(H::Leave),       cell(H::RestoreInstance), cell(H::TranslateEntry),
          cell(H::EnterNative), cell(H::CountCall),       cell(H::ResumeNative),
          cell(H::EnterEither)};
}
const CodeCells& cellsFor(Dispatch dispatch) {
  static const CodeCells loop = makeCells(Dispatch::Loop);
#if T0_HAS_TAIL
  static const CodeCells tail = makeCells(Dispatch::Tail);
  if (dispatch == Dispatch::Tail) return tail;
#endif
  (void)dispatch;
  return loop;
}

// Every live InterpModule, so that a cell found on a control stack can be attributed. Traps only:
// never on a hot path.
Mutex registryLock;
std::set<const InterpModule*>& registry() {
  static std::set<const InterpModule*> modules;
  return modules;
}

#if T0_HAS_TAIL && T0_HAS_GUARD
// A fault at a recorded access of the tail handlers: pc, fp and cx are in their argument registers
// there.
bool resolveFault(ExecCtx* cx, FaultState* state) {
  if (!isRecordedAccess(state->pc) || state->args[3] != reinterpret_cast<u64>(cx)) return false;
  state->pc = reinterpret_cast<u64>(&tailTrapExit);
  return true;
}
#endif

}  // namespace

InterpModule::InterpModule(const Module& module, const ModuleMeta& meta, const CodeOptions& options,
                           Dispatch dispatch)
    : module_(module), meta_(meta), options_(options), dispatch_(dispatch), turns_(kHandlerCount) {
  const u32 count = std::max<u32>(module.funcs.size(), 1);
  funcs_ = std::make_unique<FuncCode[]>(count);
  for (u32 i = module.importedFuncs; i < module.funcs.size(); ++i) {
    const FuncMeta& func = metaOf(i);
    FuncCode& code = funcs_[i];
    code.frameSlots = func.localSlots + func.exceptionSlots + kLinkSlots + func.maxOperandSlots;
    code.paramSlots = func.paramSlots;
    code.zeroSlots = func.localSlots - func.paramSlots + func.exceptionSlots;
    code.resultSlots = func.resultSlots;
    code.funcIndex = i;
    code.owner = this;
    code.callsLeft.store(options.compileAtCall, std::memory_order_relaxed);
    code.entry.store(&codeCells().translate, std::memory_order_relaxed);
  }
  funcs_[0].owner = this;  // an instance finds its module's code here
  MutexGuard guard(registryLock);
  registry().insert(this);
}
InterpModule::~InterpModule() {
  MutexGuard guard(registryLock);
  registry().erase(this);
}

const CodeCells& InterpModule::codeCells() const { return cellsFor(dispatch_); }

VariantSet InterpModule::variants() const {
  VariantSet set;
  set.accumulators = dispatch_ == Dispatch::Tail;
  set.guard = dispatch_ == Dispatch::Tail && options_.guardMemory && T0_HAS_GUARD != 0;
  return set;
}

const Cell* InterpModule::translate(FuncCode* code) {
  MutexGuard guard(lock_);
  const Cell* entry = static_cast<const Cell*>(code->entry.load(std::memory_order_acquire));
  if (entry != &codeCells().translate && entry != &codeCells().count) return entry;
  const bool now = code->callsLeft.load(std::memory_order_relaxed) <= 1;
  if (native_ != nullptr && !now) {
    entry = &codeCells().count;
  } else if (native_ != nullptr && options_.compileAtCall != 0 && native_->compile(code)) {
    entry = nativeCell();
  } else {
    entry = translateLocked(code);
  }
  code->entry.store(entry, std::memory_order_release);
  return entry;
}

// Counts may get lost between threads; they only say when to compile.
const Cell* InterpModule::countCall(FuncCode* code) {
  const u32 left = code->callsLeft.load(std::memory_order_relaxed);
  if (left <= 1) return translate(code);
  if (code->nativeBody.load(std::memory_order_acquire) != nullptr) {  // compiled as a callee
    code->entry.store(nativeCell(), std::memory_order_release);
    return nativeCell();
  }
  code->callsLeft.store(left - 1, std::memory_order_relaxed);
  return interpreted(code);
}

const Cell* InterpModule::interpreted(FuncCode* code) {
  if (const void* cells = code->cells.load(std::memory_order_acquire)) {
    return static_cast<const Cell*>(cells);
  }
  MutexGuard guard(lock_);
  return translateLocked(code);
}

const Cell* InterpModule::leaveNative(ExecCtx* cx, FuncCode* code, u64* slots, u32 bodyOffset) {
  tierDowns_.fetch_add(1, std::memory_order_relaxed);
  countAnew(cx);
  const Cell* first = interpreted(code);
  if (bodyOffset == kFunctionEntry) {
    std::fill_n(slots + code->paramSlots, code->zeroSlots, u64{0});
    return first;
  }
  MutexGuard guard(lock_);
  const std::vector<LoopCell>& loops = blocks_.find(first)->second.loops;
  const auto found =
      std::lower_bound(loops.begin(), loops.end(), bodyOffset,
                       [](const LoopCell& loop, u32 at) { return loop.bodyOffset < at; });
  CHECK(found != loops.end() && found->bodyOffset == bodyOffset);
  return first + found->cell;
}

const void* InterpModule::enterLoop(FuncCode* code, u32 bodyOffset) {
  if (native_ == nullptr) return nullptr;
  const void* entry = native_->loopEntry(code, bodyOffset);
  if (entry == nullptr) return nullptr;
  code->entry.store(nativeCell(), std::memory_order_release);
  loopEntries_.fetch_add(1, std::memory_order_relaxed);
  return entry;
}

CompileStats InterpModule::compileStats() const {
  CompileStats out;
  if (native_ != nullptr) out = native_->stats();
  out.loopEntries = loopEntries_.load(std::memory_order_relaxed);
  out.tierDowns = tierDowns_.load(std::memory_order_relaxed);
  return out;
}

void InterpModule::compileAll(Executor* executor) {
  if (native_ == nullptr) return;
  native_->compileAll(executor);
  MutexGuard guard(lock_);
  for (u32 i = module_.importedFuncs; i < module_.funcs.size(); ++i) {
    if (funcs_[i].nativeBody.load(std::memory_order_acquire) == nullptr) continue;
    funcs_[i].entry.store(nativeCell(), std::memory_order_release);
  }
}

const Cell* InterpModule::translateLocked(FuncCode* code) {
  if (const void* known = code->cells.load(std::memory_order_acquire)) {
    return static_cast<const Cell*>(known);
  }
  Translation made = translateFunction(*this, code->funcIndex, variants(), false);
  Block block;
  block.count = static_cast<u32>(made.cells.size());
  block.funcIndex = code->funcIndex;
  block.loops = std::move(made.loops);
  block.tables = std::move(made.tables);
  block.cells = std::make_unique_for_overwrite<Cell[]>(block.count);
  for (u32 i = 0; i < block.count; ++i) {
    block.cells[i] = made.cells[i];
    if (!made.isData[i]) block.cells[i].h = nextCopy(made.cells[i].h);
  }
  const Cell* first = block.cells.get();
  ++translated_;
  cellCount_ += block.count;
  blocks_.emplace(first, std::move(block));
  code->cells.store(first, std::memory_order_release);
  return first;
}

// The word for a row, dealing out the copies of hot handlers in turn: places near each other get
// different ones.
u64 InterpModule::nextCopy(u64 row) {
#if T0_HAS_TAIL
  if (dispatch_ == Dispatch::Tail) {
    return reinterpret_cast<u64>(tailCopy(static_cast<u32>(row), ++turns_[row]));
  }
#endif
  return handlerWord(dispatch_, row);
}

const InterpModule::Block* InterpModule::blockOf(const Cell* cell) const {
  MutexGuard guard(lock_);
  auto it = blocks_.upper_bound(cell);
  if (it == blocks_.begin()) return nullptr;
  const Block& block = std::prev(it)->second;
  return static_cast<u64>(cell - block.cells.get()) < block.count ? &block : nullptr;
}
bool InterpModule::find(const Cell* cell, u32* funcIndex, u32* index) const {
  const Block* block = blockOf(cell);
  if (block == nullptr) return false;
  *funcIndex = block->funcIndex;
  *index = static_cast<u32>(cell - block->cells.get());
  return true;
}

CellOrigin InterpModule::origin(u32 funcIndex, u32 index) const {
  Translation made = translateFunction(*this, funcIndex, variants(), true);
  CHECK(index < made.origins.size());
  return made.origins[index];
}

namespace {
const InterpModule* moduleOf(const Cell* cell, u32* funcIndex, u32* index) {
  MutexGuard guard(registryLock);
  for (const InterpModule* module : registry()) {
    if (module->find(cell, funcIndex, index)) return module;
  }
  return nullptr;
}
}  // namespace

}  // namespace interp

using namespace interp;

Interpreter::Interpreter(Dispatch dispatch, NativeFactory native)
    : Tier(&cellsFor(hasTail() ? dispatch : Dispatch::Loop).leave),
      dispatch_(hasTail() ? dispatch : Dispatch::Loop),
      native_(native) {
#if T0_HAS_TAIL && T0_HAS_GUARD
  if (dispatch_ == Dispatch::Tail) {
    addFaultResolver(&resolveFault);
  }
#endif
}
Interpreter::~Interpreter() = default;

bool Interpreter::hasTail() {
#if T0_HAS_TAIL
  return tailSupported();
#else
  return false;
#endif
}
Dispatch Interpreter::defaultDispatch() {
#if defined(BLS_SANITIZED)
  return Dispatch::Loop;
#else
  return hasTail() ? Dispatch::Tail : Dispatch::Loop;
#endif
}
bool Interpreter::usesGuards() const { return dispatch_ == Dispatch::Tail && T0_HAS_GUARD != 0; }

std::unique_ptr<CodeModule> Interpreter::prepare(const Module& module, const ModuleMeta& meta,
                                                 const CodeOptions& options) {
  auto made = std::make_unique<InterpModule>(module, meta, options, dispatch_);
  if (native_ != nullptr) made->setNative(native_(module, meta, options, made->cells()));
  return made;
}

void interp::settleFuelAtCall(ExecCtx* cx, Trap trap, const CodeOptions& options) {
  if (!options.metered) return;
  if (trap == Trap::OutOfFuel) {
    cx->fuel = 0;
    cx->fuelReserve = 0;
    cx->saveFuel();
  } else if (options.savedFuel) {
    cx->fuel = cx->savedFuel;
    cx->fuelReserve = cx->savedReserve;
  }
}

namespace {

// Fuel at a trap counts everything up to and with the trapping instruction; what its cell had not
// charged yet is taken now. Or it is what it was at the last save point.
void settleFuel(ExecCtx* cx, Trap trap, const CodeOptions& options) {
  settleFuelAtCall(cx, trap, options);
  if (!options.metered || options.savedFuel || trap == Trap::OutOfFuel) return;
  u32 funcIndex = 0, index = 0;
  const InterpModule* module = moduleOf(static_cast<const Cell*>(cx->trapPc), &funcIndex, &index);
  if (module == nullptr) return;
  cx->fuel -= module->origin(funcIndex, index).pending;
}

Trap runFrom(Dispatch dispatch, const State& s) {
#if T0_HAS_TAIL
  const u64 result = dispatch == Dispatch::Tail ? runTail(s) : runLoop(s);
#else
  (void)dispatch;
  const u64 result = runLoop(s);
#endif
  return result == kLeave ? Trap::None : static_cast<Trap>(result);
}

}  // namespace

Trap Interpreter::enter(ExecCtx* cx, FuncCode* code, u64* slots) {
  const InterpModule* module = static_cast<InterpModule*>(code->owner);
  cx->trapPc = nullptr;
  cx->trapFp = slots;
  State s{&module->codeCells().leave, slots, cx->mem0Base, cx, 0, Vec{}, 0, false};
  u64* limit = cx->slotLimit.load(std::memory_order_relaxed);
  if (BLS_UNLIKELY(slots + code->frameSlots > limit)) {
    const u8 requested =
        limit == nullptr ? cx->interrupt->requested.load(std::memory_order_seq_cst) : u8{0};
    cx->trap = requested != 0 ? static_cast<Trap>(requested) : Trap::StackOverflow;
    return cx->trap;
  }
  const bool metered = module->options().metered;
  if (metered) cx->fuel -= module->schedule().entryCost;
  if (metered && cx->fuel <= 0) {
    Trap trap = refillFuel(cx);
    if (trap != Trap::None) {
      cx->trap = trap;
      settleFuel(cx, trap, module->options());
      return trap;
    }
  }
  *cx->ctl++ = {&module->codeCells().leave, slots};
  std::fill_n(slots + code->paramSlots, code->zeroSlots, u64{0});
  s.pc = static_cast<const Cell*>(code->entry.load(std::memory_order_acquire));
  s.acc = reinterpret_cast<u64>(code);
  return finish(cx, runFrom(dispatch_, s), module->options());
}

Trap Interpreter::goOn(ExecCtx* cx, FuncCode* callee) {
  State s{&cellsFor(dispatch_).leave, cx->trapFp, cx->mem0Base, cx, 0, Vec{}, 0, false};
  cx->trapPc = nullptr;
  const u64 next = callFromNative(s, callee);
  const Trap trap = next == kContinue ? runFrom(dispatch_, s) : static_cast<Trap>(next);
  return finish(cx, trap, static_cast<InterpModule*>(callee->owner)->options());
}

Trap Interpreter::finish(ExecCtx* cx, Trap trap, const CodeOptions& options) {
#ifdef BLS_T0_COUNTERS
  if (cx->hostDepth <= 1) printCounters();
#endif
  if (BLS_LIKELY(trap == Trap::None)) return trap;
  cx->trap = trap;
  if (cx->trapPc != nullptr) settleFuel(cx, trap, options);
  return trap;
}

ReturnCells Interpreter::returnCells() const {
  const CodeCells& cells = cellsFor(dispatch_);
  return {&cells.leave, &cells.restore, &cells.resume};
}

void Interpreter::traceFrames(ExecCtx* cx, RootVisitor& visitor) const {
  visitFrameRoots(cx, cellsFor(dispatch_), visitor);
}

u32 Interpreter::frames(const ExecCtx* cx, FramePlace* out, u32 max) const {
  u32 total = 0;
  auto add = [&](const Cell* cell) {
    u32 funcIndex = 0, index = 0;
    const InterpModule* module = moduleOf(cell, &funcIndex, &index);
    if (module == nullptr) return;
    if (total < max) {
      out[total].funcIndex = funcIndex;
      out[total].bodyOffset = module->origin(funcIndex, index).offset;
      out[total].module = &module->module();
    }
    ++total;
  };
  if (cx->trapPc != nullptr) add(static_cast<const Cell*>(cx->trapPc));
  const CodeCells& cells = cellsFor(dispatch_);
  auto addNative = [&](const NativeStretch& stretch) {
    const u32 listed = std::min(total, max);
    total += stretch.instance->native->frames(stretch, out + listed, max - listed);
  };
  Instance* instance = cx->instance;
  for (const ControlRecord* record = cx->ctl; record-- > cx->ctlBase;) {
    const Cell* cell = static_cast<const Cell*>(record->pc);
    if (record->pc == kNativeFrames) {
      const NativeStretch stretch = NativeStretch::of(record--);
      addNative(stretch);
      instance = stretch.instance->native->enteredFrom(stretch);
      continue;
    }
    if (cell == &cells.restore) instance = static_cast<Instance*>(record->fp);
    if (cell == &cells.resume) {
      addNative(stretchAt(record--, instance));
      continue;
    }
    // A return address is the cell behind the call.
    if (cell != &cells.leave && cell != &cells.restore && cell != nullptr) add(cell - 1);
  }
  return total;
}

}  // namespace bls
