// Addresses: spellings, and which are public. Names from a stub file.
#include "extensions/net/address.h"

#include <gtest/gtest.h>

#include "extensions/net/resolve.h"

namespace bls::net {
namespace {

std::string normal(std::string_view text) {
  Address address;
  return parseAddress(text, &address) ? addressText(address) : "refused";
}

TEST(Address, HasOneSpelling) {
  EXPECT_EQ(normal("1.2.3.4"), "1.2.3.4");
  EXPECT_EQ(normal("::1"), "[::1]");
  EXPECT_EQ(normal("[2001:DB8:0:0::1]"), "[2001:db8::1]");
  EXPECT_EQ(normal("::ffff:1.2.3.4"), "1.2.3.4");
  EXPECT_EQ(normal("::ffff:7f00:1"), "127.0.0.1");
  for (const char* text :
       {"", "1.2.3", "01.2.3.4", "1.2.3.256", "0x7f.0.0.1", "[1.2.3.4]", "fe80::1%eth0", "[::1",
        "::1]", "1::2::3", "1.2.3.4.", " 1.2.3.4", "a.b"})
    EXPECT_EQ(normal(text), "refused") << text;
  EXPECT_EQ(normal(std::string_view("1.2.3.4\0", 8)), "refused");
}

TEST(Address, OnlyHostsOfTheInternetArePublic) {
  for (const char* text : {"1.1.1.1",        "9.255.255.255",        "11.0.0.0",
                           "100.63.255.255", "100.128.0.0",          "126.255.255.255",
                           "128.0.0.0",      "169.253.255.255",      "172.15.255.255",
                           "172.32.0.0",     "192.167.255.255",      "192.169.0.0",
                           "198.17.255.255", "198.20.0.0",           "223.255.255.255",
                           "2600::1",        "2001:4860:4860::8888", "2a00::",
                           "::ffff:8.8.8.8", "64:ff9b::8.8.8.8"}) {
    Address address;
    ASSERT_TRUE(parseAddress(text, &address)) << text;
    EXPECT_TRUE(isPublic(address)) << text;
  }
  for (const char* text : {"0.0.0.0",
                           "0.1.2.3",
                           "10.0.0.1",
                           "100.64.0.0",
                           "100.127.255.255",
                           "127.0.0.1",
                           "127.255.255.255",
                           "169.254.169.254",
                           "172.16.0.0",
                           "172.31.255.255",
                           "192.0.0.1",
                           "192.0.2.1",
                           "192.88.99.1",
                           "192.168.0.1",
                           "198.18.0.0",
                           "198.19.255.255",
                           "198.51.100.1",
                           "203.0.113.1",
                           "224.0.0.1",
                           "239.255.255.255",
                           "240.0.0.1",
                           "255.255.255.255",
                           "::",
                           "::1",
                           "::127.0.0.1",
                           "::8.8.8.8",
                           "::ffff:127.0.0.1",
                           "::ffff:10.0.0.1",
                           "::ffff:169.254.169.254",
                           "::ffff:0:8.8.8.8",
                           "64:ff9b::127.0.0.1",
                           "64:ff9b::10.0.0.1",
                           "64:ff9b::a9fe:a9fe",
                           "64:ff9b:1::8.8.8.8",
                           "100::1",
                           "2001::1",
                           "2001:0:4136:e378::",
                           "2001:2::1",
                           "2001:10::1",
                           "2001:20::1",
                           "2001:db8::1",
                           "2002:7f00:1::",
                           "2002:808:808::",
                           "3ffe::1",
                           "3fff::1",
                           "4000::1",
                           "5f00::1",
                           "fc00::1",
                           "fd00::1",
                           "fe80::1",
                           "fec0::1",
                           "ff02::1",
                           "ffff::1"}) {
    Address address;
    ASSERT_TRUE(parseAddress(text, &address)) << text;
    EXPECT_FALSE(isPublic(address)) << text;
  }
}

TEST(Address, SomeStandForOthers) {
  const std::pair<const char*, const char*> kCases[] = {{"0.0.0.0", "127.0.0.1"},
                                                        {"::ffff:0.0.0.0", "127.0.0.1"},
                                                        {"::", "[::1]"},
                                                        {"64:ff9b::1.2.3.4", "1.2.3.4"},
                                                        {"64:ff9b::7f00:1", "127.0.0.1"},
                                                        {"0.0.0.1", ""},
                                                        {"127.0.0.1", ""},
                                                        {"::1", ""},
                                                        {"::ffff:1.2.3.4", ""},
                                                        {"64:ff9b:1::1.2.3.4", ""},
                                                        {"2002:102:304::", ""}};
  for (const auto& [text, expected] : kCases) {
    Address address;
    Address other;
    ASSERT_TRUE(parseAddress(text, &address)) << text;
    EXPECT_EQ(standsFor(address, &other) ? addressText(other) : "", expected) << text;
  }
  EXPECT_EQ(normal("255.100.9.10"), "255.100.9.10");
  EXPECT_EQ(normal("0.0.0.0"), "0.0.0.0");
}

std::string stub(const std::string& name, size_t lookup) {
  std::string out;
  for (const Address& address :
       stubAddresses("a 1.2.3.4 ::1\nb 10.0.0.1\na 127.0.0.1 junk\n\nc\n", name, lookup))
    out += addressText(address) + " ";
  return out;
}

TEST(Resolve, LinesOfAFileAnswerOneLookupEach) {
  EXPECT_EQ(stub("a", 0), "1.2.3.4 [::1] ");
  EXPECT_EQ(stub("a", 1), "127.0.0.1 ");
  EXPECT_EQ(stub("a", 2), "127.0.0.1 ");
  EXPECT_EQ(stub("b", 7), "10.0.0.1 ");
  EXPECT_EQ(stub("c", 0), "");
  EXPECT_EQ(stub("none", 0), "");
}

TEST(Resolve, LocalhostIsLoopbackWithoutAsking) {
  for (const char* name : {"localhost", "x.localhost"}) {
    std::vector<Address> found;
    ASSERT_EQ(resolveName(nullptr, nullptr, name, 0, &found), ResolveEnd::Found);
    ASSERT_EQ(found.size(), 2u);
    EXPECT_EQ(addressText(found[0]), "127.0.0.1");
    EXPECT_EQ(addressText(found[1]), "[::1]");
  }
  std::vector<Address> found;
  EXPECT_EQ(resolveName(nullptr, nullptr, "example.test", 0, &found), ResolveEnd::NotFound);
}

}  // namespace
}  // namespace bls::net
