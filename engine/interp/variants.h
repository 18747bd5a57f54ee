// Which handler rows belong to an instruction: tables from Op to the first row of its families, and
// the forms inside them. Generated from opcodes.def by class, like the rows themselves
// (handlers_*.def), whose order the forms mirror.
#pragma once

#include <array>

#include "engine/interp/handlers.h"
#include "engine/wasm/opcodes.h"

namespace bls::interp {

/// The addition that address sums, scaled sums and increments are fused from.
constexpr Op kAdd32 = Op::I32Add;

/// Operand places of two-operand rows, in row order.
enum class Form : u8 { SS, SI, AS, AI, SA, IS, IA };
/// In i64 rows these take the places of IS and IA: a constant of more than 32 bits as second
/// operand.
constexpr Form kFormSW = Form::IS;
constexpr Form kFormAW = Form::IA;

constexpr u16 kNoRow = 0xffff;
using OpTable = std::array<u16, kOpCount>;

namespace detail {
constexpr OpTable makeRows() {
  OpTable t{};
  t.fill(kNoRow);
#define T0_AT(name, suffix) t[static_cast<u32>(Op::name)] = static_cast<u16>(H::name##suffix);
#define T0_Binary(name, ...) T0_AT(name, _SS)
#define T0_Compare(name, ...) T0_AT(name, _SS)
#define T0_Unary(name, ...) T0_AT(name, _S)
#define T0_Test(name, ...) T0_AT(name, _S)
#define T0_Wide(name, ...) T0_AT(name, _W)
#define T0_Load(name, ...) T0_AT(name, _GS)
#define T0_VLoad(name, ...) T0_AT(name, _GS)
#define T0_Store(name, ...) T0_AT(name, _GSS)
#define T0_VStore(name, ...) T0_AT(name, _GSS)
#define T0_VBinary(name, ...) T0_AT(name, _SS)
#define T0_VUnary(name, ...) T0_AT(name, _S)
#define T0_VTest(name, ...) T0_AT(name, _S)
#define T0_VSplat(name, ...) T0_AT(name, _S)
#define T0_VTernary(name, ...) T0_AT(name, _S)
#define T0_VShift(name, ...) T0_AT(name, _SS)
#define T0_VExtract(name, ...) T0_AT(name, _S)
#define T0_VReplace(name, ...) T0_AT(name, _R)
#define T0_VShuffle(name, ...) T0_AT(name, _X)
#define T0_VLoadLane(name, ...) T0_AT(name, _L)
#define T0_VStoreLane(name, ...) T0_AT(name, _L)
#define T0_AtomicLoad(name, ...) T0_AT(name, _L)
#define T0_AtomicStore(name, ...) T0_AT(name, _T)
#define T0_AtomicRmw(name, ...) T0_AT(name, _M)
#define T0_AtomicCmpxchg(name, ...) T0_AT(name, _C)
#include "engine/interp/op_rows.inc"
  return t;
}
constexpr OpTable makeBranchRows() {
  OpTable t{};
  t.fill(kNoRow);
#define T0_Compare(name, ...) T0_AT(name, _Br_SS)
#include "engine/interp/op_rows.inc"
  return t;
}
constexpr OpTable makeIncrementRows() {
  OpTable t{};
  t.fill(kNoRow);
#define T0_Compare(name, sig, ...) T0_INCROW_##sig(name)
#define T0_INCROW_ii_i(name) T0_AT(name, _Inc_S)
#define T0_INCROW_ll_i(name)
#define T0_INCROW_ff_i(name)
#define T0_INCROW_dd_i(name)
#include "engine/interp/op_rows.inc"
#undef T0_INCROW_ii_i
#undef T0_INCROW_ll_i
#undef T0_INCROW_ff_i
#undef T0_INCROW_dd_i
  return t;
}
constexpr OpTable makeSelectRows() {
  OpTable t{};
  t.fill(kNoRow);
#define T0_Compare(name, sig, ...) T0_SEL_##sig(name)
#define T0_SEL_ii_i(name) T0_AT(name, _Sel_SS)
#define T0_SEL_ll_i(name) T0_AT(name, _Sel_SS)
#define T0_SEL_ff_i(name)
#define T0_SEL_dd_i(name)
#include "engine/interp/op_rows.inc"
#undef T0_SEL_ii_i
#undef T0_SEL_ll_i
#undef T0_SEL_ff_i
#undef T0_SEL_dd_i
#undef T0_AT
  return t;
}
constexpr std::array<u8, kOpCount> makeNanBits() {
  std::array<u8, kOpCount> t{};
#define T0_NAN(name, sig, ...) t[static_cast<u32>(Op::name)] = __VA_ARGS__::kNanBits;
#define T0_Binary T0_NAN
#define T0_Unary T0_NAN
#define T0_VBinary T0_NAN
#define T0_VUnary T0_NAN
#define T0_VTernary T0_NAN
#include "engine/interp/op_rows.inc"
#undef T0_NAN
  return t;
}
}  // namespace detail

/// First row of an instruction's own family (value form); compares with branch; compares with
/// select.
inline constexpr OpTable kRows = detail::makeRows();
inline constexpr OpTable kBranchRows = detail::makeBranchRows();
inline constexpr OpTable kSelectRows = detail::makeSelectRows();
/// Compares with increment and branch; i32 only.
inline constexpr OpTable kIncrementRows = detail::makeIncrementRows();
/// Lane width whose NaNs deterministic mode canonicalises after this instruction, or 0.
inline constexpr std::array<u8, kOpCount> kNanBits = detail::makeNanBits();

constexpr H rowOf(Op op) { return static_cast<H>(kRows[static_cast<u32>(op)]); }
constexpr H branchRowOf(Op op) { return static_cast<H>(kBranchRows[static_cast<u32>(op)]); }
constexpr H selectRowOf(Op op) { return static_cast<H>(kSelectRows[static_cast<u32>(op)]); }
constexpr bool hasSelectRow(Op op) { return kSelectRows[static_cast<u32>(op)] != kNoRow; }

// Comparisons stand in the table as eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u (integers), eq ne
// lt gt le ge (floats).
namespace detail {
constexpr bool isFloatCompare(Op op) {
  return opInfo(op).params[0] == 'f' || opInfo(op).params[0] == 'd';
}
constexpr Op firstCompare(Op op) {
  switch (opInfo(op).params[0]) {
    case 'i': return Op::I32Eq;
    case 'l': return Op::I64Eq;
    case 'f': return Op::F32Eq;
    default: return Op::F64Eq;
  }
}
constexpr Op otherCompare(Op op, const u8* map) {
  u32 first = static_cast<u32>(firstCompare(op));
  return static_cast<Op>(first + map[static_cast<u32>(op) - first]);
}
}  // namespace detail
/// The comparison with its operands exchanged.
constexpr Op mirrored(Op op) {
  constexpr u8 kInt[] = {0, 1, 4, 5, 2, 3, 8, 9, 6, 7};
  constexpr u8 kFloat[] = {0, 1, 3, 2, 5, 4};
  return detail::otherCompare(op, detail::isFloatCompare(op) ? kFloat : kInt);
}
/// The integer comparison that holds exactly when this one does not.
constexpr Op inverted(Op op) {
  constexpr u8 kInt[] = {1, 0, 8, 9, 6, 7, 4, 5, 2, 3};
  return detail::otherCompare(op, kInt);
}
static_assert(mirrored(Op::I32LtS) == Op::I32GtS && mirrored(Op::F64Le) == Op::F64Ge);
static_assert(inverted(Op::I64LtU) == Op::I64GeU && inverted(Op::I32LeS) == Op::I32GtS);

}  // namespace bls::interp
