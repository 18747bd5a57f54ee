// The part the programs share; each has a main of its own (bls.cc, full/main.cc).
#pragma once

#include "runtime/cli.h"

namespace bls::tools {

/// Runs the verb the words name and ends the process with its status. `startNs`: monotonic time the
/// process started at.
[[noreturn]] void runProgram(int argc, char** argv, u64 startNs);

}  // namespace bls::tools
