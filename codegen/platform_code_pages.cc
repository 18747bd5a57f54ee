// Linux implementation of platform_code_pages.h.
#include "codegen/platform_code_pages.h"

#include <sys/mman.h>
#include <unistd.h>

namespace bls::codegen {
namespace {

#if !defined(MFD_EXEC)
constexpr unsigned kMemfdExec = 0x10;  // Linux 6.3: this file will be mapped executable
#else
constexpr unsigned kMemfdExec = MFD_EXEC;
#endif

int newCodeFile(u64 size) {
  int fd = memfd_create("bless-code", MFD_CLOEXEC | kMemfdExec);
  if (fd < 0) fd = memfd_create("bless-code", MFD_CLOEXEC);
  if (fd < 0) return -1;
  if (ftruncate(fd, static_cast<off_t>(size)) != 0) {
    close(fd);
    return -1;
  }
  return fd;
}

bool mapTwoViews(u64 size, CodePages* out) {
  const int fd = newCodeFile(size);
  if (fd < 0) return false;
  void* write = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  void* run = mmap(nullptr, size, PROT_READ | PROT_EXEC, MAP_SHARED, fd, 0);
  close(fd);
  if (write == MAP_FAILED || run == MAP_FAILED) {
    if (write != MAP_FAILED) munmap(write, size);
    if (run != MAP_FAILED) munmap(run, size);
    return false;
  }
  *out = {static_cast<u8*>(write), static_cast<const u8*>(run), size};
  return true;
}

}  // namespace

bool mapCodePages(u64 size, bool oneView, CodePages* out) {
  if (!oneView && mapTwoViews(size, out)) return true;
  void* pages = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED) return false;
  *out = {static_cast<u8*>(pages), static_cast<const u8*>(pages), size};
  return true;
}

void unmapCodePages(const CodePages& pages) {
  if (pages.size == 0) return;
  munmap(pages.write, pages.size);
  if (pages.twoViews()) munmap(const_cast<u8*>(pages.run), pages.size);
}

bool sealCodePages(const CodePages& pages, u64 offset, u64 size) {
  return mprotect(pages.write + offset, size, PROT_READ | PROT_EXEC) == 0;
}

void syncInstructions(const u8* begin, u64 size) {
  char* first = reinterpret_cast<char*>(const_cast<u8*>(begin));
  __builtin___clear_cache(first, first + size);  // nothing on x86-64
}

}  // namespace bls::codegen
