// OpenSSL through its EVP interface only: the older per-digest functions are deprecated, and EVP
// picks the machine's instructions.
#include "extensions/digest.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>

#include "extensions/blake2b.h"

namespace bls {
namespace {

class EvpDigest final : public Digest {
 public:
  EvpDigest(const EVP_MD* method, size_t size) : context_(EVP_MD_CTX_new()), size_(size) {
    good_ = context_ != nullptr && method != nullptr &&
            EVP_DigestInit_ex(context_, method, nullptr) == 1;
  }
  ~EvpDigest() override { EVP_MD_CTX_free(context_); }
  EvpDigest(const EvpDigest&) = delete;
  EvpDigest& operator=(const EvpDigest&) = delete;

  bool good() const { return good_; }
  void add(std::span<const u8> bytes) override {
    good_ = good_ && EVP_DigestUpdate(context_, bytes.data(), bytes.size()) == 1;
  }
  bool finish(u8* out) override {
    unsigned int size = 0;
    good_ = good_ && EVP_DigestFinal_ex(context_, out, &size) == 1 && size == size_;
    return good_;
  }

 private:
  EVP_MD_CTX* context_;
  size_t size_;
  bool good_;
};

class BlakeDigest final : public Digest {
 public:
  void add(std::span<const u8> bytes) override { blake_.add(bytes); }
  bool finish(u8* out) override {
    blake_.finish(out);
    return true;
  }

 private:
  Blake2b256 blake_;
};

}  // namespace

std::unique_ptr<Digest> Digest::make(DigestKind kind) {
  if (kind == DigestKind::Blake2b256) return std::make_unique<BlakeDigest>();
  const EVP_MD* method = kind == DigestKind::Md5 ? EVP_md5() : EVP_sha256();
  auto digest = std::make_unique<EvpDigest>(method, digestSize(kind));
  if (!digest->good()) return nullptr;
  return digest;
}

bool digestOf(DigestKind kind, std::span<const u8> bytes, u8* out) {
  const std::unique_ptr<Digest> digest = Digest::make(kind);
  if (digest == nullptr) return false;
  digest->add(bytes);
  return digest->finish(out);
}

bool hmacSha256(std::span<const u8> key, std::span<const u8> bytes, u8* out) {
  EVP_MAC* method = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  EVP_MAC_CTX* context = method == nullptr ? nullptr : EVP_MAC_CTX_new(method);
  char digest[] = "SHA256";
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
      OSSL_PARAM_construct_end()};
  // A null key would mean the one of an earlier call.
  static constexpr u8 kNone = 0;
  size_t size = 0;
  const bool good =
      context != nullptr &&
      EVP_MAC_init(context, key.empty() ? &kNone : key.data(), key.size(), parameters) == 1 &&
      EVP_MAC_update(context, bytes.data(), bytes.size()) == 1 &&
      EVP_MAC_final(context, out, &size, digestSize(DigestKind::Sha256)) == 1 &&
      size == digestSize(DigestKind::Sha256);
  EVP_MAC_CTX_free(context);
  EVP_MAC_free(method);
  return good;
}

std::string hexOf(std::span<const u8> bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (u8 byte : bytes) {
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
  }
  return out;
}

}  // namespace bls
