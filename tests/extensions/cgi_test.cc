// Parts of blockless_cgi by themselves: what a verification may say, which variables a guest may
// set, what goes over the channel, the database.
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "extensions/cgi/catalog.h"
#include "extensions/cgi/database.h"
#include "extensions/cgi/discovery.h"
#include "extensions/cgi/environment.h"
#include "extensions/cgi/wire.h"

namespace bls::extensions::cgi {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;
using Texts = std::vector<std::string>;

struct Folder {
  Folder() {
    char name[] = "/tmp/bls-cgi-test-XXXXXX";
    path = mkdtemp(name);
  }
  ~Folder() { std::filesystem::remove_all(path); }
  std::string path;
};

TEST(CgiVerification, TakesWhatSaysThatItIsAnExtension) {
  ExtensionRow row;
  std::string why;
  EXPECT_TRUE(parseVerification(
      "\n {\"alias\":\"a\",\"description\":\"d\",\"is_cgi\":true,\"name\":\"n\"}\r\n", &row, &why));
  EXPECT_EQ(row.alias, "a");
  EXPECT_EQ(row.description, "d");
  EXPECT_EQ(why, "");
}

TEST(CgiVerification, SaysNothingAboutWhatIsNone) {
  ExtensionRow row;
  std::string why;
  for (const char* text : {"{}", "[]", "1", "{\"is_cgi\":false}", "{\"is_cgi\":\"true\"}",
                           "{\"is_cgi\":1,\"alias\":\"a\",\"description\":\"d\"}"}) {
    EXPECT_FALSE(parseVerification(text, &row, &why)) << text;
    EXPECT_EQ(why, "") << text;
  }
}

TEST(CgiVerification, SaysWhatIsWrong) {
  ExtensionRow row;
  std::string why;
  const std::string nested(100'000, '[');
  for (const std::string& text :
       {std::string(), std::string("  "), std::string("{"), std::string("\xff"), nested,
        std::string("{\"is_cgi\":true}"), std::string("{\"is_cgi\":true,\"alias\":\"a\"}"),
        std::string("{\"is_cgi\":true,\"alias\":1,\"description\":\"d\"}"),
        std::string("{\"is_cgi\":true,\"alias\":\"\",\"description\":\"d\"}"),
        std::string("{\"is_cgi\":true,\"alias\":\"a/b\",\"description\":\"d\"}"),
        std::string("{\"is_cgi\":true,\"alias\":\"a\\u0000\",\"description\":\"d\"}"),
        "{\"is_cgi\":true,\"alias\":\"a\",\"description\":\"" + std::string(20'000, 'd') + "\"}"}) {
    EXPECT_FALSE(parseVerification(text, &row, &why)) << text.substr(0, 60);
    EXPECT_NE(why, "") << text.substr(0, 60);
  }
}

TEST(CgiAlias, IsOneName) {
  for (const char* good : {"a", "redis", "lit-extension", "\xc3\xa9", "a b", "..."})
    EXPECT_TRUE(isAlias(good));
  for (const std::string& bad :
       {std::string(), std::string("."), std::string(".."), std::string("a/b"),
        std::string("a\0", 2), std::string("a\n"), std::string("\xff"), std::string(129, 'a')})
    EXPECT_FALSE(isAlias(bad)) << bad;
}

TEST(CgiEnvironment, PassesFewVariables) {
  const char* const own[] = {"PATH=/bin",    "HOME=/h", "SECRET=s", "http_proxy=http://u:p@h:1/x@y",
                             "LD_PRELOAD=x", "bad",     "=x",       nullptr};
  const Settings settings;
  EXPECT_EQ(childEnvironment(settings, own, {}).variables,
            (Texts{"PATH=/bin", "HOME=/h", "http_proxy=http://h:1/x@y"}));
}

TEST(CgiEnvironment, LetsGuestsSetOnlyWhatIsSafe) {
  const char* const own[] = {"PATH=/bin", nullptr};
  const Settings settings;
  const Pairs guest = {{"A", "1"},
                       {"A", "2"},
                       {"PATH", "/x"},
                       {"LANG", "x"},
                       {"LD_AUDIT", "x"},
                       {"GCONV_PATH", "x"},
                       {"BASH_ENV", "x"},
                       {"ENV", "x"},
                       {"IFS", "x"},
                       {"PS4", "x"},
                       {"PYTHONHOME", "x"},
                       {"PERL5LIB", "x"},
                       {"RUBYOPT", "x"},
                       {"NODE_OPTIONS", "x"},
                       {"JAVA_TOOL_OPTIONS", "x"},
                       {"GIT_SSH", "x"},
                       {"foo_proxy", "x"},
                       {"FOO_PROXY", "x"},
                       {"", "x"},
                       {"B=C", "x"},
                       {std::string("N\0", 2), "x"},
                       {"V", std::string("x\0", 2)}};
  const ChildEnvironment out = childEnvironment(settings, own, guest);
  EXPECT_EQ(out.variables, (Texts{"PATH=/bin", "A=2"}));
  EXPECT_EQ(out.dropped.size(), guest.size() - 2);
}

TEST(CgiEnvironment, FollowsTheOperator) {
  const char* const own[] = {"SECRET=s", nullptr};
  Settings settings;
  settings.childVariables = {"PYTHONPATH", "FIXED=1", "PATH=/safe"};
  const Pairs guest = {{"PYTHONPATH", "/p"}, {"FIXED", "2"}, {"PATH", "/x"}};
  EXPECT_EQ(childEnvironment(settings, own, guest).variables,
            (Texts{"FIXED=1", "PATH=/safe", "PYTHONPATH=/p"}));
  settings.childrenGetEnvironment = true;
  EXPECT_EQ(childEnvironment(settings, own, {}).variables,
            (Texts{"SECRET=s", "FIXED=1", "PATH=/safe"}));
}

TEST(CgiEnvironment, TakesUserinfoOutOfUrls) {
  EXPECT_EQ(withoutUserinfo("http://u:p@h:1"), "http://h:1");
  EXPECT_EQ(withoutUserinfo("u:p@h:1"), "h:1");
  EXPECT_EQ(withoutUserinfo("http://u@v@h/@"), "http://h/@");
  EXPECT_EQ(withoutUserinfo("http://h/a@b"), "http://h/a@b");
  EXPECT_EQ(withoutUserinfo(""), "");
}

TEST(CgiWire, CarriesARequest) {
  OpenRequest request{"a", {"1", "", "two words"}, {{"N", "V"}, {"M", ""}}};
  const std::string bytes = encodeOpen(request);
  OpenRequest back;
  ASSERT_TRUE(decodeOpen(bytes, &back));
  EXPECT_EQ(back.alias, request.alias);
  EXPECT_EQ(back.arguments, request.arguments);
  EXPECT_EQ(back.variables, request.variables);
  for (size_t cut = 0; cut < bytes.size(); ++cut)
    EXPECT_FALSE(decodeOpen(bytes.substr(0, cut), &back)) << cut;
  EXPECT_FALSE(decodeOpen(bytes + "x", &back));
  for (size_t at = 0; at < bytes.size(); ++at) {
    std::string wrong = bytes;
    wrong[at] = '\xff';
    decodeOpen(wrong, &back);  // whatever it says, without harm
  }
}

TEST(CgiWire, ReadsTheGuestsJson) {
  OpenRequest out;
  ASSERT_TRUE(parseOpen(
      R"({"command":"c","args":["a",1,null,"b"],"envs":[{"env_name":"A","env_val":"1"},{"name":"B","value":"2"},)"
      R"({"name":"C"},3,{"env_name":"D","value":"x"}]})",
      &out));
  EXPECT_EQ(out.arguments, (Texts{"a", "b"}));
  EXPECT_EQ(out.variables, (Pairs{{"A", "1"}, {"B", "2"}}));
  ASSERT_TRUE(parseOpen(R"({"command":"c","args":"x","envs":{}})", &out));
  EXPECT_TRUE(out.arguments.empty() && out.variables.empty());
  std::string many = R"({"command":"c","args":[)";
  for (int i = 0; i < 5000; ++i) many += i == 0 ? "\"x\"" : ",\"x\"";
  EXPECT_FALSE(parseOpen(many + "]}", &out));
}

TEST(CgiWire, FramesComeInAnyPieces) {
  int ends[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
  ASSERT_TRUE(sendFrame(ends[0], FrameKind::Log, "one"));
  ASSERT_TRUE(sendFrame(ends[0], FrameKind::Gone, ""));
  char bytes[64];
  const ssize_t size = read(ends[1], bytes, sizeof bytes);
  FrameReader reader;
  Frame frame;
  std::vector<std::string> seen;
  for (ssize_t i = 0; i < size; ++i) {
    ASSERT_EQ(write(ends[0], bytes + i, 1), 1);
    ASSERT_TRUE(reader.fill(ends[1]));
    while (reader.next(&frame))
      seen.push_back(std::to_string(static_cast<int>(frame.kind)) + frame.text);
  }
  EXPECT_EQ(seen, (Texts{"0one", "2"}));
  close(ends[0]);
  EXPECT_FALSE(reader.fill(ends[1]));
  close(ends[1]);
}

TEST(CgiWire, FramesAreBoundedAndTheirStreamIsNot) {
  const std::string frame = std::string("\0\0\0\1\0", 5) + std::string(65536, 'x');
  std::string half = frame.substr(0, 6);  // what comes next ends inside of a frame, always
  FrameReader reader;
  Frame out;
  u64 count = 0;
  ASSERT_TRUE(reader.add(half));
  for (size_t sent = 0; sent < 3 * kMaxFrame; sent += frame.size()) {
    ASSERT_TRUE(reader.add(frame.substr(6) + half));
    while (reader.next(&out)) count += out.text == frame.substr(5) ? 1u : 0u;
  }
  EXPECT_GE(count, 3 * kMaxFrame / frame.size());
  EXPECT_FALSE(reader.next(&out));
  FrameReader large;
  bool good = large.add(std::string("\0\xff\xff\xff\xff", 5));
  for (size_t sent = 0; good && sent < 2 * kMaxFrame; sent += 65536)
    good = large.add(frame.substr(0, 65536));
  EXPECT_FALSE(good);
}

TEST(CgiCatalog, KeepsWhatWasListed) {
  const int memory = memfd_create("test", 0);
  std::vector<CatalogEntry> entries;
  EXPECT_FALSE(loadCatalog(memory, &entries));
  EXPECT_TRUE(saveCatalog(memory, {}));
  EXPECT_TRUE(loadCatalog(memory, &entries));
  EXPECT_TRUE(entries.empty());
  const CatalogEntry one{"file", "alias", "md5", "text", {1, 2, 3, 4, 5, true}};
  EXPECT_TRUE(saveCatalog(memory, {one, one}));
  ASSERT_TRUE(loadCatalog(memory, &entries));
  ASSERT_EQ(entries.size(), 2u);
  EXPECT_TRUE(entries[1].alias == "alias" && entries[1].identity.sameAs(one.identity));
  ASSERT_EQ(ftruncate(memory, 30), 0);
  EXPECT_FALSE(loadCatalog(memory, &entries));
  close(memory);
}

TEST(CgiDatabase, KeepsRows) {
  const Folder folder;
  const std::string path = folder.path + "/.extsdb";
  std::string why;
  std::vector<ExtensionRow> rows;
  {
    Database db;
    ASSERT_TRUE(db.open(path, &why)) << why;
    ASSERT_TRUE(db.save(
        {}, {{0, "a", "1", "fa", "da"}, {0, "b", "2", "fb", "db"}, {0, "a", "3", "fc", "dc"}},
        &why))
        << why;
    ASSERT_TRUE(db.load(&rows, &why));
    ASSERT_EQ(rows.size(), 2u);
    rows[1].md5 = "9";
    ASSERT_TRUE(db.save({rows[0]}, {rows[1]}, &why)) << why;
  }
  Database db;
  ASSERT_TRUE(db.open(path, &why)) << why;
  ASSERT_TRUE(db.load(&rows, &why));
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_TRUE(rows[0].alias == "b" && rows[0].md5 == "9" && rows[0].file == "fb");
}

TEST(CgiDatabase, RefusesWhatIsNotItsOwn) {
  const Folder folder;
  std::string why;
  const std::string target = folder.path + "/target";
  std::ofstream(target) << "";
  std::filesystem::create_symlink(target, folder.path + "/link");
  EXPECT_FALSE(Database().open(folder.path + "/link", &why));
  EXPECT_EQ(why, "not a regular file");
  std::filesystem::permissions(target, std::filesystem::perms(0666));
  EXPECT_FALSE(Database().open(target, &why));
  EXPECT_EQ(why, "another user may write it");
  std::ofstream(folder.path + "/garbage") << std::string(5000, 'x');
  EXPECT_FALSE(Database().open(folder.path + "/garbage", &why));
  EXPECT_FALSE(Database().open(folder.path + "/no/such/folder", &why));
}

TEST(CgiPrograms, OnlyWhatNobodyElseMayWrite) {
  const Folder folder;
  Settings settings;
  settings.driversRoot = folder.path;
  const int root = openRoot(settings);
  const auto tried = [&](const std::string& name, std::string* why) {
    Identity identity;
    const int fd = openProgram(root, name, &identity, why);
    if (fd >= 0) close(fd);
    return fd >= 0;
  };
  const auto make = [&](const char* name, unsigned mode) {
    std::ofstream(folder.path + "/" + name) << "x";
    std::filesystem::permissions(folder.path + "/" + name, std::filesystem::perms(mode));
  };
  make("good", 0755);
  make("plain", 0644);
  make("group", 0775);
  make("world", 0757);
  std::filesystem::create_symlink("good", folder.path + "/link");
  std::string why;
  EXPECT_TRUE(tried("good", &why));
  for (const std::string& name :
       {std::string("plain"), std::string("link"), std::string("none"), std::string(),
        std::string("."), std::string(".."), folder.path + "/good", std::string("./good"),
        std::string("good\0", 5)}) {
    EXPECT_FALSE(tried(name, &why)) << name;
    EXPECT_EQ(why, "") << name;
  }
  for (const char* name : {"group", "world"}) {
    EXPECT_FALSE(tried(name, &why)) << name;
    EXPECT_NE(why, "") << name;
  }
  close(root);
}

}  // namespace
}  // namespace bls::extensions::cgi
