// Our operand types as asmjit's. Included by the macro assembler's sources only.
#pragma once

#include <asmjit/asmjit.h>

#include "codegen/masm.h"

namespace bls::codegen::x64 {

inline asmjit::x86::Gp r8(Reg r) { return asmjit::x86::gpb(r.code); }
inline asmjit::x86::Gp r16(Reg r) { return asmjit::x86::gpw(r.code); }
inline asmjit::x86::Gp r32(Reg r) { return asmjit::x86::gpd(r.code); }
inline asmjit::x86::Gp r64(Reg r) { return asmjit::x86::gpq(r.code); }
inline asmjit::x86::Gp gp(Width w, Reg r) { return w == Width::W32 ? r32(r) : r64(r); }
inline asmjit::x86::Xmm xmm(FReg r) { return asmjit::x86::xmm(r.code); }

inline asmjit::x86::Mem mem(const Address& at) {
  if (at.hasIndex) {
    return asmjit::x86::ptr(r64(at.base), r64(at.index), at.shift, at.disp);
  }
  return asmjit::x86::ptr(r64(at.base), at.disp);
}
inline asmjit::x86::Mem sized(asmjit::x86::Mem m, u32 bytes) {
  m.setSize(bytes);
  return m;
}

/// The condition field of jcc, setcc and cmovcc.
constexpr u8 conditionCode(Cond cond) {
  switch (cond) {
    case Cond::Eq: return 4;
    case Cond::Ne: return 5;
    case Cond::LtS: return 12;
    case Cond::GeS: return 13;
    case Cond::LeS: return 14;
    case Cond::GtS: return 15;
    case Cond::LtU: return 2;
    case Cond::GeU: return 3;
    case Cond::LeU: return 6;
    case Cond::GtU: return 7;
  }
  return 0;
}

}  // namespace bls::codegen::x64
