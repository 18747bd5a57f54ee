// Tail back end: the way from a handler to an out-of-line function and back into the chain.
#include "engine/interp/tail.h"

#if T0_HAS_TAIL
namespace bls::interp {

// The state lives in memory only while the function runs: it must be dead before the jump, or the
// compiler would have to make that a call, and every slow path would deepen the native stack (the
// build checks for it: tests/engine/interp).
__attribute__((section("bls_t0_slow"))) u64 slowTail(T0_PARAMS) {
  T0_COUNT_SLOW();
  {
    State s{pc, fp, mem0, cx, acc, facc, 0, false};
    const u64 result = reinterpret_cast<SlowFn>(loc)(s);
    if (BLS_UNLIKELY(result != kContinue)) return result;
    pc = s.pc;
    fp = s.fp;
    mem0 = s.mem0;
    acc = s.acc;
    facc = s.facc;
  }
  T0_TAIL reinterpret_cast<Handler>(pc->h)(pc, fp, mem0, cx, acc, 0, facc);
}

}  // namespace bls::interp
#endif
