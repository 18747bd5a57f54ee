// Nothing outside a grant is read or written: the escape corpus, read-only grants against every
// call, transfers between grants, and a racing process that swaps files, directories and links
// while the guest works. Both resolvers.
#include <signal.h>
#include <sys/wait.h>

#include "tests/wasi/guest.h"

namespace bls::wasi {
namespace {

using namespace oflags;
constexpr u32 kFollow = lookupflags::kFollow;
constexpr const char* kCanary = "CANARY-outside-the-grant";

// parent/                 outside: holds secret, victim-dir/inner
// parent/grant/           the grant
class WasiEscape : public testing::TestWithParam<PathResolver> {
 protected:
  void SetUp() override {
    parent.dir("grant");
    parent.dir("outside");
    parent.write("secret", kCanary);
    parent.write("outside/inner", kCanary);
    parent.dir("grant/sub");
    parent.write("grant/in", "inside");
    Diagnostics diag;
    config_ = Guest::quiet();
    config_.preopens.push_back({parent / "grant", "/", true, true});
    config_.resolver = GetParam();
    guest_.emplace(std::move(config_));
    if (GetParam() == PathResolver::Openat2 && g().open(3, "in", 0, kRead).error == Errno::NoSys)
      GTEST_SKIP();
  }
  void TearDown() override {
    EXPECT_EQ(parent.read("secret"), kCanary);
    EXPECT_EQ(parent.read("outside/inner"), kCanary);
    EXPECT_FALSE(parent.exists("planted"));
    EXPECT_FALSE(parent.exists("outside/planted"));
  }
  Guest& g() { return *guest_; }

  // Tries everything on one path; nothing may succeed in reading the canary or in making or
  // changing something outside.
  void attack(const std::string& path) {
    SCOPED_TRACE(path);
    for (u32 lookup : {0u, kFollow}) {
      for (u32 flags : {0u, kCreat, kTrunc, kCreat | kExcl, kCreat | kTrunc, kDirectory}) {
        for (u64 mode : {u64{0}, kRead, kWrite, kRead | kWrite}) {
          auto opened = g().open(3, path, flags, mode, lookup);
          if (opened.error != Errno::Success) continue;
          EXPECT_NE(g().read(opened.fd), kCanary);
          g().call("fd_close", opened.fd);
        }
      }
      EXPECT_NE(g().stat(3, path, lookup).size, std::string(kCanary).size());
      g().resetAllocator();
      g().call("path_filestat_set_times", 3, lookup, g().put(path), path.size(), u64{1}, u64{1}, 5);
    }
    g().path1("path_create_directory", 3, path + "/planted");
    g().symlink("x", 3, path + "/planted");
    g().path2("path_link", 3, "in", 3, path + "/planted");
    g().path2("path_rename", 3, "in", 3, path + "/planted");
    g().path2("path_link", 3, path, 3, "stolen");
    EXPECT_NE(g().readFile(3, "stolen"), kCanary);
    g().path1("path_unlink_file", 3, "stolen");
    g().path1("path_unlink_file", 3, path + "/inner");
    g().path1("path_remove_directory", 3, path);
    struct stat info;
    ASSERT_EQ(stat((parent / "secret").c_str(), &info), 0);
    EXPECT_NE(info.st_mtim.tv_nsec, 1);
  }

  TempDir parent;

