// Baseline: arithmetic on pairs of i64 (wide-arithmetic proposal). Results are pushed low half
// first. Included by the instantiating source.
#pragma once

#include "codegen/baseline.h"

namespace bls::codegen {

template <class M>
template <class S>
void Baseline<M>::wide() {
  if constexpr (std::is_same_v<S, sem::I64Add128> || std::is_same_v<S, sem::I64Sub128>) {
    addWide(std::is_same_v<S, sem::I64Sub128> ? IntOp::Sub : IntOp::Add);
  } else {
    static_assert(std::is_same_v<S, sem::I64MulWideS> || std::is_same_v<S, sem::I64MulWideU>);
    multiplyWide(std::is_same_v<S, sem::I64MulWideS>);
  }
}

template <class M>
void Baseline<M>::addWide(IntOp op) {
  Val bHigh = v_.pop();
  Val bLow = v_.pop();
  Val aHigh = v_.pop();
  Val aLow = v_.pop();
  const Reg addLow = general(v_.inReg(bLow));
  const Reg addHigh = general(v_.inReg(bHigh));
  // In place, so the first operand is copied: any of the four may share its register.
  const Reg low = general(v_.take(false));
  const Reg high = general(v_.take(false));
  m_.move(Width::W64, low, general(v_.inReg(aLow)));
  m_.move(Width::W64, high, general(v_.inReg(aHigh)));
  m_.addWide(op, low, high, addLow, addHigh);
  v_.pushReg('l', idOf(low));
  v_.pushReg('l', idOf(high));
}

template <class M>
void Baseline<M>::multiplyWide(bool isSigned) {
  Val b = v_.pop();
  Val a = v_.pop();
  const RegId ra = v_.inReg(a);
  RegId rb = v_.inReg(b);
  RegId low;
  RegId high;
  if constexpr (M::kFixedDivide) {
    low = idOf(M::kDividend);
    high = idOf(M::kDivideRest);
    v_.takeThis(low);
    v_.takeThis(high);
    if (rb == low || rb == high) {
      rb = v_.take(false);
      m_.move(Width::W64, general(rb), general(b.reg));
    }
    m_.move(Width::W64, general(low), general(ra));
    m_.multiplyWide(isSigned, general(low), general(high), general(low), general(rb));
  } else {
    low = v_.take(false);
    high = v_.take(false);
    m_.multiplyWide(isSigned, general(low), general(high), general(ra), general(rb));
  }
  v_.pushReg('l', low);
  v_.pushReg('l', high);
}

}  // namespace bls::codegen
