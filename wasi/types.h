// The value types of WASI previews 0 and 1: enumerations, flag sets, rights, and how structures lie
// in guest memory.
//
// Structures that differ between the previews have one C++ type each and two writers. Padding is
// always written as zero. Flag words arrive as i32: `hasUnknown` rejects bits the type does not
// have, also those above its width. Spec: wasi snapshot preview1, types.
#pragma once

#include "engine/host/abi.h"
#include "wasi/errno.h"

namespace bls::wasi {

enum class FileType : u8 {
  Unknown,
  BlockDevice,
  CharacterDevice,
  Directory,
  RegularFile,
  SocketDgram,
  SocketStream,
  SymbolicLink
};

namespace fdflags {
constexpr u32 kAppend = 1, kDsync = 2, kNonblock = 4, kRsync = 8, kSync = 16, kAll = 31;
}
namespace oflags {
constexpr u32 kCreat = 1, kDirectory = 2, kExcl = 4, kTrunc = 8, kAll = 15;
}
namespace fstflags {
constexpr u32 kAtim = 1, kAtimNow = 2, kMtim = 4, kMtimNow = 8, kAll = 15;
}
namespace lookupflags {
constexpr u32 kFollow = 1, kAll = 1;
}
namespace riflags {
constexpr u32 kPeek = 1, kWaitall = 2, kAll = 3;
}
namespace roflags {
constexpr u16 kDataTruncated = 1;
}
namespace sdflags {
constexpr u32 kRead = 1, kWrite = 2, kAll = 3;
}
namespace subclockflags {
constexpr u32 kAbstime = 1, kAll = 1;
}

constexpr bool hasUnknown(u32 flags, u32 known) { return (flags & ~known) != 0; }

namespace rights {
constexpr u64 bit(u32 n) { return u64{1} << n; }
constexpr u64 kFdDatasync = bit(0), kFdRead = bit(1), kFdSeek = bit(2), kFdFdstatSetFlags = bit(3),
              kFdSync = bit(4), kFdTell = bit(5), kFdWrite = bit(6), kFdAdvise = bit(7),
              kFdAllocate = bit(8), kPathCreateDirectory = bit(9), kPathCreateFile = bit(10),
              kPathLinkSource = bit(11), kPathLinkTarget = bit(12), kPathOpen = bit(13),
              kFdReaddir = bit(14), kPathReadlink = bit(15), kPathRenameSource = bit(16),
              kPathRenameTarget = bit(17), kPathFilestatGet = bit(18),
              kPathFilestatSetSize = bit(19), kPathFilestatSetTimes = bit(20),
              kFdFilestatGet = bit(21), kFdFilestatSetSize = bit(22), kFdFilestatSetTimes = bit(23),
              kPathSymlink = bit(24), kPathRemoveDirectory = bit(25), kPathUnlinkFile = bit(26),
              kPollFdReadwrite = bit(27), kSockShutdown = bit(28), kSockAccept = bit(29);

// What a directory reports. PATH_FILESTAT_SET_SIZE is not among it: reporting it would promise that
// dropping it works.
constexpr u64 kDirRead = kPathOpen | kFdReaddir | kPathReadlink | kPathFilestatGet |
                         kFdFilestatGet | kFdSync | kFdDatasync;
constexpr u64 kDirWrite = kPathCreateDirectory | kPathCreateFile | kPathLinkSource |
                          kPathLinkTarget | kPathRenameSource | kPathRenameTarget |
                          kPathFilestatSetTimes | kFdFilestatSetTimes | kPathSymlink |
                          kPathRemoveDirectory | kPathUnlinkFile;
constexpr u64 kFileCommon =
    kFdFdstatSetFlags | kFdFilestatGet | kPollFdReadwrite | kFdSync | kFdDatasync;
constexpr u64 kFileSeek = kFdSeek | kFdTell | kFdAdvise;
constexpr u64 kFileWrite = kFdWrite | kFdAllocate | kFdFilestatSetSize;
constexpr u64 kSocket =
    kFdRead | kFdWrite | kFdFdstatSetFlags | kFdFilestatGet | kPollFdReadwrite | kSockShutdown;
}  // namespace rights

enum class Advice : u8 { Normal, Sequential, Random, WillNeed, DontNeed, NoReuse };
constexpr u32 kAdviceCount = 6;

enum class Whence : u8 { Set, Cur, End };
enum class EventType : u8 { Clock, FdRead, FdWrite };

/// A guest buffer description, not yet checked.
struct IoVec {
  u32 address;
  u32 length;
};

struct FdStat {
  FileType type = FileType::Unknown;
  u16 flags = 0;
  u64 rightsBase = 0;
  u64 rightsInheriting = 0;
};

struct FileStat {
  u64 dev = 0;
  u64 ino = 0;
  FileType type = FileType::Unknown;
  u64 nlink = 0;
  u64 size = 0;
  u64 atimNs = 0;
  u64 mtimNs = 0;
  u64 ctimNs = 0;
};
/// The same facts in preview 0's layout: 56 bytes, 32-bit link count.
struct FileStat0 : FileStat {};

struct PreStat {
  u32 nameLength = 0;
};

struct DirEnt {
  u64 next = 0;
  u64 ino = 0;
  u32 nameLength = 0;
  FileType type = FileType::Unknown;
};

struct Subscription {
  u64 userdata = 0;
  u8 tag = 0;
  u32 clockId = 0;
  u64 timeoutNs = 0;
  u32 flags = 0;
  u32 fd = 0;
};
/// The same in preview 0's layout: 56 bytes, an unused identifier before the clock id.
struct Subscription0 : Subscription {};

struct Event {
  u64 userdata = 0;
  Errno error = Errno::Success;
  EventType type = EventType::Clock;
  u64 nbytes = 0;
  u16 flags = 0;
};
constexpr u16 kEventHangup = 1;

}  // namespace bls::wasi

