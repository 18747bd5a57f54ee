// Digests of bytes: MD5 and SHA-256 by OpenSSL, BLAKE2b-256 written here (RFC 7693: OpenSSL 3.0 has
// only the 512-bit form). Entry points: digestOf for bytes at hand, Digest for bytes that come in
// parts; hmacSha256 (RFC 2104).
//
// Not in the static `bls`: it reaches this through runtime/abilities.h. MD5 proves nothing about
// content of unknown origin; it is here for the module lists of old configuration files.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "engine/base/ints.h"

namespace bls {

enum class DigestKind : u8 { Md5, Sha256, Blake2b256 };

/// Bytes of a digest of that kind.
constexpr size_t digestSize(DigestKind kind) { return kind == DigestKind::Md5 ? 16 : 32; }
constexpr size_t kMaxDigestSize = 32;

/// A digest in the making. Not thread safe; one per thread of work.
class Digest {
 public:
  virtual ~Digest() = default;
  virtual void add(std::span<const u8> bytes) = 0;
  /// Writes digestSize(kind) bytes to `out`. False when the library failed on the way; nothing may
  /// be added afterwards.
  virtual bool finish(u8* out) = 0;

  /// Null when the system's library refuses the kind (MD5 on a system in FIPS mode).
  static std::unique_ptr<Digest> make(DigestKind kind);
};

/// The digest of `bytes` in one go. False as Digest::make and finish.
bool digestOf(DigestKind kind, std::span<const u8> bytes, u8* out);

/// HMAC-SHA-256 of `bytes` under `key`, which may be empty: 32 bytes to `out`. False when the
/// library refuses. Any thread.
bool hmacSha256(std::span<const u8> key, std::span<const u8> bytes, u8* out);

/// Lower-case hexadecimal digits.
std::string hexOf(std::span<const u8> bytes);

}  // namespace bls
