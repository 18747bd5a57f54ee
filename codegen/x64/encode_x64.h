// Encodings of the commonest instructions: moves, loads, stores, two-operand arithmetic, lea.
//
// The general encoder takes a quarter of the compiler's time when it makes these too; here each is
// a few stores. Everything rare goes through asmjit. Which encodings these are is checked against
// asmjit's in tests/codegen/encode_x64_test.cc, for all registers and kinds of address.
#pragma once

#include <cstring>

#include "codegen/masm.h"

namespace bls::codegen::x64 {

/// One instruction, put together in two words, which are registers: a buffer of bytes would be read
/// right behind the stores that filled it.
struct Encoded {
  static constexpr u32 kRoom = 16;  // write() touches as many bytes at most
  u64 front = 0;                    // prefixes, opcode, ModRM, SIB
  u64 back = 0;                     // displacement and immediate
  u32 frontSize = 0;
  u32 backSize = 0;
  bool invalid = false;  // there is no such instruction

  u32 size() const { return frontSize + backSize; }
  /// What is behind size() is clobbered too.
  void write(u8* to) const {
    std::memcpy(to, &front, 8);
    std::memcpy(to + frontSize, &back, 8);
  }
  /// Before any displacement or immediate.
  void put(u32 byte) {
    front |= u64{byte & 0xff} << frontSize * 8;
    ++frontSize;
  }
  /// The last: a signed immediate or distance of one or four bytes.
  void put8(u32 byte) {
    back |= u64{byte & 0xff} << backSize * 8;
    ++backSize;
  }
  void put32(u32 word) {
    back |= u64{word} << backSize * 8;
    backSize += 4;
  }
  void immediate(i32 imm, bool small) {
    back |= static_cast<u64>(static_cast<u32>(imm) & (small ? 0xff : ~u32{0})) << backSize * 8;
    backSize += small ? 1 : 4;
  }
  /// `opcode`: above 0xff it is one behind 0f. `prefix`: 66, f2, f3 or none. `needed`: for the low
  /// bytes of registers 4 to 7.
  [[gnu::always_inline]] void head(u32 prefix, bool wide, u32 opcode, u32 reg, u32 index, u32 base,
                                   bool needed) {
    if (prefix != 0) put(prefix);
    const u32 rex = u32{wide} << 3 | (reg >> 3) << 2 | (index >> 3) << 1 | base >> 3;
    const bool has = rex != 0 || needed;
    front |= static_cast<u64>(has ? 0x40 | rex : 0) << frontSize * 8;
    frontSize += has ? 1 : 0;
    if (opcode > 0xff) {
      front |= static_cast<u64>(0x0f | (opcode & 0xff) << 8) << frontSize * 8;
      frontSize += 2;
    } else {
      put(opcode);
    }
  }
  [[gnu::always_inline]] void address(u32 reg, const Address& at) {
    const u32 base = at.base.code & 7;
    const bool small = at.disp == static_cast<i8>(at.disp);
    // Base 5 without a displacement would mean another form.
    const bool none = at.disp == 0 && base != 5;
    const u32 bytes = none ? 0 : small ? 1 : 4;
    const u32 mod = none ? 0 : small ? 0x40 : 0x80;
    if (at.hasIndex) {
      invalid = at.index.code == 4;  // rsp's number means no index
      put(mod | (reg & 7) << 3 | 4);
      put(u32{at.shift} << 6 | (at.index.code & 7u) << 3 | base);
    } else {
      put(mod | (reg & 7) << 3 | base);
      if (base == 4) put(0x24);
    }
    back = none ? 0 : static_cast<u32>(at.disp) & (small ? 0xff : ~u32{0});
    backSize = bytes;
  }
};

inline bool isWide(Width w) { return w == Width::W64; }

/// `reg` and `rm` are numbers of either bank, as the instruction has them.
inline Encoded encodeRegs(u32 opcode, bool wide, u32 reg, u32 rm, u32 prefix = 0,
                          bool needed = false) {
  Encoded out;
  out.head(prefix, wide, opcode, reg, 0, rm, needed);
  out.put(0xc0 | (reg & 7) << 3 | (rm & 7));
  return out;
}
inline Encoded encodeMemory(u32 opcode, bool wide, u32 reg, const Address& at, u32 prefix = 0,
                            bool needed = false) {
  Encoded out;
  out.head(prefix, wide, opcode, reg, at.hasIndex ? at.index.code : 0u, at.base.code, needed);
  out.address(reg, at);
  return out;
}

/// The eight old operations by their number in the encoding.
enum class Alu : u8 { Add = 0, Or = 1, And = 4, Sub = 5, Xor = 6, Cmp = 7 };
inline Encoded encodeAlu(Alu op, Width w, Reg d, Reg s) {
  return encodeRegs(static_cast<u32>(op) << 3 | 3, isWide(w), d.code, s.code);
}
inline Encoded encodeAluImm(Alu op, Width w, Reg d, i32 imm) {
  const bool small = imm >= -128 && imm <= 127;
  Encoded out = encodeRegs(small ? 0x83 : 0x81, isWide(w), static_cast<u32>(op), d.code);
  out.immediate(imm, small);
  return out;
}
inline Encoded encodeAluMemoryImm(Alu op, Width w, const Address& at, i32 imm) {
  const bool small = imm >= -128 && imm <= 127;
  Encoded out = encodeMemory(small ? 0x83 : 0x81, isWide(w), static_cast<u32>(op), at);
  out.immediate(imm, small);
  return out;
}

inline Encoded encodeMove(Width w, Reg d, Reg s) {
  return encodeRegs(0x8b, isWide(w), d.code, s.code);
}
/// Zero-extended.
inline Encoded encodeMoveImm32(Reg d, u32 imm) {
  Encoded out;
  if (d.code >= 8) out.put(0x41);
  out.put(0xb8 | (d.code & 7));
  out.put32(imm);
  return out;
}
/// Sign-extended to 64 bits.
inline Encoded encodeStoreImm(const Address& at, i32 imm) {
  Encoded out = encodeMemory(0xc7, true, 0, at);
  out.put32(static_cast<u32>(imm));
  return out;
}

inline Encoded encodeLoad(Access access, Reg d, const Address& at) {
  // By Access: the opcode, and 0x1000 for the wide form.
  static constexpr u16 kOpcodes[] = {0x1b6,  0x1be, 0x11be, 0x1b7,  0x1bf,
                                     0x11bf, 0x8b,  0x1063, 0x108b};
  const u32 row = kOpcodes[static_cast<u32>(access)];
  return encodeMemory(row & 0xfff, row >> 12 != 0, d.code, at);
}
inline Encoded encodeStore(u32 bytes, const Address& at, Reg s) {
  switch (bytes) {
    case 1: return encodeMemory(0x88, false, s.code, at, 0, s.code >= 4);
    case 2: return encodeMemory(0x89, false, s.code, at, 0x66);
    default: return encodeMemory(0x89, bytes == 8, s.code, at);
  }
}

/// movss or movsd.
inline Encoded encodeLoadF(Width w, FReg d, const Address& at) {
  return encodeMemory(0x110, false, d.code, at, isWide(w) ? 0xf2 : 0xf3);
}
inline Encoded encodeStoreF(Width w, const Address& at, FReg s) {
  return encodeMemory(0x111, false, s.code, at, isWide(w) ? 0xf2 : 0xf3);
}
/// addss and its like: 0x158 add, 0x159 mul, 0x15c sub, 0x15e div.
inline Encoded encodeScalarF(u32 opcode, Width w, FReg d, FReg s) {
  return encodeRegs(opcode, false, d.code, s.code, isWide(w) ? 0xf2 : 0xf3);
}

}  // namespace bls::codegen::x64
