// Files of the operator that must stay below a root: the targets of --stdout and --stderr (threat
// model FS-11).
#pragma once

namespace bls::cli {

bool directoryExists(const char* path);

/// Opens `path` below `root` for appending, creating the file. No component may be a link or `..`.
/// Host descriptor, or -1.
int openConfinedAppend(const char* root, const char* path);

}  // namespace bls::cli
