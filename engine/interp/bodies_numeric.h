// Handler bodies for numeric instructions, moves, constants, select and globals. One body per
// shape; the operation is a functor of wasm/semantics*.h, operand places are template parameters
// (cell.h: S slot, A accumulator, I immediate). Cell use: result slot in a; slot operands in b,
// then c; immediates over c and d (f64: in a data cell behind).
#pragma once

#include "engine/interp/cell.h"
#include "engine/interp/slow.h"

namespace bls::interp {

/// Cells an instruction with an immediate of type T takes.
template <class T, bool kHasImm>
constexpr u32 kCellsFor = kHasImm && std::is_same_v<T, f64> ? 2 : 1;

template <class T>
T0_INLINE T immGet(const State& s) {
  if constexpr (std::is_same_v<T, f64>) {
    return __builtin_bit_cast(f64, s.pc[1].h);
  } else if constexpr (std::is_same_v<T, f32>) {
    return __builtin_bit_cast(f32, s.pc->imm32());
  } else {
    return static_cast<T>(s.pc->simm32());
  }
}
template <class T, Src X>
T0_INLINE T operand(const State& s, u32 slot) {
  if constexpr (X == S) return slotGet<T>(s, slot);
  if constexpr (X == A) return accGet<T>(s);
  if constexpr (X == I) return immGet<T>(s);
  if constexpr (X == W) return static_cast<T>(s.pc[1].h);
}

template <class Sem, Src X, Src Y, Dst D>
T0_INLINE SlowFn binary(State& s) {
  using T = typename Sem::Arg;
  const T x = operand<T, X>(s, s.pc->b);
  const T y = operand<T, Y>(s, X == S ? s.pc->c : s.pc->b);
  if constexpr (Sem::kTraps) {
    const Trap trap = Sem::check(x, y);
    if (BLS_UNLIKELY(trap != Trap::None)) {
      s.acc = static_cast<u64>(trap);
      return &raiseAcc;
    }
  }
  put<D>(s, Sem::eval(x, y));
  s.step<Y == W ? 2 : kCellsFor<T, X == I || Y == I>>();
  return nullptr;
}

template <class Sem, Src X, Dst D>
T0_INLINE SlowFn unary(State& s) {
  using T = typename Sem::Arg;
  const T x = operand<T, X>(s, s.pc->b);
  if constexpr (Sem::kTraps) {
    const Trap trap = Sem::check(x);
    if (BLS_UNLIKELY(trap != Trap::None)) {
      s.acc = static_cast<u64>(trap);
      return &raiseAcc;
    }
  }
  put<D>(s, Sem::eval(x));
  s.step();
  return nullptr;
}

/// Base plus index times 2^shift, as array indexing needs it. Base: slot b or imm32; index: slot c
/// (b when the base is an immediate) or the accumulator.
template <u32 shift, Src X, Src Y, Dst D>
T0_INLINE SlowFn shlAdd(State& s) {
  const u32 x = X == I ? s.pc->imm32() : slotGet<u32>(s, s.pc->b);
  const u32 y = Y == A ? static_cast<u32>(s.acc) : slotGet<u32>(s, X == I ? s.pc->b : s.pc->c);
  put<D>(s, x + (y << shift));
  s.step();
  return nullptr;
}
/// Adds 16-bit immediates b and d to slots a and c, one after the other.
T0_INLINE SlowFn incrementPair(State& s) {
  s.fp[s.pc->a] = slotGet<u32>(s, s.pc->a) + static_cast<u32>(static_cast<i16>(s.pc->b));
  const u32 second = slotGet<u32>(s, s.pc->c) + static_cast<u32>(static_cast<i16>(s.pc->d));
  s.acc = second;
  s.fp[s.pc->c] = s.acc;
  s.step();
  return nullptr;
}

/// Four 64-bit operands or two, two results: slots only, from b upward to a upward (in place).
template <class Sem>
T0_INLINE SlowFn wide(State& s) {
  const u64* in = s.fp + s.pc->b;
  sem::WideResult r;
  if constexpr (std::is_invocable_v<decltype(&Sem::eval), u64, u64>) {
    r = Sem::eval(in[0], in[1]);
  } else {
    r = Sem::eval(in[0], in[1], in[2], in[3]);
  }
  u64* out = s.fp + s.pc->a;
  out[0] = r.lo;
  out[1] = r.hi;
  s.acc = r.hi;
  s.step();
  return nullptr;
}

template <class T, Dst D>
T0_INLINE SlowFn canonNan(State& s) {
  if constexpr (sizeof(T) == 16) {
    put<D>(s, s.facc);
  } else {
    put<D>(s, sem::canonicalNan(slotGet<T>(s, s.pc->b)));
  }
  s.step();
  return nullptr;
}
/// Canonical NaNs in all lanes of slot b, to slot a.
template <class T>
T0_INLINE SlowFn canonLanes(State& s) {
  sem::Lanes<T> v = sem::lanes<T>(slotGet<Vec>(s, s.pc->b));
  for (u32 i = 0; i < 16 / sizeof(T); ++i) v[i] = sem::canonicalNan(static_cast<T>(v[i]));
  put<ToSlot>(s, sem::vec(v));
  s.step();
  return nullptr;
}

/// a = cond ? b : c; the condition in slot d or the accumulator.
template <Src X>
T0_INLINE SlowFn selectWord(State& s) {
  const u32 cond = X == A ? static_cast<u32>(s.acc) : slotGet<u32>(s, s.pc->d);
  const u64 x = s.fp[s.pc->b];
  const u64 y = s.fp[s.pc->c];
  s.acc = cond != 0 ? x : y;
  s.fp[s.pc->a] = s.acc;
  s.step();
  return nullptr;
}
template <Src X>
T0_INLINE SlowFn selectVec(State& s) {
  const u32 cond = X == A ? static_cast<u32>(s.acc) : slotGet<u32>(s, s.pc->d);
  put<ToSlot>(s, slotGet<Vec>(s, cond != 0 ? s.pc->b : s.pc->c));
  s.step();
  return nullptr;
}
/// Compare b with c or a 16-bit immediate; the values to choose from are slots a, b of the cell
/// behind.
template <class Sem, Src X, Src Y>
T0_INLINE SlowFn compareSelect(State& s) {
  using T = typename Sem::Arg;
  T y;
  const T x = operand<T, X>(s, s.pc->b);
  if constexpr (Y == I) {
    y = static_cast<T>(static_cast<i64>(static_cast<i16>(s.pc->c)));
  } else {
    y = slotGet<T>(s, X == S ? s.pc->c : s.pc->b);
  }
  const u64 v1 = s.fp[s.pc[1].a];
  const u64 v2 = s.fp[s.pc[1].b];
  s.acc = Sem::eval(x, y) != 0 ? v1 : v2;
  s.fp[s.pc->a] = s.acc;
  s.step<2>();
  return nullptr;
}

T0_INLINE SlowFn copy(State& s) {
  s.fp[s.pc->a] = s.fp[s.pc->b];
  s.step();
  return nullptr;
}
/// Two copies, one after the other.
T0_INLINE SlowFn copyPair(State& s) {
  s.fp[s.pc->a] = s.fp[s.pc->b];
  s.fp[s.pc->c] = s.fp[s.pc->d];
  s.step();
  return nullptr;
}
T0_INLINE SlowFn copyVec(State& s) {
  const Vec value = slotGet<Vec>(s, s.pc->b);
  std::memcpy(s.fp + s.pc->a, &value, sizeof value);
  s.step();
  return nullptr;
}
T0_INLINE SlowFn fromAcc(State& s) {
  s.fp[s.pc->a] = s.acc;
  s.step();
  return nullptr;
}
/// Copies between slots beyond 65535: words of 32 bits over (a, b) and (c, d).
T0_INLINE SlowFn copyFar(State& s) {
  const u64 word = s.pc->word();
  s.fp[static_cast<u32>(word)] = s.fp[word >> 32];
  s.step();
  return nullptr;
}

T0_INLINE SlowFn const32(State& s) {
  s.fp[s.pc->a] = s.pc->imm32();
  s.step();
  return nullptr;
}
/// Two 16-bit constants b, d to slots a, c.
T0_INLINE SlowFn constPair(State& s) {
  s.fp[s.pc->a] = s.pc->b;
  s.fp[s.pc->c] = s.pc->d;
  s.step();
  return nullptr;
}
T0_INLINE SlowFn constS32(State& s) {
  s.fp[s.pc->a] = static_cast<u64>(s.pc->simm32());
  s.step();
  return nullptr;
}
T0_INLINE SlowFn const64(State& s) {
  s.fp[s.pc->a] = s.pc[1].h;
  s.step<2>();
  return nullptr;
}
T0_INLINE SlowFn const128(State& s) {
  std::memcpy(s.fp + s.pc->a, s.pc + 1, 16);
  s.step<2>();
  return nullptr;
}

// Globals: the index is an immediate; kShared: an imported mutable global, whose cell is elsewhere.
template <bool kShared>
T0_INLINE GlobalCell* globalAt(const State& s) {
  GlobalCell* cell = s.cx->globals + s.pc->imm32();
  if constexpr (kShared) cell = reinterpret_cast<GlobalCell*>(cell->lo);
  return cell;
}
template <class T, bool kShared, Dst D>
T0_INLINE SlowFn globalGet(State& s) {
  T value;
  std::memcpy(&value, globalAt<kShared>(s), sizeof value);
  put<D>(s, value);
  s.step();
  return nullptr;
}
template <class T, bool kShared, Src X>
T0_INLINE SlowFn globalSet(State& s) {
  const T value = operand<T, X>(s, s.pc->b);
  std::memcpy(globalAt<kShared>(s), &value, sizeof value);
  s.step();
  return nullptr;
}

}  // namespace bls::interp
