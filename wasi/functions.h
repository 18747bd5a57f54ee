// The bodies of all WASI functions, one topic file each; preview1.def puts them into the tables.
// Functions whose name ends in 0 are the preview 0 forms of those that differ. What each does
// beyond its specification entry stands at its definition. Thread rule: all may run on any thread
// of the guest. Spec: wasi snapshot preview1, functions.
#pragma once

#include "wasi/call.h"
#include "wasi/types.h"

namespace bls::wasi {

using host::GuestAddress;
using host::GuestPtr;
using host::GuestSpan;
using host::GuestString;
using Iovs = GuestSpan<IoVec>;

// args.cc
Errno argsSizesGet(Call& call, GuestPtr<u32> count, GuestPtr<u32> bytes);
Errno argsGet(Call& call, GuestAddress pointers, GuestAddress buffer);
Errno environSizesGet(Call& call, GuestPtr<u32> count, GuestPtr<u32> bytes);
Errno environGet(Call& call, GuestAddress pointers, GuestAddress buffer);

// clock.cc, random.cc, proc.cc
Errno clockResGet(Call& call, u32 id, GuestPtr<u64> out);
Errno clockTimeGet(Call& call, u32 id, u64 precisionNs, GuestPtr<u64> out);
Errno randomGet(Call& call, GuestSpan<u8> buffer);
Trap procExit(Call& call, u32 code);
Errno procRaise(Call& call, u32 signal);
Errno schedYield(Call& call);

// fd.cc: the descriptors themselves
Errno fdClose(Call& call, u32 fd);
Errno fdRenumber(Call& call, u32 from, u32 to);
Errno fdFdstatGet(Call& call, u32 fd, GuestPtr<FdStat> out);
Errno fdFdstatSetFlags(Call& call, u32 fd, u32 flags);
Errno fdFdstatSetRights(Call& call, u32 fd, u64 base, u64 inheriting);
Errno fdPrestatGet(Call& call, u32 fd, GuestPtr<PreStat> out);
Errno fdPrestatDirName(Call& call, u32 fd, GuestSpan<u8> buffer);

// file.cc: open files
Errno fdAdvise(Call& call, u32 fd, u64 offset, u64 length, u32 advice);
Errno fdAllocate(Call& call, u32 fd, u64 offset, u64 length);
Errno fdDatasync(Call& call, u32 fd);
Errno fdSync(Call& call, u32 fd);
Errno fdFilestatGet(Call& call, u32 fd, GuestPtr<FileStat> out);
Errno fdFilestatGet0(Call& call, u32 fd, GuestPtr<FileStat0> out);
Errno fdFilestatSetSize(Call& call, u32 fd, u64 size);
Errno fdFilestatSetTimes(Call& call, u32 fd, u64 atimNs, u64 mtimNs, u32 flags);
Errno fdSeek(Call& call, u32 fd, i64 offset, u32 whence, GuestPtr<u64> out);
Errno fdSeek0(Call& call, u32 fd, i64 offset, u32 whence, GuestPtr<u64> out);
Errno fdTell(Call& call, u32 fd, GuestPtr<u64> out);

// io.cc: moving bytes
Errno fdRead(Call& call, u32 fd, Iovs iovs, GuestPtr<u32> out);
Errno fdPread(Call& call, u32 fd, Iovs iovs, u64 offset, GuestPtr<u32> out);
Errno fdWrite(Call& call, u32 fd, Iovs iovs, GuestPtr<u32> out);
Errno fdPwrite(Call& call, u32 fd, Iovs iovs, u64 offset, GuestPtr<u32> out);

// dir.cc
Errno fdReaddir(Call& call, u32 fd, GuestSpan<u8> buffer, u64 cookie, GuestPtr<u32> out);

// path.cc
Errno pathCreateDirectory(Call& call, u32 fd, GuestString path);
Errno pathFilestatGet(Call& call, u32 fd, u32 lookup, GuestString path, GuestPtr<FileStat> out);
Errno pathFilestatGet0(Call& call, u32 fd, u32 lookup, GuestString path, GuestPtr<FileStat0> out);
Errno pathFilestatSetTimes(Call& call, u32 fd, u32 lookup, GuestString path, u64 atimNs, u64 mtimNs,
                           u32 flags);
Errno pathLink(Call& call, u32 oldFd, u32 lookup, GuestString oldPath, u32 newFd,
               GuestString newPath);
Errno pathOpen(Call& call, u32 fd, u32 lookup, GuestString path, u32 oflags, u64 rightsBase,
               u64 rightsInheriting, u32 fdflags, GuestPtr<u32> out);
Errno pathReadlink(Call& call, u32 fd, GuestString path, GuestSpan<u8> buffer, GuestPtr<u32> out);
Errno pathRemoveDirectory(Call& call, u32 fd, GuestString path);
Errno pathRename(Call& call, u32 oldFd, GuestString oldPath, u32 newFd, GuestString newPath);
Errno pathSymlink(Call& call, GuestString target, u32 fd, GuestString path);
Errno pathUnlinkFile(Call& call, u32 fd, GuestString path);

// poll.cc
Errno pollOneoff(Call& call, GuestAddress in, GuestAddress out, u32 count,
                 GuestPtr<u32> eventCount);
Errno pollOneoff0(Call& call, GuestAddress in, GuestAddress out, u32 count,
                  GuestPtr<u32> eventCount);

// sock.cc
Errno sockAccept(Call& call, u32 fd, u32 flags, GuestPtr<u32> out);
Errno sockRecv(Call& call, u32 fd, Iovs iovs, u32 riFlags, GuestPtr<u32> out,
               GuestPtr<u16> outFlags);
Errno sockSend(Call& call, u32 fd, Iovs iovs, u32 siFlags, GuestPtr<u32> out);
Errno sockShutdown(Call& call, u32 fd, u32 how);

}  // namespace bls::wasi
