// Baseline: blocks, labels, branches, function entry and exit. Included by the instantiating
// source.
//
// Fuel is a static potential: `pending_` has been executed and not charged. A label's lag is what
// the first branch to it left pending; later edges charge the difference. A loop header's lag is 0,
// and every way there charges and checks.
#pragma once

#include <algorithm>

#include "codegen/baseline.h"
#include "codegen/baseline_sink.h"
#include "codegen/check_site.h"
#include "engine/exec/tier_switch.h"

namespace bls::codegen {

// ---- Setting up

template <class M>
char Baseline<M>::letterOf(ValType type) {
  switch (type.kind()) {
    case ValType::I32: return 'i';
    case ValType::I64: return 'l';
    case ValType::F32: return 'f';
    case ValType::F64: return 'd';
    case ValType::V128: return M::kVectors ? 'v' : 0;
    default: break;
  }
  return letterOf(type.heap());
}

template <class M>
char Baseline<M>::letterOf(HeapType heap) {
  if (heap.isConcrete()) return module_.type(heap.typeIndex()).kind == CompKind::Func ? 'r' : 'g';
  switch (heap.bits()) {
    case HeapType::Func:
    case HeapType::NoFunc: return 'r';
    case HeapType::Extern:
    case HeapType::NoExtern: return 'e';
    default: return 'g';
  }
}

template <class M>
bool Baseline<M>::supportedTypes([[maybe_unused]] std::span<const ValType> types) {
  if constexpr (M::kVectors) return true;
  return std::all_of(types.begin(), types.end(), [&](ValType t) { return letterOf(t) != 0; });
}

// What is rarely needed of an entry is laid behind the body.
template <class M>
void Baseline<M>::prologue() {
  m_.landingPad();
  m_.bind(entry_);
  m_.enter();
  m_.bind(checkFrame_);
  m_.address(M::kScratch, Address::at(M::kSlots, static_cast<i32>(in_.frameSlots * 8)));
  m_.compareMemory(Width::W64, Address::at(M::kContext, layout::cx::slotLimit), M::kScratch);
  CHECK_SITE(StackRoom) m_.branchOnFlags(Cond::LtU, overflow_);
  if (metered_) {
    m_.intOpImm(IntOp::Sub, Width::W64, M::kFuel, M::kFuel, schedule_.entryCost);
    m_.branchOnFlags(Cond::LeS, noFuel_);
  }
  if (in_.options.switchTiers) countSwitch(leave_);
  m_.bind(body_);
}

template <class M>
void Baseline<M>::entryDetours() {
  origin(CodeOrigin::kNone, CodeOrigin::Cold);
  m_.bind(overflow_);
  m_.callBuiltin(static_cast<u32>(Builtin::EntryOverflow));
  m_.jump(checkFrame_);
  if (metered_) {
    m_.bind(noFuel_);
    m_.callBuiltin(static_cast<u32>(Builtin::EntryFuel));
    m_.jump(body_);
  }
  if (in_.options.switchTiers) {
    m_.bind(leave_);
    leaveTier(kFunctionEntry);
  }
  out_.bodyEntry = m_.position();
  m_.landingPad();
  m_.enter();
  m_.jump(body_);
}

template <class M>
bool Baseline<M>::run() {
  if (in_.options.mixStress && in_.funcIndex % 2 == 1) return false;
  const FuncDecl& decl = module_.funcs[FuncIndex{in_.funcIndex}];
  const FuncType& type = module_.funcTypeOf(in_.funcIndex);
  std::span<const u8> body = module_.body(decl);
  Diagnostics diag;
  ByteReader in(body, decl.bodyOffset, &diag);
  std::vector<ValType>& locals = room_.locals;
  locals = type.params;
  CHECK(readLocals(in, module_.features, &locals).ok());
  std::vector<char>& letters = room_.letters;
  letters.clear();
  for (ValType local : locals) {
    letters.push_back(letterOf(local));
    if (letters.back() == 0) return false;
  }
  if (!supportedTypes(type.results)) return false;
  if (in_.frameSlots > 1u << 20) return false;
  loop_ = in_.funcMeta().firstLoop;
  origin(CodeOrigin::kNone);
  prologue();
  // A few locals start as constants; many are zeroed at once.
  constexpr size_t kMostConstants = 12;
  const u32 params = static_cast<u32>(type.params.size());
  const u32 count = static_cast<u32>(letters.size());
  const bool zeroed = count - params > kMostConstants;
  const FuncMeta& meta = in_.funcMeta();
  if (zeroed) m_.clearSlots(v_.slot(meta.paramSlots), meta.localSlots - meta.paramSlots);
  if (meta.exceptionSlots != 0) m_.clearSlots(v_.slot(meta.localSlots), meta.exceptionSlots);
  v_.begin(letters, params, meta.localSlots + meta.exceptionSlots + kLinkSlots, zeroed);
  if (wantMaps_) localRoots(letters);
  controls_.emplace_back();
  controls_.back().kind = Control::Func;
  controls_.back().results = type.results;
  BaselineSink<M> sink{*this, body.data(), {}};
  CHECK((walkBody<false>(in, sink, module_.features).ok()));
  if (failed_) return false;
  epilogue();
  entryDetours();
  loopEntries();
  departures();
  origin(CodeOrigin::kNone, CodeOrigin::Data);
  out_.bytes = m_.finish();
  std::sort(out_.maps.sites.begin(), out_.maps.sites.end(),
            [](const CodeSite& a, const CodeSite& b) { return a.at < b.at; });
  return !out_.bytes.empty();
}

template <class M>
void Baseline<M>::epilogue() {
  for (u32 i = 0; i < cold_.size(); ++i) {
    Cold& cold = cold_[i];
    if (!cold.label.used()) continue;
    origin(cold.offset, CodeOrigin::Cold);
    m_.bind(cold.label);
    m_.loadConstant(M::kStubArgument, static_cast<u64>(cold.trap));
    m_.callBuiltin(static_cast<u32>(Builtin::Raise));
    offset_ = cold.offset;
    pending_ = cold.pending;
    site(m_.position());
  }
  finishImports();
}

/// Pieces of code that load what a header keeps in registers.
template <class M>
void Baseline<M>::loopEntries() {
  for (Header& header : headers_) {
    out_.loops.push_back({header.bodyOffset, m_.position()});
    origin(header.bodyOffset, CodeOrigin::Cold);
    m_.landingPad();
    m_.enter();  // entered like a function
    v_.emitLoads(header.merge);
    m_.jump(header.entry);
  }
}

// ---- Changing tiers on request (exec/tier_switch.h)

template <class M>
void Baseline<M>::countSwitch(Label& leave) {
  m_.subtractMemory(Width::W64, Address::at(M::kContext, layout::cx::switchIn), 1);
  m_.branchOnFlags(Cond::LeS, leave);
}

/// Out of compiled code, with everything in its slot and paid.
template <class M>
void Baseline<M>::leaveTier(u32 bodyOffset) {
  m_.storeConstant(Address::at(M::kContext, layout::cx::switchAt), bodyOffset);
  loadOwnCode(in_.funcIndex);
  m_.leaveFrame();
  m_.load(Access::U64, M::kScratch, Address::at(M::kContext, layout::cx::builtins));
  m_.jumpAt(Address::at(M::kScratch, static_cast<i32>(Builtin::LeaveTier) * 8));
}

/// The ways there from loop headers, which put away what they keep in registers.
template <class M>
void Baseline<M>::departures() {
  if (!in_.options.switchTiers) return;
  for (Header& header : headers_) {
    origin(header.bodyOffset, CodeOrigin::Cold);
    m_.bind(header.leave);
    v_.emitStores(header.merge);
    leaveTier(header.bodyOffset);
  }
}

template <class M>
void Baseline<M>::saveFuel(i32 pending) {
  if (!saves_) return;
  const auto field = [](i32 offset) { return Address::at(M::kContext, offset); };
  m_.address(M::kScratch, Address::at(M::kFuel, -pending));
  m_.store(8, field(layout::cx::savedFuel), M::kScratch);
  m_.load(Access::U64, M::kScratch, field(layout::cx::fuelReserve));
  m_.store(8, field(layout::cx::savedReserve), M::kScratch);
}

// ---- Edges

/// The way to a forward label has been laid: values and fuel are as it wants them.
template <class M>
void Baseline<M>::prepare(Control& target) {
  if (!target.merge.set) {
    v_.define(target.merge, arityOf(target));
    target.merge.lag = pending_;
  }
  chargeFlagless(pending_ - target.merge.lag);
  v_.emitEdge(target.merge, arityOf(target), target.height);
}

/// Back to a loop header, with charge and check. Nothing goes on behind it.
template <class M>
void Baseline<M>::loopEdge(Control& target) {
  v_.emitEdge(target.merge, arityOf(target), target.height);
  if (!metered_) {
    m_.jump(target.label);
    return;
  }
  m_.intOpImm(IntOp::Sub, Width::W64, M::kFuel, M::kFuel, pending_);
  m_.branchOnFlags(Cond::GtS, target.label);
  const i32 pending = pending_;
  pending_ = 0;
  m_.callBuiltin(static_cast<u32>(Builtin::LoopFuel));
  site(m_.position());
  m_.jump(target.label);
  pending_ = pending;
}

/// An unconditional way there. The stack is left as it is.
template <class M>
void Baseline<M>::jumpTo(Control& target) {
  if (target.kind == Control::Func) {
    emitReturn();
  } else if (target.kind == Control::Loop) {
    loopEdge(target);
  } else {
    prepare(target);
    m_.jump(target.label);
  }
}

template <class M>
void Baseline<M>::br(u32 depth) {
  jumpTo(control(depth));
  setDead();
}

template <class M>
void Baseline<M>::brIf(u32 depth) {
  Condition c = popCondition();
  v_.hold(c.a);
  if (c.b != kNoReg) v_.hold(c.b);
  Control& target = control(depth);
  const bool plain = target.kind != Control::Func && (target.kind != Control::Loop || !metered_);
  if (plain && target.kind != Control::Loop) {
    // The difference in fuel is paid before, on both ways: the branch then needs no detour for it.
    if (!target.merge.set) {
      v_.define(target.merge, arityOf(target));
      target.merge.lag = pending_;
    }
    chargeFlagless(pending_ - target.merge.lag);
    pending_ = target.merge.lag;
  }
  const u32 start = m_.position();
  Label skip;
  emitBranch(c, true, skip);
  const u32 detour = m_.position();
  if (plain) {
    v_.emitEdge(target.merge, arityOf(target), target.height);
    if (m_.position() == detour) {  // nothing to move: straight there
      m_.rewind(start);
      emitBranch(c, false, target.label);
      return;
    }
    m_.jump(target.label);
  } else {
    jumpTo(target);
  }
  m_.bind(skip);
}

// A binary search: many predictors tell the branches of a search apart better than the targets of
// one indirect jump, it needs no clamp, and equal neighbours cost nothing. `runs` are in order, the
// index is in one of them.
template <class M>
template <class LabelOf>
void Baseline<M>::search(Reg index, std::span<const Run> runs, const LabelOf& labelOf) {
  while (runs.size() > 1) {
    const size_t half = runs.size() / 2;
    m_.compareImm(Width::W32, index, static_cast<i32>(runs[half].first));
    if (runs.size() - half == 1) {
      m_.branchOnFlags(Cond::GeU, labelOf(runs[half].depth));
    } else {
      Label upper;
      m_.branchOnFlags(Cond::GeU, upper);
      search(index, runs.first(half), labelOf);
      m_.bind(upper);
      return search(index, runs.subspan(half), labelOf);
    }
    runs = runs.first(half);
  }
  m_.jump(labelOf(runs[0].depth));
}

template <class M>
void Baseline<M>::readTargets(const LabelTableImm& imm) {
  Targets& t = room_.targets;
  t.depths.clear();
  t.runs.clear();
  t.distinct.clear();
  t.labels.assign(controls_.size(), {});
  t.seen.assign(controls_.size(), false);
  Diagnostics diag;
  CHECK(forEachTarget(imm, &diag, [&](u32 depth) {
          if (t.runs.empty() || t.runs.back().depth != depth) {
            t.runs.push_back({static_cast<u32>(t.depths.size()), depth});
            t.seen[depth] = true;
          }
          t.depths.push_back(depth);
          return Status{};
        }).ok());
  for (u32 depth = 0; depth < t.seen.size(); ++depth) {
    if (t.seen[depth]) t.distinct.push_back(depth);
  }
}

template <class M>
void Baseline<M>::brTable(const LabelTableImm& imm) {
  readTargets(imm);
  Targets& t = room_.targets;
  const u32 arity = arityOf(control(t.depths.back()));
  Val index = v_.pop();
  const RegId reg = v_.inReg(index);
  constexpr size_t kSearched = 128;
  const bool byTable = t.runs.size() > kSearched;
  // Taken before any label's state is decided, which it would change.
  const RegId temp = !byTable || v_.isFree(reg) ? reg : v_.take(false);
  v_.flushTop(arity);
  // States that are not decided yet are decided before the ways part: that may emit stores. All of
  // these are the same one.
  Merge present;
  for (u32 depth : t.distinct) {
    Control& target = control(depth);
    if (target.kind == Control::Func || target.merge.set) continue;
    if (!present.set) {
      v_.define(present, arity);
      present.lag = pending_;
    }
    target.merge = present;
  }
  const auto labelOf = [&](u32 depth) -> Label& { return t.labels[depth]; };
  if (byTable) {
    std::vector<Label*> targets;
    for (u32 depth : t.depths) targets.push_back(&labelOf(depth));
    m_.jumpTable(general(reg), general(temp), targets);
    origin(offset_, CodeOrigin::Data, targets.size() * 4);
    origin(offset_);
  } else {
    search(general(reg), t.runs, labelOf);
  }
  for (u32 depth : t.distinct) {
    Control& target = control(depth);
    Label& label = labelOf(depth);
    const u32 start = m_.position();
    if (byTable || target.kind == Control::Func || (target.kind == Control::Loop && metered_)) {
      m_.bind(label);
      if (byTable) m_.landingPad();
      jumpTo(target);
      continue;
    }
    if (target.kind != Control::Loop) chargeFlagless(pending_ - target.merge.lag);
    v_.emitEdge(target.merge, arityOf(target), target.height);
    if (m_.position() == start) {  // nothing to do on the way
      m_.forward(label, target.label);
      continue;
    }
    m_.bind(label, start);
    m_.jump(target.label);
  }
  setDead();
}

// ---- Blocks

template <class M>
void Baseline<M>::pushSlots(std::span<const ValType> types) {
  for (ValType type : types) v_.pushSlot(letterOf(type));
}

template <class M>
void Baseline<M>::block(typename Control::Kind kind, const BlockImm& imm) {
  const u32 tries = controls_.back().tries + (kind == Control::Try ? 1 : 0);
  Control& c = controls_.emplace_back();
  c.kind = kind;
  c.tries = tries;
  c.offset = offset_;
  if (imm.kind == BlockImm::Kind::Type) {
    const FuncType& type = module_.type(imm.typeIndex).func;
    c.params = type.params;
    c.results = type.results;
  } else if (imm.kind == BlockImm::Kind::Result) {
    c.single = imm.result;
    c.hasSingle = true;
  }
  if (!supportedTypes(c.params) || !supportedTypes(resultsOf(c))) return unsupported();
  if (kind != Control::If) {
    v_.flushTop(v_.height());
    c.height = v_.height() - static_cast<u32>(c.params.size());
    if (kind == Control::Loop) enterLoop(c);
    return;
  }
  Condition condition = popCondition();
  v_.hold(condition.a);
  if (condition.b != kNoReg) v_.hold(condition.b);
  v_.flushTop(v_.height());
  c.height = v_.height() - static_cast<u32>(c.params.size());
  v_.define(c.elseMerge, 0);
  c.elseMerge.lag = pending_;
  emitBranch(condition, true, c.elseLabel);
}

template <class M>
void Baseline<M>::enterLoop(Control& c) {
  const LoopMeta& meta = in_.meta->loops[loop_++];
  DCHECK(meta.offset == offset_ && meta.localCount <= 64);
  // Locals by use, at most 64 of them; one that is rarely used between calls would be loaded more
  // often than read.
  struct Used {
    typename Values<M>::Wanted wanted;
    u32 uses;
  };
  Used found[64];
  u32 count = 0;
  for (const LoopLocal& local :
       std::span(in_.meta->loopLocals).subspan(meta.firstLocal, meta.localCount)) {
    const u32 uses = u32{local.reads} + local.writes;
    if (meta.calls != 0 && uses < 2u * meta.calls + 1) continue;
    u32 at = count++;
    for (; at != 0 && found[at - 1].uses < uses; --at) found[at] = found[at - 1];
    found[at] = {{local.local, local.writes != 0}, uses};
  }
  room_.wanted.clear();
  for (u32 i = 0; i < count; ++i) room_.wanted.push_back(found[i].wanted);
  v_.defineLoop(c.merge, room_.wanted, M::kLoopRegisters, M::kLoopRegistersF);
  v_.emitEdge(c.merge, 0, c.height);
  v_.adopt(c.merge, c.height);
  pushSlots(c.params);  // every way here brings them to their home slots
  if (metered_) {
    m_.intOpImm(IntOp::Sub, Width::W64, M::kFuel, M::kFuel, pending_);
    pending_ = 0;
    Label enough;
    m_.branchOnFlags(Cond::GtS, enough);
    m_.callBuiltin(static_cast<u32>(Builtin::LoopFuel));
    site(m_.position());
    m_.bind(enough);
  }
  m_.align(16);
  m_.bind(c.label);
  if (in_.options.switchTiers) {
    Header& header = headers_.emplace_back(Header{offset_, c.merge, {}, {}});
    countSwitch(header.leave);
    m_.bind(header.entry);
  } else if (in_.options.compileAtLoop != 0) {
    headers_.push_back({offset_, c.merge, c.label, {}});
  }
}

template <class M>
void Baseline<M>::elseArm() {
  Control& c = controls_.back();
  if (!dead_) {
    prepare(c);
    m_.jump(c.label);
  }
  m_.bind(c.elseLabel);
  v_.adopt(c.elseMerge, c.height);
  pushSlots(c.params);
  pending_ = c.elseMerge.lag;
  c.kind = Control::Else;
  dead_ = false;
}

/// The label of a forward block is here; its state is the present one.
template <class M>
void Baseline<M>::arrive(Control& c) {
  v_.adopt(c.merge, c.height);
  const std::span<const ValType> results = resultsOf(c);
  if (results.size() == 1 && c.merge.result != kNoReg) {
    v_.pushReg(letterOf(results[0]), c.merge.result);
  } else {
    pushSlots(results);
  }
  pending_ = c.merge.lag;
  m_.bind(c.label);
  dead_ = false;
}

template <class M>
void Baseline<M>::endIf(Control& c) {
  if (c.merge.set) {
    // The arm goes over the code for the condition's other outcome, an else arm without
    // instructions.
    elseArm();
    prepare(c);
  } else {
    // Nobody has branched here: the state at the condition is the label's. Parameters are results.
    c.merge = c.elseMerge;
    if (!dead_) prepare(c);
    m_.bind(c.elseLabel);
  }
  arrive(c);
}

template <class M>
void Baseline<M>::end() {
  Control& c = controls_.back();
  if (c.kind == Control::TryTable || c.kind == Control::Try) closeRegion(c.region);
  if (c.kind == Control::Func) {
    if (!dead_) emitReturn();
    setDead();
    return;
  }
  if (c.kind == Control::If) {
    endIf(c);
  } else if (c.kind != Control::Loop && c.merge.set) {
    if (!dead_) prepare(c);
    arrive(c);
  } else if (dead_) {
    v_.dropTo(c.height);
  }
  controls_.pop_back();
}

// ---- Ends of functions

template <class M>
void Baseline<M>::returnOp() {
  emitReturn();
  setDead();
}

/// Results to the frame's first slots, upward, and the first one to its register. The stack stays.
template <class M>
void Baseline<M>::emitReturn() {
  chargeFlagless(pending_);
  saveFuel(0);
  const u32 count = static_cast<u32>(controls_[0].results.size());
  u32 to = 0;
  for (u32 i = 0; i < count; ++i) {
    Val value = v_.top(count - 1 - i);
    if (count == 1 && comesInRegister(value.type)) {
      const RegId result = resultRegister(value.type);
      if (value.kind == Val::Reg) v_.emitMove(value.type, result, value.reg);
      if (value.kind == Val::Slot) v_.emitLoad(value.type, result, value.home);
      if (value.kind == Val::Const) v_.loadConstant(value.type, result, value.bits);
      value.kind = Val::Reg;
      value.reg = result;
    }
    v_.emitCopy(value, to);
    to += slotsOf(value.type);
  }
  // With more results the register may have held one of them: it is loaded at the end.
  if (count > 1) {
    const char type = v_.top(count - 1).type;
    if (comesInRegister(type)) v_.emitLoad(type, resultRegister(type), 0);
  }
  m_.ret();
}

template <class M>
void Baseline<M>::unreachable() {
  saveFuel(pending_);
  m_.jump(trap(Trap::Unreachable));
  setDead();
}

}  // namespace bls::codegen
