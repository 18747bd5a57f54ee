// Preview 0: the functions whose structures or constants differ, next to preview 1 over the same
// context.
#include "tests/wasi/guest.h"

namespace bls::wasi {
namespace {

TEST(WasiUnstable, WhenceIsCurEndSet) {
  TempDir dir;
  dir.write("f", "0123456789");
  Guest g(Guest::withDir(dir), true);
  u32 fd = g.open(3, "f", 0, kRead).fd;
  EXPECT_EQ(g.seek(fd, 4, 2).at, 4u) << "SET";
  EXPECT_EQ(g.seek(fd, 1, 0).at, 5u) << "CUR";
  EXPECT_EQ(g.seek(fd, -1, 1).at, 9u) << "END";
  EXPECT_EQ(g.seek(fd, 0, 3).error, Errno::Inval);
}

TEST(WasiUnstable, FilestatHas56Bytes) {
  TempDir dir;
  dir.write("f", "12345");
  timespec times[2] = {{1, 2}, {3, 4}};
  ASSERT_EQ(utimensat(AT_FDCWD, (dir / "f").c_str(), times, 0), 0);
  Guest g(Guest::withDir(dir), true);
  struct stat info;
  ASSERT_EQ(stat((dir / "f").c_str(), &info), 0);
  u32 fd = g.open(3, "f", 0, kRead).fd;
  u32 out = g.alloc(64);
  for (bool byPath : {false, true}) {
    std::memset(g.base() + out, 0xa5, 64);
    if (byPath) {
      ASSERT_EQ(g.call("path_filestat_get", 3, 0, g.put("f"), 1, out), Errno::Success);
    } else {
      ASSERT_EQ(g.call("fd_filestat_get", fd, out), Errno::Success);
    }
    EXPECT_EQ(g.load<u64>(out), info.st_dev);
    EXPECT_EQ(g.load<u64>(out + 8), info.st_ino);
    EXPECT_EQ(g.load<u32>(out + 16), static_cast<u32>(FileType::RegularFile)) << "padding is zero";
    EXPECT_EQ(g.load<u32>(out + 20), 1u);
    EXPECT_EQ(g.load<u64>(out + 24), 5u);
    EXPECT_EQ(g.load<u64>(out + 32), 1'000'000'002u);
    EXPECT_EQ(g.load<u64>(out + 40), 3'000'000'004u);
    EXPECT_EQ(g.load<u64>(out + 56), 0xa5a5a5a5a5a5a5a5u) << "nothing behind it is touched";
  }
  EXPECT_EQ(g.call("fd_filestat_get", fd, kMemoryBytes - 56), Errno::Success);
  EXPECT_EQ(g.trap("fd_filestat_get", fd, kMemoryBytes - 48), Trap::BadGuestPointer);
}

TEST(WasiPreview1, FilestatHas64BytesWithZeroPadding) {
  TempDir dir;
  dir.write("f", "12345");
  Guest g(Guest::withDir(dir));
  u32 fd = g.open(3, "f", 0, kRead).fd;
  u32 out = g.alloc(72);
  std::memset(g.base() + out, 0xa5, 72);
  ASSERT_EQ(g.call("fd_filestat_get", fd, out), Errno::Success);
  EXPECT_EQ(g.load<u64>(out + 16), static_cast<u64>(FileType::RegularFile));
  EXPECT_EQ(g.load<u64>(out + 24), 1u);
  EXPECT_EQ(g.load<u64>(out + 32), 5u);
  EXPECT_EQ(g.load<u64>(out + 64), 0xa5a5a5a5a5a5a5a5u);
  EXPECT_EQ(g.trap("fd_filestat_get", fd, kMemoryBytes - 56), Trap::BadGuestPointer);
}

TEST(WasiPreview1, FdstatPaddingIsZero) {
  Guest g;
  u32 out = g.alloc(24);
  std::memset(g.base() + out, 0xa5, 24);
  ASSERT_EQ(g.call("fd_fdstat_get", 1, out), Errno::Success);
  EXPECT_EQ(g.load<u8>(out + 1), 0u);
  EXPECT_EQ(g.load<u32>(out + 4), 0u);
  EXPECT_EQ(g.trap("fd_fdstat_get", 1, kMemoryBytes - 16), Trap::BadGuestPointer);
  EXPECT_EQ(g.trap("fd_fdstat_get", 1, out + 4), Trap::BadGuestPointer) << "misaligned";
}

TEST(WasiUnstable, SubscriptionHas56Bytes) {
  ContextConfig config = Guest::quiet();
  config.clock = steppingClock(0, 0);
  Guest g(std::move(config), true);
  u32 in = g.alloc(112), out = g.alloc(64), count = g.alloc(4);
  std::memset(g.base() + in, 0, 112);
  g.store<u64>(in, 1);
  g.store<u64>(in + 16, 0xdeadbeef);  // the identifier is not used
  g.store<u32>(in + 24, 1);
  g.store<u64>(in + 32, 500);
  g.store<u64>(in + 56, 2);
  g.store<u8>(in + 56 + 8, 1);
  g.store<u32>(in + 56 + 16, 55);
  ASSERT_EQ(g.call("poll_oneoff", in, out, 2, count), Errno::Success);
  EXPECT_EQ(g.load<u32>(count), 1u);
  EXPECT_EQ(g.load<u64>(out), 2u);
  EXPECT_EQ(g.load<u16>(out + 8), static_cast<u16>(Errno::Badf));
  g.store<u16>(in + 48, 1);  // absolute
  ASSERT_EQ(g.call("poll_oneoff", in, out, 1, count), Errno::Success);
  EXPECT_EQ(g.load<u64>(out), 1u);
  u32 now = g.alloc(8);
  ASSERT_EQ(g.call("clock_time_get", 1, u64{0}, now), Errno::Success);
  EXPECT_EQ(g.load<u64>(now), 500u);
  EXPECT_EQ(g.trap("poll_oneoff", kMemoryBytes - 48, out, 1, count), Trap::BadGuestPointer);
}

TEST(WasiUnstable, SharesDescriptorsWithPreview1) {
  TempDir dir;
  Guest g(Guest::withDir(dir), true);
  u32 fd = g.open(3, "f", oflags::kCreat, kWrite).fd;
  host::HostModule other = preview1Module(g.ctx());
  const host::HostFunc* close = other.find("fd_close");
  u64 slots[1] = {fd};
  FuncObj self;
  self.hostData = other.context();
  EXPECT_EQ(close->thunk(&g.cx(), &self, slots), Trap::None);
  EXPECT_EQ(slots[0], 0u);
  EXPECT_EQ(g.write(fd, "x"), Errno::Badf);
}

}  // namespace
}  // namespace bls::wasi
