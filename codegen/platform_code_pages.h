// Pages for machine code, never writable and executable at once (threat model JIT-5). Two views of
// the same memory where the system has memfd_create; else one view that is sealed after writing.
#pragma once

#include "engine/base/ints.h"

namespace bls::codegen {

struct CodePages {
  u8* write = nullptr;      // where code is written
  const u8* run = nullptr;  // where it is executed; equal to `write` when there is one view
  u64 size = 0;
  bool twoViews() const { return write != run; }
};

/// Maps `size` bytes (a multiple of the page size), zero filled; pages cost memory when written.
/// `oneView` asks for the fallback. False when the system refuses.
bool mapCodePages(u64 size, bool oneView, CodePages* out);
void unmapCodePages(const CodePages& pages);
/// One view only: ends writing to [offset, offset+size), whole pages, and makes them executable.
bool sealCodePages(const CodePages& pages, u64 offset, u64 size);
/// Makes written instructions visible to instruction fetch of all threads.
void syncInstructions(const u8* begin, u64 size);

}  // namespace bls::codegen
