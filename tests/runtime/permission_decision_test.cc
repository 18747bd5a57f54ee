// The order of decision: every combination of small flag lists against a model written from the
// description, and one table per rule of the two generations.
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "runtime/permission_decision.h"

namespace bls::permissions {
namespace {

PermissionPolicy make(const PermissionOptions& options) {
  PermissionPolicy policy;
  std::string why;
  EXPECT_TRUE(PermissionPolicy::make(options, &policy, &why)) << why;
  return policy;
}

using Parts = std::vector<std::string>;

Parts parts(const std::string& path) {
  Parts out;
  for (size_t at = 1; at < path.size();) {
    size_t end = std::min(path.find('/', at), path.size());
    out.push_back(path.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

bool under(const std::string& path, const std::string& top) {
  Parts p = parts(path);
  Parts t = parts(top);
  return t.size() <= p.size() && std::equal(t.begin(), t.end(), p.begin());
}

bool anyUnder(const Parts& items, const std::string& top) {
  return std::any_of(items.begin(), items.end(),
                     [&](const auto& item) { return under(item, top); });
}
bool underAny(const std::string& path, const Parts& items) {
  return std::any_of(items.begin(), items.end(),
                     [&](const auto& item) { return under(path, item); });
}

// Section 2.1 with "a deny always wins": step by step, as it is written there.
Answer model(const FlagLists& flags, const Parts& refused, bool asks, const std::string& path) {
  if (flags.denyAll || underAny(path, flags.deny) || anyUnder(refused, path)) return Answer::Denied;
  bool deniedBelow = anyUnder(flags.deny, path);
  if (flags.allowAll || underAny(path, flags.allow))
    return deniedBelow ? Answer::Denied : Answer::Allowed;
  if (deniedBelow) return Answer::Denied;
  return asks ? Answer::Ask : Answer::Denied;
}

TEST(Decision, FollowsTheOrderForEverySmallSetOfPathFlags) {
  const Parts paths = {"/", "/a", "/b", "/a/b", "/ab", "/a/b/c"};
  std::vector<Parts> lists = {{}};
  for (const auto& one : paths) {
    lists.push_back({one});
    for (const auto& two : paths) {
      if (one < two) lists.push_back({one, two});
    }
  }
  u64 seen[3] = {};
  for (Kind kind : {Kind::Read, Kind::Write}) {
    for (bool asks : {false, true}) {
      for (bool allowAll : {false, true}) {
        for (bool denyAll : {false, true}) {
          for (const Parts& allow : lists) {
            for (const Parts& deny : lists) {
              FlagLists flags{allowAll, allow, denyAll, deny};
              PermissionOptions options;
              (kind == Kind::Read ? options.read : options.write) = flags;
              if (!flags.given()) options.net.denyAll = true;  // some flag, so that flags rule
              options.terminals = asks;
              for (const Parts& refused : {Parts{}, Parts{"/a/b"}}) {
                PermissionPolicy policy = make(options);
                for (const auto& item : refused) policy.rememberDenied(kind, item);
                for (const auto& path : paths) {
                  Answer expected = model(flags, refused, asks, path);
                  ASSERT_EQ(policy.path(kind, path).answer, expected)
                      << path << " with " << allow.size() << " allowed, " << deny.size()
                      << " denied, " << allowAll << denyAll << asks;
                  ++seen[static_cast<u8>(expected)];
                }
              }
            }
          }
        }
      }
    }
  }
  for (u64 count : seen) EXPECT_GT(count, 1000u);
}

Answer netModel(const FlagLists& flags, const Parts& urls, bool asks, const std::string& host,
                u16 port) {
  auto listed = [&](const Parts& items) {
    std::string full = host + ":" + std::to_string(port);
    return std::find(items.begin(), items.end(), host) != items.end() ||
           std::find(items.begin(), items.end(), full) != items.end();
  };
  if (flags.denyAll || listed(flags.deny)) return Answer::Denied;
  if (flags.allowAll || listed(flags.allow)) return Answer::Allowed;
  if (std::find(urls.begin(), urls.end(), "http://" + host) != urls.end()) return Answer::Allowed;
  return asks ? Answer::Ask : Answer::Denied;
}

TEST(Decision, FollowsTheOrderForEverySmallSetOfNetFlags) {
  const std::vector<Parts> lists = {{}, {"a"}, {"a:80"}, {"b"}, {"a", "b:80"}, {"a:81"}};
  for (bool asks : {false, true}) {
    for (bool allowAll : {false, true}) {
      for (bool denyAll : {false, true}) {
        for (const Parts& allow : lists) {
          for (const Parts& deny : lists) {
            for (const Parts& urls : {Parts{}, Parts{"http://a"}}) {
              FlagLists flags{allowAll, allow, denyAll, deny};
              PermissionOptions options;
              options.net = flags;
              options.read.denyAll = true;
              options.urls = urls;
              options.terminals = asks;
              PermissionPolicy policy = make(options);
              for (std::string host : {"a", "b", "c"}) {
                for (u16 port : {80, 81}) {
                  std::string url = "http://" + host + ":" + std::to_string(port) + "/";
                  EXPECT_EQ(policy.net(url, host, port).answer,
                            netModel(flags, urls, asks, host, port))
                      << url;
                }
              }
            }
          }
        }
      }
    }
  }
}

TEST(Generation, FollowsFromFlagsUrlsAndTerminals) {
  struct Row {
    bool flag, url, terminals, asksByDefault;
    Generation expected;
  };
  for (const Row& row : std::vector<Row>{
           {false, false, false, true, Generation::UrlList},
           {false, false, true, true, Generation::Asking},
           {false, false, true, false, Generation::UrlList},
           {false, true, false, true, Generation::UrlList},
           {false, true, true, true, Generation::UrlList},
           {true, false, false, true, Generation::Flags},
           {true, false, true, true, Generation::Flags},
           {true, true, false, true, Generation::Flags},
           {true, true, true, false, Generation::Flags},
       }) {
    PermissionOptions options;
    options.net.denyAll = row.flag;
    if (row.url) options.urls = {"http://a"};
    options.terminals = row.terminals;
    options.asksByDefault = row.asksByDefault;
    EXPECT_EQ(make(options).generation(), row.expected);
  }
  PermissionOptions all;
  all.allowAll = true;
  EXPECT_EQ(make(all).generation(), Generation::Flags);
  PermissionOptions other;
  other.cgiAll = other.runModel = true;
  EXPECT_EQ(make(other).generation(), Generation::UrlList) << "not among the flags that count";
}

TEST(Generation, UrlListsLeaveDirectoriesUsable) {
  PermissionOptions options;
  options.urls = {"https://a.com/api"};
  PermissionPolicy policy = make(options);
  EXPECT_FALSE(policy.limitsFiles());
  EXPECT_EQ(policy.path(Kind::Read, "/x").answer, Answer::Allowed);
  EXPECT_EQ(policy.path(Kind::Write, "/x").answer, Answer::Allowed);
  EXPECT_EQ(policy.net("https://a.com/api/1", "a.com", 443).answer, Answer::Allowed);
  EXPECT_EQ(policy.net("https://a.com/", "a.com", 443).answer, Answer::Denied);
  EXPECT_EQ(policy.net("tcp://a.com:443", "a.com", 443).answer, Answer::Denied);
  EXPECT_EQ(make({}).net("http://a/", "a", 80).answer, Answer::Denied) << "no entry, no network";
}

TEST(Generation, AskingNeedsAPersonAtTheTerminal) {
  PermissionOptions options;
  options.asksByDefault = options.terminals = true;
  EXPECT_EQ(make(options).path(Kind::Read, "/x").answer, Answer::Ask);
  EXPECT_EQ(make(options).net("http://a/", "a", 80).answer, Answer::Ask);
  options.stdinInherited = false;
  EXPECT_EQ(make(options).path(Kind::Read, "/x").answer, Answer::Denied);
}

TEST(Flags, ADenyWinsOverAllowAll) {
  PermissionOptions options;
  options.allowAll = true;
  options.terminals = true;
  options.write.deny = {"/etc"};
  options.net.denyAll = true;
  PermissionPolicy policy = make(options);
  EXPECT_EQ(policy.path(Kind::Read, "/etc/x").answer, Answer::Allowed);
  EXPECT_EQ(policy.path(Kind::Write, "/etc/x").answer, Answer::Denied);
  EXPECT_EQ(policy.path(Kind::Write, "/").answer, Answer::Denied);
  EXPECT_EQ(policy.path(Kind::Write, "/etcx").answer, Answer::Allowed);
  EXPECT_EQ(policy.net("http://a/", "a", 80).answer, Answer::Denied);
  EXPECT_EQ(policy.cgi("any").answer, Answer::Allowed);
  EXPECT_EQ(policy.runModel().answer, Answer::Allowed);
}

TEST(Flags, CgiNeedsItsOwnFlagOnceThereIsAny) {
  EXPECT_EQ(make({}).cgi("x").answer, Answer::Allowed) << "the drivers root is the grant";
  PermissionOptions options;
  options.read.allowAll = true;
  EXPECT_EQ(make(options).cgi("x").answer, Answer::Denied);
  options.cgi = {"x", "y"};
  EXPECT_EQ(make(options).cgi("x").answer, Answer::Allowed);
  EXPECT_EQ(make(options).cgi("z").answer, Answer::Denied);
  options.cgiAll = true;
  EXPECT_EQ(make(options).cgi("z").answer, Answer::Allowed);
  EXPECT_EQ(make(options).runModel().answer, Answer::Denied);
  options.runModel = true;
  EXPECT_EQ(make(options).runModel().answer, Answer::Allowed);
  PermissionOptions list;
  list.cgi = {"x"};
  EXPECT_EQ(make(list).cgi("z").answer, Answer::Denied) << "a list is a list, also without flags";
}

TEST(Flags, BadItemsAreNamed) {
  struct Row {
    void (*set)(PermissionOptions*);
    const char* text;
  };
  for (const Row& row : std::vector<Row>{
           {[](PermissionOptions* o) { o->read.allow = {"a", ""}; },
            "--allow-read has an empty path"},
           {[](PermissionOptions* o) { o->write.deny = {""}; }, "--deny-write has an empty path"},
           {[](PermissionOptions* o) { o->net.allow = {"http://a"}; }, "--allow-net: 'http://a'"},
           {[](PermissionOptions* o) { o->net.deny = {""}; }, "--deny-net: an empty host"},
           {[](PermissionOptions* o) { o->urls = {"nope"}; }, "--permission: 'nope' is not a URL"},
           {[](PermissionOptions* o) { o->cgi = {"a/b"}; }, "--allow-cgi: 'a/b'"},
           {[](PermissionOptions* o) { o->cgi = {""}; }, "--allow-cgi: ''"}}) {
    PermissionOptions options;
    row.set(&options);
    PermissionPolicy policy;
    std::string why;
    EXPECT_FALSE(PermissionPolicy::make(options, &policy, &why));
    EXPECT_TRUE(why.starts_with(row.text)) << why;
    EXPECT_EQ(why.find('\n'), std::string::npos);
  }
}

TEST(Memory, AnswersHoldForWhatTheyCover) {
  PermissionOptions options;
  options.terminals = options.asksByDefault = true;
  PermissionPolicy policy = make(options);
  policy.rememberAllowed(Kind::Read, "/a/b");
  EXPECT_EQ(policy.path(Kind::Read, "/a/b/c").answer, Answer::Allowed);
  EXPECT_EQ(policy.path(Kind::Read, "/a").answer, Answer::Ask);
  EXPECT_EQ(policy.path(Kind::Write, "/a/b").answer, Answer::Ask) << "one kind only";
  policy.rememberDenied(Kind::Read, "/d/e");
  EXPECT_EQ(policy.path(Kind::Read, "/d/e").answer, Answer::Denied);
  EXPECT_EQ(policy.path(Kind::Read, "/d").answer, Answer::Denied) << "and what is above";
  EXPECT_EQ(policy.path(Kind::Read, "/").answer, Answer::Denied);
  EXPECT_EQ(policy.path(Kind::Read, "/d/e/f").answer, Answer::Ask);
  EXPECT_EQ(policy.path(Kind::Read, "/d/x").answer, Answer::Ask);
  policy.rememberAllowedAll(Kind::Write);
  EXPECT_EQ(policy.path(Kind::Write, "/z").answer, Answer::Allowed);
  policy.rememberAllowed(Kind::Net, "a.com:443");
  EXPECT_EQ(policy.net("https://a.com/", "A.com", 443).answer, Answer::Allowed);
  EXPECT_EQ(policy.net("https://a.com:80/", "a.com", 80).answer, Answer::Ask);
  policy.rememberDenied(Kind::Net, "b.com:443");
  EXPECT_EQ(policy.net("https://b.com/", "b.com", 443).answer, Answer::Denied);
  policy.rememberAllowedAll(Kind::Net);
  EXPECT_EQ(policy.net("https://b.com/", "b.com", 443).answer, Answer::Denied);
  EXPECT_EQ(policy.net("https://c.com/", "c.com", 443).answer, Answer::Allowed);
}

TEST(Resolution, PassesOnlyTowardsWhatIsGranted) {
  PermissionOptions options;
  options.read.allow = {"/a/b"};
  options.read.deny = {"/a/b/secret"};
  PermissionPolicy policy = make(options);
  EXPECT_TRUE(policy.mayPass(Kind::Read, "/"));
  EXPECT_TRUE(policy.mayPass(Kind::Read, "/a"));
  EXPECT_TRUE(policy.mayPass(Kind::Read, "/a/b/c"));
  EXPECT_FALSE(policy.mayPass(Kind::Read, "/c"));
  EXPECT_FALSE(policy.mayPass(Kind::Read, "/a/b/secret/x"));
  EXPECT_FALSE(policy.mayPass(Kind::Write, "/a"));
  options.read = {true, {}, false, {"/x/y"}};
  EXPECT_TRUE(make(options).mayPass(Kind::Read, "/x")) << "what lies above a denied item";
  EXPECT_FALSE(make(options).mayPass(Kind::Read, "/x/y"));
  EXPECT_TRUE(make({}).mayPass(Kind::Read, "/x"));
}

TEST(NewNames, RevealNothing) {
  PermissionOptions options;
  options.write.allowAll = true;
  options.read.allow = {"/pub", "/deep/er"};
  PermissionPolicy policy = make(options);
  EXPECT_FALSE(policy.revealsMore("/pub/a", "/pub/b"));
  EXPECT_FALSE(policy.revealsMore("/pub/a", "/other"));
  EXPECT_FALSE(policy.revealsMore("/other", "/other2"));
  EXPECT_TRUE(policy.revealsMore("/other", "/pub/b"));
  EXPECT_TRUE(policy.revealsMore("/other", "/deep")) << "/other/er would become readable";
  options.read = {true, {}, false, {"/secret/key"}};
  EXPECT_TRUE(make(options).revealsMore("/secret", "/open"));
  EXPECT_TRUE(make(options).revealsMore("/secret/key", "/open"));
  EXPECT_FALSE(make(options).revealsMore("/open", "/secret/key"));
}

TEST(Net, HostsThatCannotBeCheckedAreRefused) {
  PermissionOptions options;
  options.allowAll = true;
  for (const char* host : {"", "127.1", "0x7f000001", "a@b", "[::1"}) {
    Decision decision = make(options).net("http://x/", host, 80);
    EXPECT_EQ(decision.answer, Answer::Denied) << host;
    EXPECT_EQ(decision.cause, Cause::BadTarget) << host;
  }
}

// Where a granted name leads to an address that is not public.
TEST(Decision, OpensAnAddressThatIsNotPublicOnlyWhereAGrantNamesIt) {
  struct Case {
    const char* what;
    PermissionOptions options;
    const char* host;
    const char* address;
    Answer answer;
    Cause cause;
  };
  const auto net = [](std::vector<std::string> allow, std::vector<std::string> deny = {}) {
    PermissionOptions options;
    options.net.allow = std::move(allow);
    options.net.deny = std::move(deny);
    return options;
  };
  PermissionOptions wide;
  wide.net.allowAll = true;
  PermissionOptions everything;
  everything.allowAll = true;
  PermissionOptions listed;
  listed.urls = {"http://localhost:80/", "http://10.0.0.1/x"};
  PermissionOptions everythingBut = net({}, {"10.0.0.1"});
  everythingBut.allowAll = true;
  const Case cases[] = {
      {"all hosts", wide, "a.test", "10.0.0.1", Answer::Denied, Cause::NotPublic},
      {"all hosts, by address", wide, "10.0.0.1", "10.0.0.1", Answer::Denied, Cause::NotPublic},
      {"everything", everything, "a.test", "10.0.0.1", Answer::Allowed, Cause::None},
      {"a deny wins", everythingBut, "a.test", "10.0.0.1", Answer::Denied, Cause::DenyItem},
      {"the name", net({"a.test"}), "a.test", "10.0.0.1", Answer::Denied, Cause::NotPublic},
      {"the address", net({"a.test", "10.0.0.1"}), "a.test", "10.0.0.1", Answer::Allowed,
       Cause::None},
      {"its port", net({"a.test", "10.0.0.1:80"}), "a.test", "10.0.0.1", Answer::Allowed,
       Cause::None},
      {"another port", net({"a.test", "10.0.0.1:81"}), "a.test", "10.0.0.1", Answer::Denied,
       Cause::NotPublic},
      {"localhost", net({"localhost"}), "localhost", "127.0.0.1", Answer::Allowed, Cause::None},
      {"localhost, v6", net({"localhost"}), "localhost", "[0:0:0:0:0:0:0:1]", Answer::Allowed,
       Cause::None},
      {"localhost that is none", net({"localhost"}), "localhost", "10.0.0.1", Answer::Denied,
       Cause::NotPublic},
      {"another name for it", net({"localhost", "a.test"}), "a.test", "127.0.0.1", Answer::Denied,
       Cause::NotPublic},
      {"a URL of localhost", listed, "localhost", "127.0.0.1", Answer::Allowed, Cause::None},
      {"a URL that is not listed", listed, "10.0.0.1", "10.0.0.1", Answer::Denied,
       Cause::NotPublic},
  };
  for (const Case& one : cases) {
    const PermissionPolicy policy = make(one.options);
    const std::string url = std::string("http://") + one.host + ":80/";
    const Decision decision = policy.address(url, one.host, one.address, 80);
    EXPECT_EQ(decision.answer, one.answer) << one.what;
    EXPECT_EQ(decision.cause, one.cause) << one.what;
  }
}

}  // namespace
}  // namespace bls::permissions
