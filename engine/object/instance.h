// Instance: a module's run-time objects in one allocation (header and arrays), laid out by
// instance.def so that compiled code can address it. Made by instance/instantiate.h, owned by the
// store. Spec: exec/runtime, module instances.
#pragma once

#include "engine/module/module.h"
#include "engine/object/memory.h"
#include "engine/object/table.h"

namespace bls {

struct Instance {
#define INST_FIELD(name, type, meaning) type name{};
#include "engine/object/instance.def"
#undef INST_FIELD

  /// The function value for index `funcIndex` (imports included), made on first use. Never null for
  /// a valid index.
  FuncObj* funcRef(u32 funcIndex);
  /// Address of the current value of a global, whether own or imported.
  GlobalCell* globalCell(u32 globalIndex) {
    bool shared = globalIndex < module->importedGlobals &&
                  module->globals[GlobalIndex{globalIndex}].type.isMutable;
    return shared ? reinterpret_cast<GlobalCell*>(globals[globalIndex].lo) : &globals[globalIndex];
  }
};

/// Brings what `cx` says of memory 0 up to date, after anything that may have made it grow.
inline void refreshMemory(ExecCtx* cx) {
  const MemoryObj* memory = cx->instance->memory0;
  cx->mem0Base = memory->base;
  cx->mem0Size = memory->size.load(std::memory_order_acquire);
}

/// Makes `instance` (which may be null) the one whose code runs on `cx`: its globals, code cells
/// and memory 0. Compiled code does the same in its stubs (switchTo).
inline void setCurrentInstance(ExecCtx* cx, Instance* instance) {
  cx->instance = instance;
  cx->globals = instance != nullptr ? instance->globals : nullptr;
  cx->code = instance != nullptr ? instance->code : nullptr;
  cx->imports = instance != nullptr ? instance->imports : nullptr;
  const MemoryObj* memory = instance != nullptr ? instance->memory0 : &noMemory;
  cx->mem0Base = memory->base;
  cx->mem0Size = memory->size.load(std::memory_order_acquire);
}

}  // namespace bls
