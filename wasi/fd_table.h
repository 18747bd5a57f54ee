// FdTable and Descriptor: the guest's descriptor numbers and what stands behind them.
//
// Guest numbers index a private table; host numbers never reach the guest. A Descriptor is shared
// between the table and the calls that use it, so one thread may close what another one reads: the
// host descriptor is closed when the last user lets go. Table changes are short, under a lock that
// is never held over a system call that may block, and either happen whole or not at all. Thread
// rule: every FdTable member may be called from any thread.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "engine/host/grants.h"
#include "wasi/context.h"
#include "wasi/terminal_filter.h"
#include "wasi/types.h"

namespace bls::wasi {

/// A lock for sections of a few instructions.
class SpinLock {
 public:
  void lock();
  void unlock() { flag_.clear(std::memory_order_release); }

 private:
  std::atomic_flag flag_ = ATOMIC_FLAG_INIT;
};
class SpinGuard {
 public:
  explicit SpinGuard(SpinLock& lock) : lock_(lock) { lock_.lock(); }
  ~SpinGuard() { lock_.unlock(); }
  SpinGuard(const SpinGuard&) = delete;
  SpinGuard& operator=(const SpinGuard&) = delete;

 private:
  SpinLock& lock_;
};

/// Owns a host descriptor; closes it.
class HostFd {
 public:
  HostFd() = default;
  explicit HostFd(int fd) : fd_(fd) {}
  ~HostFd() { reset(); }
  HostFd(HostFd&& other) noexcept : fd_(other.release()) {}
  HostFd& operator=(HostFd&& other) noexcept {
    reset(other.release());
    return *this;
  }
  int get() const { return fd_; }
  bool valid() const { return fd_ >= 0; }
  int release() {
    int fd = fd_;
    fd_ = -1;
    return fd;
  }
  void reset(int fd = -1);

 private:
  int fd_ = -1;
};

/// A directory listing taken at one moment (dir.cc). Its bytes come out of a budget shared by all
/// listings.
struct DirSnapshot {
  struct Entry {
    u64 ino;
    u32 nameOffset;
    u32 nameLength;
    FileType type;
  };
  std::vector<Entry> entries;
  std::string names;
  std::atomic<u64>* budget;
  u64 chargedBytes = 0;

  explicit DirSnapshot(std::atomic<u64>* bytes) : budget(bytes) {}
  DirSnapshot(const DirSnapshot&) = delete;
  DirSnapshot& operator=(const DirSnapshot&) = delete;
  ~DirSnapshot() { budget->fetch_add(chargedBytes, std::memory_order_relaxed); }
};

enum class FdKind : u8 {
  File,    // regular file, or anything else with a host descriptor that blocks like one
  Stream,  // pipe, FIFO, terminal, device: may block, waited for before use
  Socket,
  Listener,
  Dir,
  Null,    // no host descriptor: end of file, writes vanish
  Bytes,   // no host descriptor: fixed input, or what `input` says
  Sink,    // no host descriptor: output to a function
  Driver,  // no host descriptor: a stream of a native driver
};

struct Descriptor {
  FdKind kind = FdKind::File;
  FileType type = FileType::Unknown;
  HostFd host;
  bool canRead = false;
  bool canWrite = false;
  bool hostShared =
      false;  // the open file description belongs to others too (stdio): its flags are left alone
  bool isFifo = false;
  bool isSeekable = false;
  bool isPreopen = false;
  bool isStandardOutput = false;  // what is written counts for ContextLimits::outputBytes
  std::string preopenName;
  /// With rules (Context::gate): what the guest calls what was opened, from the root down, normal
  /// and without links. Empty for standard streams and sockets, which no rule is about.
  std::string guestPath;
  const host::DirGrant* grant =
      nullptr;                // of everything opened below a preopen; null for stdio and sockets
  std::atomic<u32> flags{0};  // guest-visible fdflags
  std::string bytes;          // Bytes
  std::shared_ptr<host::ProcessInput> input;  // Bytes: comes from there instead
  std::atomic<u64> bytesRead{0};
  std::function<void(std::string_view)> sink;
  std::unique_ptr<host::DriverStream> driver;  // Driver: one call at a time, see driver.cc
  std::atomic_flag driverBusy = ATOMIC_FLAG_INIT;
  /// Listener: a host function that asked for its own permission made it, so accepting needs no
  /// grant of the run.
  bool isGranted = false;
  std::unique_ptr<TerminalFilter> filter;  // output to a terminal
  std::unique_ptr<DirSnapshot> snapshot;   // Dir, guarded by lock
  SpinLock lock;
  std::atomic_flag transferring = ATOMIC_FLAG_INIT;  // Stream: one thread at a time (io.cc)

