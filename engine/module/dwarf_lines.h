// resolveLines: DWARF line information (.debug_line, versions 2 to 5) for places in a module's
// code.
//
// One pass over the section's programs per call, nothing kept: meant for the few frames of a trap
// report, so pass all of them at once. Hostile input is bounded by its own size (every step
// consumes a byte); ill-formed units are skipped. Addresses in wasm DWARF count from the code
// section's payload. Sequences at address 0 belong to functions the linker dropped. Spec: DWARF
// 5, 6.2 Line Number Information; WebAssembly DWARF conventions.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "engine/module/module.h"

namespace bls {

struct SourceLine {
  std::string file;  // guest text, escaped; empty when unknown
  u32 line = 0;      // 0 when unknown
  u32 column = 0;
};

/// The source lines of instructions at these file offsets, in their order. Empty results where
/// nothing is known.
std::vector<SourceLine> resolveLines(const Module& m, std::span<const u64> fileOffsets);

}  // namespace bls
