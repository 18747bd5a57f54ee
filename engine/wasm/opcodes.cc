// Lookup tables from opcode bytes to Op, built at compile time from opcodes.def.
#include "engine/wasm/opcodes.h"

#include <array>

namespace bls {
namespace {

constexpr u32 kMaxCode = 0x120;

template <u8 kPrefix>
constexpr std::array<u16, kMaxCode> makeTable() {
  std::array<u16, kMaxCode> table{};
  for (auto& entry : table) entry = kNoOp;
  for (u32 i = 0; i < kOpCount; ++i) {
    if (kOpInfo[i].prefix == kPrefix) table[kOpInfo[i].code] = static_cast<u16>(i);
  }
  return table;
}

constexpr auto kPlain = makeTable<0>();
constexpr auto kFb = makeTable<0xfb>();
constexpr auto kFc = makeTable<0xfc>();
constexpr auto kFd = makeTable<0xfd>();
constexpr auto kFe = makeTable<0xfe>();

}  // namespace

u16 lookupOp(u8 prefix, u32 code) {
  if (code >= kMaxCode) return kNoOp;
  switch (prefix) {
    case 0: return kPlain[code];
    case 0xfb: return kFb[code];
    case 0xfc: return kFc[code];
    case 0xfd: return kFd[code];
    case 0xfe: return kFe[code];
    default: return kNoOp;
  }
}

}  // namespace bls
