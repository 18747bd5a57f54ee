// vector_a64.def as a table: how each vector instruction of wasm becomes AArch64 instructions.
// Included by the macro assembler's vector sources and by their tests.
//
// Entry points: vectorRow(op); the forms, one enum per class; Lanes. A vector instruction of
// opcodes.def without a row here, or with one of another class, does not compile.
#pragma once

#include <asmjit/core.h>

#include <asmjit/arm/a64assembler.h>

#include <array>

#include "codegen/masm.h"
#include "engine/base/check.h"
#include "engine/base/ints.h"
#include "engine/wasm/opcodes.h"

namespace bls::codegen::a64 {

/// How an instruction divides a register: lanes of 1 to 8 bytes, of all of it or of its low half.
enum class Lanes : u8 { B16, H8, S4, D2, B8, H4, S2 };

/// log2 of the bytes of a lane.
constexpr u32 laneLog2(Lanes lanes) {
  return lanes < Lanes::B8 ? static_cast<u32>(lanes) : static_cast<u32>(lanes) - 4;
}
/// Twice as many lanes in the whole register; not of bytes.
constexpr Lanes narrower(Lanes lanes) { return static_cast<Lanes>(static_cast<u32>(lanes) - 1); }
/// As many lanes, each half as wide: the low half of a register.
constexpr Lanes lowHalf(Lanes lanes) { return static_cast<Lanes>(static_cast<u32>(lanes) + 3); }

// Forms. `first` and `second` are the row's instructions; narrow lanes are half the row's width.

enum class VUnaryForm : u8 {
  Plain,       // first(a)
  WidenLow,    // first(the low narrow lanes of a)
  WidenAll,    // first(the narrow lanes of a)
  WidenThen,   // first(second(the low narrow lanes of a))
  Narrow,      // first(a of 64-bit lanes), zero above
  ThenNarrow,  // second(first(a of 64-bit lanes)), zero above
};
enum class VBinaryForm : u8 {
  Plain,            // first(a, b)
  Swapped,          // first(b, a)
  Inverted,         // ~first(a, b)
  WidenLow,         // first(the low narrow lanes of both)
  WidenAll,         // first(the narrow lanes of both)
  Narrow,           // first(a of wide lanes) below second(b of wide lanes)
  SecondIfLess,     // b where first(a, b), else a
  SecondIfGreater,  // b where first(b, a), else a
  Swizzle,
  MultiplyQ,
  Dot,
  DotBytes,
};
enum class VTernaryForm : u8 {
  Bitselect,
  ProductPlus,  // second(first(a, b), c)
  LessProduct,  // second(c, first(a, b))
  DotBytesAdd,
};
enum class VTestForm : u8 { AnyTrue, AllTrue, Bitmask };
enum class VShiftForm : u8 { Left, Right };  // first: to the left, by negative counts to the right
enum class VSplatForm : u8 { Integer, Float };
enum class VExtractForm : u8 { Integer, Float };
enum class VReplaceForm : u8 { Integer, Float };
enum class VShuffleForm : u8 { ByLanes };
enum class VLoadForm : u8 { Plain, Widen, Splat, Zero };
enum class VStoreForm : u8 { Plain };
enum class VLoadLaneForm : u8 { Plain };
enum class VStoreLaneForm : u8 { Plain };

struct VectorRow {
  u16 first = 0;
  u16 second = 0;
  OpClass cls = OpClass::Control;  // no row
  u8 form = 0;
  Lanes lanes = Lanes::B16;
};

namespace detail {
constexpr auto makeVectorRows() {
  std::array<VectorRow, kOpCount> rows{};
#define VECTOR(cls, op, form, first, second, lanes)                                                \
  rows[static_cast<u32>(Op::op)] = {asmjit::a64::Inst::kId##first, asmjit::a64::Inst::kId##second, \
                                    OpClass::cls, static_cast<u8>(cls##Form::form), Lanes::lanes};
#include "codegen/a64/vector_a64.def"
#undef VECTOR
  return rows;
}
}  // namespace detail

inline constexpr std::array<VectorRow, kOpCount> kVectorRows = detail::makeVectorRows();

/// Classes whose instructions have a row.
constexpr bool isVectorClass(OpClass cls) {
  return cls >= OpClass::VLoad && cls <= OpClass::VShift;
}

/// A row of that class for vector classes, none for others.
constexpr bool rowFits(Op op, OpClass cls) {
  return kVectorRows[static_cast<u32>(op)].cls == (isVectorClass(cls) ? cls : OpClass::Control);
}
#define OP(name, prefix, code, text, imm, sig, cls, ...) \
  static_assert(rowFits(Op::name, OpClass::cls),         \
                text " has no row, or one of another class, in codegen/a64/vector_a64.def");
#include "engine/wasm/opcodes.def"
#undef OP

/// The row of an instruction that must be of class `cls`.
inline const VectorRow& vectorRow(Op op, OpClass cls) {
  const VectorRow& row = kVectorRows[static_cast<u32>(op)];
  CHECK(row.cls == cls);
  return row;
}

/// A register divided so, and one lane of it (by the lane's width).
inline asmjit::a64::Vec vec(FReg r, Lanes lanes) {
  const asmjit::a64::VecV v(r.code);
  switch (lanes) {
    case Lanes::B16: return v.b16();
    case Lanes::H8: return v.h8();
    case Lanes::S4: return v.s4();
    case Lanes::D2: return v.d2();
    case Lanes::B8: return v.b8();
    case Lanes::H4: return v.h4();
    case Lanes::S2: return v.s2();
  }
  return v;
}
inline asmjit::a64::Vec element(FReg r, Lanes lanes, u32 index) {
  const asmjit::a64::VecV v(r.code);
  switch (laneLog2(lanes)) {
    case 0: return v.b(index);
    case 1: return v.h(index);
    case 2: return v.s(index);
    default: return v.d(index);
  }
}

}  // namespace bls::codegen::a64
