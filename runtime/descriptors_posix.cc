// Inherited descriptors on Linux: one poll tells which of the low ones are open.
#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bit>

#include "engine/base/sanitized.h"
#include "runtime/descriptors.h"

namespace bls::cli {
namespace {

constexpr int kNoted = 64;  // shells hand inputs over below this
u64 inherited = 0;

bool isOpen(int fd) { return fcntl(fd, F_GETFD) >= 0; }

u64 openBelow64() {
  pollfd fds[kNoted];
  for (int i = 0; i < kNoted; ++i) fds[i] = {i, 0, 0};
  u64 open = 0;
  // Refused when the limit of open files is below 64.
  const bool polled = poll(fds, kNoted, 0) >= 0;
  for (int i = 0; i < kNoted; ++i) {
    const bool is = polled ? (fds[i].revents & POLLNVAL) == 0 : isOpen(i);
    if (is) open |= u64{1} << i;
  }
  return open;
}

}  // namespace

void noteInherited() {
  const u64 open = openBelow64();
  for (int fd = 0; fd < 3; ++fd) {
    // The lowest free number is taken, and those below are open by now.
    if ((open >> fd & 1) == 0 && ::open("/dev/null", O_RDWR) != fd) break;
  }
#if !defined(BLS_SANITIZED)  // the sanitizer's own are among them
  inherited = open & ~u64{7};
  syscall(SYS_close_range, unsigned{kNoted}, ~0u, 0u);
#endif
}

u32 dropInherited() {
  const u32 count = static_cast<u32>(std::popcount(inherited));
  for (; inherited != 0; inherited &= inherited - 1) close(std::countr_zero(inherited));
  return count;
}

bool replaceStandardInput(std::span<const u8> bytes) {
  const int file = memfd_create("module", MFD_CLOEXEC);
  if (file < 0) return false;
  while (!bytes.empty()) {
    const ssize_t count = write(file, bytes.data(), bytes.size());
    if (count <= 0) break;
    bytes = bytes.subspan(static_cast<size_t>(count));
  }
  const bool done = bytes.empty() && lseek(file, 0, SEEK_SET) == 0 && dup2(file, 0) == 0;
  close(file);
  return done;
}

}  // namespace bls::cli
