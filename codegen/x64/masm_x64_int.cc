// MasmX64: integer operations. Two-operand forms are avoided where a lea or a three-operand form
// does it in one; otherwise the result register takes the first operand, and care is needed only
// where it is the second operand too.
#include "codegen/check_site.h"
#include "codegen/x64/masm_x64.h"
#include "codegen/x64/operands_x64.h"
#include "engine/base/cpu.h"

namespace bls::codegen::x64 {

using namespace asmjit;
using platform::Cpu;
using platform::cpuBit;

namespace {

/// Of the operations but multiplication.
constexpr Alu aluOf(IntOp op) {
  switch (op) {
    case IntOp::Add: return Alu::Add;
    case IntOp::Sub: return Alu::Sub;
    case IntOp::And: return Alu::And;
    case IntOp::Or: return Alu::Or;
    default: return Alu::Xor;
  }
}

}  // namespace

void MasmX64::intOp(IntOp op, Width w, Reg d, Reg a, Reg b) {
  if (op == IntOp::Add && d != a && d != b) {
    put(encodeMemory(0x8d, isWide(w), d.code, Address::indexed(a, b)));  // lea
    return;
  }
  if (op == IntOp::Sub && d == b && d != a) {     // a - d
    put(encodeRegs(0xf7, isWide(w), 3, d.code));  // neg
    put(encodeAlu(Alu::Add, w, d, a));
    return;
  }
  if (d == b) {
    b = a;  // commutative from here on, or all the same register
  } else if (d != a) {
    put(encodeMove(w, d, a));
  }
  if (op == IntOp::Mul) {
    put(encodeRegs(0x1af, isWide(w), d.code, b.code));
  } else {
    put(encodeAlu(aluOf(op), w, d, b));
  }
}

void MasmX64::intOpImm(IntOp op, Width w, Reg d, Reg a, i32 imm) {
  if (op == IntOp::Mul) {
    check(a_.imul(gp(w, d), gp(w, a), imm));
    return;
  }
  if (op == IntOp::Sub && imm != INT32_MIN) {
    op = IntOp::Add;
    imm = -imm;
  }
  if (op == IntOp::Add && d != a) {
    put(encodeMemory(0x8d, isWide(w), d.code, Address::at(a, imm)));  // lea
    return;
  }
  if (d != a) put(encodeMove(w, d, a));
  put(encodeAluImm(aluOf(op), w, d, imm));
}

bool MasmX64::needsShiftCount(ShiftOp op) const {
  const bool plain = op == ShiftOp::Shl || op == ShiftOp::ShrS || op == ShiftOp::ShrU;
  return !plain || (cpu_ & cpuBit(Cpu::Bmi2)) == 0;
}

void MasmX64::shift(ShiftOp op, Width w, Reg d, Reg a, Reg count) {
  const bool plain = op == ShiftOp::Shl || op == ShiftOp::ShrS || op == ShiftOp::ShrU;
  if (plain && (cpu_ & cpuBit(Cpu::Bmi2)) != 0) {
    switch (op) {
      case ShiftOp::Shl: check(a_.shlx(gp(w, d), gp(w, a), gp(w, count))); break;
      case ShiftOp::ShrS: check(a_.sarx(gp(w, d), gp(w, a), gp(w, count))); break;
      default: check(a_.shrx(gp(w, d), gp(w, a), gp(w, count))); break;
    }
    return;
  }
  DCHECK(count == kShiftCount);
  const Reg target = d == count ? kScratch : d;
  if (target != a) check(a_.mov(gp(w, target), gp(w, a)));
  switch (op) {
    case ShiftOp::Shl: check(a_.shl(gp(w, target), x86::cl)); break;
    case ShiftOp::ShrS: check(a_.sar(gp(w, target), x86::cl)); break;
    case ShiftOp::ShrU: check(a_.shr(gp(w, target), x86::cl)); break;
    case ShiftOp::Rotl: check(a_.rol(gp(w, target), x86::cl)); break;
    case ShiftOp::Rotr: check(a_.ror(gp(w, target), x86::cl)); break;
  }
  if (target != d) check(a_.mov(gp(w, d), gp(w, target)));
}

void MasmX64::shiftImm(ShiftOp op, Width w, Reg d, Reg a, u32 count) {
  count &= w == Width::W32 ? 31 : 63;
  if (count == 0) {
    move(w, d, a);
    return;
  }
  if (op == ShiftOp::Shl && count == 1 && d != a) {
    put(encodeMemory(0x8d, isWide(w), d.code, Address::indexed(a, a)));
    return;
  }
  if (d != a) put(encodeMove(w, d, a));
  constexpr auto numberOf = [](ShiftOp o) -> u32 {
    switch (o) {
      case ShiftOp::Rotl: return 0;
      case ShiftOp::Rotr: return 1;
      case ShiftOp::Shl: return 4;
      case ShiftOp::ShrU: return 5;
      case ShiftOp::ShrS: break;
    }
    return 7;
  };
  EncodedRegs inst = encodeRegs(count == 1 ? 0xd1 : 0xc1, isWide(w), numberOf(op), d.code);
  if (count != 1) inst.imm = {static_cast<i32>(count), 1};
  put(inst);
}

// Population count by adding neighbouring fields, for CPUs without POPCNT: 1, 2, 4 bits, then all
// bytes by a multiplication. `rest` is any register but the ones in use; its value is kept on the
// stack meanwhile.
void MasmX64::popcntByHand(Width w, Reg d, Reg a) {
  const Reg rest = d == kRax ? kRcx : kRax;
  const auto mask = [&](u64 pattern) {  // ours, not the guest's: an immediate
    if (w == Width::W64) {
      check(a_.mov(r64(kScratch), pattern));
    } else {
      check(a_.mov(r32(kScratch), static_cast<u32>(pattern)));
    }
  };
  if (d != a) check(a_.mov(gp(w, d), gp(w, a)));
  push(rest);
  const auto fold = [&](u64 pattern, u32 count) {  // d = (d & p) + ((d >> count) & p)
    mask(pattern);
    check(a_.mov(gp(w, rest), gp(w, d)));
    check(a_.shr(gp(w, rest), count));
    check(a_.and_(gp(w, d), gp(w, kScratch)));
    check(a_.and_(gp(w, rest), gp(w, kScratch)));
    check(a_.add(gp(w, d), gp(w, rest)));
  };
  fold(0x5555555555555555, 1);
  fold(0x3333333333333333, 2);
  fold(0x0f0f0f0f0f0f0f0f, 4);
  mask(0x0101010101010101);
  check(a_.imul(gp(w, d), gp(w, kScratch)));
  check(a_.shr(gp(w, d), w == Width::W64 ? 56 : 24));
  pop(rest);
}

void MasmX64::bitOp(BitOp op, Width w, Reg d, Reg a) {
  const u32 bits = w == Width::W32 ? 32 : 64;
  // LZCNT, TZCNT and POPCNT wait for their result register on many CPUs.
  const auto freeResult = [&] {
    if (d != a) check(a_.xor_(r32(d), r32(d)));
  };
  switch (op) {
    case BitOp::Clz:
      if ((cpu_ & cpuBit(Cpu::Lzcnt)) != 0) {
        freeResult();
        check(a_.lzcnt(gp(w, d), gp(w, a)));
      } else {  // bsr leaves the index of the highest bit; for 0, pretend 2 * bits - 1
        check(a_.mov(r32(kScratch), 2 * bits - 1));
        check(a_.bsr(gp(w, d), gp(w, a)));
        check(a_.cmovz(r32(d), r32(kScratch)));
        check(a_.xor_(r32(d), bits - 1));
      }
      break;
    case BitOp::Ctz:
      if ((cpu_ & cpuBit(Cpu::Bmi1)) != 0) {
        freeResult();
        check(a_.tzcnt(gp(w, d), gp(w, a)));
      } else {
        check(a_.mov(r32(kScratch), bits));
        check(a_.bsf(gp(w, d), gp(w, a)));
        check(a_.cmovz(r32(d), r32(kScratch)));
      }
      break;
    case BitOp::Popcnt:
      if ((cpu_ & cpuBit(Cpu::Popcnt)) != 0) {
        freeResult();
        check(a_.popcnt(gp(w, d), gp(w, a)));
      } else {
        popcntByHand(w, d, a);
      }
      break;
    case BitOp::Extend8S: put(encodeRegs(0x1be, isWide(w), d.code, a.code, 0, a.code >= 4)); break;
    case BitOp::Extend16S: put(encodeRegs(0x1bf, isWide(w), d.code, a.code)); break;
    case BitOp::Extend32S: put(encodeRegs(0x63, true, d.code, a.code)); break;
    case BitOp::ZeroExtend32: put(encodeMove(Width::W32, d, a)); break;
  }
}

void MasmX64::divide(DivOp op, Width w, Reg divisor, Label& zero, Label& overflow) {
  DCHECK(divisor != kDividend && divisor != kDivideRest);
  check(a_.test(gp(w, divisor), gp(w, divisor)));
  CHECK_SITE(DivideZero) branchOnFlags(Cond::Eq, zero);
  if (op == DivOp::DivU || op == DivOp::RemU) {
    check(a_.xor_(r32(kDivideRest), r32(kDivideRest)));
    check(a_.div(gp(w, divisor)));
    return;
  }
  // The CPU faults on most negative / -1, and -1 is cheaper without it anyway.
  Label byMinusOne;
  Label done;
  compareImm(w, divisor, -1);
  CHECK_SITE(DivideMinusOne) branchOnFlags(Cond::Eq, byMinusOne);
  if (w == Width::W32) {
    check(a_.cdq());
  } else {
    check(a_.cqo());
  }
  check(a_.idiv(gp(w, divisor)));
  jump(done);
  bind(byMinusOne);
  if (op == DivOp::DivS) {
    check(a_.neg(gp(w, kDividend)));
    CHECK_SITE(DivideOverflow) jcc(0, overflow);  // overflow flag
  } else {
    check(a_.xor_(r32(kDivideRest), r32(kDivideRest)));
  }
  bind(done);
}

void MasmX64::addWide(IntOp op, Reg low, Reg high, Reg bLow, Reg bHigh) {
  DCHECK(low != high && low != bHigh && low != bLow && high != bLow && high != bHigh);
  if (op == IntOp::Add) {
    check(a_.add(r64(low), r64(bLow)));
    check(a_.adc(r64(high), r64(bHigh)));
  } else {
    check(a_.sub(r64(low), r64(bLow)));
    check(a_.sbb(r64(high), r64(bHigh)));
  }
}

void MasmX64::multiplyWide(bool isSigned, [[maybe_unused]] Reg low, [[maybe_unused]] Reg high,
                           [[maybe_unused]] Reg a, Reg b) {
  DCHECK(low == kDividend && a == low && high == kDivideRest && b != low && b != high);
  check(isSigned ? a_.imul(r64(b)) : a_.mul(r64(b)));
}

void MasmX64::compare(Width w, Reg a, Reg b) { put(encodeAlu(Alu::Cmp, w, a, b)); }
void MasmX64::compareImm(Width w, Reg a, i32 imm) {
  if (imm == 0) {
    test(w, a, a);
  } else {
    put(encodeAluImm(Alu::Cmp, w, a, imm));
  }
}
void MasmX64::test(Width w, Reg a, Reg b) { put(encodeRegs(0x85, isWide(w), b.code, a.code)); }

void MasmX64::setOnFlags(Cond cond, Reg d) {
  // set has a form of one byte only; the extension keeps the flags.
  put(encodeRegs(0x190u | conditionCode(cond), false, 0, d.code, 0, true));
  put(encodeRegs(0x1b6, false, d.code, d.code, 0, d.code >= 4));  // movzx
}

void MasmX64::selectOnFlags(Cond cond, Width w, Reg d, Reg ifTrue, Reg ifFalse) {
  if (d == ifTrue) {
    cond = negate(cond);
    ifTrue = ifFalse;
  } else if (d != ifFalse) {
    put(encodeMove(w, d, ifFalse));
  }
  put(encodeRegs(0x140u | conditionCode(cond), isWide(w), d.code, ifTrue.code));  // cmov
}

}  // namespace bls::codegen::x64
