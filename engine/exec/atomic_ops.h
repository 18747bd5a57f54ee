// memory.atomic.wait and notify on operands in slots, for every tier: at[0], at[1], … as they stand
// on the operand stack; results go to at[0]. Who waits blocks in parking.h. Other atomic
// instructions are each tier's own. Spec: threads proposal, wait and notify.
#pragma once

#include "engine/object/instance.h"

namespace bls {

/// Address, expected, timeout; `width` 4 or 8.
Trap atomicWait(ExecCtx* cx, u64* at, u32 memory, u64 offset, u32 width);
/// Address, count.
Trap atomicNotify(ExecCtx* cx, u64* at, u32 memory, u64 offset);

}  // namespace bls
