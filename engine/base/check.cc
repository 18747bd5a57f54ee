// The one place where an internal error ends the process.
#include "engine/base/check.h"

#include <cstdio>
#include <cstdlib>

namespace bls {

void checkFailed(const char* expr, const char* file, int line) {
  std::fprintf(stderr, "error: internal: %s (%s:%d); this is a bug in bless, please report it\n",
               expr, file, line);
  std::fflush(stderr);
#if defined(BLS_ABORT_ON_CHECK)
  std::abort();
#else
  std::_Exit(255);
#endif
}

}  // namespace bls
