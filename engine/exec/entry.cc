// Entering wasm from the host, and leaving it again by return or trap.
#include "engine/exec/entry.h"

#include <algorithm>

#include "engine/exec/float_env.h"
#include "engine/exec/native.h"
#include "engine/exec/tier.h"
#include "engine/exec/trap_handler.h"
#include "engine/gc/values.h"
#include "engine/module/type_canon.h"
#include "engine/object/instance.h"

namespace bls {
namespace {

constexpr char kNobody = 0;
// The ExecCtx of this thread, or null; &kNobody until faults of the thread come to the trap
// handler.
#if defined(__linux__)
[[gnu::tls_model("initial-exec")]]
#endif
constinit thread_local const void* running = &kNobody;
constinit thread_local bool threadPrepared = false;

// What a nested call must put back, so that the host function it came from goes on as if nothing
// had happened. When nobody waits the instance stays: the next call is likely to be into the same.
class SavedState {
 public:
  explicit SavedState(ExecCtx* cx)
      : cx_(cx),
        outer_(running),
        instance_(cx->instance),
        nativeExit_(cx->nativeExit),
        hostTop_(cx->hostTop),
        ctl_(cx->ctl) {
    running = cx;
    ++cx->hostDepth;
  }
  ~SavedState() {
    --cx_->hostDepth;
    running = outer_;
    cx_->nativeExit = nativeExit_;
    cx_->hostTop = hostTop_;
    cx_->ctl = ctl_;
    if (cx_->hostDepth != 0) setCurrentInstance(cx_, instance_);
  }
  SavedState(const SavedState&) = delete;
  SavedState& operator=(const SavedState&) = delete;

