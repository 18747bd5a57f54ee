// The floating-point state of the machine that guest code is defined for: round to nearest, ties to
// even; subnormal numbers kept; nothing unmasked. Host code may have left another one.
//
// Entry points: GuestFloats around a call into wasm, keepGuestFloats after host code ran inside it.
// x86-64: MXCSR; the x87 unit is used by no guest instruction, so its control word does not matter.
// Reading MXCSR costs as much as a call, so the usual case is told by a probe: a few sums and a
// quotient that come out otherwise under every other rounding mode and flushing, and that fault
// under every unmasked exception; the trap handler then masks them, notes what it found, and the
// probe goes on. AArch64: FPCR, which is cheap to read. Elsewhere there is nothing to set. Spec:
// exec/numerics, floating-point operations; threat model JIT-11.
#pragma once

#include "engine/base/check.h"
#include "engine/base/ints.h"
#include "engine/object/exec_ctx.h"

#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

namespace bls {

#if defined(__x86_64__)
using FloatState = u32;
constexpr FloatState kGuestFloatState = 0x1f80;  // all exceptions masked, everything else 0
constexpr FloatState kFloatStateBits = 0xffc0;   // the other bits only record what happened
inline FloatState floatState() { return _mm_getcsr(); }
inline void setFloatState(FloatState state) { _mm_setcsr(state); }
#elif defined(__aarch64__)
using FloatState = u64;
constexpr FloatState kGuestFloatState = 0;
constexpr FloatState kFloatStateBits = ~u64{0};
inline FloatState floatState() {
  u64 state;
  __asm__ volatile("mrs %0, fpcr" : "=r"(state));
  return state;
}
inline void setFloatState(FloatState state) { __asm__ volatile("msr fpcr, %0" : : "r"(state)); }
#else
using FloatState = u32;
constexpr FloatState kGuestFloatState = 0;
constexpr FloatState kFloatStateBits = 0;
inline FloatState floatState() { return 0; }
inline void setFloatState(FloatState) {}
#endif

#if defined(__x86_64__)
/// The probe: left + right by lanes is `sum` in the guest's state alone, and the quotient of the
/// last two says nothing but faults when a division by zero does. Lane 0 differs when rounding up,
/// lane 1 (the greatest number twice) when rounding down or to zero, lane 2 (the least subnormal
/// twice) when subnormals are flushed; lane 3 is an invalid operation. Code generators emit the
/// same.
struct FloatProbe {
  u32 left[4] = {0x3f800000, 0x7f7fffff, 1, 0x7f800000};
  u32 right[4] = {0x33000000, 0x7f7fffff, 1, 0xff800000};
  u32 sum[4] = {0x3f800000, 0x7f800000, 2, 0xffc00000};
  u32 one = 0x3f800000;
  u32 zero = 0;
  FloatState state = kGuestFloatState;
};
alignas(64) inline constexpr FloatProbe kFloatProbe{};

/// True when the state is the guest's, or has been made so by the trap handler. Precondition:
/// cx->faultsCaught.
inline bool probeGuestFloats(ExecCtx* cx) {
  __m128 sum;
  float one;
  cx->floatProbe = 1;  // the trap handler may write to cx meanwhile
  __asm__ volatile("movaps %3, %0\n\taddps %4, %0\n\tmovss %5, %1\n\tdivss %6, %1"
                   : "=&x"(sum), "=&x"(one), "+m"(cx->floatProbe)
                   : "m"(kFloatProbe.left), "m"(kFloatProbe.right), "m"(kFloatProbe.one),
                     "m"(kFloatProbe.zero)
                   : "memory");
  cx->floatProbe = 0;
  const __m128i same = _mm_cmpeq_epi32(
      _mm_castps_si128(sum), _mm_load_si128(reinterpret_cast<const __m128i*>(kFloatProbe.sum)));
  return BLS_LIKELY(_mm_movemask_epi8(same) == 0xffff);
}
#else
inline bool probeGuestFloats(ExecCtx*) { return false; }
#endif

/// Makes the state the guest's again; true when it was another, or may have been.
inline bool keepGuestFloats(ExecCtx* cx) {
  if (BLS_LIKELY(cx->faultsCaught != 0) && BLS_LIKELY(probeGuestFloats(cx))) return false;
  if (BLS_LIKELY((floatState() & kFloatStateBits) == kGuestFloatState)) return false;
  setFloatState(kGuestFloatState);
  return true;
}

/// The guest's state for a scope; afterwards the host has its own again.
class GuestFloats {
 public:
  explicit GuestFloats(ExecCtx* cx) {
    cx->floatsFound = 0;
    if (BLS_LIKELY(cx->faultsCaught != 0) && BLS_LIKELY(probeGuestFloats(cx))) {
      if (BLS_LIKELY(cx->floatsFound == 0)) return;
      host_ = static_cast<FloatState>(cx->floatsFound);
    } else {
      host_ = floatState();
    }
    changed_ = (host_ & kFloatStateBits) != kGuestFloatState;
    if (changed_) setFloatState(kGuestFloatState);
  }
  ~GuestFloats() {
    if (BLS_UNLIKELY(changed_)) setFloatState(host_);
  }
  GuestFloats(const GuestFloats&) = delete;
  GuestFloats& operator=(const GuestFloats&) = delete;

 private:
  FloatState host_ = 0;
  bool changed_ = false;
};

}  // namespace bls
