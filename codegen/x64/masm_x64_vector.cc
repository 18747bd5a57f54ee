// MasmX64: vectors. Here are the pieces that hide the difference between the two encodings (the
// legacy one overwrites its first operand, VEX does not), constants, and the operations of two and
// three vectors on integers. Other sources: masm_x64_vector_unary.cc, _float.cc, _shift.cc,
// _lanes.cc, _shuffle.cc.
//
// The rules of the pieces: registers d, a, b may be the same in any way; temporaries are kFScratch
// and kFScratch2, and a piece that is given one as its result keeps the other, except vec3 where d
// is b and not a. A sequence writes its d only when no operand is read any more.
#include <cstring>
#include <utility>

#include "codegen/x64/masm_x64.h"
#include "codegen/x64/operands_x64.h"
#include "codegen/x64/vector_insts_x64.h"
#include "engine/base/cpu.h"

namespace bls::codegen::x64 {

using namespace asmjit;

namespace {
constexpr FReg kT = kFScratch;
constexpr FReg kU = kFScratch2;
}  // namespace

bool MasmX64::hasAvx() const { return (cpu_ & platform::cpuBit(platform::Cpu::Avx)) != 0; }

// Pieces.

void MasmX64::vec2(VectorInst i, FReg d, FReg a) {
  check(a_.emit(hasAvx() ? i.avx : i.sse, xmm(d), xmm(a)));
}
void MasmX64::vec2Imm(VectorInst i, FReg d, FReg a, u32 imm) {
  check(a_.emit(hasAvx() ? i.avx : i.sse, xmm(d), xmm(a), imm));
}

/// d = i(a, b)
void MasmX64::vec3(VectorInst i, FReg d, FReg a, FReg b) {
  if (hasAvx()) {
    check(a_.emit(i.avx, xmm(d), xmm(a), xmm(b)));
    return;
  }
  if (d == b && d != a) {
    moveF(kFScratch, b);
    b = kFScratch;
  }
  moveF(d, a);
  check(a_.emit(i.sse, xmm(d), xmm(b)));
}
void MasmX64::vec3Imm(VectorInst i, FReg d, FReg a, FReg b, u32 imm) {
  if (hasAvx()) {
    check(a_.emit(i.avx, xmm(d), xmm(a), xmm(b), imm));
    return;
  }
  if (d == b && d != a) {
    moveF(kFScratch, b);
    b = kFScratch;
  }
  moveF(d, a);
  check(a_.emit(i.sse, xmm(d), xmm(b), imm));
}

/// d = i(a, b), of which the order does not matter. Not for sums and products of floats: which NaN
/// comes out depends on it.
void MasmX64::vecCommuting(VectorInst i, FReg d, FReg a, FReg b) {
  if (d == b) std::swap(a, b);
  vec3(i, d, a, b);
}

/// d = i(fresh, a); `fresh` is lost. It may be d; it is not a.
void MasmX64::vecInPlace(VectorInst i, FReg d, FReg fresh, FReg a) {
  if (hasAvx()) {
    vec3(i, d, fresh, a);
  } else {
    vec3(i, fresh, fresh, a);
    moveF(d, fresh);
  }
}

/// d = a with its lanes shifted by a constant.
void MasmX64::vecShift(VectorInst i, FReg d, FReg a, u32 count) {
  if (hasAvx()) {
    check(a_.emit(i.avx, xmm(d), xmm(a), count));
  } else {
    moveF(d, a);
    check(a_.emit(i.sse, xmm(d), count));
  }
}

/// d = i(a, [low, high])
void MasmX64::vecConstant(VectorInst i, FReg d, FReg a, u64 low, u64 high) {
  if (hasAvx()) {
    check(a_.emit(i.avx, xmm(d), xmm(a), x86::ptr(x86::rip)));
  } else {
    moveF(d, a);
    check(a_.emit(i.sse, xmm(d), x86::ptr(x86::rip)));
  }
  useVectorConstant(low, high);
}
void MasmX64::vecWord(VectorInst i, FReg d, FReg a, u64 word) { vecConstant(i, d, a, word, word); }

void MasmX64::setZero(FReg d) { vec3(kPxor, d, d, d); }
void MasmX64::setOnes(FReg d) { vec3(kPcmpeqd, d, d, d); }

/// d = ~a
void MasmX64::complement(FReg d, FReg a) {
  const FReg ones = d != a ? d : kT;
  setOnes(ones);
  vecCommuting(kPxor, d, a, ones);
}

// Constants. They lie behind the code, as those of words do, and at multiples of 16 because legacy
// instructions fault elsewhere; finished code is placed at one.

/// The instruction just emitted, which ends in a distance from rip, means this constant.
void MasmX64::useVectorConstant(u64 low, u64 high) {
  if (failed_) return;
  constexpr size_t kLookedAt = 16;  // a function may hold any number of constants
  const size_t count = vectorConstants_.size();
  size_t i = count > kLookedAt ? count - kLookedAt : 0;
  while (i < count && (vectorConstants_[i].low != low || vectorConstants_[i].high != high)) ++i;
  if (i == count) vectorConstants_.push_back({low, high});
  vectorUses_.push_back({position() - 4, static_cast<u32>(i)});
}

void MasmX64::emitVectorConstants() {
  if (vectorConstants_.empty()) return;
  align(16);
  const u32 start = position();
  for (const VectorConstant& constant : vectorConstants_) {
    check(a_.embedUInt64(constant.low));
    check(a_.embedUInt64(constant.high));
  }
  if (!failed_) {
    for (const VectorUse& use : vectorUses_) {
      const u32 distance = start + use.index * 16 - (use.site + 4);
      std::memcpy(a_.bufferData() + use.site, &distance, sizeof distance);
    }
  }
  vectorConstants_.clear();
  vectorUses_.clear();
}

void MasmX64::loadConstantV(FReg d, u64 low, u64 high) {
  if ((low | high) == 0) {
    setZero(d);
  } else if ((low & high) == ~u64{0}) {
    setOnes(d);
  } else {
    check(a_.movaps(xmm(d), x86::ptr(x86::rip)));
    useVectorConstant(low, high);
  }
}

// Two vectors.

void MasmX64::vectorBinary(Op op, FReg d, FReg a, FReg b) {
  const VectorRow& row = vectorRow(op, OpClass::VBinary);
  switch (static_cast<VBinaryForm>(row.form)) {
    case VBinaryForm::Commutes:
      if (d == b) std::swap(a, b);
      break;
    case VBinaryForm::Swapped: std::swap(a, b); break;
    case VBinaryForm::Plain: break;
    default: binaryByHand(row, d, a, b); return;
  }
  if (row.imm == kNoImm) {
    vec3(row.first, d, a, b);
  } else {
    vec3Imm(row.first, d, a, b, row.imm);
  }
}

void MasmX64::binaryByHand(const VectorRow& row, FReg d, FReg a, FReg b) {
  switch (static_cast<VBinaryForm>(row.form)) {
    case VBinaryForm::Inverted:
      vecCommuting(row.first, d, a, b);
      complement(d, d);
      return;
    case VBinaryForm::WithFirst:
    case VBinaryForm::WithFirstInverted: {
      const FReg between = d != a ? d : kT;
      vecCommuting(row.first, between, a, b);
      vecCommuting(row.second, d, a, between);
      if (static_cast<VBinaryForm>(row.form) == VBinaryForm::WithFirstInverted) complement(d, d);
      return;
    }
    case VBinaryForm::GreaterQ: greaterQ(row.imm, d, a, b); return;
    case VBinaryForm::Swizzle:
      // pshufb gives 0 where the index has its top bit set.
      vecWord(kPaddusb, kT, b, 0x7070707070707070);
      vec3(kPshufb, d, a, kT);
      return;
    case VBinaryForm::MultiplyQ: multiplyQ(d, a, b); return;
    case VBinaryForm::Q15:
      // Right but for most negative times itself, which stays the most negative.
      vecCommuting(kPmulhrsw, d, a, b);
      vecWord(kPcmpeqw, kT, d, 0x8000800080008000);
      vecCommuting(kPxor, d, d, kT);
      return;
    case VBinaryForm::DotBytes:
      dotBytes(a, b);
      vec3(kPsubsw, d, kT, kU);
      return;
    case VBinaryForm::ExtendedProduct: extendedProduct(row, d, a, b); return;
    case VBinaryForm::WordProduct:
      vecCommuting(row.first, kT, a, b);
      vecCommuting(kPmullw, d, a, b);
      vec3(row.second, d, d, kT);
      return;
    case VBinaryForm::EvenProduct:
      vec2Imm(kPshufd, kT, a, row.imm);
      vec2Imm(kPshufd, d, b, row.imm);
      vecCommuting(row.first, d, d, kT);
      return;
    case VBinaryForm::MinMax: minMaxLanes(row, d, a, b); return;
    default: UNREACHABLE("a form that is one instruction");
  }
}

// Without the instruction, by halves: the upper ones are greater, or they are equal and b - a, of
// which then only the lower ones count, borrows.
void MasmX64::greaterQ(u32 flags, FReg d, FReg a, FReg b) {
  if ((flags & kSwap) != 0) std::swap(a, b);
  if ((cpu_ & platform::cpuBit(platform::Cpu::Sse42)) != 0) {
    vec3(kPcmpgtq, d, a, b);
  } else {
    vec3(kPsubq, kT, b, a);
    vec3(kPcmpeqd, kU, a, b);
    vec3(kPand, kT, kT, kU);
    vec3(kPcmpgtd, kU, a, b);
    vec3(kPor, kT, kT, kU);
    vec2Imm(kPshufd, d, kT, 0xf5);
  }
  if ((flags & kInvert) != 0) complement(d, d);
}

/// Low halves multiplied, and the mixed products added to the upper half.
void MasmX64::multiplyQ(FReg d, FReg a, FReg b) {
  vecShift(kPsrlq, kT, a, 32);
  vec3(kPmuludq, kT, kT, b);
  vecShift(kPsrlq, kU, b, 32);
  vec3(kPmuludq, kU, kU, a);
  vec3(kPaddq, kT, kT, kU);
  vecShift(kPsllq, kT, kT, 32);
  vecCommuting(kPmuludq, d, a, b);
  vec3(kPaddq, d, d, kT);
}

void MasmX64::extendedProduct(const VectorRow& row, FReg d, FReg a, FReg b) {
  const auto extend = [&](FReg to, FReg from) {
    if (row.imm != 0) {
      vec2Imm(kPshufd, to, from, 0xee);
      from = to;
    }
    vec2(row.first, to, from);
  };
  extend(kT, a);
  extend(d, b);
  vec3(row.second, d, d, kT);
}

/// Sums of neighbouring products of signed bytes, as kT - kU: the CPU multiplies unsigned bytes by
/// signed ones, so a is taken as its low seven bits less 128 where the sign is set. Neither of the
/// two sums saturates; their difference does exactly where the whole sum would.
void MasmX64::dotBytes(FReg a, FReg b) {
  vecWord(kPand, kU, a, 0x8080808080808080);
  vec3(kPxor, kT, a, kU);
  vec3(kPmaddubsw, kT, kT, b);
  vec3(kPmaddubsw, kU, kU, b);
}

// Three vectors.

void MasmX64::vectorTernary(Op op, FReg d, FReg a, FReg b, FReg c) {
  const VectorRow& row = vectorRow(op, OpClass::VTernary);
  switch (static_cast<VTernaryForm>(row.form)) {
    case VTernaryForm::Bitselect:
      vec3(kPandn, kT, c, b);
      vecCommuting(kPand, d, a, c);
      vec3(kPor, d, d, kT);
      return;
    case VTernaryForm::ProductPlus: {
      const FReg product = d == c || d == b ? kT : d;
      vec3(row.first, product, a, b);
      vecInPlace(row.second, d, product, c);
      return;
    }
    case VTernaryForm::LessProduct:
      vec3(row.first, kT, a, b);
      vec3(row.second, d, c, kT);
      return;
    case VTernaryForm::DotBytesAdd:
      dotBytes(a, b);
      vec3(kPsubsw, kT, kT, kU);
      vecWord(kPmaddwd, kT, kT, kVectorWords[kOnes16]);
      vecCommuting(kPaddd, d, c, kT);
      return;
  }
}

}  // namespace bls::codegen::x64
