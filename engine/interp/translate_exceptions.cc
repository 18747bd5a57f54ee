// Translation of both exception designs, and of safepoints.
//
// A try form emits nothing: it becomes a region of cells in the frame tables. A try_table clause
// jumps to its label as a branch does, from a point where everything executed has been charged; a
// legacy handler begins where its catch stands. Legacy handlers keep the exception in a slot behind
// the locals, for rethrow.
#include <algorithm>

#include "engine/decode/walk.h"
#include "engine/interp/translate.h"

namespace bls::interp {

// ---- Safepoints

// Remembers the references on the operand stack, of which the lowest `entries` values count. All of
// them are in their home slots.
void Translator::safepoint(u32 cell, bool isReturn, u32 entries) {
  FrameTables& tables = out_.tables;
  u32 root = mapped_ == 0 ? kNone : stack_[mapped_ - 1].root;
  for (; mapped_ < entries; ++mapped_) {
    Value& value = stack_[mapped_];
    if (isTraced(value.type)) {
      tables.roots.push_back({value.home, root, value.type == 'e'});
      root = static_cast<u32>(tables.roots.size()) - 1;
    }
    value.root = root;
  }
  root = entries == 0 ? kNone : stack_[entries - 1].root;
  if (root != kNone) tables.safepoints.push_back({FrameTables::keyOf(cell, isReturn), root});
}

// ---- Regions

u32 Translator::openRegion() {
  flushAll();
  barrier();
  FrameTables::Region region;
  region.begin = region.end = cellCount();
  region.depth = static_cast<u32>(controls_.size());
  region.firstHandler = static_cast<u32>(out_.tables.handlers.size());
  out_.tables.regions.push_back(region);
  return static_cast<u32>(out_.tables.regions.size()) - 1;
}

// Handlers of one region stand together, but inner tries of a legacy catch come between those of
// the try around it: they are collected with the region and put in place at the end.
void Translator::addHandler(u32 region, const FrameTables::Handler& handler) {
  regionHandlers_.emplace_back(region, handler);
}

void Translator::closeRegion(u32 region) {
  barrier();
  out_.tables.regions[region].end = cellCount();
}

void Translator::finishTables() {
  FrameTables& tables = out_.tables;
  for (const auto& [region, handler] : regionHandlers_) ++tables.regions[region].handlerCount;
  u32 at = 0;
  for (FrameTables::Region& region : tables.regions) {
    region.firstHandler = at;
    at += region.handlerCount;
    region.handlerCount = 0;
  }
  std::sort(tables.safepoints.begin(), tables.safepoints.end(),
            [](const auto& a, const auto& b) { return a.key < b.key; });
  tables.handlers.resize(at);
  for (const auto& [index, handler] : regionHandlers_) {
    FrameTables::Region& region = tables.regions[index];
    tables.handlers[region.firstHandler + region.handlerCount++] = handler;
  }
}

// ---- try_table

void Translator::tryTable(const TryTableImm& imm) {
  const u32 region = openRegion();
  Diagnostics diag;
  CHECK(forEachCatch(imm, &diag, [&](const CatchClause& clause) {
          FrameTables::Handler handler;
          const bool all =
              clause.kind == CatchKind::CatchAll || clause.kind == CatchKind::CatchAllRef;
          handler.tag = all ? kNone : clause.tag;
          handler.wantsRef =
              clause.kind == CatchKind::CatchRef || clause.kind == CatchKind::CatchAllRef;
          Control& target = control(clause.label);
          handler.base = target.base;
          handler.isLoop = target.kind == Control::Loop;
          addHandler(region, handler);
          const i32 pending = pending_;
          pending_ = 0;
          link(static_cast<u32>(regionHandlers_.size()) - 1, PatchCatch, target, 0);
          pending_ = pending;
          return Status{};
        }).ok());
  block(Control::TryTable, imm.block);
  controls_.back().region = region;
}

// ---- The legacy design

void Translator::legacyTry(const BlockImm& imm) {
  const u32 region = openRegion();
  block(Control::Try, imm);
  controls_.back().region = region;
}

void Translator::legacyCatch(u32 tag) {
  Control& c = controls_.back();
  if (!dead_) {
    flushTop(static_cast<u32>(resultsOf(c).size()));
    link(emit(metered_ ? H::JumpM : H::Jump), PatchJump, c, 0);
  }
  if (c.kind == Control::Try) closeRegion(c.region);
  c.kind = Control::Catch;
  dropTo(c.height);
  barrier();
  acc_.clear();
  facc_.clear();
  dead_ = false;
  pending_ = 0;
  FrameTables::Handler handler;
  handler.tag = tag;
  handler.landing = cellCount();
  handler.base = c.base;
  handler.exnSlot = exceptionSlot(c);
  addHandler(c.region, handler);
  if (tag != kNone) pushTypes(m_.type(m_.tags[TagIndex{tag}].type).func.params);
}

// Ends the try; its exceptions are as if thrown in the block that `label` names.
void Translator::delegate(u32 label) {
  const u32 region = controls_.back().region;
  end();
  FrameTables::Handler handler;
  handler.tag = kNone;
  handler.delegateTo = static_cast<u32>(controls_.size()) - 1 - label;
  addHandler(region, handler);
}

u32 Translator::exceptionSlot(const Control& c) const {
  return operandBase_ - kLinkSlots - module_.metaOf(funcIndex_).exceptionSlots + c.tries - 1;
}

// ---- Throwing

void Translator::throwTag(u32 tag) {
  const FuncType& type = m_.type(m_.tags[TagIndex{tag}].type).func;
  const u32 slot = argumentsStart(type);
  u32 slots = 0;
  for (ValType param : type.params) slots += param.slots();
  safepoint(cellCount(), false, height());
  emitSlow(H::Throw, slot, tag | static_cast<u64>(slots) << 32, static_cast<u32>(pending_));
  setDead();
}

void Translator::throwRef() {
  savePoint();
  flushTop(1);
  const u32 slot = stack_.back().home;
  emitSlow(H::ThrowRef, slot, 0, static_cast<u32>(pending_));
  setDead();
}

void Translator::rethrow(u32 label) {
  emitSlow(H::ThrowRef, exceptionSlot(control(label)), 0, static_cast<u32>(pending_));
  setDead();
}

}  // namespace bls::interp
