// platform.h inside an outer WASI host: every call is passed on. The outer host confines paths
// below the directory it is given, so there is nothing to resolve here; what it has no call for is
// NotSup.
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>

#include "wasi/platform.h"

namespace bls::wasi {
namespace {

u64 ns(const timespec& t) {
  return t.tv_sec < 0 ? 0
                      : static_cast<u64>(t.tv_sec) * 1'000'000'000 + static_cast<u64>(t.tv_nsec);
}

void fillStat(const struct stat& info, HostStat* out) {
  out->stat.dev = static_cast<u64>(info.st_dev);
  out->stat.ino = static_cast<u64>(info.st_ino);
  out->stat.type = fileTypeOf(static_cast<u32>(info.st_mode), -1);
  out->stat.nlink = static_cast<u64>(info.st_nlink);
  out->stat.size = info.st_size < 0 ? 0 : static_cast<u64>(info.st_size);
  out->stat.atimNs = ns(info.st_atim);
  out->stat.mtimNs = ns(info.st_mtim);
  out->stat.ctimNs = ns(info.st_ctim);
}

timespec toTimespec(const TimeChange& change) {
  timespec out{};
  if (change.kind == TimeChange::Kind::Set) {
    out.tv_sec = static_cast<time_t>(change.ns / 1'000'000'000);
    out.tv_nsec = static_cast<long>(change.ns % 1'000'000'000);
  } else {
    out.tv_nsec = change.kind == TimeChange::Kind::Now ? UTIME_NOW : UTIME_OMIT;
  }
  return out;
}

class SystemRandom final : public RandomSource {
 public:
  bool fill(u8* data, size_t size) override {
    for (size_t done = 0; done < size;) {
      size_t piece = std::min<size_t>(256, size - done);  // the most getentropy gives
      if (getentropy(data + done, piece) != 0) return false;
      done += piece;
    }
    return true;
  }
};

}  // namespace

std::unique_ptr<RandomSource> systemRandom() { return std::make_unique<SystemRandom>(); }
void ignoreOutputSignals() {}

// There is no second number for a descriptor here: the process's own streams are used as they are,
// and never closed.
void closeHost(int fd) {
  if (fd > 2) close(fd);
}
HostFd duplicate(int fd) {
  struct stat info{};
  return HostFd(fstat(fd, &info) == 0 ? fd : -1);  // errno tells why
}

bool socketIsDatagram(int) { return false; }

Errno openHostDirectory(const std::string& path, HostFd* out) {
  int fd = open(path.c_str(), O_RDONLY | O_DIRECTORY);
  if (fd < 0) return lastError();
  out->reset(fd);
  return Errno::Success;
}

Errno setTimes(int fd, const TimeChange& access, const TimeChange& modification) {
  timespec times[2] = {toTimespec(access), toTimespec(modification)};
  return futimens(fd, times) == 0 ? Errno::Success : lastError();
}

Errno allocateFile(int fd, u64 offset, u64 length) {
  return fromHost(posix_fallocate(fd, static_cast<off_t>(offset), static_cast<off_t>(length)));
}
Errno adviseFile(int, u64, u64, Advice) { return Errno::Success; }
u64 bytesReadable(int) { return 0; }

Errno socketAccept(int, HostFd*) { return Errno::NotSup; }
// Hosts call a pipe on a standard stream a socket; plain transfers work on both. There is no
// peeking.
Errno socketReceive(int fd, iovec* vecs, int count, bool peek, u64* done, bool* truncated) {
  if (peek) return Errno::NotSup;
  ssize_t got = readv(fd, vecs, count);
  if (got < 0) return lastError();
  *done = static_cast<u64>(got);
  *truncated = false;
  return Errno::Success;
}
Errno socketSend(int fd, iovec* vecs, int count, u64* done) {
  ssize_t sent = writev(fd, vecs, count);
  if (sent < 0) return lastError();
  *done = static_cast<u64>(sent);
  return Errno::Success;
}
Errno socketShutdown(int, bool, bool) { return Errno::NotSup; }
void prepareListener(int) {}

Result<int> openListener(const std::string&, Diagnostics& diag) {
  return diag.fail(ErrorClass::Unsupported, "listening sockets are not available in this build");
}

PathResolver chooseResolver(PathResolver) { return PathResolver::Manual; }

Errno openBeneath(PathResolver, int dirFd, const std::string& path, int flags, bool follow,
                  HostFd* out) {
  int fd = openat(dirFd, path.c_str(), flags | (follow ? 0 : O_NOFOLLOW), 0666);
  if (fd < 0) return lastError();
  out->reset(fd);
  return Errno::Success;
}

Errno openParent(PathResolver, int dirFd, const std::string& path, ParentPath* out) {
  out->dir = dirFd;
  out->name = path;
  return Errno::Success;
}

Errno statOpen(int fd, HostStat* out) {
  struct stat info{};
  if (fstat(fd, &info) != 0) return lastError();
  fillStat(info, out);
  return Errno::Success;
}

Errno statBeneath(PathResolver, int dirFd, const std::string& path, bool follow, HostStat* out) {
  struct stat info{};
  if (fstatat(dirFd, path.c_str(), &info, follow ? 0 : AT_SYMLINK_NOFOLLOW) != 0)
    return lastError();
  fillStat(info, out);
  return Errno::Success;
}

Errno setTimesBeneath(PathResolver, int dirFd, const std::string& path, bool follow,
                      const TimeChange& access, const TimeChange& modification) {
  timespec times[2] = {toTimespec(access), toTimespec(modification)};
  int result = utimensat(dirFd, path.c_str(), times, follow ? 0 : AT_SYMLINK_NOFOLLOW);
  return result == 0 ? Errno::Success : lastError();
}

Errno openToSearch(int dirFd, const std::string& name, HostFd* out) {
  int fd = openat(dirFd, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  if (fd < 0) return lastError();
  out->reset(fd);
  return Errno::Success;
}

Errno reopenDirectory(int dirFd, HostFd* out) {
  int fd = openat(dirFd, ".", O_RDONLY | O_DIRECTORY);
  if (fd < 0) return lastError();
  out->reset(fd);
  return Errno::Success;
}

}  // namespace bls::wasi
