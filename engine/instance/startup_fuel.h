// What instantiation costs under schedules with a startup function. Entry point: startupCharge.
// Spec: fuel contract, section 6.
//
// The startup function exists only when something cannot be done ahead of time: a start function,
// an initialiser that is no plain constant, an element segment with a computed offset, an imported
// table or computed elements, a data segment with a computed offset or an imported memory.
// Everything else is free.
#pragma once

#include "engine/exec/fuel.h"
#include "engine/module/module.h"

namespace bls {

struct StartupCharge {
  bool exists = false;  // the entry check happens
  u64 units =
      0;  // all work before the start function's own entry, the startup function's entry excluded
};

/// The charge of instantiating `m`, which is valid. Free under schedules without a startup
/// function.
StartupCharge startupCharge(const Module& m, const FuelSchedule& schedule);

}  // namespace bls
