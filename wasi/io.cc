// Moving bytes: fd_read, fd_write and their positioned forms, over every kind of descriptor.
//
// 1. Regular files are read and written directly, in pieces so that a request to end is seen
// between them.
// 2. Streams (pipes, terminals, devices) may be shared with other processes, so their O_NONBLOCK is
// left alone: a call first
//    waits, interruptibly, until the host says it can proceed; threads of the guest take turns from
//    seeing that to the transfer, so that none is left waiting for what another has taken. For
//    writing ready promises PIPE_BUF bytes, so no more are written at once. FIFOs opened by the
//    guest are non-blocking on our side and simply asked again.
// 3. Blocking and non-blocking as the guest sees it is the guest's own NONBLOCK flag, whatever the
// host descriptor says.
#include <errno.h>
#include <limits.h>
#include <unistd.h>

#include <algorithm>
#include <new>

#include "wasi/driver.h"
#include "wasi/gate.h"
#include "wasi/iov.h"
#include "wasi/platform.h"

namespace bls::wasi {
namespace {

constexpr u64 kFilePieceBytes = u64{16} << 20;
constexpr u64 kStreamPieceBytes = 4096;  // what a writable pipe takes without blocking (PIPE_BUF)
constexpr u64 kMaxOffset = ~u64{0} >> 1;
constexpr u64 kTurnLookNs = 1'000'000;

// One host call, repeated when a signal cuts it short.
template <class Op>
Errno hostTransfer(Op op, u64* done) {
  ssize_t n;
  do {
    n = op();
  } while (n < 0 && errno == EINTR);
  if (n < 0) return lastError();
  *done = static_cast<u64>(n);
  return Errno::Success;
}

// Runs `op(vecs, count, totalSoFar)` piece by piece until all is moved, a piece comes back short,
// or an error. An error after some bytes were moved is reported as the short count; the next call
// meets it again.
template <class Op>
Errno transferFile(Call& call, IovBatch& batch, Op op, u64* total) {
  while (!batch.empty()) {
    if (call.interrupted()) return Errno::Intr;
    int count = 0;
    u64 bytes = 0;
    u64 done = 0;
    iovec* vecs = batch.window(kFilePieceBytes, &count, &bytes);
    Errno error = hostTransfer([&] { return op(vecs, count, *total); }, &done);
    if (error != Errno::Success) return *total != 0 ? Errno::Success : error;
    batch.consume(done);
    *total += done;
    if (done < bytes) break;
  }
  return Errno::Success;
}

bool readyNow(Call& call, int fd, bool forWriting) {
  host::WaitFd one;
  one.fd = fd;
  one.wantRead = !forWriting;
  one.wantWrite = forWriting;
  host::WaitEnd end;
  return call.wait({&one, 1}, 0, &end) == Errno::Success && end == host::WaitEnd::Ready;
}

// One thread of the guest at a time: what it saw ready is still so when it transfers.
class StreamTurn {
 public:
  StreamTurn(Call& call, Descriptor& desc) : desc_(desc) {
    host::WaitEnd end;
    while (!taken_) {
      taken_ = !desc.transferring.test_and_set(std::memory_order_acquire);
      // Held for one transfer, unless another process has taken what this one saw.
      if (!taken_ && call.wait({}, kTurnLookNs, &end) != Errno::Success) return;
    }
  }
  ~StreamTurn() {
    if (taken_) desc_.transferring.clear(std::memory_order_release);
  }
  StreamTurn(const StreamTurn&) = delete;
  StreamTurn& operator=(const StreamTurn&) = delete;
  bool taken() const { return taken_; }

