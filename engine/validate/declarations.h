// Rules for everything outside types and bodies: imports, tables, memories, tags, globals, exports,
// start, segments. Spec: valid/modules.
#pragma once

#include "engine/validate/func_validator.h"

namespace bls {

/// Checks the declarations of a module whose types are valid, and fills `context->declaredFuncs`.
/// Constant expressions that cannot run yet are noted in `results`.
Status validateDeclarations(const Module& m, BodyContext* context, BodyResults* results,
                            Diagnostics& diag);

}  // namespace bls
