// Which proposals a module really uses, for `bls inspect`. Entry point: usedFeatures.
#pragma once

#include <vector>

#include "engine/module/module.h"

namespace bls {

/// Flag names (features.def), in table order. The module is valid. Walks all bodies: O(module
/// bytes).
std::vector<const char*> usedFeatures(const Module& m);

}  // namespace bls
