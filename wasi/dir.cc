// fd_readdir: entries packed without padding, cut exactly at the end of the buffer, continued by
// cookies.
//
// A listing is taken whole when it is asked for from its start (cookie 0) and kept with the
// descriptor, so cookies, which count entries, mean the same until the next start, whatever happens
// to the directory. All listings together are bounded by ContextLimits::directorySnapshotBytes.
// Spec: wasi snapshot preview1, fd_readdir.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>

#include "wasi/functions.h"
#include "wasi/gate.h"
#include "wasi/path_check.h"
#include "wasi/platform.h"

namespace bls::wasi {
namespace {

FileType typeOfEntry(unsigned char hostType) {
  switch (hostType) {
    case DT_BLK: return FileType::BlockDevice;
    case DT_CHR: return FileType::CharacterDevice;
    case DT_DIR: return FileType::Directory;
    case DT_LNK: return FileType::SymbolicLink;
    case DT_REG: return FileType::RegularFile;
    default: return FileType::Unknown;
  }
}

// Takes `bytes` from the budget of all listings; false when they are not there.
bool charge(DirSnapshot* snapshot, u64 bytes) {
  u64 left = snapshot->budget->load(std::memory_order_relaxed);
  do {
    if (bytes > left) return false;
  } while (!snapshot->budget->compare_exchange_weak(left, left - bytes, std::memory_order_relaxed));
  snapshot->chargedBytes += bytes;
  return true;
}

Errno addEntry(DirSnapshot* snapshot, const char* name, size_t length, u64 ino, FileType type) {
  if (!charge(snapshot, sizeof(DirSnapshot::Entry) + length)) return Errno::NoMem;
  snapshot->entries.push_back(
      {ino, static_cast<u32>(snapshot->names.size()), static_cast<u32>(length), type});
  snapshot->names.append(name, length);
  return Errno::Success;
}

// Directories may be mount points, whose number in the listing is not the one fd_filestat_get
// reports.
u64 inodeOf(int dirFd, const char* name, u64 listed, FileType type) {
  struct stat info{};
  bool ask = type == FileType::Directory || type == FileType::Unknown || listed == 0;
  if (!ask || fstatat(dirFd, name, &info, AT_SYMLINK_NOFOLLOW) != 0) return listed;
  return static_cast<u64>(info.st_ino);
}

Errno fill(Call& call, Descriptor& dir, DIR* stream, DirSnapshot* snapshot) {
  HostStat self;
  Errno error = statOpen(dirfd(stream), &self);
  if (error != Errno::Success) return error;
  // What is above a preopen is not the guest's to see: its `..` is itself, as at the root of a file
  // system.
  u64 parent = self.stat.ino;
  struct stat above{};
  if (!dir.isPreopen && fstatat(dirfd(stream), "..", &above, 0) == 0)
    parent = static_cast<u64>(above.st_ino);
  error = addEntry(snapshot, ".", 1, self.stat.ino, FileType::Directory);
  if (error == Errno::Success) error = addEntry(snapshot, "..", 2, parent, FileType::Directory);
  while (error == Errno::Success) {
    if (call.interrupted()) return Errno::Intr;
    errno = 0;
    const dirent* entry = readdir(stream);
    if (entry == nullptr) return fromHost(errno);
    const char* name = entry->d_name;
    if (std::strcmp(name, ".") == 0 || std::strcmp(name, "..") == 0) continue;
    size_t length = std::strlen(name);
    if (!isUtf8(name, length)) return Errno::IlSeq;
    FileType type = typeOfEntry(entry->d_type);
    error =
        addEntry(snapshot, name, length, inodeOf(dirfd(stream), name, entry->d_ino, type), type);
  }
  return error;
}

Errno takeSnapshot(Call& call, Descriptor& dir, std::unique_ptr<DirSnapshot>* out) {
  HostFd fd;
  Errno error = reopenDirectory(dir.host.get(), &fd);
  if (error != Errno::Success) return error;
  DIR* stream = fdopendir(fd.get());
  if (stream == nullptr) return lastError();
  fd.release();
  auto snapshot = std::make_unique<DirSnapshot>(call.ctx().fds().snapshotBudget());
  error = fill(call, dir, stream, snapshot.get());
  closedir(stream);
  if (error == Errno::Success) *out = std::move(snapshot);
  return error;
}

// Copies entries from `cookie` on; the last one may be cut anywhere. Returns the bytes used.
u64 pack(const DirSnapshot& snapshot, u64 cookie, const GuestSpan<u8>& buffer) {
  u64 used = 0;
  auto append = [&](const void* data, u64 size) {
    u64 n = std::min(size, buffer.size() - used);
    if (n != 0) std::memcpy(buffer.data() + used, data, static_cast<size_t>(n));
    used += n;
  };
  for (u64 i = cookie; i < snapshot.entries.size() && used < buffer.size(); ++i) {
    const DirSnapshot::Entry& entry = snapshot.entries[static_cast<size_t>(i)];
    u8 header[host::Wire<DirEnt>::kSize];
    host::Wire<DirEnt>::store(header, {i + 1, entry.ino, entry.nameLength, entry.type});
    append(header, sizeof header);
    append(snapshot.names.data() + entry.nameOffset, entry.nameLength);
  }
  return used;
}

}  // namespace

Errno fdReaddir(Call& call, u32 fd, GuestSpan<u8> buffer, u64 cookie, GuestPtr<u32> out) {
  FdRef dir = call.fd(fd);
  if (!dir) return Errno::Badf;
  if (!dir->isDir()) return Errno::NotDir;
  if (!call.ctx().grants().permit(dir->grant, host::Access::Read, "fd_readdir")) return Errno::Perm;
  Errno gated = gateFd(call, *dir, host::needs::kRead, "fd_readdir");
  if (gated != Errno::Success) return gated;
  std::unique_ptr<DirSnapshot> snapshot;
  {
    SpinGuard guard(dir->lock);
    snapshot = std::move(dir->snapshot);
  }
  if (cookie == 0) snapshot.reset();
  if (snapshot == nullptr) {
    Errno error = takeSnapshot(call, *dir, &snapshot);
    if (error != Errno::Success) return error;
  }
  out.store(static_cast<u32>(pack(*snapshot, cookie, buffer)));
  {
    // Another thread may have listed the same descriptor meanwhile; either listing will do, the
    // other is freed unlocked.
    SpinGuard guard(dir->lock);
    std::swap(dir->snapshot, snapshot);
  }
  return Errno::Success;
}

}  // namespace bls::wasi
