// Table instructions on operands in slots, for every tier: at[0], at[1], … as they stand on the
// operand stack; results go to at[0]. Fuel as in bulk_memory.h: paid before the bounds check.
// Access to single elements is each tier's own. Spec: exec/instructions, tables; fuel rules,
// section 3.
#pragma once

#include "engine/exec/bulk_memory.h"

namespace bls {

/// Value, delta.
Trap tableGrow(ExecCtx* cx, u64* at, u32 table, const BulkCost& cost);
/// Index, value, length.
Trap tableFill(ExecCtx* cx, u64* at, u32 table, const BulkCost& cost);
/// Destination, source, length.
Trap tableCopy(ExecCtx* cx, u64* at, u32 to, u32 from, const BulkCost& cost);
Trap tableInit(ExecCtx* cx, u64* at, u32 segment, u32 table, const BulkCost& cost);
void elemDrop(ExecCtx* cx, u32 segment);

}  // namespace bls
