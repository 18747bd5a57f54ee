// Texts and numbers in a row of bytes, for what stays on this machine and in this program: lengths
// are 32 bits of its byte order. Entry points: putNumber, putText, ByteReader.
#pragma once

#include <cstring>
#include <string>
#include <string_view>

#include "engine/base/ints.h"

namespace bls::extensions::cgi {

template <class T>
void putNumber(T value, std::string* out) {
  char bytes[sizeof value];
  std::memcpy(bytes, &value, sizeof value);
  out->append(bytes, sizeof value);
}

inline void putText(std::string_view text, std::string* out) {
  putNumber(static_cast<u32>(text.size()), out);
  *out += text;
}

/// Every member is false at the end of the bytes.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : left_(bytes) {}
  template <class T>
  bool number(T* out) {
    if (left_.size() < sizeof *out) return false;
    std::memcpy(out, left_.data(), sizeof *out);
    left_.remove_prefix(sizeof *out);
    return true;
  }
  /// False also for a text with a zero byte, at which arguments, variables and names of the system
  /// would end.
  bool text(std::string* out) {
    u32 size;
    if (!number(&size) || size > left_.size()) return false;
    out->assign(left_.substr(0, size));
    left_.remove_prefix(size);
    return out->find('\0') == std::string::npos;
  }
  bool atEnd() const { return left_.empty(); }

 private:
  std::string_view left_;
};

}  // namespace bls::extensions::cgi
