// Host errno to WASI errno.
#include "wasi/errno.h"

#include <errno.h>

namespace bls::wasi {

Errno fromHost(int hostErrno) {
  if (hostErrno == 0) return Errno::Success;
#define WASI_ERRNO(name, number, host) \
  if ((host) != 0 && hostErrno == (host)) return Errno::name;
#include "wasi/errno.def"
#undef WASI_ERRNO
  // Second spellings of a number that has one already; equal on some systems.
  if (hostErrno == EWOULDBLOCK) return Errno::Again;
  if (hostErrno == EOPNOTSUPP) return Errno::NotSup;
  return Errno::Io;
}

Errno lastError() { return fromHost(errno); }

const char* errnoName(Errno error) {
  switch (error) {
#define WASI_ERRNO(name, number, host) \
  case Errno::name: return #name;
#include "wasi/errno.def"
#undef WASI_ERRNO
  }
  return "unknown";
}

}  // namespace bls::wasi
