// Out-of-line control: traps, fuel slices, every call that is not a plain same-instance one, tail
// calls, long returns.
#include <algorithm>
#include <string>

#include "engine/exec/bulk_memory.h"
#include "engine/exec/entry.h"
#include "engine/exec/tier_switch.h"
#include "engine/interp/bodies_control.h"
#include "engine/interp/interpreter.h"
#include "engine/module/type_canon.h"

namespace bls::interp {
namespace {

// Pops the current frame; its results stand at s.fp.
u64 popTo(State& s) {
  ControlRecord* record = --s.cx->ctl;
  s.fp = static_cast<u64*>(record->fp);
  s.pc = static_cast<const Cell*>(record->pc);
  return kContinue;
}
void takeResults(State& s, const u64* frame) {
  s.acc = frame[0];
  std::memcpy(&s.facc, frame, sizeof s.facc);
}
void switchInstance(State& s, Instance* instance) {
  setCurrentInstance(s.cx, instance);
  s.mem0 = s.cx->mem0Base;
}
void zeroLocals(const FuncCode* code, u64* frame) {
  std::fill_n(frame + code->paramSlots, code->zeroSlots, u64{0});
}
const CodeCells& cellsOf(const State& s) {
  return static_cast<InterpModule*>(s.cx->code->owner)->codeCells();
}

Trap chargeEntry(State& s, const FuncCode* code) {
  if (!static_cast<InterpModule*>(code->owner)->options().metered) return Trap::None;
  return --s.cx->fuel > 0 ? Trap::None : refillFuel(s.cx);
}
// Runs a host function whose arguments stand at `frame`. The caller's place is on the control stack
// meanwhile.
Trap callHost(State& s, FuncObj* func, u64* frame, const Cell* returnTo) {
  ExecCtx* cx = s.cx;
  // Frames below the host's own calls are found with their instance (frames.h). After a tail call
  // (no place to return to) the arguments have replaced the frame.
  *cx->ctl++ = {returnTo, s.fp};
  *cx->ctl++ = {&cellsOf(s).restore, cx->instance};
  const Trap trap = bls::callHost(cx, func, frame);
  cx->ctl -= 2;
  s.mem0 = cx->mem0Base;
  takeResults(s, frame);
  return trap;
}

// Ends the run at a call that has been charged for: what is pending at the cell is taken once more
// when the trap is reported.
u64 raiseCharged(State& s, Trap trap, i64 charge) {
  s.cx->fuel += charge;
  return raise(s, trap);
}

// A host function has ended with `trap`, which may be an exception on its way to a handler.
u64 hostFailed(State& s, Trap trap, i64 charge, bool ownFrame) {
  u64 result = kContinue;
  if (trap == Trap::UncaughtException && rethrowPending(s, ownFrame, &result)) return result;
  return raiseCharged(s, trap, charge);
}

// The general call: any function value, its frame at `frame`. `charge`: up to and with the call,
// without the entry unit.
u64 callObject(State& s, FuncObj* func, u64* frame, const Cell* returnTo, i64 charge) {
  if (func->host != nullptr) {
    s.cx->fuel -= charge;
    Trap trap = callHost(s, func, frame, returnTo);
    if (BLS_UNLIKELY(trap != Trap::None)) return hostFailed(s, trap, charge, true);
    s.pc = returnTo;
    return kContinue;
  }
  const FuncCode* code = func->code;
  while (BLS_UNLIKELY(!frameFits(s, code, frame))) {
    Trap why = whyNoFrame(s.cx);
    if (why != Trap::None) return raise(s, why);
  }
  s.cx->fuel -= charge;
  Trap trap = chargeEntry(s, code);
  if (BLS_UNLIKELY(trap != Trap::None)) return raiseCharged(s, trap, charge);
  ControlRecord* record = s.cx->ctl;
  *record++ = {returnTo, s.fp};
  if (func->instance != s.cx->instance) {
    *record++ = {&cellsOf(s).restore, s.cx->instance};
    switchInstance(s, func->instance);
  }
  s.cx->ctl = record;
  zeroLocals(code, frame);
  s.fp = frame;
  s.acc = reinterpret_cast<u64>(code);
  s.pc = static_cast<const Cell*>(code->entry.load(std::memory_order_acquire));
  return kContinue;
}

// The general tail call: arguments at `args`, to be moved to the frame's base.
u64 tailObject(State& s, FuncObj* func, const FuncCode* own) {
  const u64* args = s.fp + s.pc->imm32();
  const i64 charge = static_cast<i16>(s.pc->a);
  u32 count = func != nullptr ? func->paramSlots : own->paramSlots;
  if (func != nullptr && func->host != nullptr) {
    s.cx->fuel -= charge;
    std::memmove(s.fp, args, size_t{count} * 8);
    Trap trap = callHost(s, func, s.fp, nullptr);
    u64 result = kContinue;
    if (trap == Trap::UncaughtException && rethrowPending(s, false, &result)) return result;
    if (BLS_UNLIKELY(trap != Trap::None)) return raiseCharged(s, trap, charge);
    return popTo(s);
  }
  const FuncCode* code = func != nullptr ? func->code : own;
  while (BLS_UNLIKELY(!frameFits(s, code, s.fp))) {
    Trap why = whyNoFrame(s.cx);
    if (why != Trap::None) return raise(s, why);
  }
  s.cx->fuel -= charge;
  Trap trap = chargeEntry(s, code);
  if (BLS_UNLIKELY(trap != Trap::None)) return raiseCharged(s, trap, charge);
  std::memmove(s.fp, args, size_t{count} * 8);
  if (func != nullptr && func->instance != s.cx->instance) {
    // Constant stack: one restore record is enough, however long the chain across instances.
    const void* top = s.cx->ctl[-1].pc;
    const CodeCells& cells = cellsOf(s);
    if (top != &cells.restore && top != &cells.leave)
      *s.cx->ctl++ = {&cells.restore, s.cx->instance};
    switchInstance(s, func->instance);
  }
  zeroLocals(code, s.fp);
  s.acc = reinterpret_cast<u64>(code);
  s.pc = static_cast<const Cell*>(code->entry.load(std::memory_order_acquire));
  return kContinue;
}

// The function a table index leads to, or the trap. Spec: exec/instructions, call_indirect.
Trap lookUp(State& s, u64 index, u32 tableIndex, u64 expected, FuncObj** out) {
  const TableObj* table = s.cx->instance->tables[tableIndex];
  if (index >= table->size) return Trap::UndefinedElement;
  const TableEntry& entry = table->entries[clampIndex(index, table->size)];
  if (entry.func == nullptr) {
    if (s.cx->trapDetail != nullptr) *s.cx->trapDetail = std::to_string(index);
    return Trap::UninitializedElement;
  }
  if (entry.canonType != expected &&
      !TypeRegistry::global().isSubtype(static_cast<u32>(entry.canonType),
                                        static_cast<u32>(expected))) {
    return Trap::IndirectCallMismatch;
  }
  *out = entry.func;
  return Trap::None;
}
u64 tableIndexOperand(const State& s, u32 tableIndex, u32 slot) {
  u64 index = s.fp[slot];
  return s.cx->instance->tables[tableIndex]->type.limits.is64 ? index : static_cast<u32>(index);
}

}  // namespace

u64 raise(State& s, Trap trap) {
  ExecCtx* cx = s.cx;
  cx->trap = trap;
  cx->trapPc = s.pc;
  cx->trapFp = s.fp == cx->wide.slots ? cx->wide.fp : s.fp;
  return static_cast<u64>(trap);
}
u64 raiseAcc(State& s) { return raise(s, static_cast<Trap>(s.acc)); }
u64 trapUnreachable(State& s) { return raise(s, Trap::Unreachable); }

u64 loopFuelSlow(State& s) {
  Trap trap = refillFuel(s.cx);
  return trap == Trap::None ? kContinue : raise(s, trap);
}
u64 goOnSlow(State&) { return kContinue; }
u64 callFuelSlow(State& s) {
  Trap trap = refillFuel(s.cx);
  if (trap != Trap::None) return raise(s, trap);
  s.cx->fuel += static_cast<i64>(s.acc);  // the call is done again
  return kContinue;
}
u64 entrySlow(State& s) {
  Trap trap = whyNoFrame(s.cx);
  return trap == Trap::None ? kContinue : raise(s, trap);
}

u64 callIndirectSlow(State& s) {
  FuncObj* func = nullptr;
  Trap trap = lookUp(s, s.acc, s.pc[1].imm32(), s.pc[1].h, &func);
  if (trap != Trap::None) return raise(s, trap);
  // b holds the entry unit as well; it is zero when nothing is metered.
  i64 charge = s.pc->b != 0 ? static_cast<i16>(s.pc->b) - 1 : 0;
  return callObject(s, func, s.fp + s.pc->a, s.pc + 2, charge);
}
u64 callTableFar(State& s) {
  FuncObj* func = nullptr;
  u32 table = s.pc[1].imm32();
  u64 index = tableIndexOperand(s, table, static_cast<u32>(s.pc[2].h));
  Trap trap = lookUp(s, index, table, s.pc[1].h, &func);
  if (trap != Trap::None) return raise(s, trap);
  return callObject(s, func, s.fp + s.pc->imm32(), s.pc + 3, static_cast<i16>(s.pc->a));
}
u64 callFar(State& s) {
  FuncObj* func = s.cx->instance->funcRef(static_cast<u32>(s.pc[1].h));
  return callObject(s, func, s.fp + s.pc->imm32(), s.pc + 2, static_cast<i16>(s.pc->a));
}
u64 callImport(State& s) {
  FuncObj* func = s.cx->instance->imports[s.pc[1].h];
  return callObject(s, func, s.fp + s.pc->imm32(), s.pc + 2, static_cast<i16>(s.pc->a));
}

u64 returnCall(State& s) {
  return tailObject(s, nullptr, s.cx->code + static_cast<u32>(s.pc[1].h));
}
u64 returnCallImport(State& s) {
  return tailObject(s, s.cx->instance->imports[s.pc[1].h], nullptr);
}
u64 returnCallIndirect(State& s) {
  FuncObj* func = nullptr;
  u32 table = s.pc[1].imm32();
  u64 index = tableIndexOperand(s, table, static_cast<u32>(s.pc[2].h));
  Trap trap = lookUp(s, index, table, s.pc[1].h, &func);
  if (trap != Trap::None) return raise(s, trap);
  return tailObject(s, func, nullptr);
}

u64 callRefSlow(State& s) {
  FuncObj* func = reinterpret_cast<FuncObj*>(s.acc);
  if (func == nullptr) return raise(s, Trap::NullFunctionRef);
  i64 charge = s.pc->b != 0 ? static_cast<i16>(s.pc->b) - 1 : 0;
  return callObject(s, func, s.fp + s.pc->a, s.pc + 1, charge);
}
u64 callRefFar(State& s) {
  FuncObj* func = reinterpret_cast<FuncObj*>(s.fp[s.pc[1].h]);
  if (func == nullptr) return raise(s, Trap::NullFunctionRef);
  return callObject(s, func, s.fp + s.pc->imm32(), s.pc + 2, static_cast<i16>(s.pc->a));
}
u64 returnCallRef(State& s) {
  FuncObj* func = reinterpret_cast<FuncObj*>(s.fp[s.pc[1].h]);
  if (func == nullptr) return raise(s, Trap::NullFunctionRef);
  return tailObject(s, func, nullptr);
}

u64 returnMany(State& s) {
  s.cx->fuel -= static_cast<i16>(s.pc->b);
  std::memmove(s.fp, s.fp + s.pc->imm32(), static_cast<size_t>(s.pc[1].h) * 8);
  takeResults(s, s.fp);
  return popTo(s);
}

u64 saveFuel(State& s) {
  s.cx->saveFuel();
  s.cx->savedFuel -= static_cast<i16>(s.pc->a);
  s.pc += 2;
  return kContinue;
}

u64 copyMany(State& s) {
  const u64 word = s.pc[1].h;
  std::memmove(s.fp + s.pc->imm32(), s.fp + static_cast<u32>(word),
               static_cast<size_t>(word >> 32) * 8);
  s.pc += 2;
  return kContinue;
}

u64 translateEntry(State& s) {
  FuncCode* code = reinterpret_cast<FuncCode*>(s.acc);
  s.pc = static_cast<InterpModule*>(code->owner)->translate(code);
  return kContinue;
}
u64 countCall(State& s) {
  FuncCode* code = reinterpret_cast<FuncCode*>(s.acc);
  s.pc = static_cast<InterpModule*>(code->owner)->countCall(code);
  return kContinue;
}

u64 callFromNative(State& s, FuncCode* code) {
  ExecCtx* cx = s.cx;
  s.fp = cx->trapFp;
  s.mem0 = cx->mem0Base;
  if (BLS_UNLIKELY(cx->switchAt != 0)) {  // or for the rest of its own
    const u32 offset = static_cast<u32>(cx->switchAt);
    cx->switchAt = 0;
    s.pc = static_cast<InterpModule*>(code->owner)->leaveNative(cx, code, s.fp, offset);
    return kContinue;
  }
  Trap trap = Trap::None;
  while (BLS_UNLIKELY(!frameFits(s, code, s.fp))) {
    trap = whyNoFrame(cx);
    if (trap != Trap::None) break;
  }
  if (BLS_LIKELY(trap == Trap::None)) trap = chargeEntry(s, code);
  if (BLS_UNLIKELY(trap != Trap::None)) {
    cx->trap = trap;
    cx->trapPc = nullptr;  // not in a frame of ours
    settleFuelAtCall(cx, trap, static_cast<InterpModule*>(code->owner)->options());
    return static_cast<u64>(trap);
  }
  zeroLocals(code, s.fp);
  s.acc = reinterpret_cast<u64>(code);
  s.pc = static_cast<const Cell*>(code->entry.load(std::memory_order_acquire));
  return kContinue;
}

namespace {

// What becomes of a run of compiled code from the frame at `base`; `records`: the control stack
// before.
u64 afterNative(State& s, Trap trap, FuncCode* callee, u64* base, ControlRecord* records) {
  ExecCtx* cx = s.cx;
  if (BLS_UNLIKELY(callee != nullptr)) return callFromNative(s, callee);
  cx->ctl = records;
  if (BLS_UNLIKELY(trap != Trap::None)) {
    u64 result = kContinue;
    if (trap == Trap::UncaughtException && rethrowPending(s, false, &result)) {
      cx->trace->trap = Trap::None;
      return result;
    }
    return static_cast<u64>(trap);
  }
  s.mem0 = cx->mem0Base;
  takeResults(s, base);
  return popTo(s);
}

// The frame at s.fp goes on in compiled code, from `entry`.
u64 runNative(State& s, NativeCode* native, const void* entry) {
  FuncCode* callee = nullptr;
  ControlRecord* records = s.cx->ctl;
  const Trap trap = native->run(s.cx, entry, s.fp, &callee);
  return afterNative(s, trap, callee, s.fp, records);
}

}  // namespace

u64 enterNative(State& s) {
  const FuncCode* code = reinterpret_cast<const FuncCode*>(s.acc);
  return runNative(s, static_cast<InterpModule*>(code->owner)->native(),
                   code->nativeBody.load(std::memory_order_acquire));
}
u64 enterEither(State& s) {
  if (isSwitchDue(s.cx)) return enterNative(s);
  FuncCode* code = reinterpret_cast<FuncCode*>(s.acc);
  s.pc = static_cast<InterpModule*>(code->owner)->interpreted(code);
  return kContinue;
}

u64 resumeNative(State& s) {
  ControlRecord* records = --s.cx->ctl;
  const ControlRecord at = *records;
  FuncCode* callee = nullptr;
  const Trap trap = s.cx->instance->native->resume(s.cx, at.pc, s.fp, &callee);
  return afterNative(s, trap, callee, static_cast<u64*>(at.fp), records);
}

// Behind stand the arrivals left until the function is compiled, its index and the loop's offset.
u64 countLoop(State& s) {
  u64* count = const_cast<u64*>(&s.pc[1].h);
  const u64 left = __atomic_load_n(count, __ATOMIC_RELAXED);
  if (left > 1) {
    __atomic_store_n(count, left - 1, __ATOMIC_RELAXED);
  } else if (left == 1) {
    const u64 place = s.pc[1].word();
    FuncCode* code = s.cx->code + static_cast<u32>(place);
    InterpModule* module = static_cast<InterpModule*>(code->owner);
    if (module->options().switchTiers && !isSwitchDue(s.cx)) {
      s.pc += 2;
      return kContinue;
    }
    const void* entry = module->enterLoop(code, static_cast<u32>(place >> 32));
    if (entry != nullptr) return runNative(s, module->native(), entry);
    __atomic_store_n(count, 0, __ATOMIC_RELAXED);  // it cannot be compiled
  }
  s.pc += 2;
  return kContinue;
}
u64 restoreInstance(State& s) {
  switchInstance(s, reinterpret_cast<Instance*>(s.fp));
  return popTo(s);
}
u64 leave(State&) { return kLeave; }

}  // namespace bls::interp
