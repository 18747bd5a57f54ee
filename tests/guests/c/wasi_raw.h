/* The functions of WASI preview 1 as raw imports, with their constants and struct layouts.
 *
 * libc hides most of what the checks are about (it retries, adds a path prefix, keeps tables of its
 * own), so guests call the imports themselves. Strings go as pointer and length. With WASI_MODULE
 * defined as "wasi_unstable" the same declarations are those of preview 0, whose differing structs
 * are at the end. Needs no libc header. */

#pragma once

#ifndef WASI_MODULE
#define WASI_MODULE "wasi_snapshot_preview1"
#endif
#define WASI(name) __attribute__((import_module(WASI_MODULE), import_name(#name)))

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef long long i64;

enum Errno {
  kSuccess = 0,
  kAcces = 2,
  kAgain = 6,
  kBadf = 8,
  kExist = 20,
  kFbig = 22,
  kIlseq = 25,
  kInval = 28,
  kIsdir = 31,
  kLoop = 32,
  kMfile = 33,
  kNametoolong = 37,
  kNfile = 41,
  kNoent = 44,
  kNotconn = 53,
  kNotdir = 54,
  kNotempty = 55,
  kNotsock = 57,
  kNotsup = 58,
  kOverflow = 61,
  kPerm = 63,
  kPipe = 64,
  kSpipe = 70,
  kXdev = 75,
  kNotcapable = 76,
};

enum Filetype {
  kUnknown,
  kBlockDevice,
  kCharacterDevice,
  kDirectory,
  kRegularFile,
  kSocketDgram,
  kSocketStream,
  kSymbolicLink,
};

enum Oflags { kCreat = 1, kODirectory = 2, kExcl = 4, kTrunc = 8 };
enum Fdflags { kAppend = 1, kDsync = 2, kNonblock = 4, kRsync = 8, kSync = 16 };
enum Lookupflags { kNoFollow = 0, kFollow = 1 };
enum Fstflags { kAtim = 1, kAtimNow = 2, kMtim = 4, kMtimNow = 8 };
enum Whence { kSeekSet, kSeekCur, kSeekEnd };
enum ClockId { kRealtime, kMonotonic, kProcessCpu, kThreadCpu };
enum EventType { kEventClock, kEventRead, kEventWrite };

/* Rights. What a file is opened for is chosen by the two bits of reading and writing; the others go
 * along because engines that enforce rights want them. */
#define kRightRead (1ULL << 1)
#define kRightWrite (1ULL << 6)
#define kRightPathOpen (1ULL << 13)
#define kRightPathSetSize (1ULL << 19)
#define kRightFdSetSize (1ULL << 22)
#define kAllRights ((1ULL << 28) - 1)
#define kReadWrite 0x8e001ffULL
#define kForReading (kReadWrite & ~kRightWrite)
#define kForWriting (kReadWrite & ~kRightRead)
#define kFolder \
  (kAllRights & ~(kReadWrite & 0xff) & ~(kRightPathSetSize | kRightFdSetSize | 1ULL << 8))

typedef struct {
  void* data;
  u32 size;
} Iovec;
typedef struct {
  u8 filetype;
  u16 flags;
  u64 base, inheriting;
} Fdstat;
typedef struct {
  u64 dev, ino;
  u8 filetype;
  u64 nlink, size, atim, mtim, ctim;
} Filestat;
typedef struct {
  u64 next, ino;
  u32 nameSize;
  u8 type;
} Dirent;
typedef struct {
  u8 tag;
  u32 nameSize;
} Prestat;
typedef struct {
  u64 userdata;
  u16 error;
  u8 type;
  u64 nbytes;
  u16 flags;
} Event;
typedef struct {
  u64 userdata;
  u8 tag;
  union {
    struct {
      u32 id;
      u64 timeout, precision;
      u16 flags;
    } clock;
    u32 fd;
  } u;
} Subscription;

_Static_assert(sizeof(Fdstat) == 24 && sizeof(Filestat) == 64 && sizeof(Dirent) == 24, "layout");
_Static_assert(sizeof(Event) == 32 && sizeof(Subscription) == 48 && sizeof(Prestat) == 8, "layout");

