// wasm32-wasi implementation of platform.h: no reservations, no guard pages, plain reads.
#if defined(__wasi__)
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "engine/base/platform.h"

namespace bls::platform {

size_t pageSize() { return 65536; }
bool hasGuardPages() { return false; }
u8* reserve(u64) { return nullptr; }
bool commit(u8*, u64) { return false; }
bool decommit(u8*, u64) { return false; }
void release(u8*, u64) {}

void* allocZeroed(u64 bytes) {
  return bytes > SIZE_MAX / 2 ? nullptr : calloc(bytes == 0 ? 1 : static_cast<size_t>(bytes), 1);
}
void freeZeroed(void* p) { free(p); }

int newWakeFd() { return -1; }
void signalWakeFd(int) {}
void clearWakeFd(int) {}
void closeWakeFd(int) {}
void failNthCall(u64) {}
u64 countedCalls() { return 0; }

u64 growFirstStack(u64) { return 0; }  // nothing compiles here

u64 monotonicNs() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<u64>(now.tv_sec) * 1000000000u + static_cast<u64>(now.tv_nsec);
}

int readFile(const char* path, u64 maxSize, FileBytes* out) {
  bool isStdin = path[0] == '-' && path[1] == 0;
  int fd = isStdin ? 0 : open(path, O_RDONLY);
  if (fd < 0) return errno;
  size_t capacity = 65536;
  size_t used = 0;
  u8* data = static_cast<u8*>(malloc(capacity));
  int error = data == nullptr ? ENOMEM : 0;
  while (error == 0) {
    if (used == capacity) {
      u8* bigger = static_cast<u8*>(realloc(data, capacity * 2));
      if (bigger == nullptr) {
        error = ENOMEM;
        break;
      }
      data = bigger;
      capacity *= 2;
    }
    ssize_t n = read(fd, data + used, capacity - used);
    if (n == 0) break;
    if (n < 0) {
      error = errno;
    } else {
      used += static_cast<size_t>(n);
      if (used > maxSize) error = EFBIG;
    }
  }
  if (!isStdin) close(fd);
  if (error != 0) {
    free(data);
    return error;
  }
  *out = {data, used, false};
  return 0;
}

void freeFile(FileBytes* file) {
  free(const_cast<u8*>(file->data));
  *file = {};
}

}  // namespace bls::platform
#endif
