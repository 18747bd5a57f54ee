// MasmA64: scalar floats. Values live in the low lane; writing one clears the lanes above.
#include "codegen/a64/masm_a64.h"
#include "codegen/a64/operands_a64.h"
#include "codegen/check_site.h"

namespace bls::codegen::a64 {

void MasmA64::floatOp(FloatOp op, Width w, FReg d, FReg a, FReg b) {
  const auto x = fp(w, d);
  const auto y = fp(w, a);
  const auto z = fp(w, b);
  switch (op) {
    case FloatOp::Add: check(a_.fadd(x, y, z)); break;
    case FloatOp::Sub: check(a_.fsub(x, y, z)); break;
    case FloatOp::Mul: check(a_.fmul(x, y, z)); break;
    case FloatOp::Div: check(a_.fdiv(x, y, z)); break;
    case FloatOp::Min: check(a_.fmin(x, y, z)); break;
    case FloatOp::Max: check(a_.fmax(x, y, z)); break;
    case FloatOp::Copysign: {
      // The negated zero is the mask of the sign: that bit from b, the rest from a.
      const auto bytes = [](FReg r) { return asmjit::a64::VecV(r.code).b8(); };
      loadConstantF(w, kFScratch, 0);
      check(a_.fneg(fp(w, kFScratch), fp(w, kFScratch)));
      check(a_.bsl(bytes(kFScratch), bytes(b), bytes(a)));
      check(a_.fmov(x, fp(w, kFScratch)));
      break;
    }
  }
}

void MasmA64::readFloatState(Reg d) {
  check(a_.mrs(x64(d), asmjit::a64::Predicate::SysReg::kFPCR));
}
void MasmA64::clearFloatState() {
  check(a_.msr(asmjit::a64::Predicate::SysReg::kFPCR, x64(kZero)));
}

void MasmA64::floatUnary(FloatUnary op, Width w, FReg d, FReg a) {
  const auto x = fp(w, d);
  const auto y = fp(w, a);
  switch (op) {
    case FloatUnary::Abs: check(a_.fabs(x, y)); break;
    case FloatUnary::Neg: check(a_.fneg(x, y)); break;
    case FloatUnary::Sqrt: check(a_.fsqrt(x, y)); break;
    case FloatUnary::Ceil: check(a_.frintp(x, y)); break;
    case FloatUnary::Floor: check(a_.frintm(x, y)); break;
    case FloatUnary::Trunc: check(a_.frintz(x, y)); break;
    case FloatUnary::Nearest: check(a_.frintn(x, y)); break;
  }
}

void MasmA64::canonicalNan(Width w, FReg d) {
  // fcsel d, canonical, d, vs
  const u32 type = w == Width::W32 ? 0 : 1 << 22;
  loadImmediate(w, kTemp, w == Width::W32 ? 0x7fc00000 : 0x7ff8000000000000);
  moveToF(w, kFScratch, kTemp);
  compareF(w, d, d);
  word(0x1e200c00 | type | u32{d.code} << 16 | static_cast<u32>(Flag::Vs) << 12 |
       u32{kFScratch.code} << 5 | d.code);
}

void MasmA64::promote(FReg d, FReg a) { check(a_.fcvt(twice(d), single(a))); }
void MasmA64::demote(FReg d, FReg a) { check(a_.fcvt(single(d), twice(a))); }

void MasmA64::compareF(Width w, FReg a, FReg b) { check(a_.fcmp(fp(w, a), fp(w, b))); }
void MasmA64::setF(FCond cond, Width w, Reg d, FReg a, FReg b) {
  compareF(w, a, b);
  set(flagOf(cond), d);
}
void MasmA64::branchF(FCond cond, Width w, FReg a, FReg b, Label& target) {
  compareF(w, a, b);
  branch(flagOf(cond), target);
}

void MasmA64::intToFloat(Width to, Width from, bool isSigned, FReg d, Reg a) {
  if (isSigned) {
    check(a_.scvtf(fp(to, d), gp(from, a)));
  } else {
    check(a_.ucvtf(fp(to, d), gp(from, a)));
  }
}

// The CPU's conversions saturate, and make 0 of NaN.
void MasmA64::truncate(Width to, bool isSigned, Width from, Reg d, FReg a, Label& bad) {
  if (to == Width::W32) {
    // Through 64 bits: then see whether 32 suffice. What saturates there does not.
    check(a_.fcvtzs(x64(d), fp(from, a)));
    word(0xeb200000 | field(d) << 16 | (isSigned ? 6u : 2u) << 13 | field(d) << 5 |
         field(kZero));  // cmp d, d, sxtw or uxtw
    CHECK_SITE(Truncate32) branch(Flag::Ne, bad);
    compareF(from, a, a);
    CHECK_SITE(TruncateNan) branch(Flag::Vs, bad);
    if (isSigned) move(Width::W32, d, d);
    return;
  }
  // The least operand is checked before, NaN failing too. The greatest number says that the operand
  // was too large: it is no float itself.
  const bool isSingle = from == Width::W32;
  u64 bound;
  if (isSigned) {
    bound = isSingle ? 0xdf000000 : 0xc3e0000000000000;  // -2^63, which fits
  } else {
    bound = isSingle ? 0xbf800000 : 0xbff0000000000000;  // -1, which does not
  }
  loadImmediate(from, kTemp, bound);
  moveToF(from, kFScratch, kTemp);
  compareF(from, a, kFScratch);
  CHECK_SITE(TruncateLeast) branch(isSigned ? Flag::Lt : Flag::Le, bad);
  if (isSigned) {
    check(a_.fcvtzs(x64(d), fp(from, a)));
  } else {
    check(a_.fcvtzu(x64(d), fp(from, a)));
  }
  addImmediate(true, Width::W64, kZero, d, 1);
  CHECK_SITE(TruncateMost) branch(isSigned ? Flag::Vs : Flag::Eq, bad);
}

}  // namespace bls::codegen::a64
