// Handler bodies for branches, br_table, calls and returns. kMetered bodies also charge fuel.
//
// A charge stands in the cell of the control instruction (fuel.h); a branch that leaves the counter
// at or below zero takes the slow path, which checks only where a check is due: at a loop header,
// that is a branch backward. A branch cell: operands a, b, charge c, displacement in cells d.
// Calls: the callee's frame starts at slot a (its arguments stand there already).
#pragma once

#include "engine/interp/bodies_numeric.h"
#include "engine/interp/slow.h"

namespace bls::interp {

/// Keeps a value loaded early: the compiler may not move the load behind this.
template <class T>
T0_INLINE void pin(T& value) {
  __asm__ volatile("" : "+r"(value));
}

/// Takes `charge` units; true when the counter is at or below zero then.
T0_INLINE bool spend(State& s, i64 charge) {
#if defined(__x86_64__)
  bool spent;  // one instruction on the counter, whose flags are the answer
  __asm__("sub %[charge], %[fuel]"
          : [fuel] "+m"(s.cx->fuel), "=@ccle"(spent)
          : [charge] "r"(charge));
  return spent;
#else
  return (s.cx->fuel -= charge) <= 0;
#endif
}
/// The slow path of a branch that has spent its fuel. Forward branches do not check: they go on
/// (out of line too, so that the way they usually go stays short). Told by the addresses, because
/// these are in registers anyway.
T0_INLINE SlowFn branchSpent(State& s, const Cell* target) {
  const bool back = target <= s.pc;
  s.pc = target;
  return back ? &loopFuelSlow : &goOnSlow;
}

template <bool kMetered, u32 kCells>
T0_INLINE SlowFn branchIf(State& s, bool taken) {
  const i64 disp = static_cast<i16>(s.pc->d);
  const Cell* target = s.pc + disp;
  u64 handler = target->h;
  pin(handler);
  if (taken) {
    if constexpr (kMetered) {
      if (BLS_UNLIKELY(spend(s, static_cast<i16>(s.pc->c)))) return branchSpent(s, target);
    }
    s.pc = target;
    s.next = handler;
    s.taken = true;
    return nullptr;
  }
  __asm__ volatile("");
  s.step<kCells>();
  return nullptr;
}

/// An immediate operand is the 16 bits of b (f32, f64: in the data cell behind).
template <class Sem, Src X, Src Y, bool kNegate, bool kMetered>
T0_INLINE SlowFn compareBranch(State& s) {
  using T = typename Sem::Arg;
  constexpr bool kFloatImm = Y == I && std::is_floating_point_v<T>;
  T y;
  const T x = operand<T, X>(s, s.pc->a);
  if constexpr (kFloatImm) {
    std::memcpy(&y, &s.pc[1].h, sizeof y);
  } else if constexpr (Y == I) {
    y = static_cast<T>(static_cast<i64>(static_cast<i16>(s.pc->b)));
  } else {
    y = slotGet<T>(s, X == S ? s.pc->b : s.pc->a);
  }
  return branchIf<kMetered, kFloatImm ? 2 : 1>(s, (Sem::eval(x, y) != 0) != kNegate);
}
/// `and` whose result is only tested.
struct TestBits {
  using Arg = u32;
  static u32 eval(u32 x, u32 y) { return (x & y) != 0; }
};

/// Adds the 16-bit immediate b to slot a and branches on comparing the result with the data cell
/// behind: a slot number or a constant. The end of a counted loop.
template <class Sem, Src Y, bool kMetered>
T0_INLINE SlowFn incrementBranch(State& s) {
  const u32 x = slotGet<u32>(s, s.pc->a) + static_cast<u32>(static_cast<i16>(s.pc->b));
  const u32 y = Y == S ? slotGet<u32>(s, static_cast<u32>(s.pc[1].h)) : static_cast<u32>(s.pc[1].h);
  s.acc = x;
  s.fp[s.pc->a] = s.acc;
  return branchIf<kMetered, 2>(s, Sem::eval(x, y) != 0);
}

/// The slot is a 32-bit number over a and b.
template <class T, Src X, bool kIfZero, bool kMetered>
T0_INLINE SlowFn branchOn(State& s) {
  return branchIf<kMetered, 1>(s, (operand<T, X>(s, s.pc->lowImm32()) == 0) == kIfZero);
}

/// Displacement: 32 bits over c and d; charge in a.
template <bool kMetered>
T0_INLINE SlowFn branch(State& s) {
  const Cell* target = s.pc + s.pc->simm32();
  if constexpr (kMetered) {
    if (BLS_UNLIKELY(spend(s, static_cast<i16>(s.pc->a)))) return branchSpent(s, target);
  }
  s.jump(target);
  return nullptr;
}
/// Falling into a loop, or a charge too large for a branch: charge in a; checks when b is set.
T0_INLINE SlowFn chargeFuel(State& s) {
  const bool check = s.pc->b != 0;
  const i64 charge = static_cast<i16>(s.pc->a);
  s.step();
  if (BLS_UNLIKELY(spend(s, charge))) return check ? &loopFuelSlow : &goOnSlow;
  return nullptr;
}

/// Index in the slot numbered by a and b, or the accumulator; imm32 targets, then the default, are
/// the data cells behind: byte displacement from this cell, and a charge. kBiased: a constant, in
/// imm32 of the first of them, is added to the index.
template <Src X, bool kBiased, bool kMetered>
T0_INLINE SlowFn branchTable(State& s) {
  u32 operandValue = X == A ? static_cast<u32>(s.acc) : slotGet<u32>(s, s.pc->lowImm32());
  if constexpr (kBiased) operandValue += s.pc[1].imm32();
  const u64 index = operandValue;
  const u64 count = s.pc->imm32();
  u64 clamped = index < count ? index : count;
  pin(clamped);
  const Cell* entry = s.pc + 1 + clamped;
  const Cell* target = reinterpret_cast<const Cell*>(reinterpret_cast<const char*>(s.pc) +
                                                     static_cast<i64>(entry->h));
  if constexpr (kMetered) {
    if (BLS_UNLIKELY(spend(s, static_cast<i16>(entry->a)))) return branchSpent(s, target);
  }
  s.jump(target);
  return nullptr;
}

/// Opens the frame of `code` at `frame` and goes to its first cell; s.pc is the cell to return to.
/// The fit has been checked.
T0_INLINE SlowFn enterFrame(State& s, const FuncCode* code, u64* frame, const Cell* returnTo) {
  ControlRecord* record = s.cx->ctl;
  record->pc = returnTo;
  record->fp = s.fp;
  s.cx->ctl = record + 1;
  s.fp = frame;
  // Four slots in any case (what follows the locals is free), the rest of a longer frame in a loop.
  u64* zero = frame + code->paramSlots;
  const Vec none{};
  std::memcpy(zero, &none, 16);
  std::memcpy(zero + 2, &none, 16);
  if (u32 left = code->zeroSlots; left > 4) {
    do {
      zero += 4;
      left -= 4;
      __asm__ volatile("");  // a loop, not memset: a handler may not call
      std::memcpy(zero, &none, 16);
      std::memcpy(zero + 2, &none, 16);
    } while (left > 4);
  }
  s.acc = reinterpret_cast<u64>(code);
  s.jump(static_cast<const Cell*>(code->entry.load(std::memory_order_acquire)));
  return nullptr;
}
T0_INLINE bool frameFits(const State& s, const FuncCode* code, const u64* frame) {
  return frame + code->frameSlots <= s.cx->slotLimit.load(std::memory_order_relaxed);
}

/// Direct call in the same instance: frame slot a, charge b (with the callee's entry unit), imm32
/// byte offset into cx->code.
template <bool kMetered>
T0_INLINE SlowFn call(State& s) {
  const FuncCode* code =
      reinterpret_cast<const FuncCode*>(reinterpret_cast<const char*>(s.cx->code) + s.pc->imm32());
  u64* frame = s.fp + s.pc->a;
  if (BLS_UNLIKELY(!frameFits(s, code, frame))) return &entrySlow;
  if constexpr (kMetered) {
    const i64 charge = static_cast<i16>(s.pc->b);
    if (BLS_UNLIKELY(spend(s, charge))) {
      s.acc = static_cast<u64>(charge);
      return &callFuelSlow;
    }
  }
  return enterFrame(s, code, frame, s.pc + 1);
}

/// `index` if below `size`, else 0, without a branch (no speculative read beyond the table).
T0_INLINE u64 clampIndex(u64 index, u64 size) {
#if defined(__x86_64__)
  __asm__("cmp %[size], %[index]\n\tcmovae %[zero], %[index]"
          : [index] "+r"(index)
          : [size] "r"(size), [zero] "r"(u64{0})
          : "cc");
  return index;
#else
  return index < size ? index : 0;
#endif
}

/// Frame slot a, charge b, index in slot c or the accumulator; the data cell behind: canonical
/// type, table index.
template <Src X, bool kMetered>
T0_INLINE SlowFn callIndirect(State& s) {
  const u64 index = X == A ? static_cast<u32>(s.acc) : slotGet<u32>(s, s.pc->c);
  const u64 expected = s.pc[1].h;
  const TableObj* table = s.cx->instance->tables[s.pc[1].imm32()];
  s.acc = index;
  if (BLS_UNLIKELY(index >= table->size)) return &callIndirectSlow;
  const TableEntry* entry = table->entries + clampIndex(index, table->size);
  const FuncCode* code = entry->code;
  if (BLS_UNLIKELY(entry->canonType != expected || entry->instance != s.cx->instance))
    return &callIndirectSlow;
  u64* frame = s.fp + s.pc->a;
  if (BLS_UNLIKELY(!frameFits(s, code, frame))) return &entrySlow;
  if constexpr (kMetered) {
    const i64 charge = static_cast<i16>(s.pc->b);
    if (BLS_UNLIKELY(spend(s, charge))) {
      s.cx->fuel += charge;
      return &callIndirectSlow;
    }
  }
  return enterFrame(s, code, frame, s.pc + 2);
}

template <bool kMetered>
T0_INLINE SlowFn popFrame(State& s) {
  if constexpr (kMetered) s.cx->fuel -= static_cast<i16>(s.pc->b);
  ControlRecord* record = s.cx->ctl - 1;
  s.cx->ctl = record;
  s.fp = static_cast<u64*>(record->fp);
  s.jump(static_cast<const Cell*>(record->pc));
  return nullptr;
}
/// No result. Charge in b.
template <bool kMetered>
T0_INLINE SlowFn returnNone(State& s) {
  return popFrame<kMetered>(s);
}
/// One result of type T, from slot imm32 or the accumulator; left in slot 0 and the accumulator.
template <class T, Src X, bool kMetered>
T0_INLINE SlowFn returnOne(State& s) {
  const T value = operand<T, X>(s, s.pc->imm32());
  if constexpr (std::is_integral_v<T>) {
    s.acc = value;
    s.fp[0] = value;
  } else {
    const Vec vec = vecFrom(value);
    s.facc = vec;
    storeVec<sizeof(T)>(s.fp, vec);
  }
  return popFrame<kMetered>(s);
}

// Frames with slots beyond 65535: WideIn copies up to four operands (two slots each) to cx->wide
// and makes that the frame, the instruction proper works there (operands 0, 2, 4, 6, result 8),
// WideOut goes back and copies the result out.
T0_INLINE SlowFn wideIn(State& s) {
  WideScratch& wide = s.cx->wide;
  const u64 first = s.pc->word();
  const u64 second = s.pc[1].h;
  std::memcpy(wide.slots, s.fp + static_cast<u32>(first), 16);
  std::memcpy(wide.slots + 2, s.fp + (first >> 32), 16);
  std::memcpy(wide.slots + 4, s.fp + static_cast<u32>(second), 16);
  std::memcpy(wide.slots + 6, s.fp + (second >> 32), 16);
  wide.fp = s.fp;
  s.fp = wide.slots;
  s.step<2>();
  return nullptr;
}
/// Result slots c (0, 1 or 2) to the slot numbered by a and b.
T0_INLINE SlowFn wideOut(State& s) {
  s.fp = s.cx->wide.fp;
  u64* to = s.fp + s.pc->lowImm32();
  if (s.pc->c > 0) to[0] = s.cx->wide.slots[8];
  if (s.pc->c > 1) to[1] = s.cx->wide.slots[9];
  s.step();
  return nullptr;
}

/// Bodies that are their own slow path.
template <SlowFn F>
T0_INLINE SlowFn toSlow(State&) {
  return F;
}

}  // namespace bls::interp
