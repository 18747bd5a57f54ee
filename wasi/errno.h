// Errno: the error numbers WASI functions return, and the one table from host errors to them
// (errno.def).
#pragma once

#include "engine/base/ints.h"

namespace bls::wasi {

enum class Errno : u16 {
#define WASI_ERRNO(name, number, host) name = number,
#include "wasi/errno.def"
#undef WASI_ERRNO
};

/// The WASI number of a host errno value; Io for host errors WASI has no name for. Never Success
/// for a non-zero value.
Errno fromHost(int hostErrno);
/// fromHost of the calling thread's errno.
Errno lastError();
/// "inval", …: the name in the specification's spelling, for messages and tests.
const char* errnoName(Errno error);

}  // namespace bls::wasi
