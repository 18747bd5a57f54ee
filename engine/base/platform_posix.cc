// POSIX (Linux) implementation of platform.h.
#if !defined(__wasi__)
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "engine/base/check.h"
#include "engine/base/platform.h"

namespace bls::platform {
namespace {

thread_local u64 failAt = 0;
thread_local u64 calls = 0;
// True when this call is the one a test wants to see fail.
bool injected() { return BLS_UNLIKELY(++calls == failAt); }

}  // namespace

void failNthCall(u64 n) {
  failAt = n;
  calls = 0;
}

u64 countedCalls() { return calls; }

size_t pageSize() {
  static const size_t kSize = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  return kSize;
}

bool hasGuardPages() { return true; }

u8* reserve(u64 size) {
  if (injected() || size == 0 || size > SIZE_MAX) return nullptr;
  void* p = mmap(nullptr, static_cast<size_t>(size), PROT_NONE,
                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return p == MAP_FAILED ? nullptr : static_cast<u8*>(p);
}

bool commit(u8* base, u64 size) {
  if (injected()) return false;
  return size == 0 || mprotect(base, static_cast<size_t>(size), PROT_READ | PROT_WRITE) == 0;
}

bool decommit(u8* base, u64 size) {
  if (injected()) return false;
  if (size == 0) return true;
  void* p = mmap(base, static_cast<size_t>(size), PROT_NONE,
                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
  return p != MAP_FAILED;
}

void release(u8* base, u64 size) {
  if (base != nullptr) munmap(base, static_cast<size_t>(size));
}

void* allocZeroed(u64 bytes) {
  if (injected() || bytes > SIZE_MAX / 2) return nullptr;
  return calloc(bytes == 0 ? 1 : static_cast<size_t>(bytes), 1);
}

void freeZeroed(void* p) { free(p); }

int newWakeFd() { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

void signalWakeFd(int fd) {
  u64 one = 1;
  while (fd >= 0 && write(fd, &one, sizeof one) < 0 && errno == EINTR) {
  }
}

void clearWakeFd(int fd) {
  u64 count = 0;
  while (fd >= 0 && read(fd, &count, sizeof count) < 0 && errno == EINTR) {
  }
}

void closeWakeFd(int fd) {
  if (fd >= 0) close(fd);
}

u64 growFirstStack(u64 bytes) {
  struct rlimit limit{};
  if (getrlimit(RLIMIT_STACK, &limit) != 0) return 0;
  if (limit.rlim_cur == RLIM_INFINITY || limit.rlim_cur >= bytes) return limit.rlim_cur;
  struct rlimit wanted = limit;
  wanted.rlim_cur =
      limit.rlim_max == RLIM_INFINITY || limit.rlim_max > bytes ? bytes : limit.rlim_max;
  return setrlimit(RLIMIT_STACK, &wanted) == 0 ? wanted.rlim_cur : limit.rlim_cur;
}

u64 monotonicNs() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<u64>(now.tv_sec) * 1000000000u + static_cast<u64>(now.tv_nsec);
}

namespace {

// Reads `size` bytes, or until the end of a file whose size is not known (size 0: pipe, /proc).
int readAll(int fd, u64 sizeHint, u64 maxSize, FileBytes* out) {
  size_t capacity = sizeHint != 0 ? static_cast<size_t>(sizeHint) + 1 : 65536;
  u8* data = static_cast<u8*>(malloc(capacity));
  if (data == nullptr) return ENOMEM;
  size_t used = 0;
  for (;;) {
    if (used == capacity) {
      u8* bigger = static_cast<u8*>(realloc(data, capacity * 2));
      if (bigger == nullptr) {
        free(data);
        return ENOMEM;
      }
      data = bigger;
      capacity *= 2;
    }
    ssize_t n = read(fd, data + used, capacity - used);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      int error = errno;
      free(data);
      return error;
    }
    if (n == 0) break;
    used += static_cast<size_t>(n);
    if (used > maxSize) {
      free(data);
      return EFBIG;
    }
  }
  *out = {data, used, false};
  return 0;
}

constexpr u64 kMapAboveBytes = 1 << 20;

}  // namespace

int readFile(const char* path, u64 maxSize, FileBytes* out) {
  bool isStdin = path[0] == '-' && path[1] == 0;
  int fd = isStdin ? 0 : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  if (fd < 0) return errno;
  struct stat info{};
  int error = fstat(fd, &info) == 0 ? 0 : errno;
  if (error == 0 && S_ISDIR(info.st_mode)) error = EISDIR;
  u64 size = static_cast<u64>(info.st_size);
  if (error == 0 && S_ISREG(info.st_mode) && size > maxSize) error = EFBIG;
  if (error == 0) {
    void* p = MAP_FAILED;
    if (!isStdin && S_ISREG(info.st_mode) && size > kMapAboveBytes) {
      p = mmap(nullptr, static_cast<size_t>(size), PROT_READ, MAP_PRIVATE, fd, 0);
    }
    if (p != MAP_FAILED) {
      *out = {static_cast<const u8*>(p), static_cast<size_t>(size), true};
    } else {
      error = readAll(fd, S_ISREG(info.st_mode) ? size : 0, maxSize, out);
    }
  }
  if (!isStdin) close(fd);
  return error;
}

void freeFile(FileBytes* file) {
  if (file->data == nullptr) return;
  if (file->mapped) {
    munmap(const_cast<u8*>(file->data), file->size);
  } else {
    free(const_cast<u8*>(file->data));
  }
  *file = {};
}

}  // namespace bls::platform
#endif
