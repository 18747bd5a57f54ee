// decodeModule: bytes → Module. Sections, their order and sizes, every index-free rule of the
// binary format.
//
// Function bodies are located, not read: what is malformed in them is found by the validator's walk
// (validate/ module_validator.h), which is part of loading, or by decodeBody. Nothing is validated
// here; all counts are compared with the bytes left and with limits.h before anything is allocated.
// Spec: binary/modules.
#pragma once

#include <memory>

#include "engine/base/status.h"
#include "engine/module/module.h"

namespace bls {

/// Decodes a module; on success `*out` owns it and the bytes. Errors carry class (Malformed, Limit,
/// Unsupported), offset and section. Thread safe for different arguments.
Status decodeModule(ModuleBytes bytes, Features features, Diagnostics& diag,
                    std::unique_ptr<Module>* out);

}  // namespace bls
