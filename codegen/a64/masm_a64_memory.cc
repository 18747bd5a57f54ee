// MasmA64: memory. One instruction takes a base with an index, or with a constant that is a small
// multiple of its size, or with one of nine bits; every other address is made in kTemp first.
#include "codegen/a64/masm_a64.h"
#include "codegen/a64/operands_a64.h"
#include "codegen/check_site.h"

namespace bls::codegen::a64 {

namespace {

// Size, vector bit and operation of loads and stores, with room for the addressing mode.
constexpr u32 kStore = 0x38000000;
constexpr u32 kLoad = 0x38400000;
constexpr u32 kLoadSigned64 = 0x38800000;
constexpr u32 kLoadSigned32 = 0x38c00000;
constexpr u32 kVector = 0x04000000;

}  // namespace

u32 MasmA64::transfer(u32 opcode, u32 sizeLog2, u32 reg, const Address& at) {
  const u32 base = field(at.base) << 5;
  opcode |= (sizeLog2 & 3) << 30 | reg;  // 16 bytes are told by the opcode
  const auto indexed = [&](Reg index, u32 scaled) {
    const u32 site = position();
    word(opcode | 1 << 21 | field(index) << 16 | 3 << 13 | scaled << 12 | 2 << 10 | base);
    return site;
  };
  if (at.hasIndex) {
    if (at.disp == 0 && (at.shift == 0 || at.shift == sizeLog2)) {
      return indexed(at.index, at.shift != 0 ? 1 : 0);
    }
    if (at.shift == 0) {
      addImmediate(false, Width::W64, kTemp, at.index, at.disp);
    } else {
      loadImmediate(Width::W64, kTemp, static_cast<u64>(i64{at.disp}));
      address(kTemp, Address::indexed(kTemp, at.index, 0, at.shift));
    }
    return indexed(kTemp, 0);
  }
  const u32 site = position();
  const u32 scaled = static_cast<u32>(at.disp) >> sizeLog2;
  if (at.disp >= 0 && scaled < 4096 && scaled << sizeLog2 == static_cast<u32>(at.disp)) {
    word(opcode | 1 << 24 | scaled << 10 | base);
    return site;
  }
  if (at.disp >= -256 && at.disp < 256) {
    word(opcode | (static_cast<u32>(at.disp) & 0x1ff) << 12 | base);
    return site;
  }
  DCHECK(at.base != kTemp);
  loadImmediate(Width::W64, kTemp, static_cast<u64>(i64{at.disp}));
  return indexed(kTemp, 0);
}

u32 MasmA64::load(Access access, Reg d, const Address& at) {
  const u32 reg = field(d);
  switch (access) {
    case Access::U8: return transfer(kLoad, 0, reg, at);
    case Access::S8To32: return transfer(kLoadSigned32, 0, reg, at);
    case Access::S8To64: return transfer(kLoadSigned64, 0, reg, at);
    case Access::U16: return transfer(kLoad, 1, reg, at);
    case Access::S16To32: return transfer(kLoadSigned32, 1, reg, at);
    case Access::S16To64: return transfer(kLoadSigned64, 1, reg, at);
    case Access::U32: return transfer(kLoad, 2, reg, at);
    case Access::S32To64: return transfer(kLoadSigned64, 2, reg, at);
    case Access::U64: return transfer(kLoad, 3, reg, at);
  }
  return 0;
}

u32 MasmA64::store(u32 bytes, const Address& at, Reg s) {
  return transfer(kStore, static_cast<u32>(__builtin_ctz(bytes)), field(s), at);
}
u32 MasmA64::loadF(Width w, FReg d, const Address& at) {
  return transfer(kLoad | kVector, w == Width::W32 ? 2 : 3, d.code, at);
}
u32 MasmA64::storeF(Width w, const Address& at, FReg s) {
  return transfer(kStore | kVector, w == Width::W32 ? 2 : 3, s.code, at);
}

u32 MasmA64::transferV(bool load, u32 log2, FReg reg, const Address& at) {
  const u32 opcode = (load ? kLoad : kStore) | kVector | (log2 == 4 ? 1u << 23 : 0);
  return transfer(opcode, log2, reg.code, at);
}

u32 MasmA64::probe(u32 bytes, const Address& at) {
  Address last = at;
  if (__builtin_add_overflow(at.disp, static_cast<i32>(bytes - 1), &last.disp)) {
    address(kTemp, at);
    last = Address::at(kTemp, static_cast<i32>(bytes - 1));
  }
  return load(Access::U8, kZero, last);
}

void MasmA64::address(Reg d, const Address& at) {
  if (!at.hasIndex) {
    addImmediate(false, Width::W64, d, at.base, at.disp);
    return;
  }
  // add d, base, index, lsl #shift
  word(0x8b000000 | field(at.index) << 16 | u32{at.shift} << 10 | field(at.base) << 5 | field(d));
  if (at.disp != 0) addImmediate(false, Width::W64, d, d, at.disp);
}

void MasmA64::storeConstant(const Address& at, u64 bits) {
  DCHECK(at.base != kScratch);
  if (bits != 0) loadConstant(kScratch, bits);
  store(8, at, bits != 0 ? kScratch : kZero);
}

void MasmA64::clearSlots(const Address& at, u32 count) {
  constexpr u32 kUnrolled = 64;
  address(kTemp, at);
  if (count <= kUnrolled) {
    for (u32 i = 0; i + 2 <= count; i += 2) {  // stp xzr, xzr, [kTemp, #i * 8]
      word(0xa9000000 | i << 15 | field(kZero) << 10 | field(kTemp) << 5 | field(kZero));
    }
    if (count % 2 != 0) store(8, Address::at(kTemp, static_cast<i32>((count - 1) * 8)), kZero);
    return;
  }
  Label again;
  loadImmediate(Width::W32, kScratch, count / 2);
  bind(again);
  word(0xa8810000 | field(kZero) << 10 | field(kTemp) << 5 | field(kZero));  // and 16 further
  addImmediate(true, Width::W32, kScratch, kScratch, -1);
  branch(Flag::Ne, again);
  if (count % 2 != 0) store(8, Address::at(kTemp, 0), kZero);
}

void MasmA64::compareMemory(Width w, const Address& at, Reg b) {
  DCHECK(b != kTemp);
  load(w == Width::W32 ? Access::U32 : Access::U64, kTemp, at);
  compare(w, kTemp, b);
}

void MasmA64::compareMemoryImm(Width w, const Address& at, i32 imm) {
  load(w == Width::W32 ? Access::U32 : Access::U64, kScratch, at);
  compareImm(w, kScratch, imm);
}

void MasmA64::clampIndex(Reg d, Reg index, const Address& size) {
  compareMemory(Width::W64, size, index);  // size against index: above, or not
  select(Flag::Hi, Width::W64, d, index, CHECK_SITE_OR(IndexClamp, kZero, index));
  speculationBarrier();
}

void MasmA64::subtractMemory(Width w, const Address& at, i32 imm) {
  load(w == Width::W32 ? Access::U32 : Access::U64, kScratch, at);
  addImmediate(true, w, kScratch, kScratch, -i64{imm});
  store(w == Width::W32 ? 4 : 8, at, kScratch);
}

}  // namespace bls::codegen::a64
