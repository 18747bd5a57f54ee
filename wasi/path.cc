// Calls that take a path. Each one copies and checks the path, asks the grant, and then acts on
// what the resolver opened: never on a path string that could mean something else by then.
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "wasi/functions.h"
#include "wasi/path_check.h"
#include "wasi/platform.h"
#include "wasi/times.h"

namespace bls::wasi {
namespace {

using host::Access;
using Last = ParentPath::Last;

constexpr mode_t kNewDirectoryMode = 0777;
constexpr u64 kFifoRetryNs = 5'000'000;

Errno directory(Call& call, u32 fd, FdRef* out) {
  *out = call.fd(fd);
  if (!*out) return Errno::Badf;
  return (*out)->isDir() ? Errno::Success : Errno::NotDir;
}

// The usual beginning: a directory descriptor, a good path, and a grant that allows `access`.
Errno begin(Call& call, u32 fd, const GuestString& guestPath, Access access, const char* operation,
            FdRef* dir, std::string* path) {
  Errno error = directory(call, fd, dir);
  if (error == Errno::Success) error = takePath(guestPath, path);
  if (error != Errno::Success) return error;
  return call.ctx().grants().permit((*dir)->grant, access, operation) ? Errno::Success
                                                                      : Errno::Perm;
}

// The same for calls that change a name in a directory.
Errno beginParent(Call& call, u32 fd, const GuestString& guestPath, const char* operation,
                  FdRef* dir, ParentPath* parent) {
  std::string path;
  Errno error = begin(call, fd, guestPath, Access::Write, operation, dir, &path);
  if (error != Errno::Success) return error;
  return openParent(call.ctx().resolver(), (*dir)->host.get(), path, parent);
}

Errno check(int result) { return result == 0 ? Errno::Success : lastError(); }

int hostOpenFlags(u32 oflags, bool read, bool write, u32 fdflags) {
  int flags = write ? (read ? O_RDWR : O_WRONLY) : O_RDONLY;
  if ((oflags & oflags::kCreat) != 0) flags |= O_CREAT;
  if ((oflags & oflags::kDirectory) != 0) flags |= O_DIRECTORY;
  if ((oflags & oflags::kExcl) != 0 && (oflags & oflags::kCreat) != 0) flags |= O_EXCL;
  if ((oflags & oflags::kTrunc) != 0) flags |= O_TRUNC;
  if ((fdflags & fdflags::kAppend) != 0) flags |= O_APPEND;
  if ((fdflags & fdflags::kDsync) != 0) flags |= O_DSYNC;
  if ((fdflags & (fdflags::kSync | fdflags::kRsync)) != 0) flags |= O_SYNC;
  return flags | O_NONBLOCK;  // opening a FIFO or device must not wait; how reads behave is our
                              // affair (io.cc)
}

// Opens; a FIFO opened for writing only waits for its reader here, where it can be interrupted.
Errno openWaiting(Call& call, int dirFd, const std::string& path, int flags, bool follow,
                  bool nonblock, HostFd* out) {
  PathResolver resolver = call.ctx().resolver();
  for (;;) {
    Errno error = openBeneath(resolver, dirFd, path, flags, follow, out);
    if (error != Errno::Nxio || nonblock || (flags & O_ACCMODE) != O_WRONLY) return error;
    HostStat info;
    if (statBeneath(resolver, dirFd, path, follow, &info) != Errno::Success || !info.isFifo)
      return error;
    host::WaitEnd end;
    Errno waited = call.wait({}, kFifoRetryNs, &end);
    if (waited != Errno::Success) return waited;
  }
}

template <class Out>
Errno filestat(Call& call, u32 fd, u32 lookup, const GuestString& guestPath, GuestPtr<Out> out) {
  if (hasUnknown(lookup, lookupflags::kAll)) return Errno::Inval;
  FdRef dir;
  std::string path;
  Errno error = begin(call, fd, guestPath, Access::Read, "path_filestat_get", &dir, &path);
  if (error != Errno::Success) return error;
  HostStat info;
  bool follow = (lookup & lookupflags::kFollow) != 0;
  error = statBeneath(call.ctx().resolver(), dir->host.get(), path, follow, &info);
  if (error == Errno::Success) out.store(Out{info.stat});
  return error;
}

}  // namespace

// Access follows FD_READ and FD_WRITE of the base rights; inheriting rights are not enforced. CREAT
// and TRUNC need a grant to write whether or not the file is there.
Errno pathOpen(Call& call, u32 fd, u32 lookup, GuestString guestPath, u32 oflags, u64 rightsBase,
               u64, u32 fdflags, GuestPtr<u32> out) {
  if (hasUnknown(lookup, lookupflags::kAll) || hasUnknown(oflags, oflags::kAll) ||
      hasUnknown(fdflags, fdflags::kAll)) {
    return Errno::Inval;
  }
  FdRef dir;
  std::string path;
  Errno error = directory(call, fd, &dir);
  if (error == Errno::Success) error = takePath(guestPath, &path);
  if (error != Errno::Success) return error;

  bool read = (rightsBase & rights::kFdRead) != 0;
  bool write = (rightsBase & rights::kFdWrite) != 0;
  if ((oflags & oflags::kDirectory) != 0 &&
      (oflags & (oflags::kCreat | oflags::kExcl | oflags::kTrunc)) != 0) {
    return Errno::Inval;
  }
  if ((oflags & oflags::kTrunc) != 0 && !write) return Errno::Inval;
  const host::Grants& grants = call.ctx().grants();
  bool changes = write || (oflags & (oflags::kCreat | oflags::kTrunc)) != 0;
  if (changes && !grants.permit(dir->grant, Access::Write, "path_open")) return Errno::Perm;
  if ((read || !write) && !grants.permit(dir->grant, Access::Read, "path_open")) return Errno::Perm;
  if (!call.ctx().fds().hasRoom()) return Errno::MFile;

  HostFd host;
  error =
      openWaiting(call, dir->host.get(), path, hostOpenFlags(oflags, read, write, fdflags),
                  (lookup & lookupflags::kFollow) != 0, (fdflags & fdflags::kNonblock) != 0, &host);
  if (error != Errno::Success) return error;
  FdRef opened = describeHostFd(std::move(host), read, write);
  opened->grant = dir->grant;
  if (!opened->isDir()) opened->flags.store(fdflags, std::memory_order_relaxed);
  u32 number = 0;
  error = call.ctx().fds().insert(std::move(opened), &number);
  if (error == Errno::Success) out.store(number);
  return error;
}

Errno pathCreateDirectory(Call& call, u32 fd, GuestString guestPath) {
  FdRef dir;
  ParentPath parent;
  Errno error = beginParent(call, fd, guestPath, "path_create_directory", &dir, &parent);
  if (error != Errno::Success) return error;
  if (parent.last != Last::Name) return Errno::Exist;
  return check(mkdirat(parent.dir, parent.name.c_str(), kNewDirectoryMode));
}

Errno pathFilestatGet(Call& call, u32 fd, u32 lookup, GuestString path, GuestPtr<FileStat> out) {
  return filestat(call, fd, lookup, path, out);
}

Errno pathFilestatGet0(Call& call, u32 fd, u32 lookup, GuestString path, GuestPtr<FileStat0> out) {
  return filestat(call, fd, lookup, path, out);
}

Errno pathFilestatSetTimes(Call& call, u32 fd, u32 lookup, GuestString guestPath, u64 atimNs,
                           u64 mtimNs, u32 flags) {
  if (hasUnknown(lookup, lookupflags::kAll)) return Errno::Inval;
  TimeChange access;
  TimeChange modification;
  Errno error = timeChanges(call.ctx(), atimNs, mtimNs, flags, &access, &modification);
  if (error != Errno::Success) return error;
  FdRef dir;
  std::string path;
  error = begin(call, fd, guestPath, Access::Write, "path_filestat_set_times", &dir, &path);
  if (error != Errno::Success) return error;
  bool follow = (lookup & lookupflags::kFollow) != 0;
  return setTimesBeneath(call.ctx().resolver(), dir->host.get(), path, follow, access,
                         modification);
}

// Links the name itself, a symbolic link too; following it is refused, as the target does.
Errno pathLink(Call& call, u32 oldFd, u32 lookup, GuestString oldGuestPath, u32 newFd,
               GuestString newGuestPath) {
  if (hasUnknown(lookup, lookupflags::kAll) || (lookup & lookupflags::kFollow) != 0)
    return Errno::Inval;
  FdRef oldDir;
  FdRef newDir;
  ParentPath from;
  ParentPath to;
  Errno error = beginParent(call, oldFd, oldGuestPath, "path_link", &oldDir, &from);
  if (error == Errno::Success)
    error = beginParent(call, newFd, newGuestPath, "path_link", &newDir, &to);
  if (error != Errno::Success) return error;
  if (!call.ctx().grants().permitTransfer(oldDir->grant, newDir->grant, "path_link"))
    return Errno::Perm;
  if (from.last != Last::Name) return Errno::Perm;  // a directory
  if (to.last != Last::Name) return Errno::Exist;
  if (from.trailingSlash) {
    // Must be a directory, which has no second names. Not left to linkat: it would follow a link
    // before the slash.
    HostStat info;
    error = statBeneath(call.ctx().resolver(), from.dir, from.name, true, &info);
    return error == Errno::Success ? Errno::Perm : error;
  }
  return check(linkat(from.dir, from.name.c_str(), to.dir, to.name.c_str(), 0));
}

Errno pathReadlink(Call& call, u32 fd, GuestString guestPath, GuestSpan<u8> buffer,
                   GuestPtr<u32> out) {
  FdRef dir;
  std::string path;
  Errno error = begin(call, fd, guestPath, Access::Read, "path_readlink", &dir, &path);
  if (error != Errno::Success) return error;
  ParentPath parent;
  error = openParent(call.ctx().resolver(), dir->host.get(), path, &parent);
  if (error != Errno::Success) return error;
  if (parent.last != Last::Name) return Errno::Inval;
  if (parent.trailingSlash) {
    HostStat info;
    error = statBeneath(call.ctx().resolver(), parent.dir, parent.name, true, &info);
    return error == Errno::Success ? Errno::Inval : error;
  }
  char target[kMaxPathBytes + 1];  // the host refuses empty buffers, the guest may pass one
  ssize_t length = readlinkat(parent.dir, parent.name.c_str(), target, sizeof target);
  if (length < 0) return lastError();
  u64 copied = std::min<u64>(static_cast<u64>(length), buffer.size());
  if (copied != 0) std::memcpy(buffer.data(), target, static_cast<size_t>(copied));
  out.store(static_cast<u32>(copied));
  return Errno::Success;
}

Errno pathRemoveDirectory(Call& call, u32 fd, GuestString guestPath) {
  FdRef dir;
  ParentPath parent;
  Errno error = beginParent(call, fd, guestPath, "path_remove_directory", &dir, &parent);
  if (error != Errno::Success) return error;
  if (parent.last == Last::Dot) return Errno::Inval;
  if (parent.last == Last::DotDot) return Errno::NotEmpty;
  return check(unlinkat(parent.dir, parent.name.c_str(), AT_REMOVEDIR));
}

Errno pathRename(Call& call, u32 oldFd, GuestString oldGuestPath, u32 newFd,
                 GuestString newGuestPath) {
  FdRef oldDir;
  FdRef newDir;
  ParentPath from;
  ParentPath to;
  Errno error = beginParent(call, oldFd, oldGuestPath, "path_rename", &oldDir, &from);
  if (error == Errno::Success)
    error = beginParent(call, newFd, newGuestPath, "path_rename", &newDir, &to);
  if (error != Errno::Success) return error;
  if (!call.ctx().grants().permitTransfer(oldDir->grant, newDir->grant, "path_rename"))
    return Errno::Perm;
  if (from.last != Last::Name || to.last != Last::Name) return Errno::Busy;
  return check(renameat(from.dir, from.name.c_str(), to.dir, to.name.c_str()));
}

// The target is only text here, but an absolute one can have no meaning for the guest and is
// refused.
Errno pathSymlink(Call& call, GuestString guestTarget, u32 fd, GuestString guestPath) {
  std::string target;
  Errno error = takePath(guestTarget, &target);
  if (error != Errno::Success) return error;
  FdRef dir;
  ParentPath parent;
  error = beginParent(call, fd, guestPath, "path_symlink", &dir, &parent);
  if (error != Errno::Success) return error;
  if (parent.last != Last::Name) return Errno::Exist;
  return check(symlinkat(target.c_str(), parent.dir, parent.name.c_str()));
}

Errno pathUnlinkFile(Call& call, u32 fd, GuestString guestPath) {
  FdRef dir;
  ParentPath parent;
  Errno error = beginParent(call, fd, guestPath, "path_unlink_file", &dir, &parent);
  if (error != Errno::Success) return error;
  if (parent.last != Last::Name) return Errno::IsDir;
  return check(unlinkat(parent.dir, parent.name.c_str(), 0));
}

}  // namespace bls::wasi
