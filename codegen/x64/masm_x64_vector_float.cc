// MasmX64: vector operations on floats that are not one instruction: minimum and maximum,
// conversions, canonical NaNs. The pieces and their rules are in masm_x64_vector.cc; constants are
// words of two singles or one double.
#include <utility>

#include "codegen/x64/masm_x64.h"
#include "codegen/x64/operands_x64.h"
#include "codegen/x64/vector_insts_x64.h"

namespace bls::codegen::x64 {

namespace {
constexpr FReg kT = kFScratch;
constexpr FReg kU = kFScratch2;

constexpr u64 k2To16F32 = 0x4780000047800000;
constexpr u64 k2To31F32 = 0x4f0000004f000000;
constexpr u64 k2To52 = 0x4330000000000000;
constexpr u64 kTopOf2To52 = 0x4330000043300000;  // the upper half of 2^52, in each word
constexpr u64 kMostI32 = 0x41dfffffffc00000;
constexpr u64 kMostU32 = 0x41efffffffe00000;
constexpr u32 kTowardsZero = 11;
}  // namespace

// The CPU's minimum gives its second operand for zeros and NaNs: both orders together hold the bits
// of both. NaN lanes then become the negative one without payload: all ones, cleared below.
void MasmX64::minMaxLanes(const VectorRow& row, FReg d, FReg a, FReg b) {
  const bool single = row.imm == 32;
  if (d == b) std::swap(a, b);
  vec3Imm(single ? kCmpps : kCmppd, kU, a, b, kUnordered);
  vec3(row.first, kT, b, a);
  vec3(row.first, d, a, b);
  vec3(row.second, d, d, kT);
  vec3(kOrps, d, d, kU);
  vecShift(single ? kPsrld : kPsrlq, kU, kU, single ? 10 : 13);
  vecInPlace(kAndnps, d, kU, d);
}

void MasmX64::convertByHand(const VectorRow& row, FReg d, FReg a) {
  switch (static_cast<VUnaryForm>(row.form)) {
    case VUnaryForm::FromU32:  // two exact halves, so that one addition rounds
      vecWord(kPand, kT, a, 0x0000ffff0000ffff);
      vecShift(kPsrld, d, a, 16);
      vec2(kCvtdq2ps, kT, kT);
      vec2(kCvtdq2ps, d, d);
      vecWord(kMulps, d, d, k2To16F32);
      vec3(kAddps, d, d, kT);
      return;
    case VUnaryForm::LowFromU32:  // as the low half of the mantissa of 2^52
      vecWord(kUnpcklps, d, a, kTopOf2To52);
      vecWord(kSubpd, d, d, k2To52);
      return;
    // What does not fit becomes 0x80000000 on the CPU: right below, all bits wrong above.
    case VUnaryForm::TruncateF32S:
      vec3Imm(kCmpps, kT, a, a, kEqual);
      vec3(kAndps, kT, kT, a);
      loadWord(kU, k2To31F32);
      vec3Imm(kCmpps, kU, kU, kT, kLessEqual);
      vec2(kCvttps2dq, d, kT);
      vec3(kPxor, d, d, kU);
      return;
    // a, at least 0, and a - 2^31, at least 0 and at most 2^31 - 1, both converted and added.
    case VUnaryForm::TruncateF32U:
      setZero(kT);
      vec3(kMaxps, d, a, kT);
      loadWord(kU, k2To31F32);
      vec3(kSubps, kT, d, kU);
      vec3Imm(kCmpps, kU, kU, kT, kLessEqual);
      vec2(kCvttps2dq, kT, kT);
      vec3(kPxor, kT, kT, kU);
      setZero(kU);
      vec3(kPmaxsd, kT, kT, kU);
      vec2(kCvttps2dq, d, d);
      vec3(kPaddd, d, d, kT);
      return;
    case VUnaryForm::TruncateF64S:  // the minimum with 0 for a NaN, with the most elsewhere
      vec3Imm(kCmppd, kT, a, a, kEqual);
      vecWord(kAndps, kT, kT, kMostI32);
      vec3(kMinpd, d, a, kT);
      vec2(kCvttpd2dq, d, d);
      return;
    case VUnaryForm::TruncateF64U:  // the low half of the mantissa once 2^52 is added
      setZero(kT);
      vec3(kMaxpd, d, a, kT);
      vecWord(kMinpd, d, d, kMostU32);
      vec2Imm(kRoundpd, d, d, kTowardsZero);
      vecWord(kAddpd, d, d, k2To52);
      vec3Imm(kShufps, d, d, kT, 0x88);
      return;
    default: UNREACHABLE("a vector form of one operand that is not done");
  }
}

void MasmX64::canonicalNanLanes(Width lane, FReg d) {
  const bool single = lane == Width::W32;
  vec3Imm(single ? kCmpps : kCmppd, kT, d, d, kOrdered);
  vec3(kAndps, d, d, kT);
  vecWord(kAndnps, kT, kT, single ? 0x7fc000007fc00000 : 0x7ff8000000000000);
  vec3(kOrps, d, d, kT);
}

}  // namespace bls::codegen::x64
