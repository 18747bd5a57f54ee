// The runtime's end of a started extension: its three pipes and the channel of the process that
// watches over it. Entry points: Child::read, write, close; Budget.
//
// While a call waits for one stream, the others are read too, into buffers (threat model CGI-5):
// otherwise a child that fills one stream while the guest waits for another would never go on.
// Thread rule: every member on any guest thread; an object in use outlives its handle.
#pragma once

#include <atomic>
#include <span>
#include <string>

#include "engine/base/spin_lock.h"
#include "engine/host/blocking_wait.h"
#include "extensions/cgi/wire.h"

namespace bls::extensions::cgi {

/// Bytes that this process holds for one execution's children and lists.
class Budget {
 public:
  static constexpr u64 kMost = u64{16} << 20;
  /// All or nothing.
  bool take(u64 bytes) {
    const u64 before = used_.fetch_add(bytes);
    if (before + bytes <= kMost) return true;
    used_.fetch_sub(bytes);
    return false;
  }
  void give(u64 bytes) { used_.fetch_sub(bytes); }

 private:
  std::atomic<u64> used_{0};
};

enum class StreamName : u8 { Out, Err };

/// How a call on a stream ended. Interrupted: the execution is to end.
enum class StreamEnd : u8 { Done, Failed, Interrupted };

class Child {
 public:
  struct Ends {
    int channel = -1;
    int in = -1;
    int out = -1;
    int err = -1;
  };
  /// Takes the descriptors, none of which blocks.
  Child(const Ends& ends, Budget* budget);
  /// As close, without waiting.
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  /// Waits for at least one byte or the end of the stream (`*count` is 0).
  StreamEnd read(ExecCtx* cx, StreamName name, std::span<u8> into, u32* count);
  /// One write of at least one byte. Failed when nobody reads any more.
  StreamEnd write(ExecCtx* cx, std::span<const u8> bytes, u32* count);
  /// Ends the program and everything it started, and waits until it is gone.
  StreamEnd close(ExecCtx* cx);
  /// True once when output of the child had to be dropped.
  bool tookLoss() { return lost_.exchange(false); }

 private:
  struct Stream {
    int fd = -1;
    bool ended = false;
    u32 readers = 0;   // calls that wait for it; then nobody else reads it
    std::string kept;  // from `at` on not yet read by the guest
    size_t at = 0;
  };

  bool tryRead(Stream& stream, std::span<u8> into, u32* count, bool* failed);
  void pump(Stream& stream, bool mayDrop);
  enum class Want : u8 { Yes, No, Later };
  Want wantsPump(Stream& stream, bool mayDrop);
  StreamEnd waitFor(ExecCtx* cx, host::WaitFd wanted, Stream* other, Stream* another);

  SpinLock lock_;  // of the streams
  Stream out_;
  Stream err_;
  const int in_;
  const int channel_;
  Budget* const budget_;
  std::atomic<bool> lost_{false};
};

}  // namespace bls::extensions::cgi
