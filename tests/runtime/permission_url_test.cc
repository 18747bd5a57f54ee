// The URL list: tables, and every small combination of parts against a model that compares parts.
#include <gtest/gtest.h>

#include <optional>
#include <vector>

#include "runtime/permission_url.h"

namespace bls::permissions {
namespace {

bool allows(const std::string& entry, const std::string& url) {
  UrlRules rules;
  std::string why;
  EXPECT_TRUE(rules.add(entry, &why)) << why;
  return rules.allowing(url) != nullptr;
}

TEST(UrlRules, EntriesMustBeUrls) {
  for (const char* good : {"http://a.com", "HTTPS://A.com/Path?q#f", "tcp://1.2.3.4:5", "file://x",
                           "s3+x.y-z://[::1]:9", "http://a.com:", "file:///x"}) {
    UrlRules rules;
    std::string why;
    EXPECT_TRUE(rules.add(good, &why)) << good << ": " << why;
  }
  for (const char* bad :
       {"", "a.com", "http:/a.com", "http:a.com", "://a.com", "1http://a.com", "ht_tp://a.com",
        "http://", "http:///x", "http://a b", "http://a\tb", "http://a\n", "http://user@a.com",
        "http://a.com\\x", "http://münchen.de", "http://a.com/\x7f", "http://?x"}) {
    UrlRules rules;
    std::string why;
    EXPECT_FALSE(rules.add(bad, &why)) << bad;
    EXPECT_FALSE(why.empty()) << bad;
    EXPECT_EQ(why.find('\n'), std::string::npos);
    EXPECT_TRUE(rules.empty());
  }
}

TEST(UrlRules, PrefixesEndWhereTheAuthorityDoes) {
  EXPECT_TRUE(allows("http://a.com", "http://a.com"));
  EXPECT_TRUE(allows("http://a.com", "http://a.com/"));
  EXPECT_TRUE(allows("http://a.com", "http://a.com/x?y#z"));
  EXPECT_TRUE(allows("http://a.com", "http://a.com?x"));
  EXPECT_TRUE(allows("http://a.com", "http://a.com#x"));
  EXPECT_TRUE(allows("http://a.com", "http://a.com:8080/x"));
  EXPECT_FALSE(allows("http://a.com", "http://a.com.evil.org"));
  EXPECT_FALSE(allows("http://a.com", "http://a.comx/"));
  EXPECT_FALSE(allows("http://a.com", "https://a.com"));
  EXPECT_FALSE(allows("http://a.com:80", "http://a.com:8080/"));
  EXPECT_FALSE(allows("http://a.com:80", "http://a.com/"));
  EXPECT_TRUE(allows("http://a.com/pub", "http://a.com/public")) << "a plain prefix of the path";
  EXPECT_FALSE(allows("http://a.com/pub", "http://a.com/"));
}

TEST(UrlRules, CaseDoesNotMatter) { EXPECT_TRUE(allows("HTTP://A.com/X", "http://a.COM/x/y")); }

TEST(UrlRules, WhatCanBeMisreadIsNotAllowed) {
  EXPECT_FALSE(allows("http://a.com", "http://a.com:x@evil.org/"));
  EXPECT_FALSE(allows("http://a.com", "http://a.com:80x/"));
  EXPECT_FALSE(allows("http://a.com", "http://a.com@evil.org/"));
  EXPECT_FALSE(allows("http://a.com", "http://a.com\\@evil.org/"));
  EXPECT_FALSE(allows("http://a.com", "http://a.com/ x"));
  EXPECT_FALSE(allows("http://a.com", "http://a.com/\tx"));
  EXPECT_FALSE(allows("http://a.com/pub/", "http://a.com/pub/../secret"));
  EXPECT_FALSE(allows("http://a.com/pub/", "http://a.com/pub/%2E%2e/secret"));
  EXPECT_FALSE(allows("http://a.com/pub/", "http://a.com/pub/.%2e/secret"));
  EXPECT_TRUE(allows("http://a.com/pub/", "http://a.com/pub/...")) << "three dots are a name";
  EXPECT_TRUE(allows("http://a.com/pub/", "http://a.com/pub/x?../"));
  EXPECT_TRUE(allows("http://a.com/", "http://a.com/../x")) << "there is nothing above";
  EXPECT_FALSE(allows("file://x", "http://x"));
  EXPECT_FALSE(allows("http://a.com", ""));
  EXPECT_FALSE(allows("http://a.com", "http://a.com/" + std::string(20000, 'x')));
}

struct Url {
  const char* scheme;
  const char* host;
  const char* port;  // "" for none
  const char* path;
  std::string text() const {
    return std::string(scheme) + "://" + host + (*port != 0 ? std::string(":") + port : "") + path;
  }
};

TEST(UrlRules, AgreeWithAModelOfParts) {
  std::vector<Url> urls;
  for (const char* scheme : {"http", "https", "HTTP", "tcp"}) {
    for (const char* host : {"a", "A", "a.b", "ab", "[::1]"}) {
      for (const char* port : {"", "8", "80"}) {
        for (const char* path : {"", "/", "/p", "/P/q", "/pq", "?x", "#x", "/p?x"})
          urls.push_back({scheme, host, port, path});
      }
    }
  }
  auto lower = [](const char* text) {
    std::string out(text);
    for (char& c : out) c = static_cast<char>(std::tolower(c));
    return out;
  };
  u64 allowed = 0;
  for (const Url& entry : urls) {
    for (const Url& url : urls) {
      bool sameHost =
          lower(entry.scheme) == lower(url.scheme) && lower(entry.host) == lower(url.host);
      bool samePort = std::string(entry.port) == url.port;
      // Without a port and a path of its own, an entry is about every port.
      bool anyPort = *entry.port == 0 && *entry.path == 0;
      bool expected =
          sameHost && (samePort || anyPort) && lower(url.path).starts_with(lower(entry.path));
      EXPECT_EQ(allows(entry.text(), url.text()), expected)
          << entry.text() << " for " << url.text();
      allowed += expected ? 1u : 0u;
    }
  }
  EXPECT_GT(allowed, 1000u);
}

TEST(UrlTarget, NamesHostAndPort) {
  struct Row {
    const char* url;
    const char* host;  // null: refused
    u16 port;
  };
  for (const Row& row : std::vector<Row>{{"http://A.com/x", "a.com", 80},
                                         {"https://a.com", "a.com", 443},
                                         {"https://a.com:8443/", "a.com", 8443},
                                         {"http://[::1]/", "[0:0:0:0:0:0:0:1]", 80},
                                         {"tcp://1.2.3.4:9", "1.2.3.4", 9},
                                         {"tcp://1.2.3.4", nullptr, 0},
                                         {"http://", nullptr, 0},
                                         {"http:///x", nullptr, 0},
                                         {"http://u@a.com/", nullptr, 0},
                                         {"http://127.1/", nullptr, 0},
                                         {"http://a.com:99999/", nullptr, 0},
                                         {"a.com", nullptr, 0}}) {
    std::string host;
    std::string why;
    u16 port = 0;
    bool ok = urlTarget(row.url, &host, &port, &why);
    EXPECT_EQ(ok, row.host != nullptr) << row.url;
    if (ok && row.host != nullptr) {
      EXPECT_EQ(host, row.host);
      EXPECT_EQ(port, row.port);
    }
    EXPECT_EQ(ok, why.empty()) << row.url;
  }
}

}  // namespace
}  // namespace bls::permissions
