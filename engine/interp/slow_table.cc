// Out-of-line table and reference instructions. Operands stand in consecutive slots from imm32;
// indices in the data cell behind. Spec: exec/instructions, tables and references.
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
bool inside(u64 size, u64 at, u64 length) { return length <= size && at <= size - length; }
u64 finish(State& s) {
  s.pc += 2;
  return kContinue;
}

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
  Operands in = operandsOf(s);  // value, delta
  TableObj* table = tableAt(s, in.first);
  u64 delta = widen(table, in.at[1]);
  Trap trap = chargeBulk(s, delta);
  if (trap != Trap::None) return raise(s, trap);
  i64 old = table->grow(delta, in.at[0]);
  in.at[0] = table->type.limits.is64 ? static_cast<u64>(old) : static_cast<u32>(old);
  s.acc = in.at[0];
  return finish(s);
}

u64 tableFill(State& s) {
  Operands in = operandsOf(s);  // index, value, length
  TableObj* table = tableAt(s, in.first);
  u64 at = widen(table, in.at[0]), length = widen(table, in.at[2]);
  Trap trap = chargeBulk(s, length);
  if (trap == Trap::None && !inside(table->size, at, length)) trap = Trap::TableOutOfBounds;
  if (trap != Trap::None) return raise(s, trap);
  for (u64 i = 0; i < length; ++i) table->set(at + i, in.at[1]);
  return finish(s);
}

u64 tableCopy(State& s) {
  Operands in = operandsOf(s);  // destination, source, length
  TableObj* to = tableAt(s, in.first);
  TableObj* from = tableAt(s, in.second);
  u64 dest = widen(to, in.at[0]), source = widen(from, in.at[1]);
  bool is64 = to->type.limits.is64 && from->type.limits.is64;
  u64 length = is64 ? in.at[2] : static_cast<u32>(in.at[2]);
  Trap trap = chargeBulk(s, length);
  if (trap == Trap::None &&
      (!inside(to->size, dest, length) || !inside(from->size, source, length))) {
    trap = Trap::TableOutOfBounds;
  }
  if (trap != Trap::None) return raise(s, trap);
  if (dest <= source) {
    for (u64 i = 0; i < length; ++i) to->set(dest + i, from->get(source + i));
  } else {
    for (u64 i = length; i-- > 0;) to->set(dest + i, from->get(source + i));
  }
  return finish(s);
}

u64 tableInit(State& s) {
  Operands in = operandsOf(s);  // first: element segment, second: table
  TableObj* table = tableAt(s, in.second);
  const ElemInstance& elem = s.cx->instance->elems[in.first];
  u64 dest = widen(table, in.at[0]), source = static_cast<u32>(in.at[1]),
      length = static_cast<u32>(in.at[2]);
  Trap trap = chargeBulk(s, length);
  if (trap == Trap::None &&
      (!inside(table->size, dest, length) || !inside(elem.refs.size(), source, length))) {
    trap = Trap::TableOutOfBounds;
  }
  if (trap != Trap::None) return raise(s, trap);
  for (u64 i = 0; i < length; ++i) table->set(dest + i, elem.refs[static_cast<size_t>(source + i)]);
  return finish(s);
}

u64 elemDrop(State& s) {
  ElemInstance& elem = s.cx->instance->elems[operandsOf(s).first];
  std::vector<u64>().swap(elem.refs);
  return finish(s);
}

u64 refFunc(State& s) {
  Operands in = operandsOf(s);
  in.at[0] = reinterpret_cast<u64>(s.cx->instance->funcRef(in.first));
  s.acc = in.at[0];
  return finish(s);
}

}  // namespace bls::interp
