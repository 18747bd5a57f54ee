// Cell: one instruction of rewritten (register form) code, and the machine state its handlers work
// on.
//
// A function becomes an array of 16-byte cells. `h` is the handler's address (tail back end) or
// number (loop back end); a..d are slot numbers and small immediates, with wider immediates laid
// over c and d. Some handlers own further cells, whose 16 bytes are then all data. Handler bodies
// (bodies_*.h) are functions on State that either finish the instruction and set `pc` and `next`,
// or return a SlowFn for the rare case. Neither back end is visible to a body. Spec of the design:
// engine design 1.2, 1.7.
#pragma once

#include <cstring>

#include "engine/base/check.h"
#include "engine/object/instance.h"
#include "engine/wasm/semantics_all.h"

#define T0_INLINE [[gnu::always_inline]] inline

namespace bls::interp {

using sem::Vec;

struct Cell {
  u64 h;
  u16 a, b, c, d;

  T0_INLINE u32 imm32() const {
    u32 value;
    std::memcpy(&value, reinterpret_cast<const char*>(this) + 12, sizeof value);
    return value;
  }
  T0_INLINE i64 simm32() const { return static_cast<i32>(imm32()); }
  /// a and b as one number.
  T0_INLINE u32 lowImm32() const {
    u32 value;
    std::memcpy(&value, reinterpret_cast<const char*>(this) + 8, sizeof value);
    return value;
  }
  /// a..d as one word.
  T0_INLINE u64 word() const {
    u64 value;
    std::memcpy(&value, reinterpret_cast<const char*>(this) + 8, sizeof value);
    return value;
  }
};
static_assert(sizeof(Cell) == 16);

/// Everything a handler may read or change. Lives in registers while a handler runs.
struct State {
  const Cell* pc;
  u64* fp;
  u8* mem0;
  ExecCtx* cx;
  u64 acc;             // last integer or reference result
  Vec facc;            // last f32, f64 or v128 result
  u64 next;            // handler word of the cell `pc` points at
  bool taken = false;  // this handler's branch was taken: the tail back end then jumps from a place
                       // of its own

  /// Goes on behind this instruction, which owns `cells` cells.
  template <u32 cells = 1>
  T0_INLINE void step() {
#if defined(__x86_64__) && !defined(__clang__)
    // In place, so that pc stays in its register: g++ otherwise computes it beside and copies.
    __asm__("add %[bytes], %[pc]" : [pc] "+r"(pc) : [bytes] "i"(cells * 16) : "cc");
#else
    pc += cells;
#endif
    next = pc->h;
  }
  T0_INLINE void jump(const Cell* target) {
    pc = target;
    next = target->h;
  }
};

/// The rare part of an instruction: an ordinary function. Leaves `pc` where to go on and returns 0,
/// or returns the Trap (as a number) that ends the run; kLeave ends it normally.
using SlowFn = u64 (*)(State& s);
constexpr u64 kContinue = 0;
constexpr u64 kLeave = 0x100;

// Where an operand comes from and where a result goes. A slot result is also left in the
// accumulator of its kind.
enum Src : u8 { S, A, I, W };  // W: immediate in the data cell behind
enum Dst : u8 { ToSlot, ToAcc };

template <class T>
T0_INLINE T slotGet(const State& s, u32 slot) {
  T value;
  std::memcpy(&value, s.fp + slot, sizeof value);
  return value;
}
template <class T>
T0_INLINE Vec vecFrom(T value) {
  if constexpr (sizeof(T) == 16) {
    return value;
  } else {
#if defined(__x86_64__) && !defined(__clang__)
    Vec out;  // upper lanes are of no interest: saves clearing them
    __asm__("" : "=x"(out) : "0"(value));
    return out;
#else
    sem::Lanes<T> lanes{};
    lanes[0] = value;
    return sem::vec(lanes);
#endif
  }
}
template <class T>
T0_INLINE T accGet(const State& s) {
  if constexpr (std::is_integral_v<T>) {
    return static_cast<T>(s.acc);
  } else if constexpr (sizeof(T) == 16) {
    return s.facc;
  } else {
    return sem::lanes<T>(s.facc)[0];
  }
}
/// Writes the low `bytes` of a vector as a slot image: 4 (zero above), 8 or 16.
template <size_t bytes>
T0_INLINE void storeVec(u64* slot, Vec vec) {
  if constexpr (bytes == 4) {
    *slot = sem::lanes<u32>(vec)[0];
  } else {
    std::memcpy(slot, &vec, bytes);
  }
}
/// Stores a result in the accumulator of its kind and, for ToSlot, in slot pc->a.
template <Dst D, class T>
T0_INLINE void put(State& s, T value) {
  if constexpr (std::is_integral_v<T>) {
    s.acc = value;
    if constexpr (D == ToSlot) s.fp[s.pc->a] = s.acc;
  } else {
    const Vec vec = vecFrom(value);
    s.facc = vec;
    if constexpr (D == ToSlot) storeVec<sizeof(T)>(s.fp + s.pc->a, vec);
  }
}

}  // namespace bls::interp
