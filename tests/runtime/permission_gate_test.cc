// The prompt on a terminal of strings, the gate over it, and the record.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "runtime/permission_gate.h"

namespace bls::permissions {
namespace {

// What a person types, line by line; what they see is kept.
struct Script {
  std::vector<std::string> lines;
  size_t next = 0;
  Input end = Input::TimedOut;  // when nothing is left
  std::string seen;
  u32 discards = 0;
  bool colours = false;
  u32 columns = 0;
};
Script* script = nullptr;

class ScriptTerminal final : public PromptTerminal {
 public:
  explicit ScriptTerminal(Script* s) : script_(s) {}
  Input discard() override {
    ++script_->discards;
    return Input::Ok;
  }
  Input line(std::string* out) override {
    if (script_->next == script_->lines.size()) return script_->end;
    *out = script_->lines[script_->next++];
    return Input::Ok;
  }
  void write(std::string_view text) override { script_->seen += text; }
  bool colours() const override { return script_->colours; }
  u32 columns() const override { return script_->columns; }

 private:
  Script* script_;
};

std::unique_ptr<PromptTerminal> openScript(ExecCtx*) {
  return std::make_unique<ScriptTerminal>(script);
}

Reply ask(Script& s, std::string_view item = "/a/b", Kind kind = Kind::Read) {
  ScriptTerminal terminal(&s);
  return askPerson(terminal, {kind, item, "path_open"});
}

const std::string kPlain = "\x1b[0m";  // before every question
constexpr const char* kBlock =
    "┏ ⚠️  Bls-Runtime requests read access to \"/a/b\".\n"
    "┠─ Requested by `path_open` API.\n"
    "┠─ Learn more at: https://docs.bless.network/go/--allow-read\n"
    "┠─ Run again with --allow-read to bypass this prompt.\n"
    "┗ Allow? [y/n/A] (y = yes, allow; n = no, deny; A = allow all read permissions) > ";

TEST(Prompt, TheTextIsTheContracts) {
  EXPECT_EQ(promptText({Kind::Read, "/a/b", "path_open"}, false), kBlock);
  std::string net = promptText({Kind::Net, "a.com:80", "http_req"}, false);
  EXPECT_NE(net.find("requests net access to \"a.com:80\"."), std::string::npos);
  EXPECT_NE(net.find("Requested by `http_req` API."), std::string::npos);
  std::string coloured = promptText({Kind::Read, "/a/b", "path_open"}, true);
  EXPECT_NE(coloured.find("\x1b[1mBls-Runtime"), std::string::npos);
  EXPECT_NE(coloured.find("\x1b[3mLearn"), std::string::npos);
  std::string bare;
  for (size_t i = 0; i < coloured.size(); ++i) {
    if (coloured[i] == '\x1b') {
      i = coloured.find('m', i);
    } else {
      bare += coloured[i];
    }
  }
  EXPECT_EQ(bare, kBlock) << "colour changes nothing else";
}

TEST(Prompt, AnswersMeanWhatTheySay) {
  struct Row {
    const char* line;
    Reply reply;
  };
  for (const Row& row : std::vector<Row>{{"y", Reply::Yes},
                                         {"Y", Reply::Yes},
                                         {"A", Reply::All},
                                         {"n", Reply::No},
                                         {"N", Reply::No},
                                         {"\x1b", Reply::No},
                                         {"", Reply::No},
                                         {"yes", Reply::No},
                                         {" y", Reply::No},
                                         {"Ay", Reply::No}}) {
    Script s;
    s.lines = {row.line};
    EXPECT_EQ(ask(s), row.reply) << row.line;
    EXPECT_EQ(s.seen.find("Unrecognized"), std::string::npos) << row.line;
    const char* said = row.reply == Reply::Yes   ? "✅ Granted read access to \"/a/b\".\n"
                       : row.reply == Reply::All ? "✅ Granted all read access.\n"
                                                 : "❌ Denied read access to \"/a/b\".\n";
    EXPECT_EQ(s.seen, kPlain + kBlock + "\x1b[5A\r\x1b[0J" + said) << row.line;
    EXPECT_EQ(s.discards, 2u) << "before the prompt and before the answer";
  }
}

TEST(Prompt, OtherCharactersAreAskedAgain) {
  Script s;
  s.lines = {"x", "a", "é", "0", "y"};
  EXPECT_EQ(ask(s), Reply::Yes);
  EXPECT_EQ(s.discards, 6u);
  std::string again =
      "\x1b[1A\r\x1b[0J┗ Unrecognized option. Allow? [y/n/A] (y = yes, allow; n = no, deny; A = "
      "allow all read permissions) > ";
  std::string expected = kPlain + kBlock;
  for (int i = 0; i < 4; ++i) expected += again;
  EXPECT_EQ(s.seen, expected + "\x1b[5A\r\x1b[0J✅ Granted read access to \"/a/b\".\n");
  Script endless;
  endless.lines.assign(1000, "x");
  EXPECT_EQ(ask(endless), Reply::No);
  EXPECT_LT(endless.next, 200u);
}

TEST(Prompt, NoAnswerIsNo) {
  for (Input end : {Input::TimedOut, Input::Closed, Input::OtherDevice}) {
    Script s;
    s.end = end;
    EXPECT_EQ(ask(s), Reply::No);
    EXPECT_NE(s.seen.find("❌ Denied read access"), std::string::npos);
  }
  Script s;
  s.end = Input::Interrupted;
  EXPECT_EQ(ask(s), Reply::Interrupted);
}

TEST(Prompt, ControlCharactersAreShownNotSent) {
  const std::string item =
      "/a\x1b[2K\nb\x7f\xe2\x80\xae"
      "c\r";
  Script plain;
  plain.lines = {"n"};
  ask(plain, item);
  EXPECT_NE(plain.seen.find("\"/a\\x1b[2K\\x0ab\\x7f\\u{202e}c\\x0d\""), std::string::npos)
      << plain.seen;
  EXPECT_EQ(plain.seen.find("[2K\n"), std::string::npos);
  Script coloured;
  coloured.colours = true;
  coloured.lines = {"n"};
  ask(coloured, item);
  EXPECT_NE(coloured.seen.find("/a\x1b[37;41m\\x1b\x1b[0m\x1b[1m[2K"), std::string::npos)
      << "white on red, then bold again";
}

TEST(Prompt, TooLongQuestionsAreNotAsked) {
  Script s;
  s.lines = {"y"};
  EXPECT_EQ(ask(s, "/" + std::string(kMaxQuestionBytes, 'a')), Reply::No);
  EXPECT_EQ(s.next, 0u);
  EXPECT_EQ(std::count(s.seen.begin(), s.seen.end(), '\n'), 3);
  EXPECT_LT(s.seen.size(), 1000u);
  Script just;
  just.lines = {"y"};
  EXPECT_EQ(ask(just, "/" + std::string(9000, 'a')), Reply::Yes);
}

TEST(Prompt, WrappedRowsAreErasedToo) {
  Script s;
  s.columns = 40;
  s.lines = {"y"};
  ask(s, "/" + std::string(79, 'a'));
  // 125 columns with the item's 80, so 4 rows; then 1, 2, 2; the line that asks, 83: 3.
  EXPECT_NE(s.seen.find("\x1b[12A\r\x1b[0J✅"), std::string::npos) << s.seen;
}

struct Fixture {
  explicit Fixture(PermissionOptions options, std::vector<std::string> answers = {})
      : gate_(
            policyOf(options), true,
            [](void* self, const std::string& line) {
              static_cast<Fixture*>(self)->lines.push_back(line);
            },
            this, openScript) {
    typed.lines = std::move(answers);
    typed.end = Input::Closed;
    script = &typed;
  }
  static PermissionPolicy policyOf(const PermissionOptions& options) {
    PermissionPolicy policy;
    std::string why;
    EXPECT_TRUE(PermissionPolicy::make(options, &policy, &why)) << why;
    return policy;
  }
  bool read(const char* path, const char* call = "path_open") {
    return gate_.permit(&cx, host::needs::kRead, path, call);
  }
  bool write(const char* path, const char* call = "path_open") {
    return gate_.permit(&cx, host::needs::kWrite, path, call);
  }
  ExecCtx cx;
  Script typed;
  std::vector<std::string> lines;
  PermissionGate gate_;
};

PermissionOptions onTerminal() {
  PermissionOptions options;
  options.asksByDefault = options.terminals = true;
  return options;
}

TEST(Gate, AnswersAreRemembered) {
  Fixture f(onTerminal(), {"y", "n", "A", "n"});
  EXPECT_TRUE(f.read("/a"));
  EXPECT_TRUE(f.read("/a/b"));
  EXPECT_FALSE(f.read("/b/c"));
  EXPECT_FALSE(f.read("/b/c"));
  EXPECT_FALSE(f.read("/b"));
  EXPECT_TRUE(f.write("/x"));
  EXPECT_TRUE(f.write("/y"));
  host::NetTarget target{"http://h/", "h", 80};
  EXPECT_FALSE(f.gate_.permitNet(&f.cx, target, "http_req"));
  EXPECT_FALSE(f.gate_.permitNet(&f.cx, target, "http_req"));
  EXPECT_EQ(f.typed.next, 4u);
  EXPECT_NE(f.typed.seen.find("requests net access to \"h:80\""), std::string::npos);
}

TEST(Gate, NobodyIsAskedForHalfOfWhatIsRefused) {
  PermissionOptions options;
  options.terminals = true;
  options.write.deny = {"/a"};
  Fixture f(options, {"y"});
  EXPECT_FALSE(f.gate_.permit(&f.cx, host::needs::kRead | host::needs::kWrite, "/a", "path_open"));
  EXPECT_EQ(f.typed.next, 0u);
  EXPECT_TRUE(f.gate_.permit(&f.cx, host::needs::kRead, "/a", "path_open"));
  EXPECT_EQ(f.typed.next, 1u);
}

TEST(Gate, ADenialIsSaidOnceWithWhatWouldAllowIt) {
  PermissionOptions options;
  options.read.allow = {"/in"};
  options.write.deny = {"/in/x"};
  options.net.denyAll = true;
  Fixture f(options);
  EXPECT_FALSE(f.read("/etc/passwd"));
  EXPECT_FALSE(f.read("/etc/passwd"));
  EXPECT_FALSE(f.read("/etc/passwd", "path_filestat_get"));
  EXPECT_FALSE(f.write("/in/x/y", "path_unlink_file"));
  EXPECT_FALSE(f.write("/in", "path_rename"));
  EXPECT_FALSE(f.read("/a,b/c d", "fd_read"));
  EXPECT_FALSE(f.gate_.permitNet(&f.cx, {"http://h/", "h", 80}, "http_req"));
  EXPECT_FALSE(f.gate_.permitCgi(&f.cx, "tool", "cgi_open"));
  EXPECT_FALSE(f.gate_.permitRunModel(&f.cx, "m", "llm_set_model"));
  const std::vector<std::string> expected = {
      "error: permission: read access to \"/etc/passwd\" denied to path_open: not granted; try "
      "--allow-read=/etc/passwd",
      "error: permission: read access to \"/etc/passwd\" denied to path_filestat_get: not granted; "
      "try --allow-read=/etc/passwd",
      "error: permission: write access to \"/in/x/y\" denied to path_unlink_file: "
      "--deny-write=/in/x forbids it; run without that item",
      "error: permission: write access to \"/in\" denied to path_rename: something in it is "
      "forbidden by --deny-write=/in/x; run without that item",
      "error: permission: read access to \"/a,b/c d\" denied to fd_read: not granted; try "
      "--allow-read=/",
      "error: permission: net access to \"h:80\" denied to http_req: --deny-net forbids it; run "
      "without that flag",
      "error: permission: cgi access to \"tool\" denied to cgi_open: not granted; try "
      "--allow-cgi=tool",
      "error: permission: run-model access to \"m\" denied to llm_set_model: not granted; try "
      "--allow-run-model"};
  EXPECT_EQ(f.lines, expected);
}

TEST(Gate, WithoutFlagsTheHintKeepsTheUrlRules) {
  Fixture f({});
  EXPECT_TRUE(f.read("/any"));
  EXPECT_FALSE(f.gate_.permitNet(&f.cx, {"https://a.com:8443/x?y", "a.com", 8443}, "http_req"));
  ASSERT_EQ(f.lines.size(), 1u);
  EXPECT_NE(f.lines[0].find("try --permission https://a.com:8443"), std::string::npos);
}

TEST(Gate, HostileNamesMakeOneShortLine) {
  PermissionOptions options;
  options.read.allow = {"/in"};
  Fixture f(options);
  std::string name = "/x\n\x1b]0;t\x07" + std::string(5000, '\'');
  f.read(name.c_str());
  ASSERT_EQ(f.lines.size(), 1u);
  for (char c : f.lines[0]) EXPECT_GE(static_cast<unsigned char>(c), 0x20u);
  EXPECT_LT(f.lines[0].size(), 3000u);
}

TEST(Gate, EndlessDenialsAreCounted) {
  PermissionOptions options;
  options.read.allow = {"/in"};
  Fixture f(options);
  for (u32 i = 0; i < PermissionRecord::kMaxEntries + 500; ++i)
    EXPECT_FALSE(f.read(("/x" + std::to_string(i)).c_str()));
  EXPECT_EQ(f.lines.size(), PermissionRecord::kMaxEntries + 1);
  EXPECT_NE(f.gate_.record().explain().find("and 500 more accesses"), std::string::npos);
}

TEST(Gate, NewNamesNeedWhatTheyReveal) {
  PermissionOptions options;
  options.write.allowAll = true;
  options.read.allow = {"/pub"};
  Fixture f(options);
  auto renames = [&](const char* from, const char* to, bool directory) {
    return f.gate_.permitNewName(&f.cx, from, to, directory, "path_rename");
  };
  EXPECT_TRUE(renames("/pub/a", "/pub/b", false));
  EXPECT_TRUE(renames("/pub/a", "/out/a", false));
  EXPECT_TRUE(renames("/out/a", "/out/b", true));
  EXPECT_FALSE(renames("/out/a", "/pub/a", false));
  EXPECT_FALSE(renames("/pub/d", "/out/d", true)) << "an open descriptor would keep the old name";
  EXPECT_FALSE(renames("/", "/x", true)) << "something below it can be read";
}

TEST(Gate, OutputWaitsForTheQuestion) {
  // Two threads: one is asked, the other writes; what they do must not overlap.
  struct Shared {
    std::atomic<int> inside{0};
    std::atomic<bool> overlapped{false};
    void enter() {
      if (inside.fetch_add(1) != 0) overlapped = true;
    }
    void leave() { inside.fetch_sub(1); }
  };
  static Shared shared;
  class Watched final : public PromptTerminal {
   public:
    Watched() { shared.enter(); }
    ~Watched() override { shared.leave(); }
    Input discard() override {
      std::this_thread::yield();
      return Input::Ok;
    }
    Input line(std::string* out) override {
      for (int i = 0; i < 1000; ++i) std::this_thread::yield();
      *out = "y";
      return Input::Ok;
    }
    void write(std::string_view) override {}
    bool colours() const override { return false; }
    u32 columns() const override { return 0; }
  };
  PermissionGate gate(
      Fixture::policyOf(onTerminal()), false, [](void*, const std::string&) {}, nullptr,
      [](ExecCtx*) -> std::unique_ptr<PromptTerminal> { return std::make_unique<Watched>(); });
  std::atomic<bool> done{false};
  std::atomic<u64> writes{0};
  std::thread writer([&] {
    ExecCtx cx;
    while (!done.load()) {
      if (!gate.beginOutput(&cx)) continue;
      shared.enter();
      std::this_thread::yield();
      shared.leave();
      gate.endOutput();
      ++writes;
    }
  });
  ExecCtx cx;
  for (int i = 0; i < 30; ++i)
    EXPECT_TRUE(gate.permit(&cx, host::needs::kRead, "/p" + std::to_string(i), "path_open"));
  done = true;
  writer.join();
  EXPECT_FALSE(shared.overlapped.load());
  EXPECT_GT(writes.load(), 0u);
}

TEST(Record, FlagsAreTheFewestThatAllowWhatWasUsed) {
  PermissionRecord record;
  EXPECT_TRUE(record.flags().empty());
  record.used(Kind::Read, "/a/b", "path_open");
  record.used(Kind::Read, "/a", "fd_readdir");
  record.used(Kind::Read, "/ab", "path_open");
  record.used(Kind::Write, "/out/x,y/z", "path_open");
  record.used(Kind::Net, "h:80", "http_req");
  record.used(Kind::Cgi, "tool", "cgi_open");
  record.used(Kind::RunModel, "m", "llm_set_model");
  EXPECT_EQ(record.flags(), (std::vector<std::string>{"--allow-read=/a,/ab", "--allow-write=/out",
                                                      "--allow-net=h:80", "--allow-cgi=tool",
                                                      "--allow-run-model"}));
  EXPECT_EQ(allowFlag(Kind::Cgi, {"a,b"}), "--allow-cgi") << "no list can hold it";
}

TEST(Record, RenamesNeedReadsUnderFlags) {
  PermissionRecord record;
  record.used(Kind::Read, "/b", "path_open");
  record.renamed("/a", "/b", false);
  record.renamed("/z", "/a", false);
  record.renamed("/p", "/q", false);
  EXPECT_EQ(record.flags(), std::vector<std::string>{"--allow-read=/a,/b,/z"});
}

TEST(Record, TextAndJson) {
  PermissionRecord record;
  record.used(Kind::Read, "/a \"q\"", "path_open");
  record.used(Kind::Read, "/a \"q\"", "fd_read");
  record.used(Kind::Read, "/a \"q\"", "fd_read");
  record.denied(Kind::Write, "/b", "path_open", "not granted");
  EXPECT_EQ(record.explain(),
            "permissions used:\n"
            "  read \"/a \"q\"\" by path_open, fd_read, 3 times\n"
            "permissions denied:\n"
            "  write \"/b\" by path_open, once: not granted\n"
            "flags for what was used: '--allow-read=/a \"q\"'\n");
  EXPECT_EQ(record.json("x.wasm"),
            "{\"version\":1,\"program\":\"x.wasm\",\"used\":[\n"
            "  {\"kind\":\"read\",\"item\":\"/a \\\"q\\\"\",\"calls\":[\"path_open\",\"fd_read\"],"
            "\"times\":3}],\"denied\":[\n"
            "  {\"kind\":\"write\",\"item\":\"/b\",\"calls\":[\"path_open\"],\"times\":1,"
            "\"reason\":\"not granted\"}],\"flags\":[\"--allow-read=/a \\\"q\\\"\"],"
            "\"left_out\":0}\n");
  PermissionRecord odd;
  odd.used(Kind::Read, "/,{[{\\\"{", "path_open");
  EXPECT_NE(odd.json("").find("\"/,{[{\\\\\\\"{\""), std::string::npos) << odd.json("");
  EXPECT_EQ(PermissionRecord().explain(),
            "permissions used: nothing\npermissions denied: nothing\n"
            "flags for what was used: none\n");
}

}  // namespace
}  // namespace bls::permissions
