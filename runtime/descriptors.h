// The host descriptors a program is started with. Entry points: noteInherited at the very start,
// dropInherited before a guest runs.
//
// A guest must not reach what the starter left open by mistake (threat model FS-10), but inputs may
// be named through it (`bls run /dev/fd/9`): so what is inherited is noted first, and closed once
// all inputs have been opened. Thread rule: both on the first thread.
#pragma once

#include <span>

#include "engine/base/ints.h"

namespace bls::cli {

/// Opens /dev/null for each of descriptors 0, 1, 2 that is closed, so that no file takes its place;
/// notes which of 3 to 63 are open; closes those above.
void noteInherited();

/// Closes what noteInherited noted. Returns how many.
u32 dropInherited();

/// Makes descriptor 0 a new file in memory with these bytes, to be read from its beginning, also by
/// the program this process becomes. False when the system refuses.
bool replaceStandardInput(std::span<const u8> bytes);

}  // namespace bls::cli
