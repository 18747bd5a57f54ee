// Waits for an event instead of a time: until a thread of this process sleeps in the kernel.
//
// Entry points: currentThread(), waitUntilAsleep(thread). A test of a blocking call needs to act
// while the call blocks; a pause of fixed length is too short on a loaded machine and too long on
// all others. Linux only: reads the thread's state from /proc.
#pragma once

#include <fcntl.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <string>
#include <string_view>

namespace bls::test {

using ThreadId = long;

inline ThreadId currentThread() { return syscall(SYS_gettid); }

/// Returns when `thread` sleeps. It must be alive and about to block on something that only what
/// the caller does next can end.
inline void waitUntilAsleep(ThreadId thread) {
  const std::string path = "/proc/self/task/" + std::to_string(thread) + "/stat";
  for (;;) {
    char text[256];
    const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    const ssize_t size = fd < 0 ? 0 : read(fd, text, sizeof text);
    if (fd >= 0) close(fd);
    if (size <= 0) return;
    const std::string_view line(text, static_cast<size_t>(size));
    const size_t name = line.rfind(')');  // the name in brackets may hold anything
    if (name != line.npos && line.substr(name).starts_with(") S")) return;
    sched_yield();
  }
}

}  // namespace bls::test
