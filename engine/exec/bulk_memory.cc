// Bulk memory instructions. Spec: exec/instructions, memory.
#include "engine/exec/bulk_memory.h"

#include <algorithm>
#include <cstring>

#include "engine/exec/fuel.h"
#include "engine/object/store.h"

namespace bls {
namespace {

MemoryObj* memoryAt(const ExecCtx* cx, u32 index) { return cx->instance->memories[index]; }
u64 widen(const MemoryObj* memory, u64 slot) {
  return memory->type.limits.is64 ? slot : static_cast<u32>(slot);
}

// Fuel for all of it has been paid before.
template <class F>
Trap inChunks(const ExecCtx* cx, u64 length, F piece) {
  for (u64 done = 0; done < length;) {
    const u64 n = std::min(length - done, kBulkChunk);
    piece(done, n);
    done += n;
    const u8 requested = cx->interrupt->requested.load(std::memory_order_relaxed);
    if (done < length && requested != 0) return static_cast<Trap>(requested);
  }
  return Trap::None;
}

}  // namespace

Trap refillFuel(ExecCtx* cx) {
  const u8 requested = cx->interrupt->requested.load(std::memory_order_relaxed);
  if (requested != 0) return static_cast<Trap>(requested);
  if (cx->fuel > 0) return Trap::None;
  // What is owed at once: bulk operations may owe many slices.
  const u64 owed = u64{0} - static_cast<u64>(cx->fuel);
  const u64 wanted = owed + cx->store->config().limits.fuelSlice;
  if (cx->fuelReserve < wanted) cx->fuelReserve += cx->store->drawFuel(wanted - cx->fuelReserve);
  const u64 units = std::min(cx->fuelReserve, wanted);
  cx->fuelReserve -= units;
  cx->fuel = static_cast<i64>(static_cast<u64>(cx->fuel) + units);
  return cx->fuel > 0 ? Trap::None : Trap::OutOfFuel;
}

Trap chargeBulk(ExecCtx* cx, u64 units, const BulkCost& cost) {
  cx->fuel -= cost.charge;
  cx->fuel = fuelAfter(cx->fuel, bulkCharge(units, cost.perUnit));
  if (!cost.check) return Trap::None;
  return cx->fuel > 0 ? Trap::None : refillFuel(cx);
}

Trap memoryGrow(ExecCtx* cx, u64* at, u32 index, const BulkCost& cost) {
  MemoryObj* memory = memoryAt(cx, index);
  const u64 delta = widen(memory, at[0]);
  const Trap trap = chargeBulk(cx, delta, cost);
  if (trap != Trap::None) return trap;
  const i64 old = memory->grow(delta);
  at[0] = memory->type.limits.is64 ? static_cast<u64>(old) : static_cast<u32>(old);
  refreshMemory(cx);
  return Trap::None;
}

Trap memoryFill(ExecCtx* cx, u64* at, u32 index, const BulkCost& cost) {
  MemoryObj* memory = memoryAt(cx, index);
  const u64 to = widen(memory, at[0]);
  const u64 length = widen(memory, at[2]);
  const Trap trap = chargeBulk(cx, length, cost);
  if (trap != Trap::None) return trap;
  if (!memory->contains(to, length)) return Trap::MemoryOutOfBounds;
  const int value = static_cast<u8>(at[1]);
  return inChunks(cx, length, [&](u64 done, u64 n) {
    std::memset(memory->base + to + done, value, static_cast<size_t>(n));
  });
}

Trap memoryCopy(ExecCtx* cx, u64* at, u32 toIndex, u32 fromIndex, const BulkCost& cost) {
  MemoryObj* to = memoryAt(cx, toIndex);
  MemoryObj* from = memoryAt(cx, fromIndex);
  const u64 dest = widen(to, at[0]);
  const u64 source = widen(from, at[1]);
  const bool is64 = to->type.limits.is64 && from->type.limits.is64;
  const u64 length = is64 ? at[2] : static_cast<u32>(at[2]);
  const Trap trap = chargeBulk(cx, length, cost);
  if (trap != Trap::None) return trap;
  if (!to->contains(dest, length) || !from->contains(source, length)) {
    return Trap::MemoryOutOfBounds;
  }
  u8* d = to->base + dest;
  const u8* f = from->base + source;
  const bool upward = d > f && d < f + length;  // overlapping: pieces from the end
  return inChunks(cx, length, [&](u64 done, u64 n) {
    const u64 place = upward ? length - done - n : done;
    std::memmove(d + place, f + place, static_cast<size_t>(n));
  });
}

Trap memoryInit(ExecCtx* cx, u64* at, u32 segment, u32 index, const BulkCost& cost) {
  MemoryObj* memory = memoryAt(cx, index);
  const DataInstance& data = cx->instance->datas[segment];
  const u64 dest = widen(memory, at[0]);
  const u64 source = static_cast<u32>(at[1]);
  const u64 length = static_cast<u32>(at[2]);
  const Trap trap = chargeBulk(cx, length, cost);
  if (trap != Trap::None) return trap;
  if (!memory->contains(dest, length) || source > data.bytes.size() ||
      length > data.bytes.size() - source) {
    return Trap::MemoryOutOfBounds;
  }
  if (length != 0) {
    std::memcpy(memory->base + dest, data.bytes.data() + source, static_cast<size_t>(length));
  }
  return Trap::None;
}

void dataDrop(ExecCtx* cx, u32 segment) { cx->instance->datas[segment].bytes = {}; }

}  // namespace bls
