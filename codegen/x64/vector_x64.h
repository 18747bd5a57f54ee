// vector_x64.def as a table: how each vector instruction of wasm becomes x86 instructions. Included
// by the macro assembler's vector sources and by their tests.
//
// Entry points: vectorRow(op); the forms, one enum per class; VectorInst, an instruction in both
// its encodings. A vector instruction of opcodes.def without a row here, or with one of another
// class, does not compile.
#pragma once

#include <asmjit/asmjit.h>

#include <array>

#include "engine/base/check.h"
#include "engine/base/ints.h"
#include "engine/wasm/opcodes.h"

namespace bls::codegen::x64 {

/// One operation as asmjit numbers it: the legacy encoding, which overwrites its first operand, and
/// the VEX one, which does not.
struct VectorInst {
  u16 sse = 0;
  u16 avx = 0;
};
#define BLS_VECTOR_INST(sse, avx) \
  ::bls::codegen::x64::VectorInst { asmjit::x86::Inst::kId##sse, asmjit::x86::Inst::kId##avx }

constexpr u8 kNoImm = 0xff;

/// Predicates of cmpps and cmppd.
enum FloatPredicate : u8 { kEqual, kLess, kLessEqual, kUnordered, kNotEqual, kOrdered = 7 };
/// Of the form GreaterQ: of the exchanged operands; the opposite.
enum GreaterFlags : u8 { kSwap = 1, kInvert = 2 };
/// Words that fill both halves of a constant, by number: kVectorWords.
enum VectorWord : u8 { kOnes8, kOnes16, kSize32, kSize64, kSign32, kSign64 };
inline constexpr u64 kVectorWords[] = {0x0101010101010101, 0x0001000100010001, 0x7fffffff7fffffff,
                                       0x7fffffffffffffff, 0x8000000080000000, 0x8000000000000000};

// Forms. `first` and `second` are the row's instructions, [imm] a constant of kVectorWords.

enum class VUnaryForm : u8 {
  Plain,          // first(a), or first(a, imm)
  HighHalf,       // first(the upper half of a)
  Constant,       // first(a, [imm])
  ConstantFirst,  // first([imm], a)
  Negate,         // first(0, a)
  Not,
  AbsQ,
  Popcount,
  PairwiseWords,
  FromU32,
  LowFromU32,
  TruncateF32S,
  TruncateF32U,
  TruncateF64S,
  TruncateF64U,
};
enum class VBinaryForm : u8 {
  Plain,              // first(a, b), or first(a, b, imm)
  Commutes,           // the same, in whichever order suits
  Swapped,            // first(b, a), or first(b, a, imm)
  Inverted,           // ~first(a, b)
  WithFirst,          // second(first(a, b), a)
  WithFirstInverted,  // ~second(first(a, b), a)
  GreaterQ,           // a > b of signed 64-bit lanes; imm: GreaterFlags
  Swizzle,
  MultiplyQ,
  Q15,
  DotBytes,
  ExtendedProduct,  // second(first(half of a), first(half of b)); imm: 1 for the upper halves
  WordProduct,      // second(low words of the products, their high words by first)
  EvenProduct,      // first(a shuffled, b shuffled); imm: the order of pshufd
  MinMax,           // wasm's from the CPU's: second(first(b, a), first(a, b)); imm: lane width
};
enum class VTernaryForm : u8 {
  Bitselect,
  ProductPlus,  // second(first(a, b), c)
  LessProduct,  // second(c, first(a, b))
  DotBytesAdd,
};
enum class VTestForm : u8 { AnyTrue, AllTrue, Signs, SignsOfWords };
enum class VShiftForm : u8 { Lanes, SignedQ, BytesLeft, BytesRight, BytesSigned };
enum class VSplatForm : u8 { I8, I16, I32, I64, F32, F64 };
enum class VExtractForm : u8 { Plain, Plain64, Signed8, Signed16, F32, F64 };
enum class VReplaceForm : u8 { Plain, Plain64, F32, F64 };
enum class VShuffleForm : u8 { ByLanes };
enum class VLoadForm : u8 { Plain, Splat8, Splat16, Splat32 };
enum class VStoreForm : u8 { Plain };
enum class VLoadLaneForm : u8 { Plain };
enum class VStoreLaneForm : u8 { Plain };  // second: for lane 0, where it is shorter

struct VectorRow {
  VectorInst first;
  VectorInst second;
  OpClass cls = OpClass::Control;  // no row
  u8 form = 0;
  u8 imm = kNoImm;
};

namespace detail {
constexpr auto makeVectorRows() {
  std::array<VectorRow, kOpCount> rows{};
#define VECTOR(cls, op, form, sse, avx, sse2, avx2, imm)                                    \
  rows[static_cast<u32>(Op::op)] = {BLS_VECTOR_INST(sse, avx), BLS_VECTOR_INST(sse2, avx2), \
                                    OpClass::cls, static_cast<u8>(cls##Form::form), imm};
#include "codegen/x64/vector_x64.def"
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
                text " has no row, or one of another class, in codegen/x64/vector_x64.def");
#include "engine/wasm/opcodes.def"
#undef OP

constexpr const VectorRow& vectorRow(Op op) { return kVectorRows[static_cast<u32>(op)]; }

/// The row of an instruction that must be of class `cls`.
inline const VectorRow& vectorRow(Op op, OpClass cls) {
  const VectorRow& row = vectorRow(op);
  CHECK(row.cls == cls);
  return row;
}

}  // namespace bls::codegen::x64
