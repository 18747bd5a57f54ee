// Position, size, times, attributes and advice of open files, and directory listings.
#include <map>

#include "tests/wasi/guest.h"

namespace bls::wasi {
namespace {

TEST(WasiFile, SeekAndTell) {
  TempDir dir;
  dir.write("f", "0123456789");
  Guest g(Guest::withDir(dir));
  u32 fd = g.open(3, "f", 0, kRead | kWrite).fd;
  EXPECT_EQ(g.seek(fd, 3, 0).at, 3u);
  EXPECT_EQ(g.seek(fd, 2, 1).at, 5u);
  EXPECT_EQ(g.seek(fd, -1, 2).at, 9u);
  EXPECT_EQ(g.tell(fd).at, 9u);
  EXPECT_EQ(g.seek(fd, 100, 2).at, 110u) << "past the end is allowed";
  EXPECT_EQ(g.seek(fd, -1, 0).error, Errno::Inval);
  EXPECT_EQ(g.seek(fd, -111, 1).error, Errno::Inval);
  EXPECT_EQ(g.seek(fd, 0, 3).error, Errno::Inval);
  EXPECT_EQ(g.seek(fd, 0, 0xffffffff).error, Errno::Inval);
  EXPECT_EQ(g.tell(fd).at, 110u);
}

TEST(WasiFile, SetSizeGrowsWithZerosAndShrinks) {
  TempDir dir;
  dir.write("f", "abc");
  Guest g(Guest::withDir(dir));
  u32 fd = g.open(3, "f", 0, kRead | kWrite).fd;
  ASSERT_EQ(g.seek(fd, 2, 0).error, Errno::Success);
  EXPECT_EQ(g.call("fd_filestat_set_size", fd, u64{5}), Errno::Success);
  EXPECT_EQ(dir.read("f"), std::string("abc\0\0", 5));
  EXPECT_EQ(g.call("fd_filestat_set_size", fd, u64{1}), Errno::Success);
  EXPECT_EQ(dir.read("f"), "a");
  EXPECT_EQ(g.tell(fd).at, 2u);
  EXPECT_EQ(g.call("fd_filestat_set_size", fd, u64{1} << 63), Errno::FBig);
  u32 readOnly = g.open(3, "f", 0, kRead).fd;
  EXPECT_EQ(g.call("fd_filestat_set_size", readOnly, u64{0}), Errno::Badf);
  EXPECT_EQ(g.call("fd_filestat_set_size", 1, u64{0}), Errno::Inval);
  EXPECT_EQ(dir.read("f"), "a");
}

TEST(WasiFile, AllocateExtendsAndNeverShrinks) {
  TempDir dir;
  dir.write("f", "abcdef");
  Guest g(Guest::withDir(dir));
  u32 fd = g.open(3, "f", 0, kWrite).fd;
  Errno error = g.call("fd_allocate", fd, u64{0}, u64{3});
  if (error == Errno::NotSup) GTEST_SKIP() << "the file system cannot";
  EXPECT_EQ(error, Errno::Success);
  EXPECT_EQ(dir.read("f"), "abcdef");
  EXPECT_EQ(g.call("fd_allocate", fd, u64{4}, u64{6}), Errno::Success);
  EXPECT_EQ(g.fstat(fd).size, 10u);
  EXPECT_EQ(g.call("fd_allocate", fd, u64{0}, u64{0}), Errno::Inval);
  EXPECT_EQ(g.call("fd_allocate", fd, ~u64{0}, u64{1}), Errno::FBig);
  EXPECT_EQ(g.call("fd_allocate", fd, u64{1}, ~u64{0} >> 1), Errno::FBig);
  u32 readOnly = g.open(3, "f", 0, kRead).fd;
  EXPECT_EQ(g.call("fd_allocate", readOnly, u64{0}, u64{1}), Errno::Badf);
}

TEST(WasiFile, AdviceIsChecked) {
  TempDir dir;
  dir.write("f", "abc");
  Guest g(Guest::withDir(dir));
  u32 fd = g.open(3, "f", 0, kRead).fd;
  for (u32 advice = 0; advice < 6; ++advice)
    EXPECT_EQ(g.call("fd_advise", fd, u64{0}, u64{3}, advice), Errno::Success);
  EXPECT_EQ(g.call("fd_advise", fd, u64{0}, u64{3}, 6), Errno::Inval);
  EXPECT_EQ(g.call("fd_advise", fd, u64{0}, u64{3}, 256), Errno::Inval);
  EXPECT_EQ(g.call("fd_advise", fd, (u64{1} << 63) - 1, ~u64{0}, 0), Errno::Success);
  EXPECT_EQ(g.call("fd_advise", fd, ~u64{0}, u64{0}, 0), Errno::Inval);
}

TEST(WasiFile, SyncWorksEverywhereAGuestMightTry) {
  TempDir dir;
  Guest g(Guest::withDir(dir));
  u32 fd = g.open(3, "f", oflags::kCreat, kWrite).fd;
  for (u32 number : {fd, 0u, 1u, 2u}) {
    EXPECT_EQ(g.call("fd_sync", number), Errno::Success) << number;
    EXPECT_EQ(g.call("fd_datasync", number), Errno::Success) << number;
  }
}

TEST(WasiFile, AttributesAgreeBetweenCalls) {
  TempDir dir;
  dir.write("f", "12345");
  dir.link("f", "l");
  Guest g(Guest::withDir(dir));
  auto byPath = g.stat(3, "f");
  auto byFd = g.fstat(g.open(3, "f", 0, kRead).fd);
  EXPECT_EQ(byPath.error, Errno::Success);
  EXPECT_EQ(byPath.ino, byFd.ino);
  EXPECT_EQ(byPath.dev, byFd.dev);
  EXPECT_EQ(byPath.size, 5u);
  EXPECT_EQ(byPath.nlink, 1u);
  EXPECT_EQ(byPath.type, static_cast<u8>(FileType::RegularFile));
  EXPECT_EQ(g.path2("path_link", 3, "f", 3, "g"), Errno::Success);
  EXPECT_EQ(g.stat(3, "g").nlink, 2u);
  EXPECT_EQ(g.stat(3, "l").type, static_cast<u8>(FileType::SymbolicLink));
  EXPECT_EQ(g.stat(3, "l", lookupflags::kFollow).ino, byPath.ino);
  EXPECT_EQ(g.stat(3, ".").type, static_cast<u8>(FileType::Directory));
  EXPECT_EQ(g.stat(3, "nothing").error, Errno::NoEnt);
  EXPECT_EQ(g.stat(3, "f", 2).error, Errno::Inval);
}

TEST(WasiFile, ExtremeHostTimesAreClamped) {
  TempDir dir;
  dir.write("f", "x");
  dir.write("g", "x");
  timespec old[2] = {{-5, 0}, {-1, 500}};
  ASSERT_EQ(utimensat(AT_FDCWD, (dir / "f").c_str(), old, 0), 0);
  Guest g(Guest::withDir(dir));
  EXPECT_EQ(g.stat(3, "f").error, Errno::Success);
  EXPECT_EQ(g.stat(3, "f").mtim, 0u);
  timespec future[2] = {{time_t{1} << 33, 7}, {time_t{1} << 33, 7}};
  if (utimensat(AT_FDCWD, (dir / "g").c_str(), future, 0) == 0) {
    EXPECT_EQ(g.stat(3, "g").error, Errno::Success);
    EXPECT_GT(g.stat(3, "g").mtim, 0u);
  }
}

TEST(WasiFile, TimesAreSetToTheNanosecondAndOthersLeftAlone) {
  TempDir dir;
  dir.write("f", "x");
  Guest g(Guest::withDir(dir));
  u32 fd = g.open(3, "f", 0, kWrite).fd;
  constexpr u64 kA = 1'234'567'890'123'456'789, kM = 987'654'321'000'000'001;
  using namespace fstflags;
  ASSERT_EQ(g.call("fd_filestat_set_times", fd, kA, kM, kAtim | kMtim), Errno::Success);
  EXPECT_EQ(g.fstat(fd).atim, kA);
  EXPECT_EQ(g.fstat(fd).mtim, kM);
  ASSERT_EQ(g.call("fd_filestat_set_times", fd, u64{5}, u64{6}, kMtim), Errno::Success);
  EXPECT_EQ(g.fstat(fd).atim, kA);
  EXPECT_EQ(g.fstat(fd).mtim, 6u);
  ASSERT_EQ(g.call("fd_filestat_set_times", fd, u64{5}, u64{6}, 0), Errno::Success);
  EXPECT_EQ(g.fstat(fd).mtim, 6u);
  ASSERT_EQ(g.call("fd_filestat_set_times", fd, u64{5}, u64{6}, kMtimNow), Errno::Success);
  EXPECT_GT(g.fstat(fd).mtim, kA);
  EXPECT_EQ(g.fstat(fd).atim, kA);
  EXPECT_EQ(g.call("fd_filestat_set_times", fd, u64{1}, u64{1}, kAtim | kAtimNow), Errno::Inval);
  EXPECT_EQ(g.call("fd_filestat_set_times", fd, u64{1}, u64{1}, kMtim | kMtimNow | kAtim),
            Errno::Inval);
  EXPECT_EQ(g.call("fd_filestat_set_times", fd, u64{1}, u64{1}, 16), Errno::Inval);
  EXPECT_EQ(g.fstat(fd).atim, kA) << "nothing was changed";
  u32 path = g.put("f");
  ASSERT_EQ(g.call("path_filestat_set_times", 3, 0, path, 1, u64{77}, u64{88}, kAtim | kMtim),
            Errno::Success);
  EXPECT_EQ(g.fstat(fd).atim, 77u);
  path = g.put("f");
  EXPECT_EQ(g.call("path_filestat_set_times", 3, 0, path, 1, u64{1}, u64{1}, kAtim | kAtimNow),
            Errno::Inval);
  EXPECT_EQ(g.call("path_filestat_set_times", 3, 2, path, 1, u64{1}, u64{1}, kAtim), Errno::Inval);
  EXPECT_EQ(g.fstat(fd).atim, 77u);
}

TEST(WasiFile, TimesOfALinkOrItsTarget) {
  TempDir dir;
  dir.write("f", "x");
  dir.link("f", "l");
  Guest g(Guest::withDir(dir));
  u32 path = g.put("l");
  ASSERT_EQ(g.call("path_filestat_set_times", 3, 0, path, 1, u64{11}, u64{12}, 5), Errno::Success);
  EXPECT_EQ(g.stat(3, "l").mtim, 12u);
  EXPECT_NE(g.stat(3, "f").mtim, 12u);
  path = g.put("l");
  ASSERT_EQ(g.call("path_filestat_set_times", 3, 1, path, 1, u64{21}, u64{22}, 5), Errno::Success);
  EXPECT_EQ(g.stat(3, "l").mtim, 12u);
  EXPECT_EQ(g.stat(3, "f").mtim, 22u);
}

TEST(WasiFile, DeterministicNowComesFromTheFixedClock) {
  TempDir dir;
  dir.write("f", "x");
  ContextConfig config = Guest::withDir(dir);
  config.deterministic = true;
  Guest g(std::move(config));
  u32 fd = g.open(3, "f", 0, kWrite).fd;
  ASSERT_EQ(g.call("fd_filestat_set_times", fd, u64{0}, u64{0}, fstflags::kMtimNow),
            Errno::Success);
  EXPECT_EQ(g.fstat(fd).mtim, kDeterministicEpochNs);
}

// --- fd_readdir ---

struct Entry {
  u64 next, ino;
  u8 type;
};

// Lists by calling with a buffer of `size` bytes, resuming at the last whole entry as C libraries
// do.
std::map<std::string, Entry> list(Guest& g, u32 fd, u32 size, int* calls = nullptr) {
  std::map<std::string, Entry> found;
  u64 cookie = 0;
  for (int round = 0; round < 10000; ++round) {
    g.resetAllocator();
    u32 out = g.alloc(4);
    u32 buffer = g.alloc(size, 1);
    EXPECT_EQ(g.call("fd_readdir", fd, buffer, size, cookie, out), Errno::Success);
    if (calls != nullptr) ++*calls;
    u32 used = g.load<u32>(out);
    EXPECT_LE(used, size);
    u32 at = 0;
    bool progress = false;
    while (used - at >= 24) {
      u32 length = g.load<u32>(buffer + at + 16);
      if (length > used - at - 24) break;
      std::string name = g.text(buffer + at + 24, length);
      EXPECT_EQ(found.count(name), 0u) << name << " twice";
      found[name] = {g.load<u64>(buffer + at), g.load<u64>(buffer + at + 8),
                     g.load<u8>(buffer + at + 20)};
      cookie = g.load<u64>(buffer + at);
      at += 24 + length;
      progress = true;
    }
    if (used < size) return found;
    EXPECT_TRUE(progress) << "a buffer too small for one entry";
    if (!progress) return found;
  }
  return found;
}

TEST(WasiReaddir, HundredFilesThroughASmallBuffer) {
  TempDir dir;
  for (int i = 0; i < 100; ++i) dir.write("file-" + std::to_string(i), "x");
  Guest g(Guest::withDir(dir));
  int calls = 0;
  auto found = list(g, 3, 256, &calls);
  EXPECT_EQ(found.size(), 102u);
  EXPECT_GT(calls, 10);
  EXPECT_EQ(found["."].type, static_cast<u8>(FileType::Directory));
  EXPECT_EQ(found["."].ino, g.fstat(3).ino);
  EXPECT_EQ(found[".."].type, static_cast<u8>(FileType::Directory));
  EXPECT_EQ(found["file-42"].ino, g.stat(3, "file-42").ino);
  EXPECT_EQ(found["file-42"].type, static_cast<u8>(FileType::RegularFile));
}

TEST(WasiReaddir, EveryCookieContinuesAfterItsEntry) {
  TempDir dir;
  for (const char* name : {"a", "bb", "ccc", "dddd"}) dir.write(name, "x");
  Guest g(Guest::withDir(dir));
  auto all = list(g, 3, 4096);
  for (const auto& [name, entry] : all) {
    g.resetAllocator();
    u32 out = g.alloc(4);
    u32 buffer = g.alloc(4096, 1);
    ASSERT_EQ(g.call("fd_readdir", 3, buffer, 4096, entry.next, out), Errno::Success);
    std::string rest = g.text(buffer, g.load<u32>(out));
    EXPECT_EQ(rest.empty(), entry.next == all.size()) << name;
  }
  u32 out = g.alloc(4);
  u32 buffer = g.alloc(64, 1);
  ASSERT_EQ(g.call("fd_readdir", 3, buffer, 64, ~u64{0}, out), Errno::Success);
  EXPECT_EQ(g.load<u32>(out), 0u) << "an unknown cookie is the end";
}

TEST(WasiReaddir, TheLastEntryIsCutExactly) {
  TempDir dir;
  std::string longName(255, 'n');
  dir.write(longName, "x");
  Guest g(Guest::withDir(dir));
  u32 out = g.alloc(4);
  u32 whole = g.alloc(1024, 1);
  ASSERT_EQ(g.call("fd_readdir", 3, whole, 1024, u64{0}, out), Errno::Success);
  u32 total = g.load<u32>(out);
  ASSERT_EQ(total, 24u + 1 + 24 + 2 + 24 + 255);
  for (u32 size = 0; size <= total; ++size) {
    u32 buffer = g.alloc(total + 1, 1);
    g.store<u8>(buffer + size, 0xa5);
    ASSERT_EQ(g.call("fd_readdir", 3, buffer, size, u64{0}, out), Errno::Success);
    ASSERT_EQ(g.load<u32>(out), size) << "full unless at the end";
    ASSERT_EQ(g.text(buffer, size), g.text(whole, size));
    ASSERT_EQ(g.load<u8>(buffer + size), 0xa5);
  }
}

TEST(WasiReaddir, DeletionDuringIterationNeitherSkipsNorRepeats) {
  TempDir dir;
  for (int i = 0; i < 30; ++i) dir.write("f" + std::to_string(i), "x");
  Guest g(Guest::withDir(dir));
  u32 out = g.alloc(4);
  u32 buffer = g.alloc(100, 1);
  ASSERT_EQ(g.call("fd_readdir", 3, buffer, 100, u64{0}, out), Errno::Success);
  for (int i = 0; i < 30; i += 2)
    ASSERT_EQ(g.path1("path_unlink_file", 3, "f" + std::to_string(i)), Errno::Success);
  EXPECT_EQ(list(g, 3, 100).size(), 2u + 15);
}

TEST(WasiReaddir, Refusals) {
  TempDir dir;
  dir.write("f", "x");
  Guest g(Guest::withDir(dir));
  u32 fd = g.open(3, "f", 0, kRead).fd;
  u32 out = g.alloc(4);
  EXPECT_EQ(g.call("fd_readdir", fd, 64, 64, u64{0}, out), Errno::NotDir);
  EXPECT_EQ(g.trap("fd_readdir", 3, kMemoryBytes - 1, 2, u64{0}, out), Trap::BadGuestPointer);
  dir.write("bad\xff", "x");
  EXPECT_EQ(g.call("fd_readdir", 3, 64, 64, u64{0}, out), Errno::IlSeq);
}

TEST(WasiReaddir, ListingsTogetherAreBounded) {
  TempDir dir;
  for (int i = 0; i < 50; ++i) dir.write("f" + std::to_string(i), "x");
  ContextConfig config = Guest::withDir(dir);
  config.limits.directorySnapshotBytes = 2500;
  Guest g(std::move(config));
  u32 second = g.open(3, ".", oflags::kDirectory, 0).fd;
  u32 out = g.alloc(4);
  ASSERT_EQ(g.call("fd_readdir", 3, 64, 64, u64{0}, out), Errno::Success);
  EXPECT_EQ(g.call("fd_readdir", second, 64, 64, u64{0}, out), Errno::NoMem);
  EXPECT_EQ(g.call("fd_readdir", 3, 64, 64, u64{0}, out), Errno::Success)
      << "a restart gives its own back first";
  EXPECT_EQ(g.call("fd_close", 3), Errno::Success);
  EXPECT_EQ(g.call("fd_readdir", second, 64, 64, u64{0}, out), Errno::Success);
}

TEST(WasiReaddir, PreopenHidesWhatIsAboveIt) {
  TempDir dir;
  dir.dir("sub");
  Guest g(Guest::withDir(dir));
  auto root = list(g, 3, 4096);
  EXPECT_EQ(root[".."].ino, root["."].ino);
  u32 sub = g.open(3, "sub", oflags::kDirectory, 0).fd;
  auto below = list(g, sub, 4096);
  EXPECT_EQ(below[".."].ino, root["."].ino);
  EXPECT_EQ(below["."].ino, root["sub"].ino);
}

}  // namespace
}  // namespace bls::wasi
