// Telling profilers and debuggers about compiled functions: perf's map file, perf's jitdump, gdb's
// JIT interface. For the command line: what is announced is never taken back, and a process has one
// way of announcing.
//
// Entry points: startProfile; makeCodeElf for tests. Files: profile_posix.cc (announcing),
// profile_elf_posix.cc. Formats: perf's tools/perf/Documentation/jit-interface.txt and
// jitdump-specification.txt; gdb's manual, "JIT Compilation Interface".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/base/ints.h"

namespace bls::cli {

enum class Profile : u8 { None, PerfMap, JitDump, Gdb };

/// A word of --profile; None for any other.
Profile profileOf(std::string_view word);

/// Announces every function compiled from now on. False when this build or the system cannot.
/// `why`: what went wrong.
bool startProfile(Profile profile, std::string* why);

/// An ELF file in memory that says one thing: the function `name` is `size` bytes at `address`.
std::vector<u8> makeCodeElf(std::string_view name, u64 address, u64 size);

}  // namespace bls::cli
