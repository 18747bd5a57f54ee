// MasmA64: i8x16.shuffle. Lane patterns that one instruction makes without a constant are
// recognised by what they do to bytes; any other shuffle looks its bytes up in one or two
// registers.
#include <algorithm>
#include <array>

#include "codegen/a64/masm_a64.h"
#include "codegen/a64/operands_a64.h"
#include "codegen/a64/vector_a64.h"

namespace bls::codegen::a64 {

using asmjit::a64::Inst;

namespace {

using Bytes = std::array<u8, 16>;  // of two operands a and b: b's bytes from 16 on

/// What an instruction of three registers takes, by the number of the result's lane: of the two
/// operands' lanes side by side.
struct Pattern {
  u16 inst;
  u32 (*lane)(u32 i, u32 count);
};
constexpr Pattern kPatterns[] = {
    {Inst::kIdZip1_v, [](u32 i, u32 n) { return i / 2 + i % 2 * n; }},
    {Inst::kIdZip2_v, [](u32 i, u32 n) { return n / 2 + i / 2 + i % 2 * n; }},
    {Inst::kIdUzp1_v, [](u32 i, u32) { return 2 * i; }},
    {Inst::kIdUzp2_v, [](u32 i, u32) { return 2 * i + 1; }},
    {Inst::kIdTrn1_v, [](u32 i, u32 n) { return i / 2 * 2 + i % 2 * n; }},
    {Inst::kIdTrn2_v, [](u32 i, u32 n) { return i / 2 * 2 + 1 + i % 2 * n; }},
};
constexpr Lanes kWidths[] = {Lanes::B16, Lanes::H8, Lanes::S4, Lanes::D2};

/// Reverses of lanes within groups: byte i of the result is byte i ^ bits.
struct Reverse {
  u8 bits;
  u16 inst;
  Lanes lanes;
};
constexpr Reverse kReverses[] = {
    {1, Inst::kIdRev16_v, Lanes::B16}, {2, Inst::kIdRev32_v, Lanes::H8},
    {3, Inst::kIdRev32_v, Lanes::B16}, {4, Inst::kIdRev64_v, Lanes::S4},
    {6, Inst::kIdRev64_v, Lanes::H8},  {7, Inst::kIdRev64_v, Lanes::B16},
};

template <class F>
bool allBytes(const Bytes& bytes, const F& wanted) {
  for (u32 i = 0; i < 16; ++i) {
    if (bytes[i] != wanted(i)) return false;
  }
  return true;
}

u64 half(const Bytes& bytes, u32 from) {
  u64 out = 0;
  for (u32 i = 0; i < 8; ++i) out |= u64{bytes[from + i]} << (8 * i);
  return out;
}

Bytes exchanged(const Bytes& bytes) {
  Bytes out{};
  for (u32 i = 0; i < 16; ++i) out[i] = bytes[i] ^ 16;
  return out;
}

}  // namespace

void MasmA64::vectorShuffle(FReg d, FReg a, FReg b, std::span<const u8, 16> wanted) {
  Bytes bytes;
  for (u32 i = 0; i < 16; ++i) bytes[i] = wanted[i] & (a == b ? 15 : 31);
  if (std::all_of(bytes.begin(), bytes.end(), [](u8 byte) { return byte >= 16; })) {
    bytes = exchanged(bytes);
    a = b;
  }
  if (std::all_of(bytes.begin(), bytes.end(), [](u8 byte) { return byte < 16; })) {
    if (shuffleOne(d, a, bytes) || shuffleTwo(d, a, a, bytes, 15)) return;
    loadConstantV(kFScratch, half(bytes, 0), half(bytes, 8));
    check(a_.tbl(vec(d, Lanes::B16), vec(a, Lanes::B16), vec(kFScratch, Lanes::B16)));
    return;
  }
  if (shuffleTwo(d, a, b, bytes, 31) || shuffleTwo(d, b, a, exchanged(bytes), 31)) return;
  // The table is two neighbouring registers; d is free for the indices once they are filled.
  static_assert(kFScratch.code == kFScratch2.code + 1);
  moveF(kFScratch2, a);
  moveF(kFScratch, b);
  loadConstantV(d, half(bytes, 0), half(bytes, 8));
  check(a_.tbl(vec(d, Lanes::B16), vec(kFScratch2, Lanes::B16), vec(kFScratch, Lanes::B16),
               vec(d, Lanes::B16)));
}

/// One operand, by one instruction that reads it once.
bool MasmA64::shuffleOne(FReg d, FReg a, std::span<const u8, 16> wanted) {
  Bytes bytes;
  std::copy(wanted.begin(), wanted.end(), bytes.begin());
  if (allBytes(bytes, [](u32 i) { return i; })) {
    moveF(d, a);
    return true;
  }
  for (const Reverse& way : kReverses) {
    if (allBytes(bytes, [&](u32 i) { return i ^ way.bits; })) {
      vec2(way.inst, way.lanes, d, a);
      return true;
    }
  }
  for (Lanes lanes : kWidths) {
    const u32 width = 1u << laneLog2(lanes);
    if (bytes[0] % width != 0) continue;
    if (allBytes(bytes, [&](u32 i) { return bytes[0] + i % width; })) {
      check(a_.dup(vec(d, lanes), element(a, lanes, bytes[0] / width)));
      return true;
    }
  }
  return false;
}

/// Two operands, by one instruction that reads them in this order; `mask` is of the numbers of
/// their bytes: 15 when they are one register.
bool MasmA64::shuffleTwo(FReg d, FReg a, FReg b, std::span<const u8, 16> wanted, u32 mask) {
  Bytes bytes;
  std::copy(wanted.begin(), wanted.end(), bytes.begin());
  if (bytes[0] < 16 && allBytes(bytes, [&](u32 i) { return (bytes[0] + i) & mask; })) {
    check(a_.ext(vec(d, Lanes::B16), vec(a, Lanes::B16), vec(b, Lanes::B16), bytes[0]));
    return true;
  }
  for (Lanes lanes : kWidths) {
    const u32 log2 = laneLog2(lanes);
    for (const Pattern& way : kPatterns) {
      const bool fits = allBytes(bytes, [&](u32 i) {
        const u32 lane = way.lane(i >> log2, 16u >> log2);
        return ((lane << log2) + (i & ((1u << log2) - 1))) & mask;
      });
      if (!fits) continue;
      vec3(way.inst, lanes, d, a, b);
      return true;
    }
  }
  return false;
}

}  // namespace bls::codegen::a64
