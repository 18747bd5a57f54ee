// Changing tiers at safepoints, on request (CodeOptions::switchTiers): for tests that want every
// frame in both tiers.
//
// Function entries and loop headers count ExecCtx::switchIn down, whichever tier runs; who brings
// it to zero goes on in the other tier. Both have the same slots there and have paid the same fuel,
// so nothing but time may tell. The counts follow from those before, so a run can be repeated.
#pragma once

#include "engine/object/exec_ctx.h"

namespace bls {

/// A safepoint of a function (ExecCtx::switchAt): the offset of a loop in its body, or its entry
/// with the frame opened.
constexpr u32 kFunctionEntry = 0x7fffffff;

/// Says when the next change is: at the first to the seventh safepoint from here, so that loops of
/// any length meet all of them.
inline void countAnew(ExecCtx* cx) {
  cx->switchSeed = cx->switchSeed * 6364136223846793005u + 1442695040888963407u;
  cx->switchIn = static_cast<i64>(1 + (cx->switchSeed >> 33) % 7);
}

/// One safepoint: true when execution is to go on in the other tier.
inline bool isSwitchDue(ExecCtx* cx) {
  if (--cx->switchIn > 0) return false;
  countAnew(cx);
  return true;
}

}  // namespace bls
