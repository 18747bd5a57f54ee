// Calls that take a path. Each one copies and checks the path, asks the grant, and then acts on
// what the resolver opened: never on a path string that could mean something else by then. With
// rules (Context::gate) the resolver is the one of gate.h, which asks them on the way.
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "wasi/functions.h"
#include "wasi/gate.h"
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

u8 needsFor(Access access) {
  return access == Access::Write ? host::needs::kWrite : host::needs::kRead;
}

// The same for calls about a name in a directory. `name`: with rules, what the guest calls it.
Errno beginParent(Call& call, u32 fd, const GuestString& guestPath, Access access,
                  const char* operation, FdRef* dir, ParentPath* parent,
                  std::string* name = nullptr) {
  std::string path;
  Errno error = begin(call, fd, guestPath, access, operation, dir, &path);
  if (error != Errno::Success) return error;
  if (call.ctx().gate() == nullptr)
    return openParent(call.ctx().resolver(), (*dir)->host.get(), path, parent);
  GatedPath gated;
  error = gatePath(call, **dir, path, needsFor(access), {}, operation, &gated);
  if (error != Errno::Success) return error;
  *parent = std::move(gated.at);
  if (parent->last == Last::Name && parent->trailingSlash) parent->name += '/';
  if (name != nullptr) *name = std::move(gated.guestPath);
  return Errno::Success;
}

// Where a call about what a path leads to must act.
struct Place {
  int dir = -1;
  std::string path;
  bool follow = false;
  bool mustBeDir = false;  // and `path` no longer says so
  GatedPath gated;
};

Errno locate(Call& call, const FdRef& dir, std::string path, u8 needs, bool follow, u32 oflags,
             const char* operation, Place* out) {
  out->dir = dir->host.get();
  if (call.ctx().gate() == nullptr) {
    out->path = std::move(path);
    out->follow = follow;
    return Errno::Success;
  }
  LastUse last;
  last.create = (oflags & oflags::kCreat) != 0;
  if (!last.create || (oflags & oflags::kExcl) == 0)
    last.link = follow ? LastLink::Follow : LastLink::KeepUnlessSlash;
  Errno error = gatePath(call, *dir, path, needs, last, operation, &out->gated);
  out->dir = out->gated.at.dir;
  out->path = out->gated.at.name;
  out->mustBeDir = out->gated.at.trailingSlash;
  return error;
}

// Stat of a place; a slash behind what is no directory is an error.
Errno statPlace(Call& call, const Place& place, HostStat* out) {
  Errno error = statBeneath(call.ctx().resolver(), place.dir, place.path, place.follow, out);
  if (error != Errno::Success || !place.mustBeDir) return error;
  return out->stat.type == FileType::Directory ? Errno::Success : Errno::NotDir;
}

// For a call about a name with a slash behind it: Success when it leads to a directory.
Errno leadsToDirectory(Call& call, const FdRef& dir, const ParentPath& parent,
                       const GuestString& guestPath, Access access, const char* operation) {
  HostStat info;
  if (call.ctx().gate() == nullptr)
    return statBeneath(call.ctx().resolver(), parent.dir, parent.name, true, &info);
  std::string path;
  Place place;
  Errno error = takePath(guestPath, &path);
  if (error == Errno::Success)
    error = locate(call, dir, std::move(path), needsFor(access), false, 0, operation, &place);
  return error == Errno::Success ? statPlace(call, place, &info) : error;
}

// With rules: may the object at `place`, called `from`, get the name `to`?
bool isDirectory(Call& call, const ParentPath& place) {
  HostStat info;
  std::string name = place.name.substr(0, place.name.find('/'));
  Errno known = statBeneath(call.ctx().resolver(), place.dir, name, false, &info);
  return known == Errno::Success && info.stat.type == FileType::Directory;
}

Errno newName(Call& call, const ParentPath& place, const std::string& from, const std::string& to,
              const char* operation, bool* directoryOut = nullptr) {
  host::AccessGate* gate = call.ctx().gate();
  if (gate == nullptr) return Errno::Success;
  const bool directory = isDirectory(call, place);
  if (directoryOut != nullptr) *directoryOut = directory;
  return gate->permitNewName(call.cx(), from, to, directory, operation) ? Errno::Success
                                                                        : refused(call);
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
  Place place;
  error = locate(call, dir, std::move(path), host::needs::kRead,
                 (lookup & lookupflags::kFollow) != 0, 0, "path_filestat_get", &place);
  if (error != Errno::Success) return error;
  HostStat info;
  error = statPlace(call, place, &info);
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

  bool changesLater = changes || (fdflags & fdflags::kAppend) != 0;
  u8 needs = static_cast<u8>((changesLater ? host::needs::kWrite : 0) |
                             (read || !write ? host::needs::kRead : 0));
  Place place;
  error = locate(call, dir, std::move(path), needs, (lookup & lookupflags::kFollow) != 0, oflags,
                 "path_open", &place);
  if (error != Errno::Success) return error;
  int flags = hostOpenFlags(oflags, read, write, fdflags) | (place.mustBeDir ? O_DIRECTORY : 0);
  HostFd host;
  error = openWaiting(call, place.dir, place.path, flags, place.follow,
                      (fdflags & fdflags::kNonblock) != 0, &host);
  if (error != Errno::Success) return error;
  FdRef opened = describeHostFd(std::move(host), read, write);
  opened->grant = dir->grant;
  opened->guestPath = std::move(place.gated.guestPath);
  if (!opened->isDir()) opened->flags.store(fdflags, std::memory_order_relaxed);
  u32 number = 0;
  error = call.ctx().fds().insert(std::move(opened), &number);
  if (error == Errno::Success) out.store(number);
  return error;
}

