// Encodings of the commonest instructions: moves, loads, stores, two-operand arithmetic, lea.
//
// The general encoder takes a quarter of the compiler's time when it makes these too; here each is
// a few stores. Everything rare goes through asmjit. Which encodings these are is checked against
// asmjit's in tests/codegen/encode_x64_test.cc, for all registers and kinds of address.
#pragma once

#include <cstring>

#include "codegen/masm.h"

namespace bls::codegen::x64 {

/// Room that writing one instruction may touch; what is behind its end means nothing.
constexpr u32 kInstructionRoom = 24;

inline bool isWide(Width w) { return w == Width::W64; }

/// Prefixes and opcode, where an instruction begins. Opcodes above 0xff stand behind 0f. `prefix`:
/// 66, f2, f3 or none. `needed`: for the low bytes of registers 4 to 7.
struct EncodedHead {
  u32 opcode;
  u32 reg;
  u32 prefix;
  bool wide;
  bool needed;

  [[gnu::always_inline]] u8* write(u8* p, u32 index, u32 base) const {
    if (prefix != 0) *p++ = static_cast<u8>(prefix);
    const u32 rex = u32{wide} << 3 | (reg >> 3) << 2 | (index >> 3) << 1 | base >> 3;
    *p = static_cast<u8>(0x40 | rex);
    p += rex != 0 || needed ? 1 : 0;
    if (opcode > 0xff) *p++ = 0x0f;
    *p++ = static_cast<u8>(opcode);
    return p;
  }
};

/// A signed immediate at the end, of 0, 1 or 4 bytes.
struct EncodedImm {
  i32 value = 0;
  u32 bytes = 0;

  [[gnu::always_inline]] u8* write(u8* p) const {
    if (bytes != 0) std::memcpy(p, &value, 4);
    return p + bytes;
  }
};

// Instructions: each is written straight to where it belongs, and write gives its end.

/// With two registers, whose numbers are of either bank, as the instruction has them.
struct EncodedRegs {
  EncodedHead head;
  u32 rm;
  EncodedImm imm = {};

  [[gnu::always_inline]] u8* write(u8* p) const {
    p = head.write(p, 0, rm);
    *p++ = static_cast<u8>(0xc0 | (head.reg & 7) << 3 | (rm & 7));
    return imm.write(p);
  }
};

/// With a register and memory.
struct EncodedMemory {
  EncodedHead head;
  Address at;
  EncodedImm imm = {};

  bool valid() const { return !at.hasIndex || at.index.code != 4; }  // rsp's number means none
  [[gnu::always_inline]] u8* write(u8* p) const {
    const u32 base = at.base.code & 7;
    const bool small = at.disp == static_cast<i8>(at.disp);
    // Base 5 without a displacement would mean another form.
    const bool none = at.disp == 0 && base != 5;
    const u32 first = (none ? 0u : small ? 0x40u : 0x80u) | (head.reg & 7) << 3;
    p = head.write(p, at.hasIndex ? at.index.code : 0u, at.base.code);
    if (at.hasIndex) {
      *p++ = static_cast<u8>(first | 4);
      *p++ = static_cast<u8>(u32{at.shift} << 6 | (at.index.code & 7u) << 3 | base);
    } else {
      *p++ = static_cast<u8>(first | base);
      if (base == 4) *p++ = 0x24;
    }
    std::memcpy(p, &at.disp, 4);
    return imm.write(p + (none ? 0 : small ? 1 : 4));
  }
};

/// With a register in the opcode.
struct EncodedMoveImm {
  Reg d;
  u32 imm;

  [[gnu::always_inline]] u8* write(u8* p) const {
    *p = 0x41;
    p += d.code >= 8 ? 1 : 0;
    *p++ = static_cast<u8>(0xb8 | (d.code & 7));
    std::memcpy(p, &imm, 4);
    return p + 4;
  }
};

constexpr EncodedRegs encodeRegs(u32 opcode, bool wide, u32 reg, u32 rm, u32 prefix = 0,
                                 bool needed = false) {
  return {{opcode, reg, prefix, wide, needed}, rm};
}
constexpr EncodedMemory encodeMemory(u32 opcode, bool wide, u32 reg, const Address& at,
                                     u32 prefix = 0, bool needed = false) {
  return {{opcode, reg, prefix, wide, needed}, at};
}

/// The eight old operations by their number in the encoding.
enum class Alu : u8 { Add = 0, Or = 1, And = 4, Sub = 5, Xor = 6, Cmp = 7 };
inline EncodedRegs encodeAlu(Alu op, Width w, Reg d, Reg s) {
  return encodeRegs(static_cast<u32>(op) << 3 | 3, isWide(w), d.code, s.code);
}
inline EncodedRegs encodeAluImm(Alu op, Width w, Reg d, i32 imm) {
  const bool small = imm == static_cast<i8>(imm);
  EncodedRegs out = encodeRegs(small ? 0x83 : 0x81, isWide(w), static_cast<u32>(op), d.code);
  out.imm = {imm, small ? 1u : 4u};
  return out;
}
inline EncodedMemory encodeAluMemoryImm(Alu op, Width w, const Address& at, i32 imm) {
  const bool small = imm == static_cast<i8>(imm);
  EncodedMemory out = encodeMemory(small ? 0x83 : 0x81, isWide(w), static_cast<u32>(op), at);
  out.imm = {imm, small ? 1u : 4u};
  return out;
}

inline EncodedRegs encodeMove(Width w, Reg d, Reg s) {
  return encodeRegs(0x8b, isWide(w), d.code, s.code);
}
/// Zero-extended.
inline EncodedMoveImm encodeMoveImm32(Reg d, u32 imm) { return {d, imm}; }
/// Sign-extended to 64 bits.
inline EncodedMemory encodeStoreImm(const Address& at, i32 imm) {
  EncodedMemory out = encodeMemory(0xc7, true, 0, at);
  out.imm = {imm, 4};
  return out;
}

inline EncodedMemory encodeLoad(Access access, Reg d, const Address& at) {
  // By Access: the opcode, and 0x1000 for the wide form.
  static constexpr u16 kOpcodes[] = {0x1b6,  0x1be, 0x11be, 0x1b7, 0x1bf,
                                     0x11bf, 0x8b,  0x1063, 0x108b};
  const u32 row = kOpcodes[static_cast<u32>(access)];
  return encodeMemory(row & 0xfff, row >> 12 != 0, d.code, at);
}
inline EncodedMemory encodeStore(u32 bytes, const Address& at, Reg s) {
  switch (bytes) {
    case 1: return encodeMemory(0x88, false, s.code, at, 0, s.code >= 4);
    case 2: return encodeMemory(0x89, false, s.code, at, 0x66);
    default: return encodeMemory(0x89, bytes == 8, s.code, at);
  }
}

/// movss or movsd.
inline EncodedMemory encodeLoadF(Width w, FReg d, const Address& at) {
  return encodeMemory(0x110, false, d.code, at, isWide(w) ? 0xf2 : 0xf3);
}
inline EncodedMemory encodeStoreF(Width w, const Address& at, FReg s) {
  return encodeMemory(0x111, false, s.code, at, isWide(w) ? 0xf2 : 0xf3);
}
/// addss and its like: 0x158 add, 0x159 mul, 0x15c sub, 0x15e div.
inline EncodedRegs encodeScalarF(u32 opcode, Width w, FReg d, FReg s) {
  return encodeRegs(opcode, false, d.code, s.code, isWide(w) ? 0xf2 : 0xf3);
}

}  // namespace bls::codegen::x64
