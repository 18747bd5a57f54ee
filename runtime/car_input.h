// Archives as INPUT: their configuration is found, their files are extracted, and what the
// configuration may not grant itself is left out. Entry points: loadArchive, runV86.
//
// The configuration is the guest's: its fs_root_path, where files are written, must be the
// operator's root or lie below it; the rest is narrowToArchive's unless --trust-archive-config is
// given. Source: reference page of the configuration file, sections 4 and 5; threat model CAC-6.
#pragma once

#include "runtime/config_input.h"

namespace bls::cli {

/// loadConfig for an archive: finds its configuration, extracts all of it, gives out what is left
/// to say. 0, or an exit status when that failed, which has been said.
int loadArchive(const ParsedOptions& options, OptionPlace place, Console& console, ConfigFile* out);

/// --v86: extracts the archive and hands its configuration to the native library it names. The exit
/// status.
int runV86(const ParsedOptions& options, OptionPlace place, Console& console);

}  // namespace bls::cli