Errno pathCreateDirectory(Call& call, u32 fd, GuestString guestPath) {
  FdRef dir;
  ParentPath parent;
  Errno error =
      beginParent(call, fd, guestPath, Access::Write, "path_create_directory", &dir, &parent);
  if (error != Errno::Success) return error;
  if (parent.last != Last::Name) return Errno::Exist;
  const auto make = [&] {
    return check(mkdirat(parent.dir, parent.name.c_str(), kNewDirectoryMode));
  };
  if (call.ctx().gate() == nullptr) return make();
  const SpinGuard held(call.ctx().fds().nameLock());  // see pathRename
  return make();
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
  Place place;
  error = locate(call, dir, std::move(path), host::needs::kWrite,
                 (lookup & lookupflags::kFollow) != 0, 0, "path_filestat_set_times", &place);
  HostStat info;
  if (error == Errno::Success && place.mustBeDir) error = statPlace(call, place, &info);
  if (error != Errno::Success) return error;
  return setTimesBeneath(call.ctx().resolver(), place.dir, place.path, place.follow, access,
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
  std::string fromName;
  std::string toName;
  Errno error =
      beginParent(call, oldFd, oldGuestPath, Access::Write, "path_link", &oldDir, &from, &fromName);
  if (error == Errno::Success)
    error =
        beginParent(call, newFd, newGuestPath, Access::Write, "path_link", &newDir, &to, &toName);
  if (error == Errno::Success) error = newName(call, from, fromName, toName, "path_link");
  if (error != Errno::Success) return error;
  if (!call.ctx().grants().permitTransfer(oldDir->grant, newDir->grant, "path_link"))
    return Errno::Perm;
  if (from.last != Last::Name) return Errno::Perm;  // a directory
  if (to.last != Last::Name) return Errno::Exist;
  if (from.trailingSlash) {
    // Must be a directory, which has no second names. Not left to linkat: it would follow a link
    // before the slash.
    error = leadsToDirectory(call, oldDir, from, oldGuestPath, Access::Write, "path_link");
    return error == Errno::Success ? Errno::Perm : error;
  }
  return check(linkat(from.dir, from.name.c_str(), to.dir, to.name.c_str(), 0));
}

Errno pathReadlink(Call& call, u32 fd, GuestString guestPath, GuestSpan<u8> buffer,
                   GuestPtr<u32> out) {
  FdRef dir;
  ParentPath parent;
  Errno error = beginParent(call, fd, guestPath, Access::Read, "path_readlink", &dir, &parent);
  if (error != Errno::Success) return error;
  if (parent.last != Last::Name) return Errno::Inval;
  if (parent.trailingSlash) {
    error = leadsToDirectory(call, dir, parent, guestPath, Access::Read, "path_readlink");
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
  Errno error =
      beginParent(call, fd, guestPath, Access::Write, "path_remove_directory", &dir, &parent);
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
  std::string fromName;
  std::string toName;
  Errno error = beginParent(call, oldFd, oldGuestPath, Access::Write, "path_rename", &oldDir, &from,
                            &fromName);
  if (error == Errno::Success)
    error =
        beginParent(call, newFd, newGuestPath, Access::Write, "path_rename", &newDir, &to, &toName);
  bool directory = false;
  if (error == Errno::Success)
    error = newName(call, from, fromName, toName, "path_rename", &directory);
  if (error != Errno::Success) return error;
  if (!call.ctx().grants().permitTransfer(oldDir->grant, newDir->grant, "path_rename"))
    return Errno::Perm;
  if (from.last != Last::Name || to.last != Last::Name) return Errno::Busy;
  const auto rename = [&] {
    return check(renameat(from.dir, from.name.c_str(), to.dir, to.name.c_str()));
  };
  if (call.ctx().gate() == nullptr) return rename();
  // Another thread of the guest may have put a directory there since the rules were asked about a
  // file; only renaming and making directories can do that, and both take the lock.
  const SpinGuard held(call.ctx().fds().nameLock());
  if (!directory && isDirectory(call, from)) return Errno::Perm;
  return rename();
}

// The target is only text here, but an absolute one can have no meaning for the guest and is
// refused.
Errno pathSymlink(Call& call, GuestString guestTarget, u32 fd, GuestString guestPath) {
  std::string target;
  Errno error = takePath(guestTarget, &target);
  if (error != Errno::Success) return error;
  FdRef dir;
  ParentPath parent;
  error = beginParent(call, fd, guestPath, Access::Write, "path_symlink", &dir, &parent);
  if (error != Errno::Success) return error;
  if (parent.last != Last::Name) return Errno::Exist;
  return check(symlinkat(target.c_str(), parent.dir, parent.name.c_str()));
}

Errno pathUnlinkFile(Call& call, u32 fd, GuestString guestPath) {
  FdRef dir;
  ParentPath parent;
  Errno error = beginParent(call, fd, guestPath, Access::Write, "path_unlink_file", &dir, &parent);
  if (error != Errno::Success) return error;
  if (parent.last != Last::Name) return Errno::IsDir;
  return check(unlinkat(parent.dir, parent.name.c_str(), 0));
}

}  // namespace bls::wasi
