// Handler bodies for vector arithmetic and lane instructions. Operands of kind v128 take two slots
// each; `facc` holds the last vector result. Loads and stores of vectors share bodies_memory.h.
#pragma once

#include "engine/interp/bodies_memory.h"

namespace bls::interp {

template <class Sem, Src X>
T0_INLINE SlowFn ternaryVec(State& s) {
  const Vec x = operand<Vec, X>(s, s.pc->b);
  const Vec y = slotGet<Vec>(s, s.pc->c);
  const Vec z = slotGet<Vec>(s, s.pc->d);
  put<ToSlot>(s, Sem::eval(x, y, z));
  s.step();
  return nullptr;
}
/// Vector b, count c (slot) or imm32.
template <class Sem, Src X, Src Y>
T0_INLINE SlowFn shiftVec(State& s) {
  const Vec x = operand<Vec, X>(s, s.pc->b);
  const u32 count = Y == I ? s.pc->imm32() : slotGet<u32>(s, X == S ? s.pc->c : s.pc->b);
  put<ToSlot>(s, Sem::eval(x, count));
  s.step();
  return nullptr;
}
/// Vector b, lane c.
template <class Sem, Src X>
T0_INLINE SlowFn extractLane(State& s) {
  put<ToSlot>(s, Sem::eval(operand<Vec, X>(s, s.pc->b), s.pc->c));
  s.step();
  return nullptr;
}
/// Vector b, lane c, scalar d.
template <class Sem>
T0_INLINE SlowFn replaceLane(State& s) {
  put<ToSlot>(
      s, Sem::eval(slotGet<Vec>(s, s.pc->b), slotGet<typename Sem::Item>(s, s.pc->d), s.pc->c));
  s.step();
  return nullptr;
}
/// Vectors b, c; the data cell behind holds the 16 lane numbers.
template <class Sem>
T0_INLINE SlowFn shuffle(State& s) {
  Vec select;
  std::memcpy(&select, s.pc + 1, sizeof select);
  put<ToSlot>(s, Sem::eval(slotGet<Vec>(s, s.pc->b), slotGet<Vec>(s, s.pc->c), select));
  s.step<2>();
  return nullptr;
}

}  // namespace bls::interp
