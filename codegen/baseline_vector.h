// Baseline: vector instructions. What an operation becomes is the macro assembler's affair (its
// vector... members take the instruction itself); here are only operands, addresses and results.
// A v128 takes two slots and one floating register. Included by the instantiating source.
#pragma once

#include "codegen/baseline.h"
#include "codegen/check_site.h"

namespace bls::codegen {

// ---- Memory

template <class M>
template <Op O>
void Baseline<M>::vectorLoad(const MemImm& imm) {
  saveIfAlwaysOutside(imm.offset, SemOf<O>::kWidth, imm.memory);
  Val index = v_.pop();
  const RegId d = resultFor('v', nullptr, nullptr);
  const Address at = addressOf(index, imm.offset, SemOf<O>::kWidth, imm.memory);
  accessSite(m_.vectorLoad(O, floating(d), at));
  v_.pushReg('v', d);
}

template <class M>
template <Op O>
void Baseline<M>::vectorLoadLane(const MemLaneImm& imm) {
  saveIfAlwaysOutside(imm.mem.offset, SemOf<O>::kWidth, imm.mem.memory);
  Val into = v_.pop();
  Val index = v_.pop();
  const RegId reg = v_.inReg(into);
  const RegId d = resultFor('v', &into, nullptr);
  const Address at = addressOf(index, imm.mem.offset, SemOf<O>::kWidth, imm.mem.memory);
  accessSite(m_.vectorLoadLane(O, floating(d), floating(reg), at, imm.lane));
  v_.pushReg('v', d);
}

template <class M>
template <Op O>
void Baseline<M>::vectorStore(const MemImm& imm, [[maybe_unused]] u32 lane) {
  saveIfAlwaysOutside(imm.offset, SemOf<O>::kWidth, imm.memory);
  Val value = v_.pop();
  Val index = v_.pop();
  const RegId reg = v_.inReg(value);
  const Address at = addressOf(index, imm.offset, SemOf<O>::kWidth, imm.memory);
  if constexpr (M::kStoresMayTear && SemOf<O>::kWidth > 1) {
    // Nothing may be written by a store that runs into the guard (threat model JIT-3).
    if (CHECK_SITE_OR(VectorStoreProbe, in_.options.guardMemory, false))
      accessSite(m_.probe(SemOf<O>::kWidth, at));
  }
  if constexpr (OpTag<O>::kInfo.cls == OpClass::VStoreLane) {
    accessSite(m_.vectorStoreLane(O, at, floating(reg), lane));
  } else {
    accessSite(m_.vectorStore(at, floating(reg)));
  }
}

// ---- Lanes and constants

/// splat, extract_lane, replace_lane.
template <class M>
template <Op O>
void Baseline<M>::vectorLane(u32 lane) {
  constexpr OpInfo kInfo = OpTag<O>::kInfo;
  if constexpr (kInfo.cls == OpClass::VSplat) {
    Val a = v_.pop();
    const RegId ra = v_.inReg(a);
    const RegId d = resultFor('v', &a, nullptr);
    if constexpr (isFloatType(kInfo.params[0])) {
      m_.vectorSplatF(O, floating(d), floating(ra));
    } else {
      m_.vectorSplat(O, floating(d), general(ra));
    }
    v_.pushReg('v', d);
  } else if constexpr (kInfo.cls == OpClass::VExtract) {
    constexpr char kType = kInfo.results[0];
    Val a = v_.pop();
    const RegId ra = v_.inReg(a);
    const RegId d = resultFor(kType, &a, nullptr);
    if constexpr (isFloatType(kType)) {
      m_.vectorExtractF(O, floating(d), floating(ra), lane);
    } else {
      m_.vectorExtract(O, general(d), floating(ra), lane);
    }
    v_.pushReg(kType, d);
  } else {
    static_assert(kInfo.cls == OpClass::VReplace);
    Val item = v_.pop();
    Val a = v_.pop();
    const RegId ra = v_.inReg(a);
    const RegId ri = v_.inReg(item);
    const RegId d = resultFor('v', &a, nullptr);
    if constexpr (isFloatType(kInfo.params[1])) {
      m_.vectorReplaceF(O, floating(d), floating(ra), floating(ri), lane);
    } else {
      m_.vectorReplace(O, floating(d), floating(ra), general(ri), lane);
    }
    v_.pushReg('v', d);
  }
}

template <class M>
void Baseline<M>::vectorConstant(u64 low, u64 high) {
  if ((low | high) == 0) {
    v_.pushConst('v', 0);
    return;
  }
  const RegId d = resultFor('v', nullptr, nullptr);
  m_.loadConstantV(floating(d), low, high);
  v_.pushReg('v', d);
}

// ---- Arithmetic

template <class M>
template <Op O>
void Baseline<M>::vectorShift() {
  Val count = v_.pop();
  Val a = v_.pop();
  const RegId ra = v_.inReg(a);
  if (count.kind == Val::Const) {
    const RegId d = resultFor('v', &a, nullptr);
    m_.vectorShiftImm(O, floating(d), floating(ra), static_cast<u32>(count.bits));
    v_.pushReg('v', d);
    return;
  }
  const RegId rc = v_.inReg(count);
  const RegId d = resultFor('v', &a, nullptr);
  m_.vectorShift(O, floating(d), floating(ra), general(rc));
  v_.pushReg('v', d);
}

/// Operations on vectors alone, by the number of operands.
template <class M>
template <Op O>
void Baseline<M>::vectorCompute() {
  constexpr OpClass kClass = OpTag<O>::kInfo.cls;
  using S = SemOf<O>;
  Val c;
  Val b;
  if constexpr (kClass == OpClass::VTernary) c = v_.pop();
  if constexpr (kClass == OpClass::VTernary || kClass == OpClass::VBinary) b = v_.pop();
  Val a = v_.pop();
  const RegId ra = v_.inReg(a);
  if constexpr (kClass == OpClass::VTest) {
    const RegId d = resultFor('i', nullptr, nullptr);
    m_.vectorTest(O, general(d), floating(ra));
    v_.pushReg('i', d);
    return;
  } else if constexpr (kClass == OpClass::VUnary) {
    const RegId d = resultFor('v', &a, nullptr);
    m_.vectorUnary(O, floating(d), floating(ra));
    v_.pushReg('v', d);
  } else {
    const RegId rb = v_.inReg(b);
    if constexpr (kClass == OpClass::VBinary) {
      const RegId d = resultFor('v', &a, &b);
      m_.vectorBinary(O, floating(d), floating(ra), floating(rb));
      v_.pushReg('v', d);
    } else {
      const RegId rc = v_.inReg(c);
      const RegId d = resultFor('v', &a, &c);
      m_.vectorTernary(O, floating(d), floating(ra), floating(rb), floating(rc));
      v_.pushReg('v', d);
    }
  }
  if constexpr (S::kNanBits != 0) {
    if (in_.options.deterministic) {
      m_.canonicalNanLanes(S::kNanBits == 32 ? Width::W32 : Width::W64, floating(v_.top().reg));
    }
  }
}

// ---- Which is which

template <class M>
template <Op O, class Imm>
void Baseline<M>::vector(const Imm& imm) {
  constexpr OpClass kClass = OpTag<O>::kInfo.cls;
  if constexpr (kClass == OpClass::VLoad) {
    vectorLoad<O>(imm);
  } else if constexpr (kClass == OpClass::VStore) {
    vectorStore<O>(imm, 0);
  } else if constexpr (kClass == OpClass::VLoadLane) {
    vectorLoadLane<O>(imm);
  } else if constexpr (kClass == OpClass::VStoreLane) {
    vectorStore<O>(imm.mem, imm.lane);
  } else if constexpr (kClass == OpClass::VSplat) {
    vectorLane<O>(0);
  } else if constexpr (kClass == OpClass::VExtract || kClass == OpClass::VReplace) {
    vectorLane<O>(imm.lane);
  } else if constexpr (kClass == OpClass::VShuffle) {
    Val b = v_.pop();
    Val a = v_.pop();
    const RegId ra = v_.inReg(a);
    const RegId rb = v_.inReg(b);
    const RegId d = resultFor('v', &a, &b);
    m_.vectorShuffle(floating(d), floating(ra), floating(rb), imm.value.bytes);
    v_.pushReg('v', d);
  } else if constexpr (kClass == OpClass::VShift) {
    vectorShift<O>();
  } else {
    vectorCompute<O>();
  }
}

}  // namespace bls::codegen