namespace bls::host {

template <class T>
T loadAt(const u8* at, u64 offset) {
  return Wire<T>::load(at + offset);
}
template <class T>
void storeAt(u8* at, u64 offset, T value) {
  Wire<T>::store(at + offset, value);
}

template <>
struct Wire<wasi::IoVec> {
  static constexpr u64 kSize = 8, kAlign = 4;
  static wasi::IoVec load(const u8* at) { return {loadAt<u32>(at, 0), loadAt<u32>(at, 4)}; }
};

template <>
struct Wire<wasi::FdStat> {
  static constexpr u64 kSize = 24, kAlign = 8;
  static void store(u8* at, const wasi::FdStat& v) {
    std::memset(at, 0, kSize);
    storeAt(at, 0, v.type);
    storeAt(at, 2, v.flags);
    storeAt(at, 8, v.rightsBase);
    storeAt(at, 16, v.rightsInheriting);
  }
};

template <>
struct Wire<wasi::FileStat> {
  static constexpr u64 kSize = 64, kAlign = 8;
  static void store(u8* at, const wasi::FileStat& v) {
    std::memset(at, 0, kSize);
    storeAt(at, 0, v.dev);
    storeAt(at, 8, v.ino);
    storeAt(at, 16, v.type);
    storeAt(at, 24, v.nlink);
    storeAt(at, 32, v.size);
    storeAt(at, 40, v.atimNs);
    storeAt(at, 48, v.mtimNs);
    storeAt(at, 56, v.ctimNs);
  }
};

template <>
struct Wire<wasi::FileStat0> {
  static constexpr u64 kSize = 56, kAlign = 8;
  static void store(u8* at, const wasi::FileStat0& v) {
    std::memset(at, 0, kSize);
    storeAt(at, 0, v.dev);
    storeAt(at, 8, v.ino);
    storeAt(at, 16, v.type);
    storeAt(at, 20, v.nlink > 0xffffffff ? u32{0xffffffff} : static_cast<u32>(v.nlink));
    storeAt(at, 24, v.size);
    storeAt(at, 32, v.atimNs);
    storeAt(at, 40, v.mtimNs);
    storeAt(at, 48, v.ctimNs);
  }
};

template <>
struct Wire<wasi::PreStat> {
  static constexpr u64 kSize = 8, kAlign = 4;
  static void store(u8* at, const wasi::PreStat& v) {
    std::memset(at, 0, kSize);  // tag 0: a directory
    storeAt(at, 4, v.nameLength);
  }
};

template <>
struct Wire<wasi::DirEnt> {
  static constexpr u64 kSize = 24, kAlign = 8;
  static void store(u8* at, const wasi::DirEnt& v) {
    std::memset(at, 0, kSize);
    storeAt(at, 0, v.next);
    storeAt(at, 8, v.ino);
    storeAt(at, 16, v.nameLength);
    storeAt(at, 20, v.type);
  }
};

template <>
struct Wire<wasi::Subscription> {
  static constexpr u64 kSize = 48, kAlign = 8;
  static wasi::Subscription load(const u8* at) {
    return {loadAt<u64>(at, 0),  loadAt<u8>(at, 8),   loadAt<u32>(at, 16),
            loadAt<u64>(at, 24), loadAt<u16>(at, 40), loadAt<u32>(at, 16)};
  }
};

template <>
struct Wire<wasi::Subscription0> {
  static constexpr u64 kSize = 56, kAlign = 8;
  static wasi::Subscription0 load(const u8* at) {
    u8 tag = loadAt<u8>(at, 8);
    return {{loadAt<u64>(at, 0), tag, loadAt<u32>(at, 24), loadAt<u64>(at, 32), loadAt<u16>(at, 48),
             loadAt<u32>(at, 16)}};
  }
};

template <>
struct Wire<wasi::Event> {
  static constexpr u64 kSize = 32, kAlign = 8;
  static void store(u8* at, const wasi::Event& v) {
    std::memset(at, 0, kSize);
    storeAt(at, 0, v.userdata);
    storeAt(at, 8, v.error);
    storeAt(at, 10, v.type);
    storeAt(at, 16, v.nbytes);
    storeAt(at, 24, v.flags);
  }
};

}  // namespace bls::host
