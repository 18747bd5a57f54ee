// FuelSchedule: what operators cost and where budgets are checked, as data (fuel.def). Every tier
// computes its charges from one of these; an index into kFuelSchedules is part of CodeOptions and
// of code-cache keys. Units are plain numbers; see the fuel contract for their meaning. Immutable.
#pragma once

#include <limits>
#include <string_view>

#include "engine/base/ints.h"
#include "engine/wasm/opcodes.h"

namespace bls {

struct FuelSchedule {
  std::string_view name;
  u8 entryCost;         // each activation
  u8 operatorCost;      // every operator that is not free
  bool bulkCheck;       // bulk operators are check points, unless constant and small
  bool startupCharged;  // instantiation work is charged
  u8 perByte;           // memory.copy, memory.fill, memory.init
  u8 perPage;           // memory.grow
  u8 perElement;        // table.copy, table.fill, table.init, table.grow; arrays likewise

  /// Flat cost of one executed operator.
  constexpr u32 costOf(Op op) const { return isFree(op) ? 0 : operatorCost; }
  static constexpr bool isFree(Op op) {
    switch (op) {
#define SCHEDULE(...)
#define FREE(name) case Op::name:
#include "engine/exec/fuel.def"
#undef FREE
#undef SCHEDULE
      return true;
      default: return false;
    }
  }
  /// Per-unit cost of a bulk operator, 0 for all others.
  constexpr u32 unitCostOf(Op op) const {
    switch (op) {
      case Op::MemoryCopy:
      case Op::MemoryFill:
      case Op::MemoryInit: return perByte;
      case Op::MemoryGrow: return perPage;
      case Op::TableCopy:
      case Op::TableFill:
      case Op::TableInit:
      case Op::TableGrow:
      case Op::ArrayCopy:
      case Op::ArrayFill:
      case Op::ArrayInitData:
      case Op::ArrayInitElem:
      case Op::ArrayNew:
      case Op::ArrayNewDefault:
      case Op::ArrayNewData:
      case Op::ArrayNewElem: return perElement;
      default: return 0;
    }
  }
  static constexpr bool isBulk(Op op) {
    switch (op) {
      case Op::MemoryCopy:
      case Op::MemoryFill:
      case Op::MemoryInit:
      case Op::MemoryGrow:
      case Op::TableCopy:
      case Op::TableFill:
      case Op::TableInit:
      case Op::TableGrow:
      case Op::ArrayCopy:
      case Op::ArrayFill:
      case Op::ArrayInitData:
      case Op::ArrayInitElem:
      case Op::ArrayNew:
      case Op::ArrayNewDefault:
      case Op::ArrayNewData:
      case Op::ArrayNewElem: return true;
      default: return false;
    }
  }
};

/// Constant bulk work up to this many units is not checked.
constexpr u64 kUncheckedBulkUnits = 128;

inline constexpr FuelSchedule kFuelSchedules[] = {
#define SCHEDULE(name, id, entry, plain, check, startup, bytes, pages, elements) \
  {name, entry, plain, check, startup, bytes, pages, elements},
#include "engine/exec/fuel.def"
#undef SCHEDULE
};
enum class FuelPreset : u8 {
#define SCHEDULE(name, id, ...) id,
#include "engine/exec/fuel.def"
#undef SCHEDULE
};
constexpr u32 kFuelScheduleCount = sizeof kFuelSchedules / sizeof kFuelSchedules[0];

/// Units × cost, saturating at INT64_MAX.
constexpr i64 bulkCharge(u64 units, u32 cost) {
  constexpr u64 kMax = static_cast<u64>(std::numeric_limits<i64>::max());
  if (cost == 0) return 0;
  return units > kMax / cost ? static_cast<i64>(kMax) : static_cast<i64>(units * cost);
}
/// `counter` less `charge` (not negative), staying at the lowest value instead of wrapping.
constexpr i64 fuelAfter(i64 counter, i64 charge) {
  constexpr i64 kMin = std::numeric_limits<i64>::min();
  return counter < kMin + charge ? kMin : counter - charge;
}

}  // namespace bls
