// The descriptor table.
#include "wasi/fd_table.h"

#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "wasi/platform.h"

namespace bls::wasi {

constexpr u32 kFirstFreeFd = 3;  // 0, 1 and 2 are never handed out again once closed

void SpinLock::lock() {
  while (flag_.test_and_set(std::memory_order_acquire)) sched_yield();
}

void HostFd::reset(int fd) {
  if (fd_ >= 0) closeHost(fd_);
  fd_ = fd;
}

FdRef::~FdRef() {
  if (descriptor_ != nullptr && descriptor_->users_.fetch_sub(1, std::memory_order_acq_rel) == 1)
    delete descriptor_;
}

FdStat Descriptor::fdStat() const {
  FdStat out;
  out.type = type;
  out.flags = static_cast<u16>(flags.load(std::memory_order_relaxed));
  u64 base = rights::kFileCommon;
  switch (kind) {
    case FdKind::Dir:
      base = rights::kDirRead | (grant != nullptr && grant->write ? rights::kDirWrite : 0);
      // C libraries intersect what they ask for with this set; what is refused is refused at the
      // open.
      out.rightsInheriting = rights::kDirRead | rights::kDirWrite | rights::kFileCommon |
                             rights::kFileSeek | rights::kFileWrite | rights::kFdRead |
                             rights::kFdFilestatSetTimes;
      out.flags = 0;
      break;
    case FdKind::Socket:
      base = rights::kSocket;
      if (!canRead) base &= ~rights::kFdRead;
      if (!canWrite) base &= ~rights::kFdWrite;
      break;
    case FdKind::Listener:
      base = rights::kSockAccept | rights::kPollFdReadwrite | rights::kFdFdstatSetFlags |
             rights::kFdFilestatGet;
      break;
    default:
      if (canRead) base |= rights::kFdRead;
      if (canWrite && kind == FdKind::File) base |= rights::kFileWrite;
      if (canWrite) base |= rights::kFdWrite;
      if (kind == FdKind::File) base |= rights::kFdFilestatSetTimes;
      if (isSeekable)
        base |= rights::kFileSeek;  // its absence is how C libraries recognise a terminal
      break;
  }
  out.rightsBase = base;
  return out;
}

FdRef FdTable::get(u32 fd) {
  SpinGuard guard(lock_);
  return fd < slots_.size() ? slots_[fd] : FdRef();
}

bool FdTable::hasRoom() {
  SpinGuard guard(lock_);
  return live_ < maxDescriptors_;
}

Errno FdTable::insert(FdRef descriptor, u32* fd) {
  SpinGuard guard(lock_);
  if (live_ >= maxDescriptors_) return Errno::MFile;
  u32 number = kFirstFreeFd;
  while (number < slots_.size() && slots_[number]) ++number;
  if (number >= slots_.size()) slots_.resize(number + 1);
  slots_[number] = std::move(descriptor);
  ++live_;
  *fd = number;
  return Errno::Success;
}

bool FdTable::place(u32 fd, FdRef descriptor) {
  SpinGuard guard(lock_);
  if (live_ >= maxDescriptors_ || fd >= std::max(maxDescriptors_, kFirstFreeFd)) return false;
  if (fd >= slots_.size()) slots_.resize(fd + 1);
  if (slots_[fd]) return false;
  slots_[fd] = std::move(descriptor);
  ++live_;
  return true;
}

Errno FdTable::close(u32 fd) {
  FdRef closed;  // destroyed after the lock is released: closing may block
  SpinGuard guard(lock_);
  if (fd >= slots_.size() || !slots_[fd]) return Errno::Badf;
  std::swap(closed, slots_[fd]);
  --live_;
  return Errno::Success;
}

Errno FdTable::renumber(u32 from, u32 to) {
  FdRef closed;
  SpinGuard guard(lock_);
  if (from >= slots_.size() || to >= slots_.size() || !slots_[from] || !slots_[to])
    return Errno::Badf;
  if (from == to) return Errno::Success;
  std::swap(closed, slots_[to]);
  std::swap(slots_[to], slots_[from]);
  --live_;
  return Errno::Success;
}

FileType fileTypeOf(u32 hostMode, int fd) {
  mode_t mode = static_cast<mode_t>(hostMode);
  if (S_ISREG(mode)) return FileType::RegularFile;
  if (S_ISDIR(mode)) return FileType::Directory;
  if (S_ISLNK(mode)) return FileType::SymbolicLink;
  if (S_ISCHR(mode)) return FileType::CharacterDevice;
  if (S_ISBLK(mode)) return FileType::BlockDevice;
  if (S_ISSOCK(mode)) {
    return fd >= 0 && socketIsDatagram(fd) ? FileType::SocketDgram : FileType::SocketStream;
  }
  return FileType::Unknown;
}

FdRef describeHostFd(HostFd host, bool canRead, bool canWrite) {
  auto descriptor = std::make_unique<Descriptor>();
  struct stat info{};
  int fd = host.get();
  if (fstat(fd, &info) == 0) {
    descriptor->type = fileTypeOf(static_cast<u32>(info.st_mode), fd);
    descriptor->isFifo = S_ISFIFO(info.st_mode);
  }
  descriptor->canRead = canRead;
  descriptor->canWrite = canWrite;
  switch (descriptor->type) {
    case FileType::Directory: descriptor->kind = FdKind::Dir; break;
    case FileType::SocketDgram:
    case FileType::SocketStream: descriptor->kind = FdKind::Socket; break;
    case FileType::RegularFile:
    case FileType::BlockDevice:
      descriptor->kind = FdKind::File;
      descriptor->isSeekable = true;
      break;
    default:
      descriptor->kind = FdKind::Stream;
      // A device that is no terminal (/dev/null) can be positioned; a terminal and a pipe cannot.
      descriptor->isSeekable = isatty(fd) == 0 && lseek(fd, 0, SEEK_CUR) >= 0;
      break;
  }
  descriptor->host = std::move(host);
  return FdRef(descriptor.release());
}

bool DescriptorDoor::addSocket(int fd, host::SocketUse use, bool blocking, u32* guestFd) {
  const bool listens = use == host::SocketUse::Listening;
  FdRef desc = describeHostFd(HostFd(fd), !listens, !listens);
  desc->kind = listens ? FdKind::Listener : FdKind::Socket;
  desc->isGranted = true;
  if (!blocking) desc->flags.store(fdflags::kNonblock, std::memory_order_relaxed);
  return fds_.insert(std::move(desc), guestFd) == Errno::Success;
}

bool DescriptorDoor::addDriver(std::unique_ptr<host::DriverStream> stream, u32* guestFd) {
  auto desc = std::make_unique<Descriptor>();
  desc->kind = FdKind::Driver;
  desc->type = FileType::BlockDevice;
  desc->canRead = true;
  desc->canWrite = true;
  desc->driver = std::move(stream);
  return fds_.insert(FdRef(desc.release()), guestFd) == Errno::Success;
}

}  // namespace bls::wasi
