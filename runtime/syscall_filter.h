// The seccomp filter of a run: classic BPF, made at compile time but for the process's number.
// Entry point: syscallFilter. Linux only; files that include this are *_linux.cc.
//
// Which call is allowed stands in syscall_filter_linux.cc. A call outside the list traps (SIGSYS),
// which sandbox_linux.cc turns into a message; calls that libraries only try, or that a guest may
// lead to, fail with an errno instead.
#pragma once

#include <linux/filter.h>

#include <vector>

#include "engine/base/ints.h"

namespace bls::cli {

/// `compiles`: memory may be made executable, though never while it is writable. `network`: sockets
/// may be made and connected. `process`: whose threads alone may be signalled (the number of this
/// one); Landlock keeps signals in from ABI 6 on only.
std::vector<sock_filter> syscallFilter(bool compiles, bool network, u32 process);

}  // namespace bls::cli