 private:
  ContextConfig config_;
  std::optional<Guest> guest_;
};

std::string resolverName(const testing::TestParamInfo<PathResolver>& info) {
  return info.param == PathResolver::Manual ? "manual" : "openat2";
}
INSTANTIATE_TEST_SUITE_P(Resolvers, WasiEscape,
                         testing::Values(PathResolver::Openat2, PathResolver::Manual),
                         resolverName);

TEST_P(WasiEscape, DotDotBelowZeroIsRefusedEvenWhenItComesBack) {
  EXPECT_EQ(g().tryOpen(3, ".."), Errno::Perm);
  EXPECT_EQ(g().tryOpen(3, "../grant/in"), Errno::Perm);
  EXPECT_EQ(g().tryOpen(3, "sub/../../grant/in"), Errno::Perm);
  EXPECT_EQ(g().tryOpen(3, "sub/../in"), Errno::Success);
  EXPECT_EQ(g().tryOpen(3, "./.././secret"), Errno::Perm);
  EXPECT_EQ(g().tryOpen(3, "none/../../secret"), Errno::NoEnt)
      << "a missing component ends it first";
  for (const char* path : {"../secret", "sub/../../secret", "..//secret", "../outside",
                           "..///outside///", "sub/../../outside/"}) {
    attack(path);
  }
  EXPECT_EQ(g().stat(3, "..").error, Errno::Perm);
  EXPECT_EQ(g().stat(3, "../", kFollow).error, Errno::Perm);
  EXPECT_EQ(g().readlink(3, "../secret"), "<Perm>");
}

TEST_P(WasiEscape, AbsolutePathsAndLinksAreRefusedAtEveryPosition) {
  std::string outside = parent / "outside";
  std::string inside = parent / "grant/sub";
  parent.link(outside, "grant/abs");
  parent.link(outside + "/", "grant/abs-slash");
  parent.link(inside, "grant/abs-inside");
  parent.link(parent / "secret", "grant/abs-file");
  parent.link("abs", "grant/to-abs");
  parent.link("/", "grant/root");
  attack(outside);
  attack(parent / "secret");
  for (const char* path :
       {"abs", "abs/inner", "abs/", "abs-slash", "abs-slash/inner", "abs-file", "to-abs/inner",
        "to-abs/", "root", "root/etc/passwd", "sub/../abs/inner"}) {
    attack(path);
  }
  EXPECT_EQ(g().readFile(3, "abs/inner"), "<Perm>");
  EXPECT_EQ(g().readFile(3, "abs-file", kFollow), "<Perm>");
  EXPECT_EQ(g().tryOpen(3, "abs-inside", kDirectory, 0, kFollow), Errno::Perm)
      << "also when it points back inside";
  EXPECT_EQ(g().tryOpen(3, "abs-inside/", kDirectory, 0), Errno::Perm);
  EXPECT_EQ(g().stat(3, "abs-file", kFollow).error, Errno::Perm);
  EXPECT_EQ(g().stat(3, "abs-file").type, static_cast<u8>(FileType::SymbolicLink));
}

TEST_P(WasiEscape, ClimbingLinksAreRefusedAtEveryPosition) {
  parent.link("../secret", "grant/up-file");
  parent.link("../outside", "grant/up");
  parent.link("../outside/", "grant/up-slash");
  parent.link("..///outside///", "grant/up-slashes");
  parent.link("sub/../../outside", "grant/roundabout");
  parent.link("../../outside", "grant/sub/up2");
  parent.link("..", "grant/parent");
  parent.link("../", "grant/parent-slash");
  parent.link("up", "grant/to-up");
  parent.link("up/", "grant/to-up-slash");
  parent.link("../grant/in", "grant/back");
  for (const char* path :
       {"up-file",        "up",         "up/",           "up/inner",          "up-slash",
        "up-slash/inner", "up-slashes", "up-slashes/",   "roundabout/inner",  "sub/up2/inner",
        "sub/up2/",       "parent",     "parent/secret", "parent/",           "parent-slash/secret",
        "to-up/inner",    "to-up/",     "to-up-slash",   "to-up-slash/inner", "parent/grant/in"}) {
    attack(path);
  }
  EXPECT_EQ(g().readFile(3, "up-file", kFollow), "<Perm>");
  EXPECT_EQ(g().readFile(3, "back", kFollow), "<Perm>");
  EXPECT_EQ(g().tryOpen(3, "up/", kDirectory, 0), Errno::Perm);
  EXPECT_EQ(g().tryOpen(3, "up-slash", kDirectory, 0, kFollow), Errno::Perm);
  EXPECT_EQ(g().tryOpen(3, "up-file", kCreat | kTrunc, kWrite, kFollow), Errno::Perm);
}

TEST_P(WasiEscape, DanglingLinkOutsideIsNotCreatedThrough) {
  parent.link("../planted", "grant/plant");
  EXPECT_EQ(g().tryOpen(3, "plant", kCreat, kWrite, kFollow), Errno::Perm);
  EXPECT_EQ(g().tryOpen(3, "plant", kCreat, kWrite), Errno::Loop);
  attack("plant");
}

TEST_P(WasiEscape, DanglingLinksOutsideAtEveryPosition) {
  parent.link("../planted", "grant/plant");
  parent.link("../planted/", "grant/plant-slash");
  parent.link("../../planted", "grant/sub/plant2");
  parent.link(parent / "planted", "grant/plant-abs");
  parent.link("plant", "grant/to-plant");
  parent.link("../nowhere/deep", "grant/nowhere");
  for (const char* path :
       {"plant/", "plant/x", "plant///", "plant-slash", "plant-slash/", "sub/plant2", "sub/plant2/",
        "sub/plant2/x", "plant-abs", "plant-abs/", "plant-abs/x", "to-plant", "to-plant/",
        "nowhere", "nowhere/", "nowhere/x", "./sub/../plant/"}) {
    attack(path);
  }
  EXPECT_FALSE(parent.exists("nowhere"));
}

TEST_P(WasiEscape, RelativeLinkMovedToAnotherDepthStaysConfined) {
  EXPECT_EQ(g().path1("path_create_directory", 3, "sub/deep"), Errno::Success);
  EXPECT_EQ(g().symlink("../../in", 3, "sub/deep/l"), Errno::Success);
  EXPECT_EQ(g().readFile(3, "sub/deep/l", kFollow), "inside");
  EXPECT_EQ(g().path2("path_rename", 3, "sub/deep/l", 3, "l"), Errno::Success);
  EXPECT_EQ(g().readFile(3, "l", kFollow), "<Perm>");
  EXPECT_EQ(g().symlink("../secret", 3, "sub/s"), Errno::Success);
  EXPECT_EQ(g().readFile(3, "sub/s", kFollow), "<NoEnt>");
  EXPECT_EQ(g().path2("path_rename", 3, "sub/s", 3, "s"), Errno::Success);
  EXPECT_EQ(g().readFile(3, "s", kFollow), "<Perm>");
  attack("s");
}

TEST_P(WasiEscape, DirectoryMovedOutsideDoesNotTakeTheGuestAlong) {
  u32 sub = g().open(3, "sub", kDirectory, 0).fd;
  ASSERT_EQ(rename((parent / "grant/sub").c_str(), (parent / "outside/sub").c_str()), 0);
  EXPECT_EQ(g().tryOpen(sub, "../inner"), Errno::Perm);
  EXPECT_EQ(g().tryOpen(sub, ".."), Errno::Perm);
}

// --- Two grants ---

// parent/grant is descriptor 3, parent/other/deep is descriptor 4: both may read and write.
class WasiTwoGrants : public WasiEscape {
 protected:
  void SetUp() override {
    WasiEscape::SetUp();
    if (IsSkipped()) return;
    parent.dir("other");
    parent.dir("other/deep");
    parent.write("other/near", kCanary);
    parent.write("other/deep/mine", "of the other");
    ContextConfig config = Guest::quiet();
    config.preopens.push_back({parent / "grant", "/", true, true});
    config.preopens.push_back({parent / "other/deep", "/other", true, true});
    config.resolver = GetParam();
    both_.emplace(std::move(config));
  }
  void TearDown() override {
    WasiEscape::TearDown();
    EXPECT_TRUE(IsSkipped() || parent.read("other/near") == kCanary);
    EXPECT_FALSE(parent.exists("other/planted"));
  }
  Guest& two() { return *both_; }

