// What is done with the frames of a stretch: listing, roots, fuel at traps, handlers of exceptions.
#include "codegen/frames.h"

#include <cstring>

namespace bls::codegen {

bool NativeFrames::next() {
  if (single_ && at_ != nullptr) return false;
  crossed_ = false;
  while (*next_ == stubs_.crossReturn) {
    crossed_ = true;
    instance_ = static_cast<Instance*>(const_cast<void*>(next_[stubs_.crossInstance]));
    next_ += stubs_.crossWords;
  }
  if (*next_ == stubs_.gateReturn) return false;
  at_ = next_;
  next_ += stubs_.frameWords;
  return true;
}

bool NativeFrames::nextPlace() {
  if (!next()) return false;
  CHECK(module()->placeOf(*at_, &place_));
  slots_ -= place_.site->moved;
  return true;
}

u32 NativeModule::frames(const NativeStretch& stretch, FramePlace* out, u32 max) {
  u32 total = 0;
  NativeFrames walk(stretch);
  for (; total < max && walk.nextPlace(); ++total) {
    const Place& place = walk.place();
    out[total] = {place.funcIndex, place.site->offset, walk.instance()->module};
  }
  if (total < max) return total;
  while (walk.next()) ++total;
  return total;
}

void NativeModule::visitRoots(const NativeStretch& stretch, RootVisitor& visitor) {
  for (NativeFrames walk(stretch); walk.nextPlace();) {
    const auto visit = [&](const FrameMaps::Root& root) {
      visitor.visit(walk.slots() + root.slot,
                    root.isExtern ? gc::RefKind::Extern : gc::RefKind::Heap);
    };
    const Place& place = walk.place();
    if (place.site->replaced) continue;
    for (const FrameMaps::Root& root : place.maps->locals) visit(root);
    for (u32 i = place.site->root; i != FrameMaps::kNone; i = place.maps->roots[i].below) {
      visit(place.maps->roots[i]);
    }
  }
}

Instance* NativeModule::enteredFrom(const NativeStretch& stretch) {
  NativeFrames walk(stretch);
  while (walk.next()) {
  }
  return walk.instance();
}

void settleTrap(ExecCtx* cx, Trap trap) {
  cx->trap = trap;
  cx->trapPc = nullptr;
  NativeFrames walk(NativeStretch::of(cx->ctl - 1));
  const bool isIn = walk.next();
  const CodeOptions& options = walk.module()->options();
  if (!options.metered) return;
  if (trap == Trap::OutOfFuel) {
    cx->fuel = 0;
    cx->fuelReserve = 0;
    cx->saveFuel();
    return;
  }
  if (options.savedFuel) {
    cx->fuel = cx->savedFuel;
    cx->fuelReserve = cx->savedReserve;
    return;
  }
  NativeModule::Place place;
  if (isIn && walk.module()->placeOf(*walk.at(), &place)) cx->fuel -= place.site->pending;
}

u64 nativeStackFor(u64 slotBytes) {
  const Stubs* shared = stubs();
  if (shared == nullptr) return 0;
  return slotBytes / kLinkSlots * (shared->frameWords + shared->crossWords);
}

namespace {

const FrameMaps::Handler* handlerAt(const FrameMaps& maps, u32 at, const Instance* instance,
                                    const TagObj* tag) {
  u32 deepest = FrameMaps::kNone;
  for (size_t i = maps.regions.size(); i-- > 0;) {
    const FrameMaps::Region& region = maps.regions[i];
    if (at <= region.begin || at > region.end || region.depth > deepest) continue;
    for (const FrameMaps::Handler& handler : region.handlers) {
      if (handler.delegateTo != FrameMaps::kNone) {
        deepest = handler.delegateTo;
      } else if (handler.tag == FrameMaps::kNone || instance->tags[handler.tag] == tag) {
        return &handler;
      }
    }
  }
  return nullptr;
}

}  // namespace

bool NativeModule::findHandler(const NativeStretch& stretch, const TagObj* tag,
                               NativeLanding* out) {
  i64 charge = 0;
  for (NativeFrames walk(stretch); walk.nextPlace();) {
    const NativeModule::Place& place = walk.place();
    const bool throws = static_cast<const void*>(walk.at()) == stretch.sp && !stretch.single;
    if (throws && walk.module()->options().metered) charge = place.site->pending;
    if (place.site->replaced || place.maps->regions.empty()) continue;
    const FrameMaps::Handler* handler =
        handlerAt(*place.maps, place.site->protectedAt, walk.instance(), tag);
    if (handler == nullptr) continue;
    u64* slots = walk.slots();
    out->sp = walk.unwound();
    out->slots = slots;
    out->instance = walk.instance();
    out->pc = walk.module()->codeAt(place, handler->landing);
    out->payload = slots + handler->base;
    out->exnSlot = handler->exnSlot != FrameMaps::kNone ? slots + handler->exnSlot : nullptr;
    out->charge = charge;
    out->hasPayload = handler->tag != FrameMaps::kNone;
    out->wantsRef = handler->wantsRef;
    return true;
  }
  return false;
}

u64 land(ExecCtx* cx, const NativeLanding& landing, const ExceptionView& thrown, u64 ref) {
  u64* to = landing.payload;
  if (landing.hasPayload) {
    std::memmove(to, thrown.payload, size_t{thrown.slots} * 8);
    to += thrown.slots;
  }
  if (landing.wantsRef) *to = ref;
  if (landing.exnSlot != nullptr) *landing.exnSlot = ref;
  cx->fuel -= landing.charge;
  if (cx->instance != landing.instance) setCurrentInstance(cx, landing.instance);
  cx->ctl[-2] = {static_cast<const void*>(landing.sp), landing.slots};
  cx->ctl[-1].pc = landing.pc;
  return kLanded;
}

FuncCode* leaveFrames(ExecCtx* cx, FuncCode* callee) {
  const NativeStretch stretch = NativeStretch::of(cx->ctl - 1);
  const ReturnCells cells = cx->tier->returnCells();
  cx->ctl -= 2;
  u32 count = 0;
  NativeFrames counted(stretch);
  while (counted.next()) count += counted.crossed() ? 3 : 2;
  // One way back to an instance is enough, however long the chain of tail calls.
  const void* below = cx->ctl[-1].pc;
  const bool restores = counted.crossed() && below != cells.restore && below != cells.leave;
  cx->ctl += count + (restores ? 1 : 0);
  ControlRecord* at = cx->ctl;
  NativeFrames walk(stretch);
  for (u64* slots = stretch.slots; walk.nextPlace(); slots = walk.slots()) {
    if (walk.crossed()) *--at = {cells.restore, walk.instance()};
    *--at = {cells.resume, slots};
    *--at = {*walk.at(), walk.slots()};
  }
  if (restores) *--at = {cells.restore, walk.instance()};
  cx->trapFp = stretch.slots;
  return callee;
}

}  // namespace bls::codegen
