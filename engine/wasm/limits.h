// Implementation limits (threat model section 3). Enforced by decoder and validator; the error is
// `limit: <item> <found> > <max>`. Run-time limits are in object/limits.h.
#pragma once

#include "engine/base/ints.h"

namespace bls::limits {

constexpr u64 kModuleBytes = u64{1} << 30;
constexpr u32 kTypes = 1000000;
constexpr u32 kRecGroupMembers = 1000000;
constexpr u32 kSubtypeDepth = 63;
constexpr u32 kFunctions = 1000000;
constexpr u32 kImports = 1000000;
constexpr u32 kExports = 1000000;
constexpr u32 kGlobals = 1000000;
constexpr u32 kTags = 1000000;
constexpr u32 kDataSegments = 100000;
constexpr u32 kElemSegments = 100000;
constexpr u32 kElemSegmentEntries = 10000000;
constexpr u32 kTables = 100000;
constexpr u32 kMemories = 100;
constexpr u32 kTableSizeRuntime = 10000000;
constexpr u32 kParams = 1000;
constexpr u32 kResults = 1000;
constexpr u32 kFunctionBodyBytes = 7654321;
constexpr u32 kLocals = 50000;
constexpr u32 kControlDepth = 1000000;
constexpr u32 kOperandHeight = 1000000;
constexpr u32 kNameBytes = 100000;
constexpr u32 kStructFields = 10000;
constexpr u32 kArrayNewFixed = 10000;
constexpr u32 kTryTableCatches = 10000;

}  // namespace bls::limits
