// URLs: the one spelling, what is refused because parsers disagree, references.
#include "extensions/net/url.h"

#include <gtest/gtest.h>

#include "extensions/net/curl_library.h"

namespace bls::net {
namespace {

std::string normal(std::string_view text, bool asIs = false) {
  Url url;
  std::string why;
  return parseUrl(text, asIs, &url, &why) ? url.text() : "refused";
}

TEST(Url, HasOneSpelling) {
  ASSERT_NE(curlLibrary(), nullptr);
  EXPECT_EQ(normal("http://example.com"), "http://example.com/");
  EXPECT_EQ(normal("HTTP://EXAMPLE.com.:80/a/../b?q#f"), "http://example.com/b?q");
  EXPECT_EQ(normal("https://example.com:443/"), "https://example.com/");
  EXPECT_EQ(normal("https://example.com:80/"), "https://example.com:80/");
  EXPECT_EQ(normal("http://example.com:/x"), "http://example.com/x");
  EXPECT_EQ(normal("http://example.com?q"), "http://example.com/?q");
  EXPECT_EQ(normal("http://example.com#f"), "http://example.com/");
  EXPECT_EQ(normal("http://[::0001]:8080/"), "http://[::1]:8080/");
  EXPECT_EQ(normal("http://[::ffff:10.0.0.1]/"), "http://10.0.0.1/");
  EXPECT_EQ(normal("http://a/x y?z \"<>"), "http://a/x%20y?z%20%22%3C%3E");
  EXPECT_EQ(normal("http://a/\xc3\xa9?\xc3\xa9"), "http://a/%C3%A9?%C3%A9");
  EXPECT_EQ(normal("http://a/%2fb%3f"), "http://a/%2fb%3f");
  EXPECT_EQ(normal("http://a/../../x"), "http://a/x");
  EXPECT_EQ(normal("http://a//b//../c"), "http://a//b/c");
  EXPECT_EQ(normal("http://a/b@c:d//e"), "http://a/b@c:d//e");
  EXPECT_EQ(normal("http://a/?u=http://b@c/"), "http://a/?u=http://b@c/");
  EXPECT_EQ(normal("http://a_b.test/"), "http://a_b.test/");
  EXPECT_EQ(normal("http://xn--bcher-kva.test/"), "http://xn--bcher-kva.test/");
}

TEST(Url, SignedRequestsStayAsTheyAre) {
  EXPECT_EQ(normal("http://a/b/../c//./d?x=%2F", true), "http://a/b/../c//./d?x=%2F");
  EXPECT_EQ(normal("http://a/b c", true), "refused");
  EXPECT_EQ(normal("http://a/\xc3\xa9", true), "refused");
}

TEST(Url, UsersAreSplitOff) {
  Url url;
  std::string why;
  ASSERT_TRUE(parseUrl("http://us%40er:pa%3Ass@example.com/x", false, &url, &why)) << why;
  EXPECT_EQ(url.user, "us@er");
  EXPECT_EQ(url.password, "pa:ss");
  EXPECT_EQ(url.text(), "http://example.com/x");
}

TEST(Url, RefusesWhatParsersReadInDifferentWays) {
  const std::string_view kConfusing[] = {
      "",
      "example.com",
      "//example.com/",
      "http:example.com",
      "http:/example.com",
      "http:///example.com",
      "http:////example.com",
      "http:\\\\example.com\\",
      "http://",
      "http://?x",
      "http://#x",
      "http://:80/",
      "http://user@/",
      "ftp://example.com/",
      "file:///etc/passwd",
      "javascript:alert(1)",
      "http+unix://x/",
      " http://example.com/",
      "http://example.com/ ",
      "ht\ntp://example.com/",
      "http://exa\tmple.com/",
      "http://example.com/\r\nX: y",
      "http://example.com\\@evil.test/",
      "http://example.com/a\\b",
      "http://a@b@c/",
      "http://a:b@c@d:80/",
      "http://exa mple.com/",
      "http://example.com%2f.evil.test/",
      "http://%65xample.com/",
      "http://ex\xc3\xa4mple.test/",
      "http://\xef\xbd\x85xample.com/",
      "http://example\xe3\x80\x82"
      "com/",
      "http://127.1/",
      "http://127.0.1/",
      "http://0x7f.0.0.1/",
      "http://0x7f000001/",
      "http://2130706433/",
      "http://017700000001/",
      "http://0177.0.0.1/",
      "http://127.0.0.01/",
      "http://127.0.0.256/",
      "http://1.2.3.4.5/",
      "http://a.0x/",
      "http://1.2.3/",
      "http://0/",
      "http://[::1/",
      "http://::1/",
      "http://[::1]a/",
      "http://[fe80::1%25eth0]/",
      "http://[::1%eth0]/",
      "http://[v1.x]/",
      "http://[127.0.0.1]/",
      "http://[1:2:3:4:5:6:7:8:9]/",
      "http://a:b/",
      "http://a:-1/",
      "http://a:+80/",
      "http://a:0/",
      "http://a:080/",
      "http://a:65536/",
      "http://a:99999999999/",
      "http://a:80:90/",
      "http://a;b/",
      "http://a,b/",
      "http://a|b/",
      "http://a<b/",
      "http://a^b/",
      "http://a*b/",
      "http://a..b/",
      "http://.a/",
      "http://a../",
      "http://./",
      "http://../",
      "http://a/%2e%2e/b",
      "http://a/.%2E/b",
      "http://a/%2e",
  };
  size_t count = 0;
  for (std::string_view text : kConfusing) {
    EXPECT_EQ(normal(text), "refused") << text;
    ++count;
  }
  EXPECT_GE(count, 25u);
  EXPECT_EQ(normal(std::string_view("http://a/\0b", 11)), "refused");
  EXPECT_EQ(normal("http://" + std::string(64, 'a') + "/"), "refused");
  EXPECT_EQ(normal("http://a/" + std::string(kMaxUrlBytes, 'a')), "refused");
}

// What is accepted stays itself, whatever it was made from.
TEST(Url, AcceptedTextIsItsOwnSpelling) {
  const std::string_view kSeeds[] = {"http://user:pw@Example.com.:8080/a/../b%20c?d=e&f#g",
                                     "https://[::ffff:1.2.3.4]:443/x", "http://1.2.3.4/?a@b:c"};
  const std::string_view kPieces[] = {
      "@",  ":", "/", "//", "\\", "..",       "%2e",     "%00",  "[",     "]", "?", "#",
      "0x", "1", ".", "\t", " ",  "\xc3\xa9", "http://", "xn--", "127.1", "%", ";", "|"};
  u64 state = 12345;
  const auto next = [&](size_t below) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return static_cast<size_t>(state >> 33) % below;
  };
  size_t accepted = 0;
  for (int round = 0; round < 30000; ++round) {
    std::string text(kSeeds[next(3)]);
    for (size_t edits = 1 + next(4); edits > 0; --edits) {
      const size_t at = next(text.size());
      if (next(3) == 0)
        text.erase(at, 1 + next(3));
      else
        text.insert(at, kPieces[next(std::size(kPieces))]);
    }
    Url url;
    Url again;
    std::string why;
    if (!parseUrl(text, false, &url, &why)) {
      EXPECT_FALSE(why.empty());
      continue;
    }
    ++accepted;
    ASSERT_TRUE(parseUrl(url.text(), false, &again, &why)) << text << " " << url.text() << why;
    EXPECT_EQ(again.text(), url.text()) << text;
    EXPECT_EQ(again.host, url.host);
    EXPECT_EQ(again.port, url.port);
    for (char c : url.text()) EXPECT_TRUE(c > 0x20 && c < 0x7f && c != '\\') << text;
  }
  EXPECT_GT(accepted, 5000u);
}

TEST(Url, ReferencesResolve) {
  Url base;
  std::string why;
  ASSERT_TRUE(parseUrl("http://a.test:81/b/c?d", false, &base, &why));
  const std::pair<const char*, const char*> kCases[] = {
      {"e", "http://a.test:81/b/e"},
      {"/e", "http://a.test:81/e"},
      {"../e?f#g", "http://a.test:81/e?f"},
      {"?x=1", "http://a.test:81/b/c?x=1"},
      {"//other.test/e", "http://other.test/e"},
      {"https://other.test", "https://other.test/"},
      {"/e f", "http://a.test:81/e%20f"},
      {"/a:b", "http://a.test:81/a:b"},
      {"?u=http://x/", "http://a.test:81/b/c?u=http://x/"},
      {"//user@@x/", "refused"},
      {"\\\\other.test/", "refused"},
      {"/\\other.test/", "refused"},
      {"ftp://other.test/", "refused"},
      {"a:b", "refused"},
      {"data:,x", "refused"},
      {"///other.test/", "refused"},
      {"/\r\nx", "refused"},
      {"/%2e%2e/x", "refused"},
  };
  for (const auto& [reference, expected] : kCases) {
    Url url;
    const std::string got = resolveUrl(base, reference, &url, &why) ? url.text() : "refused";
    EXPECT_EQ(got, expected) << reference;
  }
}

}  // namespace
}  // namespace bls::net
