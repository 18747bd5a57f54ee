// MasmX64: i8x16.shuffle. Lane patterns that one instruction makes without a constant are
// recognised by what they do to bytes; any other shuffle is one byte shuffle for each operand it
// reads. The pieces and their rules are in masm_x64_vector.cc.
#include <algorithm>
#include <array>

#include "codegen/x64/masm_x64.h"
#include "codegen/x64/operands_x64.h"
#include "codegen/x64/vector_insts_x64.h"

namespace bls::codegen::x64 {

namespace {

using Lanes = std::array<u8, 16>;  // of two operands a and b: b's bytes from 16 on

/// Interleaves the halves from byte `from` on of a and b, in lanes of `width` bytes.
constexpr Lanes interleaved(u32 width, u32 from) {
  Lanes lanes{};
  for (u32 i = 0; i < 16; ++i) {
    const u32 operand = i / width % 2;
    lanes[i] = static_cast<u8>(16 * operand + from + i / (2 * width) * width + i % width);
  }
  return lanes;
}

struct Interleave {
  VectorInst inst;
  Lanes lanes;
};
constexpr Interleave kInterleaves[] = {
    {kPunpcklbw, interleaved(1, 0)},  {kPunpckhbw, interleaved(1, 8)},
    {kPunpcklwd, interleaved(2, 0)},  {kPunpckhwd, interleaved(2, 8)},
    {kPunpckldq, interleaved(4, 0)},  {kPunpckhdq, interleaved(4, 8)},
    {kPunpcklqdq, interleaved(8, 0)}, {kPunpckhqdq, interleaved(8, 8)}};

/// The 32-bit lane (of eight) that makes lane i of the result; 8 when bytes of several do.
u32 doubleAt(const Lanes& lanes, u32 i) {
  const u32 first = lanes[4 * i];
  if (first % 4 != 0) return 8;
  for (u32 k = 1; k < 4; ++k) {
    if (lanes[4 * i + k] != first + k) return 8;
  }
  return first / 4;
}

/// The lanes with a and b exchanged.
Lanes exchanged(const Lanes& lanes) {
  Lanes out{};
  for (u32 i = 0; i < 16; ++i) out[i] = lanes[i] ^ 16;
  return out;
}

/// As the operand of pshufb that takes the bytes numbered from `base` on, and 0 for others.
u64 maskOf(const Lanes& lanes, u32 half, u32 base) {
  u64 mask = 0;
  for (u32 i = 0; i < 8; ++i) {
    const u32 lane = lanes[8 * half + i];
    const u32 index = lane >= base && lane < base + 16 ? lane - base : 0x80;
    mask |= u64{index} << (8 * i);
  }
  return mask;
}

}  // namespace

void MasmX64::vectorShuffle(FReg d, FReg a, FReg b, std::span<const u8, 16> wanted) {
  Lanes lanes;
  for (u32 i = 0; i < 16; ++i) lanes[i] = wanted[i] & (a == b ? 15 : 31);
  if (std::all_of(lanes.begin(), lanes.end(), [](u8 lane) { return lane >= 16; })) {
    lanes = exchanged(lanes);
    a = b;
  }
  if (std::all_of(lanes.begin(), lanes.end(), [](u8 lane) { return lane < 16; })) {
    if (shuffleOne(d, a, lanes)) return;
    vecConstant(kPshufb, d, a, maskOf(lanes, 0, 0), maskOf(lanes, 1, 0));
    return;
  }
  if (shuffleTwo(d, a, b, lanes) || shuffleTwo(d, b, a, exchanged(lanes))) return;
  vecConstant(kPshufb, kFScratch, b, maskOf(lanes, 0, 16), maskOf(lanes, 1, 16));
  vecConstant(kPshufb, d, a, maskOf(lanes, 0, 0), maskOf(lanes, 1, 0));
  vec3(kPor, d, d, kFScratch);
}

/// One operand, by one instruction.
bool MasmX64::shuffleOne(FReg d, FReg a, std::span<const u8, 16> wanted) {
  Lanes lanes;
  std::copy(wanted.begin(), wanted.end(), lanes.begin());
  u32 order = 0;
  bool doubles = true;
  for (u32 i = 0; i < 4; ++i) {
    doubles = doubles && doubleAt(lanes, i) < 8;
    order |= (doubleAt(lanes, i) & 3) << (2 * i);
  }
  if (doubles) {
    if (order == 0xe4) {
      moveF(d, a);
    } else {
      vec2Imm(kPshufd, d, a, order);
    }
    return true;
  }
  for (const Interleave& way : kInterleaves) {
    Lanes both = way.lanes;
    for (u8& lane : both) lane &= 15;
    if (lanes == both) {
      vec3(way.inst, d, a, a);
      return true;
    }
  }
  for (u32 i = 1; i < 16; ++i) {
    if (lanes[i] != ((lanes[0] + i) & 15)) return false;
  }
  vec3Imm(kPalignr, d, a, a, lanes[0]);
  return true;
}

/// Two operands, by one instruction that reads them in this order.
bool MasmX64::shuffleTwo(FReg d, FReg a, FReg b, std::span<const u8, 16> wanted) {
  Lanes lanes;
  std::copy(wanted.begin(), wanted.end(), lanes.begin());
  for (const Interleave& way : kInterleaves) {
    if (lanes == way.lanes) {
      vec3(way.inst, d, a, b);
      return true;
    }
  }
  u32 fromB = 0;       // for each word, whether b has it
  bool stays = true;   // every byte keeps its place
  bool slides = true;  // a run of b:a
  for (u32 i = 0; i < 16; ++i) {
    stays = stays && (lanes[i] & 15) == i && lanes[i] == (lanes[i & ~1u] | (i & 1));
    slides = slides && lanes[i] == lanes[0] + i;
    fromB |= u32{lanes[i] >= 16} << (i / 2);
  }
  if (stays) {
    vec3Imm(kPblendw, d, a, b, fromB);
    return true;
  }
  if (slides) {
    vec3Imm(kPalignr, d, b, a, lanes[0]);
    return true;
  }
  const u32 x = doubleAt(lanes, 0), y = doubleAt(lanes, 1);
  const u32 z = doubleAt(lanes, 2), w = doubleAt(lanes, 3);
  if (x < 4 && y < 4 && z >= 4 && z < 8 && w >= 4 && w < 8) {
    vec3Imm(kShufps, d, a, b, x | y << 2 | (z & 3) << 4 | (w & 3) << 6);
    return true;
  }
  return false;
}

}  // namespace bls::codegen::x64
