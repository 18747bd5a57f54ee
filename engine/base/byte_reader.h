// ByteReader: the one bounded cursor over untrusted bytes (threat model DEC-1).
//
// Every read checks the bytes that are left, knows its file offset, and reports failure through the
// Diagnostics it was made with. LEB128 forms are read strictly: at most ceil(N/7) bytes, unused
// bits of the last byte must be zero (unsigned) or copies of the sign (signed); padded forms inside
// that are legal. Out-of-line `…Slow` parts hold everything but the one-byte case, to keep the
// callers small. Spec: binary/values, integers. Not thread safe; does not own the bytes.
#pragma once

#include <span>

#include "engine/base/status.h"

namespace bls {

class ByteReader {
 public:
  ByteReader() = default;
  /// `bytes` start at file offset `fileOffset`; errors go to `diag`, which outlives the reader.
  ByteReader(std::span<const u8> bytes, u64 fileOffset, Diagnostics* diag)
      : pos_(bytes.data()),
        end_(bytes.data() + bytes.size()),
        begin_(bytes.data()),
        outerEnd_(end_),
        fileOffset_(fileOffset),
        diag_(diag) {}

  const u8* pos() const { return pos_; }
  const u8* end() const { return end_; }
  size_t left() const { return static_cast<size_t>(end_ - pos_); }
  bool atEnd() const { return pos_ == end_; }
  /// Bytes behind the next one in the whole input this reader was cut from with sub(). For error
  /// texts only.
  size_t leftOutside() const { return static_cast<size_t>(outerEnd_ - pos_); }
  /// File offset of the next byte.
  u64 offset() const { return fileOffset_ + static_cast<u64>(pos_ - begin_); }
  Diagnostics& diag() const { return *diag_; }

  Status byte(u8* out) {
    if (BLS_UNLIKELY(pos_ == end_)) return failEnd();
    *out = *pos_++;
    return {};
  }
  /// Looks at the next byte without consuming it; -1 at the end.
  int peek() const { return pos_ == end_ ? -1 : *pos_; }

  Status lebU32(u32* out) {
    if (BLS_LIKELY(pos_ != end_ && *pos_ < 0x80)) {
      *out = *pos_++;
      return {};
    }
    return lebU32Slow(out);
  }
  Status lebU64(u64* out) {
    if (BLS_LIKELY(pos_ != end_ && *pos_ < 0x80)) {
      *out = *pos_++;
      return {};
    }
    return lebU64Slow(out);
  }
  Status lebI32(i32* out) {
    if (BLS_LIKELY(pos_ != end_ && *pos_ < 0x80)) {
      *out = static_cast<i32>(static_cast<u32>(*pos_++) << 25) >> 25;
      return {};
    }
    return lebI32Slow(out);
  }
  /// 33-bit signed: block types and heap types.
  Status lebI33(i64* out) {
    if (BLS_LIKELY(pos_ != end_ && *pos_ < 0x80)) {
      *out = static_cast<i64>(static_cast<u64>(*pos_++) << 57) >> 57;
      return {};
    }
    return lebI33Slow(out);
  }
  Status lebI64(i64* out) {
    if (BLS_LIKELY(pos_ != end_ && *pos_ < 0x80)) {
      *out = static_cast<i64>(static_cast<u64>(*pos_++) << 57) >> 57;
      return {};
    }
    return lebI64Slow(out);
  }

  /// Little-endian fixed-width value of 1, 2, 4, 8 or 16 bytes (f32, f64 by their bits, V128).
  template <class T>
  Status fixed(T* out) {
    if (BLS_UNLIKELY(left() < sizeof(T))) return failEnd();
    std::memcpy(out, pos_, sizeof(T));
    pos_ += sizeof(T);
    return {};
  }

  /// `n` bytes as a view into the input.
  Status bytes(u64 n, std::span<const u8>* out) {
    if (BLS_UNLIKELY(n > left())) return failEnd();
    *out = {pos_, static_cast<size_t>(n)};
    pos_ += n;
    return {};
  }
  Status skip(u64 n) {
    if (BLS_UNLIKELY(n > left())) return failEnd();
    pos_ += n;
    return {};
  }
  /// A reader over the next `n` bytes, which are consumed here.
  Status sub(u64 n, ByteReader* out) {
    std::span<const u8> view;
    u64 at = offset();
    TRY(bytes(n, &view));
    const u8* outerEnd = outerEnd_;
    *out = ByteReader(view, at, diag_);
    out->outerEnd_ = outerEnd;
    return {};
  }

  /// Reports at the current offset; the usual way for callers to fail.
  Status fail(ErrorClass cls, std::string message) const {
    return diag_->fail(cls, std::move(message), offset());
  }
  Status malformed(const char* message) const;
  /// For hot walkers that keep the cursor in a local: put it back. `p` lies in this reader's range.
  void setPos(const u8* p) {
    DCHECK(p >= begin_ && p <= end_);
    pos_ = p;
  }

 private:
  [[gnu::cold, gnu::noinline]] Status failEnd() const;
  [[gnu::noinline]] Status lebU32Slow(u32* out);
  Status lebU32Rare(u32* out);
  Status lebI32Rare(i32* out);
  [[gnu::noinline]] Status lebU64Slow(u64* out);
  [[gnu::noinline]] Status lebI32Slow(i32* out);
  [[gnu::noinline]] Status lebI33Slow(i64* out);
  [[gnu::noinline]] Status lebI64Slow(i64* out);

  const u8* pos_ = nullptr;
  const u8* end_ = nullptr;
  const u8* begin_ = nullptr;
  const u8* outerEnd_ = nullptr;
  u64 fileOffset_ = 0;
  Diagnostics* diag_ = nullptr;
};

/// True when `bytes` are well-formed UTF-8 (no overlong forms, no surrogates, at most U+10FFFF).
bool isValidUtf8(std::span<const u8> bytes);

}  // namespace bls
