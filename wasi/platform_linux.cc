// The Linux side of platform.h, except path resolution.
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "wasi/platform.h"

namespace bls::wasi {
namespace {

constexpr u64 kMaxOffset = u64{1} << 62;

// Nanoseconds since 1970, clamped to what a u64 holds: hosts report times before 1970 and absurd
// ones.
u64 clampedNs(const timespec& t) {
  if (t.tv_sec < 0) return 0;
  u64 seconds = static_cast<u64>(t.tv_sec);
  constexpr u64 kMaxSeconds = ~u64{0} / 1'000'000'000 - 1;
  if (seconds > kMaxSeconds) return ~u64{0};
  return seconds * 1'000'000'000 + static_cast<u64>(t.tv_nsec);
}

void fillStat(const struct stat& info, int fd, HostStat* out) {
  out->stat.dev = static_cast<u64>(info.st_dev);
  out->stat.ino = static_cast<u64>(info.st_ino);
  out->stat.type = fileTypeOf(static_cast<u32>(info.st_mode), fd);
  out->stat.nlink = static_cast<u64>(info.st_nlink);
  out->stat.size = info.st_size < 0 ? 0 : static_cast<u64>(info.st_size);
  out->stat.atimNs = clampedNs(info.st_atim);
  out->stat.mtimNs = clampedNs(info.st_mtim);
  out->stat.ctimNs = clampedNs(info.st_ctim);
  out->isFifo = S_ISFIFO(info.st_mode);
}

timespec toTimespec(const TimeChange& change) {
  timespec out{};
  switch (change.kind) {
    case TimeChange::Kind::Keep: out.tv_nsec = UTIME_OMIT; break;
    case TimeChange::Kind::Now: out.tv_nsec = UTIME_NOW; break;
    case TimeChange::Kind::Set:
      out.tv_sec = static_cast<time_t>(change.ns / 1'000'000'000);
      out.tv_nsec = static_cast<long>(change.ns % 1'000'000'000);
      break;
  }
  return out;
}

class SystemRandom final : public RandomSource {
 public:
  bool fill(u8* data, size_t size) override {
    for (size_t done = 0; done < size;) {
      ssize_t got = getrandom(data + done, size - done, 0);
      if (got < 0 && errno != EINTR) return false;
      if (got > 0) done += static_cast<size_t>(got);
    }
    return true;
  }
};

}  // namespace

std::unique_ptr<RandomSource> systemRandom() { return std::make_unique<SystemRandom>(); }

void ignoreOutputSignals() {
  for (int number : {SIGPIPE, SIGXFSZ}) {
    struct sigaction current{};
    if (sigaction(number, nullptr, &current) != 0 || (current.sa_flags & SA_SIGINFO) != 0) continue;
    if (current.sa_handler == SIG_DFL) signal(number, SIG_IGN);
  }
}

void closeHost(int fd) { close(fd); }

HostFd duplicate(int fd) { return HostFd(fcntl(fd, F_DUPFD_CLOEXEC, 3)); }

bool socketIsDatagram(int fd) {
  int type = 0;
  socklen_t size = sizeof type;
  return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_DGRAM;
}

Errno openHostDirectory(const std::string& path, HostFd* out) {
  int fd = open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  // A directory that may be searched but not listed still serves for opening files in it.
  if (fd < 0 && errno == EACCES) fd = open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return lastError();
  out->reset(fd);
  return Errno::Success;
}

Errno setTimes(int fd, const TimeChange& access, const TimeChange& modification) {
  timespec times[2] = {toTimespec(access), toTimespec(modification)};
  return futimens(fd, times) == 0 ? Errno::Success : lastError();
}

Errno allocateFile(int fd, u64 offset, u64 length) {
  if (offset > kMaxOffset || length > kMaxOffset) return Errno::FBig;
  int result;
  do {
    result = fallocate(fd, 0, static_cast<off_t>(offset), static_cast<off_t>(length));
  } while (result != 0 && errno == EINTR);
  return result == 0 ? Errno::Success : lastError();
}

Errno adviseFile(int fd, u64 offset, u64 length, Advice advice) {
  static constexpr int kHost[kAdviceCount] = {POSIX_FADV_NORMAL,   POSIX_FADV_SEQUENTIAL,
                                              POSIX_FADV_RANDOM,   POSIX_FADV_WILLNEED,
                                              POSIX_FADV_DONTNEED, POSIX_FADV_NOREUSE};
  if (offset > kMaxOffset) return Errno::Success;  // nothing can be there to advise about
  u64 clamped = std::min(length, kMaxOffset - offset);
  return fromHost(posix_fadvise(fd, static_cast<off_t>(offset), static_cast<off_t>(clamped),
                                kHost[static_cast<u8>(advice)]));
}

u64 bytesReadable(int fd) {
  int count = 0;
  return ioctl(fd, FIONREAD, &count) == 0 && count > 0 ? static_cast<u64>(count) : 0;
}

Errno socketAccept(int fd, HostFd* out) {
  int accepted = accept4(fd, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (accepted < 0) return lastError();
  out->reset(accepted);
  return Errno::Success;
}

Errno socketReceive(int fd, iovec* vecs, int count, bool peek, u64* done, bool* truncated) {
  msghdr message{};
  message.msg_iov = vecs;
  message.msg_iovlen = static_cast<size_t>(count);
  ssize_t got;
  do {
    got = recvmsg(fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC | (peek ? MSG_PEEK : 0));
  } while (got < 0 && errno == EINTR);
  if (got < 0) return lastError();
  *done = static_cast<u64>(got);
  *truncated = (message.msg_flags & MSG_TRUNC) != 0;
  return Errno::Success;
}

Errno socketSend(int fd, iovec* vecs, int count, u64* done) {
  msghdr message{};
  message.msg_iov = vecs;
  message.msg_iovlen = static_cast<size_t>(count);
  ssize_t sent;
  do {
    sent = sendmsg(fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  if (sent < 0) return lastError();
  *done = static_cast<u64>(sent);
  return Errno::Success;
}

Errno socketShutdown(int fd, bool reading, bool writing) {
  int how = reading && writing ? SHUT_RDWR : reading ? SHUT_RD : SHUT_WR;
  return shutdown(fd, how) == 0 ? Errno::Success : lastError();
}

void prepareListener(int fd) {
  int flags = fcntl(fd, F_GETFL);
  if (flags >= 0) fcntl(fd, F_SETFL, flags | O_NONBLOCK);
}

Errno statOpen(int fd, HostStat* out) {
  struct stat info{};
  if (fstat(fd, &info) != 0) return lastError();
  fillStat(info, fd, out);
  return Errno::Success;
}

Errno statBeneath(PathResolver resolver, int dirFd, const std::string& path, bool follow,
                  HostStat* out) {
  // A single name that is no link, the usual case, needs no resolution.
  bool plainName = path.find('/') == std::string::npos && path != "..";
  if (plainName) {
    struct stat info{};
    if (fstatat(dirFd, path.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) return lastError();
    if (!follow || !S_ISLNK(info.st_mode)) {
      fillStat(info, -1, out);
      return Errno::Success;
    }
  }
  HostFd fd;
  Errno error = openBeneath(resolver, dirFd, path, O_PATH, follow, &fd);
  return error == Errno::Success ? statOpen(fd.get(), out) : error;
}

Errno setTimesBeneath(PathResolver resolver, int dirFd, const std::string& path, bool follow,
                      const TimeChange& access, const TimeChange& modification) {
  HostFd fd;
  Errno error = openBeneath(resolver, dirFd, path, O_PATH, follow, &fd);
  if (error != Errno::Success) return error;
  timespec times[2] = {toTimespec(access), toTimespec(modification)};
  if (utimensat(fd.get(), "", times, AT_EMPTY_PATH) == 0) return Errno::Success;
  if (errno != EINVAL && errno != ENOENT) return lastError();
  // Kernels before 5.8 take no empty path; the name of the open descriptor stands for the file
  // itself.
  char name[40];
  snprintf(name, sizeof name, "/proc/self/fd/%d", fd.get());
  return utimensat(AT_FDCWD, name, times, 0) == 0 ? Errno::Success : lastError();
}

Errno openToSearch(int dirFd, const std::string& name, HostFd* out) {
  int fd;
  do {
    fd = openat(dirFd, name.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  } while (fd < 0 && errno == EINTR);
  if (fd < 0) return lastError();
  out->reset(fd);
  return Errno::Success;
}

Errno reopenDirectory(int dirFd, HostFd* out) {
  int fd = openat(dirFd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return lastError();
  out->reset(fd);
  return Errno::Success;
}

}  // namespace bls::wasi
