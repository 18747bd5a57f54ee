// Items of permission lists: one table per rule, and every small list of paths against a model that
// compares components.
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "engine/host/guest_path.h"
#include "runtime/permission_rules.h"

namespace bls::permissions {
namespace {

using host::coversPath;
using host::joinGuestPath;

using Components = std::vector<std::string>;

TEST(GuestPath, IsNormalisedLexically) {
  struct Row {
    const char *base, *path, *expected;
  };
  for (const Row& row : std::vector<Row>{{"/", "", "/"},
                                         {"/", "a", "/a"},
                                         {"/", "a/b", "/a/b"},
                                         {"/", "a//b///c/", "/a/b/c"},
                                         {"/", "./a/./b/.", "/a/b"},
                                         {"/", "a/../b", "/b"},
                                         {"/", "../../a", "/a"},
                                         {"/", "a/b/../../..", "/"},
                                         {"/x", "../a", "/a"},
                                         {"root_fs", "x", "/root_fs/x"},
                                         {".", "x", "/x"},
                                         {"./data/", "x", "/data/x"},
                                         {"/", "...", "/..."},
                                         {"/", "..a/.b", "/..a/.b"},
                                         {"", "", "/"},
                                         {"/a", "/b", "/a/b"}}) {
    EXPECT_EQ(joinGuestPath(row.base, row.path), row.expected) << row.base << " + " << row.path;
  }
}

TEST(GuestPath, CoversWholeComponents) {
  struct Row {
    const char *above, *path;
    bool covers;
  };
  for (const Row& row : std::vector<Row>{{"/", "/", true},
                                         {"/", "/a", true},
                                         {"/a", "/", false},
                                         {"/a", "/a", true},
                                         {"/a", "/a/b", true},
                                         {"/a", "/ab", false},
                                         {"/a/pub", "/a/public", false},
                                         {"/a/pub", "/a/pub/lic", true},
                                         {"/a/b", "/a", false},
                                         {"/a", "/A/b", false}}) {
    EXPECT_EQ(coversPath(row.above, row.path), row.covers) << row.above << " " << row.path;
  }
}

// Every path of up to three components over these names, dots included.
std::vector<Components> allSpellings() {
  static const char* kNames[] = {"a", "ab", ".", "..", ""};
  std::vector<Components> out = {{}};
  for (size_t i = 0; i < out.size() && out[i].size() < 3; ++i) {
    for (const char* name : kNames) {
      Components longer = out[i];
      longer.push_back(name);
      out.push_back(longer);
    }
  }
  return out;
}

std::string spell(const Components& parts) {
  std::string out;
  for (const std::string& part : parts) out += "/" + part;
  return out.empty() ? "/" : out;
}

// The model: a stack of names.
Components meaning(const Components& parts) {
  Components out;
  for (const std::string& part : parts) {
    if (part == "..") {
      if (!out.empty()) out.pop_back();
    } else if (!part.empty() && part != ".") {
      out.push_back(part);
    }
  }
  return out;
}

bool isPrefix(const Components& shorter, const Components& longer) {
  return shorter.size() <= longer.size() &&
         std::equal(shorter.begin(), shorter.end(), longer.begin());
}

TEST(PathRules, AgreeWithAModelOfComponents) {
  const std::vector<Components> spellings = allSpellings();
  ASSERT_EQ(spellings.size(), 1u + 5 + 25 + 125);
  for (const Components& item : spellings) {
    for (const Components& path : spellings) {
      std::string why;
      PathRules rules;
      ASSERT_TRUE(rules.add(spell(item), &why)) << why;
      std::string normal = joinGuestPath("/", spell(path));
      EXPECT_EQ(normal, spell(meaning(path)));
      EXPECT_EQ(rules.covering(normal) != nullptr, isPrefix(meaning(item), meaning(path)))
          << spell(item) << " over " << spell(path);
      EXPECT_EQ(rules.below(normal) != nullptr, isPrefix(meaning(path), meaning(item)))
          << spell(item) << " below " << spell(path);
    }
  }
}

TEST(PathRules, RefuseWhatIsNoPath) {
  PathRules rules;
  std::string why;
  EXPECT_FALSE(rules.add("", &why));
  EXPECT_NE(why.find("empty"), std::string::npos);
  EXPECT_FALSE(rules.add(std::string_view("a\0b", 3), &why));
  EXPECT_TRUE(rules.empty());
  EXPECT_TRUE(rules.add("data", &why));
  EXPECT_EQ(rules.items()[0], "/data") << "relative items are below the root";
}

TEST(NetItem, IsParsed) {
  struct Row {
    const char* text;
    const char* canonical;  // null: refused
  };
  for (const Row& row : std::vector<Row>{{"example.com", "example.com"},
                                         {"EXAMPLE.Com", "example.com"},
                                         {"example.com.", "example.com"},
                                         {"example.com.:80", "example.com:80"},
                                         {"example.com:443", "example.com:443"},
                                         {"example.com:0", "example.com:0"},
                                         {"example.com:65535", "example.com:65535"},
                                         {"localhost", "localhost"},
                                         {"a_b-c.d", "a_b-c.d"},
                                         {"1.2.3.4", "1.2.3.4"},
                                         {"1.2.3.4:5", "1.2.3.4:5"},
                                         {"1.2.3.4.", "1.2.3.4"},
                                         {"[::1]", "[0:0:0:0:0:0:0:1]"},
                                         {"[::1]:80", "[0:0:0:0:0:0:0:1]:80"},
                                         {"[::]", "[0:0:0:0:0:0:0:0]"},
                                         {"[FE80::1:2]", "[fe80:0:0:0:0:0:1:2]"},
                                         {"[1:2:3:4:5:6:7:8]", "[1:2:3:4:5:6:7:8]"},
                                         {"[1:2:3:4:5:6:1.2.3.4]", "[1:2:3:4:5:6:102:304]"},
                                         {"[::ffff:1.2.3.4]", "1.2.3.4"},
                                         {"[::ffff:102:304]:9", "1.2.3.4:9"},
                                         {"[1::8]", "[1:0:0:0:0:0:0:8]"},
                                         {"", nullptr},
                                         {":80", nullptr},
                                         {"example.com:", nullptr},
                                         {"example.com:x", nullptr},
                                         {"example.com:65536", nullptr},
                                         {"example.com:080", nullptr},
                                         {"example.com:-1", nullptr},
                                         {"http://example.com", nullptr},
                                         {"*.example.com", nullptr},
                                         {"*", nullptr},
                                         {"10.0.0.0/8", nullptr},
                                         {"example.com/path", nullptr},
                                         {"::1", nullptr},
                                         {"[::1", nullptr},
                                         {"[::1]x", nullptr},
                                         {"[::1]:", nullptr},
                                         {"[:::1]", nullptr},
                                         {"[1::2::3]", nullptr},
                                         {"[1:2:3:4:5:6:7]", nullptr},
                                         {"[1:2:3:4:5:6:7:8:9]", nullptr},
                                         {"[1:2:3:4:5:6:7::8]", nullptr},
                                         {"[12345::]", nullptr},
                                         {"[fe80::1%eth0]", nullptr},
                                         {"[]", nullptr},
                                         {"[1.2.3.4]", nullptr},
                                         {"127.1", nullptr},
                                         {"2130706433", nullptr},
                                         {"0x7f000001", nullptr},
                                         {"0x7f.1", nullptr},
                                         {"1.2.3.0x4", nullptr},
                                         {"1.2.3.256", nullptr},
                                         {"1.2.3.04", nullptr},
                                         {"1.2.3.4.5", nullptr},
                                         {"a..b", nullptr},
                                         {".a", nullptr},
                                         {"a b", nullptr},
                                         {"a@b", nullptr},
                                         {"münchen.de", nullptr},
                                         {"a\nb", nullptr},
                                         {"..", nullptr}}) {
    NetItem item;
    std::string why;
    bool ok = parseNetItem(row.text, &item, &why);
    EXPECT_EQ(ok, row.canonical != nullptr) << row.text << ": " << item.text() << why;
    if (ok && row.canonical != nullptr) {
      EXPECT_EQ(item.text(), row.canonical);
    }
    if (!ok) {
      EXPECT_FALSE(why.empty()) << row.text;
    }
    EXPECT_EQ(why.find('\n'), std::string::npos) << row.text;
  }
  NetItem item;
  std::string why;
  EXPECT_FALSE(parseNetItem(std::string(254, 'a'), &item, &why));
  EXPECT_FALSE(parseNetItem(std::string(64, 'a') + ".b", &item, &why));
  EXPECT_TRUE(parseNetItem(std::string(63, 'a') + ".b", &item, &why));
  parseNetItem("http://a", &item, &why);
  EXPECT_NE(why.find("URLs are not supported, only domains and ips"), std::string::npos);
}

TEST(NetItem, CoversWholeNamesAndPorts) {
  auto covers = [](const char* item, const char* host, u16 port) {
    NetItem parsed;
    std::string canonical;
    std::string why;
    EXPECT_TRUE(parseNetItem(item, &parsed, &why)) << why;
    EXPECT_TRUE(canonicalHost(host, &canonical, &why)) << why;
    return parsed.covers(canonical, port);
  };
  EXPECT_TRUE(covers("a.com", "a.com", 80));
  EXPECT_TRUE(covers("a.com", "A.COM.", 1));
  EXPECT_FALSE(covers("a.com", "x.a.com", 80)) << "no sub-domains";
  EXPECT_FALSE(covers("a.com", "a.com.evil.org", 80));
  EXPECT_TRUE(covers("a.com:80", "a.com", 80));
  EXPECT_FALSE(covers("a.com:80", "a.com", 8080));
  EXPECT_TRUE(covers("[::1]:80", "[0:0::0:1]", 80));
  EXPECT_TRUE(covers("127.0.0.1", "[::ffff:7f00:1]", 80)) << "the same address in another dress";
}

TEST(Lists, AreSplitAtEveryComma) {
  using V = std::vector<std::string>;
  EXPECT_EQ(splitItems(""), V{});
  EXPECT_EQ(splitItems("a"), V{"a"});
  EXPECT_EQ(splitItems("a,b"), (V{"a", "b"}));
  EXPECT_EQ(splitItems(" a, b "), (V{" a", " b "}));
  EXPECT_EQ(splitItems("a,,b"), (V{"a", "", "b"}));
  EXPECT_EQ(splitItems(","), (V{"", ""}));
}

}  // namespace
}  // namespace bls::permissions
