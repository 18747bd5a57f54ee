// IovBatch: the guest's scatter list, read once, checked whole, and turned into host vectors.
//
// The list may lie in the very buffers it describes, or be changed by another thread: after
// `gather` nothing is read from it again. Lists are longer than hosts take (IOV_MAX) only by
// mistake or malice: the first kMaxVecs that are not empty are used, which is a short transfer, but
// every entry is checked. No allocation depends on the guest's count.
#pragma once

#include <sys/uio.h>

#include <memory>

#include "wasi/functions.h"

namespace bls::wasi {

class IovBatch {
 public:
  static constexpr int kMaxVecs = 1024;

  IovBatch() = default;
  IovBatch(const IovBatch&) = delete;
  IovBatch& operator=(const IovBatch&) = delete;

  /// Errors: a buffer outside memory raises the trap; Inval when the lengths add up to more than
  /// 2^32-1; NoMem.
  Errno gather(Call& call, const Iovs& iovs);

  u64 bytesLeft() const { return left_; }
  bool empty() const { return left_ == 0; }
  /// Keeps the first `maxBytes` bytes only. Before the first window.
  void limit(u64 maxBytes);

  /// The next at most `maxBytes` bytes as host vectors; valid until `consume`, which takes back the
  /// cut.
  iovec* window(u64 maxBytes, int* count, u64* bytes);
  /// Drops the first `bytes` of the last window.
  void consume(u64 bytes);

 private:
  bool add(iovec vec);

  static constexpr int kInlineVecs = 32;
  iovec inline_[kInlineVecs];
  std::unique_ptr<iovec[]> more_;  // of kMaxVecs, once the inline ones are full
  iovec* vecs_ = inline_;
  int first_ = 0;
  int count_ = 0;
  u64 left_ = 0;
  int cutAt_ = -1;
  size_t cutLength_ = 0;
};

}  // namespace bls::wasi
