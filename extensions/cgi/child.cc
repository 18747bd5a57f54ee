#include "extensions/cgi/child.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

namespace bls::extensions::cgi {
namespace {

// Of one stream, read ahead of the guest in one step.
constexpr size_t kPiece = size_t{64} << 10;
constexpr u64 kCloseNs = 2'000'000'000;
// While another thread reads a stream that this one would have to read afterwards.
constexpr u64 kLookAgainNs = 10'000'000;

// Counts a reader for a scope.
class Reading {
 public:
  Reading(SpinLock* lock, u32* readers) : lock_(lock), readers_(readers) {
    SpinGuard guard(lock_);
    ++*readers_;
  }
  ~Reading() {
    SpinGuard guard(lock_);
    --*readers_;
  }
  Reading(const Reading&) = delete;
  Reading& operator=(const Reading&) = delete;

 private:
  SpinLock* const lock_;
  u32* const readers_;
};

}  // namespace

Child::Child(const Ends& ends, Budget* budget)
    : in_(ends.in), channel_(ends.channel), budget_(budget) {
  out_.fd = ends.out;
  err_.fd = ends.err;
}

Child::~Child() {
  for (int fd : {channel_, in_, out_.fd, err_.fd}) ::close(fd);
  budget_->give(out_.kept.size() + err_.kept.size());
}

// False when there is nothing yet.
bool Child::tryRead(Stream& stream, std::span<u8> into, u32* count, bool* failed) {
  SpinGuard guard(&lock_);
  if (stream.at < stream.kept.size()) {
    const size_t size = std::min(into.size(), stream.kept.size() - stream.at);
    std::copy_n(stream.kept.begin() + static_cast<std::ptrdiff_t>(stream.at), size, into.begin());
    stream.at += size;
    if (stream.at == stream.kept.size()) {
      budget_->give(stream.kept.size());
      stream.kept.clear();
      stream.kept.shrink_to_fit();
      stream.at = 0;
    }
    *count = static_cast<u32>(size);
    return true;
  }
  *count = 0;
  if (stream.ended) return true;
  ssize_t got;
  do {
    got = ::read(stream.fd, into.data(), into.size());
  } while (got < 0 && errno == EINTR);
  if (got < 0 && errno == EAGAIN) return false;
  *failed = got < 0;
  stream.ended = got == 0;
  *count = static_cast<u32>(std::max<ssize_t>(got, 0));
  return true;
}

// Reads ahead, as much as the budget has room for. What has no room stays in the pipe, or is
// dropped where that is better than a child that stands still for good.
void Child::pump(Stream& stream, bool mayDrop) {
  SpinGuard guard(&lock_);
  if (stream.ended || stream.readers != 0) return;
  char piece[kPiece];
  const bool room = budget_->take(kPiece);
  if (!room && !mayDrop) return;
  ssize_t got;
  do {
    got = ::read(stream.fd, piece, sizeof piece);
  } while (got < 0 && errno == EINTR);
  const size_t size = static_cast<size_t>(std::max<ssize_t>(got, 0));
  if (room) budget_->give(kPiece - size);
  if (got == 0 || (got < 0 && errno != EAGAIN)) stream.ended = true;
  if (room) {
    stream.kept.append(piece, size);
  } else if (size != 0) {
    lost_.store(true);
  }
}

Child::Want Child::wantsPump(Stream& stream, bool mayDrop) {
  SpinGuard guard(&lock_);
  if (stream.ended) return Want::No;
  if (stream.readers != 0) return Want::Later;
  if (mayDrop) return Want::Yes;
  if (!budget_->take(kPiece)) return Want::Later;  // others may give some back
  budget_->give(kPiece);
  return Want::Yes;
}

// Waits until `wanted` may be tried again, meanwhile reading the other streams.
StreamEnd Child::waitFor(ExecCtx* cx, host::WaitFd wanted, Stream* other, Stream* another) {
  for (;;) {
    host::WaitFd fds[3] = {wanted};
    Stream* streams[3] = {};
    size_t count = 1;
    u64 timeout = host::kWaitForever;
    for (Stream* stream : {other, another}) {
      // Standard output is what the guest is there for; of standard error the beginning is.
      const Want want = stream == nullptr ? Want::No : wantsPump(*stream, stream == &err_);
      if (want == Want::Later) timeout = kLookAgainNs;
      if (want != Want::Yes) continue;
      streams[count] = stream;
      fds[count].fd = stream->fd;
      fds[count++].wantRead = true;
    }
    switch (host::blockingWait(cx, {fds, count}, timeout)) {
      case host::WaitEnd::Ready: break;
      case host::WaitEnd::TimedOut: continue;
      case host::WaitEnd::Interrupted: return StreamEnd::Interrupted;
      default: return StreamEnd::Failed;
    }
    for (size_t i = 1; i < count; ++i) {
      if (fds[i].ready()) pump(*streams[i], streams[i] == &err_);
    }
    if (fds[0].ready()) return StreamEnd::Done;
  }
}

StreamEnd Child::read(ExecCtx* cx, StreamName name, std::span<u8> into, u32* count) {
  Stream& stream = name == StreamName::Out ? out_ : err_;
  Stream& other = name == StreamName::Out ? err_ : out_;
  *count = 0;
  if (into.empty()) return StreamEnd::Done;
  host::WaitFd wanted;
  wanted.fd = stream.fd;
  wanted.wantRead = true;
  const Reading reading(&lock_, &stream.readers);
  for (;;) {
    bool failed = false;
    if (tryRead(stream, into, count, &failed)) return failed ? StreamEnd::Failed : StreamEnd::Done;
    const StreamEnd end = waitFor(cx, wanted, &other, nullptr);
    if (end != StreamEnd::Done) return end;
  }
}

StreamEnd Child::write(ExecCtx* cx, std::span<const u8> bytes, u32* count) {
  *count = 0;
  if (bytes.empty()) return StreamEnd::Done;
  host::WaitFd wanted;
  wanted.fd = in_;
  wanted.wantWrite = true;
  for (;;) {
    const ssize_t sent = ::write(in_, bytes.data(), bytes.size());
    if (sent >= 0) {
      *count = static_cast<u32>(sent);
      return StreamEnd::Done;
    }
    if (errno == EINTR) continue;
    if (errno != EAGAIN) return StreamEnd::Failed;
    const StreamEnd end = waitFor(cx, wanted, &out_, &err_);
    if (end != StreamEnd::Done) return end;
  }
}

StreamEnd Child::close(ExecCtx* cx) {
  shutdown(channel_, SHUT_WR);
  FrameReader reader;
  Frame frame;
  host::WaitFd wanted;
  wanted.fd = channel_;
  wanted.wantRead = true;
  for (;;) {
    const bool more = reader.fill(channel_);
    while (reader.next(&frame)) {
      if (frame.kind == FrameKind::Gone) return StreamEnd::Done;
    }
    if (!more) return StreamEnd::Done;
    switch (host::blockingWait(cx, {&wanted, 1}, kCloseNs)) {
      case host::WaitEnd::Ready: break;
      case host::WaitEnd::Interrupted: return StreamEnd::Interrupted;
      default: return StreamEnd::Failed;
    }
  }
}

}  // namespace bls::extensions::cgi
