// memory.atomic.wait and notify. Spec: threads proposal, wait and notify.
#include "engine/exec/atomic_ops.h"

#include "engine/exec/bulk_memory.h"
#include "engine/exec/parking.h"

namespace bls {
namespace {

// Bounds come before alignment, as for all atomic accesses.
Trap operandAddress(const MemoryObj* memory, u64 index, u64 offset, u32 width, u8** out) {
  if (!memory->type.limits.is64) index = static_cast<u32>(index);
  const u64 place = index + offset;
  if (place < index || !memory->contains(place, width)) return Trap::MemoryOutOfBounds;
  if ((place & (width - 1)) != 0) return Trap::UnalignedAtomic;
  *out = memory->base + place;
  return Trap::None;
}

}  // namespace

Trap atomicWait(ExecCtx* cx, u64* at, u32 index, u64 offset, u32 width) {
  const MemoryObj* memory = cx->instance->memories[index];
  u8* place = nullptr;
  Trap trap = operandAddress(memory, at[0], offset, width, &place);
  if (trap != Trap::None) return trap;
  if (!memory->type.limits.shared) return Trap::ExpectedShared;
  const i64 timeout = static_cast<i64>(at[2]);
  const WaitResult result = parkUntilNotified(
      cx, place, width, at[1], timeout < 0 ? kParkForever : static_cast<u64>(timeout), &trap);
  if (trap != Trap::None) return trap;
  refreshMemory(cx);
  at[0] = static_cast<u32>(result);
  return Trap::None;
}

Trap atomicNotify(ExecCtx* cx, u64* at, u32 index, u64 offset) {
  const MemoryObj* memory = cx->instance->memories[index];
  u8* place = nullptr;
  const Trap trap = operandAddress(memory, at[0], offset, 4, &place);
  if (trap != Trap::None) return trap;
  at[0] = memory->type.limits.shared ? unpark(place, static_cast<u32>(at[1])) : 0;
  return Trap::None;
}

}  // namespace bls
