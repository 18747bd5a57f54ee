// MasmA64: vectors. Here are constants and the operations of one, two and three vectors. Other
// sources: masm_a64_vector_lanes.cc, masm_a64_vector_shuffle.cc.
//
// Registers d, a, b, c may be the same in any way; temporaries are kFScratch and kFScratch2. A
// sequence writes its d only when no other operand is read any more.
#include <cstring>
#include <utility>

#include "codegen/a64/masm_a64.h"
#include "codegen/a64/operands_a64.h"
#include "codegen/a64/vector_a64.h"

namespace bls::codegen::a64 {

using asmjit::a64::Inst;

namespace {
constexpr FReg kT = kFScratch;
constexpr FReg kU = kFScratch2;
}  // namespace

// Constants. They lie behind the code, as those of words do.

void MasmA64::loadConstantV(FReg d, u64 low, u64 high) {
  if ((low | high) == 0) {
    word(0x6f00e400 | d.code);  // movi d.2d, #0
    return;
  }
  if ((low & high) == ~u64{0}) {
    word(0x6f07e7e0 | d.code);  // movi d.2d, #-1
    return;
  }
  constexpr size_t kLookedAt = 16;  // a function may hold any number of constants
  const size_t count = vectorConstants_.size();
  size_t i = count > kLookedAt ? count - kLookedAt : 0;
  while (i < count && (vectorConstants_[i].low != low || vectorConstants_[i].high != high)) ++i;
  if (i == count) vectorConstants_.push_back({low, high});
  vectorUses_.push_back({position(), static_cast<u32>(i)});
  word(0x9c000000 | d.code);  // ldr d, literal
}

void MasmA64::emitVectorConstants() {
  if (vectorConstants_.empty()) return;
  align(16);
  const u32 start = position();
  for (const VectorConstant& constant : vectorConstants_) {
    check(a_.embedUInt64(constant.low));
    check(a_.embedUInt64(constant.high));
  }
  if (!failed_) {
    for (const VectorUse& use : vectorUses_) {
      patch({use.site, use.site, 0, Fix::Field19}, start + use.index * 16);
    }
  }
  vectorConstants_.clear();
  vectorUses_.clear();
}

void MasmA64::rewind(u32 position) {
  while (!vectorUses_.empty() && vectorUses_.back().site >= position) vectorUses_.pop_back();
  check(a_.setOffset(position));
}

// Pieces.

/// d = i(a), i(a, b), all divided in the same way.
void MasmA64::vec2(u32 i, Lanes lanes, FReg d, FReg a) {
  check(a_.emit(i, vec(d, lanes), vec(a, lanes)));
}
void MasmA64::vec3(u32 i, Lanes lanes, FReg d, FReg a, FReg b) {
  check(a_.emit(i, vec(d, lanes), vec(a, lanes), vec(b, lanes)));
}

/// d = the bits of a where those of mask are set, those of b elsewhere.
void MasmA64::selectBits(FReg d, FReg mask, FReg a, FReg b) {
  if (d == a) {
    vec3(Inst::kIdBif_v, Lanes::B16, d, b, mask);
  } else if (d == b) {
    vec3(Inst::kIdBit_v, Lanes::B16, d, a, mask);
  } else {
    moveF(d, mask);
    vec3(Inst::kIdBsl_v, Lanes::B16, d, a, b);
  }
}

// One vector.

void MasmA64::vectorUnary(Op op, FReg d, FReg a) {
  const VectorRow& row = vectorRow(op, OpClass::VUnary);
  const Lanes lanes = row.lanes;
  switch (static_cast<VUnaryForm>(row.form)) {
    case VUnaryForm::Plain: vec2(row.first, lanes, d, a); return;
    case VUnaryForm::WidenLow:
      check(a_.emit(row.first, vec(d, lanes), vec(a, lowHalf(lanes))));
      return;
    case VUnaryForm::WidenAll:
      check(a_.emit(row.first, vec(d, lanes), vec(a, narrower(lanes))));
      return;
    case VUnaryForm::WidenThen:
      check(a_.emit(row.second, vec(d, lanes), vec(a, lowHalf(lanes))));
      vec2(row.first, lanes, d, d);
      return;
    case VUnaryForm::Narrow:
      check(a_.emit(row.first, vec(d, Lanes::S2), vec(a, Lanes::D2)));
      return;
    case VUnaryForm::ThenNarrow:
      vec2(row.first, Lanes::D2, d, a);
      check(a_.emit(row.second, vec(d, Lanes::S2), vec(d, Lanes::D2)));
      return;
  }
}

void MasmA64::canonicalNanLanes(Width lane, FReg d) {
  const bool single = lane == Width::W32;
  const Lanes lanes = single ? Lanes::S4 : Lanes::D2;
  loadImmediate(lane, kTemp, single ? 0x7fc00000 : 0x7ff8000000000000);
  check(a_.dup(vec(kU, lanes), gp(lane, kTemp)));
  vec3(Inst::kIdFcmeq_v, lanes, kT, d, d);
  selectBits(d, kT, d, kU);
}

// Two vectors.

void MasmA64::vectorBinary(Op op, FReg d, FReg a, FReg b) {
  const VectorRow& row = vectorRow(op, OpClass::VBinary);
  const Lanes lanes = row.lanes;
  switch (static_cast<VBinaryForm>(row.form)) {
    case VBinaryForm::Plain: vec3(row.first, lanes, d, a, b); return;
    case VBinaryForm::Swapped: vec3(row.first, lanes, d, b, a); return;
    case VBinaryForm::Inverted:
      vec3(row.first, lanes, d, a, b);
      vec2(Inst::kIdNot_v, Lanes::B16, d, d);
      return;
    case VBinaryForm::WidenLow:
      check(a_.emit(row.first, vec(d, lanes), vec(a, lowHalf(lanes)), vec(b, lowHalf(lanes))));
      return;
    case VBinaryForm::WidenAll:
      check(a_.emit(row.first, vec(d, lanes), vec(a, narrower(lanes)), vec(b, narrower(lanes))));
      return;
    case VBinaryForm::SecondIfLess:
      vec3(row.first, lanes, kT, a, b);
      selectBits(d, kT, b, a);
      return;
    case VBinaryForm::SecondIfGreater:
      vec3(row.first, lanes, kT, b, a);
      selectBits(d, kT, b, a);
      return;
    default: binaryByHand(row, d, a, b); return;
  }
}

void MasmA64::binaryByHand(const VectorRow& row, FReg d, FReg a, FReg b) {
  switch (static_cast<VBinaryForm>(row.form)) {
    case VBinaryForm::Narrow: {
      const Lanes wide = static_cast<Lanes>(static_cast<u32>(row.lanes) + 1);
      const FReg to = d == b ? kT : d;  // the first half is written before b is read
      check(a_.emit(row.first, vec(to, lowHalf(wide)), vec(a, wide)));
      check(a_.emit(row.second, vec(to, row.lanes), vec(b, wide)));
      moveF(d, to);
      return;
    }
    case VBinaryForm::Swizzle:  // 0 where the index is too large
      check(a_.tbl(vec(d, Lanes::B16), vec(a, Lanes::B16), vec(b, Lanes::B16)));
      return;
    case VBinaryForm::MultiplyQ:  // there is no such instruction: each lane in general registers
      for (u32 i = 0; i < 2; ++i) {
        check(a_.umov(x64(kScratch), element(a, Lanes::D2, i)));
        check(a_.umov(x64(kTemp), element(b, Lanes::D2, i)));
        check(a_.mul(x64(kScratch), x64(kScratch), x64(kTemp)));
        check(a_.ins(element(d, Lanes::D2, i), x64(kScratch)));  // leaves the other lane
      }
      return;
    case VBinaryForm::Dot:
      products(Lanes::S4, a, b);
      vec3(Inst::kIdAddp_v, Lanes::S4, d, kT, kU);
      return;
    case VBinaryForm::DotBytes: dotBytes(d, a, b); return;
    default: UNREACHABLE("a form that is one instruction");
  }
}

/// The signed products of narrow lanes, those of the low halves in kT, of the high ones in kU.
void MasmA64::products(Lanes lanes, FReg a, FReg b) {
  check(a_.smull(vec(kT, lanes), vec(a, lowHalf(lanes)), vec(b, lowHalf(lanes))));
  check(a_.smull2(vec(kU, lanes), vec(a, narrower(lanes)), vec(b, narrower(lanes))));
}

/// Sums of neighbouring products of signed bytes, in 32 bits and then saturated.
void MasmA64::dotBytes(FReg d, FReg a, FReg b) {
  products(Lanes::H8, a, b);
  check(a_.saddlp(vec(kT, Lanes::S4), vec(kT, Lanes::H8)));
  check(a_.saddlp(vec(kU, Lanes::S4), vec(kU, Lanes::H8)));
  check(a_.sqxtn(vec(d, Lanes::H4), vec(kT, Lanes::S4)));
  check(a_.sqxtn2(vec(d, Lanes::H8), vec(kU, Lanes::S4)));
}

// Three vectors.

void MasmA64::vectorTernary(Op op, FReg d, FReg a, FReg b, FReg c) {
  const VectorRow& row = vectorRow(op, OpClass::VTernary);
  switch (static_cast<VTernaryForm>(row.form)) {
    case VTernaryForm::Bitselect: selectBits(d, c, a, b); return;
    case VTernaryForm::ProductPlus:
      vec3(row.first, row.lanes, kT, a, b);
      vec3(row.second, row.lanes, d, kT, c);
      return;
    case VTernaryForm::LessProduct:
      vec3(row.first, row.lanes, kT, a, b);
      vec3(row.second, row.lanes, d, c, kT);
      return;
    case VTernaryForm::DotBytesAdd:
      dotBytes(kT, a, b);
      check(a_.saddlp(vec(kT, Lanes::S4), vec(kT, Lanes::H8)));
      vec3(Inst::kIdAdd_v, Lanes::S4, d, kT, c);
      return;
  }
}

// Shifts. The CPU shifts by the low byte of each lane of a vector, to the right when negative.

void MasmA64::vectorShift(Op op, FReg d, FReg a, Reg count) {
  const VectorRow& row = vectorRow(op, OpClass::VShift);
  check(a_.and_(w32(kScratch), w32(count), (8u << laneLog2(row.lanes)) - 1));
  if (static_cast<VShiftForm>(row.form) == VShiftForm::Right) {
    check(a_.neg(w32(kScratch), w32(kScratch)));
  }
  check(a_.dup(vec(kT, Lanes::B16), w32(kScratch)));
  vec3(row.first, row.lanes, d, a, kT);
}

void MasmA64::vectorShiftImm(Op op, FReg d, FReg a, u32 count) {
  const VectorRow& row = vectorRow(op, OpClass::VShift);
  count &= (8u << laneLog2(row.lanes)) - 1;
  if (count == 0) {
    moveF(d, a);
  } else {
    check(a_.emit(row.second, vec(d, row.lanes), vec(a, row.lanes), count));
  }
}

}  // namespace bls::codegen::a64
