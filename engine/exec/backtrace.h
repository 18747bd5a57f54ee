// Backtraces: the frames of a trap as lines for people. Entry point: formatTrap.
//
// Form (threat model section 5, item 3): `trap: <kind> at function <n> (<name>) offset 0x…`, then
// at most 20 lines, one a frame, innermost first. Offsets are file offsets; `at <file>:<line>`
// follows where the module has DWARF lines. Names and lines are read here, when a trap is reported,
// and not before. Guest-supplied text is escaped and cut.
#pragma once

#include <string>

#include "engine/object/exec_ctx.h"

namespace bls {

/// The whole message, without a final newline. `detail` is appended to the kind.
std::string formatTrap(Trap trap, const TrapTrace& trace, const std::string& detail);

/// File offset of a frame's instruction.
u32 fileOffsetOf(const FramePlace& frame);

}  // namespace bls
