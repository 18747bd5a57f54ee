// Values: safepoints, labels and the moves on the edges between them. Included by values.h.
#pragma once

#include "codegen/values.h"

namespace bls::codegen {

template <class M>
void Values<M>::storeConstLocals() {
  size_t kept = 0;
  for (u32 index : constLocals_) {
    Val& l = locals_[index];
    if (l.kind != Val::Const) continue;
    constLocals_[kept++] = index;
    if (l.stored) continue;
    emitStore(l, l.home);
    l.stored = true;
  }
  constLocals_.resize(kept);
}

template <class M>
void Values<M>::flushRegisters(u32 from) {
  for (u32 i = floor_ > from ? floor_ : from; i < height(); ++i) {
    Val& value = stack_[i];
    if (value.kind != Val::Reg) continue;
    if (!value.stored) emitStore(value, value.home);
    --uses_[value.reg];
    release(value.reg);
    value.kind = Val::Slot;
    value.stored = true;
  }
  if (from <= floor_) mark(floor_);
}

template <class M>
void Values<M>::flushTop(u32 count) {
  const u32 from = height() - count;
  flushRegisters(from);
  for (u32 i = flushed_ > from ? flushed_ : from; i < height(); ++i) {
    Val& value = stack_[i];
    if (value.stored) continue;
    emitStore(value, value.home);
    value.stored = true;
  }
  if (from <= flushed_) mark(flushed_);
}

template <class M>
void Values<M>::flushAll() {
  flushTop(height());
  forEachLocalInReg([&](u32 index, RegId reg) {
    Val& l = locals_[index];
    if (!l.stored) emitStore(l, l.home);
    l.kind = Val::Slot;
    l.stored = true;
    localOf_[reg] = kNone;
  });
  owned_ = ofLocals_ = unstored_ = 0;
  storeConstLocals();
}

// ---- Labels

template <class M>
void Values<M>::define(Merge& merge, u32 arity) {
  storeConstLocals();
  merge.set = true;
  merge.first = static_cast<u32>(kept_.size());
  forEachLocalInReg(
      [&](u32 index, RegId reg) { kept_.push_back({index, reg, locals_[index].stored}); });
  merge.count = static_cast<u32>(kept_.size()) - merge.first;
  merge.result = kNoReg;
  if (arity != 1) return;
  // A register that no local keeps: the value's own if it has one.
  const Val& value = top();
  if (value.kind == Val::Reg && localOf_[value.reg] == kNone) {
    merge.result = value.reg;
    return;
  }
  const u64 free = bank(isFloatType(value.type)) & ~owned_ & ~busy_;
  if (free != 0) merge.result = lowest(free);
}

template <class M>
void Values<M>::defineLoop(Merge& merge, std::span<const Wanted> wanted, u32 budget, u32 budgetF) {
  merge.set = true;
  merge.result = kNoReg;
  merge.first = static_cast<u32>(kept_.size());
  u64 used = 0;
  u32 room[2] = {budget, budgetF};
  if (stress_) room[0] = room[1] = kStressRegisters;
  for (const Wanted& want : wanted) {
    const Val& l = locals_[want.local];
    u32& left = room[isFloatType(l.type) ? 1 : 0];
    if (left == 0) continue;
    --left;
    // Who is in a register keeps it, so that entering the loop costs nothing.
    const RegId reg = l.kind == Val::Reg ? l.reg : kNoReg;
    kept_.push_back({want.local, reg, !want.written});
    if (reg != kNoReg) used |= bitOf(reg);
  }
  merge.count = static_cast<u32>(kept_.size()) - merge.first;
  for (u32 i = 0; i < merge.count; ++i) {
    Kept& kept = kept_[merge.first + i];
    if (kept.reg != kNoReg) continue;
    // From the top: operands are taken from the bottom.
    const u64 free = bank(isFloatType(locals_[kept.local].type)) & ~used;
    kept.reg = static_cast<RegId>(63 - __builtin_clzll(free));
    used |= bitOf(kept.reg);
  }
}

template <class M>
void Values<M>::emitMoves(std::span<Move> moves) {
  size_t left = moves.size();
  while (left != 0) {
    bool progress = false;
    for (size_t i = 0; i < left;) {
      bool blocked = false;
      for (size_t k = 0; k < left; ++k) {
        blocked = blocked || (k != i && moves[k].from == moves[i].to);
      }
      if (blocked) {
        ++i;
        continue;
      }
      emitMove(moves[i].type, moves[i].to, moves[i].from);
      moves[i] = moves[--left];
      progress = true;
    }
    if (progress) continue;
    // Only cycles are left: one value steps aside.
    const RegId from = moves[0].from;
    const RegId aside = isFloatReg(from) ? idOf(M::kFScratch) : idOf(M::kScratch);
    emitMove(moves[0].type, aside, from);
    moves[0].from = aside;
  }
}

// Locals whose slot the label relies on.
template <class M>
void Values<M>::emitLocalStores(const Merge& merge) {
  const std::span<const Kept> kept(kept_.data() + merge.first, merge.count);
  u64 left = unstored_;
  for (const Kept& k : kept) {
    const Val& l = locals_[k.local];
    if (l.kind == Val::Reg && !k.stored) left &= ~bitOf(l.reg);
  }
  for (; left != 0; left &= left - 1) {
    const Val& l = locals_[localOf_[lowest(left)]];
    emitStore(l, l.home);
  }
  for (u32 index : constLocals_) {
    const Val& l = locals_[index];
    if (l.kind != Val::Const || l.stored) continue;
    const bool keepsOnly = std::any_of(
        kept.begin(), kept.end(), [&](const Kept& k) { return k.local == index && !k.stored; });
    if (!keepsOnly) emitStore(l, l.home);
  }
}

template <class M>
void Values<M>::emitEdge(const Merge& merge, u32 arity, u32 targetHeight) {
  Move moves[64];  // those of registers that stay are left out
  size_t count = 0;
  const Val* late = nullptr;  // the one result, when it comes from a slot or is a constant
  if (arity != 0) {
    // The label's values first, upward: each goes down or stays, so none is overwritten unread.
    u32 next = homeOf(targetHeight);
    for (u32 i = 0; i < arity; ++i) {
      const Val& value = stack_[height() - arity + i];
      const u32 to = next;
      next += slotsOf(value.type);
      if (merge.result == kNoReg) {
        if (to != value.home || !value.stored) emitCopy(value, to);
      } else if (value.kind != Val::Reg) {
        late = &value;
      } else if (value.reg != merge.result) {
        moves[count++] = {value.type, merge.result, value.reg};
      }
    }
  }
  emitLocalStores(merge);
  if (merge.count != 0) {
    const std::span<const Kept> kept(kept_.data() + merge.first, merge.count);
    bool loads = false;
    for (const Kept& k : kept) {
      const Val& l = locals_[k.local];
      if (l.kind != Val::Reg) {
        loads = true;
      } else if (l.reg != k.reg) {
        moves[count++] = {l.type, k.reg, l.reg};
      }
    }
    if (count != 0) emitMoves({moves, count});
    if (loads) {
      for (const Kept& k : kept) {
        const Val& l = locals_[k.local];
        if (l.kind == Val::Slot) emitLoad(l.type, k.reg, l.home);
        if (l.kind == Val::Const) loadConstant(l.type, k.reg, l.bits);
      }
    }
  } else if (count != 0) {
    emitMoves({moves, count});
  }
  if (late == nullptr) return;
  if (late->kind == Val::Const) {
    loadConstant(late->type, merge.result, late->bits);
  } else {
    emitLoad(late->type, merge.result, late->home);
  }
}

template <class M>
void Values<M>::emitLoads(const Merge& merge) {
  for (u32 i = 0; i < merge.count; ++i) {
    const Kept& kept = kept_[merge.first + i];
    const Val& l = locals_[kept.local];
    emitLoad(l.type, kept.reg, l.home);
  }
}

template <class M>
void Values<M>::emitStores(const Merge& merge) {
  for (u32 i = 0; i < merge.count; ++i) {
    const Kept& kept = kept_[merge.first + i];
    if (kept.stored) continue;
    Val value = locals_[kept.local];
    value.kind = Val::Reg;
    value.reg = kept.reg;
    emitStore(value, value.home);
  }
}

template <class M>
void Values<M>::adopt(const Merge& merge, u32 to) {
  dropTo(to);
  const auto toSlot = [&](u32 index) {
    locals_[index].kind = Val::Slot;
    locals_[index].stored = true;
  };
  forEachLocalInReg([&](u32 index, RegId reg) {
    toSlot(index);
    localOf_[reg] = kNone;
  });
  for (u32 index : constLocals_) {
    if (locals_[index].kind == Val::Const) toSlot(index);
  }
  constLocals_.clear();
  owned_ = ofLocals_ = unstored_ = 0;
  mark(floor_);  // operands below a label went to their slots when its block was entered
  for (u32 i = 0; i < merge.count; ++i) {
    const Kept& kept = kept_[merge.first + i];
    bind(kept.local, kept.reg, kept.stored);
  }
}

}  // namespace bls::codegen
