// Out-of-line table and reference instructions. Operands stand in consecutive slots from imm32;
// indices in the data cell behind. Spec: exec/instructions, tables and references.
#include "engine/exec/table_ops.h"
#include "engine/interp/slow.h"

namespace bls::interp {
namespace {

struct Operands {
  u64* at;
  u32 first;
  u32 second;
};
Operands operandsOf(const State& s) {
  u64 word = s.pc[1].h;
  return {s.fp + s.pc->imm32(), static_cast<u32>(word), static_cast<u32>(word >> 32)};
}
TableObj* tableAt(const State& s, u32 index) { return s.cx->instance->tables[index]; }
u64 widen(const TableObj* table, u64 slot) {
  return table->type.limits.is64 ? slot : static_cast<u32>(slot);
}
u64 finish(State& s) {
  s.pc += 2;
  return kContinue;
}
u64 finish(State& s, Trap trap) { return trap == Trap::None ? finish(s) : raise(s, trap); }

}  // namespace

u64 tableGet(State& s) {
  Operands in = operandsOf(s);
  const TableObj* table = tableAt(s, in.first);
  u64 index = widen(table, in.at[0]);
  if (index >= table->size) return raise(s, Trap::TableOutOfBounds);
  in.at[0] = table->get(index);
  s.acc = in.at[0];
  return finish(s);
}

u64 tableSet(State& s) {
  Operands in = operandsOf(s);
  TableObj* table = tableAt(s, in.first);
  u64 index = widen(table, in.at[0]);
  if (index >= table->size) return raise(s, Trap::TableOutOfBounds);
  table->set(index, in.at[1]);
  return finish(s);
}

u64 tableSize(State& s) {
  Operands in = operandsOf(s);
  in.at[0] = tableAt(s, in.first)->size;
  s.acc = in.at[0];
  return finish(s);
}

u64 tableGrow(State& s) {
  Operands in = operandsOf(s);
  const Trap trap = bls::tableGrow(s.cx, in.at, in.first, bulkCostOf(s));
  if (trap != Trap::None) return raise(s, trap);
  s.acc = in.at[0];
  return finish(s);
}

u64 tableFill(State& s) {
  Operands in = operandsOf(s);
  return finish(s, bls::tableFill(s.cx, in.at, in.first, bulkCostOf(s)));
}

u64 tableCopy(State& s) {
  Operands in = operandsOf(s);  // first: destination, second: source
  return finish(s, bls::tableCopy(s.cx, in.at, in.first, in.second, bulkCostOf(s)));
}

u64 tableInit(State& s) {
  Operands in = operandsOf(s);  // first: element segment, second: table
  return finish(s, bls::tableInit(s.cx, in.at, in.first, in.second, bulkCostOf(s)));
}

u64 elemDrop(State& s) {
  bls::elemDrop(s.cx, operandsOf(s).first);
  return finish(s);
}

u64 refFunc(State& s) {
  Operands in = operandsOf(s);
  in.at[0] = reinterpret_cast<u64>(s.cx->instance->funcRef(in.first));
  s.acc = in.at[0];
  return finish(s);
}

}  // namespace bls::interp
