// Handler bodies for the frequent instructions on garbage-collected objects: field and element
// access, lengths, i31, casts whose answer is in the object's first word. References: gc/layout.h.
// Everything that allocates or loops is in slow_gc.cc.
#pragma once

#include "engine/gc/layout.h"
#include "engine/interp/bodies_memory.h"

namespace bls::interp {

T0_INLINE SlowFn trapWith(State& s, Trap trap) {
  s.acc = static_cast<u64>(trap);
  return &raiseAcc;
}

/// Result a, reference b, byte offset imm32.
template <class Mem, class Res, Src X, Dst D>
T0_INLINE SlowFn structGet(State& s) {
  const u64 ref = operand<u64, X>(s, s.pc->b);
  if (BLS_UNLIKELY(ref == 0)) return trapWith(s, Trap::NullStructRef);
  put<D>(s, static_cast<Res>(sem::readLe<Mem>(s.cx->heapBase + ref + s.pc->imm32())));
  s.step();
  return nullptr;
}
/// Reference a, value b, byte offset imm32.
template <class Mem>
T0_INLINE SlowFn structSet(State& s) {
  const u64 ref = s.fp[s.pc->a];
  if (BLS_UNLIKELY(ref == 0)) return trapWith(s, Trap::NullStructRef);
  sem::writeLe(s.cx->heapBase + ref + s.pc->imm32(), slotGet<Mem>(s, s.pc->b));
  s.step();
  return nullptr;
}

T0_INLINE u32 lengthOf(const u8* object) { return sem::readLe<u32>(object + 4); }

/// Result a, reference b, index c or the accumulator.
template <class Mem, class Res, Src Y, Dst D>
T0_INLINE SlowFn arrayGet(State& s) {
  const u64 ref = s.fp[s.pc->b];
  const u64 index = Y == A ? static_cast<u32>(s.acc) : slotGet<u32>(s, s.pc->c);
  if (BLS_UNLIKELY(ref == 0)) return trapWith(s, Trap::NullArrayRef);
  const u8* object = s.cx->heapBase + ref;
  if (BLS_UNLIKELY(index >= lengthOf(object))) return trapWith(s, Trap::ArrayOutOfBounds);
  put<D>(s, static_cast<Res>(sem::readLe<Mem>(object + gc::kHeaderBytes + index * sizeof(Mem))));
  s.step();
  return nullptr;
}
/// Reference a, index b, value c.
template <class Mem>
T0_INLINE SlowFn arraySet(State& s) {
  const u64 ref = s.fp[s.pc->a];
  const u64 index = slotGet<u32>(s, s.pc->b);
  if (BLS_UNLIKELY(ref == 0)) return trapWith(s, Trap::NullArrayRef);
  u8* object = s.cx->heapBase + ref;
  if (BLS_UNLIKELY(index >= lengthOf(object))) return trapWith(s, Trap::ArrayOutOfBounds);
  sem::writeLe(object + gc::kHeaderBytes + index * sizeof(Mem), slotGet<Mem>(s, s.pc->c));
  s.step();
  return nullptr;
}
/// Result a, reference b.
template <Src X, Dst D>
T0_INLINE SlowFn arrayLen(State& s) {
  const u64 ref = operand<u64, X>(s, s.pc->b);
  if (BLS_UNLIKELY(ref == 0)) return trapWith(s, Trap::NullArrayRef);
  put<D>(s, lengthOf(s.cx->heapBase + ref));
  s.step();
  return nullptr;
}

// For `unary`.
struct RefI31 {
  using Arg = u32;
  static constexpr bool kTraps = false;
  static u64 eval(u32 value) { return gc::makeI31(value); }
};
template <bool kSigned>
struct I31Get {
  using Arg = u64;
  static constexpr bool kTraps = true;
  static Trap check(u64 ref) { return ref == 0 ? Trap::NullI31Ref : Trap::None; }
  static u32 eval(u64 ref) {
    return kSigned ? static_cast<u32>(static_cast<i32>(static_cast<u32>(ref)) >> 1)
                   : static_cast<u32>(ref) >> 1;
  }
};

/// True when the non-null reference is an object whose first word is `word`.
T0_INLINE bool hasWord(const State& s, u64 ref, u32 word) {
  return !gc::isI31(ref) && sem::readLe<u32>(s.cx->heapBase + ref) == word;
}
/// Result a, reference b, first word imm32; behind: the heap type. Heap types that have no such
/// word (functions, host values) and other answers are the slow path's.
template <bool kNullable, Dst D>
T0_INLINE SlowFn refTest(State& s) {
  const u64 ref = s.fp[s.pc->b];
  if (ref == 0) {
    put<D>(s, static_cast<u32>(kNullable));
  } else {
    const u32 word = s.pc->imm32();
    if (BLS_UNLIKELY(word == gc::kForwarded || !hasWord(s, ref, word))) return &refTestSlow;
    put<D>(s, u32{1});
  }
  s.step<2>();
  return nullptr;
}
/// The same, but the result is the reference, or a trap.
template <bool kNullable, Dst D>
T0_INLINE SlowFn refCast(State& s) {
  const u64 ref = s.fp[s.pc->b];
  if (ref == 0) {
    if constexpr (!kNullable) return trapWith(s, Trap::CastFailure);
  } else {
    const u32 word = s.pc->imm32();
    if (BLS_UNLIKELY(word == gc::kForwarded || !hasWord(s, ref, word))) return &refCastSlow;
  }
  put<D>(s, ref);
  s.step<2>();
  return nullptr;
}

}  // namespace bls::interp