 private:
  Descriptor& desc_;
  bool taken_ = false;
};

// Does `op` as soon as the stream is ready for it. Again: the guest does not want to wait; Intr: a
// trap was raised; else what `op` returned.
template <class Op>
Errno whenReady(Call& call, Descriptor& desc, bool forWriting, Op op) {
  for (;;) {
    {
      const StreamTurn turn(call, desc);
      if (!turn.taken()) return Errno::Intr;
      // A FIFO without a writer is at its end for those who do not wait; ours never block.
      const bool atOnce = desc.nonblocking() && desc.isFifo && !desc.hostShared && !forWriting;
      const bool ready = atOnce || readyNow(call, desc.host.get(), forWriting);
      if (ready) {
        const Errno error = op();
        if (error != Errno::Again || desc.nonblocking()) return error;
      } else if (desc.nonblocking()) {
        return call.trap() != Trap::None ? Errno::Intr : Errno::Again;
      }
    }
    const Errno error = call.waitFor(desc.host.get(), forWriting);
    if (error != Errno::Success) return error;
  }
}

Errno readStream(Call& call, Descriptor& desc, IovBatch& batch, u64* total) {
  return whenReady(call, desc, false, [&] {
    int count = 0;
    u64 bytes = 0;
    iovec* vecs = batch.window(kFilePieceBytes, &count, &bytes);
    const Errno error = hostTransfer([&] { return readv(desc.host.get(), vecs, count); }, total);
    batch.consume(0);
    return error;
  });
}

Errno readSocket(Call& call, Descriptor& desc, IovBatch& batch, u64* total) {
  int count = 0;
  u64 bytes = 0;
  iovec* vecs = batch.window(kFilePieceBytes, &count, &bytes);
  for (;;) {
    bool truncated = false;
    Errno error = socketReceive(desc.host.get(), vecs, count, false, total, &truncated);
    if (error != Errno::Again || desc.nonblocking()) return error;
    error = call.waitFor(desc.host.get(), false);
    if (error != Errno::Success) return error;
  }
}

Errno readFixed(Call& call, Descriptor& desc, IovBatch& batch, u64* total) {
  std::string_view text = desc.bytes;
  if (desc.input != nullptr && desc.input->text(call.cx(), &text) != host::WaitEnd::Ready) {
    call.interrupted();
    return Errno::Intr;
  }
  SpinGuard guard(desc.lock);
  while (!batch.empty()) {
    u64 at = desc.bytesRead.load(std::memory_order_relaxed);
    if (at == text.size()) break;
    int count = 0;
    u64 bytes = 0;
    iovec* vecs = batch.window(text.size() - at, &count, &bytes);
    size_t n = vecs[0].iov_len;
    std::memcpy(vecs[0].iov_base, text.data() + at, n);
    desc.bytesRead.store(at + n, std::memory_order_relaxed);
    batch.consume(n);
    *total += n;
  }
  return Errno::Success;
}

// Writes `size` bytes of ours to a stream, waiting as the guest would. Used for filtered output.
Errno writeAll(Call& call, Descriptor& desc, const char* data, size_t size) {
  while (size != 0) {
    u64 done = 0;
    const size_t piece = std::min<size_t>(size, kStreamPieceBytes);
    Errno error = whenReady(call, desc, true, [&] {
      return hostTransfer([&] { return write(desc.host.get(), data, piece); }, &done);
    });
    if (error == Errno::Again && call.trap() == Trap::None)
      error = call.waitFor(desc.host.get(), true);
    if (error != Errno::Success) return error;
    data += done;
    size -= done;
  }
  return Errno::Success;
}

Errno writeFiltered(Call& call, Descriptor& desc, IovBatch& batch, u64* total) {
  std::string passed;
  while (!batch.empty()) {
    int count = 0;
    u64 bytes = 0;
    iovec* vecs = batch.window(kStreamPieceBytes, &count, &bytes);
    passed.clear();
    {
      SpinGuard guard(desc.lock);
      for (int i = 0; i < count; ++i)
        desc.filter->filter(static_cast<const u8*>(vecs[i].iov_base), vecs[i].iov_len, &passed);
    }
    Errno error = writeAll(call, desc, passed.data(), passed.size());
    if (error != Errno::Success) return error;
    batch.consume(bytes);
    *total += bytes;
  }
  return Errno::Success;
}

Errno writeStream(Call& call, Descriptor& desc, IovBatch& batch, u64* total) {
  while (!batch.empty()) {
    int count = 0;
    u64 bytes = 0;
    u64 done = 0;
    const Errno error = whenReady(call, desc, true, [&] {
      iovec* vecs = batch.window(kStreamPieceBytes, &count, &bytes);
      const Errno moved = hostTransfer([&] { return writev(desc.host.get(), vecs, count); }, &done);
      batch.consume(done);
      return moved;
    });
    if (error != Errno::Success)
      return *total != 0 && call.trap() == Trap::None ? Errno::Success : error;
    *total += done;
  }
  return Errno::Success;
}

Errno writeSocket(Call& call, Descriptor& desc, IovBatch& batch, u64* total) {
  while (!batch.empty()) {
    int count = 0;
    u64 bytes = 0;
    u64 done = 0;
    iovec* vecs = batch.window(kFilePieceBytes, &count, &bytes);
    Errno error = socketSend(desc.host.get(), vecs, count, &done);
    batch.consume(done);
    if (error == Errno::Again && !desc.nonblocking()) {
      error = call.waitFor(desc.host.get(), true);
      if (error == Errno::Success) continue;
    }
    if (error != Errno::Success)
      return *total != 0 && call.trap() == Trap::None ? Errno::Success : error;
    *total += done;
  }
  return Errno::Success;
}

void writeSink(Descriptor& desc, IovBatch& batch, u64* total) {
  while (!batch.empty()) {
    int count = 0;
    u64 bytes = 0;
    iovec* vecs = batch.window(batch.bytesLeft(), &count, &bytes);
    if (desc.kind == FdKind::Sink) {
      for (int i = 0; i < count; ++i)
        desc.sink({static_cast<const char*>(vecs[i].iov_base), vecs[i].iov_len});
    }
    batch.consume(bytes);
    *total += bytes;
  }
}

Errno finish(Errno error, u64 total, GuestPtr<u32> out) {
  if (error == Errno::Success) out.store(static_cast<u32>(total));
  return error;
}

// The beginning of the four calls: descriptor open in this direction, list good.
Errno begin(Call& call, u32 fd, const Iovs& iovs, bool writing, const char* operation, FdRef* desc,
            IovBatch* batch) {
  *desc = call.fd(fd);
  if (!*desc) return Errno::Badf;
  if ((*desc)->isDir()) return writing ? Errno::Badf : Errno::IsDir;
  if ((*desc)->kind == FdKind::Listener || !(writing ? (*desc)->canWrite : (*desc)->canRead))
    return Errno::Badf;
  Errno gated = gateFd(call, **desc, writing ? host::needs::kWrite : host::needs::kRead, operation);
  return gated != Errno::Success ? gated : batch->gather(call, iovs);
}

Errno beginAt(Call& call, u32 fd, const Iovs& iovs, u64 offset, bool writing, const char* operation,
              FdRef* desc, IovBatch* batch) {
  Errno error = begin(call, fd, iovs, writing, operation, desc, batch);
  if (error != Errno::Success) return error;
  if (!(*desc)->isSeekable) return Errno::Spipe;
  return offset > kMaxOffset || batch->bytesLeft() > kMaxOffset - offset ? Errno::Inval
                                                                         : Errno::Success;
}

}  // namespace

bool IovBatch::add(iovec vec) {
  if (count_ == kInlineVecs && more_ == nullptr) {
    more_.reset(new (std::nothrow) iovec[kMaxVecs]);
    if (more_ == nullptr) return false;
    std::copy(inline_, inline_ + kInlineVecs, more_.get());
    vecs_ = more_.get();
  }
  vecs_[count_++] = vec;
  left_ += vec.iov_len;
  return true;
}

Errno IovBatch::gather(Call& call, const Iovs& iovs) {
  constexpr u64 kEntriesPerLook = u64{1} << 20;
  u64 sum = 0;
  for (u64 i = 0; i < iovs.size(); ++i) {
    if (i % kEntriesPerLook == kEntriesPerLook - 1 && call.interrupted()) return Errno::Intr;
    IoVec entry = iovs.load(i);
    if (!call.memory().contains(entry.address, entry.length)) return call.badPointer();
    sum += entry.length;
    if (entry.length == 0 || count_ == kMaxVecs) continue;
    if (!add({call.memory().base + entry.address, entry.length})) return Errno::NoMem;
  }
  return sum > 0xffffffff ? Errno::Inval : Errno::Success;
}

void IovBatch::limit(u64 maxBytes) {
  left_ = std::min(left_, maxBytes);
  u64 left = left_;
  for (int i = 0; i < count_; ++i) {
    vecs_[i].iov_len = static_cast<size_t>(std::min<u64>(vecs_[i].iov_len, left));
    left -= vecs_[i].iov_len;
  }
}

iovec* IovBatch::window(u64 maxBytes, int* count, u64* bytes) {
  int end = first_;
  u64 sum = 0;
  while (end < count_ && sum < maxBytes) {
    size_t length = vecs_[end].iov_len;
    if (length > maxBytes - sum) {
      cutAt_ = end;
      cutLength_ = length;
      vecs_[end].iov_len = static_cast<size_t>(maxBytes - sum);
    }
    sum += vecs_[end].iov_len;
    ++end;
  }
  *count = end - first_;
  *bytes = sum;
  return vecs_ + first_;
}

void IovBatch::consume(u64 bytes) {
  if (cutAt_ >= 0) vecs_[cutAt_].iov_len = cutLength_;
  cutAt_ = -1;
  left_ -= bytes;
  while (bytes != 0) {
    iovec& vec = vecs_[first_];
    size_t step = static_cast<size_t>(std::min<u64>(bytes, vec.iov_len));
    vec.iov_base = static_cast<u8*>(vec.iov_base) + step;
    vec.iov_len -= step;
    bytes -= step;
    if (vec.iov_len == 0) ++first_;
  }
}

namespace {

// The part of a write that the output limit lets through; FBig when it is nothing.
class OutputShare {
 public:
  OutputShare(Call& call, const Descriptor& desc, IovBatch& batch)
      : ctx_(call.ctx()), counted_(desc.isStandardOutput) {
    if (!counted_) return;
    taken_ = ctx_.takeOutput(batch.bytesLeft());
    batch.limit(taken_);
  }
  Errno error() const { return counted_ && taken_ == 0 ? Errno::FBig : Errno::Success; }
  void settle(u64 written) {
    if (counted_) ctx_.returnOutput(taken_ - written);
  }

