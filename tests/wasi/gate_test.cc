// Rules (host::AccessGate) as WASI calls ask them: what each call asks, with which name; names
// through handles, renumbering and links; nothing is touched when the answer is no.
#include <functional>
#include <map>

#include "engine/host/access_gate.h"
#include "engine/host/blocking_wait.h"
#include "tests/wasi/guest.h"

namespace bls::wasi {
namespace {

using namespace oflags;
constexpr u32 kFollow = lookupflags::kFollow;

// Keeps what was asked, as "read /a by path_open"; refuses names in `refused`, and what is below
// them.
class FakeGate final : public host::AccessGate {
 public:
  bool permit(ExecCtx*, u8 needs, std::string_view path, const char* operation) override {
    const char* what = needs == 1 ? "read " : needs == 2 ? "write " : "read+write ";
    asked.push_back(what + std::string(path) + " by " + operation);
    if (onAsk) onAsk();
    return !isRefused(path);
  }
  bool mayPass(u8, std::string_view path) override { return !isRefused(path); }
  bool permitNewName(ExecCtx*, std::string_view from, std::string_view to, bool directory,
                     const char* operation) override {
    asked.push_back(std::string("rename ") + (directory ? "directory " : "") + std::string(from) +
                    " to " + std::string(to) + " by " + operation);
    return renames;
  }
  bool permitNet(ExecCtx*, const host::NetTarget&, const char*) override { return false; }
  bool permitAddress(ExecCtx*, const host::NetTarget&, std::string_view, const char*) override {
    return false;
  }
  bool permitCgi(ExecCtx*, std::string_view, const char*) override { return false; }
  bool permitRunModel(ExecCtx*, std::string_view, const char*) override { return false; }
  bool beginOutput(ExecCtx*) override {
    ++begun;
    ++outputs;
    return true;
  }
  void endOutput() override { --outputs; }

  bool isRefused(std::string_view path) const {
    for (const std::string& name : refused) {
      if (path == name || path.starts_with(name + "/")) return true;
    }
    return false;
  }
  std::vector<std::string> take() { return std::exchange(asked, {}); }

  std::vector<std::string> asked;
  std::vector<std::string> refused;
  std::function<void()> onAsk;
  bool renames = true;
  int begun = 0;
  int outputs = 0;
};

using Asked = std::vector<std::string>;

class WasiGate : public testing::Test {
 protected:
  void SetUp() override {
    dir.dir("d");
    dir.dir("d/e");
    dir.dir("secret");
    dir.write("f", "text");
    dir.write("d/f", "deep");
    dir.write("secret/key", "key");
    dir.link("f", "lf");
    dir.link("../secret", "d/out");
    dir.link("../secret/key", "d/keylink");
    dir.link("../secret/new", "d/newlink");
    ContextConfig config = Guest::withDir(dir);
    config.preopens[0].guestPath = "root_fs";
    config.gate = &gate;
    guest_.emplace(std::move(config));
  }
  Guest& g() { return *guest_; }
  Errno setTimes(std::string_view path, u32 lookup = 0) {
    g().resetAllocator();
    return g().call("path_filestat_set_times", 3, lookup, g().put(path), path.size(), u64{5},
                    u64{5}, fstflags::kAtim | fstflags::kMtim);
  }
  TempDir dir;
  FakeGate gate;

