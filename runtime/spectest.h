// The module `spectest` that the scripts of the spec suite import from. Entry point:
// defineSpectest.
//
// It is an ordinary module in the text format; its print functions print nothing. Spec:
// interpreter's script format, spectest.
#pragma once

#include <string>

#include "runtime/runtime.h"

namespace bls::embed {

/// Makes spectest available to the linker's store. Empty, or the error: what the engine's features
/// do not allow (64-bit tables, shared memories) is left out first.
std::string defineSpectest(const Engine& engine, Linker& linker);

}  // namespace bls::embed
