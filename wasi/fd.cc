// Calls about descriptors as such: close, renumber, status, flags, preopen names.
#include <fcntl.h>

#include "wasi/functions.h"
#include "wasi/platform.h"

namespace bls::wasi {

Errno fdClose(Call& call, u32 fd) { return call.ctx().fds().close(fd); }

Errno fdRenumber(Call& call, u32 from, u32 to) { return call.ctx().fds().renumber(from, to); }

Errno fdFdstatGet(Call& call, u32 fd, GuestPtr<FdStat> out) {
  FdRef desc = call.fd(fd);
  if (!desc) return Errno::Badf;
  out.store(desc->fdStat());
  return Errno::Success;
}

// APPEND and NONBLOCK can be switched; the synchronised modes only at open. NONBLOCK is ours alone:
// the host descriptor is never waited on without a look-out for interrupts (io.cc), so its own flag
// does not matter.
Errno fdFdstatSetFlags(Call& call, u32 fd, u32 flags) {
  FdRef desc = call.fd(fd);
  if (!desc) return Errno::Badf;
  if (hasUnknown(flags, fdflags::kAll)) return Errno::Inval;
  if (desc->isDir()) return flags == 0 ? Errno::Success : Errno::Inval;
  u32 old = desc->flags.load(std::memory_order_relaxed);
  u32 changed = old ^ flags;
  if ((changed & (fdflags::kDsync | fdflags::kRsync | fdflags::kSync)) != 0) return Errno::NotSup;
  if ((changed & fdflags::kAppend) != 0) {
    if (desc->hostShared || !desc->host.valid())
      return Errno::NotSup;  // others would see the change
    int host = fcntl(desc->host.get(), F_GETFL);
    if (host < 0) return lastError();
    host = (flags & fdflags::kAppend) != 0 ? host | O_APPEND : host & ~O_APPEND;
    if (fcntl(desc->host.get(), F_SETFL, host) != 0) return lastError();
  }
  desc->flags.store(flags, std::memory_order_relaxed);
  return Errno::Success;
}

// Rights are not enforced per descriptor, and saying so is the honest answer: programs probe with
// their current rights.
Errno fdFdstatSetRights(Call& call, u32 fd, u64, u64) {
  return call.fd(fd) ? Errno::NotSup : Errno::Badf;
}

Errno fdPrestatGet(Call& call, u32 fd, GuestPtr<PreStat> out) {
  FdRef desc = call.fd(fd);
  if (!desc) return Errno::Badf;
  if (!desc->isPreopen) return desc->isDir() ? Errno::NotSup : Errno::Badf;
  out.store({static_cast<u32>(desc->preopenName.size())});
  return Errno::Success;
}

Errno fdPrestatDirName(Call& call, u32 fd, GuestSpan<u8> buffer) {
  FdRef desc = call.fd(fd);
  if (!desc) return Errno::Badf;
  if (!desc->isPreopen) return desc->isDir() ? Errno::NotSup : Errno::Badf;
  const std::string& name = desc->preopenName;
  if (buffer.size() < name.size()) return Errno::NameTooLong;
  if (!name.empty()) std::memcpy(buffer.data(), name.data(), name.size());
  return Errno::Success;
}

}  // namespace bls::wasi
