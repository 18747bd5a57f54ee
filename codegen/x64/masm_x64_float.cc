// MasmX64: scalar floats. Values live in the low lane; the lanes above are of no interest, but the
// old value of a result register must not be waited for where an instruction keeps its upper part.
#include "codegen/check_site.h"
#include "codegen/x64/masm_x64.h"
#include "codegen/x64/operands_x64.h"
#include "engine/object/layout.h"

namespace bls::codegen::x64 {

using namespace asmjit;

namespace {

// The immediate of roundss and roundsd: nearest even, floor, ceil, trunc; no inexact exception.
constexpr u32 roundingOf(FloatUnary op) {
  switch (op) {
    case FloatUnary::Nearest: return 8;
    case FloatUnary::Floor: return 9;
    case FloatUnary::Ceil: return 10;
    default: return 11;
  }
}

}  // namespace

void MasmX64::arithmeticF(FloatOp op, Width w, FReg d, FReg b) {
  constexpr auto opcodeOf = [](FloatOp o) -> u32 {
    switch (o) {
      case FloatOp::Add: return 0x158;
      case FloatOp::Sub: return 0x15c;
      case FloatOp::Mul: return 0x159;
      default: return 0x15e;
    }
  };
  put(encodeScalarF(opcodeOf(op), w, d, b));
}

void MasmX64::floatOp(FloatOp op, Width w, FReg d, FReg a, FReg b) {
  if (op == FloatOp::Min || op == FloatOp::Max) {
    minMax(op == FloatOp::Min, w, d, a, b);
    return;
  }
  if (op == FloatOp::Copysign) {
    const u32 sign = w == Width::W32 ? 31 : 63;
    const auto shiftLanes = [&](bool left, FReg r, u32 count) {
      if (w == Width::W32) {
        check(left ? a_.pslld(xmm(r), count) : a_.psrld(xmm(r), count));
      } else {
        check(left ? a_.psllq(xmm(r), count) : a_.psrlq(xmm(r), count));
      }
    };
    check(a_.movaps(xmm(kFScratch), xmm(b)));
    shiftLanes(false, kFScratch, sign);
    shiftLanes(true, kFScratch, sign);
    moveF(d, a);
    shiftLanes(true, d, 1);
    shiftLanes(false, d, 1);
    check(a_.orps(xmm(d), xmm(kFScratch)));
    return;
  }
  if (d == b && d != a) {
    // Not exchanged even where the operation commutes: which NaN comes out depends on the order.
    check(a_.movaps(xmm(kFScratch), xmm(b)));
    b = kFScratch;
  }
  moveF(d, a);
  arithmeticF(op, w, d, b);
}

// Equal operands differ at most in the sign of zero, which or (min) and and (max) settle; with a
// NaN the sum is a quiet NaN. Otherwise the CPU's minimum is wasm's.
void MasmX64::minMax(bool isMin, Width w, FReg d, FReg a, FReg b) {
  const bool single = w == Width::W32;
  Label differ;
  Label isNan;
  Label done;
  if (d == b && d != a) {
    check(a_.movaps(xmm(kFScratch), xmm(b)));
    b = kFScratch;
  }
  compareF(w, a, b);
  jcc(5, differ);  // not equal, and not unordered
  jcc(10, isNan);  // parity: unordered
  moveF(d, a);
  check(isMin ? a_.orps(xmm(d), xmm(b)) : a_.andps(xmm(d), xmm(b)));
  jump(done);
  bind(isNan);
  moveF(d, a);
  arithmeticF(FloatOp::Add, w, d, b);
  jump(done);
  bind(differ);
  moveF(d, a);
  if (isMin) {
    check(single ? a_.minss(xmm(d), xmm(b)) : a_.minsd(xmm(d), xmm(b)));
  } else {
    check(single ? a_.maxss(xmm(d), xmm(b)) : a_.maxsd(xmm(d), xmm(b)));
  }
  bind(done);
}

void MasmX64::floatUnary(FloatUnary op, Width w, FReg d, FReg a) {
  const bool single = w == Width::W32;
  switch (op) {
    case FloatUnary::Abs:
      moveF(d, a);
      if (single) {
        check(a_.pslld(xmm(d), 1));
        check(a_.psrld(xmm(d), 1));
      } else {
        check(a_.psllq(xmm(d), 1));
        check(a_.psrlq(xmm(d), 1));
      }
      return;
    case FloatUnary::Neg:
      check(a_.pcmpeqd(xmm(kFScratch), xmm(kFScratch)));
      check(single ? a_.pslld(xmm(kFScratch), 31) : a_.psllq(xmm(kFScratch), 63));
      moveF(d, a);
      check(a_.xorps(xmm(d), xmm(kFScratch)));
      return;
    case FloatUnary::Sqrt:
      if (d != a) check(a_.xorps(xmm(d), xmm(d)));
      check(single ? a_.sqrtss(xmm(d), xmm(a)) : a_.sqrtsd(xmm(d), xmm(a)));
      return;
    default:
      if (d != a) check(a_.xorps(xmm(d), xmm(d)));
      check(single ? a_.roundss(xmm(d), xmm(a), roundingOf(op))
                   : a_.roundsd(xmm(d), xmm(a), roundingOf(op)));
      return;
  }
}

void MasmX64::canonicalNan(Width w, FReg d) {
  Label number;
  compareF(w, d, d);
  jcc(11, number);  // not unordered
  loadConstantF(w, d, w == Width::W32 ? 0x7fc00000 : 0x7ff8000000000000);
  bind(number);
}

void MasmX64::probeFloats(Reg temp) {
  const auto part = [&](size_t offset) {
    return mem(Address::at(kContext, layout::cx::probe + static_cast<i32>(offset)));
  };
  const auto sum = xmm(FReg{0});
  check(a_.movaps(sum, part(offsetof(FloatProbe, left))));
  check(a_.divss(sum, part(offsetof(FloatProbe, zero))));
  check(a_.addps(sum, part(offsetof(FloatProbe, right))));
  check(a_.pcmpeqd(sum, part(offsetof(FloatProbe, sum))));
  check(a_.pmovmskb(r32(temp), sum));
  check(a_.cmp(r32(temp), 0xffff));
}
void MasmX64::setFloatState(const Address& at) { check(a_.ldmxcsr(mem(at))); }

void MasmX64::promote(FReg d, FReg a) {
  if (d != a) check(a_.xorps(xmm(d), xmm(d)));
  check(a_.cvtss2sd(xmm(d), xmm(a)));
}
void MasmX64::demote(FReg d, FReg a) {
  if (d != a) check(a_.xorps(xmm(d), xmm(d)));
  check(a_.cvtsd2ss(xmm(d), xmm(a)));
}

void MasmX64::compareF(Width w, FReg a, FReg b) {
  check(w == Width::W32 ? a_.ucomiss(xmm(a), xmm(b)) : a_.ucomisd(xmm(a), xmm(b)));
}

// ucomis sets carry, zero and parity when unordered, so "above" and "above or equal" are false
// then; less-than is asked the other way round.
void MasmX64::setF(FCond cond, Width w, Reg d, FReg a, FReg b) {
  switch (cond) {
    case FCond::Eq:
    case FCond::Ne: {
      const bool equal = cond == FCond::Eq;
      compareF(w, a, b);
      check(a_.mov(r32(d), equal ? 0 : 1));
      check(a_.mov(r32(kScratch), equal ? 0 : 1));
      check(equal ? a_.setnp(r8(kScratch)) : a_.setp(r8(kScratch)));
      check(a_.cmove(r32(d), r32(kScratch)));  // "equal" is also said of what has no order
      return;
    }
    case FCond::Lt: compareF(w, b, a); break;
    case FCond::Le: compareF(w, b, a); break;
    default: compareF(w, a, b); break;
  }
  setOnFlags(cond == FCond::Lt || cond == FCond::Gt ? Cond::GtU : Cond::GeU, d);
}

void MasmX64::branchF(FCond cond, Width w, FReg a, FReg b, Label& target) {
  switch (cond) {
    case FCond::Eq: {
      Label unordered;
      compareF(w, a, b);
      jcc(10, unordered);
      jcc(4, target);
      bind(unordered);
      return;
    }
    case FCond::Ne:
      compareF(w, a, b);
      jcc(10, target);
      jcc(5, target);
      return;
    case FCond::Lt:
    case FCond::Le: compareF(w, b, a); break;
    default: compareF(w, a, b); break;
  }
  branchOnFlags(cond == FCond::Lt || cond == FCond::Gt ? Cond::GtU : Cond::GeU, target);
}

void MasmX64::intToFloat(Width to, Width from, bool isSigned, FReg d, Reg a) {
  if (!isSigned && from == Width::W64) {
    unsigned64ToFloat(to, d, a);
    return;
  }
  // A zero-extended u32 is a non-negative i64.
  const x86::Gp source = isSigned ? gp(from, a) : r64(a);
  check(a_.xorps(xmm(d), xmm(d)));
  check(to == Width::W32 ? a_.cvtsi2ss(xmm(d), source) : a_.cvtsi2sd(xmm(d), source));
}

// Above the largest i64: halve, keeping the lost bit for rounding, convert, double.
void MasmX64::unsigned64ToFloat(Width to, FReg d, Reg a) {
  const auto convert = [&](Reg source) {
    check(to == Width::W32 ? a_.cvtsi2ss(xmm(d), r64(source)) : a_.cvtsi2sd(xmm(d), r64(source)));
  };
  Label large;
  Label done;
  check(a_.xorps(xmm(d), xmm(d)));
  check(a_.test(r64(a), r64(a)));
  jcc(8, large);  // sign
  convert(a);
  jump(done);
  bind(large);
  check(a_.push(r64(a)));
  check(a_.mov(r64(kScratch), r64(a)));
  check(a_.and_(r32(kScratch), 1));
  check(a_.shr(r64(a), 1));
  check(a_.or_(r64(kScratch), r64(a)));
  check(a_.pop(r64(a)));
  convert(kScratch);
  arithmeticF(FloatOp::Add, to, d, d);
  bind(done);
}

void MasmX64::truncate(Width to, bool isSigned, Width from, Reg d, FReg a, Label& bad) {
  const bool single = from == Width::W32;
  const auto convert = [&](const x86::Gp& target, FReg source) {
    check(single ? a_.cvttss2si(target, xmm(source)) : a_.cvttsd2si(target, xmm(source)));
  };
  // Powers of two as constants of the operand's type.
  const auto power = [&](u32 exponent, bool negative) -> u64 {
    return single ? (u64{negative} << 31 | u64{127 + exponent} << 23)
                  : (u64{negative} << 63 | u64{1023 + exponent} << 52);
  };
  if (isSigned && to == Width::W64) {
    // The CPU answers the most negative number for whatever does not fit; that number is right only
    // for -2^63 itself.
    Label fits;
    convert(r64(d), a);
    check(a_.cmp(r64(d), 1));
    jcc(1, fits);  // no overflow: not the most negative
    loadConstantF(from, kFScratch, power(63, true));
    CHECK_SITE(TruncateSigned64) branchF(FCond::Ne, from, a, kFScratch, bad);
    bind(fits);
    return;
  }
  if (to == Width::W32) {
    // Through 64 bits: then see whether 32 suffice. What does not fit 64 gives the most negative.
    convert(r64(d), a);
    if (isSigned) {
      check(a_.movsxd(r64(kScratch), r32(d)));
    } else {
      check(a_.mov(r32(kScratch), r32(d)));
    }
    check(a_.cmp(r64(kScratch), r64(d)));
    CHECK_SITE(Truncate32) jcc(5, bad);
    check(a_.mov(r32(d), r32(d)));
    return;
  }
  // u64: from 2^63 up, less 2^63 and with the top bit put back.
  Label small;
  Label done;
  loadConstantF(from, kFScratch, power(63, false));
  compareF(from, a, kFScratch);
  jcc(2, small);  // below, or NaN
  {
    const FReg difference = kFScratch;
    check(single ? a_.subss(xmm(difference), xmm(a)) : a_.subsd(xmm(difference), xmm(a)));
    convert(r64(d), difference);  // 2^63 - a: zero or negative
    check(a_.neg(r64(d)));        // most negative stays: did not fit
    CHECK_SITE(TruncateMost) jcc(8, bad);
    check(a_.btc(r64(d), 63));
    jump(done);
  }
  bind(small);
  convert(r64(d), a);
  check(a_.test(r64(d), r64(d)));
  CHECK_SITE(TruncateLeast) jcc(8, bad);  // -1 and below, or not representable
  bind(done);
}

}  // namespace bls::codegen::x64
