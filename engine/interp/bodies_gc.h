// Handler bodies for the frequent instructions on garbage-collected objects: field and element
// access, lengths, i31, casts whose answer is in the object's first word. References: gc/layout.h.
// Everything that allocates or loops is in slow_gc.cc.
#pragma once

#include "engine/exec/gc_ops.h"
#include "engine/interp/bodies_memory.h"
#include "engine/interp/slow.h"

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

/// Whether the object behind the reference, whose first word is not `word`, is of a type below the
/// one at `depth`.
T0_INLINE bool isBelow(u32 objectWord, u32 word, u64 depth) {
  constexpr u32 kArrayToo = 2;
  if (objectWord >> gc::kKindShift >= kArrayToo) return false;  // no struct and no array
  return gc::layoutOfObject(gc::typeOfWord(objectWord)).display[depth] == gc::typeOfWord(word);
}
/// Whether a non-null reference is of the type with the first word `word`.
T0_INLINE bool isOfType(const State& s, u64 ref, u32 word) {
  if (gc::isI31(ref)) return false;
  const u32 objectWord = sem::readLe<u32>(s.cx->heapBase + ref);
  return objectWord == word || isBelow(objectWord, word, s.pc[1].word());
}
/// Whether the kind of a non-null reference is among those of the mask.
T0_INLINE bool isOfKind(const State& s, u64 ref, u32 mask) {
  const u32 kind =
      gc::isI31(ref) ? gc::kI31Kind : sem::readLe<u32>(s.cx->heapBase + ref) >> gc::kKindShift;
  return (mask >> kind & 1) != 0;
}
// How a cast decides (exec/gc_ops.h, CastPlan): its word is in imm32; behind stand the heap type
// (Registry) and the depth.

/// Result a, reference b.
template <CastBy kBy, bool kNullable, Dst D>
T0_INLINE SlowFn refTest(State& s) {
  const u64 ref = s.fp[s.pc->b];
  if (ref == 0) {
    put<D>(s, static_cast<u32>(kNullable));
  } else if constexpr (kBy == CastBy::Registry) {
    return &refTestSlow;
  } else if constexpr (kBy == CastBy::Type) {
    put<D>(s, static_cast<u32>(isOfType(s, ref, s.pc->imm32())));
  } else {
    put<D>(s, static_cast<u32>(isOfKind(s, ref, s.pc->imm32())));
  }
  s.step<2>();
  return nullptr;
}
/// The same, but the result is the reference, or a trap.
template <CastBy kBy, bool kNullable, Dst D>
T0_INLINE SlowFn refCast(State& s) {
  const u64 ref = s.fp[s.pc->b];
  bool ok = kNullable;
  if (ref != 0) {
    if constexpr (kBy == CastBy::Registry) return &refCastSlow;
    ok = kBy == CastBy::Type ? isOfType(s, ref, s.pc->imm32()) : isOfKind(s, ref, s.pc->imm32());
  }
  if (BLS_UNLIKELY(!ok)) return trapWith(s, Trap::CastFailure);
  put<D>(s, ref);
  s.step<2>();
  return nullptr;
}

// ---- Allocation

/// Room for an object of `bytes` at heapTop, with its header written; null when that is the slow
/// path's.
T0_INLINE u8* bump(State& s, u64 bytes, u64 header) {
  const u64 top = s.cx->heapTop;
  if (BLS_UNLIKELY(top + bytes > s.cx->heapEnd)) return nullptr;
  u8* object = s.cx->heapBase + top;
  s.cx->heapTop = top + bytes;
  sem::writeLe(object, header);
  return object;
}
T0_INLINE SlowFn finishNew(State& s, const u8* object) {
  s.acc = static_cast<u64>(object - s.cx->heapBase);
  s.fp[s.pc->imm32()] = s.acc;
  s.step<2>();
  return nullptr;
}
/// Fields from consecutive slots to ascending offsets: whole slots are stored, and what is too much
/// of one is overwritten by the next, or belongs to nobody.
T0_INLINE void storeFields(u8* object, u64 offsets, const u64* slots, u32 count) {
  for (u32 i = 0; i < count; ++i) sem::writeLe(object + (offsets >> (8 * i) & 0xff), slots[i]);
}
/// A struct or array of kFields fields without v128. Operands and result at imm32, units of 8 bytes
/// a; behind: header, offsets in bytes.
template <u32 kFields>
T0_INLINE SlowFn objectNew(State& s) {
  u8* object = bump(s, u64{s.pc->a} * 8, s.pc[1].h);
  if (BLS_UNLIKELY(object == nullptr)) return &objectNewSlow;
  storeFields(object, s.pc[1].word(), s.fp + s.pc->imm32(), kFields);
  return finishNew(s, object);
}
/// All fields default. As objectNew; behind: header.
T0_INLINE SlowFn objectNewDefault(State& s) {
  const u64 bytes = u64{s.pc->a} * 8;
  u8* object = bump(s, bytes, s.pc[1].h);
  if (BLS_UNLIKELY(object == nullptr)) return &objectNewSlow;
  for (u64 at = gc::kHeaderBytes; at < bytes; at += 8) sem::writeLe(object + at, u64{0});
  return finishNew(s, object);
}
/// Small arrays; others, and metered ones, are the slow path's. Value (none: zero) and length at
/// imm32; behind: layout.
template <bool kValue>
T0_INLINE SlowFn arrayNewSmall(State& s) {
  constexpr u64 kMost = 64;
  const gc::GcLayout* layout = reinterpret_cast<const gc::GcLayout*>(s.pc[1].h);
  const u64* operands = s.fp + s.pc->imm32();
  const u64 length = static_cast<u32>(operands[kValue ? 1 : 0]);
  const u64 end = gc::kHeaderBytes + (length << layout->elementLog2);
  u8* object = end > kMost ? nullptr : bump(s, (end + 7) & ~u64{7}, layout->word0 | length << 32);
  if (BLS_UNLIKELY(object == nullptr)) return kValue ? &arrayNew : &arrayNewDefault;
  const u64 value = kValue ? operands[0] : 0;
  const u64 size = kValue ? u64{1} << layout->elementLog2 : 8;
  for (u64 at = gc::kHeaderBytes; at < end; at += size) sem::writeLe(object + at, value);
  return finishNew(s, object);
}

}  // namespace bls::interp
