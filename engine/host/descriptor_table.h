// DescriptorTable: how host functions beyond WASI put something behind a WASI descriptor of the
// guest: a socket they opened, or a stream of a driver. WASI implements it (wasi/fd_table.h); the
// guest then uses fd_read, fd_write, sock_accept, poll_oneoff and fd_close as with any other.
//
// Thread rule: any guest thread.
#pragma once

#include <memory>

#include "engine/base/ints.h"

namespace bls::host {

/// A stream that is no host descriptor: a native driver's. The table calls `read` and `write` from
/// any thread, one call at a time, and destroys the stream exactly once, when the guest has closed
/// it and no call uses it. What a call may block is the driver's business: nothing interrupts it.
class DriverStream {
 public:
  virtual ~DriverStream() = default;
  /// 0, or a host errno. `*done` ≤ size (more is taken for an error of the stream); 0 at the end.
  virtual int read(u8* data, u32 size, u32* done) = 0;
  virtual int write(const u8* data, u32 size, u32* done) = 0;
};

enum class SocketUse : u8 { Connected, Listening };

class DescriptorTable {
 public:
  /// True while an add would succeed.
  virtual bool hasRoom() = 0;
  /// Takes over the host descriptor `fd`, a stream socket that does not block, whatever the result;
  /// `blocking` is what the guest sees. False when the table is full.
  virtual bool addSocket(int fd, SocketUse use, bool blocking, u32* guestFd) = 0;
  /// False when the table is full; the stream is then destroyed. WASI file type: block device.
  virtual bool addDriver(std::unique_ptr<DriverStream> stream, u32* guestFd) = 0;

 protected:
  ~DescriptorTable() = default;
};

}  // namespace bls::host
