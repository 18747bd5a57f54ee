// Calls on open files that move no bytes: position, size, times, attributes, durability, advice.
#include <errno.h>
#include <unistd.h>

#include "wasi/functions.h"
#include "wasi/gate.h"
#include "wasi/platform.h"
#include "wasi/times.h"

namespace bls::wasi {
namespace {

constexpr u64 kMaxOffset = ~u64{0} >> 1;

Errno seek(Call& call, u32 fd, i64 offset, Whence whence, GuestPtr<u64> out) {
  FdRef desc = call.fd(fd);
  if (!desc || desc->isDir()) return Errno::Badf;
  if (!desc->isSeekable) return Errno::Spipe;
  int hostWhence = whence == Whence::Set ? SEEK_SET : whence == Whence::Cur ? SEEK_CUR : SEEK_END;
  off_t at = lseek(desc->host.get(), static_cast<off_t>(offset), hostWhence);
  if (at < 0) return lastError();
  out.store(static_cast<u64>(at));
  return Errno::Success;
}

// Streams have nothing to make durable; guests call fsync(1) all the same.
Errno synchronise(Call& call, u32 fd, bool dataOnly) {
  FdRef desc = call.fd(fd);
  if (!desc || desc->isDir()) return Errno::Badf;
  if (desc->kind != FdKind::File) return Errno::Success;
  int result;
  do {
    result = dataOnly ? fdatasync(desc->host.get()) : fsync(desc->host.get());
  } while (result != 0 && errno == EINTR);
  if (result == 0 || errno == EINVAL || errno == EROFS) return Errno::Success;
  return lastError();
}

Errno filestat(Call& call, u32 fd, FileStat* out) {
  FdRef desc = call.fd(fd);
  if (!desc) return Errno::Badf;
  Errno gated = gateFd(call, *desc, host::needs::kRead, "fd_filestat_get");
  if (gated != Errno::Success) return gated;
  if (!desc->host.valid()) {
    *out = {};
    out->type = desc->type;
    return Errno::Success;
  }
  HostStat info;
  Errno error = statOpen(desc->host.get(), &info);
  *out = info.stat;
  return error;
}

}  // namespace

Errno fdAdvise(Call& call, u32 fd, u64 offset, u64 length, u32 advice) {
  FdRef desc = call.fd(fd);
  if (!desc) return Errno::Badf;
  if (advice >= kAdviceCount || offset > kMaxOffset) return Errno::Inval;
  if (desc->isDir()) return Errno::Badf;
  if (desc->kind != FdKind::File) return Errno::Spipe;
  return adviseFile(desc->host.get(), offset, length, static_cast<Advice>(advice));
}

Errno fdAllocate(Call& call, u32 fd, u64 offset, u64 length) {
  FdRef desc = call.fd(fd);
  if (!desc || desc->isDir() || !desc->canWrite) return Errno::Badf;
  if (desc->kind != FdKind::File) return Errno::Spipe;
  if (length == 0) return Errno::Inval;
  if (offset > kMaxOffset || length > kMaxOffset - offset) return Errno::FBig;
  Errno gated = gateFd(call, *desc, host::needs::kWrite, "fd_allocate");
  if (gated != Errno::Success) return gated;
  return allocateFile(desc->host.get(), offset, length);
}

Errno fdDatasync(Call& call, u32 fd) { return synchronise(call, fd, true); }
Errno fdSync(Call& call, u32 fd) { return synchronise(call, fd, false); }

Errno fdFilestatGet(Call& call, u32 fd, GuestPtr<FileStat> out) {
  FileStat stat;
  Errno error = filestat(call, fd, &stat);
  if (error == Errno::Success) out.store(stat);
  return error;
}

Errno fdFilestatGet0(Call& call, u32 fd, GuestPtr<FileStat0> out) {
  FileStat stat;
  Errno error = filestat(call, fd, &stat);
  if (error == Errno::Success) out.store(FileStat0{stat});
  return error;
}

Errno fdFilestatSetSize(Call& call, u32 fd, u64 size) {
  FdRef desc = call.fd(fd);
  if (!desc || desc->isDir() || !desc->canWrite) return Errno::Badf;
  if (desc->kind != FdKind::File) return Errno::Inval;
  if (size > kMaxOffset) return Errno::FBig;
  Errno gated = gateFd(call, *desc, host::needs::kWrite, "fd_filestat_set_size");
  if (gated != Errno::Success) return gated;
  int result;
  do {
    result = ftruncate(desc->host.get(), static_cast<off_t>(size));
  } while (result != 0 && errno == EINTR);
  return result == 0 ? Errno::Success : lastError();
}

// A change below a directory needs its grant to write, however the file was opened.
Errno fdFilestatSetTimes(Call& call, u32 fd, u64 atimNs, u64 mtimNs, u32 flags) {
  FdRef desc = call.fd(fd);
  if (!desc) return Errno::Badf;
  TimeChange access;
  TimeChange modification;
  Errno error = timeChanges(call.ctx(), atimNs, mtimNs, flags, &access, &modification);
  if (error != Errno::Success) return error;
  if (desc->grant == nullptr) return Errno::Perm;  // the operator's own descriptors
  if (!call.ctx().grants().permit(desc->grant, host::Access::Write, "fd_filestat_set_times"))
    return Errno::Perm;
  error = gateFd(call, *desc, host::needs::kWrite, "fd_filestat_set_times");
  if (error != Errno::Success) return error;
  return setTimes(desc->host.get(), access, modification);
}

Errno fdSeek(Call& call, u32 fd, i64 offset, u32 whence, GuestPtr<u64> out) {
  static constexpr Whence kOrder[] = {Whence::Set, Whence::Cur, Whence::End};
  if (!call.fd(fd)) return Errno::Badf;
  return whence < 3 ? seek(call, fd, offset, kOrder[whence], out) : Errno::Inval;
}

Errno fdSeek0(Call& call, u32 fd, i64 offset, u32 whence, GuestPtr<u64> out) {
  static constexpr Whence kOrder[] = {Whence::Cur, Whence::End, Whence::Set};
  if (!call.fd(fd)) return Errno::Badf;
  return whence < 3 ? seek(call, fd, offset, kOrder[whence], out) : Errno::Inval;
}

Errno fdTell(Call& call, u32 fd, GuestPtr<u64> out) { return seek(call, fd, 0, Whence::Cur, out); }

}  // namespace bls::wasi
