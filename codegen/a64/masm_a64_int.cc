// MasmA64: integer operations. All have three operands here; what does not fit an immediate field
// goes through kTemp.
#include <asmjit/arm/a64utils.h>

#include "codegen/a64/masm_a64.h"
#include "codegen/a64/operands_a64.h"
#include "codegen/check_site.h"

namespace bls::codegen::a64 {

namespace {

constexpr u32 wideBit(Width w) { return w == Width::W64 ? u32{1} << 31 : 0; }

}  // namespace

// d = a + imm. With flags they are those of a comparison with -imm, of the signed conditions at
// least. kSp is an operand only without.
void MasmA64::addImmediate(bool setFlags, Width w, Reg d, Reg a, i64 imm) {
  const bool negative = imm < 0;
  const u64 size = negative ? -static_cast<u64>(imm) : static_cast<u64>(imm);
  const u32 opcode = wideBit(w) | u32{negative} << 30 | u32{setFlags} << 29;
  const auto emit = [&](Reg from, u64 twelve, u32 shifted) {
    word(opcode | 0x11000000 | shifted << 22 | static_cast<u32>(twelve) << 10 | field(from) << 5 |
         field(d));
  };
  if (size < 0x1000) {
    if (size != 0 || setFlags || d != a || w == Width::W32) emit(a, size, 0);
  } else if (size < 0x1000000 && (size & 0xfff) == 0) {
    emit(a, size >> 12, 1);
  } else if (size < 0x1000000 && !setFlags) {
    emit(a, size >> 12, 1);
    emit(d, size & 0xfff, 0);
  } else {
    DCHECK(a != kTemp && a != kSp && d != kSp);
    loadImmediate(w, kTemp, w == Width::W32 ? static_cast<u32>(size) : size);
    word(opcode | 0x0b000000 | field(kTemp) << 16 | field(a) << 5 | field(d));
  }
}

void MasmA64::intOp(IntOp op, Width w, Reg d, Reg a, Reg b) {
  switch (op) {
    case IntOp::Add: check(a_.add(gp(w, d), gp(w, a), gp(w, b))); break;
    case IntOp::Sub: check(a_.sub(gp(w, d), gp(w, a), gp(w, b))); break;
    case IntOp::Mul: check(a_.mul(gp(w, d), gp(w, a), gp(w, b))); break;
    case IntOp::And: check(a_.and_(gp(w, d), gp(w, a), gp(w, b))); break;
    case IntOp::Or: check(a_.orr(gp(w, d), gp(w, a), gp(w, b))); break;
    case IntOp::Xor: check(a_.eor(gp(w, d), gp(w, a), gp(w, b))); break;
  }
}

void MasmA64::intOpImm(IntOp op, Width w, Reg d, Reg a, i32 imm) {
  if (op == IntOp::Add || op == IntOp::Sub) {
    addImmediate(op == IntOp::Sub, w, d, a, op == IntOp::Add ? i64{imm} : -i64{imm});
    return;
  }
  const u64 bits = w == Width::W32 ? static_cast<u32>(imm) : static_cast<u64>(i64{imm});
  if (op == IntOp::Mul || !asmjit::a64::Utils::isLogicalImm(bits, w == Width::W32 ? 32 : 64)) {
    loadImmediate(w, kTemp, bits);
    intOp(op, w, d, a, kTemp);
    return;
  }
  switch (op) {
    case IntOp::And: check(a_.and_(gp(w, d), gp(w, a), bits)); break;
    case IntOp::Or: check(a_.orr(gp(w, d), gp(w, a), bits)); break;
    default: check(a_.eor(gp(w, d), gp(w, a), bits)); break;
  }
}

void MasmA64::shift(ShiftOp op, Width w, Reg d, Reg a, Reg count) {
  switch (op) {
    case ShiftOp::Shl: check(a_.lsl(gp(w, d), gp(w, a), gp(w, count))); break;
    case ShiftOp::ShrS: check(a_.asr(gp(w, d), gp(w, a), gp(w, count))); break;
    case ShiftOp::ShrU: check(a_.lsr(gp(w, d), gp(w, a), gp(w, count))); break;
    case ShiftOp::Rotl:
      check(a_.neg(gp(w, kTemp), gp(w, count)));
      check(a_.ror(gp(w, d), gp(w, a), gp(w, kTemp)));
      break;
    case ShiftOp::Rotr: check(a_.ror(gp(w, d), gp(w, a), gp(w, count))); break;
  }
}

void MasmA64::shiftImm(ShiftOp op, Width w, Reg d, Reg a, u32 count) {
  const u32 bits = w == Width::W32 ? 32 : 64;
  count &= bits - 1;
  if (count == 0) {
    move(w, d, a);
    return;
  }
  switch (op) {
    case ShiftOp::Shl: check(a_.lsl(gp(w, d), gp(w, a), count)); break;
    case ShiftOp::ShrS: check(a_.asr(gp(w, d), gp(w, a), count)); break;
    case ShiftOp::ShrU: check(a_.lsr(gp(w, d), gp(w, a), count)); break;
    case ShiftOp::Rotl: check(a_.ror(gp(w, d), gp(w, a), bits - count)); break;
    case ShiftOp::Rotr: check(a_.ror(gp(w, d), gp(w, a), count)); break;
  }
}

void MasmA64::bitOp(BitOp op, Width w, Reg d, Reg a) {
  switch (op) {
    case BitOp::Clz: check(a_.clz(gp(w, d), gp(w, a))); break;
    case BitOp::Ctz:
      check(a_.rbit(gp(w, d), gp(w, a)));
      check(a_.clz(gp(w, d), gp(w, d)));
      break;
    case BitOp::Popcnt: {  // of each byte, then their sum; the bytes above are zero
      const asmjit::a64::VecD bytes = asmjit::a64::VecV(kFScratch.code).b8();
      moveToF(w, kFScratch, a);
      check(a_.cnt(bytes, bytes));
      check(a_.addv(asmjit::a64::VecB(kFScratch.code), bytes));
      moveFromF(Width::W32, d, kFScratch);
      break;
    }
    case BitOp::Extend8S: check(a_.sxtb(gp(w, d), w32(a))); break;
    case BitOp::Extend16S: check(a_.sxth(gp(w, d), w32(a))); break;
    case BitOp::Extend32S: check(a_.sxtw(x64(d), w32(a))); break;
    case BitOp::ZeroExtend32: move(Width::W32, d, a); break;
  }
}

// The CPU answers 0 for a divisor of 0 and wraps most negative / -1, whose remainder is then 0.
void MasmA64::divide(DivOp op, Width w, Reg d, Reg a, Reg b, Label& zero, Label& overflow) {
  CHECK_SITE(DivideZero)
  refer(0x34000000 | wideBit(w) | field(b), Fix::Field19, zero);  // cbz
  if (op == DivOp::DivS) {
    // If b is -1, as a - 1: that overflows for the most negative a only. Else no overflow.
    addImmediate(true, w, kZero, b, 1);
    word(0x7a400800 | wideBit(w) | 1 << 16 | static_cast<u32>(Flag::Eq) << 12 | field(a) << 5);
    CHECK_SITE(DivideOverflow) branch(Flag::Vs, overflow);
  }
  const bool isSigned = op == DivOp::DivS || op == DivOp::RemS;
  const bool wantsRest = op == DivOp::RemS || op == DivOp::RemU;
  const Reg quotient = wantsRest ? kTemp : d;
  if (isSigned) {
    check(a_.sdiv(gp(w, quotient), gp(w, a), gp(w, b)));
  } else {
    check(a_.udiv(gp(w, quotient), gp(w, a), gp(w, b)));
  }
  if (wantsRest) check(a_.msub(gp(w, d), gp(w, quotient), gp(w, b), gp(w, a)));
}

void MasmA64::addWide(IntOp op, Reg low, Reg high, Reg bLow, Reg bHigh) {
  DCHECK(low != high && low != bHigh && low != bLow && high != bLow && high != bHigh);
  if (op == IntOp::Add) {
    check(a_.adds(x64(low), x64(low), x64(bLow)));
    check(a_.adc(x64(high), x64(high), x64(bHigh)));
  } else {
    check(a_.subs(x64(low), x64(low), x64(bLow)));
    check(a_.sbc(x64(high), x64(high), x64(bHigh)));
  }
}

void MasmA64::multiplyWide(bool isSigned, Reg low, Reg high, Reg a, Reg b) {
  DCHECK(low != high && low != a && low != b && high != a && high != b);
  check(a_.mul(x64(low), x64(a), x64(b)));
  check(isSigned ? a_.smulh(x64(high), x64(a), x64(b)) : a_.umulh(x64(high), x64(a), x64(b)));
}

void MasmA64::compare(Width w, Reg a, Reg b) { check(a_.cmp(gp(w, a), gp(w, b))); }

void MasmA64::compareImm(Width w, Reg a, i32 imm) {
  if (imm == 0) {  // as a subtraction: an addition of 0 would leave another carry
    word(0x71000000 | wideBit(w) | field(a) << 5 | field(kZero));
  } else if (imm > -4096 && imm < 4096) {
    addImmediate(true, w, kZero, a, -i64{imm});
  } else {
    loadImmediate(w, kTemp, w == Width::W32 ? static_cast<u32>(imm) : static_cast<u64>(i64{imm}));
    compare(w, a, kTemp);
  }
}

void MasmA64::test(Width w, Reg a, Reg b) { check(a_.tst(gp(w, a), gp(w, b))); }

void MasmA64::select(Flag flag, Width w, Reg d, Reg ifTrue, Reg ifFalse) {
  word(0x1a800000 | wideBit(w) | field(ifFalse) << 16 | static_cast<u32>(flag) << 12 |
       field(ifTrue) << 5 | field(d));
}
// 0 + 1 on the opposite condition, else 0.
void MasmA64::set(Flag flag, Reg d) {
  word(0x1a800400 | field(kZero) << 16 | (static_cast<u32>(flag) ^ 1) << 12 | field(kZero) << 5 |
       field(d));
}
void MasmA64::setOnFlags(Cond cond, Reg d) { set(flagOf(cond), d); }
void MasmA64::selectOnFlags(Cond cond, Width w, Reg d, Reg ifTrue, Reg ifFalse) {
  select(flagOf(cond), w, d, ifTrue, ifFalse);
}

}  // namespace bls::codegen::a64