  Descriptor() = default;
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  bool isDir() const { return kind == FdKind::Dir; }
  bool nonblocking() const {
    return (flags.load(std::memory_order_relaxed) & fdflags::kNonblock) != 0;
  }
  FdStat fdStat() const;

 private:
  friend class FdRef;
  std::atomic<u32> users_{0};
};

/// Keeps a descriptor open while a call uses it.
class FdRef {
 public:
  FdRef() = default;
  explicit FdRef(Descriptor* descriptor) : descriptor_(descriptor) { retain(); }
  FdRef(const FdRef& other) : descriptor_(other.descriptor_) { retain(); }
  FdRef(FdRef&& other) noexcept : descriptor_(other.descriptor_) { other.descriptor_ = nullptr; }
  FdRef& operator=(FdRef other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  ~FdRef();
  Descriptor* operator->() const { return descriptor_; }
  Descriptor& operator*() const { return *descriptor_; }
  explicit operator bool() const { return descriptor_ != nullptr; }

 private:
  void retain() {
    if (descriptor_ != nullptr) descriptor_->users_.fetch_add(1, std::memory_order_relaxed);
  }
  Descriptor* descriptor_ = nullptr;
};

class FdTable {
 public:
  explicit FdTable(const ContextLimits& limits)
      : maxDescriptors_(limits.descriptors), snapshotBudget_(limits.directorySnapshotBytes) {}

  /// Null when `fd` is not open. Any value is allowed.
  FdRef get(u32 fd);
  /// Takes the lowest free number from 3 on. MFile when the table is full; the descriptor is then
  /// dropped.
  Errno insert(FdRef descriptor, u32* fd);
  /// Puts a descriptor at a number that must be free; for setting up. False when taken or too
  /// large.
  bool place(u32 fd, FdRef descriptor);
  /// Badf when not open.
  Errno close(u32 fd);
  /// `to` gets what `from` is, `from` is closed. Both must be open, else Badf and no change.
  Errno renumber(u32 from, u32 to);
  /// True while an insert would succeed: asked before a file is created, so that a full table
  /// creates none.
  bool hasRoom();
  std::atomic<u64>* snapshotBudget() { return &snapshotBudget_; }
  /// Held, where there are permission rules, while a name may become a directory's.
  SpinLock& nameLock() { return nameLock_; }

 private:
  SpinLock lock_;
  SpinLock nameLock_;
  std::vector<FdRef> slots_;
  u32 live_ = 0;
  u32 maxDescriptors_;
  std::atomic<u64> snapshotBudget_;
};

/// A descriptor over an open host descriptor, classified by what it is. `canRead`, `canWrite` as
/// given.
FdRef describeHostFd(HostFd host, bool canRead, bool canWrite);

/// The door through which other host functions put descriptors into the table.
class DescriptorDoor final : public host::DescriptorTable {
 public:
  explicit DescriptorDoor(FdTable& fds) : fds_(fds) {}
  bool hasRoom() override { return fds_.hasRoom(); }
  bool addSocket(int fd, host::SocketUse use, bool blocking, u32* guestFd) override;
  bool addDriver(std::unique_ptr<host::DriverStream> stream, u32* guestFd) override;

 private:
  FdTable& fds_;
};

/// WASI's word for a host file mode; sockets are told apart by asking the descriptor (-1: unknown
/// kind of socket).
FileType fileTypeOf(u32 hostMode, int fd);

}  // namespace bls::wasi
