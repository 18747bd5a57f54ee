// Random sequences of path calls, run on two equal directory trees with the two resolvers: every
// result must be the same, and nothing outside the granted directories may be read, listed, looked
// up or change. Used by tests/fuzz/wasi_paths.cc and agreement_test.cc; free of any test framework.
#pragma once

#include <string>

#include "engine/base/ints.h"

namespace bls::wasi {

/// Interprets `data` as a sequence of calls. Empty when all is well, else what went wrong.
std::string runPathOps(const u8* data, size_t size);

/// False when this kernel has no openat2: runPathOps then only looks for escapes of the walk.
bool canComparePathResolvers();

}  // namespace bls::wasi
