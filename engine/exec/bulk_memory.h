// Bulk memory instructions on operands in slots, for every tier: at[0], at[1], … as they stand on
// the operand stack; results go to at[0]. Each charges its units and checks the budget as the
// schedule says, before the bounds check. Spec: exec/instructions, memory; fuel rules, section 3.
#pragma once

#include "engine/object/instance.h"

namespace bls {

/// Fuel of one bulk instruction, besides what its tier has charged already.
struct BulkCost {
  i64 charge = 0;   // executed and not charged, the instruction included
  u32 perUnit = 0;  // for each byte, page or element
  bool check = false;
};

/// Long work runs in pieces of this size, so that an interrupt request ends it soon.
constexpr u64 kBulkChunk = u64{16} << 20;

Trap chargeBulk(ExecCtx* cx, u64 units, const BulkCost& cost);
/// More fuel from the reserve; OutOfFuel or the interrupt that is requested.
Trap refillFuel(ExecCtx* cx);

Trap memoryGrow(ExecCtx* cx, u64* at, u32 memory, const BulkCost& cost);
Trap memoryFill(ExecCtx* cx, u64* at, u32 memory, const BulkCost& cost);
Trap memoryCopy(ExecCtx* cx, u64* at, u32 to, u32 from, const BulkCost& cost);
Trap memoryInit(ExecCtx* cx, u64* at, u32 segment, u32 memory, const BulkCost& cost);
void dataDrop(ExecCtx* cx, u32 segment);

}  // namespace bls
