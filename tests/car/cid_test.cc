// CIDs: well-known ones in both text forms, and what is no CID.
#include "runtime/cid.h"

#include <gtest/gtest.h>

#include "tests/car/car_builder.h"

namespace bls::car {
namespace {

using test::CarBuilder;

std::span<const u8> view(const std::string& text) {
  return {reinterpret_cast<const u8*>(text.data()), text.size()};
}

// The text form, or the error.
std::string textOf(const std::string& bytes) {
  Diagnostics diag;
  ByteReader in(view(bytes), 0, &diag);
  Cid cid;
  const Status read = Cid::read(in, &cid);
  if (!read.ok()) return read.error()->message;
  EXPECT_EQ(cid.bytes(), bytes.substr(0, bytes.size() - in.left()));
  return cid.text();
}

TEST(Cid, WellKnownBlocksHaveTheirPublishedNames) {
  CarBuilder car;
  const std::string empty = test::nodeBytes(test::NodeType::Directory, "", {});
  EXPECT_EQ(textOf(car.cidOf(empty, 0x70)),
            "bafybeiczsscdsbs7ffqz55asqdf3smv6klcw3gofszvwlyarci47bgf354");
  EXPECT_EQ(textOf(car.cidOf("hello world", 0x55)),
            "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e");
  car.version0 = true;
  EXPECT_EQ(textOf(car.cidOf(empty, 0x70)), "QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn");
}

TEST(Cid, BlakeAndIdentityNamesAreRead) {
  CarBuilder car;
  car.blake = true;
  EXPECT_EQ(textOf(car.cidOf("", 0x55)).substr(0, 13), "bafk2bzaceahf");
  Diagnostics diag;
  const std::string bytes = CarBuilder::identity("hi", 0x55);
  ByteReader in(view(bytes), 0, &diag);
  Cid cid;
  ASSERT_TRUE(Cid::read(in, &cid).ok());
  EXPECT_TRUE(cid.isIdentity());
  EXPECT_EQ(cid.text(), "bafkqaatine");
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(cid.digest), cid.digestSize), "hi");
}

TEST(Cid, WhatIsCutOffIsRefusedAtEveryLength) {
  CarBuilder car;
  const std::string whole = car.cidOf("x", 0x55);
  for (size_t size = 0; size < whole.size(); ++size) {
    const std::string text = textOf(whole.substr(0, size));
    EXPECT_NE(text.find("cut off"), std::string::npos) << size << ": " << text;
  }
}

TEST(Cid, OtherVersionsAndLongDigestsAreRefused) {
  EXPECT_EQ(textOf(test::varint(2) + "aaaa"), "CID of unknown version 2");
  EXPECT_EQ(textOf(CarBuilder::identity(std::string(129, 'x'), 0x55)),
            "digest of a CID is longer than 128 bytes");
}

TEST(Cid, VarintsAreShortestAndOfNineBytesAtMost) {
  const auto read = [](const std::string& bytes, u64* value) {
    Diagnostics diag;
    ByteReader in(view(bytes), 0, &diag);
    return readVarint(in, "number", value).ok() && in.atEnd();
  };
  u64 value = 0;
  EXPECT_TRUE(read(test::varint((1ull << 63) - 1), &value));
  EXPECT_EQ(value, (1ull << 63) - 1);
  EXPECT_FALSE(read(test::varint(1ull << 63), &value));
  EXPECT_FALSE(read(std::string("\x80\x00", 2), &value));
  EXPECT_FALSE(read(std::string(9, '\x80'), &value));
  EXPECT_FALSE(read(std::string(20, '\xff'), &value));
  EXPECT_TRUE(read(std::string(1, '\0'), &value));
  EXPECT_EQ(value, 0u);
}

TEST(Cid, BaseEncodingsHaveTheirPublishedValues) {
  EXPECT_EQ(base32(view("foobar")), "mzxw6ytboi");
  EXPECT_EQ(base32(view("fooba")), "mzxw6ytb");
  EXPECT_EQ(base32({}), "");
  EXPECT_EQ(base58(view("Hello World!")), "2NEpo7TZRRrLZSi2U");
  EXPECT_EQ(base58(view(std::string("\0\0\x28\x7f\xb4\xcd", 6))), "11233QC4");
}

}  // namespace
}  // namespace bls::car