 private:
  std::optional<Guest> guest_;
};

TEST_F(WasiGate, OpenAsksForWhatItOpensFor) {
  struct Row {
    u32 flags;
    u64 rights;
    u32 fdflags;
    const char* needs;
  };
  for (const Row& row : std::vector<Row>{{0, kRead, 0, "read"},
                                         {0, 0, 0, "read"},
                                         {kDirectory, 0, 0, "read"},
                                         {0, kWrite, 0, "write"},
                                         {0, kRead | kWrite, 0, "read+write"},
                                         {kCreat, kRead, 0, "read+write"},
                                         {kCreat, 0, 0, "read+write"},
                                         {kCreat, kWrite, 0, "write"},
                                         {kTrunc, kWrite, 0, "write"},
                                         {0, kRead, fdflags::kAppend, "read+write"}}) {
    auto opened = g().open(3, "f", row.flags, row.rights, 0, row.fdflags);
    if (opened.error == Errno::Success) g().call("fd_close", opened.fd);
    EXPECT_EQ(gate.take(), Asked{std::string(row.needs) + " /root_fs/f by path_open"});
  }
}

TEST_F(WasiGate, EveryPathCallAsks) {
  g().stat(3, "d/./f");
  EXPECT_EQ(gate.take(), Asked{"read /root_fs/d/f by path_filestat_get"});
  g().readlink(3, "lf");
  EXPECT_EQ(gate.take(), Asked{"read /root_fs/lf by path_readlink"});
  g().path1("path_create_directory", 3, "new");
  EXPECT_EQ(gate.take(), Asked{"write /root_fs/new by path_create_directory"});
  g().path1("path_remove_directory", 3, "new");
  EXPECT_EQ(gate.take(), Asked{"write /root_fs/new by path_remove_directory"});
  g().symlink("whatever", 3, "sl");
  EXPECT_EQ(gate.take(), Asked{"write /root_fs/sl by path_symlink"});
  g().path1("path_unlink_file", 3, "sl");
  EXPECT_EQ(gate.take(), Asked{"write /root_fs/sl by path_unlink_file"});
  EXPECT_EQ(setTimes("f"), Errno::Success);
  EXPECT_EQ(gate.take(), Asked{"write /root_fs/f by path_filestat_set_times"});
  EXPECT_EQ(g().path2("path_link", 3, "f", 3, "f2"), Errno::Success);
  EXPECT_EQ(gate.take(), (Asked{"write /root_fs/f by path_link", "write /root_fs/f2 by path_link",
                                "rename /root_fs/f to /root_fs/f2 by path_link"}));
  EXPECT_EQ(g().path2("path_rename", 3, "f2", 3, "f3"), Errno::Success);
  EXPECT_EQ(gate.take(),
            (Asked{"write /root_fs/f2 by path_rename", "write /root_fs/f3 by path_rename",
                   "rename /root_fs/f2 to /root_fs/f3 by path_rename"}));
  EXPECT_EQ(g().path2("path_rename", 3, "d/e", 3, "e"), Errno::Success);
  EXPECT_EQ(gate.take().back(), "rename directory /root_fs/d/e to /root_fs/e by path_rename");
}

TEST_F(WasiGate, EveryUseOfAFileAsks) {
  u32 fd = g().open(3, "f", 0, kRead | kWrite).fd;
  gate.take();
  g().read(fd);
  EXPECT_EQ(gate.take(), Asked{"read /root_fs/f by fd_read"});
  g().write(fd, "x");
  EXPECT_EQ(gate.take(), Asked{"write /root_fs/f by fd_write"});
  g().fstat(fd);
  EXPECT_EQ(gate.take(), Asked{"read /root_fs/f by fd_filestat_get"});
  u32 out = g().alloc(8);
  u32 list = g().iovs({{g().alloc(4), 4}});
  g().call("fd_pread", fd, list, 1, u64{0}, out);
  EXPECT_EQ(gate.take(), Asked{"read /root_fs/f by fd_pread"});
  g().call("fd_pwrite", fd, list, 1, u64{0}, out);
  EXPECT_EQ(gate.take(), Asked{"write /root_fs/f by fd_pwrite"});
  g().call("fd_filestat_set_size", fd, u64{2});
  EXPECT_EQ(gate.take(), Asked{"write /root_fs/f by fd_filestat_set_size"});
  g().call("fd_allocate", fd, u64{0}, u64{2});
  EXPECT_EQ(gate.take(), Asked{"write /root_fs/f by fd_allocate"});
  g().call("fd_filestat_set_times", fd, u64{5}, u64{5}, fstflags::kAtim);
  EXPECT_EQ(gate.take(), Asked{"write /root_fs/f by fd_filestat_set_times"});
  g().call("fd_readdir", 3, g().alloc(64), 64, u64{0}, out);
  EXPECT_EQ(gate.take(), Asked{"read /root_fs by fd_readdir"});
  for (const char* name : {"fd_sync", "fd_datasync", "fd_close"}) g().call(name, fd);
  EXPECT_EQ(gate.take(), Asked{}) << "these neither read nor change";
}

TEST_F(WasiGate, RefusedUsesOfAnOpenFileDoNothing) {
  u32 fd = g().open(3, "f", 0, kRead | kWrite).fd;
  u32 d = g().open(3, "d", kDirectory, 0).fd;
  gate.refused = {"/root_fs"};
  EXPECT_EQ(g().read(fd), "<Perm>");
  EXPECT_EQ(g().write(fd, "changed"), Errno::Perm);
  const u32 data = g().alloc(8), out = g().alloc(8), list = g().iovs({{data, 4}});
  EXPECT_EQ(g().call("fd_pread", fd, list, 1, u64{0}, out), Errno::Perm);
  EXPECT_EQ(g().call("fd_pwrite", fd, list, 1, u64{0}, out), Errno::Perm);
  EXPECT_EQ(g().fstat(fd).error, Errno::Perm);
  EXPECT_EQ(g().fstat(3).error, Errno::Perm);
  EXPECT_EQ(g().call("fd_filestat_set_size", fd, u64{0}), Errno::Perm);
  EXPECT_EQ(g().call("fd_allocate", fd, u64{0}, u64{100}), Errno::Perm);
  EXPECT_EQ(g().call("fd_filestat_set_times", fd, u64{5}, u64{5}, fstflags::kAtim), Errno::Perm);
  EXPECT_EQ(g().call("fd_readdir", d, g().alloc(64), 64, u64{0}, g().alloc(4)), Errno::Perm);
  EXPECT_EQ(dir.read("f"), "text");
  gate.refused.clear();
  EXPECT_EQ(g().read(fd), "text") << "nothing was consumed";
}

TEST_F(WasiGate, NamesGoThroughHandlesAndNumbers) {
  u32 d = g().open(3, "d", kDirectory, 0).fd;
  u32 e = g().open(d, "e/../e/.", kDirectory, 0).fd;
  gate.take();
  g().tryOpen(e, "x", kCreat, kWrite);
  EXPECT_EQ(gate.take(), Asked{"write /root_fs/d/e/x by path_open"});
  u32 f = g().open(d, "f", 0, kRead).fd;
  gate.take();
  EXPECT_EQ(g().call("fd_renumber", f, e), Errno::Success);
  g().read(e);
  EXPECT_EQ(gate.take(), Asked{"read /root_fs/d/f by fd_read"});
  EXPECT_EQ(g().call("fd_renumber", d, 3), Errno::Success);
  g().stat(3, "e");
  EXPECT_EQ(gate.take(), Asked{"read /root_fs/d/e by path_filestat_get"});
}

TEST_F(WasiGate, ARefusalComesBeforeTheFileSystem) {
  gate.refused = {"/root_fs"};
  EXPECT_EQ(g().tryOpen(3, "missing"), Errno::Perm);
  EXPECT_EQ(g().stat(3, "f/x").error, Errno::Perm);
  EXPECT_EQ(g().tryOpen(3, "new", kCreat, kWrite), Errno::Perm);
  EXPECT_EQ(g().tryOpen(3, "f", kTrunc, kWrite), Errno::Perm);
  EXPECT_EQ(g().path1("path_create_directory", 3, "new"), Errno::Perm);
  EXPECT_EQ(g().path1("path_unlink_file", 3, "f"), Errno::Perm);
  EXPECT_EQ(g().path1("path_remove_directory", 3, "d/e"), Errno::Perm);
  EXPECT_EQ(g().path2("path_rename", 3, "f", 3, "g"), Errno::Perm);
  EXPECT_EQ(g().path2("path_link", 3, "f", 3, "g"), Errno::Perm);
  EXPECT_EQ(g().symlink("x", 3, "g"), Errno::Perm);
  EXPECT_EQ(setTimes("f"), Errno::Perm);
  EXPECT_EQ(g().readlink(3, "lf"), "<Perm>");
  EXPECT_EQ(dir.read("f"), "text");
  EXPECT_FALSE(dir.exists("new"));
  EXPECT_FALSE(dir.exists("g"));
  EXPECT_TRUE(dir.exists("d/e"));
}

TEST_F(WasiGate, BothEndsCount) {
  gate.refused = {"/root_fs/secret"};
  EXPECT_EQ(g().path2("path_rename", 3, "f", 3, "secret/f"), Errno::Perm);
  EXPECT_EQ(g().path2("path_rename", 3, "secret/key", 3, "key"), Errno::Perm);
  EXPECT_EQ(g().path2("path_link", 3, "f", 3, "secret/f"), Errno::Perm);
  EXPECT_EQ(g().path2("path_link", 3, "secret/key", 3, "key"), Errno::Perm);
  gate.renames = false;
  EXPECT_EQ(g().path2("path_rename", 3, "f", 3, "g"), Errno::Perm);
  EXPECT_EQ(g().path2("path_link", 3, "f", 3, "g"), Errno::Perm);
  EXPECT_EQ(dir.read("f"), "text");
  EXPECT_FALSE(dir.exists("secret/f"));
  EXPECT_FALSE(dir.exists("key"));
  EXPECT_FALSE(dir.exists("g"));
}

TEST_F(WasiGate, LinksAreAskedForUnderBothNames) {
  EXPECT_EQ(g().readFile(3, "d/keylink", kFollow), "key");
  EXPECT_EQ(gate.take(),
            (Asked{"read /root_fs/d/keylink by path_open", "read /root_fs/secret/key by path_open",
                   "read /root_fs/secret/key by fd_read"}));
  EXPECT_EQ(g().readFile(3, "d/out/key"), "key");
  EXPECT_EQ(gate.take()[1], "read /root_fs/secret/key by path_open");
  EXPECT_EQ(g().readFile(3, "d/out/../f"), "text") << ".. is where the link leads";
  EXPECT_EQ(gate.take(), (Asked{"read /root_fs/d/f by path_open", "read /root_fs/f by path_open",
                                "read /root_fs/f by fd_read"}));
  g().stat(3, "d/keylink");
  EXPECT_EQ(gate.take(), Asked{"read /root_fs/d/keylink by path_filestat_get"})
      << "the link itself";
}

TEST_F(WasiGate, LinksGiveNoAccess) {
  gate.refused = {"/root_fs/secret"};
  EXPECT_EQ(g().readFile(3, "d/keylink", kFollow), "<Perm>");
  EXPECT_EQ(g().readFile(3, "d/out/key"), "<Perm>");
  EXPECT_EQ(g().readFile(3, "d/out/nothing"), "<Perm>") << "nor tell what is there";
  EXPECT_EQ(g().tryOpen(3, "d/out", kDirectory, 0, kFollow), Errno::Perm);
  EXPECT_EQ(g().tryOpen(3, "d/out/", kDirectory, 0), Errno::Perm);
  EXPECT_EQ(g().stat(3, "d/keylink", kFollow).error, Errno::Perm);
  EXPECT_EQ(setTimes("d/keylink", kFollow), Errno::Perm);
  EXPECT_EQ(g().tryOpen(3, "d/newlink", kCreat, kWrite, kFollow), Errno::Perm);
  EXPECT_EQ(g().tryOpen(3, "d/keylink", kTrunc, kWrite, kFollow), Errno::Perm);
  EXPECT_EQ(g().path1("path_unlink_file", 3, "d/out/key"), Errno::Perm);
  EXPECT_EQ(g().path1("path_create_directory", 3, "d/out/new"), Errno::Perm);
  EXPECT_EQ(g().path2("path_rename", 3, "f", 3, "d/out/f"), Errno::Perm);
  EXPECT_EQ(g().readFile(3, "secret/../f"), "<Perm>") << "not even to come back";
  EXPECT_EQ(dir.read("secret/key"), "key");
  EXPECT_FALSE(dir.exists("secret/new"));
  // The guest's own link.
  EXPECT_EQ(g().symlink("secret/key", 3, "mine"), Errno::Success);
  EXPECT_EQ(g().readFile(3, "mine", kFollow), "<Perm>");
  // A handle opened through an allowed link carries the name of what it is.
  gate.refused.clear();
  u32 out = g().open(3, "d/out", kDirectory, 0, kFollow).fd;
  gate.refused = {"/root_fs/secret"};
  EXPECT_EQ(g().readFile(out, "key"), "<Perm>");
}

TEST_F(WasiGate, WhatReplacesANameMeanwhileIsNotFollowed) {
  gate.onAsk = [this] {
    (void)::unlink((dir / "f").c_str());
    (void)::symlink("secret/key", (dir / "f").c_str());
    (void)::unlink((dir / "d/f").c_str());
    (void)::symlink("../secret/key", (dir / "d/f").c_str());
  };
  gate.refused = {"/root_fs/secret"};
  EXPECT_EQ(g().readFile(3, "f"), "<Loop>");
  // Here the answer to the second question came before the swap could be seen by the walk.
  dir.write("h", "x");
  int count = 0;
  gate.onAsk = [&] {
    if (++count == 1) return;
    (void)::unlink((dir / "h").c_str());
    (void)::symlink("secret/key", (dir / "h").c_str());
  };
  EXPECT_EQ(g().readFile(3, "./d/out/../h", kFollow), "<Perm>");
  EXPECT_EQ(g().tryOpen(3, "h", kTrunc, kWrite, kFollow) == Errno::Success, false);
  EXPECT_EQ(dir.read("secret/key"), "key");
}

TEST_F(WasiGate, AnInterruptWhileAskingEndsTheCall) {
  gate.refused = {"/root_fs/f"};
  gate.onAsk = [this] { g().requestInterrupt(Trap::TimeLimit); };
  g().resetAllocator();
  EXPECT_EQ(g().trap("path_open", 3, 0, g().put("f"), 1, 0, kRead, u64{0}, 0, g().alloc(4)),
            Trap::TimeLimit);
}

TEST(WasiGateStreams, OutputTakesTurnsAndHasNoName) {
  FakeGate gate;
  gate.refused = {"/"};
  int pipes[2];
  ASSERT_EQ(::pipe(pipes), 0);
  ContextConfig config = Guest::quiet();
  config.out = Stdio::fromFd(pipes[1]);
  config.gate = &gate;
  {
    Guest g(std::move(config));
    EXPECT_EQ(g.write(1, "abc"), Errno::Success);
    EXPECT_EQ(g.fstat(1).error, Errno::Success);
  }
  EXPECT_EQ(gate.asked, Asked{});
  EXPECT_EQ(gate.begun, 1);
  EXPECT_EQ(gate.outputs, 0);
  ::close(pipes[0]);
  ::close(pipes[1]);
}

}  // namespace
}  // namespace bls::wasi