WASI(args_get) int argsGet(u32* pointers, char* text);
WASI(args_sizes_get) int argsSizesGet(u32* count, u32* size);
WASI(environ_get) int environGet(u32* pointers, char* text);
WASI(environ_sizes_get) int environSizesGet(u32* count, u32* size);
WASI(clock_res_get) int clockResGet(u32 id, u64* resolution);
WASI(clock_time_get) int clockTimeGet(u32 id, u64 precision, u64* time);
WASI(fd_advise) int fdAdvise(u32 fd, u64 offset, u64 size, u32 advice);
WASI(fd_allocate) int fdAllocate(u32 fd, u64 offset, u64 size);
WASI(fd_close) int fdClose(u32 fd);
WASI(fd_datasync) int fdDatasync(u32 fd);
WASI(fd_fdstat_get) int fdFdstatGet(u32 fd, Fdstat* stat);
WASI(fd_fdstat_set_flags) int fdFdstatSetFlags(u32 fd, u32 flags);
WASI(fd_fdstat_set_rights) int fdFdstatSetRights(u32 fd, u64 base, u64 inheriting);
WASI(fd_filestat_get) int fdFilestatGet(u32 fd, void* stat);
WASI(fd_filestat_set_size) int fdFilestatSetSize(u32 fd, u64 size);
WASI(fd_filestat_set_times) int fdFilestatSetTimes(u32 fd, u64 atim, u64 mtim, u32 flags);
WASI(fd_pread) int fdPread(u32 fd, const Iovec* vectors, u32 count, u64 offset, u32* done);
WASI(fd_prestat_get) int fdPrestatGet(u32 fd, Prestat* stat);
WASI(fd_prestat_dir_name) int fdPrestatDirName(u32 fd, char* name, u32 size);
WASI(fd_pwrite) int fdPwrite(u32 fd, const Iovec* vectors, u32 count, u64 offset, u32* done);
WASI(fd_read) int fdRead(u32 fd, const Iovec* vectors, u32 count, u32* done);
WASI(fd_readdir) int fdReaddir(u32 fd, void* buffer, u32 size, u64 cookie, u32* used);
WASI(fd_renumber) int fdRenumber(u32 from, u32 to);
WASI(fd_seek) int fdSeek(u32 fd, i64 offset, u32 whence, u64* position);
WASI(fd_sync) int fdSync(u32 fd);
WASI(fd_tell) int fdTell(u32 fd, u64* position);
WASI(fd_write) int fdWrite(u32 fd, const Iovec* vectors, u32 count, u32* done);
WASI(path_create_directory) int pathCreateDirectory(u32 fd, const char* path, u32 size);
WASI(path_filestat_get)
int pathFilestatGet(u32 fd, u32 lookup, const char* path, u32 size, void* stat);
WASI(path_filestat_set_times)
int pathFilestatSetTimes(u32 fd, u32 lookup, const char* path, u32 size, u64 atim, u64 mtim,
                         u32 flags);
WASI(path_link)
int pathLink(u32 fd, u32 lookup, const char* path, u32 size, u32 newFd, const char* newPath,
             u32 newSize);
WASI(path_open)
int pathOpen(u32 fd, u32 lookup, const char* path, u32 size, u32 oflags, u64 base, u64 inheriting,
             u32 fdflags, u32* opened);
WASI(path_readlink)
int pathReadlink(u32 fd, const char* path, u32 size, char* buffer, u32 bufferSize, u32* used);
WASI(path_remove_directory) int pathRemoveDirectory(u32 fd, const char* path, u32 size);
WASI(path_rename)
int pathRename(u32 fd, const char* path, u32 size, u32 newFd, const char* newPath, u32 newSize);
WASI(path_symlink)
int pathSymlink(const char* target, u32 targetSize, u32 fd, const char* path, u32 size);
WASI(path_unlink_file) int pathUnlinkFile(u32 fd, const char* path, u32 size);
WASI(poll_oneoff) int pollOneoff(const void* in, void* out, u32 count, u32* events);
WASI(proc_exit) _Noreturn void procExit(u32 code);
WASI(proc_raise) int procRaise(u32 signal);
WASI(random_get) int randomGet(void* buffer, u32 size);
WASI(sched_yield) int schedYield(void);
WASI(sock_accept) int sockAccept(u32 fd, u32 flags, u32* opened);
WASI(sock_recv)
int sockRecv(u32 fd, const Iovec* vectors, u32 count, u32 flags, u32* done, u16* roflags);
WASI(sock_send) int sockSend(u32 fd, const Iovec* vectors, u32 count, u32 flags, u32* done);
WASI(sock_shutdown) int sockShutdown(u32 fd, u32 how);

/* Preview 0: the two structs that differ, and the order of whence. */
typedef struct {
  u64 dev, ino;
  u8 filetype;
  u32 nlink;
  u64 size, atim, mtim, ctim;
} FilestatUnstable;
typedef struct {
  u64 userdata;
  u8 tag;
  union {
    struct {
      u64 identifier;
      u32 id;
      u64 timeout, precision;
      u16 flags;
    } clock;
    u32 fd;
  } u;
} SubscriptionUnstable;
enum WhenceUnstable { kUnstableCur, kUnstableEnd, kUnstableSet };
_Static_assert(sizeof(FilestatUnstable) == 56 && sizeof(SubscriptionUnstable) == 56, "layout");
