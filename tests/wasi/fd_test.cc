// The descriptor table and the calls about descriptors as such.
#include "tests/wasi/guest.h"

namespace bls::wasi {
namespace {

constexpr u32 kExtremes[] = {3,          100,        1023,       1024,      70000,
                             0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff};

TEST(WasiFd, ClosedNumbersAreBadForEveryFunction) {
  Guest g;
  u32 out = g.alloc(64);
  u32 path = g.put("x");
  for (u32 fd : kExtremes) {
    EXPECT_EQ(g.call("fd_advise", fd, u64{0}, u64{0}, 0), Errno::Badf);
    EXPECT_EQ(g.call("fd_allocate", fd, u64{0}, u64{1}), Errno::Badf);
    EXPECT_EQ(g.call("fd_close", fd), Errno::Badf);
    EXPECT_EQ(g.call("fd_datasync", fd), Errno::Badf);
    EXPECT_EQ(g.call("fd_fdstat_get", fd, out), Errno::Badf);
    EXPECT_EQ(g.call("fd_fdstat_set_flags", fd, 0), Errno::Badf);
    EXPECT_EQ(g.call("fd_fdstat_set_rights", fd, u64{0}, u64{0}), Errno::Badf);
    EXPECT_EQ(g.call("fd_filestat_get", fd, out), Errno::Badf);
    EXPECT_EQ(g.call("fd_filestat_set_size", fd, u64{0}), Errno::Badf);
    EXPECT_EQ(g.call("fd_filestat_set_times", fd, u64{0}, u64{0}, 0), Errno::Badf);
    EXPECT_EQ(g.call("fd_pread", fd, out, 0, u64{0}, out), Errno::Badf);
    EXPECT_EQ(g.call("fd_prestat_get", fd, out), Errno::Badf);
    EXPECT_EQ(g.call("fd_prestat_dir_name", fd, out, 4), Errno::Badf);
    EXPECT_EQ(g.call("fd_pwrite", fd, out, 0, u64{0}, out), Errno::Badf);
    EXPECT_EQ(g.call("fd_read", fd, out, 0, out), Errno::Badf);
    EXPECT_EQ(g.call("fd_readdir", fd, out, 4, u64{0}, out), Errno::Badf);
    EXPECT_EQ(g.call("fd_renumber", fd, 0), Errno::Badf);
    EXPECT_EQ(g.call("fd_renumber", 0, fd), Errno::Badf);
    EXPECT_EQ(g.call("fd_renumber", fd, fd), Errno::Badf);
    EXPECT_EQ(g.call("fd_seek", fd, u64{0}, 0, out), Errno::Badf);
    EXPECT_EQ(g.call("fd_sync", fd), Errno::Badf);
    EXPECT_EQ(g.call("fd_tell", fd, out), Errno::Badf);
    EXPECT_EQ(g.call("fd_write", fd, out, 0, out), Errno::Badf);
    EXPECT_EQ(g.call("path_create_directory", fd, path, 1), Errno::Badf);
    EXPECT_EQ(g.call("path_filestat_get", fd, 0, path, 1, out), Errno::Badf);
    EXPECT_EQ(g.call("path_filestat_set_times", fd, 0, path, 1, u64{0}, u64{0}, 0), Errno::Badf);
    EXPECT_EQ(g.call("path_link", fd, 0, path, 1, fd, path, 1), Errno::Badf);
    EXPECT_EQ(g.call("path_open", fd, 0, path, 1, 0, u64{0}, u64{0}, 0, out), Errno::Badf);
    EXPECT_EQ(g.call("path_readlink", fd, path, 1, out, 4, out), Errno::Badf);
    EXPECT_EQ(g.call("path_remove_directory", fd, path, 1), Errno::Badf);
    EXPECT_EQ(g.call("path_rename", fd, path, 1, fd, path, 1), Errno::Badf);
    EXPECT_EQ(g.call("path_symlink", path, 1, fd, path, 1), Errno::Badf);
    EXPECT_EQ(g.call("path_unlink_file", fd, path, 1), Errno::Badf);
    EXPECT_EQ(g.call("sock_accept", fd, 0, out), Errno::Badf);
    EXPECT_EQ(g.call("sock_recv", fd, out, 0, 0, out, out), Errno::Badf);
    EXPECT_EQ(g.call("sock_send", fd, out, 0, 0, out), Errno::Badf);
    EXPECT_EQ(g.call("sock_shutdown", fd, 3), Errno::Badf);
  }
}

TEST(WasiFd, ScanFindsOnlyWhatWasGiven) {
  TempDir dir;
  ContextConfig config = Guest::withDir(dir);
  config.preopens.push_back({dir.path(), "second", true, false});
  Guest g(std::move(config));
  std::vector<u32> open;
  for (u32 fd = 0; fd < 70000; ++fd) {
    if (g.fdstat(fd).error == Errno::Success) open.push_back(fd);
  }
  EXPECT_EQ(open, (std::vector<u32>{0, 1, 2, 3, 4}));
}

TEST(WasiFd, PreopensTellTheirNames) {
  TempDir dir;
  ContextConfig config = Guest::withDir(dir);
  config.preopens.push_back({dir.path(), "longer/name", true, false});
  Guest g(std::move(config));
  u32 out = g.alloc(16, 1);
  out = g.alloc(16);
  g.store<u64>(out, ~u64{0});
  ASSERT_EQ(g.call("fd_prestat_get", 4, out), Errno::Success);
  EXPECT_EQ(g.load<u32>(out), 0u);
  EXPECT_EQ(g.load<u32>(out + 4), 11u);
  EXPECT_EQ(g.call("fd_prestat_dir_name", 4, out, 10), Errno::NameTooLong);
  g.store<u8>(out + 11, 'X');
  ASSERT_EQ(g.call("fd_prestat_dir_name", 4, out, 12), Errno::Success);
  EXPECT_EQ(g.text(out, 12), "longer/nameX") << "no terminator is written";
  EXPECT_EQ(g.call("fd_prestat_get", 5, out), Errno::Badf);
  EXPECT_EQ(g.call("fd_prestat_get", 0, out), Errno::Badf);
  auto opened = g.open(3, ".", oflags::kDirectory, 0);
  EXPECT_EQ(g.call("fd_prestat_get", opened.fd, out), Errno::NotSup);
}

TEST(WasiFd, CloseTwiceIsBad) {
  TempDir dir;
  Guest g(Guest::withDir(dir));
  u32 out = g.alloc(8);
  EXPECT_EQ(g.call("fd_close", 3), Errno::Success);
  EXPECT_EQ(g.call("fd_close", 3), Errno::Badf);
  EXPECT_EQ(g.call("fd_prestat_get", 3, out), Errno::Badf);
  EXPECT_EQ(g.call("fd_close", 1), Errno::Success);
  EXPECT_EQ(g.write(1, "x"), Errno::Badf);
}

TEST(WasiFd, StandardNumbersAreNotReused) {
  TempDir dir;
  Guest g(Guest::withDir(dir));
  EXPECT_EQ(g.call("fd_close", 0), Errno::Success);
  auto opened = g.open(3, "f", oflags::kCreat, kWrite);
  ASSERT_EQ(opened.error, Errno::Success);
  EXPECT_EQ(opened.fd, 4u);
}

TEST(WasiFd, TableIsCappedAndRecovers) {
  TempDir dir;
  dir.write("f", "x");
  ContextConfig config = Guest::withDir(dir);
  config.limits.descriptors = 20;
  Guest g(std::move(config));
  std::vector<u32> fds;
  for (;;) {
    auto opened = g.open(3, "f", 0, kRead);
    if (opened.error != Errno::Success) {
      EXPECT_EQ(opened.error, Errno::MFile);
      break;
    }
    fds.push_back(opened.fd);
  }
  EXPECT_EQ(fds.size(), 16u);
  EXPECT_EQ(g.tryOpen(3, "new", oflags::kCreat, kWrite), Errno::MFile);
  EXPECT_FALSE(dir.exists("new")) << "a full table creates no files";
  EXPECT_EQ(g.call("fd_close", fds[7]), Errno::Success);
  EXPECT_EQ(g.open(3, "f", 0, kRead).fd, fds[7]);
}

TEST(WasiFd, DefaultLimitIsMfileAt1024) {
  TempDir dir;
  dir.write("f", "x");
  Guest g(Guest::withDir(dir));
  u32 count = 0;
  Errno last = Errno::Success;
  while ((last = g.open(3, "f", 0, kRead).error) == Errno::Success) ++count;
  EXPECT_EQ(last, Errno::MFile);
  EXPECT_LE(count, 1020u);
  EXPECT_GE(count, 900u);
}

TEST(WasiFd, RenumberMovesEverythingAndClosesTheTarget) {
  TempDir dir;
  dir.write("a", "aaaa");
  dir.write("b", "bbbb");
  Guest g(Guest::withDir(dir));
  u32 a = g.open(3, "a", 0, kRead).fd;
  u32 b = g.open(3, "b", 0, kRead).fd;
  EXPECT_EQ(g.read(a, 1), "a");
  ASSERT_EQ(g.call("fd_renumber", a, b), Errno::Success);
  EXPECT_EQ(g.fdstat(a).error, Errno::Badf);
  EXPECT_EQ(g.tell(b).at, 1u);
  EXPECT_EQ(g.read(b), "aaa");
  EXPECT_EQ(g.call("fd_renumber", b, b), Errno::Success);
  EXPECT_EQ(g.fdstat(b).error, Errno::Success);
  EXPECT_EQ(g.call("fd_renumber", b, b + 1), Errno::Badf);
  EXPECT_EQ(g.fdstat(b).error, Errno::Success);
  EXPECT_EQ(g.readFile(3, "a"), "aaaa") << "opening still works";
  ASSERT_EQ(g.call("fd_renumber", 3, 1), Errno::Success) << "preopen onto a standard stream";
  u32 out = g.alloc(8);
  EXPECT_EQ(g.call("fd_prestat_get", 1, out), Errno::Success);
  EXPECT_EQ(g.readFile(1, "b"), "bbbb");
}

TEST(WasiFd, SetRightsIsHonestlyUnsupported) {
  TempDir dir;
  Guest g(Guest::withDir(dir));
  auto status = g.fdstat(3);
  EXPECT_EQ(g.call("fd_fdstat_set_rights", 3, status.base, status.inheriting), Errno::NotSup);
}

TEST(WasiFd, DirectoryRightsLetLibrariesOpenFiles) {
  TempDir dir;
  Guest g(Guest::withDir(dir));
  auto status = g.fdstat(3);
  EXPECT_EQ(status.type, static_cast<u8>(FileType::Directory));
  EXPECT_EQ(status.flags, 0u);
  EXPECT_EQ(status.base & rights::kPathOpen, rights::kPathOpen);
  EXPECT_EQ(status.base & rights::kPathFilestatSetSize, 0u);
  EXPECT_EQ(status.base & rights::kFdFilestatSetSize, 0u);
  EXPECT_EQ(status.inheriting & (kRead | kWrite | rights::kFdSeek | rights::kPathOpen),
            kRead | kWrite | rights::kFdSeek | rights::kPathOpen);
  EXPECT_EQ(g.call("fd_fdstat_set_flags", 3, 0), Errno::Success);
  EXPECT_EQ(g.call("fd_fdstat_set_flags", 3, fdflags::kAppend), Errno::Inval);
}

TEST(WasiFd, FileRightsFollowTheAccessMode) {
  TempDir dir;
  dir.write("f", "x");
  Guest g(Guest::withDir(dir));
  u64 both = kRead | kWrite;
  EXPECT_EQ(g.fdstat(g.open(3, "f", 0, kRead).fd).base & both, kRead);
  EXPECT_EQ(g.fdstat(g.open(3, "f", 0, kWrite).fd).base & both, kWrite);
  auto status = g.fdstat(g.open(3, "f", 0, both).fd);
  EXPECT_EQ(status.base & both, both);
  EXPECT_EQ(status.type, static_cast<u8>(FileType::RegularFile));
  EXPECT_NE(status.base & rights::kFdSeek, 0u);
}

TEST(WasiFd, DirectoriesRefuseFileCalls) {
  TempDir dir;
  Guest g(Guest::withDir(dir));
  u32 out = g.alloc(64);
  EXPECT_EQ(g.call("fd_read", 3, out, 0, out), Errno::IsDir);
  EXPECT_EQ(g.call("fd_pread", 3, out, 0, u64{0}, out), Errno::IsDir);
  EXPECT_EQ(g.call("fd_write", 3, out, 0, out), Errno::Badf);
  EXPECT_EQ(g.call("fd_pwrite", 3, out, 0, u64{0}, out), Errno::Badf);
  EXPECT_EQ(g.call("fd_seek", 3, u64{0}, 0, out), Errno::Badf);
  EXPECT_EQ(g.call("fd_tell", 3, out), Errno::Badf);
  EXPECT_EQ(g.call("fd_allocate", 3, u64{0}, u64{1}), Errno::Badf);
  EXPECT_EQ(g.call("fd_advise", 3, u64{0}, u64{0}, 0), Errno::Badf);
  EXPECT_EQ(g.call("fd_sync", 3), Errno::Badf);
  EXPECT_EQ(g.call("fd_datasync", 3), Errno::Badf);
  EXPECT_EQ(g.call("fd_filestat_set_size", 3, u64{0}), Errno::Badf);
  EXPECT_EQ(g.fstat(3).error, Errno::Success);
}

TEST(WasiFd, FlagsAreReportedAndSwitchable) {
  TempDir dir;
  Guest g(Guest::withDir(dir));
  u32 fd = g.open(3, "f", oflags::kCreat, kRead | kWrite, 0, fdflags::kAppend).fd;
  EXPECT_EQ(g.fdstat(fd).flags, fdflags::kAppend);
  EXPECT_EQ(g.write(fd, "abc"), Errno::Success);
  EXPECT_EQ(g.seek(fd, 0, 0).error, Errno::Success);
  EXPECT_EQ(g.write(fd, "d"), Errno::Success);
  EXPECT_EQ(dir.read("f"), "abcd");
  ASSERT_EQ(g.call("fd_fdstat_set_flags", fd, fdflags::kNonblock), Errno::Success);
  EXPECT_EQ(g.fdstat(fd).flags, fdflags::kNonblock);
  EXPECT_EQ(g.seek(fd, 0, 0).error, Errno::Success);
  EXPECT_EQ(g.write(fd, "X"), Errno::Success);
  EXPECT_EQ(dir.read("f"), "Xbcd");
  EXPECT_EQ(g.call("fd_fdstat_set_flags", fd, fdflags::kSync), Errno::NotSup);
  EXPECT_EQ(g.call("fd_fdstat_set_flags", fd, 32), Errno::Inval);
  EXPECT_EQ(g.call("fd_fdstat_set_flags", fd, 0x10000 | fdflags::kAppend), Errno::Inval)
      << "bits above the type's width";
  u32 sync = g.open(3, "f", 0, kWrite, 0, fdflags::kSync).fd;
  EXPECT_EQ(g.fdstat(sync).flags, fdflags::kSync);
}

TEST(WasiFd, HostDescriptorsAreCloseOnExec) {
  TempDir dir;
  dir.write("f", "x");
  Guest g(Guest::withDir(dir));
  ASSERT_EQ(g.open(3, "f", 0, kRead).error, Errno::Success);
  DIR* stream = opendir("/proc/self/fd");
  ASSERT_NE(stream, nullptr);
  int checked = 0;
  while (dirent* entry = readdir(stream)) {
    int fd = atoi(entry->d_name);
    char target[512];
    ssize_t n =
        readlink((std::string("/proc/self/fd/") + entry->d_name).c_str(), target, sizeof target);
    if (n > 0 && std::string_view(target, static_cast<size_t>(n)).starts_with(dir.path())) {
      EXPECT_NE(fcntl(fd, F_GETFD) & FD_CLOEXEC, 0);
      ++checked;
    }
  }
  closedir(stream);
  EXPECT_EQ(checked, 2);
}

}  // namespace
}  // namespace bls::wasi
