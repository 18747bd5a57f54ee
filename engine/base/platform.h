// The operating system as the engine sees it: pages, address reservations, executable-free guards,
// clocks. POSIX implementation in platform_posix.cc, wasm32-wasi in platform_wasi.cc. Everything
// returns failure by value; nothing here aborts (threat model MEM-8). All sizes in bytes, multiples
// of pageSize().
#pragma once

#include "engine/base/ints.h"

namespace bls::platform {

/// Host page size in bytes.
size_t pageSize();

/// True when inaccessible reservations and access faults exist here (false in the wasm build).
bool hasGuardPages();

/// Reserves `size` bytes of inaccessible, zero-on-commit address space; null when refused.
u8* reserve(u64 size);
/// Makes [base, base+size) readable and writable (zero filled on first touch). False when refused.
bool commit(u8* base, u64 size);
/// Returns the pages to the system: contents gone, access removed. False when refused.
bool decommit(u8* base, u64 size);
void release(u8* base, u64 size);

/// `bytes` zeroed bytes from the heap, or null when refused; freed with freeZeroed. For everything
/// a guest sizes.
void* allocZeroed(u64 bytes);
void freeZeroed(void* p);

/// A descriptor that polls readable once signalled, for ending blocking host calls; -1 when there
/// is none. signalWakeFd may be called from any thread and from a signal handler.
int newWakeFd();
void signalWakeFd(int fd);
void clearWakeFd(int fd);
void closeWakeFd(int fd);

/// Lets the stack of the process's first thread grow to `bytes`, as far as the system does; how far
/// it may grow then. For programs: a library leaves limits alone.
u64 growFirstStack(u64 bytes);

/// Failure injection for tests (threat model MEM-8): the n-th call from now of reserve, commit,
/// decommit or allocZeroed fails, and only that one. 0 switches it off. Counts per thread.
void failNthCall(u64 n);
/// Calls counted since failNthCall.
u64 countedCalls();

/// Monotonic nanoseconds since an arbitrary start.
u64 monotonicNs();

/// A file's bytes, read-only: mapped privately when the system can, read otherwise. `handle` is for
/// unmapFile.
struct FileBytes {
  const u8* data = nullptr;
  size_t size = 0;
  bool mapped = false;
};
/// errno of the failure, 0 on success. Refuses files above `maxSize` with EFBIG, directories with
/// EISDIR. Mapped bytes of a file that another process truncates would fault, so small files are
/// read, and the CLI maps only above 1 MiB.
int readFile(const char* path, u64 maxSize, FileBytes* out);
void freeFile(FileBytes* file);

}  // namespace bls::platform
