// CHECK and UNREACHABLE: our own bugs. They print one line with the place and leave with status 255
// (abort in debug and fuzz builds, so that a core or a fuzzer finding exists). Never used for guest
// input or for anything a guest, peer or operator can cause.
#pragma once

namespace bls {

/// Prints `error: internal: <expr> (<file>:<line>)` and ends the process; see the file comment.
[[noreturn]] void checkFailed(const char* expr, const char* file, int line);

}  // namespace bls

#define BLS_LIKELY(x) __builtin_expect(!!(x), 1)
#define BLS_UNLIKELY(x) __builtin_expect(!!(x), 0)

#define CHECK(cond) (BLS_LIKELY(cond) ? (void)0 : ::bls::checkFailed(#cond, __FILE__, __LINE__))

#ifdef NDEBUG
#define DCHECK(cond) ((void)0)
#else
#define DCHECK(cond) CHECK(cond)
#endif

#define UNREACHABLE(why) ::bls::checkFailed("unreachable: " why, __FILE__, __LINE__)
