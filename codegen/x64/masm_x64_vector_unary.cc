// MasmX64: vector operations of one operand on integers, and the tests. The pieces and their rules
// are in masm_x64_vector.cc.
#include "codegen/x64/masm_x64.h"
#include "codegen/x64/operands_x64.h"
#include "codegen/x64/vector_insts_x64.h"

namespace bls::codegen::x64 {

using namespace asmjit;

namespace {
constexpr FReg kT = kFScratch;
constexpr FReg kU = kFScratch2;
}  // namespace

void MasmX64::vectorUnary(Op op, FReg d, FReg a) {
  const VectorRow& row = vectorRow(op, OpClass::VUnary);
  switch (static_cast<VUnaryForm>(row.form)) {
    case VUnaryForm::Plain:
      if (row.imm == kNoImm) {
        vec2(row.first, d, a);
      } else {
        vec2Imm(row.first, d, a, row.imm);
      }
      return;
    case VUnaryForm::Constant: vecWord(row.first, d, a, kVectorWords[row.imm]); return;
    default: unaryByHand(row, d, a); return;
  }
}

void MasmX64::unaryByHand(const VectorRow& row, FReg d, FReg a) {
  const FReg fresh = d != a ? d : kT;  // may be written while a is still read
  switch (static_cast<VUnaryForm>(row.form)) {
    case VUnaryForm::HighHalf:
      vec2Imm(kPshufd, d, a, 0xee);
      vec2(row.first, d, d);
      return;
    case VUnaryForm::ConstantFirst:
      loadWord(fresh, kVectorWords[row.imm]);
      vecInPlace(row.first, d, fresh, a);
      return;
    case VUnaryForm::Negate:
      setZero(fresh);
      vecInPlace(row.first, d, fresh, a);
      return;
    case VUnaryForm::Not: complement(d, a); return;
    case VUnaryForm::AbsQ: absQ(d, a); return;
    case VUnaryForm::Popcount: popcountBytes(d, a); return;
    case VUnaryForm::PairwiseWords:
      vecShift(kPsrld, kT, a, 16);
      vecWord(kPand, d, a, 0x0000ffff0000ffff);
      vec3(kPaddd, d, d, kT);
      return;
    default: convertByHand(row, d, a); return;
  }
}

/// (a ^ sign) - sign
void MasmX64::absQ(FReg d, FReg a) {
  vec2Imm(kPshufd, kT, a, 0xf5);
  vecShift(kPsrad, kT, kT, 31);
  vecCommuting(kPxor, d, a, kT);
  vec3(kPsubq, d, d, kT);
}

/// The counts of both halves of each byte, looked up.
void MasmX64::popcountBytes(FReg d, FReg a) {
  constexpr u64 kLow = 0x0302020102010100;
  constexpr u64 kHigh = 0x0403030203020201;
  constexpr u64 kHalves = 0x0f0f0f0f0f0f0f0f;
  vecShift(kPsrlw, kT, a, 4);
  vecWord(kPand, kT, kT, kHalves);
  vecWord(kPand, kU, a, kHalves);
  loadConstantV(d, kLow, kHigh);
  vec3(kPshufb, d, d, kU);
  loadConstantV(kU, kLow, kHigh);
  vec3(kPshufb, kU, kU, kT);
  vec3(kPaddb, d, d, kU);
}

// Tests.

void MasmX64::vectorTest(Op op, Reg d, FReg a) {
  const VectorRow& row = vectorRow(op, OpClass::VTest);
  switch (static_cast<VTestForm>(row.form)) {
    case VTestForm::AnyTrue:
      vec2(kPtest, a, a);
      setOnFlags(Cond::Ne, d);
      return;
    case VTestForm::AllTrue:
      setZero(kT);
      vec3(row.first, kT, kT, a);
      vec2(kPtest, kT, kT);
      setOnFlags(Cond::Eq, d);
      return;
    case VTestForm::Signs:
      check(a_.emit(hasAvx() ? row.first.avx : row.first.sse, r32(d), xmm(a)));
      return;
    case VTestForm::SignsOfWords:
      vec3(kPacksswb, kT, a, a);
      check(a_.pmovmskb(r32(d), xmm(kT)));
      check(a_.movzx(r32(d), r8(d)));
      return;
  }
}

}  // namespace bls::codegen::x64
