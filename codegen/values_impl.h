// Values: operands, locals, registers and the code that moves single values. Included by values.h.
#pragma once

#include "codegen/values.h"
#include "engine/wasm/opcodes.h"

namespace bls::codegen {

// ---- Operands

template <class M>
void Values<M>::begin(std::span<const char> types, u32 params, u32 operandBase, bool zeroed) {
  stack_.clear();
  constLocals_.clear();
  kept_.clear();
  nextHome_ = operandBase;
  floor_ = flushed_ = unchanged_ = marked_ = 0;
  owned_ = ofLocals_ = unstored_ = busy_ = 0;
  for (u32 i = 0; i < 64; ++i) {
    uses_[i] = 0;
    localOf_[i] = kNone;
  }
  room_.locals.assign(types.size(), Val{});
  locals_ = room_.locals.data();
  u32 home = 0;
  for (u32 i = 0; i < types.size(); ++i) {
    Val& l = locals_[i];
    l.type = types[i];
    l.home = home;
    home += slotsOf(l.type);
    if (i < params || zeroed) continue;
    l.kind = Val::Const;
    l.stored = false;
    constLocals_.push_back(i);
  }
}

template <class M>
inline void Values<M>::pushReg(char type, RegId reg, bool stored) {
  push({Val::Reg, type, reg, stored, nextHome(), 0});
  ++uses_[reg];
  owned_ |= bitOf(reg);
}
template <class M>
void Values<M>::pushConst(char type, u64 bits) {
  push({Val::Const, type, kNoReg, false, nextHome(), bits});
}
template <class M>
void Values<M>::pushSlot(char type) {
  push({Val::Slot, type, kNoReg, true, nextHome(), 0});
}

template <class M>
inline Val Values<M>::pop() {
  const Val value = stack_.back();
  const u32 to = height() - 1;
  nextHome_ = stack_.shrink(to);
  if (value.kind == Val::Reg) {
    --uses_[value.reg];
    release(value.reg);
    hold(value.reg);
  }
  sink(to);
  return value;
}

template <class M>
void Values<M>::dropTo(u32 to) {
  // Those below floor_ are in no register.
  for (u32 i = height(); i > to && i > floor_; --i) {
    const Val& value = stack_[i - 1];
    if (value.kind != Val::Reg) continue;
    --uses_[value.reg];
    release(value.reg);
  }
  if (height() > to) nextHome_ = stack_.shrink(to);
  sink(to);
}

// ---- Locals

template <class M>
void Values<M>::unbind(u32 index) {
  Val& l = locals_[index];
  if (l.kind != Val::Reg) return;
  disown(l.reg);
  release(l.reg);
  l.kind = Val::Slot;
}

template <class M>
void Values<M>::bind(u32 index, RegId reg, bool stored) {
  Val& l = locals_[index];
  l.kind = Val::Reg;
  l.reg = reg;
  l.stored = stored;
  localOf_[reg] = index;
  owned_ |= bitOf(reg);
  ofLocals_ |= bitOf(reg);
  unstored_ = stored ? unstored_ & ~bitOf(reg) : unstored_ | bitOf(reg);
}

template <class M>
void Values<M>::localGet(u32 index) {
  Val& l = locals_[index];
  if (l.kind == Val::Const) {
    pushConst(l.type, l.bits);
    return;
  }
  if (l.kind == Val::Slot) {
    const RegId reg = take(isFloatType(l.type));
    emitLoad(l.type, reg, l.home);
    bind(index, reg, true);
  }
  pushReg(l.type, l.reg);
}

template <class M>
void Values<M>::localSet(u32 index, bool tee) {
  Val value = pop();
  Val& l = locals_[index];
  if (value.kind == Val::Const) {
    unbind(index);
    if (l.kind != Val::Const) constLocals_.push_back(index);
    l.kind = Val::Const;
    l.bits = value.bits;
    l.stored = false;
  } else {
    RegId reg = inReg(value);
    if (localOf_[reg] != index) {
      if (localOf_[reg] != kNone) {
        const RegId copy = take(isFloatType(l.type));
        emitMove(l.type, copy, reg);
        reg = copy;
      }
      unbind(index);
    }
    bind(index, reg, false);
  }
  if (!tee) return;
  if (l.kind == Val::Const) {
    pushConst(l.type, l.bits);
  } else {
    pushReg(l.type, l.reg);
  }
}

// ---- Registers

// A local that is in its slot too costs nothing to drop; then any local; then an operand.
template <class M>
RegId Values<M>::victim(u64 candidates) {
  RegId unstored = kNoReg;
  RegId operand = kNoReg;
  RegId found = kNoReg;
  for (u64 left = std::rotr(candidates, clock_); left != 0 && found == kNoReg; left &= left - 1) {
    const RegId reg = static_cast<RegId>((lowest(left) + clock_) & 63);
    if (localOf_[reg] == kNone || uses_[reg] != 0) {
      if (operand == kNoReg) operand = reg;
    } else if (locals_[localOf_[reg]].stored) {
      found = reg;
    } else if (unstored == kNoReg) {
      unstored = reg;
    }
  }
  if (found == kNoReg) found = unstored != kNoReg ? unstored : operand;
  CHECK(found != kNoReg);
  clock_ = static_cast<RegId>((found + 1) & 63);
  return found;
}

template <class M>
void Values<M>::relieve(u64 ofBank) {
  // Like a bank with two registers, except that an instruction gets as many as it asks for.
  for (u64 owned = ofBank & owned_ & ~busy_;
       owned != 0 && std::popcount(ofBank & owned_) >= kStressRegisters;
       owned = ofBank & owned_ & ~busy_) {
    evict(victim(owned));
  }
}

template <class M>
RegId Values<M>::take(bool isFloat) {
  if (BLS_UNLIKELY(stress_)) relieve(bank(isFloat));
  const u64 free = bank(isFloat) & ~(busy_ | owned_);
  const RegId reg = BLS_LIKELY(free != 0) ? lowest(free) : makeFree(isFloat);
  hold(reg);
  return reg;
}

template <class M>
RegId Values<M>::makeFree(bool isFloat) {
  const RegId reg = victim(bank(isFloat) & ~busy_);
  evict(reg);
  return reg;
}

template <class M>
void Values<M>::evict(RegId reg) {
  for (u32 i = height(); uses_[reg] != 0; --i) {
    Val& value = stack_[i - 1];
    if (value.kind != Val::Reg || value.reg != reg) continue;
    if (!value.stored) emitStore(value, value.home);
    value.kind = Val::Slot;
    value.stored = true;
    --uses_[reg];
  }
  if (const u32 index = localOf_[reg]; index != kNone) {
    Val& l = locals_[index];
    if (!l.stored) emitStore(l, l.home);
    l.kind = Val::Slot;
    l.stored = true;
    disown(reg);
  }
  owned_ &= ~bitOf(reg);
}

template <class M>
void Values<M>::takeThis(RegId reg) {
  const u64 free = bank(isFloatReg(reg)) & ~busy_ & ~owned_ & ~bitOf(reg);
  if (isFree(reg)) {
  } else if (free == 0) {
    evict(reg);
  } else {
    const RegId to = lowest(free);
    emitMove(isFloatReg(reg) ? 'v' : 'l', to, reg);
    for (u32 i = height(); uses_[reg] != 0; --i) {
      Val& value = stack_[i - 1];
      if (value.kind != Val::Reg || value.reg != reg) continue;
      value.reg = to;
      --uses_[reg];
      ++uses_[to];
    }
    if (const u32 index = localOf_[reg]; index != kNone) {
      const bool stored = locals_[index].stored;
      disown(reg);
      bind(index, to, stored);
    }
    owned_ = (owned_ & ~bitOf(reg)) | bitOf(to);
  }
  hold(reg);
}

template <class M>
RegId Values<M>::bring(Val popped) {
  const RegId reg = take(isFloatType(popped.type));
  if (popped.kind == Val::Const) {
    loadConstant(popped.type, reg, popped.bits);
  } else {
    emitLoad(popped.type, reg, popped.home);
  }
  return reg;
}

template <class M>
RegId Values<M>::resultReg(bool isFloat, const Val* a, const Val* b) {
  for (const Val* v : {a, b}) {
    if (v != nullptr && v->kind == Val::Reg && isFloatReg(v->reg) == isFloat && isFree(v->reg))
      return v->reg;
  }
  return take(isFloat);
}

// ---- Code

template <class M>
void Values<M>::emitMove(char type, RegId to, RegId from) {
  if (to == from) return;
  if (isFloatType(type)) {
    m_.moveF(floating(to), floating(from));
  } else {
    m_.move(Width::W64, general(to), general(from));
  }
}

template <class M>
void Values<M>::emitLoad(char type, RegId to, u32 index) {
  switch (type) {
    case 'i': m_.load(Access::U32, general(to), slot(index)); break;
    case 'f': m_.loadF(Width::W32, floating(to), slot(index)); break;
    case 'd': m_.loadF(Width::W64, floating(to), slot(index)); break;
    case 'v':
      if constexpr (M::kVectors) m_.vectorLoad(Op::V128Load, floating(to), slot(index));
      break;
    default: m_.load(Access::U64, general(to), slot(index)); break;
  }
}

template <class M>
void Values<M>::emitStore(const Val& value, u32 index) {
  if (value.kind == Val::Const) {
    m_.storeConstant(slot(index), value.bits);
    if (value.type == 'v') m_.storeConstant(slot(index + 1), value.bits);
  } else if (value.type == 'v') {
    if constexpr (M::kVectors) m_.vectorStore(slot(index), floating(value.reg));
  } else if (value.type == 'd') {
    m_.storeF(Width::W64, slot(index), floating(value.reg));
  } else if (value.type == 'f') {
    // A slot has zero above an f32.
    m_.moveFromF(Width::W32, M::kScratch, floating(value.reg));
    m_.store(8, slot(index), M::kScratch);
  } else {
    m_.store(8, slot(index), general(value.reg));
  }
}

template <class M>
void Values<M>::emitCopy(const Val& value, u32 to) {
  if (value.kind != Val::Slot) {
    emitStore(value, to);
    return;
  }
  for (u32 i = 0; i < slotsOf(value.type); ++i) {
    m_.load(Access::U64, M::kScratch, slot(value.home + i));
    m_.store(8, slot(to + i), M::kScratch);
  }
}

template <class M>
void Values<M>::loadConstant(char type, RegId to, u64 bits) {
  if (isFloatType(type)) {
    m_.loadConstantF(widthOfType(type), floating(to), bits);
  } else {
    m_.loadConstant(general(to), bits);
  }
}

}  // namespace bls::codegen
