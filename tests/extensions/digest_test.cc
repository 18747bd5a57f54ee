// Digests against published vectors (RFC 1321 A.5, FIPS 180-4 examples, RFC 7693 appendix A for the
// function, values of Python's hashlib for its 256-bit form), in one go and in parts of every size.
#include "extensions/digest.h"

#include <gtest/gtest.h>

#include <vector>

namespace bls {
namespace {

std::string digest(DigestKind kind, std::span<const u8> bytes) {
  u8 out[kMaxDigestSize];
  if (!digestOf(kind, bytes, out)) return "refused";
  return hexOf({out, digestSize(kind)});
}

std::string digest(DigestKind kind, std::string_view text) {
  return digest(kind, {reinterpret_cast<const u8*>(text.data()), text.size()});
}

std::vector<u8> pattern(size_t size) {
  std::vector<u8> out(size);
  for (size_t i = 0; i < size; ++i) out[i] = static_cast<u8>(i * 7 + 3);
  return out;
}

struct Row {
  size_t size;
  const char* blake2b;
  const char* sha256;
  const char* md5;
};
// Around the ends of blocks of both functions.
constexpr Row kPatterns[] = {
    {1, "e88bd757ad5b9bedf372d8d3f0cf6c962a469db61a265f6418e1ffed86da29ec",
     "084fed08b978af4d7d196a7446a86b58009e636b611db16211b65a9aadff29c5",
     "8666683506aacd900bbd5a74ac4edf68"},
    {127, "c9ae3859964b35f04c54b36d33cf299d7290ee621005d28e51598a943560aaaa",
     "a8d23e75d936f303d248888d9b165ee543f4cbafcad3c9dd2a79bd84faa11d07",
     "acce2474d6cc8302120d09c818d17ef7"},
    {128, "f0501d06597880592bc49234eef100ec1ff349058d0e9d9b753504e24af86dd6",
     "d2742f1f4ac6bb7ca2b239ee18402ba8b3f9f8e652d2a72973c2b9ba11c08cf6",
     "10b2da1a82f16d99a81a7203fe9f02cb"},
    {129, "a34a4e1e03c541dfbf3099c4b6c143c022ced65c28bd7e8a10e0a098461aecf0",
     "307f8fc2c1622b92762e818d39a185d4d667ad49a4b07ceae1f4afa008a93ec4",
     "03fefbbcebe2959cf2270241aafe0250"},
    {256, "d93ebb9c802f5630ab22516fd82b6c21bc8bd551d531349b715f046ed11ed871",
     "d9c76fa34978cb9620dab8c3f46bbe075fddc145eb282b39009141f98d0cfe82",
     "d436d767fed83db89eacc70ed6cbd839"},
    {100000, "20b8634b7228973e5a49a5f6857b7fe2e879a928f797a682928c00eaa8fb7776",
     "d96bab6a55ee326ba206dd4a85a6e95e14360d7fabbf448f03e689c24382b7d0",
     "59f08777fcd1aa2b8e0c8f892cfaae09"},
};

const char* expected(const Row& row, DigestKind kind) {
  return kind == DigestKind::Md5 ? row.md5 : kind == DigestKind::Sha256 ? row.sha256 : row.blake2b;
}

TEST(Digest, Md5HasThePublishedValues) {
  EXPECT_EQ(digest(DigestKind::Md5, ""), "d41d8cd98f00b204e9800998ecf8427e");
  EXPECT_EQ(digest(DigestKind::Md5, "abc"), "900150983cd24fb0d6963f7d28e17f72");
  EXPECT_EQ(digest(DigestKind::Md5, "message digest"), "f96b697d7cb7938d525a2f31aaf161d0");
}

TEST(Digest, Sha256HasThePublishedValues) {
  EXPECT_EQ(digest(DigestKind::Sha256, ""),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(digest(DigestKind::Sha256, "abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(digest(DigestKind::Sha256, "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

TEST(Digest, Blake2b256HasThePublishedValues) {
  EXPECT_EQ(digest(DigestKind::Blake2b256, ""),
            "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8");
  EXPECT_EQ(digest(DigestKind::Blake2b256, "abc"),
            "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
}

TEST(Digest, EndsOfBlocksAreDigestedAsTheRest) {
  for (DigestKind kind : {DigestKind::Md5, DigestKind::Sha256, DigestKind::Blake2b256}) {
    for (const Row& row : kPatterns) {
      EXPECT_EQ(digest(kind, pattern(row.size)), expected(row, kind)) << row.size;
    }
  }
}

TEST(Digest, PartsOfAnySizeGiveTheSameDigest) {
  const std::vector<u8> bytes = pattern(257);
  for (DigestKind kind : {DigestKind::Md5, DigestKind::Sha256, DigestKind::Blake2b256}) {
    const std::string whole = digest(kind, bytes);
    for (size_t part = 1; part <= bytes.size(); ++part) {
      const std::unique_ptr<Digest> stream = Digest::make(kind);
      ASSERT_NE(stream, nullptr);
      std::span<const u8> rest(bytes);
      while (!rest.empty()) {
        const size_t size = std::min(part, rest.size());
        stream->add(rest.first(size));
        stream->add({});
        rest = rest.subspan(size);
      }
      u8 out[kMaxDigestSize];
      ASSERT_TRUE(stream->finish(out));
      EXPECT_EQ(hexOf({out, digestSize(kind)}), whole) << part;
    }
  }
}

TEST(Digest, HexadecimalDigitsAreLowerCaseAndKeepLeadingZeros) {
  const u8 bytes[] = {0x00, 0x0a, 0xf0};
  EXPECT_EQ(hexOf(bytes), "000af0");
}

}  // namespace
}  // namespace bls
