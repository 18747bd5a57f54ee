// Translation of blocks, branches, returns: labels, carried values, fuel on edges.
#include <algorithm>
#include <unordered_map>

#include "engine/decode/walk.h"
#include "engine/interp/translate.h"

namespace bls::interp {
namespace {

bool fits16(u64 bits, char type) {
  const i64 value = type == 'i' ? static_cast<i32>(bits) : static_cast<i64>(bits);
  return value == static_cast<i16>(value);
}

}  // namespace

// ---- Conditions

bool Translator::fusable(const Last& last, bool forSelect) const {
  const OpInfo& info = opInfo(last.op);
  const bool hasImm = last.form == Form::SI || last.form == Form::AI;
  if (info.cls == OpClass::Compare) {
    if (detail::isFloatCompare(last.op)) return !forSelect;
    if (forSelect && stack_.size() >= 3 && stack_[stack_.size() - 2].type == 'v') return false;
    return !hasImm || fits16(last.imm, info.params[0]);
  }
  if (info.cls == OpClass::Test) return !forSelect || info.params[0] == 'i';
  // A bit test: `and` in forms that a branch has.
  const bool isAnd = info.cls == OpClass::Binary && last.op == Op::I32And;
  return isAnd && !forSelect && last.form != Form::SA && (!hasImm || fits16(last.imm, 'i'));
}

Translator::Cond Translator::popCond(bool forSelect) {
  Cond cond;
  if (lastMakes(height() - 1) && fusable(last_, forSelect)) {
    const Last last = last_;
    stack_.pop_back();
    flushed_ = std::min(flushed_, height());
    mapped_ = std::min(mapped_, height());
    undo(last);
    cond.op = last.op;
    cond.form = last.form;
    cond.x = last.x;
    cond.y = last.y;
    cond.imm = last.imm;
    cond.negate = last.negated;
    switch (opInfo(last.op).cls) {
      case OpClass::Compare: cond.kind = Cond::Compare; break;
      case OpClass::Test:
        cond.kind = opInfo(last.op).params[0] == 'i' ? Cond::Plain : Cond::Plain64;
        cond.inAcc = last.form == Form::AS;
        cond.negate = true;
        break;
      default: cond.kind = Cond::Test; break;
    }
    return cond;
  }
  Operand v = pop();
  cond.inAcc = v.src == A;
  if (cond.inAcc) {
    takeFromAcc(v);
  } else {
    cond.x = slotOf(v);
  }
  return cond;
}

// A comparison of what the last instruction has just incremented, with branch; kNone when it is
// something else.
u32 Translator::incrementBranch(const Cond& cond, bool negate) {
  const bool compares = cond.kind == Cond::Compare &&
                        (cond.form == Form::AS || cond.form == Form::AI) &&
                        opInfo(cond.op).params[0] == 'i';
  const bool tests = cond.kind == Cond::Plain && cond.inAcc;
  if (!useAcc_ || farBranches_ || !(compares || tests) || cellCount() == 0) return kNone;
  const u32 before = cellCount() - 1;
  u32 slot = 0, step = 0;
  if (isIncrement(before)) {
    slot = at(before).a;
    step = at(before).c;
    truncate(before);
  } else if (before >= barrier_ && !out_.isData[before] &&
             at(before).h == static_cast<u64>(H::IncPair)) {
    Cell& pair = at(before);
    slot = pair.c;
    step = pair.d;
    const u32 first = static_cast<u32>(static_cast<i16>(pair.b));
    pair.h = static_cast<u64>(plus(rowOf(kAdd32), 2));
    pair.b = pair.a;
    pair.c = static_cast<u16>(first);
    pair.d = static_cast<u16>(first >> 16);
  } else {
    return kNone;
  }
  Op op = tests ? Op::I32Ne : cond.op;
  if (negate) op = inverted(op);
  const bool isSlot = compares && cond.form == Form::AS;
  const H row = static_cast<H>(kIncrementRows[static_cast<u32>(op)]);
  const u32 cell = emit(plus(row, (isSlot ? 0 : 1) + (metered_ ? 2 : 0)), slot, step);
  emitData(isSlot ? cond.y : tests ? 0 : static_cast<u32>(cond.imm));
  return cell;
}

u32 Translator::emitCondBranch(const Cond& cond, bool negate) {
  // What is on the stack now may be read on both paths: its stores have to stay.
  acc_.cell = facc_.cell = kNone;
  negate = negate != cond.negate;
  const u32 fused = incrementBranch(cond, negate);
  if (fused != kNone) return fused;
  const u32 m = metered_ ? 1 : 0;
  if (cond.kind == Cond::Plain || cond.kind == Cond::Plain64) {
    // Rows: Nz, NzM, Z, ZM by S, A; then the 64-bit ones.
    const H row = plus(H::BrNz_S, (cond.kind == Cond::Plain64 ? 8 : 0) + (negate ? 4 : 0) + 2 * m +
                                      (cond.inAcc ? 1 : 0));
    return emit(row, cond.x & 0xffff, cond.x >> 16);
  }
  const u32 form = static_cast<u32>(cond.form);
  u32 a = cond.x, b = cond.y;
  u64 imm = cond.imm;
  bool floatImm = false;
  H row;
  if (cond.kind == Cond::Test) {
    row = plus(H::BrTest_SS, form + 4 * m + (negate ? 8 : 0));
  } else if (detail::isFloatCompare(cond.op)) {
    row = plus(branchRowOf(cond.op), form + (negate ? 4 : 0) + 8 * m);
    floatImm = true;
  } else {
    row = plus(branchRowOf(negate ? inverted(cond.op) : cond.op), form + 4 * m);
  }
  switch (cond.form) {
    case Form::SS: return emit(row, a, b);
    case Form::AS: return emit(row, b);
    case Form::SI:
    case Form::AI: {
      if (cond.form == Form::AI) a = 0;
      if (!floatImm) return emit(row, a, static_cast<u32>(imm) & 0xffff);
      u32 cell = emit(row, a);
      emitData(imm);
      return cell;
    }
    default: UNREACHABLE("form of a condition");
  }
}

// ---- Labels

void Translator::setBranch(u32 cell, PatchKind kind, u32 base, u32 to, i32 charge) {
  if (kind == PatchCatch) {
    regionHandlers_[cell].second.landing = to;
    regionHandlers_[cell].second.charge = charge;
    return;
  }
  Cell& c = at(cell);
  const i64 disp = static_cast<i64>(to) - static_cast<i64>(kind == PatchTable ? base : cell);
  DCHECK(charge == static_cast<i16>(charge));
  const u16 fuel = static_cast<u16>(charge);
  switch (kind) {
    case PatchCond:
      if (disp != static_cast<i16>(disp)) outOfReach_ = true;
      c.c = fuel;
      c.d = static_cast<u16>(disp);
      break;
    case PatchJump:
      c.a = fuel;
      c.c = static_cast<u16>(disp);
      c.d = static_cast<u16>(disp >> 16);
      break;
    case PatchTable:
      c.h = static_cast<u64>(disp * static_cast<i64>(sizeof(Cell)));
      c.a = fuel;
      break;
    case PatchCatch: break;
  }
}

void Translator::link(u32 cell, PatchKind kind, Control& target, u32 base) {
  if (target.kind == Control::Loop) {
    setBranch(cell, kind, base, target.header, pending_);
    return;
  }
  patches_.push_back({cell, target.patches, pending_, kind, base});
  target.patches = static_cast<u32>(patches_.size()) - 1;
}

// Places a label here. Its lag is whatever falls through owes, so that only branches are corrected.
void Translator::bind(u32& list, bool fallsThrough) {
  const i32 lag = fallsThrough ? pending_ : patches_[list].pending;
  for (u32 i = list; i != kNone; i = patches_[i].next) {
    const Patch& patch = patches_[i];
    setBranch(patch.cell, static_cast<PatchKind>(patch.kind), patch.base, cellCount(),
              patch.pending - lag);
  }
  list = kNone;
  pending_ = lag;
  barrier();
  acc_.clear();
  facc_.clear();
}

// ---- Blocks

void Translator::pushTypes(std::span<const ValType> types) {
  for (ValType type : types) push(letterOf(type));
}

void Translator::block(Control::Kind kind, const BlockImm& imm) {
  Control c;
  c.kind = kind;
  c.tries = controls_.back().tries + (kind == Control::Try ? 1 : 0);
  if (imm.kind == BlockImm::Kind::Type) {
    const FuncType& type = m_.type(imm.typeIndex).func;
    c.params = type.params;
    c.results = type.results;
  } else if (imm.kind == BlockImm::Kind::Result) {
    c.single = imm.result;
    c.hasSingle = true;
  }
  if (kind == Control::If) {
    const Cond cond = popCond(false);
    flushAll();
    u32 cell = emitCondBranch(cond, true);
    if (farBranches_) {
      // Inverted over a jump.
      truncate(cell);
      cell = emitCondBranch(cond, false);
      const u32 jump = emit(metered_ ? H::JumpM : H::Jump);
      setBranch(cell, PatchCond, 0, jump + 1, 0);
      patches_.push_back({jump, kNone, pending_, PatchJump, 0});
    } else {
      patches_.push_back({cell, kNone, pending_, PatchCond, 0});
    }
    c.elsePatch = static_cast<u32>(patches_.size()) - 1;
    barrier();
  } else {
    flushAll();
  }
  c.height = height() - static_cast<u32>(c.params.size());
  c.base = c.params.empty() ? nextHome() : stack_[c.height].home;
  if (kind == Control::Loop) {
    if (metered_) {
      emit(H::Charge, static_cast<u32>(pending_), 1);
      pending_ = 0;
    }
    barrier();
    acc_.clear();
    facc_.clear();
    c.header = cellCount();
    const CodeOptions& options = module_.options();
    const bool counts = options.compileAtLoop != 0 || options.switchTiers;
    if (module_.native() != nullptr && counts) {
      emit(H::CountLoop);
      emitData(std::max(options.compileAtLoop, 1u), funcIndex_ | u64{position_} << 32);
      if (options.switchTiers) out_.loops.push_back({position_, cellCount()});
    }
  }
  controls_.push_back(c);
}

void Translator::elseArm() {
  Control& c = controls_.back();
  if (!dead_) {
    flushTop(static_cast<u32>(resultsOf(c).size()));
    link(emit(metered_ ? H::JumpM : H::Jump), PatchJump, c, 0);
  }
  dropTo(c.height);
  bind(c.elsePatch, false);
  pushTypes(c.params);
  c.kind = Control::Else;
  dead_ = false;
}

void Translator::end() {
  Control& c = controls_.back();
  const std::span<const ValType> results = resultsOf(c);
  if (c.kind == Control::If) {
    // No else arm: its label is the end as well. Parameters are the results.
    patches_[c.elsePatch].next = c.patches;
    c.patches = c.elsePatch;
  }
  if (c.kind == Control::TryTable || c.kind == Control::Try) closeRegion(c.region);
  if (c.patches != kNone) {
    if (!dead_) flushTop(static_cast<u32>(results.size()));
    bind(c.patches, !dead_);
    dropTo(c.height);
    pushTypes(results);
    dead_ = false;
  } else if (dead_) {
    dropTo(c.height);
  }
  if (c.kind == Control::Func) {
    if (!dead_) emitReturn();
    setDead();
    return;
  }
  controls_.pop_back();
}

void Translator::setDead() {
  dead_ = true;
  deadDepth_ = 0;
  barrier();
  acc_.clear();
  facc_.clear();
}

// ---- Branches

bool Translator::inPlace(const Control& target) const {
  const std::span<const ValType> types = labelTypes(target);
  return types.empty() || stack_[height() - types.size()].home == target.base;
}

// Copies the label's values, which are on top of the stack, to where the label expects them. The
// stack is not changed: on a conditional branch the other path goes on with it. Each goes down or
// stays, so ascending order never overwrites a source.
void Translator::moveTo(const Control& target) {
  const u32 count = static_cast<u32>(labelTypes(target).size());
  if (count == 0) return;
  const u32 bottom = height() - count;
  u32 to = target.base;
  if (count > 4) {
    flushTop(count);
    const u32 from = stack_[bottom].home;
    if (from == to) return;
    emitSlow(H::CopyMany, to, from | static_cast<u64>(nextHome() - from) << 32);
    return;
  }
  for (u32 i = bottom; i < height(); ++i) {
    const Value& value = stack_[i];
    if (value.kind == Value::Const) {
      emitConst(to, value.type, value.bits);
    } else {
      const u32 from = value.kind == Value::Local ? localSlots_[value.local] : value.home;
      if (from != to) emitCopy(to, from, value.type);
    }
    to += slotsOf(value.type);
  }
}

void Translator::emitJump(u32 depth) {
  Control& target = control(depth);
  moveTo(target);
  link(emit(metered_ ? H::JumpM : H::Jump), PatchJump, target, 0);
}

void Translator::br(u32 depth) {
  if (depth + 1 == controls_.size()) {
    emitReturn();
  } else {
    emitJump(depth);
  }
  setDead();
}

void Translator::branchTo(const Cond& cond, bool negate, u32 depth) {
  Control& target = control(depth);
  const u32 count = static_cast<u32>(labelTypes(target).size());
  if (count != 0 && (count > 4 || inPlace(target))) flushTop(count);
  if (inPlace(target) && !farBranches_) {
    link(emitCondBranch(cond, negate), PatchCond, target, 0);
    if (detail::isFloatCompare(cond.op) && cond.kind == Cond::Compare)
      barrier();  // its data cell stands behind
    return;
  }
  const u32 skip = emitCondBranch(cond, !negate);
  emitJump(depth);
  setBranch(skip, PatchCond, 0, cellCount(), 0);
  barrier();
}

void Translator::brIf(u32 depth) {
  const Cond cond = popCond(false);
  branchTo(cond, false, depth);
}

void Translator::brTable(const LabelTableImm& imm) {
  Operand index;
  bool inAcc = false, biased = false;
  u64 bias = 0;
  if (useAcc_ && lastMakes(height() - 1) && last_.op == kAdd32 &&
      (last_.form == Form::SI || last_.form == Form::AI)) {
    const Last sum = last_;  // a switch that does not start at 0
    stack_.pop_back();
    flushed_ = std::min(flushed_, height());
    mapped_ = std::min(mapped_, height());
    undo(sum);
    biased = true;
    bias = static_cast<u64>(static_cast<u32>(sum.imm)) << 32;
    inAcc = sum.form == Form::AI;
    index.slot = sum.x;
  } else {
    index = pop();
    inAcc = index.src == A;
    if (inAcc) {
      takeFromAcc(index);
    } else {
      slotOf(index);
    }
  }
  Diagnostics diag;
  u32 arity = 0;
  CHECK(forEachTarget(imm, &diag, [&](u32 depth) {
          arity = static_cast<u32>(labelTypes(control(depth)).size());
          return Status{};
        }).ok());
  flushTop(arity);
  const u32 slot = inAcc ? 0 : index.slot;
  const u32 base = emit(plus(H::BrTable_S, (biased ? 4 : 0) + (metered_ ? 2 : 0) + (inAcc ? 1 : 0)),
                        slot & 0xffff, slot >> 16, imm.count & 0xffff, imm.count >> 16);
  std::unordered_map<u32, u32> stubs;        // depth → first entry that needs one
  std::vector<std::pair<u32, u32>> viaStub;  // entry cell, depth
  for (u64 i = 0; i <= imm.count; ++i) emitData(0, bias);
  u32 entry = base + 1;
  CHECK(forEachTarget(imm, &diag, [&](u32 depth) {
          Control& target = control(depth);
          if (inPlace(target)) {
            link(entry, PatchTable, target, base);
          } else {
            viaStub.emplace_back(entry, depth);
          }
          ++entry;
          return Status{};
        }).ok());
  // Stubs move the carried values and jump; one for each label.
  for (auto [cell, depth] : viaStub) {
    auto [it, fresh] = stubs.try_emplace(depth, cellCount());
    if (fresh) {
      barrier();
      emitJump(depth);
    }
    setBranch(cell, PatchTable, base, it->second, 0);
  }
  setDead();
}

// ---- Ends of functions

void Translator::returnOp() {
  emitReturn();
  setDead();
}

void Translator::emitReturn() {
  savePoint();
  const std::span<const ValType> types = controls_[0].results;
  const u32 charge = static_cast<u32>(pending_);
  const u32 m = metered_ ? 1 : 0;
  if (types.empty()) {
    emit(plus(H::Return0, m), 0, charge);
  } else if (types.size() == 1) {
    Operand v = pop();
    const char type = v.value.type;
    const H row = isInt(type) ? H::Return_S : type == 'v' ? H::ReturnV_S : H::ReturnF_S;
    if (v.src == A && type != 'v' && type != 'f') {  // (an f32 in the accumulator is no slot image)
      takeFromAcc(v);
      emitImm(plus(row, m + 2), 0, charge, 0);
    } else if (v.src == I && type == 'i') {
      emitImm(plus(H::Return32_I, m), 0, charge, static_cast<u32>(v.bits));
    } else {
      emitImm(plus(row, m), 0, charge, slotOf(v));
    }
  } else {
    const u32 count = static_cast<u32>(types.size());
    flushTop(count);
    const u32 from = stack_[height() - count].home;
    emitImm(H::ReturnMany, 0, charge, from);
    emitData(nextHome() - from);
  }
}

void Translator::unreachable() {
  savePoint();
  emit(H::Unreachable);
  setDead();
}

}  // namespace bls::interp
