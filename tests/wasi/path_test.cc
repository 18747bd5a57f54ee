// Path calls: opening, names, links, trailing slashes, with both resolvers. Escapes are in
// escape_test.cc.
#include "tests/wasi/guest.h"

namespace bls::wasi {
namespace {

using namespace oflags;
constexpr u32 kFollow = lookupflags::kFollow;

class WasiPath : public testing::TestWithParam<PathResolver> {
 protected:
  void SetUp() override {
    if (GetParam() == PathResolver::Openat2 && chooseNow() != PathResolver::Openat2)
      GTEST_SKIP() << "no openat2 here";
    guest_.emplace(Guest::withDir(dir, GetParam()));
  }
  static PathResolver chooseNow();
  Guest& g() { return *guest_; }
  TempDir dir;

 private:
  std::optional<Guest> guest_;
};

PathResolver WasiPath::chooseNow() {
  TempDir probe;
  Guest g(Guest::withDir(probe));
  return g.ctx().resolver();
}

std::string resolverName(const testing::TestParamInfo<PathResolver>& info) {
  return info.param == PathResolver::Manual ? "manual" : "openat2";
}
INSTANTIATE_TEST_SUITE_P(Resolvers, WasiPath,
                         testing::Values(PathResolver::Openat2, PathResolver::Manual),
                         resolverName);

TEST_P(WasiPath, TextIsCheckedBeforeTheHostSeesIt) {
  dir.write("f", "x");
  EXPECT_EQ(g().tryOpen(3, ""), Errno::NoEnt);
  EXPECT_EQ(g().tryOpen(3, std::string_view("f\0g", 3)), Errno::Inval);
  EXPECT_EQ(g().tryOpen(3, "\xc0\xaf"), Errno::IlSeq);
  EXPECT_EQ(g().tryOpen(3, "f\xff"), Errno::IlSeq);
  EXPECT_EQ(g().tryOpen(3, "\xed\xa0\x80"), Errno::IlSeq) << "a surrogate";
  EXPECT_EQ(g().tryOpen(3, "/f"), Errno::Perm);
  EXPECT_EQ(g().tryOpen(3, "/"), Errno::Perm);
  EXPECT_EQ(g().tryOpen(3, std::string(256, 'a')), Errno::NameTooLong);
  EXPECT_EQ(g().tryOpen(3, "x/" + std::string(256, 'a')), Errno::NameTooLong);
  EXPECT_EQ(g().tryOpen(3, std::string(255, 'a')), Errno::NoEnt);
  std::string longPath;
  while (longPath.size() < 4096) longPath += "./";
  EXPECT_EQ(g().tryOpen(3, longPath + "f"), Errno::NameTooLong);
  EXPECT_EQ(g().tryOpen(3, longPath.substr(0, 4094) + "f"), Errno::Success);
  EXPECT_EQ(g().trap("path_open", 3, 0, kMemoryBytes - 1, 2, 0, u64{0}, u64{0}, 0, 64),
            Trap::BadGuestPointer);
  EXPECT_EQ(g().trap("path_open", 3, 0, 0, 0xffffffff, 0, u64{0}, u64{0}, 0, 64),
            Trap::BadGuestPointer);
  dir.write("grüße-日本-🦀", "utf8");
  EXPECT_EQ(g().readFile(3, "grüße-日本-🦀"), "utf8");
}

TEST_P(WasiPath, UnknownFlagsAreInvalid) {
  dir.write("f", "x");
  u32 path = g().put("f");
  u32 out = g().alloc(4);
  auto open = [&](u32 lookup, u32 oflags, u32 fdflags) {
    return g().call("path_open", 3, lookup, path, 1, oflags, kRead, u64{0}, fdflags, out);
  };
  EXPECT_EQ(open(2, 0, 0), Errno::Inval);
  EXPECT_EQ(open(0x80000001, 0, 0), Errno::Inval);
  EXPECT_EQ(open(0, 16, 0), Errno::Inval);
  EXPECT_EQ(open(0, 0x10000, 0), Errno::Inval);
  EXPECT_EQ(open(0, 0, 32), Errno::Inval);
  EXPECT_EQ(open(0, 0, 0), Errno::Success);
}

TEST_P(WasiPath, OpensRelativeToAnyDirectory) {
  dir.dir("a");
  dir.dir("a/b");
  dir.write("a/b/f", "deep");
  EXPECT_EQ(g().readFile(3, "a/b/f"), "deep");
  EXPECT_EQ(g().readFile(3, "a//b/./f"), "deep");
  EXPECT_EQ(g().readFile(3, "./a/../a/b/../b/f"), "deep");
  u32 a = g().open(3, "a", kDirectory, 0).fd;
  EXPECT_EQ(g().readFile(a, "b/f"), "deep");
  EXPECT_EQ(g().readFile(a, "../a/b/f"), "<Perm>") << "a sub-directory is a boundary of its own";
  EXPECT_EQ(g().tryOpen(a, ".."), Errno::Perm);
  u32 f = g().open(3, "a/b/f", 0, kRead).fd;
  EXPECT_EQ(g().tryOpen(f, "x"), Errno::NotDir);
}

TEST_P(WasiPath, CreateExclusiveTruncate) {
  auto made = g().open(3, "new", kCreat, kWrite);
  ASSERT_EQ(made.error, Errno::Success);
  EXPECT_EQ(g().write(made.fd, "12345"), Errno::Success);
  EXPECT_EQ(g().tryOpen(3, "new", kCreat | kExcl, kWrite), Errno::Exist);
  EXPECT_EQ(g().tryOpen(3, "new", kExcl, kRead), Errno::Success) << "EXCL alone has no effect";
  EXPECT_EQ(g().tryOpen(3, "new", kCreat, kWrite), Errno::Success);
  EXPECT_EQ(dir.read("new"), "12345");
  EXPECT_EQ(g().tryOpen(3, "new", kTrunc, kRead), Errno::Inval);
  EXPECT_EQ(g().tryOpen(3, "new", kTrunc, 0), Errno::Inval);
  EXPECT_EQ(dir.read("new"), "12345");
  EXPECT_EQ(g().tryOpen(3, "new", kTrunc, kWrite), Errno::Success);
  EXPECT_EQ(dir.read("new"), "");
  auto readOnly = g().open(3, "fresh", kCreat, kRead);
  EXPECT_EQ(readOnly.error, Errno::Success);
  EXPECT_EQ(g().write(readOnly.fd, "x"), Errno::Badf);
  EXPECT_TRUE(dir.exists("fresh"));
  EXPECT_EQ(g().tryOpen(3, "no/new", kCreat, kWrite), Errno::NoEnt);
  EXPECT_EQ(g().tryOpen(3, "none", 0, kRead), Errno::NoEnt);
  struct stat info;
  ASSERT_EQ(stat((dir / "new").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0111, 0u) << "never executable";
}

TEST_P(WasiPath, DirectoriesAndFilesAreToldApart) {
  dir.dir("d");
  dir.write("f", "x");
  EXPECT_EQ(g().tryOpen(3, "d", kDirectory, 0), Errno::Success);
  EXPECT_EQ(g().tryOpen(3, "d", 0, 0), Errno::Success);
  EXPECT_EQ(g().tryOpen(3, "d", 0, kRead), Errno::Success);
  EXPECT_EQ(g().tryOpen(3, ".", 0, 0), Errno::Success);
  EXPECT_EQ(g().tryOpen(3, "d", 0, kRead | kWrite), Errno::IsDir);
  EXPECT_EQ(g().tryOpen(3, "d", kDirectory, kWrite), Errno::IsDir);
  EXPECT_EQ(g().tryOpen(3, "f", kDirectory, 0), Errno::NotDir);
  EXPECT_EQ(g().tryOpen(3, "f/x", 0, kRead), Errno::NotDir);
  for (u32 flags : {kCreat, kExcl, kTrunc, kCreat | kExcl}) {
    EXPECT_EQ(g().tryOpen(3, "d", kDirectory | flags, kRead | kWrite), Errno::Inval);
  }
  EXPECT_EQ(g().tryOpen(3, "d", kCreat, kRead), Errno::IsDir);
  EXPECT_EQ(g().tryOpen(3, ".", kCreat, kRead), Errno::IsDir);
  EXPECT_EQ(g().tryOpen(3, ".", kCreat | kExcl, kRead), Errno::Exist);
}

TEST_P(WasiPath, RightsZeroOnADirectoryStillAllowWorkBelowIt) {
  dir.dir("d");
  u32 d = g().open(3, "d", kDirectory, 0).fd;
  EXPECT_EQ(g().tryOpen(d, "new", kCreat, kWrite), Errno::Success);
  EXPECT_TRUE(dir.exists("d/new"));
}

TEST_P(WasiPath, LinksInTheMiddleAreFollowed) {
  dir.dir("d");
  dir.dir("d/e");
  dir.write("d/e/f", "x");
  dir.link("d", "ld");
  dir.link("e", "d/le");
  dir.link("../d/e", "d/up");
  dir.link("ld/le", "chain");
  EXPECT_EQ(g().readFile(3, "ld/e/f"), "x");
  EXPECT_EQ(g().readFile(3, "ld/le/f"), "x");
  EXPECT_EQ(g().readFile(3, "d/up/f"), "x");
  EXPECT_EQ(g().readFile(3, "chain/f"), "x");
  EXPECT_EQ(g().readFile(3, "chain/../e/f"), "x") << ".. means the parent of the real directory";
  dir.write("d/only-here", "d");
  EXPECT_EQ(g().readFile(3, "chain/../only-here"), "d");
  EXPECT_EQ(g().readFile(3, "only-here"), "<NoEnt>");
}

TEST_P(WasiPath, LinkInLastPlaceIsFollowedOnRequestOnly) {
  dir.dir("d");
  dir.write("f", "x");
  dir.link("f", "lf");
  dir.link("d", "ld");
  dir.link("lf", "llf");
  EXPECT_EQ(g().readFile(3, "lf"), "<Loop>");
  EXPECT_EQ(g().readFile(3, "lf", kFollow), "x");
  EXPECT_EQ(g().readFile(3, "llf", kFollow), "x");
  EXPECT_EQ(g().tryOpen(3, "ld", 0, 0), Errno::Loop);
  Errno asDirectory = g().tryOpen(3, "ld", kDirectory, 0);
  EXPECT_TRUE(asDirectory == Errno::NotDir || asDirectory == Errno::Loop);
  EXPECT_EQ(g().tryOpen(3, "ld", kDirectory, 0, kFollow), Errno::Success);
  EXPECT_EQ(g().tryOpen(3, "ld/", kDirectory, 0), Errno::Success) << "a slash follows";
}

TEST_P(WasiPath, DanglingLinks) {
  dir.link("nowhere", "dl");
  EXPECT_EQ(g().readFile(3, "dl"), "<Loop>");
  EXPECT_EQ(g().readFile(3, "dl", kFollow), "<NoEnt>");
  EXPECT_EQ(g().tryOpen(3, "dl", kCreat, kWrite), Errno::Loop);
  EXPECT_EQ(g().tryOpen(3, "dl", kCreat | kExcl, kWrite), Errno::Exist);
  EXPECT_EQ(g().tryOpen(3, "dl", kCreat | kExcl, kWrite, kFollow), Errno::Exist);
  EXPECT_FALSE(dir.exists("nowhere"));
  EXPECT_EQ(g().stat(3, "dl").error, Errno::Success);
  EXPECT_EQ(g().stat(3, "dl", kFollow).error, Errno::NoEnt);
  EXPECT_EQ(g().path2("path_link", 3, "dl", 3, "dl2"), Errno::Success) << "the link itself";
  EXPECT_EQ(g().readlink(3, "dl2"), "nowhere");
  EXPECT_EQ(g().path1("path_unlink_file", 3, "dl"), Errno::Success);
  EXPECT_FALSE(dir.exists("dl"));
  EXPECT_EQ(g().tryOpen(3, "dl2", kCreat, kWrite, kFollow), Errno::Success);
  EXPECT_TRUE(dir.exists("nowhere")) << "with follow the target is made";
}

TEST_P(WasiPath, LoopsAndLongChainsEnd) {
  dir.link("loop2", "loop1");
  dir.link("loop1", "loop2");
  dir.link("self/x", "self");
  EXPECT_EQ(g().readFile(3, "loop1", kFollow), "<Loop>");
  EXPECT_EQ(g().readFile(3, "loop1/x"), "<Loop>");
  EXPECT_EQ(g().readFile(3, "self", kFollow), "<Loop>");
  dir.write("l0", "end");
  for (int i = 1; i <= 41; ++i) dir.link("l" + std::to_string(i - 1), "l" + std::to_string(i));
  EXPECT_EQ(g().readFile(3, "l40", kFollow), "end");
  EXPECT_EQ(g().readFile(3, "l41", kFollow), "<Loop>");
}

TEST_P(WasiPath, TrailingSlashesWhenOpening) {
  dir.dir("d");
  dir.write("f", "x");
  dir.link("f", "lf");
  dir.link("f/", "lfs");
  dir.link("d/", "lds");
  dir.link("d///", "ldss");
  EXPECT_EQ(g().tryOpen(3, "f/"), Errno::NotDir);
  EXPECT_EQ(g().tryOpen(3, "f///"), Errno::NotDir);
  EXPECT_EQ(g().tryOpen(3, "lf/"), Errno::NotDir);
  EXPECT_EQ(g().tryOpen(3, "lfs", 0, kRead, kFollow), Errno::NotDir) << "a slash inside the target";
  EXPECT_EQ(g().tryOpen(3, "d/", 0, 0), Errno::Success);
  EXPECT_EQ(g().tryOpen(3, "d///", kDirectory, 0), Errno::Success);
  EXPECT_EQ(g().tryOpen(3, "lds", kDirectory, 0, kFollow), Errno::Success);
  EXPECT_EQ(g().tryOpen(3, "ldss/", kDirectory, 0), Errno::Success);
  EXPECT_EQ(g().tryOpen(3, "lds", kDirectory, 0), g().tryOpen(3, "ldss", kDirectory, 0));
  EXPECT_EQ(g().tryOpen(3, "new/", kCreat, kWrite), Errno::IsDir);
  EXPECT_FALSE(dir.exists("new"));
  EXPECT_EQ(g().tryOpen(3, "none/"), Errno::NoEnt);
}

TEST_P(WasiPath, TrailingSlashesWhenChangingNames) {
  dir.dir("d");
  dir.dir("full");
  dir.write("full/x", "x");
  dir.write("f", "x");
  EXPECT_EQ(g().path1("path_create_directory", 3, "made/"), Errno::Success);
  EXPECT_EQ(g().path1("path_create_directory", 3, "made///"), Errno::Exist);
  EXPECT_EQ(g().symlink("t", 3, "x/"), Errno::NoEnt);
  EXPECT_EQ(g().symlink("t", 3, "d/"), Errno::Exist);
  Errno onFile = g().symlink("t", 3, "f/");
  EXPECT_TRUE(onFile == Errno::NotDir || onFile == Errno::Exist);
  EXPECT_EQ(g().path2("path_link", 3, "f", 3, "x/"), Errno::NoEnt);
  EXPECT_EQ(g().path2("path_link", 3, "f/", 3, "x"), Errno::NotDir);
  EXPECT_EQ(g().path2("path_link", 3, "d/", 3, "x"), Errno::Perm);
  EXPECT_EQ(g().path1("path_unlink_file", 3, "f/"), Errno::NotDir);
  EXPECT_EQ(g().path1("path_unlink_file", 3, "d/"), Errno::IsDir);
  EXPECT_EQ(g().path1("path_remove_directory", 3, "f/"), Errno::NotDir);
  EXPECT_EQ(g().path2("path_rename", 3, "d/", 3, "e/"), Errno::Success);
  EXPECT_EQ(g().path2("path_rename", 3, "f", 3, "g/"), Errno::NotDir);
  EXPECT_EQ(g().path2("path_rename", 3, "f/", 3, "g"), Errno::NotDir);
  EXPECT_EQ(g().path1("path_remove_directory", 3, "e/"), Errno::Success);
  EXPECT_EQ(g().path1("path_remove_directory", 3, "full/"), Errno::NotEmpty);
  EXPECT_EQ(g().readlink(3, "f/"), "<NotDir>");
  EXPECT_EQ(dir.read("f"), "x");
  EXPECT_EQ(g().stat(3, "f/").error, Errno::NotDir);
  EXPECT_EQ(g().stat(3, "full/").error, Errno::Success);
}

TEST_P(WasiPath, DotAndDotDotInLastPlace) {
  dir.dir("d");
  dir.dir("d/e");
  EXPECT_EQ(g().path1("path_remove_directory", 3, "."), Errno::Inval);
  EXPECT_EQ(g().path1("path_remove_directory", 3, "d/."), Errno::Inval);
  EXPECT_EQ(g().path1("path_remove_directory", 3, ".."), Errno::Perm);
  EXPECT_EQ(g().path1("path_remove_directory", 3, "d/e/.."), Errno::NotEmpty);
  EXPECT_EQ(g().path1("path_create_directory", 3, "."), Errno::Exist);
  EXPECT_EQ(g().path1("path_create_directory", 3, "d/.."), Errno::Exist);
  EXPECT_EQ(g().path1("path_unlink_file", 3, "d/."), Errno::IsDir);
  EXPECT_EQ(g().path2("path_rename", 3, "d/.", 3, "x"), Errno::Busy);
  EXPECT_EQ(g().path2("path_rename", 3, "d", 3, "d/e/.."), Errno::Busy);
  EXPECT_EQ(g().path2("path_link", 3, ".", 3, "x"), Errno::Perm);
  EXPECT_EQ(g().symlink("x", 3, "d/."), Errno::Exist);
  EXPECT_EQ(g().readlink(3, "."), "<Inval>");
  EXPECT_EQ(g().path1("path_create_directory", 3, "none/.."), Errno::NoEnt);
  EXPECT_TRUE(dir.exists("d/e"));
}

TEST_P(WasiPath, CreateAndRemoveDirectories) {
  dir.write("f", "x");
  dir.link("d", "ld");
  EXPECT_EQ(g().path1("path_create_directory", 3, "d"), Errno::Success);
  EXPECT_EQ(g().path1("path_create_directory", 3, "d"), Errno::Exist);
  EXPECT_EQ(g().path1("path_create_directory", 3, "f"), Errno::Exist);
  EXPECT_EQ(g().path1("path_create_directory", 3, "no/d"), Errno::NoEnt);
  EXPECT_EQ(g().path1("path_create_directory", 3, "f/d"), Errno::NotDir);
  EXPECT_EQ(g().path1("path_create_directory", 3, "ld/inner"), Errno::Success);
  EXPECT_EQ(g().path1("path_remove_directory", 3, "d"), Errno::NotEmpty);
  EXPECT_EQ(g().path1("path_remove_directory", 3, "ld"), Errno::NotDir);
  EXPECT_EQ(g().path1("path_remove_directory", 3, "ld/"), Errno::NotDir);
  EXPECT_EQ(g().path1("path_remove_directory", 3, "ld/inner"), Errno::Success);
  EXPECT_EQ(g().path1("path_remove_directory", 3, "d"), Errno::Success);
  EXPECT_EQ(g().path1("path_remove_directory", 3, "f"), Errno::NotDir);
  EXPECT_EQ(g().path1("path_remove_directory", 3, "d"), Errno::NoEnt);
}

TEST_P(WasiPath, UnlinkNeverFollowsAndRefusesDirectories) {
  dir.dir("d");
  dir.write("f", "x");
  dir.link("f", "lf");
  dir.link("d", "ld");
  EXPECT_EQ(g().path1("path_unlink_file", 3, "lf"), Errno::Success);
  EXPECT_EQ(g().path1("path_unlink_file", 3, "ld"), Errno::Success);
  EXPECT_EQ(g().path1("path_unlink_file", 3, "d"), Errno::IsDir);
  EXPECT_TRUE(dir.exists("f") && dir.exists("d"));
  EXPECT_EQ(g().path1("path_unlink_file", 3, "f"), Errno::Success);
  EXPECT_EQ(g().path1("path_unlink_file", 3, "f"), Errno::NoEnt);
}

TEST_P(WasiPath, Rename) {
  dir.dir("d");
  dir.dir("empty");
  dir.dir("full");
  dir.write("full/x", "x");
  dir.write("f", "f");
  dir.write("g", "g");
  EXPECT_EQ(g().path2("path_rename", 3, "f", 3, "g"), Errno::Success);
  EXPECT_EQ(dir.read("g"), "f");
  EXPECT_EQ(g().path2("path_rename", 3, "g", 3, "d"), Errno::IsDir);
  EXPECT_EQ(g().path2("path_rename", 3, "d", 3, "g"), Errno::NotDir);
  EXPECT_EQ(g().path2("path_rename", 3, "d", 3, "full"), Errno::NotEmpty);
  EXPECT_EQ(g().path2("path_rename", 3, "d", 3, "empty"), Errno::Success);
  EXPECT_EQ(g().path2("path_rename", 3, "full", 3, "full/inner"), Errno::Inval);
  EXPECT_EQ(g().path2("path_rename", 3, "none", 3, "x"), Errno::NoEnt);
  dir.link("g", "l");
  EXPECT_EQ(g().path2("path_rename", 3, "l", 3, "l2"), Errno::Success) << "the link itself moves";
  EXPECT_EQ(g().readlink(3, "l2"), "g");
  u32 full = g().open(3, "full", kDirectory, 0).fd;
  EXPECT_EQ(g().path2("path_rename", full, "x", 3, "moved"), Errno::Success);
  EXPECT_EQ(dir.read("moved"), "x");
}

TEST_P(WasiPath, HardLinks) {
  dir.dir("d");
  dir.write("f", "f");
  dir.write("other", "o");
  EXPECT_EQ(g().path2("path_link", 3, "f", 3, "d/f2"), Errno::Success);
  EXPECT_EQ(g().stat(3, "d/f2").ino, g().stat(3, "f").ino);
  EXPECT_EQ(g().path2("path_link", 3, "f", 3, "other"), Errno::Exist);
  EXPECT_EQ(g().path2("path_link", 3, "f", 3, "d"), Errno::Exist);
  EXPECT_EQ(g().path2("path_link", 3, "d", 3, "d2"), Errno::Perm);
  EXPECT_EQ(g().path2("path_link", 3, "none", 3, "x"), Errno::NoEnt);
  u32 a = g().put("f"), b = g().put("x");
  EXPECT_EQ(g().call("path_link", 3, 1, a, 1, 3, b, 1), Errno::Inval) << "following";
  EXPECT_EQ(g().call("path_link", 3, 2, a, 1, 3, b, 1), Errno::Inval);
}

TEST_P(WasiPath, SymbolicLinksAreMadeAndRead) {
  dir.write("f", "x");
  EXPECT_EQ(g().symlink("f", 3, "l"), Errno::Success);
  EXPECT_EQ(g().readlink(3, "l"), "f");
  EXPECT_EQ(g().symlink("f", 3, "l"), Errno::Exist);
  EXPECT_EQ(g().symlink("f", 3, "f"), Errno::Exist);
  EXPECT_EQ(g().symlink("", 3, "e"), Errno::NoEnt);
  EXPECT_EQ(g().symlink("/etc/passwd", 3, "abs"), Errno::Perm);
  EXPECT_FALSE(dir.exists("abs"));
  EXPECT_EQ(g().symlink(std::string_view("a\0b", 3), 3, "n"), Errno::Inval);
  EXPECT_EQ(g().trap("path_symlink", kMemoryBytes - 2, 8, 3, 64, 1), Trap::BadGuestPointer);
  EXPECT_EQ(g().symlink("../../outside", 3, "up"), Errno::Success) << "stored, never followed out";
  EXPECT_EQ(g().readlink(3, "up"), "../../outside");
  EXPECT_EQ(g().readFile(3, "up", kFollow), "<Perm>");
}

TEST_P(WasiPath, ReadlinkTruncates) {
  dir.write("f", "x");
  dir.link("0123456789", "l");
  EXPECT_EQ(g().readlink(3, "l", 4), "0123");
  EXPECT_EQ(g().readlink(3, "l", 0), "");
  EXPECT_EQ(g().readlink(3, "l", 10), "0123456789");
  EXPECT_EQ(g().readlink(3, "f"), "<Inval>");
  EXPECT_EQ(g().readlink(3, "none"), "<NoEnt>");
  dir.dir("d");
  dir.link("../l", "d/m");
  EXPECT_EQ(g().readlink(3, "d/m"), "../l");
}

TEST_P(WasiPath, NoDescriptorLeaksOnFailure) {
  dir.dir("d");
  dir.link("../../x", "d/out");
  dir.link("d", "l");
  auto count = [] {
    int n = 0;
    DIR* stream = opendir("/proc/self/fd");
    while (readdir(stream) != nullptr) ++n;
    closedir(stream);
    return n;
  };
  int before = count();
  for (const char* path : {"d/out", "d/out/y", "none", "l/../../x", "d/none/x", "l"}) {
    g().tryOpen(3, path, 0, kRead);
    g().tryOpen(3, path, 0, kRead, kFollow);
    g().tryOpen(3, path, kDirectory, 0, kFollow);
    g().path1("path_create_directory", 3, std::string(path) + "/a/b");
  }
  EXPECT_EQ(count(), before);
}

}  // namespace
}  // namespace bls::wasi
