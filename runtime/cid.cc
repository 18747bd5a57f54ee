// Both text forms are only written: what comes in is binary.
#include "runtime/cid.h"

#include <algorithm>

namespace bls::car {
namespace {

constexpr int kMaxVarintBytes = 9;

void appendVarint(std::string* out, u64 value) {
  for (; value >= 0x80; value >>= 7) *out += static_cast<char>(value | 0x80);
  *out += static_cast<char>(value);
}

Status readDigest(ByteReader& in, u64 size, Cid* out) {
  if (size > kMaxCidDigest) return in.malformed("digest of a CID is longer than 128 bytes");
  if (size > in.left()) return in.malformed("CID is cut off");
  std::span<const u8> digest;
  TRY(in.bytes(size, &digest));
  out->digestSize = static_cast<u8>(size);
  std::copy(digest.begin(), digest.end(), out->digest);
  return {};
}

}  // namespace

Status readVarint(ByteReader& in, const char* what, u64* out) {
  u64 value = 0;
  const u64 at = in.offset();
  for (int i = 0; i < kMaxVarintBytes; ++i) {
    u8 byte = 0;
    if (in.atEnd()) return in.fail(ErrorClass::Malformed, std::string(what) + " is cut off");
    TRY(in.byte(&byte));
    value |= static_cast<u64>(byte & 0x7f) << (7 * i);
    if ((byte & 0x80) != 0) continue;
    if (byte == 0 && i != 0) break;  // padded
    *out = value;
    return {};
  }
  return in.diag().fail(ErrorClass::Malformed,
                        std::string(what) + " is no varint of at most nine bytes in shortest form",
                        at);
}

bool operator==(const Cid& a, const Cid& b) {
  return a.version == b.version && a.codec == b.codec && a.hash == b.hash &&
         std::ranges::equal(a.digestBytes(), b.digestBytes());
}

Status Cid::read(ByteReader& in, Cid* out) {
  *out = Cid();
  if (in.left() >= 2 && in.pos()[0] == kHashSha256 && in.pos()[1] == 32) {
    TRY(in.skip(2));
    out->version = 0;
    out->codec = kCodecDagPb;
    out->hash = kHashSha256;
    return readDigest(in, 32, out);
  }
  u64 version = 0;
  u64 size = 0;
  const u64 at = in.offset();
  TRY(readVarint(in, "CID version", &version));
  if (version != 1) {
    return in.diag().fail(ErrorClass::Malformed,
                          "CID of unknown version " + std::to_string(version), at);
  }
  TRY(readVarint(in, "CID codec", &out->codec));
  TRY(readVarint(in, "CID hash function", &out->hash));
  TRY(readVarint(in, "CID digest length", &size));
  return readDigest(in, size, out);
}

std::string Cid::bytes() const {
  std::string out;
  if (version == 1) {
    appendVarint(&out, version);
    appendVarint(&out, codec);
  }
  appendVarint(&out, hash);
  appendVarint(&out, digestSize);
  out.append(reinterpret_cast<const char*>(digest), digestSize);
  return out;
}

std::string Cid::text() const {
  const std::string binary = bytes();
  const std::span<const u8> view(reinterpret_cast<const u8*>(binary.data()), binary.size());
  return version == 0 ? base58(view) : "b" + base32(view);
}

std::string base32(std::span<const u8> bytes) {
  constexpr char kDigits[] = "abcdefghijklmnopqrstuvwxyz234567";
  std::string out;
  u32 held = 0;
  int bits = 0;
  for (u8 byte : bytes) {
    held = (held << 8 | byte) & 0xfff;  // at most four bits wait
    for (bits += 8; bits >= 5; bits -= 5) out += kDigits[held >> (bits - 5) & 31];
  }
  if (bits > 0) out += kDigits[held << (5 - bits) & 31];
  return out;
}

std::string base58(std::span<const u8> bytes) {
  constexpr char kDigits[] = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
  std::string digits;  // values, least first
  for (u8 byte : bytes) {
    u32 carry = byte;
    for (char& digit : digits) {
      carry += static_cast<u32>(digit) << 8;
      digit = static_cast<char>(carry % 58);
      carry /= 58;
    }
    for (; carry != 0; carry /= 58) digits += static_cast<char>(carry % 58);
  }
  std::string out;
  for (size_t i = 0; i < bytes.size() && bytes[i] == 0; ++i) out += '1';
  for (size_t i = digits.size(); i-- > 0;) out += kDigits[static_cast<u8>(digits[i])];
  return out;
}

}  // namespace bls::car
