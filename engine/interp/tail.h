// How the rows of a family become handlers of the tail back end: one function each, in section
// bls_t0_handlers, that ends in a jump to the next handler or to slowTail. Included by
// handlers_tail_*.cc only, which are compiled with flags of their own (CMakeLists.txt): a handler
// must not get a frame.
#pragma once

#include "engine/interp/counters.h"
#include "engine/interp/dispatch.h"
#include "engine/interp/handlers_hot.h"

#if T0_HAS_TAIL

#define T0_PARAMS \
  const Cell *pc, u64 *fp, u8 *mem0, ExecCtx *cx, u64 acc, [[maybe_unused]] u64 loc, Vec facc
#if defined(__clang__)
#define T0_TAIL [[clang::musttail]] return
#else
#define T0_TAIL return
#endif
#define T0_SECTION __attribute__((section("bls_t0_handlers"), used))

namespace bls::interp {

/// Runs the slow function in `loc` and goes on.
u64 slowTail(const Cell* pc, u64* fp, u8* mem0, ExecCtx* cx, u64 acc, u64 loc, Vec facc);

#define T0_HANDLER(id, body)                                                                \
  T0_SECTION static u64 tail_##id(T0_PARAMS) T0_HANDLER_BODY(id, body) template <u32 kCopy> \
  static u64 copy_##id(T0_PARAMS) T0_HANDLER_BODY(id, body)
/// Calls X(number, id) for every copy.
#define T0_COPY_NUMBERS(X, id) \
  X(0, id)                     \
  X(1, id)                     \
  X(2, id)                     \
  X(3, id)                     \
  X(4, id)                     \
  X(5, id) X(6, id) X(7, id) X(8, id) X(9, id) X(10, id) X(11, id) X(12, id) X(13, id) X(14, id)
/// The constraint by which an asm statement takes a function's symbol.
#if defined(__aarch64__) && !defined(__clang__)
#define T0_SYMBOL "S"
#else
#define T0_SYMBOL "i"
#endif

#define T0_HANDLER_BODY(id, body)                                                                \
  {                                                                                              \
    T0_COUNT(id);                                                                                \
    State s{pc, fp, mem0, cx, acc, facc, 0, false};                                              \
    const SlowFn slow = body(s);                                                                 \
    if (BLS_UNLIKELY(slow != nullptr)) {                                                         \
      T0_TAIL slowTail(s.pc, s.fp, s.mem0, s.cx, s.acc, reinterpret_cast<u64>(slow), s.facc);    \
    }                                                                                            \
    if (s.taken) {                                                                               \
      u64 other;                                                                                 \
      __asm__ volatile("/* taken */" : "=r"(other));                                             \
      T0_TAIL reinterpret_cast<Handler>(s.next)(s.pc, s.fp, s.mem0, s.cx, s.acc, other, s.facc); \
    }                                                                                            \
    u64 any; /* the sixth register is free: nobody reads what is passed */                       \
    __asm__("" : "=r"(any));                                                                     \
    T0_TAIL reinterpret_cast<Handler>(s.next)(s.pc, s.fp, s.mem0, s.cx, s.acc, any, s.facc);     \
  }

}  // namespace bls::interp
#endif