 private:
  ExecCtx* cx_;
  const void* outer_;
  Instance* instance_;
  void* nativeExit_;
  u64* hostTop_;
  ControlRecord* ctl_;
};

void traceThroughTier(ExecCtx* cx, RootVisitor& visitor) {
  closeStretch(cx);
  cx->tier->traceFrames(cx, visitor);
}

}  // namespace

ExecCtx* currentExecution() {
  const void* now = running;
  return now != &kNobody ? static_cast<ExecCtx*>(const_cast<void*>(now)) : nullptr;
}

void recordTrace(ExecCtx* cx, Trap trap) {
  TrapTrace& trace = *cx->trace;
  if (trace.trap == trap) return;
  if (trap == Trap::Exit) {
    trace.count = trace.total = 0;
    return;
  }
  trace.trap = trap;
  trace.total = cx->tier != nullptr ? cx->tier->frames(cx, trace.frames, TrapTrace::kMaxFrames) : 0;
  trace.count = std::min(trace.total, TrapTrace::kMaxFrames);
}

const FuncType& signatureOf(const FuncObj* func) {
  return TypeRegistry::global().type(func->canonType).func;
}

Trap whyNoFrame(ExecCtx* cx) {
  if (cx->slotLimit.load(std::memory_order_relaxed) != nullptr) return Trap::StackOverflow;
  const u8 requested = cx->interrupt->requested.load(std::memory_order_seq_cst);
  if (requested != 0) return static_cast<Trap>(requested);
  cx->slotLimit.store(cx->slotEnd, std::memory_order_seq_cst);
  return Trap::None;
}

Trap callHost(ExecCtx* cx, FuncObj* func, u64* frame) {
  u64* top = frame + func->slots;
  while (BLS_UNLIKELY(top > cx->slotLimit.load(std::memory_order_relaxed))) {
    const Trap why = whyNoFrame(cx);
    if (why != Trap::None) return why;
  }
  cx->hostTop = top;
  const Trap trap = func->host(cx, func, frame);
  keepGuestFloats(cx);  // whatever the host function did to them
  refreshMemory(cx);
  return trap;
}

// A wasm function of the current instance: straight through the gate when it has compiled code.
static inline Trap enterFunction(ExecCtx* cx, FuncCode* code, u64* slots) {
  Tier* tier = cx->tier;
  if (code->nativeBody.load(std::memory_order_acquire) == nullptr)
    return tier->enter(cx, code, slots);
  *cx->ctl++ = {tier->leave(), slots};
  const u64 left =
      cx->instance->native->pass(cx, code->native.load(std::memory_order_acquire), slots, code);
  if (BLS_LIKELY(left < kTraps)) return static_cast<Trap>(left);
  return tier->goOn(cx, reinterpret_cast<FuncCode*>(left));
}

// Any call: of any function, from wherever.
[[gnu::noinline]] static Trap callAny(ExecCtx* cx, FuncObj* func, u64* slots) {
  cx->trace->trap = Trap::None;
  if (BLS_UNLIKELY(cx->hostDepth >= kMaxHostDepth ||
                   static_cast<u64>(cx->slotEnd - slots) < func->slots)) {
    cx->trace->count = cx->trace->total = 0;
    return Trap::StackOverflow;
  }
  if (BLS_UNLIKELY(!threadPrepared)) {
    threadPrepared = prepareThreadForTraps();
    if (threadPrepared) running = nullptr;
  }
  cx->probe = threadPrepared ? kFloatProbe : kNoFloatProbe;
  closeStretch(cx);
  SavedState saved(cx);
  GuestFloats floats(cx);
  Trap trap;
  if (BLS_UNLIKELY(func->host != nullptr)) {
    if (cx->hostDepth == 1) setCurrentInstance(cx, nullptr);  // nobody's code calls it
    cx->hostTop = slots + func->slots;
    trap = func->host(cx, func, slots);
  } else {
    if (BLS_LIKELY(cx->instance == func->instance)) {
      refreshMemory(cx);
    } else {
      setCurrentInstance(cx, func->instance);
    }
    cx->frameTracer = &traceThroughTier;
    if (const NativeCode* native = func->instance->native) native->prepare(cx);
    trap = enterFunction(cx, func->code, slots);
  }
  if (BLS_UNLIKELY(trap != Trap::None)) recordTrace(cx, trap);
  return trap;
}

// The fast way has found another floating-point state.
[[gnu::cold, gnu::noinline]] static Trap callFromOtherFloats(ExecCtx* cx, FuncObj* func,
                                                             u64* slots) {
  running = nullptr;
  cx->hostDepth = 0;
  if (cx->floatsFound != 0) {
    setFloatState(static_cast<FloatState>(cx->floatsFound));
    cx->floatsFound = 0;
  }
  return callAny(cx, func, slots);
}

// The fast way's compiled code has trapped, or come to a function without code.
[[gnu::cold, gnu::noinline]] static Trap leftOtherwise(ExecCtx* cx, u64 left) {
  const Trap trap = left < kTraps ? static_cast<Trap>(left)
                                  : cx->tier->goOn(cx, reinterpret_cast<FuncCode*>(left));
  if (trap != Trap::None) recordTrace(cx, trap);
  cx->ctl = cx->ctlBase + 1;
  return trap;
}

// As a rule nobody waits and the call is of compiled code of the instance called last; the bottoms
// of both stacks are free then, and callAny has been here before.
Trap callSlots(ExecCtx* cx, FuncObj* func, u64* slots) {
  FuncCode* code = func->code;
  if (BLS_UNLIKELY(running != nullptr || cx->instance != func->instance || code == nullptr ||
                   code->nativeBody.load(std::memory_order_acquire) == nullptr))
    return callAny(cx, func, slots);
  DCHECK(cx->hostDepth == 0 && cx->ctl == cx->ctlBase && slots == cx->slotBase);
  DCHECK(cx->frameTracer == &traceThroughTier &&
         static_cast<u64>(cx->slotEnd - slots) >= func->slots);
  running = cx;
  cx->hostDepth = 1;
  cx->trace->trap = Trap::None;
  if (BLS_UNLIKELY(!probeUnannounced(cx) || cx->floatsFound != 0))
    return callFromOtherFloats(cx, func, slots);
  const Instance* instance = cx->instance;
  ControlRecord* ctl = cx->ctlBase;
  ctl->pc = cx->tier->leave();
  cx->ctl = ctl + 1;
  ctl->fp = slots;
  const u64 left =
      instance->native->passAgain(cx, code->native.load(std::memory_order_acquire), slots, code);
  Trap trap = Trap::None;
  if (BLS_UNLIKELY(left != 0)) trap = leftOtherwise(cx, left);
  --cx->ctl;
  cx->hostTop = cx->slotBase;
  cx->hostDepth = 0;
  running = nullptr;
  return trap;
}

Trap callFunc(ExecCtx* cx, FuncObj* func, std::span<const Value> args, std::span<Value> results) {
  u64* slots = entrySlots(cx, func->slots);
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
