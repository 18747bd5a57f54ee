// Host-to-wasm calls: argument spreading, the bound on nesting, saving and restoring the caller's
// state, the trace of a trap.
//
// Entry points: callFunc (values), callSlots (raw slots, for typed wrappers). Both may be used from
// inside a host function of the same execution; the nested call runs above the slots of the host
// call in progress. A trap is returned, never thrown, and cx->trace then lists the frames it
// passed. Spec: exec/modules, invocation.
#pragma once

#include <bit>
#include <span>

#include "engine/base/check.h"
#include "engine/object/func.h"
#include "engine/wasm/types.h"

namespace bls {

/// One wasm value with its type. Bits as in a slot: i32 zero-extended, f32 in the low half;
/// references are the addresses of their objects, 0 for null; `hi` is used by v128 only.
struct Value {
  ValType type = ValType::I32;
  u64 lo = 0;
  u64 hi = 0;

  static constexpr Value i32(bls::i32 v) { return {ValType::I32, static_cast<u32>(v), 0}; }
  static constexpr Value i64(bls::i64 v) { return {ValType::I64, static_cast<u64>(v), 0}; }
  static constexpr Value f32(bls::f32 v) { return {ValType::F32, std::bit_cast<u32>(v), 0}; }
  static constexpr Value f64(bls::f64 v) { return {ValType::F64, std::bit_cast<u64>(v), 0}; }
  static Value v128(const V128& v) {
    Value out{ValType::V128, 0, 0};
    std::memcpy(&out.lo, v.bytes, 8);
    std::memcpy(&out.hi, v.bytes + 8, 8);
    return out;
  }
  static constexpr Value ref(ValType type, u64 bits) { return {type, bits, 0}; }

  constexpr bls::i32 asI32() const { return static_cast<bls::i32>(static_cast<u32>(lo)); }
  constexpr bls::i64 asI64() const { return static_cast<bls::i64>(lo); }
  constexpr bls::f32 asF32() const { return std::bit_cast<bls::f32>(static_cast<u32>(lo)); }
  constexpr bls::f64 asF64() const { return std::bit_cast<bls::f64>(lo); }
  friend constexpr bool operator==(const Value&, const Value&) = default;
};

/// Nested host-to-wasm calls allowed in one execution; one more is a StackOverflow trap (threat
/// model STK-3). A thread that runs wasm needs kMaxHostDepth × 64 KiB of native stack for the worst
/// case.
constexpr u32 kMaxHostDepth = 100;

/// Calls `func` with `args`, which must match its parameters in number and representation, and
/// writes `results.size()` values, typed by the signature. Precondition: mainCtx() has made the
/// stacks. Thread rule: the store's thread.
Trap callFunc(ExecCtx* cx, FuncObj* func, std::span<const Value> args, std::span<Value> results);

/// Where the arguments of the next callSlots go; null when `slots` do not fit the slot budget any
/// more, or before mainCtx().
inline u64* entrySlots(ExecCtx* cx, u32 slots) {
  u64* at = BLS_LIKELY(cx->openSp == nullptr) ? cx->hostTop : cx->openSlots + cx->openFunc->slots;
  // In numbers: before mainCtx() both are null.
  const u64 end = reinterpret_cast<u64>(at) + u64{slots} * 8;
  return end > reinterpret_cast<u64>(cx->slotEnd) ? nullptr : at;
}
/// Calls `func` with its arguments at `slots` (from entrySlots for func->slots); results replace
/// them.
Trap callSlots(ExecCtx* cx, FuncObj* func, u64* slots);

/// Calls a host function out of running code, its arguments at `frame`, which results replace. Fuel
/// must be in cx; memory 0 and the floating-point state are looked after. Trap: the function's, or
/// why its arguments and results do not fit.
Trap callHost(ExecCtx* cx, FuncObj* func, u64* frame);
/// Why a frame does not fit below cx->slotLimit: None when only an interrupt request was in the
/// way, and is gone.
Trap whyNoFrame(ExecCtx* cx);

/// Lists the frames of `trap` in cx->trace while they still stand: the innermost level that sees it
/// does so, outer levels only pass it on.
[[gnu::cold, gnu::noinline]] void recordTrace(ExecCtx* cx, Trap trap);

/// The parameter and result types of a function value; concrete heap types are canonical ids.
const FuncType& signatureOf(const FuncObj* func);

/// The execution that runs wasm on this thread, or null. Async-signal-safe.
ExecCtx* currentExecution();

}  // namespace bls
