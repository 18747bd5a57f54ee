// Entering wasm from the host, and leaving it again by return or trap.
#include "engine/exec/entry.h"

#include <algorithm>

#include "engine/exec/float_env.h"
#include "engine/exec/tier.h"
#include "engine/exec/trap_handler.h"
#include "engine/gc/values.h"
#include "engine/module/type_canon.h"
#include "engine/object/instance.h"

namespace bls {
namespace {

thread_local ExecCtx* current = nullptr;

// What a nested call must put back, so that the host function it came from goes on as if nothing
// had happened.
class SavedState {
 public:
  explicit SavedState(ExecCtx* cx)
      : cx_(cx),
        outer_(current),
        instance_(cx->instance),
        nativeExit_(cx->nativeExit),
        hostTop_(cx->hostTop),
        ctl_(cx->ctl) {
    current = cx;
    ++cx->hostDepth;
  }
  ~SavedState() {
    --cx_->hostDepth;
    current = outer_;
    cx_->nativeExit = nativeExit_;
    cx_->hostTop = hostTop_;
    cx_->ctl = ctl_;
    setCurrentInstance(cx_, instance_);
  }
  SavedState(const SavedState&) = delete;
  SavedState& operator=(const SavedState&) = delete;

 private:
  ExecCtx* cx_;
  ExecCtx* outer_;
  Instance* instance_;
  void* nativeExit_;
  u64* hostTop_;
  ControlRecord* ctl_;
};

void traceThroughTier(ExecCtx* cx, RootVisitor& visitor) { cx->tier->traceFrames(cx, visitor); }

}  // namespace

ExecCtx* currentExecution() { return current; }

void recordTrace(ExecCtx* cx, Trap trap) {
  TrapTrace& trace = *cx->trace;
  if (trap == Trap::Exit || trace.trap == trap) return;
  trace.trap = trap;
  trace.total = cx->tier != nullptr ? cx->tier->frames(cx, trace.frames, TrapTrace::kMaxFrames) : 0;
  trace.count = std::min(trace.total, TrapTrace::kMaxFrames);
}

const FuncType& signatureOf(const FuncObj* func) {
  return TypeRegistry::global().type(func->canonType).func;
}

u64* entrySlots(ExecCtx* cx, u32 slots) {
  u64* at = cx->hostTop;
  return static_cast<u64>(cx->slotEnd - at) < slots ? nullptr : at;
}

Trap callSlots(ExecCtx* cx, FuncObj* func, u64* slots) {
  u32 room = std::max(func->paramSlots, func->resultSlots);
  cx->trace->trap = Trap::None;
  cx->trace->count = cx->trace->total = 0;
  if (cx->hostDepth >= kMaxHostDepth || static_cast<u64>(cx->slotEnd - slots) < room)
    return Trap::StackOverflow;
  if (cx->hostDepth == 0) prepareThreadForTraps();
  SavedState saved(cx);
  GuestFloats floats;
  Trap trap;
  if (func->host != nullptr) {
    cx->hostTop = slots + room;
    trap = func->host(cx, func, slots);
  } else {
    setCurrentInstance(cx, func->instance);
    cx->frameTracer = &traceThroughTier;
    trap = cx->tier->enter(cx, func->code, slots);
  }
  if (BLS_UNLIKELY(trap != Trap::None)) recordTrace(cx, trap);
  return trap;
}

Trap callFunc(ExecCtx* cx, FuncObj* func, std::span<const Value> args, std::span<Value> results) {
  u64* slots = entrySlots(cx, std::max(func->paramSlots, func->resultSlots));
  if (slots == nullptr) return Trap::StackOverflow;
  const FuncType& type = signatureOf(func);
  u64* at = slots;
  for (size_t i = 0; i < args.size() && i < type.params.size(); ++i) {
    const Value& value = args[i];
    *at++ = type.params[i].isRef() ? gc::toSlot(cx->store, type.params[i], value.lo) : value.lo;
    if (type.params[i] == ValType::V128) *at++ = value.hi;
  }
  DCHECK(static_cast<u32>(at - slots) == func->paramSlots);
  Trap trap = callSlots(cx, func, slots);
  if (trap != Trap::None) return trap;
  at = slots;
  for (size_t i = 0; i < results.size() && i < type.results.size(); ++i) {
    results[i] = {type.results[i], *at++, 0};
    if (type.results[i] == ValType::V128) results[i].hi = *at++;
    if (type.results[i].isRef())
      results[i].lo = gc::toHost(cx->store, type.results[i], results[i].lo);
  }
  return Trap::None;
}

}  // namespace bls
