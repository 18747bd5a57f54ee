// Names of the interpreter's handlers, for listings. The names are relocated pointers, which `bls`
// itself is spared.
#pragma once

#include "engine/base/ints.h"

namespace bls::tools {

/// "I32Add_SS", …; "?" for a number that is no handler.
const char* cellName(u64 handler);

}  // namespace bls::tools
