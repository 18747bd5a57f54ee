// Rules of the type section: references exist, subtypes match their supertypes. Spec: valid/types.
#pragma once

#include "engine/base/status.h"
#include "engine/module/module.h"

namespace bls {

/// Needs nothing but the type section; everything else may rely on it afterwards.
Status validateTypes(const Module& m, Diagnostics& diag);

}  // namespace bls
