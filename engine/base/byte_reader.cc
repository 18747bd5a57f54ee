// Slow paths of ByteReader: multi-byte LEB128 forms and error texts; UTF-8 checking.
#include "engine/base/byte_reader.h"

namespace bls {
namespace {

enum class Leb : u8 { Ok, End, TooLong, TooLarge };

// Reads an N-bit LEB128. On success *pos is behind it; on failure *pos is at the offending byte.
template <int kBits, bool kSigned>
Leb readLeb(const u8** pos, const u8* end, u64* out) {
  constexpr int kMaxBytes = (kBits + 6) / 7;
  constexpr int kLastBits = kBits - 7 * (kMaxBytes - 1);
  const u8* p = *pos;
  u64 value = 0;
  for (int i = 0; i < kMaxBytes; ++i) {
    if (p == end) {
      *pos = p;
      return Leb::End;
    }
    u8 byte = *p;
    value |= static_cast<u64>(byte & 0x7f) << (7 * i);
    bool last = i == kMaxBytes - 1;
    if (last && (byte & 0x80) != 0) {
      *pos = p;
      return Leb::TooLong;
    }
    if (last) {
      u8 unused = static_cast<u8>((byte & 0x7f) >> (kLastBits - (kSigned ? 1 : 0)));
      u8 allOnes = static_cast<u8>(0x7f >> (kLastBits - (kSigned ? 1 : 0)));
      if (unused != 0 && !(kSigned && unused == allOnes)) {
        *pos = p;
        return Leb::TooLarge;
      }
    }
    ++p;
    if ((byte & 0x80) == 0) {
      int bits = 7 * (i + 1);
      if (kSigned && bits < 64 && (byte & 0x40) != 0) value |= ~u64{0} << bits;
      *out = value;
      *pos = p;
      return Leb::Ok;
    }
  }
  return Leb::TooLong;
}

}  // namespace

Status ByteReader::failEnd() const {
  return diag_->fail(ErrorClass::Malformed, "unexpected end of section or function",
                     fileOffset_ + static_cast<u64>(end_ - begin_));
}

Status ByteReader::malformed(const char* message) const {
  return fail(ErrorClass::Malformed, message);
}

#define BLS_LEB_SLOW(NAME, TYPE, BITS, SIGNED)                                                \
  Status ByteReader::NAME(TYPE* out) {                                                        \
    u64 value = 0;                                                                            \
    const u8* p = pos_;                                                                       \
    /* A number that is cut off by the end of its section and bad beyond it is called bad. */ \
    Leb result = readLeb<BITS, SIGNED>(&p, outerEnd_, &value);                                \
    if (p > end_ && result == Leb::Ok) result = Leb::End;                                     \
    pos_ = p > end_ ? end_ : p;                                                               \
    switch (result) {                                                                         \
      case Leb::Ok: *out = static_cast<TYPE>(value); return {};                               \
      case Leb::End: return failEnd();                                                        \
      case Leb::TooLong: return malformed("integer representation too long");                 \
      case Leb::TooLarge: return malformed("integer too large");                              \
    }                                                                                         \
    return {};                                                                                \
  }
BLS_LEB_SLOW(lebU32Rare, u32, 32, false)
BLS_LEB_SLOW(lebU64Slow, u64, 64, false)
BLS_LEB_SLOW(lebI32Rare, i32, 32, true)
BLS_LEB_SLOW(lebI33Slow, i64, 33, true)
BLS_LEB_SLOW(lebI64Slow, i64, 64, true)
#undef BLS_LEB_SLOW

namespace {
// Two to four bytes in a straight line; 0 when the form is longer. Reads p[0] to p[3].
inline size_t shortLeb(const u8* p, u32* out) {
  u32 value = (p[0] & 0x7fu) | (p[1] & 0x7fu) << 7;
  if (p[1] < 0x80) {
    *out = value;
    return 2;
  }
  value |= (p[2] & 0x7fu) << 14;
  if (p[2] < 0x80) {
    *out = value;
    return 3;
  }
  *out = value | (p[3] & 0x7fu) << 21;
  return p[3] < 0x80 ? 4 : 0;
}
}  // namespace

Status ByteReader::lebU32Slow(u32* out) {
  if (BLS_LIKELY(left() >= 4 && *pos_ >= 0x80)) {
    size_t length = shortLeb(pos_, out);
    pos_ += length;
    if (BLS_LIKELY(length != 0)) return {};
  }
  return lebU32Rare(out);
}

Status ByteReader::lebI32Slow(i32* out) {
  if (BLS_LIKELY(left() >= 4 && *pos_ >= 0x80)) {
    u32 value = 0;
    size_t length = shortLeb(pos_, &value);
    pos_ += length;
    u32 unused = static_cast<u32>(32 - 7 * length);
    if (BLS_LIKELY(length != 0)) {
      *out = static_cast<i32>(value << unused) >> unused;
      return {};
    }
  }
  return lebI32Rare(out);
}

bool isValidUtf8(std::span<const u8> bytes) {
  const u8* p = bytes.data();
  const u8* end = p + bytes.size();
  while (p != end) {
    if (*p < 0x80) {
      ++p;
      // Eight characters at a time: text is nearly all ASCII.
      for (u64 eight = 0; end - p >= 8; p += 8) {
        std::memcpy(&eight, p, 8);
        if ((eight & 0x8080808080808080u) != 0) break;
      }
      continue;
    }
    size_t left = static_cast<size_t>(end - p);
    u8 b0 = *p;
    size_t length = b0 >= 0xf0 ? 4 : b0 >= 0xe0 ? 3 : 2;
    if (b0 < 0xc2 || b0 > 0xf4 || length > left) return false;
    u32 code = b0 & (0x7fu >> length);
    for (size_t i = 1; i < length; ++i) {
      if ((p[i] & 0xc0) != 0x80) return false;
      code = (code << 6) | (p[i] & 0x3fu);
    }
    if (length == 3 && (code < 0x800 || (code >= 0xd800 && code < 0xe000))) return false;
    if (length == 4 && (code < 0x10000 || code > 0x10ffff)) return false;
    p += length;
  }
  return true;
}

}  // namespace bls
