// The programs beside this one, which it becomes: bls-explain for its disassembler, bls-full for
// what needs big libraries (RATIONALE.md, "Why is the program linked statically?"). Entry points:
// becomeCompanion, needsFullProgram, becomeFullProgram, takeHandover.
//
// Becoming is execve: descriptors, environment, working directory and process id stay. The time the
// process started at, which --run-time counts from, goes along as an internal first argument that
// the other program takes off again: no guest sees it.
#pragma once

#include "tools/commands.h"

namespace bls::tools {

/// Becomes the program `name` in the folder this program lies in. Returns only when that fails, or
/// in the wasm build. `words` begin with the name to run by.
void becomeCompanion(const char* name, std::vector<char*> words);

/// True when what is asked for needs bls-full and this is not that program.
bool needsFullProgram(const ParsedOptions& options);

/// Becomes bls-full with the same command line. Returns only when that fails: the exit status,
/// after one line that says why.
int becomeFullProgram(Invocation& call);

/// For bls-full: takes the internal argument of becomeFullProgram off `argv`. `*startNs` is the
/// start it names, or `nowNs` where there is none, or none that can be true.
void takeHandover(int* argc, char** argv, u64 nowNs, u64* startNs);

}  // namespace bls::tools
