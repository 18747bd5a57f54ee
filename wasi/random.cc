// Randomness: the seeded stream and random_get. The system's source is in the platform files.
#include <algorithm>

#include "wasi/functions.h"

namespace bls::wasi {
namespace {

constexpr size_t kChunkBytes = size_t{1} << 20;

class SeededRandom final : public RandomSource {
 public:
  explicit SeededRandom(u64 seed) : state_(seed) {}
  bool fill(u8* data, size_t size) override {
    SpinGuard guard(lock_);
    for (size_t i = 0; i < size; ++i) {
      if (left_ == 0) {
        word_ = next();
        left_ = 8;
      }
      data[i] = static_cast<u8>(word_);
      word_ >>= 8;
      --left_;
    }
    return true;
  }

 private:
  u64 next() {  // SplitMix64
    u64 z = state_ += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  SpinLock lock_;
  u64 state_;
  u64 word_ = 0;
  u32 left_ = 0;
};

}  // namespace

std::unique_ptr<RandomSource> seededRandom(u64 seed) {
  return std::make_unique<SeededRandom>(seed);
}

Errno randomGet(Call& call, GuestSpan<u8> buffer) {
  for (u64 done = 0; done < buffer.size();) {
    if (call.interrupted()) return Errno::Intr;
    size_t chunk = static_cast<size_t>(std::min<u64>(kChunkBytes, buffer.size() - done));
    if (!call.ctx().random().fill(buffer.data() + done, chunk)) return Errno::Io;
    done += chunk;
  }
  return Errno::Success;
}

}  // namespace bls::wasi