 private:
  std::optional<Guest> both_;
};
INSTANTIATE_TEST_SUITE_P(Resolvers, WasiTwoGrants,
                         testing::Values(PathResolver::Openat2, PathResolver::Manual),
                         resolverName);

// Names that leave their grant, as source and as target of both calls, in both directions.
TEST_P(WasiTwoGrants, NothingMovesFromOrToTheOutside) {
  parent.link("../outside", "grant/up");
  parent.link("../secret", "grant/up-file");
  parent.link(parent / "outside", "grant/abs");
  parent.link("../../outside", "other/deep/up");
  parent.link("../near", "other/deep/up-file");
  parent.link(parent / "outside", "other/deep/abs");
  const std::string absolute = parent / "outside/inner";
  const std::string sources[] = {
      "../secret", "../other/near",    "../near",     "up/inner",  "up/../secret", "abs/inner",
      absolute,    "../outside/inner", "./../secret", "up/inner/", "../outside/",  "up/",
      "abs/",      "sub/../../secret"};
  const std::string targets[] = {"../planted",     "../outside/planted", "up/planted",
                                 "abs/planted",    "up/planted/",        "../planted/",
                                 "up/../planted",  parent / "planted",   "sub/../../planted",
                                 "up-file/planted"};
  for (auto [from, to] : {std::pair<u32, u32>{3, 4}, std::pair<u32, u32>{4, 3}}) {
    for (const char* call : {"path_link", "path_rename"}) {
      for (const std::string& source : sources) {
        EXPECT_NE(two().path2(call, from, source, to, "stolen"), Errno::Success)
            << call << " " << source;
        EXPECT_EQ(two().stat(to, "stolen").error, Errno::NoEnt) << call << " " << source;
      }
      const char* own = from == 3 ? "in" : "mine";
      for (const std::string& target : targets) {
        EXPECT_NE(two().path2(call, from, own, to, target), Errno::Success)
            << call << " " << target;
        EXPECT_EQ(two().stat(from, own).error, Errno::Success) << call << " " << target;
      }
    }
  }
  // What is followed is the link itself, never what it points to.
  EXPECT_EQ(two().path2("path_link", 3, "up-file", 4, "linked"), Errno::Success);
  EXPECT_EQ(two().path2("path_rename", 3, "up-file", 4, "moved"), Errno::Success);
  for (const char* name : {"linked", "moved"}) {
    EXPECT_EQ(two().readlink(4, name), "../secret");
    EXPECT_EQ(two().readFile(4, name, kFollow), "<Perm>");
    EXPECT_EQ(two().tryOpen(4, name, kCreat | kTrunc, kWrite, kFollow), Errno::Perm);
  }
}

// A link that stays inside where it was made climbs out where it is carried to, alone, in a
// directory, or as a hard link.
TEST_P(WasiTwoGrants, LinksCarriedAcrossStayConfined) {
  EXPECT_EQ(two().symlink("../near", 3, "sub/l"), Errno::Success);
  EXPECT_EQ(two().readFile(3, "sub/l", kFollow), "<NoEnt>");
  EXPECT_EQ(two().path2("path_link", 3, "sub/l", 4, "hard"), Errno::Success);
  EXPECT_EQ(two().path1("path_create_directory", 3, "sub/box"), Errno::Success);
  EXPECT_EQ(two().symlink("../../near", 3, "sub/box/l"), Errno::Success);
  EXPECT_EQ(two().path2("path_rename", 3, "sub/box", 4, "box"), Errno::Success);
  EXPECT_EQ(two().path2("path_rename", 3, "sub/l", 4, "l"), Errno::Success);
  for (const char* name : {"hard", "l", "box/l"}) {
    EXPECT_EQ(two().readFile(4, name, kFollow), "<Perm>") << name;
    EXPECT_EQ(two().stat(4, name, kFollow).error, Errno::Perm) << name;
    EXPECT_EQ(two().tryOpen(4, name, kCreat | kTrunc, kWrite, kFollow), Errno::Perm) << name;
  }
}

// A directory that is open while it changes its grant leads nowhere else by `..`.
TEST_P(WasiTwoGrants, OpenDirectoriesDoNotLeadOutAfterAMove) {
  const u32 sub = two().open(3, "sub", kDirectory, 0).fd;
  EXPECT_EQ(two().path2("path_rename", 3, "sub", 4, "sub"), Errno::Success);
  for (const char* path : {"..", "../mine", "../../near", "../in", "../../../secret"})
    EXPECT_EQ(two().tryOpen(sub, path), Errno::Perm) << path;
  EXPECT_EQ(two().path2("path_rename", 3, "in", sub, "../planted"), Errno::Perm);
  EXPECT_EQ(two().path2("path_link", sub, "../../near", 3, "stolen"), Errno::Perm);
}

// --- Read-only grants ---

class WasiReadOnly : public WasiEscape {};
INSTANTIATE_TEST_SUITE_P(Resolvers, WasiReadOnly,
                         testing::Values(PathResolver::Openat2, PathResolver::Manual),
                         resolverName);

TEST_P(WasiReadOnly, EveryModifyingCallIsRefused) {
  TempDir dir;
  dir.write("f", "content");
  dir.dir("d");
  dir.dir("d/empty");
  dir.write("d/g", "nested");
  dir.link("f", "l");
  struct stat before, after;
  ASSERT_EQ(stat((dir / "f").c_str(), &before), 0);
  Guest ro(Guest::withDir(dir, GetParam(), false));
  u32 sub = ro.open(3, "d", kDirectory, kRead).fd;
  u32 file = ro.open(3, "f", 0, kRead).fd;
  EXPECT_EQ(ro.read(file), "content");
  for (u32 base : {3u, sub}) {
    const char* name = base == 3 ? "f" : "g";
    for (u64 mode : {kWrite, kRead | kWrite}) {
      for (u32 flags : {0u, kTrunc, kCreat, kCreat | kTrunc, kCreat | kExcl}) {
        for (u32 lookup : {0u, kFollow})
          EXPECT_EQ(ro.tryOpen(base, name, flags, mode, lookup), Errno::Perm);
      }
    }
    EXPECT_EQ(ro.tryOpen(base, "new", kCreat, kRead), Errno::Perm);
    EXPECT_EQ(ro.tryOpen(base, name, kCreat, kRead), Errno::Perm);
    EXPECT_EQ(ro.path1("path_create_directory", base, "new"), Errno::Perm);
    EXPECT_EQ(ro.path1("path_unlink_file", base, name), Errno::Perm);
    EXPECT_EQ(ro.path1("path_remove_directory", base, base == 3 ? "d/empty" : "empty"),
              Errno::Perm);
    EXPECT_EQ(ro.symlink("x", base, "new"), Errno::Perm);
    EXPECT_EQ(ro.path2("path_link", base, name, base, "new"), Errno::Perm);
    EXPECT_EQ(ro.path2("path_rename", base, name, base, "new"), Errno::Perm);
    u32 path = ro.put(name);
    EXPECT_EQ(ro.call("path_filestat_set_times", base, 0, path, 1, u64{1}, u64{1}, 5), Errno::Perm);
    EXPECT_EQ(ro.call("path_filestat_set_times", base, 1, path, 1, u64{1}, u64{1}, 10),
              Errno::Perm);
    EXPECT_EQ(ro.call("fd_filestat_set_times", base, u64{1}, u64{1}, 5), Errno::Perm);
  }
  EXPECT_EQ(ro.write(file, "overwritten"), Errno::Badf);
  EXPECT_EQ(ro.call("fd_pwrite", file, ro.iovs({{64, 4}}), 1, u64{0}, 32), Errno::Badf);
  EXPECT_EQ(ro.call("fd_filestat_set_size", file, u64{0}), Errno::Badf);
  EXPECT_EQ(ro.call("fd_allocate", file, u64{0}, u64{100}), Errno::Badf);
  EXPECT_EQ(ro.call("fd_filestat_set_times", file, u64{1}, u64{1}, 5), Errno::Perm);
  EXPECT_EQ(ro.call("fd_renumber", file, 1), Errno::Success);
  EXPECT_EQ(ro.write(1, "x"), Errno::Badf) << "rights move along";
  EXPECT_EQ(dir.read("f"), "content");
  EXPECT_EQ(dir.read("d/g"), "nested");
  EXPECT_FALSE(dir.exists("new") || dir.exists("d/new"));
  EXPECT_TRUE(dir.exists("d/empty"));
  ASSERT_EQ(stat((dir / "f").c_str(), &after), 0);
  EXPECT_EQ(before.st_mtim.tv_nsec, after.st_mtim.tv_nsec);
  EXPECT_EQ(before.st_nlink, after.st_nlink);
}

TEST_P(WasiReadOnly, NothingMovesBetweenGrantsOfDifferentRights) {
  TempDir a, b, c;
  a.write("ro-file", "read only");
  a.dir("ro-dir");
  b.write("rw-file", "writable");
  ContextConfig config = Guest::withDir(a, GetParam(), false);
  config.preopens.push_back({b.path(), "/rw", true, true});
  config.preopens.push_back({c.path(), "/drop", false, true});
  Guest guest(std::move(config));
  for (const char* call : {"path_link", "path_rename"}) {
    EXPECT_EQ(guest.path2(call, 3, "ro-file", 4, "stolen"), Errno::Perm) << call;
    EXPECT_EQ(guest.path2(call, 4, "rw-file", 3, "planted"), Errno::Perm) << call;
    EXPECT_EQ(guest.path2(call, 5, "x", 4, "y"), Errno::Perm) << call;
    EXPECT_EQ(guest.path2(call, 4, "rw-file", 5, "y"), Errno::Perm) << call;
  }
  EXPECT_EQ(guest.path2("path_rename", 3, "ro-dir", 4, "d"), Errno::Perm);
  EXPECT_EQ(a.read("ro-file"), "read only");
  EXPECT_EQ(b.read("rw-file"), "writable");
  EXPECT_FALSE(a.exists("planted") || b.exists("stolen"));
}

TEST_P(WasiReadOnly, SameRightsMayExchangeNames) {
  TempDir a, b;
  a.write("f", "x");
  ContextConfig config = Guest::withDir(a, GetParam());
  config.preopens.push_back({b.path(), "/b", true, true});
  Guest guest(std::move(config));
  EXPECT_EQ(guest.path2("path_link", 3, "f", 4, "linked"), Errno::Success);
  EXPECT_EQ(guest.path2("path_rename", 3, "f", 4, "moved"), Errno::Success);
  EXPECT_EQ(b.read("moved"), "x");
}

TEST_P(WasiReadOnly, WriteOnlyGrantCannotBeRead) {
  TempDir dir;
  dir.write("f", "secret");
  ContextConfig config = Guest::quiet();
  config.preopens.push_back({dir.path(), "/drop", false, true});
  config.resolver = GetParam();
  Guest guest(std::move(config));
  EXPECT_EQ(guest.tryOpen(3, "f", 0, kRead), Errno::Perm);
  EXPECT_EQ(guest.tryOpen(3, "f", 0, kRead | kWrite), Errno::Perm);
  EXPECT_EQ(guest.tryOpen(3, "new", kCreat, kWrite), Errno::Success);
  EXPECT_EQ(guest.stat(3, "f").error, Errno::Perm);
  EXPECT_EQ(guest.call("fd_readdir", 3, 64, 64, u64{0}, 32), Errno::Perm);
}

// --- A process that swaps files and links while the guest works ---

constexpr int kRaceRounds = 1500;

// The guest goes on after that until it has seen the inside once: on a loaded machine the other
// process may sleep through all rounds at a moment when there is nothing to see.
bool enough(int round, int opened) { return round >= kRaceRounds && opened > 0; }

// Runs `swap` over and over until killed.
template <class Swap>
pid_t startRacer(Swap swap) {
  pid_t pid = fork();
  if (pid == 0) {
    for (;;) swap();
  }
  return pid;
}

void stopRacer(pid_t pid) {
  kill(pid, SIGKILL);
  waitpid(pid, nullptr, 0);
}

class WasiRace : public WasiEscape {};
INSTANTIATE_TEST_SUITE_P(Resolvers, WasiRace,
                         testing::Values(PathResolver::Openat2, PathResolver::Manual),
                         resolverName);

// A file that is now a regular file, now a link to the secret.
TEST_P(WasiRace, SwappedLastComponent) {
  std::string target = parent / "grant/flip", link = parent / "grant/link",
              file = parent / "grant/file";
  parent.write("grant/flip", "inside");
  pid_t racer = startRacer([&] {
    (void)!symlink("../secret", link.c_str());
    (void)!rename(link.c_str(), target.c_str());
    int fd = open(file.c_str(), O_WRONLY | O_CREAT, 0666);
    (void)!write(fd, "inside", 6);
    close(fd);
    (void)!rename(file.c_str(), target.c_str());
  });
  int opened = 0;
  for (int i = 0; !enough(i, opened); ++i) {
    std::string got = g().readFile(3, "flip", i % 2 == 0 ? kFollow : 0);
    EXPECT_NE(got, kCanary);
    opened += got == "inside" ? 1 : 0;
    auto w = g().open(3, "flip", i % 3 == 0 ? kTrunc | kCreat : 0, kWrite, kFollow);
    if (w.error == Errno::Success) {
      g().write(w.fd, "inside");
      g().call("fd_close", w.fd);
    }
    EXPECT_NE(g().stat(3, "flip", kFollow).size, std::string(kCanary).size());
    if (i % 50 == 0) {
      g().path2("path_link", 3, "flip", 3, "copy");
      EXPECT_NE(g().readFile(3, "copy", kFollow), kCanary);
      g().path1("path_unlink_file", 3, "copy");
    }
  }
  stopRacer(racer);
}

// A directory in the middle that is exchanged with a link to the outside, and moved away with the
// guest in it.
TEST_P(WasiRace, SwappedDirectoryInTheMiddle) {
  parent.write("grant/sub/inner", "inside");
  std::string sub = parent / "grant/sub", away = parent / "outside/away",
              link = parent / "grant/sub";
  pid_t racer = startRacer([&] {
    (void)!rename(sub.c_str(), away.c_str());
    (void)!symlink("../outside", link.c_str());
    (void)!unlink(link.c_str());
    (void)!rename(away.c_str(), sub.c_str());
  });
  int opened = 0;
  for (int i = 0; !enough(i, opened); ++i) {
    for (const char* path :
         {"sub/inner", "sub/../sub/inner", "sub/./../in", "sub/../../secret", "sub/../inner"}) {
      std::string got = g().readFile(3, path, kFollow);
      EXPECT_NE(got, kCanary) << path;
      opened += got == "inside" ? 1 : 0;
    }
    EXPECT_NE(g().stat(3, "sub/inner", kFollow).size, std::string(kCanary).size());
    auto w = g().open(3, "sub/inner", kTrunc, kWrite, kFollow);
    if (w.error == Errno::Success) {
      g().write(w.fd, "inside");
      g().call("fd_close", w.fd);
    }
    // Making and removing names through a directory that may just be moving. The directory itself
    // is the grant's; only names in what lies outside for good would be an escape.
    g().path1("path_create_directory", 3, "sub/../planted");
    g().path1("path_remove_directory", 3, "planted");
  }
  stopRacer(racer);
  // The racer may have been stopped in the middle.
  (void)!unlink(link.c_str());
  (void)!rename(away.c_str(), sub.c_str());
}

class WasiTwoGrantsRace : public WasiTwoGrants {};
INSTANTIATE_TEST_SUITE_P(Resolvers, WasiTwoGrantsRace,
                         testing::Values(PathResolver::Openat2, PathResolver::Manual),
                         resolverName);

// The same exchange while the guest carries names between two grants, and makes and removes names,
// through the directory that is now a link to the outside.
TEST_P(WasiTwoGrantsRace, NamesCarriedThroughASwappedDirectory) {
  parent.write("grant/sub/inner", "inside");
  const std::string sub = parent / "grant/sub", away = parent / "away";
  const pid_t racer = startRacer([&] {
    (void)!rename(sub.c_str(), away.c_str());
    (void)!symlink("../outside", sub.c_str());
    (void)!unlink(sub.c_str());
    (void)!rename(away.c_str(), sub.c_str());
  });
  int carried = 0;
  for (int i = 0; i < kRaceRounds; ++i) {
    for (const char* call : {"path_link", "path_rename"}) {
      if (two().path2(call, 3, "sub/inner", 4, "stolen") == Errno::Success) {
        EXPECT_EQ(two().readFile(4, "stolen"), "inside");
        ++carried;
      }
      if (two().path2("path_rename", 4, "stolen", 3, "sub/inner") != Errno::Success)
        two().path1("path_unlink_file", 4, "stolen");
    }
    two().path2("path_link", 4, "mine", 3, "sub/planted");
    two().path1("path_unlink_file", 3, "sub/planted");
    two().symlink("x", 3, "sub/planted");
    two().path1("path_unlink_file", 3, "sub/planted");
    two().path1("path_create_directory", 3, "sub/planted");
    two().path1("path_remove_directory", 3, "sub/planted");
    const auto made = two().open(3, "sub/inner", kCreat | kTrunc, kWrite);
    if (made.error == Errno::Success) {
      two().write(made.fd, "inside");
      two().call("fd_close", made.fd);
    }
    EXPECT_NE(two().stat(3, "sub/inner", kFollow).size, std::string(kCanary).size());
  }
  stopRacer(racer);
  EXPECT_GT(carried, 0);
  (void)!unlink(sub.c_str());
  (void)!rename(away.c_str(), sub.c_str());
}

}  // namespace
}  // namespace bls::wasi
