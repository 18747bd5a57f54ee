// The floating-point state of the machine that guest code is defined for: round to nearest, ties to
// even; subnormal numbers kept; nothing unmasked. Host code may have left another one.
//
// Entry points: GuestFloats around a call into wasm, keepGuestFloats after host code ran inside it.
// x86-64: MXCSR; the x87 unit is used by no guest instruction, so its control word does not matter.
// Reading MXCSR costs as much as a call, so the usual case is told by a probe: a quotient and
// a few sums that come out otherwise under every other rounding mode and flushing, and that fault
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

/// The probe of x86-64: left, its lane 0 divided by `zero`, + right is `sum` in the guest's state
/// alone. Lane 0 is a division by zero, then an invalid operation; lane 1 (the greatest number
/// twice, negative) differs when rounding up or to zero, lane 2 when rounding down or to zero, lane
/// 3 (the least subnormal twice) when subnormals are flushed. Code generators emit the same.
alignas(64) inline constexpr FloatProbe kFloatProbe{
    .left = {0x3f800000, 0xff7fffff, 0x7f7fffff, 1},
    .right = {0xff800000, 0xff7fffff, 0x7f7fffff, 1},
    .sum = {0xffc00000, 0xff800000, 0x7f800000, 2},
    .zero = 0,
    .state = kGuestFloatState};
/// For threads whose faults do not come to the handler: says that the state may be another, and
/// does not fault.
inline constexpr FloatProbe kNoFloatProbe{
    .left = {}, .right = {}, .sum = {1, 1, 1, 1}, .zero = 0x3f800000, .state = kGuestFloatState};

/// True when the state is the guest's. An exception that is not masked has been masked by the trap
/// handler, which leaves the state it found in cx->floatsFound. Precondition: faults of this thread
/// come to the handler, which knows that this is a probe (probesFloats).
inline bool probeUnannounced(ExecCtx* cx) {
#if defined(__x86_64__)
  __m128 sum;
  __asm__ volatile("movaps %2, %0\n\tdivss %4, %0\n\taddps %3, %0"
                   : "=&x"(sum), "+m"(cx->floatsFound)
                   : "m"(kFloatProbe.left), "m"(kFloatProbe.right), "m"(kFloatProbe.zero)
                   : "memory");
  const __m128i same = _mm_cmpeq_epi32(
      _mm_castps_si128(sum), _mm_load_si128(reinterpret_cast<const __m128i*>(kFloatProbe.sum)));
  return BLS_LIKELY(_mm_movemask_epi8(same) == 0xffff);
#else
  (void)cx;
  return (floatState() & kFloatStateBits) == kGuestFloatState;
#endif
}
/// The same from anywhere.
inline bool probeGuestFloats(ExecCtx* cx) {
  cx->probing = 1;
  const bool same = probeUnannounced(cx);
  cx->probing = 0;
  return same;
}
/// True when C++ that has to do with `cx` can be doing nothing else with floats but to probe them.
/// So it is between entering compiled code of an instance and the first control record.
inline bool probesFloats(const ExecCtx* cx) {
  return cx->probing != 0 ||
         (cx->hostDepth == 1 && cx->ctl == cx->ctlBase && cx->instance != nullptr);
}

/// Whether a probe tells anything on this thread.
inline bool mayProbe(const ExecCtx* cx) { return cx->probe.sum[0] == kFloatProbe.sum[0]; }

/// Makes the state the guest's again; true when it was another, or may have been.
inline bool keepGuestFloats(ExecCtx* cx) {
  if (BLS_LIKELY(mayProbe(cx)) && BLS_LIKELY(probeGuestFloats(cx))) {
    cx->floatsFound = 0;
    return false;
  }
  if (BLS_LIKELY((floatState() & kFloatStateBits) == kGuestFloatState)) return false;
  setFloatState(kGuestFloatState);
  return true;
}

/// The guest's state for a scope; afterwards the host has its own again.
class GuestFloats {
 public:
  explicit GuestFloats(ExecCtx* cx) {
    cx->floatsFound = 0;
    if (BLS_LIKELY(mayProbe(cx)) && BLS_LIKELY(probeGuestFloats(cx))) {
      if (BLS_LIKELY(cx->floatsFound == 0)) return;
      host_ = static_cast<FloatState>(cx->floatsFound);
      cx->floatsFound = 0;
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
