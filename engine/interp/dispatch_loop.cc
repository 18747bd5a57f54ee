// The loop back end: one switch over handler numbers. Used for sanitizers, the wasm build and
// comparisons; it has the rows marked HB only, checks every access, and never recurses.
#include "engine/interp/dispatch.h"

namespace bls::interp {

u64 runLoop(const State& start) {
  State s = start;
  s.next = s.pc->h;
  for (;;) {
    SlowFn slow = nullptr;
    switch (static_cast<H>(s.next)) {
#define HB(id, body) \
  case H::id: slow = body(s); break;
#define HT(id, body)
#include "engine/interp/handlers_all.def"
#undef HB
#undef HT
      default: UNREACHABLE("handler number");
    }
    if (BLS_UNLIKELY(slow != nullptr)) {
      State copy = s;  // keeps `s` itself in registers
      const u64 result = slow(copy);
      if (result != kContinue) return result;
      s = copy;
      s.next = s.pc->h;
    }
  }
}

}  // namespace bls::interp
