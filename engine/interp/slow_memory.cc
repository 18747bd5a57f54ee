// Out-of-line memory instructions: size, grow, bulk operations, data segments; and accesses that
// fail the quick check. Operands stand in consecutive slots from imm32; indices in the data cell
// behind. Spec: exec/instructions, memory.
#include <algorithm>

#include "engine/exec/fuel.h"
#include "engine/interp/slow.h"

namespace bls::interp {
namespace {

struct Operands {
  u64* at;
  u32 first;  // indices of the instruction
  u32 second;
};
Operands operandsOf(const State& s) {
  u64 word = s.pc[1].h;
  return {s.fp + s.pc->imm32(), static_cast<u32>(word), static_cast<u32>(word >> 32)};
}
MemoryObj* memoryAt(const State& s, u32 index) { return s.cx->instance->memories[index]; }
u64 widen(const MemoryObj* memory, u64 slot) {
  return memory->type.limits.is64 ? slot : static_cast<u32>(slot);
}
u64 finish(State& s) {
  s.pc += 2;
  return kContinue;
}
// Long copies run in pieces, so that an interrupt request ends them soon; fuel has been paid
// before.
constexpr u64 kChunk = u64{16} << 20;
template <class F>
Trap inChunks(const State& s, u64 length, F piece) {
  for (u64 done = 0; done < length;) {
    u64 n = std::min(length - done, kChunk);
    piece(done, n);
    done += n;
    u8 requested = s.cx->interrupt->requested.load(std::memory_order_relaxed);
    if (done < length && requested != 0) return static_cast<Trap>(requested);
  }
  return Trap::None;
}

}  // namespace

void reloadMemory(State& s) {
  const Instance* instance = s.cx->instance;
  if (instance->module->memories.empty()) return;
  s.cx->mem0Base = instance->memories[0]->base;
  s.cx->mem0Size = instance->memories[0]->size.load(std::memory_order_acquire);
  s.mem0 = s.cx->mem0Base;
}

u64 memorySlow(State& s) {
  u64 known = s.cx->mem0Size;
  reloadMemory(s);
  if (s.cx->mem0Size != known) return kContinue;  // grown by another thread: try again
  return raise(s, Trap::MemoryOutOfBounds);
}

Trap chargeBulk(State& s, u64 units) {
  const u16 flags = s.pc->b;
  if ((flags & kBulkCharge) == 0) return Trap::None;
  ExecCtx* cx = s.cx;
  cx->fuel -= static_cast<i16>(s.pc->a);
  cx->fuel = fuelAfter(cx->fuel, bulkCharge(units, flags >> kBulkCostShift));
  if ((flags & kBulkCheck) == 0) return Trap::None;
  return cx->fuel > 0 ? Trap::None : refill(cx);
}

u64 memorySize(State& s) {
  Operands in = operandsOf(s);
  in.at[0] = memoryAt(s, in.first)->pages();
  s.acc = in.at[0];
  return finish(s);
}

u64 memoryGrow(State& s) {
  Operands in = operandsOf(s);
  MemoryObj* memory = memoryAt(s, in.first);
  u64 delta = widen(memory, in.at[0]);
  Trap trap = chargeBulk(s, delta);
  if (trap != Trap::None) return raise(s, trap);
  i64 old = memory->grow(delta);
  in.at[0] = memory->type.limits.is64 ? static_cast<u64>(old) : static_cast<u32>(old);
  s.acc = in.at[0];
  reloadMemory(s);
  return finish(s);
}

u64 memoryFill(State& s) {
  Operands in = operandsOf(s);
  MemoryObj* memory = memoryAt(s, in.first);
  u64 at = widen(memory, in.at[0]), length = widen(memory, in.at[2]);
  Trap trap = chargeBulk(s, length);
  if (trap == Trap::None && !memory->contains(at, length)) trap = Trap::MemoryOutOfBounds;
  if (trap == Trap::None) {
    int value = static_cast<u8>(in.at[1]);
    trap = inChunks(s, length, [&](u64 done, u64 n) {
      std::memset(memory->base + at + done, value, static_cast<size_t>(n));
    });
  }
  return trap == Trap::None ? finish(s) : raise(s, trap);
}

u64 memoryCopy(State& s) {
  Operands in = operandsOf(s);
  MemoryObj* to = memoryAt(s, in.first);
  MemoryObj* from = memoryAt(s, in.second);
  u64 dest = widen(to, in.at[0]), source = widen(from, in.at[1]);
  bool is64 = to->type.limits.is64 && from->type.limits.is64;
  u64 length = is64 ? in.at[2] : static_cast<u32>(in.at[2]);
  Trap trap = chargeBulk(s, length);
  if (trap == Trap::None && (!to->contains(dest, length) || !from->contains(source, length))) {
    trap = Trap::MemoryOutOfBounds;
  }
  if (trap != Trap::None) return raise(s, trap);
  u8* d = to->base + dest;
  const u8* f = from->base + source;
  if (d > f && d < f + length) {  // overlapping upward: pieces from the end
    trap = inChunks(s, length, [&](u64 done, u64 n) {
      std::memmove(d + (length - done - n), f + (length - done - n), static_cast<size_t>(n));
    });
  } else {
    trap = inChunks(s, length, [&](u64 done, u64 n) {
      std::memmove(d + done, f + done, static_cast<size_t>(n));
    });
  }
  return trap == Trap::None ? finish(s) : raise(s, trap);
}

u64 memoryInit(State& s) {
  Operands in = operandsOf(s);  // first: data segment, second: memory
  MemoryObj* memory = memoryAt(s, in.second);
  const DataInstance& data = s.cx->instance->datas[in.first];
  u64 dest = widen(memory, in.at[0]), source = static_cast<u32>(in.at[1]),
      length = static_cast<u32>(in.at[2]);
  Trap trap = chargeBulk(s, length);
  if (trap == Trap::None && (!memory->contains(dest, length) || source > data.bytes.size() ||
                             length > data.bytes.size() - source)) {
    trap = Trap::MemoryOutOfBounds;
  }
  if (trap != Trap::None) return raise(s, trap);
  if (length != 0)
    std::memcpy(memory->base + dest, data.bytes.data() + source, static_cast<size_t>(length));
  return finish(s);
}

u64 dataDrop(State& s) {
  s.cx->instance->datas[operandsOf(s).first].bytes = {};
  return finish(s);
}

}  // namespace bls::interp
