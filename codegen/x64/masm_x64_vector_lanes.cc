// MasmX64: lanes to and from scalars and memory. The pieces and their rules are in
// masm_x64_vector.cc. Loads and stores access memory by one instruction, which is emitted last but
// for what only rearranges registers.
#include "codegen/x64/masm_x64.h"
#include "codegen/x64/operands_x64.h"
#include "codegen/x64/vector_insts_x64.h"
#include "engine/base/cpu.h"

namespace bls::codegen::x64 {

using namespace asmjit;
using platform::Cpu;
using platform::cpuBit;

// Splat.

void MasmX64::vectorSplat(Op op, FReg d, Reg s) {
  const VectorRow& row = vectorRow(op, OpClass::VSplat);
  const bool broadcasts = (cpu_ & cpuBit(Cpu::Avx2)) != 0;
  const VSplatForm form = static_cast<VSplatForm>(row.form);
  moveToF(form == VSplatForm::I64 ? Width::W64 : Width::W32, d, s);
  switch (form) {
    case VSplatForm::I8:
      if (broadcasts) {
        check(a_.vpbroadcastb(xmm(d), xmm(d)));
      } else {
        setZero(kFScratch);
        vec3(kPshufb, d, d, kFScratch);
      }
      return;
    case VSplatForm::I16:
      if (broadcasts) {
        check(a_.vpbroadcastw(xmm(d), xmm(d)));
      } else {
        vec2Imm(kPshuflw, d, d, 0);
        vec3(kPunpcklqdq, d, d, d);
      }
      return;
    case VSplatForm::I32: vec2Imm(kPshufd, d, d, 0); return;
    case VSplatForm::I64: vec3(kPunpcklqdq, d, d, d); return;
    default: UNREACHABLE("a splat of floats");
  }
}

void MasmX64::vectorSplatF(Op op, FReg d, FReg s) {
  const VectorRow& row = vectorRow(op, OpClass::VSplat);
  switch (static_cast<VSplatForm>(row.form)) {
    case VSplatForm::F32: vec3Imm(kShufps, d, s, s, 0); return;
    case VSplatForm::F64: vec2(kMovddup, d, s); return;
    default: UNREACHABLE("a splat of integers");
  }
}

// Extract and replace.

void MasmX64::vectorExtract(Op op, Reg d, FReg a, u32 lane) {
  const VectorRow& row = vectorRow(op, OpClass::VExtract);
  const VExtractForm form = static_cast<VExtractForm>(row.form);
  const Width w = form == VExtractForm::Plain64 ? Width::W64 : Width::W32;
  if (lane == 0 && opInfo(op).aux <= 4) {
    moveFromF(w, d, a);
    return;
  }
  check(a_.emit(hasAvx() ? row.first.avx : row.first.sse, gp(w, d), xmm(a), lane));
  switch (form) {
    case VExtractForm::Plain:
    case VExtractForm::Plain64: return;
    case VExtractForm::Signed8: check(a_.movsx(r32(d), r8(d))); return;
    case VExtractForm::Signed16: check(a_.movsx(r32(d), r16(d))); return;
    default: UNREACHABLE("a float lane");
  }
}

void MasmX64::vectorExtractF(Op op, FReg d, FReg a, u32 lane) {
  const VectorRow& row = vectorRow(op, OpClass::VExtract);
  const bool single = static_cast<VExtractForm>(row.form) == VExtractForm::F32;
  CHECK(single || static_cast<VExtractForm>(row.form) == VExtractForm::F64);
  if (lane == 0) {
    moveF(d, a);
  } else {
    vec2Imm(kPshufd, d, a, single ? lane : 0xee);
  }
}

void MasmX64::vectorReplace(Op op, FReg d, FReg a, Reg s, u32 lane) {
  const VectorRow& row = vectorRow(op, OpClass::VReplace);
  const VReplaceForm form = static_cast<VReplaceForm>(row.form);
  CHECK(form == VReplaceForm::Plain || form == VReplaceForm::Plain64);
  const x86::Gp source = gp(form == VReplaceForm::Plain64 ? Width::W64 : Width::W32, s);
  if (hasAvx()) {
    check(a_.emit(row.first.avx, xmm(d), xmm(a), source, lane));
  } else {
    moveF(d, a);
    check(a_.emit(row.first.sse, xmm(d), source, lane));
  }
}

void MasmX64::vectorReplaceF(Op op, FReg d, FReg a, FReg s, u32 lane) {
  const VectorRow& row = vectorRow(op, OpClass::VReplace);
  switch (static_cast<VReplaceForm>(row.form)) {
    case VReplaceForm::F32: vec3Imm(kInsertps, d, a, s, lane << 4); return;
    case VReplaceForm::F64: vec3(lane == 0 ? kMovsd : kPunpcklqdq, d, a, s); return;
    default: UNREACHABLE("an integer lane");
  }
}

// Memory.

/// d = a with a lane from memory; the position of the access.
u32 MasmX64::insertLane(VectorInst i, FReg d, FReg a, const x86::Mem& m, u32 lane) {
  if (!hasAvx()) moveF(d, a);
  const u32 site = position();
  check(hasAvx() ? a_.emit(i.avx, xmm(d), xmm(a), m, lane) : a_.emit(i.sse, xmm(d), m, lane));
  return site;
}

u32 MasmX64::vectorLoad(Op op, FReg d, const Address& at) {
  const VectorRow& row = vectorRow(op, OpClass::VLoad);
  const bool broadcasts = (cpu_ & cpuBit(Cpu::Avx2)) != 0;
  const x86::Mem m = mem(at);
  u32 site = position();
  switch (static_cast<VLoadForm>(row.form)) {
    case VLoadForm::Plain:
      check(a_.emit(hasAvx() ? row.first.avx : row.first.sse, xmm(d), m));
      return site;
    case VLoadForm::Splat8:
      if (broadcasts) {
        check(a_.vpbroadcastb(xmm(d), m));
        return site;
      }
      setZero(kFScratch);
      site = insertLane(kPinsrb, d, kFScratch, m, 0);
      vec3(kPshufb, d, d, kFScratch);
      return site;
    case VLoadForm::Splat16:
      if (broadcasts) {
        check(a_.vpbroadcastw(xmm(d), m));
        return site;
      }
      setZero(d);  // not waited for
      site = insertLane(kPinsrw, d, d, m, 0);
      vec2Imm(kPshuflw, d, d, 0);
      vec3(kPunpcklqdq, d, d, d);
      return site;
    case VLoadForm::Splat32:
      if (hasAvx()) {
        check(a_.vbroadcastss(xmm(d), m));
      } else {
        check(a_.movss(xmm(d), m));
        check(a_.shufps(xmm(d), xmm(d), 0));
      }
      return site;
  }
  return site;
}

u32 MasmX64::vectorStore(const Address& at, FReg s) {
  const VectorRow& row = vectorRow(Op::V128Store, OpClass::VStore);
  const u32 site = position();
  check(a_.emit(hasAvx() ? row.first.avx : row.first.sse, mem(at), xmm(s)));
  return site;
}

u32 MasmX64::vectorLoadLane(Op op, FReg d, FReg a, const Address& at, u32 lane) {
  return insertLane(vectorRow(op, OpClass::VLoadLane).first, d, a, mem(at), lane);
}

u32 MasmX64::vectorStoreLane(Op op, const Address& at, FReg s, u32 lane) {
  const VectorRow& row = vectorRow(op, OpClass::VStoreLane);
  const u32 site = position();
  if (lane == 0 && row.second.sse != x86::Inst::kIdNone) {
    check(a_.emit(hasAvx() ? row.second.avx : row.second.sse, mem(at), xmm(s)));
  } else {
    check(a_.emit(hasAvx() ? row.first.avx : row.first.sse, mem(at), xmm(s), lane));
  }
  return site;
}

}  // namespace bls::codegen::x64
