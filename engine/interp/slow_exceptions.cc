// Throwing and unwinding. Spec: exec/instructions, throw_ref; legacy exception handling proposal.
//
// The walk goes over the control stack without changing it until a handler is found, so that an
// uncaught exception leaves the frames for the backtrace, as a trap does. A throw that is caught
// by clauses that want no reference makes no object. Nothing crosses a host function here: it gets
// Trap::UncaughtException from its call, the exception waits in the heap, and its caller's frames
// go on unwinding when the host function returns that trap.
#include "engine/exec/gc_ops.h"
#include "engine/interp/frames.h"
#include "engine/interp/slow.h"

namespace bls::interp {
namespace {

struct Thrown {
  const TagObj* tag;
  const u64* payload;  // when there is no object yet
  u32 slots;
  u64 ref;  // the exception object, or 0
};
struct Landing {
  NativeLanding native;  // `instance` is set: it is one in compiled code
  const FrameTables::Handler* handler = nullptr;
  const InterpModule::Block* block = nullptr;
  Instance* instance = nullptr;
  u64* fp = nullptr;
  ControlRecord* records = nullptr;

  bool wantsObject() const {
    if (native.instance != nullptr) return native.wantsObject();
    return handler->wantsRef || handler->exnSlot != FrameTables::kNone;
  }
};

const CodeCells& cellsOf(const State& s) {
  return static_cast<InterpModule*>(s.cx->code->owner)->codeCells();
}

const FrameTables::Handler* handlerAt(const FrameTables& tables, u32 cell, const Instance* instance,
                                      const TagObj* tag) {
  u32 deepest = FrameTables::kNone;
  for (size_t i = tables.regions.size(); i-- > 0;) {
    const FrameTables::Region& region = tables.regions[i];
    if (cell < region.begin || cell >= region.end || region.depth > deepest) continue;
    for (u32 k = 0; k < region.handlerCount; ++k) {
      const FrameTables::Handler& handler = tables.handlers[region.firstHandler + k];
      if (handler.delegateTo != FrameTables::kNone) {
        deepest = handler.delegateTo;
      } else if (handler.tag == FrameTables::kNone || instance->tags[handler.tag] == tag) {
        return &handler;
      }
    }
  }
  return nullptr;
}

bool findHandler(State& s, bool ownFrame, const TagObj* tag, Landing* out) {
  FrameWalk walk(s.cx, cellsOf(s), ownFrame ? s.pc : nullptr, s.fp);
  while (walk.next(false)) {
    if (walk.isNative()) {
      if (!walk.instance()->native->findHandler(walk.stretch(), tag, &out->native)) continue;
      out->records = walk.records();
      return true;
    }
    const FrameTables& tables = walk.block().tables;
    if (tables.regions.empty()) continue;
    // A frame that waits is inside the call before its return address.
    const u32 cell = walk.isReturn() ? walk.cell() - 1 : walk.cell();
    const FrameTables::Handler* handler = handlerAt(tables, cell, walk.instance(), tag);
    if (handler == nullptr) continue;
    *out = {{}, handler, &walk.block(), walk.instance(), walk.fp(), walk.records()};
    return true;
  }
  return false;
}

// Makes the object of an exception that has none; its payload is in the throwing frame.
bool makeObject(State& s, Thrown* thrown) {
  if (thrown->ref != 0) return true;
  s.cx->gcPc = s.pc;
  s.cx->gcFp = s.fp;
  thrown->ref = makeException(s.cx, thrown->tag, thrown->payload, thrown->slots);
  s.cx->gcPc = nullptr;
  return thrown->ref != 0;
}

const u64* payloadOf(const State& s, const Thrown& thrown) {
  return thrown.payload != nullptr ? thrown.payload : viewException(s.cx, thrown.ref).payload;
}

Thrown thrownFrom(const State& s, u64 ref) {
  const ExceptionView view = viewException(s.cx, ref);
  return {view.tag, nullptr, view.slots, ref};
}

// Goes on in a frame of compiled code, by way of the resume cell.
u64 landNative(State& s, const Thrown& thrown, const Landing& landing, i64 charge) {
  const NativeLanding& at = landing.native;
  u64* to = at.payload;
  if (at.hasPayload) {
    std::memmove(to, payloadOf(s, thrown), size_t{thrown.slots} * 8);
    to += thrown.slots;
  }
  if (at.wantsRef) *to = thrown.ref;
  if (at.exnSlot != nullptr) *at.exnSlot = thrown.ref;
  s.cx->ctl = landing.records;
  *s.cx->ctl++ = {at.pc, at.slots};
  s.fp = at.slots;
  s.pc = &cellsOf(s).resume;
  setCurrentInstance(s.cx, at.instance);
  s.cx->fuel -= charge;
  return kContinue;
}

// Goes on at the handler. `charge`: what the throwing frame has executed and not paid.
u64 land(State& s, const Thrown& thrown, const Landing& landing, i64 charge) {
  if (landing.native.instance != nullptr) return landNative(s, thrown, landing, charge);
  const FrameTables::Handler& handler = *landing.handler;
  u64* to = landing.fp + handler.base;
  const bool hasPayload = handler.tag != FrameTables::kNone;
  const u64* payload = payloadOf(s, thrown);
  if (hasPayload) {
    std::memmove(to, payload, size_t{thrown.slots} * 8);
    to += thrown.slots;
  }
  if (handler.wantsRef) *to = thrown.ref;
  if (handler.exnSlot != FrameTables::kNone) landing.fp[handler.exnSlot] = thrown.ref;
  s.cx->ctl = landing.records;
  s.fp = landing.fp;
  s.pc = landing.block->cells.get() + handler.landing;
  setCurrentInstance(s.cx, landing.instance);
  s.mem0 = s.cx->mem0Base;
  s.cx->fuel -= charge + handler.charge;
  if (handler.isLoop && s.cx->fuel <= 0) return loopFuelSlow(s);
  return kContinue;
}

u64 throwIt(State& s, Thrown thrown, bool ownFrame, i64 charge, bool* uncaught) {
  Landing landing;
  const bool caught = findHandler(s, ownFrame, thrown.tag, &landing);
  const bool wantsObject = !caught || landing.wantsObject();
  if (wantsObject && !makeObject(s, &thrown)) return raise(s, whyNoObject(s.cx));
  if (caught) return land(s, thrown, landing, charge);
  gc::Heap::ifAny(s.cx->store)->setPendingException(thrown.ref);
  *uncaught = true;
  return kContinue;
}

}  // namespace

u32 allocateObject(State& s, u32 word0, u32 word1, u64 bytes) {
  s.cx->gcPc = s.pc;
  s.cx->gcFp = s.fp;
  const u32 ref = bls::allocateObject(s.cx, word0, word1, bytes);
  s.cx->gcPc = nullptr;
  return ref;
}

u64 throwTag(State& s) {
  const u64 word = s.pc[1].h;
  Thrown thrown{};
  thrown.tag = s.cx->instance->tags[static_cast<u32>(word)];
  thrown.slots = static_cast<u32>(word >> 32);
  thrown.payload = s.fp + s.pc->imm32();
  bool uncaught = false;
  const u64 result = throwIt(s, thrown, true, static_cast<i16>(s.pc->a), &uncaught);
  return uncaught ? raise(s, Trap::UncaughtException) : result;
}

u64 throwRef(State& s) {
  const u64 ref = s.fp[s.pc->imm32()];
  if (ref == 0) return raise(s, Trap::NullExceptionRef);
  bool uncaught = false;
  const u64 result = throwIt(s, thrownFrom(s, ref), true, static_cast<i16>(s.pc->a), &uncaught);
  return uncaught ? raise(s, Trap::UncaughtException) : result;
}

bool rethrowPending(State& s, bool ownFrame, u64* result) {
  gc::Heap* heap = gc::Heap::ifAny(s.cx->store);
  if (heap == nullptr || heap->pendingException() == 0) return false;
  const u64 ref = heap->pendingException();
  heap->setPendingException(0);
  bool uncaught = false;
  *result = throwIt(s, thrownFrom(s, ref), ownFrame, 0, &uncaught);
  return !uncaught;
}

}  // namespace bls::interp
