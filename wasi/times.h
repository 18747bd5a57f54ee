// Reading the time arguments of the two set_times calls.
#pragma once

#include "wasi/context.h"
#include "wasi/platform.h"

namespace bls::wasi {

/// Inval for unknown flags and for a time that is to be both set and now. With a virtual clock, now
/// is that clock's.
inline Errno timeChanges(Context& ctx, u64 atimNs, u64 mtimNs, u32 flags, TimeChange* access,
                         TimeChange* modification) {
  if (hasUnknown(flags, fstflags::kAll)) return Errno::Inval;
  auto one = [&](u32 setBit, u32 nowBit, u64 ns, TimeChange* out) {
    bool set = (flags & setBit) != 0;
    bool now = (flags & nowBit) != 0;
    if (set && now) return false;
    if (set) *out = {TimeChange::Kind::Set, ns};
    if (now && ctx.clock().isVirtual()) {
      *out = {TimeChange::Kind::Set, ctx.clock().nowNs(ClockId::Realtime)};
    } else if (now) {
      *out = {TimeChange::Kind::Now, 0};
    }
    return true;
  };
  bool good = one(fstflags::kAtim, fstflags::kAtimNow, atimNs, access) &&
              one(fstflags::kMtim, fstflags::kMtimNow, mtimNs, modification);
  return good ? Errno::Success : Errno::Inval;
}

}  // namespace bls::wasi
