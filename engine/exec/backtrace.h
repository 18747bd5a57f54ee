// Backtraces: the frames of a trap as lines for people. Entry point: formatTrap.
//
// Form (threat model section 5, item 3): `trap: <kind> at function <n> (<name>) offset 0x…`, then at most 20 lines, one a
// frame, innermost first. Offsets are file offsets. Guest-supplied text is escaped and cut.
#pragma once

#include <string>

#include "engine/object/exec_ctx.h"

namespace bls {

/// Where names and source lines come from; the runtime implements it over the name section and DWARF.
class FrameNamer {
 public:
  virtual ~FrameNamer() = default;
  /// The function's name, empty when there is none.
  virtual std::string functionName(const Module& module, u32 funcIndex) = 0;
  /// Source file and line of a file offset; false when unknown.
  virtual bool sourceLine(const Module& module, u32 fileOffset, std::string* file, u32* line) = 0;
};

/// The whole message, without a final newline. `namer` may be null. `detail` is appended to the kind.
std::string formatTrap(Trap trap, const TrapTrace& trace, const std::string& detail, FrameNamer* namer);

/// File offset of a frame's instruction.
u32 fileOffsetOf(const FramePlace& frame);

}  // namespace bls
