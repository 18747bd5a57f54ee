// ByteWriter: grows a byte string in the forms of the binary format, always the shortest LEB128.
//
// The counterpart of base/byte_reader.h. Lengths are not checked here: what is written comes from
// our own parsers, which bound it. Spec: binary/values.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "engine/base/ints.h"

namespace bls {

class ByteWriter {
 public:
  void byte(u8 value) { bytes_.push_back(value); }
  void lebU32(u32 value) { lebU64(value); }
  void lebU64(u64 value) {
    while (value >= 0x80) {
      bytes_.push_back(static_cast<u8>(value | 0x80));
      value >>= 7;
    }
    bytes_.push_back(static_cast<u8>(value));
  }
  /// Every signed width: i32, i33 and i64 have the same shortest form.
  void lebI64(i64 value) {
    for (;;) {
      u8 low = static_cast<u8>(value & 0x7f);
      value >>= 7;
      if ((value == 0 && (low & 0x40) == 0) || (value == -1 && (low & 0x40) != 0)) {
        bytes_.push_back(low);
        return;
      }
      bytes_.push_back(static_cast<u8>(low | 0x80));
    }
  }
  void lebI32(i32 value) { lebI64(value); }
  /// Little endian: u32, u64, V128 and floats by their bits.
  template <class T>
  void fixed(const T& value) {
    const u8* from = reinterpret_cast<const u8*>(&value);
    bytes_.insert(bytes_.end(), from, from + sizeof(T));
  }
  void append(std::span<const u8> more) { bytes_.insert(bytes_.end(), more.begin(), more.end()); }
  void append(std::string_view more) { bytes_.insert(bytes_.end(), more.begin(), more.end()); }
  /// Length and bytes: names, and any vector of bytes.
  void name(std::string_view text) {
    lebU64(text.size());
    append(text);
  }
  void sized(std::span<const u8> body) {
    lebU64(body.size());
    append(body);
  }

  size_t size() const { return bytes_.size(); }
  void truncate(size_t size) { bytes_.resize(size); }
  void clear() { bytes_.clear(); }
  std::span<const u8> span() const { return bytes_; }
  std::vector<u8> take() { return std::move(bytes_); }
  std::vector<u8>& bytes() { return bytes_; }

 private:
  std::vector<u8> bytes_;
};

}  // namespace bls
