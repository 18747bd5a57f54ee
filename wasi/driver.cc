// Streams of native drivers: one call at a time, on copies.
#include "wasi/driver.h"

#include <algorithm>
#include <new>

namespace bls::wasi {
namespace {

// How often a thread whose turn has not come looks again: a driver's call may take any time.
constexpr u64 kTurnNs = 1'000'000;

// The right to call a descriptor's driver. Waiting for it can be interrupted.
class Turn {
 public:
  Turn(Call& call, Descriptor& desc) : desc_(desc) {
    host::WaitEnd end;
    while (!(taken_ = !desc_.driverBusy.test_and_set(std::memory_order_acquire))) {
      error_ = call.wait({}, kTurnNs, &end);
      if (error_ != Errno::Success) return;
    }
  }
  ~Turn() {
    if (taken_) desc_.driverBusy.clear(std::memory_order_release);
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  Errno error() const { return error_; }

 private:
  Descriptor& desc_;
  bool taken_ = false;
  Errno error_ = Errno::Success;
};

// Runs `op(buffer, size, &done)` on a buffer of the first vector's size.
template <class Op>
Errno withCopy(Call& call, Descriptor& desc, IovBatch& batch, u64* total, bool writing, Op op) {
  int count = 0;
  u64 bytes = 0;
  const iovec* vecs = batch.window(kMaxDriverBytes, &count, &bytes);
  const u32 size = static_cast<u32>(vecs[0].iov_len);
  const std::unique_ptr<u8[]> buffer(new (std::nothrow) u8[size]);
  if (buffer == nullptr) return Errno::NoMem;
  if (writing) std::memcpy(buffer.get(), vecs[0].iov_base, size);
  u32 done = 0;
  {
    const Turn turn(call, desc);
    if (turn.error() != Errno::Success) return turn.error();
    const int result = op(buffer.get(), size, &done);
    if (result != 0) return fromHost(result);
  }
  if (done > size) return Errno::Io;
  if (!writing && done != 0) std::memcpy(vecs[0].iov_base, buffer.get(), done);
  batch.consume(done);
  *total = done;
  return Errno::Success;
}

}  // namespace

Errno readDriver(Call& call, Descriptor& desc, IovBatch& batch, u64* total) {
  return withCopy(call, desc, batch, total, false, [&](u8* data, u32 size, u32* done) {
    return desc.driver->read(data, size, done);
  });
}

Errno writeDriver(Call& call, Descriptor& desc, IovBatch& batch, u64* total) {
  return withCopy(call, desc, batch, total, true, [&](const u8* data, u32 size, u32* done) {
    return desc.driver->write(data, size, done);
  });
}

}  // namespace bls::wasi
