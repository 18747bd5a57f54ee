// MasmX64: vector shifts, by a register and by a constant. Bytes are shifted as words, with the
// bits that would cross into a neighbour masked off; there is no arithmetic shift of 64-bit lanes.
// The pieces and their rules are in masm_x64_vector.cc.
#include "codegen/x64/masm_x64.h"
#include "codegen/x64/operands_x64.h"
#include "codegen/x64/vector_insts_x64.h"

namespace bls::codegen::x64 {

using namespace asmjit;

namespace {
constexpr FReg kT = kFScratch;
constexpr FReg kU = kFScratch2;

/// `byte` in all eight bytes.
constexpr u64 bytesOf(u32 byte) { return u64{0x0101010101010101} * (byte & 0xff); }
}  // namespace

void MasmX64::vectorShift(Op op, FReg d, FReg a, Reg count) {
  const VectorRow& row = vectorRow(op, OpClass::VShift);
  const VShiftForm form = static_cast<VShiftForm>(row.form);
  check(a_.mov(r32(kScratch), r32(count)));
  check(a_.and_(r32(kScratch), row.imm - 1));
  if (form == VShiftForm::BytesSigned) check(a_.add(r32(kScratch), 8));
  moveToF(Width::W32, kT, kScratch);
  switch (form) {
    case VShiftForm::Lanes: vec3(row.first, d, a, kT); return;
    case VShiftForm::SignedQ:
      // Logical, then the sign is copied from where it landed into the bits above.
      loadWord(kU, kVectorWords[kSign64]);
      vec3(kPsrlq, kU, kU, kT);
      vec3(kPsrlq, d, a, kT);
      vec3(kPxor, d, d, kU);
      vec3(kPsubq, d, d, kU);
      return;
    default: shiftBytes(row, d, a); return;
  }
}

/// By kT, to which BytesSigned has added 8.
void MasmX64::shiftBytes(const VectorRow& row, FReg d, FReg a) {
  if (static_cast<VShiftForm>(row.form) == VShiftForm::BytesSigned) {
    // Each byte as the upper half of a word.
    vec3(kPunpckhbw, kU, a, a);
    vec3(kPunpcklbw, d, a, a);
    vec3(row.first, kU, kU, kT);
    vec3(row.first, d, d, kT);
    vec3(kPacksswb, d, d, kU);
    return;
  }
  loadWord(kU, 0x00ff00ff00ff00ff);
  vec3(kPsrlw, kU, kU, kT);
  vec3(kPackuswb, kU, kU, kU);  // in each byte, the bits that stay in it
  if (static_cast<VShiftForm>(row.form) == VShiftForm::BytesLeft) {
    vecCommuting(kPand, d, a, kU);
    vec3(row.first, d, d, kT);
  } else {
    vec3(row.first, d, a, kT);
    vec3(kPand, d, d, kU);
  }
}

void MasmX64::vectorShiftImm(Op op, FReg d, FReg a, u32 count) {
  const VectorRow& row = vectorRow(op, OpClass::VShift);
  count &= row.imm - 1u;
  if (count == 0) {
    moveF(d, a);
    return;
  }
  switch (static_cast<VShiftForm>(row.form)) {
    case VShiftForm::Lanes: vecShift(row.first, d, a, count); return;
    case VShiftForm::SignedQ: shiftSignedQImm(d, a, count); return;
    default: shiftBytesImm(row, d, a, count); return;
  }
}

/// count: 1 to 7.
void MasmX64::shiftBytesImm(const VectorRow& row, FReg d, FReg a, u32 count) {
  switch (static_cast<VShiftForm>(row.form)) {
    case VShiftForm::BytesLeft:
      if (count == 1) {
        vec3(kPaddb, d, a, a);
        return;
      }
      vecWord(kPand, d, a, bytesOf(0xff >> count));
      vecShift(row.first, d, d, count);
      return;
    case VShiftForm::BytesRight:
      vecShift(row.first, d, a, count);
      vecWord(kPand, d, d, bytesOf(0xff >> count));
      return;
    default:  // signed: logical, then as in SignedQ
      vecShift(kPsrlw, d, a, count);
      vecWord(kPand, d, d, bytesOf(0xff >> count));
      loadWord(kT, bytesOf(0x80 >> count));
      vec3(kPxor, d, d, kT);
      vec3(kPsubb, d, d, kT);
      return;
  }
}

/// count: 1 to 63. The upper halves come from a shift of 32-bit lanes.
void MasmX64::shiftSignedQImm(FReg d, FReg a, u32 count) {
  constexpr u32 kUpperTwice = 0xf5;  // order of pshufd
  if (count < 32) {
    vecShift(kPsrad, kT, a, count);
    vecShift(kPsrlq, d, a, count);
    vec3Imm(kPblendw, d, d, kT, 0xcc);
    return;
  }
  vec2Imm(kPshufd, d, a, kUpperTwice);
  if (count == 63) {
    vecShift(kPsrad, d, d, 31);
    return;
  }
  vecShift(kPsrad, kT, d, 31);
  if (count > 32) vecShift(kPsrad, d, d, count - 32);
  vec3Imm(kPblendw, d, d, kT, 0xcc);
}

}  // namespace bls::codegen::x64
