// Our operand types as asmjit's, and the fields of what we encode ourselves. Included by the macro
// assembler's sources only.
#pragma once

#include <asmjit/core.h>

#include <asmjit/arm/a64assembler.h>

#include "codegen/a64/abi_a64.h"
#include "codegen/masm.h"

namespace bls::codegen::a64 {

inline asmjit::a64::Gp w32(Reg r) { return asmjit::a64::GpW(r.code); }
inline asmjit::a64::Gp x64(Reg r) { return asmjit::a64::GpX(r.code); }
inline asmjit::a64::Gp gp(Width w, Reg r) { return w == Width::W32 ? w32(r) : x64(r); }
inline asmjit::a64::Vec single(FReg r) { return asmjit::a64::VecS(r.code); }
inline asmjit::a64::Vec twice(FReg r) { return asmjit::a64::VecD(r.code); }
inline asmjit::a64::Vec fp(Width w, FReg r) { return w == Width::W32 ? single(r) : twice(r); }

/// The number of a register in an instruction: kZero and kSp have the same.
constexpr u32 field(Reg r) { return r.code & 31; }

/// Conditions as the CPU numbers them; neighbours are each other's negation.
enum class Flag : u8 { Eq, Ne, Hs, Lo, Mi, Pl, Vs, Vc, Hi, Ls, Ge, Lt, Gt, Le };

constexpr Flag flagOf(Cond cond) {
  switch (cond) {
    case Cond::Eq: return Flag::Eq;
    case Cond::Ne: return Flag::Ne;
    case Cond::LtS: return Flag::Lt;
    case Cond::GeS: return Flag::Ge;
    case Cond::LeS: return Flag::Le;
    case Cond::GtS: return Flag::Gt;
    case Cond::LtU: return Flag::Lo;
    case Cond::GeU: return Flag::Hs;
    case Cond::LeU: return Flag::Ls;
    case Cond::GtU: return Flag::Hi;
  }
  return Flag::Eq;
}

/// After fcmp, which says of operands without order: not negative, not zero, carry, overflow.
constexpr Flag flagOf(FCond cond) {
  switch (cond) {
    case FCond::Eq: return Flag::Eq;
    case FCond::Ne: return Flag::Ne;
    case FCond::Lt: return Flag::Mi;
    case FCond::Le: return Flag::Ls;
    case FCond::Gt: return Flag::Gt;
    case FCond::Ge: return Flag::Ge;
  }
  return Flag::Eq;
}

}  // namespace bls::codegen::a64
