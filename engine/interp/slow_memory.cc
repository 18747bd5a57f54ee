// Out-of-line memory instructions: size, grow, bulk operations, data segments; and accesses that
// fail the quick check. Operands stand in consecutive slots from imm32; indices in the data cell
// behind. Spec: exec/instructions, memory.
#include "engine/exec/bulk_memory.h"
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
u64 finish(State& s) {
  s.pc += 2;
  return kContinue;
}
u64 finish(State& s, Trap trap) { return trap == Trap::None ? finish(s) : raise(s, trap); }

}  // namespace

BulkCost bulkCostOf(const State& s) {
  const u16 flags = s.pc->b;
  if ((flags & kBulkCharge) == 0) return {};
  return {static_cast<i16>(s.pc->a), static_cast<u32>(flags >> kBulkCostShift),
          (flags & kBulkCheck) != 0};
}

void reloadMemory(State& s) {
  refreshMemory(s.cx);
  s.mem0 = s.cx->mem0Base;
}

u64 memorySlow(State& s) {
  u64 known = s.cx->mem0Size;
  reloadMemory(s);
  if (s.cx->mem0Size != known) return kContinue;  // grown by another thread: try again
  return raise(s, Trap::MemoryOutOfBounds);
}

Trap chargeBulk(State& s, u64 units) { return bls::chargeBulk(s.cx, units, bulkCostOf(s)); }

u64 memorySize(State& s) {
  Operands in = operandsOf(s);
  in.at[0] = s.cx->instance->memories[in.first]->pages();
  s.acc = in.at[0];
  return finish(s);
}

u64 memoryGrow(State& s) {
  Operands in = operandsOf(s);
  const Trap trap = bls::memoryGrow(s.cx, in.at, in.first, bulkCostOf(s));
  if (trap != Trap::None) return raise(s, trap);
  s.acc = in.at[0];
  s.mem0 = s.cx->mem0Base;
  return finish(s);
}

u64 memoryFill(State& s) {
  Operands in = operandsOf(s);
  return finish(s, bls::memoryFill(s.cx, in.at, in.first, bulkCostOf(s)));
}

u64 memoryCopy(State& s) {
  Operands in = operandsOf(s);
  return finish(s, bls::memoryCopy(s.cx, in.at, in.first, in.second, bulkCostOf(s)));
}

u64 memoryInit(State& s) {
  Operands in = operandsOf(s);  // first: data segment, second: memory
  return finish(s, bls::memoryInit(s.cx, in.at, in.first, in.second, bulkCostOf(s)));
}

u64 dataDrop(State& s) {
  bls::dataDrop(s.cx, operandsOf(s).first);
  return finish(s);
}

}  // namespace bls::interp
