// Table instructions. Spec: exec/instructions, tables.
#include "engine/exec/table_ops.h"

namespace bls {
namespace {

TableObj* tableAt(const ExecCtx* cx, u32 index) { return cx->instance->tables[index]; }
u64 widen(const TableObj* table, u64 slot) {
  return table->type.limits.is64 ? slot : static_cast<u32>(slot);
}
bool inside(u64 size, u64 at, u64 length) { return length <= size && at <= size - length; }

}  // namespace

Trap tableGrow(ExecCtx* cx, u64* at, u32 index, const BulkCost& cost) {
  TableObj* table = tableAt(cx, index);
  const u64 delta = widen(table, at[1]);
  const Trap trap = chargeBulk(cx, delta, cost);
  if (trap != Trap::None) return trap;
  const i64 old = table->grow(delta, at[0]);
  at[0] = table->type.limits.is64 ? static_cast<u64>(old) : static_cast<u32>(old);
  return Trap::None;
}

Trap tableFill(ExecCtx* cx, u64* at, u32 index, const BulkCost& cost) {
  TableObj* table = tableAt(cx, index);
  const u64 to = widen(table, at[0]);
  const u64 length = widen(table, at[2]);
  const Trap trap = chargeBulk(cx, length, cost);
  if (trap != Trap::None) return trap;
  if (!inside(table->size, to, length)) return Trap::TableOutOfBounds;
  for (u64 i = 0; i < length; ++i) table->set(to + i, at[1]);
  return Trap::None;
}

Trap tableCopy(ExecCtx* cx, u64* at, u32 toIndex, u32 fromIndex, const BulkCost& cost) {
  TableObj* to = tableAt(cx, toIndex);
  TableObj* from = tableAt(cx, fromIndex);
  const u64 dest = widen(to, at[0]);
  const u64 source = widen(from, at[1]);
  const bool is64 = to->type.limits.is64 && from->type.limits.is64;
  const u64 length = is64 ? at[2] : static_cast<u32>(at[2]);
  const Trap trap = chargeBulk(cx, length, cost);
  if (trap != Trap::None) return trap;
  if (!inside(to->size, dest, length) || !inside(from->size, source, length)) {
    return Trap::TableOutOfBounds;
  }
  if (dest <= source) {
    for (u64 i = 0; i < length; ++i) to->set(dest + i, from->get(source + i));
  } else {
    for (u64 i = length; i-- > 0;) to->set(dest + i, from->get(source + i));
  }
  return Trap::None;
}

Trap tableInit(ExecCtx* cx, u64* at, u32 segment, u32 index, const BulkCost& cost) {
  TableObj* table = tableAt(cx, index);
  const ElemInstance& elem = cx->instance->elems[segment];
  const u64 dest = widen(table, at[0]);
  const u64 source = static_cast<u32>(at[1]);
  const u64 length = static_cast<u32>(at[2]);
  const Trap trap = chargeBulk(cx, length, cost);
  if (trap != Trap::None) return trap;
  if (!inside(table->size, dest, length) || !inside(elem.refs.size(), source, length)) {
    return Trap::TableOutOfBounds;
  }
  for (u64 i = 0; i < length; ++i) table->set(dest + i, elem.refs[static_cast<size_t>(source + i)]);
  return Trap::None;
}

void elemDrop(ExecCtx* cx, u32 segment) {
  std::vector<u64>().swap(cx->instance->elems[segment].refs);
}

}  // namespace bls
