// Path text checks.
#include "wasi/path_check.h"

#include <algorithm>

#include "wasi/platform.h"

namespace bls::wasi {

bool isUtf8(const char* data, size_t size) {
  const u8* p = reinterpret_cast<const u8*>(data);
  const u8* end = p + size;
  while (p < end) {
    if (*p < 0x80) {
      ++p;
      continue;
    }
    size_t length = *p >= 0xf0 ? 4 : *p >= 0xe0 ? 3 : 2;
    if (*p < 0xc2 || *p > 0xf4 || length > static_cast<size_t>(end - p)) return false;
    u32 code = *p & (0x7fu >> length);
    for (size_t i = 1; i < length; ++i) {
      if ((p[i] & 0xc0) != 0x80) return false;
      code = (code << 6) | (p[i] & 0x3fu);
    }
    constexpr u32 kMin[5] = {0, 0, 0x80, 0x800, 0x10000};
    if (code < kMin[length] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return false;
    p += length;
  }
  return true;
}

Errno takePath(const host::GuestString& guest, std::string* out) {
  if (guest.size() == 0) return Errno::NoEnt;
  if (guest.size() > kMaxPathBytes) return Errno::NameTooLong;
  *out = guest.copy();
  if (out->find('\0') != std::string::npos) return Errno::Inval;
  if (!isUtf8(out->data(), out->size())) return Errno::IlSeq;
  if (out->front() == '/') return Errno::Perm;
  size_t start = 0;
  while (start < out->size()) {
    size_t end = std::min(out->find('/', start), out->size());
    if (end - start > kMaxNameBytes) return Errno::NameTooLong;
    start = end + 1;
  }
  return Errno::Success;
}

}  // namespace bls::wasi
