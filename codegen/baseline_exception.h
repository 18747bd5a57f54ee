// Baseline: both exception designs, and the maps that walkers of frames need. Included by the
// instantiating source.
//
// Nothing is executed for entering a try form: it becomes a region of code in the maps. A handler
// is found by return addresses (NativeModule) and begins with everything in slots, because every
// call has put it there, and with all fuel paid. A try_table clause is a piece of code before the
// block that goes on as a branch to its label does; a legacy handler begins where its catch stands.
#pragma once

#include "codegen/baseline.h"

namespace bls::codegen {

// ---- Maps

/// The references on the operand stack, all of them in their home slots: a list that shares its
/// tail with those of other sites, so that the maps stay linear in the function.
template <class M>
u32 Baseline<M>::rootsHere() {
  const u32 height = v_.height();
  if (chains_.size() < height) chains_.resize(height);
  u32 at = v_.unchanged();
  u32 root = at == 0 ? FrameMaps::kNone : chains_[at - 1];
  for (; at < height; ++at) {
    const Val& value = v_.top(height - 1 - at);
    if (isTraced(value.type)) {
      out_.maps.roots.push_back({value.home, root, value.type == 'e'});
      root = static_cast<u32>(out_.maps.roots.size()) - 1;
    }
    chains_[at] = root;
  }
  v_.setUnchanged();
  return root;
}

template <class M>
void Baseline<M>::localRoots(const std::vector<char>& letters) {
  u32 slot = 0;
  for (char letter : letters) {
    if (isTraced(letter)) out_.maps.locals.push_back({slot, FrameMaps::kNone, letter == 'e'});
    slot += slotsOf(letter);
  }
  for (u32 i = 0; i < in_.funcMeta().exceptionSlots; ++i) {
    out_.maps.locals.push_back({slot++, FrameMaps::kNone, false});
  }
}

// ---- try_table

template <class M>
u32 Baseline<M>::openRegion() {
  FrameMaps::Region region;
  region.begin = region.end = m_.position();
  region.depth = static_cast<u32>(controls_.size());
  out_.maps.regions.push_back(std::move(region));
  return static_cast<u32>(out_.maps.regions.size()) - 1;
}

template <class M>
void Baseline<M>::tryTable(const TryTableImm& imm) {
  // From here on all values are in slots, on the way into the block and at the landings.
  v_.flushAll();
  v_.adopt({}, v_.height());
  const i32 pending = pending_;
  const u32 height = v_.height();
  std::vector<FrameMaps::Handler> handlers;
  Label over;
  if (imm.count != 0) m_.jump(over);
  Diagnostics diag;
  CHECK(forEachCatch(imm, &diag, [&](const CatchClause& clause) {
          FrameMaps::Handler handler;
          const bool all =
              clause.kind == CatchKind::CatchAll || clause.kind == CatchKind::CatchAllRef;
          if (!all) handler.tag = clause.tag;
          handler.wantsRef =
              clause.kind == CatchKind::CatchRef || clause.kind == CatchKind::CatchAllRef;
          handler.landing = m_.position();
          handler.base = v_.nextHome();
          m_.landingPad();
          pending_ = 0;
          if (!all) pushSlots(module_.type(module_.tags[TagIndex{clause.tag}].type).func.params);
          if (handler.wantsRef) v_.pushSlot('g');
          jumpTo(control(clause.label));
          v_.dropTo(height);
          handlers.push_back(handler);
          return Status{};
        }).ok());
  if (imm.count != 0) m_.bind(over);
  pending_ = pending;
  const u32 region = openRegion();
  out_.maps.regions[region].handlers = std::move(handlers);
  block(Control::TryTable, imm.block);
  controls_.back().region = region;
}

// ---- The legacy design

template <class M>
void Baseline<M>::legacyTry(const BlockImm& imm) {
  v_.flushAll();
  const u32 region = openRegion();
  block(Control::Try, imm);
  controls_.back().region = region;
}

template <class M>
void Baseline<M>::legacyCatch(u32 tag) {
  Control& c = controls_.back();
  if (!dead_) {
    prepare(c);
    m_.jump(c.label);
  }
  if (c.kind == Control::Try) closeRegion(c.region);
  c.kind = Control::Catch;
  dead_ = false;
  v_.adopt({}, c.height);
  pending_ = 0;
  FrameMaps::Handler handler;
  handler.tag = tag;
  handler.landing = m_.position();
  handler.base = v_.nextHome();
  handler.exnSlot = exceptionSlot(c);
  out_.maps.regions[c.region].handlers.push_back(handler);
  m_.landingPad();
  if (tag != FrameMaps::kNone) {
    pushSlots(module_.type(module_.tags[TagIndex{tag}].type).func.params);
  }
}

/// Ends the try; its exceptions are as if thrown in the block that `label` names.
template <class M>
void Baseline<M>::delegate(u32 label) {
  const u32 region = controls_.back().region;
  end();
  FrameMaps::Handler handler;
  handler.delegateTo = static_cast<u32>(controls_.size()) - 1 - label;
  out_.maps.regions[region].handlers.push_back(handler);
}

template <class M>
u32 Baseline<M>::exceptionSlot(const Control& c) const {
  return in_.funcMeta().localSlots + c.tries - 1;
}

// ---- Throwing

/// Calls what does not come back, with the slot base at `frame`.
template <class M>
void Baseline<M>::raiseException(RuntimeCall call, u32 frame) {
  moveFrame(static_cast<i32>(frame));
  callRuntime(call);
  moved_ = 0;
  setDead();
}

template <class M>
void Baseline<M>::throwTag(u32 tag) {
  const std::vector<ValType>& params = module_.type(module_.tags[TagIndex{tag}].type).func.params;
  u32 slots = 0;
  for (ValType param : params) slots += param.slots();
  chargeAll();
  saveFuel(0);
  v_.flushAll();
  constantArgument(0, tag);
  constantArgument(1, slots);
  raiseException(RuntimeCall::Throw, v_.homeOf(v_.height() - static_cast<u32>(params.size())));
}

template <class M>
void Baseline<M>::throwRef() {
  chargeAll();
  saveFuel(0);
  v_.flushAll();
  raiseException(RuntimeCall::ThrowRef, v_.top().home);
}

template <class M>
void Baseline<M>::rethrow(u32 label) {
  v_.flushAll();
  raiseException(RuntimeCall::ThrowRef, exceptionSlot(control(label)));
}

}  // namespace bls::codegen
