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

/// A row's handler.
struct TailRow {
  H row;
  Handler handler;
};
/// The copies of a hot handler, beside the one in the family's table.
struct HotRow {
  H row;
  Handler copies[kTailCopies];
};

#define T0_HANDLER(id, body)                                                                \
  T0_SECTION static u64 tail_##id(T0_PARAMS) T0_HANDLER_BODY(id, body) template <u32 kCopy> \
  static u64 copy_##id(T0_PARAMS) T0_HANDLER_BODY(id, body)
#define T0_HOT_ROW(id)                                                                          \
  {H::id,                                                                                       \
   {&copy_##id<0>, &copy_##id<1>, &copy_##id<2>, &copy_##id<3>, &copy_##id<4>, &copy_##id<5>,   \
    &copy_##id<6>, &copy_##id<7>, &copy_##id<8>, &copy_##id<9>, &copy_##id<10>, &copy_##id<11>, \
    &copy_##id<12>, &copy_##id<13>, &copy_##id<14>}},

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
