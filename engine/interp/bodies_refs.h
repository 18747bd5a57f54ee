// Handler bodies for typed function references and null tests.
#pragma once

#include "engine/interp/bodies_control.h"

namespace bls::interp {

/// Frame slot a, charge b (with the callee's entry unit), function reference in slot c or the
/// accumulator. Here: a function of the same instance; everything else is the slow path's.
template <Src X, bool kMetered>
T0_INLINE SlowFn callRef(State& s) {
  const FuncObj* func = reinterpret_cast<const FuncObj*>(X == A ? s.acc : slotGet<u64>(s, s.pc->c));
  s.acc = reinterpret_cast<u64>(func);
  if (BLS_UNLIKELY(func == nullptr || func->instance != s.cx->instance)) return &callRefSlow;
  const FuncCode* code = func->code;
  u64* frame = s.fp + s.pc->a;
  if (BLS_UNLIKELY(!frameFits(s, code, frame))) return &entrySlow;
  if constexpr (kMetered) {
    const i64 charge = static_cast<i16>(s.pc->b);
    if (BLS_UNLIKELY(spend(s, charge))) {
      s.cx->fuel += charge;
      return &callRefSlow;
    }
  }
  return enterFrame(s, code, frame, s.pc + 1);
}

/// The reference itself; null traps. For `unary`.
struct RefNonNull {
  using Arg = u64;
  static constexpr bool kTraps = true;
  static Trap check(u64 ref) { return ref == 0 ? Trap::NullReference : Trap::None; }
  static u64 eval(u64 ref) { return ref; }
};

}  // namespace bls::interp
