// validateModule: the whole of validation, always complete before anything runs, and the metadata
// of all bodies.
//
// Bodies are checked in one walk that also decodes them, so this is where a malformed body is
// found: malformed outranks invalid, and after a failure the remaining bodies are read once more
// without types to find out which it is. With an executor, runs of bodies are checked in parallel;
// result and metadata do not depend on it. Spec: valid/modules.
#pragma once

#include "engine/base/executor.h"
#include "engine/base/status.h"
#include "engine/module/module.h"
#include "engine/validate/func_meta.h"

namespace bls {

struct ValidateOptions {
  Executor* executor = nullptr;  // null: everything on the calling thread
};

/// Validates `m` with the features it was decoded with and fills `meta`. Error classes: Malformed,
/// Invalid, Limit.
Status validateModule(const Module& m, const ValidateOptions& options, ModuleMeta* meta,
                      Diagnostics& diag);

}  // namespace bls
