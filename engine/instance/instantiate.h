// Instantiation: makes an Instance of a validated module in a store. Entry point: instantiate.
//
// Order (core 3.0): imports are matched already (linker.h) → allocation → globals in order → table
// initialisers → element expressions → active element segments in order → active data segments in
// order → start function. A segment is checked as a whole before any of it is written; what earlier
// segments wrote stays when a later one traps, and functions in shared tables stay callable, since
// the store keeps the instance. An error (limits, no memory, unsupported) leaves nothing behind.
// Spec: exec/modules, instantiation.
#pragma once

#include <span>

#include "engine/exec/fuel.h"
#include "engine/instance/extern.h"
#include "engine/object/store.h"

namespace bls {

struct InstantiateArgs {
  Store* store = nullptr;
  const Module* module = nullptr;   // validated; outlives the store (Store::keepAlive)
  FuncCode* code = nullptr;         // the tier's cells for this module; same lifetime
  void* owner = nullptr;            // Instance::owner
  std::span<const Extern> imports;  // from Linker::resolve, of the same store
  bool runStart = true;             // false: the caller runs the start function itself
  /// True for one more thread of a guest: active data segments do not go into shared memories
  /// again.
  bool anotherThread = false;
  const FuelSchedule* schedule =
      nullptr;  // what instantiation costs; null when fuel is not counted
};

struct Instantiated {
  Instance* instance = nullptr;
  Trap trap =
      Trap::None;  // of an active segment or the start function; the instance exists all the same
};

/// Errors: Limit (`memory minimum size of …`, `table minimum size of …`, instances), Unsupported.
Result<Instantiated> instantiate(const InstantiateArgs& args, Diagnostics& diag);

}  // namespace bls