 private:
  Context& ctx_;
  bool counted_;
  u64 taken_ = 0;
};

}  // namespace

Errno fdRead(Call& call, u32 fd, Iovs iovs, GuestPtr<u32> out) {
  FdRef desc;
  IovBatch batch;
  u64 total = 0;
  Errno error = begin(call, fd, iovs, false, "fd_read", &desc, &batch);
  if (error != Errno::Success) return error;
  if (batch.empty()) return finish(Errno::Success, 0, out);
  switch (desc->kind) {
    case FdKind::Stream: error = readStream(call, *desc, batch, &total); break;
    case FdKind::Socket: error = readSocket(call, *desc, batch, &total); break;
    case FdKind::Bytes: error = readFixed(call, *desc, batch, &total); break;
    case FdKind::Driver: error = readDriver(call, *desc, batch, &total); break;
    case FdKind::Null: break;
    default:
      error = transferFile(
          call, batch,
          [&](iovec* vecs, int count, u64) { return readv(desc->host.get(), vecs, count); },
          &total);
      break;
  }
  return finish(error, total, out);
}

Errno fdWrite(Call& call, u32 fd, Iovs iovs, GuestPtr<u32> out) {
  FdRef desc;
  IovBatch batch;
  u64 total = 0;
  Errno error = begin(call, fd, iovs, true, "fd_write", &desc, &batch);
  if (error != Errno::Success) return error;
  if (batch.empty()) return finish(Errno::Success, 0, out);
  OutputShare share(call, *desc, batch);
  if (share.error() != Errno::Success) return share.error();
  // A stream shared with the process may be a terminal on which a question stands.
  host::AccessGate* gate = desc->hostShared ? call.ctx().gate() : nullptr;
  if (gate != nullptr && !gate->beginOutput(call.cx())) {
    share.settle(0);
    return refused(call);
  }
  bool mayBlock = desc->kind == FdKind::Stream && !desc->isSeekable;
  if (desc->filter != nullptr) {
    error = writeFiltered(call, *desc, batch, &total);
  } else if (mayBlock) {
    error = writeStream(call, *desc, batch, &total);
  } else if (desc->kind == FdKind::Socket) {
    error = writeSocket(call, *desc, batch, &total);
  } else if (desc->kind == FdKind::Driver) {
    error = writeDriver(call, *desc, batch, &total);
  } else if (desc->kind == FdKind::Sink || desc->kind == FdKind::Null) {
    writeSink(*desc, batch, &total);
  } else {
    error = transferFile(
        call, batch,
        [&](iovec* vecs, int count, u64) { return writev(desc->host.get(), vecs, count); }, &total);
  }
  share.settle(total);
  if (gate != nullptr) gate->endOutput();
  return finish(error, total, out);
}

Errno fdPread(Call& call, u32 fd, Iovs iovs, u64 offset, GuestPtr<u32> out) {
  FdRef desc;
  IovBatch batch;
  u64 total = 0;
  Errno error = beginAt(call, fd, iovs, offset, false, "fd_pread", &desc, &batch);
  if (error != Errno::Success) return error;
  auto op = [&](iovec* vecs, int count, u64 done) {
    return preadv(desc->host.get(), vecs, count, static_cast<off_t>(offset + done));
  };
  error = transferFile(call, batch, op, &total);
  return finish(error, total, out);
}

Errno fdPwrite(Call& call, u32 fd, Iovs iovs, u64 offset, GuestPtr<u32> out) {
  FdRef desc;
  IovBatch batch;
  u64 total = 0;
  Errno error = beginAt(call, fd, iovs, offset, true, "fd_pwrite", &desc, &batch);
  if (error != Errno::Success) return error;
  if (batch.empty()) return finish(Errno::Success, 0, out);
  OutputShare share(call, *desc, batch);
  if (share.error() != Errno::Success) return share.error();
  auto op = [&](iovec* vecs, int count, u64 done) {
    return pwritev(desc->host.get(), vecs, count, static_cast<off_t>(offset + done));
  };
  error = transferFile(call, batch, op, &total);
  share.settle(total);
  return finish(error, total, out);
}

}  // namespace bls::wasi
