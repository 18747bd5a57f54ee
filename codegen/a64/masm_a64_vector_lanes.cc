// MasmA64: lanes to and from scalars and memory, and the tests of vectors. Loads and stores access
// memory by one instruction: what an instruction does not load as it should be is put right after.
#include "codegen/a64/masm_a64.h"
#include "codegen/a64/operands_a64.h"
#include "codegen/a64/vector_a64.h"

namespace bls::codegen::a64 {

using asmjit::a64::Inst;

namespace {
constexpr FReg kT = kFScratch;
constexpr FReg kU = kFScratch2;

Width widthOf(Lanes lanes) { return laneLog2(lanes) == 3 ? Width::W64 : Width::W32; }
}  // namespace

// Scalars.

void MasmA64::vectorSplat(Op op, FReg d, Reg s) {
  const Lanes lanes = vectorRow(op, OpClass::VSplat).lanes;
  check(a_.dup(vec(d, lanes), gp(widthOf(lanes), s)));
}
void MasmA64::vectorSplatF(Op op, FReg d, FReg s) {
  const Lanes lanes = vectorRow(op, OpClass::VSplat).lanes;
  check(a_.dup(vec(d, lanes), element(s, lanes, 0)));
}

void MasmA64::vectorExtract(Op op, Reg d, FReg a, u32 lane) {
  const VectorRow& row = vectorRow(op, OpClass::VExtract);
  check(a_.emit(row.first, gp(widthOf(row.lanes), d), element(a, row.lanes, lane)));
}
void MasmA64::vectorExtractF(Op op, FReg d, FReg a, u32 lane) {
  const Lanes lanes = vectorRow(op, OpClass::VExtract).lanes;
  if (lane != 0 || d != a) check(a_.dup(fp(widthOf(lanes), d), element(a, lanes, lane)));
}

void MasmA64::vectorReplace(Op op, FReg d, FReg a, Reg s, u32 lane) {
  const Lanes lanes = vectorRow(op, OpClass::VReplace).lanes;
  moveF(d, a);
  check(a_.ins(element(d, lanes, lane), gp(widthOf(lanes), s)));
}
void MasmA64::vectorReplaceF(Op op, FReg d, FReg a, FReg s, u32 lane) {
  const Lanes lanes = vectorRow(op, OpClass::VReplace).lanes;
  if (d == s && d != a) {
    moveF(kT, s);
    s = kT;
  }
  moveF(d, a);
  check(a_.ins(element(d, lanes, lane), element(s, lanes, 0)));
}

// Tests.

void MasmA64::vectorTest(Op op, Reg d, FReg a) {
  const VectorRow& row = vectorRow(op, OpClass::VTest);
  switch (static_cast<VTestForm>(row.form)) {
    case VTestForm::AnyTrue:
      vec3(Inst::kIdUmaxp_v, Lanes::S4, kT, a, a);
      moveFromF(Width::W64, kScratch, kT);
      compareImm(Width::W64, kScratch, 0);
      setOnFlags(Cond::Ne, d);
      return;
    case VTestForm::AllTrue:  // no lane is zero
      check(a_.cmeq(vec(kT, row.lanes), vec(a, row.lanes), 0));
      vec3(Inst::kIdUmaxp_v, Lanes::S4, kT, kT, kT);
      moveFromF(Width::W64, kScratch, kT);
      compareImm(Width::W64, kScratch, 0);
      setOnFlags(Cond::Eq, d);
      return;
    case VTestForm::Bitmask: bitmask(row.lanes, d, a); return;
  }
}

/// One bit of each lane's sign, in its place, then their sum.
void MasmA64::bitmask(Lanes lanes, Reg d, FReg a) {
  if (lanes == Lanes::D2) {
    check(a_.umov(x64(kScratch), element(a, lanes, 1)));
    check(a_.umov(x64(kTemp), element(a, lanes, 0)));
    check(a_.lsr(x64(kScratch), x64(kScratch), 63));
    check(a_.lsr(x64(kTemp), x64(kTemp), 63));
    check(a_.orr(x64(d), x64(kTemp), x64(kScratch), asmjit::arm::lsl(1)));
    return;
  }
  switch (lanes) {
    case Lanes::B16: loadConstantV(kU, 0x8040201008040201, 0x8040201008040201); break;
    case Lanes::H8: loadConstantV(kU, 0x0008000400020001, 0x0080004000200010); break;
    default: loadConstantV(kU, 0x0000000200000001, 0x0000000800000004); break;
  }
  check(a_.cmlt(vec(kT, lanes), vec(a, lanes), 0));
  vec3(Inst::kIdAnd_v, Lanes::B16, kT, kT, kU);
  if (lanes == Lanes::B16) {  // the halves as the bytes of eight words
    check(a_.ext(vec(kU, lanes), vec(kT, lanes), vec(kT, lanes), 8));
    vec3(Inst::kIdZip1_v, lanes, kT, kT, kU);
  }
  if (lanes == Lanes::S4) {
    check(a_.addv(asmjit::a64::VecS(kT.code), vec(kT, Lanes::S4)));
  } else {
    check(a_.addv(asmjit::a64::VecH(kT.code), vec(kT, Lanes::H8)));
  }
  moveFromF(Width::W32, d, kT);
}

// Memory.

u32 MasmA64::vectorLoad(Op op, FReg d, const Address& at) {
  const VectorRow& row = vectorRow(op, OpClass::VLoad);
  switch (static_cast<VLoadForm>(row.form)) {
    case VLoadForm::Plain: return transferV(true, 4, d, at);
    case VLoadForm::Widen: {
      const u32 site = transferV(true, 3, d, at);
      check(a_.emit(row.first, vec(d, row.lanes), vec(d, lowHalf(row.lanes))));
      return site;
    }
    case VLoadForm::Splat: {
      const u32 site = transferV(true, laneLog2(row.lanes), d, at);
      check(a_.dup(vec(d, row.lanes), element(d, row.lanes, 0)));
      return site;
    }
    case VLoadForm::Zero: return transferV(true, laneLog2(row.lanes), d, at);
  }
  return 0;
}

u32 MasmA64::vectorStore(const Address& at, FReg s) { return transferV(false, 4, s, at); }

u32 MasmA64::vectorLoadLane(Op op, FReg d, FReg a, const Address& at, u32 lane) {
  const Lanes lanes = vectorRow(op, OpClass::VLoadLane).lanes;
  const u32 site = transferV(true, laneLog2(lanes), kT, at);
  moveF(d, a);
  check(a_.ins(element(d, lanes, lane), element(kT, lanes, 0)));
  return site;
}

u32 MasmA64::vectorStoreLane(Op op, const Address& at, FReg s, u32 lane) {
  const Lanes lanes = vectorRow(op, OpClass::VStoreLane).lanes;
  if (lane != 0) {
    check(a_.dup(vec(kT, lanes), element(s, lanes, lane)));
    s = kT;
  }
  return transferV(false, laneLog2(lanes), s, at);
}

}  // namespace bls::codegen::a64
