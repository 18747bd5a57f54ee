// Baseline: atomic memory instructions, sequentially consistent. Addresses are always checked, in
// guarded memories too: bounds come before alignment. Waiting and waking are the library's.
// Included by the instantiating source.
#pragma once

#include "codegen/baseline.h"
#include "codegen/check_site.h"

namespace bls::codegen {

/// What the macro assembler does for a functor of the opcode table.
template <class S>
struct AtomicOf;
#define BLS_ATOMIC(functor, enumerator)                   \
  template <class Value, class MemT>                      \
  struct AtomicOf<sem::functor<Value, MemT>> {            \
    static constexpr AtomicOp kOp = AtomicOp::enumerator; \
  };
BLS_ATOMIC(RmwAdd, Add)
BLS_ATOMIC(RmwSub, Sub)
BLS_ATOMIC(RmwAnd, And)
BLS_ATOMIC(RmwOr, Or)
BLS_ATOMIC(RmwXor, Xor)
BLS_ATOMIC(RmwXchg, Exchange)
#undef BLS_ATOMIC

/// The address of an access in a new register, checked and aligned.
template <class M>
Reg Baseline<M>::atomicAddress(Val& index, const MemImm& imm, u32 width) {
  v_.inReg(index);
  const Reg at = general(v_.take(false));
  m_.address(at, checkedAddress(index, imm.offset, width, imm.memory));
  if (width != 1) {
    m_.intOpImm(IntOp::And, Width::W32, M::kScratch, at, static_cast<i32>(width - 1));
    m_.compareImm(Width::W32, M::kScratch, 0);
    CHECK_SITE(AtomicAlignment) m_.branchOnFlags(Cond::Ne, trap(Trap::UnalignedAtomic));
  }
  return at;
}

/// kCompared, where the CPU wants the value found; `other`, a popped operand's register, keeps out.
template <class M>
RegId Baseline<M>::takeCompared(RegId* other) {
  if constexpr (M::kFixedCompareExchange) {
    const RegId d = idOf(M::kCompared);
    v_.takeThis(d);
    if (*other == d) {
      *other = v_.take(false);
      m_.move(Width::W64, general(*other), general(d));
    }
    return d;
  } else {
    (void)other;
    return v_.take(false);
  }
}

template <class M>
template <Op O>
void Baseline<M>::atomic(const MemImm& imm) {
  using S = SemOf<O>;
  constexpr OpClass kClass = OpTag<O>::kInfo.cls;
  constexpr u32 kWidth = 1u << OpTag<O>::kInfo.aux;
  if constexpr (kClass == OpClass::AtomicLoad) {
    Val index = v_.pop();
    const Reg at = atomicAddress(index, imm, kWidth);
    m_.atomicLoad(kWidth, at, at);
    v_.pushReg(letterFor<typename S::Res>(), idOf(at));
  } else if constexpr (kClass == OpClass::AtomicStore) {
    Val value = v_.pop();
    Val index = v_.pop();
    const RegId reg = v_.inReg(value);
    m_.atomicStore(kWidth, atomicAddress(index, imm, kWidth), general(reg));
  } else if constexpr (kClass == OpClass::AtomicRmw) {
    constexpr AtomicOp kOp = AtomicOf<S>::kOp;
    constexpr bool kLoop = kOp == AtomicOp::And || kOp == AtomicOp::Or || kOp == AtomicOp::Xor;
    Val operand = v_.pop();
    Val index = v_.pop();
    RegId reg = v_.inReg(operand);
    v_.inReg(index);
    const RegId d = kLoop ? takeCompared(&reg) : v_.take(false);
    const Reg at = atomicAddress(index, imm, kWidth);
    m_.atomicRmw(kOp, kWidth, general(d), at, general(reg));
    v_.pushReg(letterFor<typename S::Res>(), d);
  } else if constexpr (kClass == OpClass::AtomicCmpxchg) {
    atomicCompareExchange(imm, kWidth, letterFor<typename S::Res>());
  } else if constexpr (kClass == OpClass::AtomicWait) {
    runtimeOp(RuntimeCall::AtomicWait, 3, imm.offset, imm.memory, kWidth, 'i');
  } else {
    static_assert(kClass == OpClass::AtomicNotify);
    runtimeOp(RuntimeCall::AtomicNotify, 2, imm.offset, imm.memory, 0, 'i');
  }
}

/// An expected value with bits above the width never matches; memory is read all the same.
template <class M>
void Baseline<M>::atomicCompareExchange(const MemImm& imm, u32 width, char type) {
  const bool narrow = width * 8 < (type == 'i' ? 32 : 64);
  Val replacement = v_.pop();
  Val expected = v_.pop();
  Val index = v_.pop();
  RegId reg = v_.inReg(replacement);
  const RegId wanted = v_.inReg(expected);
  v_.inReg(index);
  const RegId d = takeCompared(&reg);
  const Reg at = atomicAddress(index, imm, width);
  m_.move(Width::W64, general(d), general(wanted));
  Label never;
  Label done;
  if (narrow) {
    m_.shiftImm(ShiftOp::ShrU, Width::W64, M::kScratch, general(d), width * 8);
    m_.compareImm(Width::W64, M::kScratch, 0);
    CHECK_SITE(ExpectedWidth) m_.branchOnFlags(Cond::Ne, never);
  }
  m_.atomicCompareExchange(width, general(d), at, general(reg));
  if (narrow) {
    m_.jump(done);
    m_.bind(never);
    m_.atomicLoad(width, general(d), at);
    m_.bind(done);
  }
  v_.pushReg(type, d);
}

}  // namespace bls::codegen
