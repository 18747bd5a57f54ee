// Linux implementation of platform_code_pages.h.
#include "codegen/platform_code_pages.h"

#include <sys/mman.h>
#include <unistd.h>

#if defined(__aarch64__)
#include <linux/membarrier.h>
#include <sys/auxv.h>
#include <sys/syscall.h>
#endif

namespace bls::codegen {
namespace {

#if !defined(MFD_EXEC)
constexpr unsigned kMemfdExec = 0x10;  // Linux 6.3: this file will be mapped executable
#else
constexpr unsigned kMemfdExec = MFD_EXEC;
#endif

#if defined(__aarch64__)
// Jumps through registers must land on a landing pad, where the CPU can see to it.
int rightsToRun() {
  constexpr unsigned long kHasBti = 1ul << 17;  // HWCAP2_BTI
  constexpr int kProtBti = 0x10;
  return PROT_READ | PROT_EXEC | ((getauxval(AT_HWCAP2) & kHasBti) != 0 ? kProtBti : 0);
}
// Other threads may have fetched ahead what stood there before.
void restartFetching() {
  static const bool possible =
      syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE, 0, 0) == 0;
  if (possible) syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE, 0, 0);
}
#else
int rightsToRun() { return PROT_READ | PROT_EXEC; }
void restartFetching() {}
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
  void* run = mmap(nullptr, size, rightsToRun(), MAP_SHARED, fd, 0);
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
  return mprotect(pages.write + offset, size, rightsToRun()) == 0;
}

void syncInstructions(const u8* begin, u64 size) {
  char* first = reinterpret_cast<char*>(const_cast<u8*>(begin));
  __builtin___clear_cache(first, first + size);  // nothing on x86-64
  restartFetching();
}

}  // namespace bls::codegen
