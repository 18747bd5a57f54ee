// The floating-point state of the machine that guest code is defined for: round to nearest, ties to
// even; subnormal numbers kept; nothing unmasked. Host code may have left another one.
//
// Entry points: GuestFloats around a call into wasm, keepGuestFloats after host code ran inside it.
// Reading the state and comparing is all that happens in the usual case. x86-64: MXCSR; the x87
// unit is used by no guest instruction, so its control word does not matter. AArch64: FPCR.
// Elsewhere there is nothing to set. Spec: exec/numerics, floating-point operations; threat model
// JIT-11.
#pragma once

#include "engine/base/check.h"
#include "engine/base/ints.h"

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

/// Makes the state the guest's again; true when it was another.
inline bool keepGuestFloats() {
  if (BLS_LIKELY((floatState() & kFloatStateBits) == kGuestFloatState)) return false;
  setFloatState(kGuestFloatState);
  return true;
}

/// The guest's state for a scope; afterwards the host has its own again.
class GuestFloats {
 public:
  GuestFloats() : host_(floatState()) { keepGuestFloats(); }
  ~GuestFloats() {
    if (BLS_UNLIKELY((host_ & kFloatStateBits) != kGuestFloatState)) setFloatState(host_);
  }
  GuestFloats(const GuestFloats&) = delete;
  GuestFloats& operator=(const GuestFloats&) = delete;

 private:
  FloatState host_;
};

}  // namespace bls
