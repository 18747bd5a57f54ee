// Reading the process's standard input to its end, interruptibly.
#include <errno.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <new>

#include "engine/base/platform.h"
#include "engine/host/process_input.h"

namespace bls::host {
namespace {

constexpr size_t kPieceBytes = 64 << 10;
constexpr u64 kOtherReaderLookNs = 5'000'000;

}  // namespace

WaitEnd ProcessInput::text(ExecCtx* cx, std::string_view* out) {
  while (!done_.load(std::memory_order_acquire)) {
    if (busy_.test_and_set(std::memory_order_acquire)) {
      // Another thread is at it, and may be told to end before it is through.
      if (blockingWait(cx, {}, kOtherReaderLookNs) == WaitEnd::Interrupted)
        return WaitEnd::Interrupted;
      continue;
    }
    const WaitEnd end = done_.load(std::memory_order_relaxed) ? WaitEnd::Ready : drain(cx);
    if (end == WaitEnd::Ready && !read_.empty() && !done_.load(std::memory_order_relaxed)) {
      if (accept_ == nullptr || accept_(read_.data(), read_.size())) text_ = std::move(read_);
    }
    if (end != WaitEnd::Interrupted) done_.store(true, std::memory_order_release);
    busy_.clear(std::memory_order_release);
    if (end == WaitEnd::Interrupted) return end;
  }
  *out = text_;
  return WaitEnd::Ready;
}

WaitEnd ProcessInput::drain(ExecCtx* cx) {
  const std::unique_ptr<char[]> piece(new (std::nothrow) char[kPieceBytes]);
  if (piece == nullptr) return WaitEnd::TimedOut;
  const u64 start = waitNs_ == kWaitForever ? 0 : platform::monotonicNs();
  for (;;) {
    u64 left = kWaitForever;
    if (waitNs_ != kWaitForever) {
      const u64 passed = platform::monotonicNs() - start;
      left = passed < waitNs_ ? waitNs_ - passed : 0;
    }
    WaitFd one;
    one.fd = fd_;
    one.wantRead = true;
    const WaitEnd end = blockingWait(cx, {&one, 1}, left);
    if (end != WaitEnd::Ready) return end == WaitEnd::Interrupted ? end : WaitEnd::TimedOut;
    const ssize_t got = read(fd_, piece.get(), kPieceBytes);
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (got < 0) return WaitEnd::TimedOut;
    if (got == 0) return WaitEnd::Ready;
    if (read_.size() + static_cast<size_t>(got) > kMaxBytes) return WaitEnd::TimedOut;
    read_.append(piece.get(), static_cast<size_t>(got));
  }
}

}  // namespace bls::host
