// The seccomp filter of a run: a table of classic BPF made at compile time. Entry point:
// syscallFilter. Linux only; files that include this are *_linux.cc.
//
// Which call is allowed stands in syscall_filter_linux.cc. A call outside the list traps (SIGSYS),
// which sandbox_linux.cc turns into a message; calls that libraries only try, or that a guest may
// lead to, fail with an errno instead.
#pragma once

#include <linux/filter.h>

#include <span>

namespace bls::cli {

/// `compiles`: memory may be made executable, though never while it is writable. `network`: sockets
/// may be made and connected. Static storage.
std::span<const sock_filter> syscallFilter(bool compiles, bool network);

}  // namespace bls::cli
