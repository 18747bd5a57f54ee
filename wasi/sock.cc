// Sockets: only those the operator opened, or host functions that asked for permission. Host
// descriptors never block; waiting is done here, interruptibly.
#include "wasi/functions.h"
#include "wasi/iov.h"
#include "wasi/platform.h"

namespace bls::wasi {
namespace {

Errno socket(Call& call, u32 fd, FdRef* out) {
  *out = call.fd(fd);
  if (!*out) return Errno::Badf;
  return (*out)->kind == FdKind::Socket ? Errno::Success : Errno::NotSock;
}

// Waits for a socket the guest wants to block on; Again for one it does not.
Errno await(Call& call, const Descriptor& desc, bool forWriting) {
  if (desc.nonblocking()) return Errno::Again;
  return call.waitFor(desc.host.get(), forWriting);
}

}  // namespace

Errno sockAccept(Call& call, u32 fd, u32 flags, GuestPtr<u32> out) {
  FdRef listener = call.fd(fd);
  if (!listener) return Errno::Badf;
  if (listener->kind != FdKind::Listener)
    return listener->kind == FdKind::Socket ? Errno::Inval : Errno::NotSock;
  if (hasUnknown(flags, fdflags::kNonblock)) return Errno::Inval;
  if (!listener->isGranted && !call.ctx().grants().permit(host::Capability::Listen, "sock_accept"))
    return Errno::Perm;
  if (!call.ctx().fds().hasRoom()) return Errno::MFile;
  HostFd accepted;
  for (;;) {
    Errno error = socketAccept(listener->host.get(), &accepted);
    if (error == Errno::Success) break;
    // A peer that has gone away again is not the guest's problem.
    bool retry = error == Errno::Intr || error == Errno::ConnAborted;
    if (error == Errno::Again) error = await(call, *listener, false);
    if (error != Errno::Success && !retry) return error;
  }
  FdRef desc = describeHostFd(std::move(accepted), true, true);
  desc->flags.store(flags, std::memory_order_relaxed);
  u32 number = 0;
  Errno error = call.ctx().fds().insert(std::move(desc), &number);
  if (error == Errno::Success) out.store(number);
  return error;
}

Errno sockRecv(Call& call, u32 fd, Iovs iovs, u32 riFlags, GuestPtr<u32> out,
               GuestPtr<u16> outFlags) {
  FdRef desc;
  Errno error = socket(call, fd, &desc);
  if (error != Errno::Success) return error;
  if (!desc->canRead) return Errno::NotCapable;
  if (hasUnknown(riFlags, riflags::kAll)) return Errno::Inval;
  IovBatch batch;
  error = batch.gather(call, iovs);
  if (error != Errno::Success) return error;
  bool peek = (riFlags & riflags::kPeek) != 0;
  // With PEEK there is no taking in parts; one look is all.
  bool all = (riFlags & riflags::kWaitall) != 0 && !peek && desc->type == FileType::SocketStream;
  u64 total = 0;
  bool truncated = false;
  do {
    int count = 0;
    u64 bytes = 0;
    u64 done = 0;
    iovec* vecs = batch.window(batch.bytesLeft(), &count, &bytes);
    error = socketReceive(desc->host.get(), vecs, count, peek, &done, &truncated);
    if (error == Errno::Again) {
      error = await(call, *desc, false);
      if (error == Errno::Success) continue;
    }
    if (error != Errno::Success) {
      if (total == 0 || call.trap() != Trap::None) return error;
      break;
    }
    batch.consume(done);
    total += done;
    if (!all || done == 0) break;
  } while (!batch.empty());
  out.store(static_cast<u32>(total));
  outFlags.store(truncated && desc->type == FileType::SocketDgram ? roflags::kDataTruncated
                                                                  : u16{0});
  return Errno::Success;
}

Errno sockSend(Call& call, u32 fd, Iovs iovs, u32 siFlags, GuestPtr<u32> out) {
  FdRef desc;
  Errno error = socket(call, fd, &desc);
  if (error != Errno::Success) return error;
  if (!desc->canWrite) return Errno::NotCapable;
  if (siFlags != 0) return Errno::Inval;
  return fdWrite(call, fd, iovs, out);
}

Errno sockShutdown(Call& call, u32 fd, u32 how) {
  FdRef desc;
  Errno error = socket(call, fd, &desc);
  if (error != Errno::Success) return error;
  if (how == 0 || hasUnknown(how, sdflags::kAll)) return Errno::Inval;
  return socketShutdown(desc->host.get(), (how & sdflags::kRead) != 0,
                        (how & sdflags::kWrite) != 0);
}

}  // namespace bls::wasi
