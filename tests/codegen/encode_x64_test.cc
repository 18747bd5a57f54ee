// The encodings of encode_x64.h against the general encoder's, read back by a disassembler: every
// form with all registers, every kind of address and displacement, and small and large immediates.
#include "codegen/x64/encode_x64.h"

#include <asmjit/asmjit.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <functional>
#include <string>
#include <vector>

#include "codegen/x64/masm_x64.h"
#include "codegen/x64/operands_x64.h"
#include "tests/codegen/assembled.h"

namespace bls::codegen::x64 {
namespace {

using asmjit::x86::Assembler;
using Emit = std::function<void(Assembler&)>;

/// Both as text. Sizes may differ: some instructions have two encodings of a register form.
template <class Inst>
void same(const Inst& inst, const Emit& emit) {
  asmjit::CodeHolder code;
  ASSERT_EQ(code.init(asmjit::Environment(asmjit::Arch::kX64)), asmjit::kErrorOk);
  Assembler a(&code);
  emit(a);
  ASSERT_GT(a.offset(), 0u);
  u8 bytes[kInstructionRoom];
  const size_t size = static_cast<size_t>(inst.write(bytes) - bytes);
  ASSERT_EQ(disassemble({bytes, size}), disassemble({a.bufferData(), a.offset()}));
  ASSERT_EQ(size, a.offset());
}

// rsp is no operand of a form with a free register, and no index.
std::vector<Reg> registers() {
  std::vector<Reg> out;
  for (u8 code = 0; code < 16; ++code) {
    if (code != 4) out.push_back(Reg{code});
  }
  return out;
}

std::vector<Address> addresses() {
  std::vector<Address> out;
  for (i32 disp : {0, 8, -8, 127, 128, -128, -129, 0x12345678, INT32_MIN}) {
    for (Reg base : registers()) {
      out.push_back(Address::at(base, disp));
      for (Reg index : registers()) {
        const u8 shift = static_cast<u8>((base.code + index.code) & 3);
        out.push_back(Address::indexed(base, index, disp, shift));
      }
    }
  }
  return out;
}

constexpr Width kWidths[] = {Width::W32, Width::W64};

TEST(EncodeX64, RegisterFormsAreTheGeneralEncoders) {
  for (Reg d : registers()) {
    for (Reg s : registers()) {
      for (Width w : kWidths) {
        const auto x = gp(w, d);
        const auto y = gp(w, s);
        same(encodeMove(w, d, s), [&](Assembler& a) { a.mov(x, y); });
        same(encodeAlu(Alu::Add, w, d, s), [&](Assembler& a) { a.add(x, y); });
        same(encodeAlu(Alu::Or, w, d, s), [&](Assembler& a) { a.or_(x, y); });
        same(encodeAlu(Alu::And, w, d, s), [&](Assembler& a) { a.and_(x, y); });
        same(encodeAlu(Alu::Sub, w, d, s), [&](Assembler& a) { a.sub(x, y); });
        same(encodeAlu(Alu::Xor, w, d, s), [&](Assembler& a) { a.xor_(x, y); });
        same(encodeAlu(Alu::Cmp, w, d, s), [&](Assembler& a) { a.cmp(x, y); });
        same(encodeRegs(0x85, isWide(w), s.code, d.code), [&](Assembler& a) { a.test(x, y); });
        same(encodeRegs(0x1af, isWide(w), d.code, s.code), [&](Assembler& a) { a.imul(x, y); });
        same(encodeRegs(0x14c, isWide(w), d.code, s.code), [&](Assembler& a) { a.cmovl(x, y); });
        const FReg f{d.code};
        const FReg g{s.code};
        const bool wide = isWide(w);
        const auto u = xmm(f);
        const auto v = xmm(g);
        same(encodeScalarF(0x158, w, f, g),
             [&](Assembler& a) { wide ? a.addsd(u, v) : a.addss(u, v); });
        same(encodeScalarF(0x159, w, f, g),
             [&](Assembler& a) { wide ? a.mulsd(u, v) : a.mulss(u, v); });
        same(encodeScalarF(0x15c, w, f, g),
             [&](Assembler& a) { wide ? a.subsd(u, v) : a.subss(u, v); });
        same(encodeScalarF(0x15e, w, f, g),
             [&](Assembler& a) { wide ? a.divsd(u, v) : a.divss(u, v); });
      }
      same(encodeRegs(0x128, false, d.code, s.code),
           [&](Assembler& a) { a.movaps(asmjit::x86::xmm(d.code), asmjit::x86::xmm(s.code)); });
      same(encodeRegs(0x1b6, false, d.code, s.code, 0, s.code >= 4),
           [&](Assembler& a) { a.movzx(r32(d), r8(s)); });
    }
  }
}

TEST(EncodeX64, ImmediatesAreTheGeneralEncoders) {
  for (Reg d : registers()) {
    for (i32 imm : {1, -1, 127, -128, INT32_MAX, INT32_MIN}) {
      same(encodeMoveImm32(d, static_cast<u32>(imm)),
           [&](Assembler& a) { a.mov(r32(d), static_cast<u32>(imm)); });
      if (d.code != 0) {  // the accumulator has shorter forms with 32 bits
        for (Width w : kWidths) {
          same(encodeAluImm(Alu::Add, w, d, imm), [&](Assembler& a) { a.add(gp(w, d), imm); });
          same(encodeAluImm(Alu::Cmp, w, d, imm), [&](Assembler& a) { a.cmp(gp(w, d), imm); });
          same(encodeAluImm(Alu::Sub, w, d, imm), [&](Assembler& a) { a.sub(gp(w, d), imm); });
        }
      }
    }
    for (Width w : kWidths) {
      EncodedRegs shift = encodeRegs(0xc1, isWide(w), 7, d.code);
      shift.imm = {13, 1};
      same(shift, [&](Assembler& a) { a.sar(gp(w, d), 13); });
      same(encodeRegs(0xd1, isWide(w), 0, d.code), [&](Assembler& a) { a.rol(gp(w, d), 1); });
      same(encodeRegs(0xf7, isWide(w), 3, d.code), [&](Assembler& a) { a.neg(gp(w, d)); });
    }
    same(encodeRegs(0x19c, false, 0, d.code, 0, d.code >= 4), [&](Assembler& a) { a.setl(r8(d)); });
  }
}

TEST(EncodeX64, AddressesAreTheGeneralEncoders) {
  for (const Address& at : addresses()) {
    const auto m = mem(at);
    for (u8 code : {0, 3, 5, 6, 8, 12, 15}) {
      const Reg r{code};
      const FReg f{code};
      same(encodeMemory(0x8d, true, r.code, at), [&](Assembler& a) { a.lea(r64(r), m); });
      same(encodeLoad(Access::U8, r, at), [&](Assembler& a) { a.movzx(r32(r), sized(m, 1)); });
      same(encodeLoad(Access::S8To32, r, at), [&](Assembler& a) { a.movsx(r32(r), sized(m, 1)); });
      same(encodeLoad(Access::S8To64, r, at), [&](Assembler& a) { a.movsx(r64(r), sized(m, 1)); });
      same(encodeLoad(Access::U16, r, at), [&](Assembler& a) { a.movzx(r32(r), sized(m, 2)); });
      same(encodeLoad(Access::S16To32, r, at), [&](Assembler& a) { a.movsx(r32(r), sized(m, 2)); });
      same(encodeLoad(Access::S16To64, r, at), [&](Assembler& a) { a.movsx(r64(r), sized(m, 2)); });
      same(encodeLoad(Access::U32, r, at), [&](Assembler& a) { a.mov(r32(r), m); });
      same(encodeLoad(Access::S32To64, r, at),
           [&](Assembler& a) { a.movsxd(r64(r), sized(m, 4)); });
      same(encodeLoad(Access::U64, r, at), [&](Assembler& a) { a.mov(r64(r), m); });
      same(encodeStore(1, at, r), [&](Assembler& a) { a.mov(m, r8(r)); });
      same(encodeStore(2, at, r), [&](Assembler& a) { a.mov(m, r16(r)); });
      same(encodeStore(4, at, r), [&](Assembler& a) { a.mov(m, r32(r)); });
      same(encodeStore(8, at, r), [&](Assembler& a) { a.mov(m, r64(r)); });
      same(encodeMemory(0x39, false, r.code, at), [&](Assembler& a) { a.cmp(m, r32(r)); });
      same(encodeLoadF(Width::W32, f, at), [&](Assembler& a) { a.movss(xmm(f), m); });
      same(encodeLoadF(Width::W64, f, at), [&](Assembler& a) { a.movsd(xmm(f), m); });
      same(encodeStoreF(Width::W32, at, f), [&](Assembler& a) { a.movss(m, xmm(f)); });
      same(encodeStoreF(Width::W64, at, f), [&](Assembler& a) { a.movsd(m, xmm(f)); });
      if (HasFatalFailure()) return;
    }
    same(encodeStoreImm(at, -5), [&](Assembler& a) { a.mov(sized(m, 8), -5); });
    same(encodeAluMemoryImm(Alu::Cmp, Width::W32, at, 300),
         [&](Assembler& a) { a.cmp(sized(m, 4), 300); });
    same(encodeAluMemoryImm(Alu::Sub, Width::W64, at, 7),
         [&](Assembler& a) { a.sub(sized(m, 8), 7); });
    same(encodeMemory(0xff, false, 2, at), [&](Assembler& a) { a.call(sized(m, 8)); });
    if (HasFatalFailure()) return;
  }
}

// Both write to one buffer, which grows under either of them.
TEST(EncodeX64, LongCodeKeepsWhatBothEncodersWrote) {
  for (u32 phase = 0; phase < 7; ++phase) {
    MasmX64 m(0);
    for (u32 i = 0; i < phase; ++i) m.landingPad();
    constexpr u32 kCount = 60000;
    for (u32 i = 0; i < kCount; ++i) {
      m.move(Width::W64, kRcx, kRdx);
      if (i % 3 == 0) m.intOpImm(IntOp::Mul, Width::W32, kRax, kRdx, 1000);  // asmjit's
      m.address(kRax, Address::at(kRsi, static_cast<i32>(i)));
    }
    const std::span<const u8> code = m.finish();
    ASSERT_FALSE(code.empty());
    std::string expected;
    for (u32 i = 0; i < phase; ++i) expected += "endbr64\n";
    char line[64];
    for (u32 i = 0; i < kCount; ++i) {
      expected += "mov rcx, rdx\n";
      if (i % 3 == 0) expected += "imul eax, edx, 0x3E8\n";
      std::snprintf(line, sizeof line, i == 0 ? "lea rax, [rsi]\n" : "lea rax, [rsi+0x%02X]\n", i);
      expected += line;
    }
    ASSERT_TRUE(disassemble(code) == expected) << phase;
  }
}

}  // namespace
}  // namespace bls::codegen::x64
