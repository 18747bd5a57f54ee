// CIDs: content identifiers, the names of blocks. Entry points: Cid::read, Cid::text.
//
// Version 1 is varints for version, content codec and hash function, then the length of the digest
// and the digest. Version 0 is a bare SHA-256 multihash and means a dag-pb node. Source: the CID
// and multihash specifications; unsigned varints of theirs have at most nine bytes and no padding.
#pragma once

#include <span>
#include <string>

#include "engine/base/byte_reader.h"

namespace bls::car {

/// Content codecs we follow.
constexpr u64 kCodecRaw = 0x55;
constexpr u64 kCodecDagPb = 0x70;
/// Hash functions we check.
constexpr u64 kHashIdentity = 0x00;  // the "digest" is the block itself
constexpr u64 kHashSha256 = 0x12;
constexpr u64 kHashBlake2b256 = 0xb220;

/// Most bytes of a digest: what other implementations take for the identity function.
constexpr size_t kMaxCidDigest = 128;
/// Most bytes of a CID.
constexpr size_t kMaxCidSize = 1 + 9 + 9 + 2 + kMaxCidDigest;

struct Cid {
  u8 version = 1;
  u8 digestSize = 0;
  u64 codec = 0;
  u64 hash = 0;
  u8 digest[kMaxCidDigest] = {};

  std::span<const u8> digestBytes() const { return {digest, digestSize}; }
  bool isIdentity() const { return hash == kHashIdentity; }
  /// True for a hash function we check, with a digest of its size.
  bool isVerifiable() const {
    return isIdentity() || ((hash == kHashSha256 || hash == kHashBlake2b256) && digestSize == 32);
  }
  friend bool operator==(const Cid& a, const Cid& b);

  /// Reads one from the front of `in`. Errors: Malformed.
  static Status read(ByteReader& in, Cid* out);
  /// Canonical text: base58btc for version 0, base32 in lower case behind a `b` for version 1.
  std::string text() const;
  /// Canonical bytes.
  std::string bytes() const;
};

/// An unsigned varint in its shortest form. Errors: Malformed, at the varint.
Status readVarint(ByteReader& in, const char* what, u64* out);

/// Base 32 (RFC 4648, lower case, no padding) and base 58 (Bitcoin's alphabet) of any bytes.
std::string base32(std::span<const u8> bytes);
std::string base58(std::span<const u8> bytes);

}  // namespace bls::car
