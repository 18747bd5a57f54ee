// What WASI needs from the host beyond the calls that every POSIX-like system spells the same: the
// parts that differ between Linux (platform_linux.cc, path_resolve_linux.cc) and an outer WASI host
// (platform_wasm.cc). All descriptors made here are close-on-exec. Errors are WASI numbers. Thread
// rule: all functions may run on any thread.
#pragma once

#include <sys/uio.h>

#include <string>

#include "wasi/fd_table.h"

namespace bls::wasi {

/// The process no longer dies of writing to a closed pipe or beyond the file size limit (SIGPIPE,
/// SIGXFSZ), unless somebody handles these signals: both are errors the guest sees.
void ignoreOutputSignals();

/// Closes a host descriptor (close; where descriptors cannot be duplicated, the process's own
/// streams stay open).
void closeHost(int fd);

/// A second descriptor for the same open file; invalid when refused.
HostFd duplicate(int fd);

bool socketIsDatagram(int fd);

/// Opens a host directory for use as a preopen.
Errno openHostDirectory(const std::string& path, HostFd* out);

/// File times: what to set each to.
struct TimeChange {
  enum class Kind : u8 { Keep, Now, Set };
  Kind kind = Kind::Keep;
  u64 ns = 0;
};
Errno setTimes(int fd, const TimeChange& access, const TimeChange& modification);

/// Reserves space: extends, never shrinks.
Errno allocateFile(int fd, u64 offset, u64 length);
Errno adviseFile(int fd, u64 offset, u64 length, Advice advice);
/// Bytes that can be read now from a pipe, terminal or socket; 0 when the host cannot tell.
u64 bytesReadable(int fd);

/// None of these waits: Again when they would have to. *done is set on success only.
Errno socketAccept(int fd, HostFd* out);
Errno socketReceive(int fd, iovec* vecs, int count, bool peek, u64* done, bool* truncated);
Errno socketSend(int fd, iovec* vecs, int count, u64* done);
Errno socketShutdown(int fd, bool reading, bool writing);
/// Makes accepting never wait. The open file description is the listener's own.
void prepareListener(int fd);

// --- Paths. `dirFd` is an open directory; nothing outside it can be reached, whatever the path or
// other processes do. ---

/// Turns Auto into what this system can do.
PathResolver chooseResolver(PathResolver wanted);

/// Opens what `path` names. `flags` are the host's O_* flags; close-on-exec and
/// no-controlling-terminal are added. `follow`: a symbolic link in last place is followed (always,
/// when a slash comes after it). Errors as openat2 with RESOLVE_BENEATH gives them, leaving the
/// directory is Perm.
Errno openBeneath(PathResolver resolver, int dirFd, const std::string& path, int flags, bool follow,
                  HostFd* out);

/// Where a call that takes a directory and a name must act.
struct ParentPath {
  enum class Last : u8 { Name, Dot, DotDot };
  int dir = -1;
  HostFd owned;      // keeps `dir` open unless it is the caller's
  std::string name;  // without slashes, except for one at the end when the path had some there
  Last last =
      Last::Name;  // Dot, DotDot: the path exists, is a directory, and ends in that component
  bool trailingSlash = false;
};
Errno openParent(PathResolver resolver, int dirFd, const std::string& path, ParentPath* out);

/// Opens the directory `name`, a single component, for looking up what is in it. NotDir or Loop for
/// a link.
Errno openToSearch(int dirFd, const std::string& name, HostFd* out);

struct HostStat {
  FileStat stat;
  bool isFifo = false;
};
Errno statOpen(int fd, HostStat* out);
Errno statBeneath(PathResolver resolver, int dirFd, const std::string& path, bool follow,
                  HostStat* out);
Errno setTimesBeneath(PathResolver resolver, int dirFd, const std::string& path, bool follow,
                      const TimeChange& access, const TimeChange& modification);
/// Opens a second, independent stream position on a directory.
Errno reopenDirectory(int dirFd, HostFd* out);

/// The longest path, target and component the guest may pass, in bytes.
constexpr size_t kMaxPathBytes = 4095;
constexpr size_t kMaxNameBytes = 255;
constexpr int kMaxSymlinks = 40;

}  // namespace bls::wasi
