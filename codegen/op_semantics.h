// The functor of the opcode table that belongs to each instruction, as a type: SemOf<Op::X>. What
// the compilers emit is chosen by it, so that a table row with known semantics needs no code here.
#pragma once

#include "engine/wasm/opcodes.h"
#include "engine/wasm/semantics_all.h"

namespace bls::sem {
template <Op>
struct SemOfRow {
  using Type = None;
};
#define OP(name, prefix, code, text, imm, sig, cls, aux, semantics, feature) \
  template <>                                                                \
  struct SemOfRow<Op::name> {                                                \
    using Type = BLS_UNPAREN semantics;                                      \
  };
#include "engine/wasm/opcodes.def"
#undef OP
}  // namespace bls::sem

namespace bls::codegen {
template <Op O>
using SemOf = typename sem::SemOfRow<O>::Type;

/// The byte of an instruction without prefix.
template <Op O>
constexpr u8 kByteOf = static_cast<u8>(OpTag<O>::kInfo.code);

/// The letter of a scalar type of C++.
template <class T>
constexpr char letterFor() {
  if constexpr (sizeof(T) == 4) return std::is_floating_point_v<T> ? 'f' : 'i';
  return std::is_floating_point_v<T> ? 'd' : 'l';
}
}  // namespace bls::codegen
