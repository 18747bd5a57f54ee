// fd_read, fd_write, positioned forms, iovec rules, streams, standard streams.
#include <sys/socket.h>

#include <thread>

#include "tests/support/asleep.h"
#include "tests/wasi/guest.h"

namespace bls::wasi {
namespace {

struct Pipe {
  Pipe() { EXPECT_EQ(pipe2(fds, O_CLOEXEC), 0); }
  ~Pipe() {
    closeRead();
    closeWrite();
  }
  void closeRead() { close(fds[0]), fds[0] = -1; }
  void closeWrite() { close(fds[1]), fds[1] = -1; }
  void send(std::string_view s) {
    EXPECT_EQ(::write(fds[1], s.data(), s.size()), static_cast<ssize_t>(s.size()));
  }
  std::string take() {
    char buffer[65536];
    ssize_t n = ::read(fds[0], buffer, sizeof buffer);
    return n < 0 ? "<error>" : std::string(buffer, static_cast<size_t>(n));
  }
  int fds[2];
};

ContextConfig withInput(int fd) {
  ContextConfig config = Guest::quiet();
  config.in = Stdio::fromFd(fd);
  return config;
}
ContextConfig withOutput(int fd) {
  ContextConfig config = Guest::quiet();
  config.out = Stdio::fromFd(fd);
  return config;
}

TEST(WasiIo, ScatterReadFillsInOrderAndSkipsEmptyBuffers) {
  TempDir dir;
  dir.write("f", "abcdefgh");
  Guest g(Guest::withDir(dir));
  u32 fd = g.open(3, "f", 0, kRead).fd;
  g.resetAllocator();
  u32 out = g.alloc(4);
  u32 a = g.alloc(4, 1), b = g.alloc(4, 1), c = g.alloc(4, 1);
  u32 list = g.iovs({{a, 2}, {kMemoryBytes, 0}, {b, 3}, {c, 4}});
  ASSERT_EQ(g.call("fd_read", fd, list, 4, out), Errno::Success);
  EXPECT_EQ(g.load<u32>(out), 8u);
  EXPECT_EQ(g.text(a, 2) + g.text(b, 3) + g.text(c, 3), "abcdefgh");
  ASSERT_EQ(g.call("fd_read", fd, list, 4, out), Errno::Success);
  EXPECT_EQ(g.load<u32>(out), 0u) << "end of file";
  ASSERT_EQ(g.call("fd_read", fd, list, 0, out), Errno::Success);
  EXPECT_EQ(g.load<u32>(out), 0u) << "no buffers";
}

TEST(WasiIo, GatherWriteKeepsOrder) {
  TempDir dir;
  Guest g(Guest::withDir(dir));
  u32 fd = g.open(3, "f", oflags::kCreat, kWrite).fd;
  g.resetAllocator();
  u32 out = g.alloc(4);
  u32 a = g.put("one "), b = g.put("two ");
  u32 list = g.iovs({{a, 4}, {b, 0}, {b, 4}, {a, 3}});
  ASSERT_EQ(g.call("fd_write", fd, list, 4, out), Errno::Success);
  EXPECT_EQ(g.load<u32>(out), 11u);
  EXPECT_EQ(dir.read("f"), "one two one");
}

TEST(WasiIo, AccessModeIsEnforced) {
  TempDir dir;
  dir.write("f", "x");
  Guest g(Guest::withDir(dir));
  EXPECT_EQ(g.write(g.open(3, "f", 0, kRead).fd, "y"), Errno::Badf);
  EXPECT_EQ(g.read(g.open(3, "f", 0, kWrite).fd), "<Badf>");
  EXPECT_EQ(g.read(g.open(3, "f", 0, 0).fd), "<Badf>");
  EXPECT_EQ(g.write(0, "y"), Errno::Badf);
  EXPECT_EQ(g.read(1), "<Badf>");
  EXPECT_EQ(dir.read("f"), "x");
}

TEST(WasiIo, PositionedCallsLeaveThePositionAlone) {
  TempDir dir;
  dir.write("f", "0123456789");
  Guest g(Guest::withDir(dir));
  u32 fd = g.open(3, "f", 0, kRead | kWrite).fd;
  EXPECT_EQ(g.seek(fd, 4, 0).at, 4u);
  g.resetAllocator();
  u32 out = g.alloc(4);
  u32 data = g.put("ab");
  u32 list = g.iovs({{data, 2}});
  ASSERT_EQ(g.call("fd_pwrite", fd, list, 1, u64{7}, out), Errno::Success);
  EXPECT_EQ(g.load<u32>(out), 2u);
  EXPECT_EQ(dir.read("f"), "0123456ab9");
  ASSERT_EQ(g.call("fd_pread", fd, list, 1, u64{9}, out), Errno::Success);
  EXPECT_EQ(g.load<u32>(out), 1u);
  EXPECT_EQ(g.text(data, 1), "9");
  ASSERT_EQ(g.call("fd_pread", fd, list, 1, u64{100}, out), Errno::Success);
  EXPECT_EQ(g.load<u32>(out), 0u);
  EXPECT_EQ(g.call("fd_pread", fd, list, 1, u64{1} << 63, out), Errno::Inval);
  EXPECT_EQ(g.call("fd_pwrite", fd, list, 1, ~u64{0}, out), Errno::Inval);
  EXPECT_EQ(g.call("fd_pwrite", fd, list, 1, (u64{1} << 63) - 1, out), Errno::Inval)
      << "end above the maximum";
  EXPECT_EQ(g.tell(fd).at, 4u);
}

TEST(WasiIo, BuffersOutsideMemoryTrapBeforeAnythingIsMoved) {
  TempDir dir;
  dir.write("f", "abcdefgh");
  Guest g(Guest::withDir(dir));
  u32 fd = g.open(3, "f", 0, kRead | kWrite).fd;
  g.resetAllocator();
  u32 out = g.alloc(4);
  u32 data = g.alloc(8);
  const std::pair<u32, u32> bad[] = {{kMemoryBytes, 1},        {kMemoryBytes - 1, 2},
                                     {0xffffffff, 0xffffffff}, {1, 0xffffffff},
                                     {kMemoryBytes + 1, 0},    {0x80000000, 4}};
  for (auto [address, length] : bad) {
    u32 list = g.iovs({{data, 4}, {address, length}});
    EXPECT_EQ(g.trap("fd_read", fd, list, 2, out), Trap::BadGuestPointer)
        << address << "+" << length;
    EXPECT_EQ(g.trap("fd_write", fd, list, 2, out), Trap::BadGuestPointer);
    EXPECT_EQ(g.trap("fd_pread", fd, list, 2, u64{0}, out), Trap::BadGuestPointer);
    EXPECT_EQ(g.trap("fd_pwrite", fd, list, 2, u64{0}, out), Trap::BadGuestPointer);
  }
  EXPECT_EQ(g.tell(fd).at, 0u);
  EXPECT_EQ(dir.read("f"), "abcdefgh");
  EXPECT_EQ(g.trap("fd_read", fd, kMemoryBytes - 4, 1, out), Trap::BadGuestPointer)
      << "the list itself";
  EXPECT_EQ(g.trap("fd_read", fd, 66, 1, out), Trap::BadGuestPointer) << "a misaligned list";
  EXPECT_EQ(g.trap("fd_read", fd, 64, 0, kMemoryBytes), Trap::BadGuestPointer) << "the result";
}

TEST(WasiIo, ListThatOverwritesItselfIsReadOnce) {
  TempDir dir;
  std::string evil(64, '\xff');
  dir.write("f", evil);
  Guest g(Guest::withDir(dir));
  u32 fd = g.open(3, "f", 0, kRead).fd;
  g.resetAllocator();
  u32 out = g.alloc(4);
  u32 other = g.alloc(16, 1);
  u32 list = g.iovs({{0, 16}, {other, 16}});
  g.store<u32>(list, list);  // the first buffer is the list
  ASSERT_EQ(g.call("fd_read", fd, list, 2, out), Errno::Success);
  EXPECT_EQ(g.load<u32>(out), 32u);
  EXPECT_EQ(g.text(other, 16), evil.substr(0, 16));
  EXPECT_EQ(g.load<u32>(list), 0xffffffffu);
}

TEST(WasiIo, LongListsAreAShortTransferAndHugeCountsTrap) {
  TempDir dir;
  dir.write("f", std::string(5000, 'z'));
  Guest g(Guest::withDir(dir));
  u32 fd = g.open(3, "f", 0, kRead).fd;
  g.resetAllocator();
  u32 out = g.alloc(4);
  u32 data = g.alloc(8);
  u32 list = g.alloc(8 * 3000);
  for (u32 i = 0; i < 3000; ++i) {
    g.store<u32>(list + 8 * i, data);
    g.store<u32>(list + 8 * i + 4, i < 1500 ? 0 : 1);
  }
  ASSERT_EQ(g.call("fd_read", fd, list, 3000, out), Errno::Success);
  EXPECT_EQ(g.load<u32>(out), 1024u) << "empty entries do not count";
  EXPECT_EQ(g.trap("fd_read", fd, 64, 1u << 29, out), Trap::BadGuestPointer);
  EXPECT_EQ(g.trap("fd_write", fd, 64, 0xffffffff, out), Trap::BadGuestPointer);
}

TEST(WasiIo, LengthsAddingUpBeyond32BitsAreInvalid) {
  TempDir dir;
  dir.write("f", "x");
  Guest g(Guest::withDir(dir));
  u32 fd = g.open(3, "f", 0, kRead).fd;
  g.resetAllocator();
  u32 out = g.alloc(4);
  u32 list = g.alloc(8 * 5000);
  for (u32 i = 0; i < 5000; ++i) {
    g.store<u32>(list + 8 * i, 0);
    g.store<u32>(list + 8 * i + 4, kMemoryBytes);
  }
  EXPECT_EQ(g.call("fd_read", fd, list, 5000, out), Errno::Inval);
}

TEST(WasiIo, FixedInputThenEndOfFile) {
  ContextConfig config = Guest::quiet();
  config.in = Stdio::fromBytes("hello world");
  Guest g(std::move(config));
  EXPECT_EQ(g.read(0, 5), "hello");
  g.resetAllocator();
  u32 out = g.alloc(4);
  u32 a = g.alloc(4, 1), b = g.alloc(100, 1);
  ASSERT_EQ(g.call("fd_read", 0, g.iovs({{a, 2}, {b, 100}}), 2, out), Errno::Success);
  EXPECT_EQ(g.load<u32>(out), 6u);
  EXPECT_EQ(g.text(a, 2) + g.text(b, 4), " world");
  EXPECT_EQ(g.read(0), "");
  EXPECT_EQ(g.seek(0, 0, 0).error, Errno::Spipe);
}

TEST(WasiIo, FixedInputMayComeFromTheProcess) {
  Pipe p;
  auto input = std::make_shared<host::ProcessInput>(p.fds[0], "otherwise");
  ContextConfig config = Guest::quiet();
  config.in = Stdio::fromInput(input);
  Guest g(std::move(config));
  p.send("hello world");
  p.closeWrite();
  EXPECT_EQ(g.read(0, 5), "hello");
  EXPECT_EQ(g.read(0), " world");
  EXPECT_EQ(g.read(0), "");
  EXPECT_EQ(g.seek(0, 0, 0).error, Errno::Spipe);
}

TEST(WasiIo, OutputIsLimitedOverBothStreams) {
  std::string got;
  u32 refusals = 0;
  ContextConfig config = Guest::quiet();
  config.out = Stdio::toSink([&](std::string_view s) { got += s; });
  config.err = Stdio::toSink([&](std::string_view s) { got += s; });
  config.limits.outputBytes = 10;
  config.onOutputFull = [&] { ++refusals; };
  TempDir dir;
  config.preopens.push_back({dir.path(), "/"});
  Guest g(std::move(config));
  EXPECT_EQ(g.write(1, "0123"), Errno::Success);
  EXPECT_EQ(g.write(2, "4567"), Errno::Success);
  g.resetAllocator();
  const u32 out = g.alloc(4);
  const u32 a = g.alloc(4, 1);
  const u32 list = g.iovs({{a, 1}, {a, 0}, {a, 3}});
  EXPECT_EQ(g.call("fd_write", 1, list, 3, out), Errno::Success);
  EXPECT_EQ(g.load<u32>(out), 2u) << "cut short";
  EXPECT_EQ(got.size(), 10u);
  EXPECT_EQ(refusals, 0u);
  EXPECT_EQ(g.call("fd_write", 2, list, 3, out), Errno::FBig);
  EXPECT_EQ(g.call("fd_write", 1, list, 3, out), Errno::FBig);
  EXPECT_EQ(g.call("fd_write", 1, list, 0, out), Errno::Success) << "nothing is not too much";
  EXPECT_EQ(refusals, 1u) << "told once";
  EXPECT_EQ(got.size(), 10u);
}

TEST(WasiIo, BytesThatCouldNotBeWrittenDoNotCountAsOutput) {
  Pipe p;
  p.closeRead();
  ContextConfig config = withOutput(p.fds[1]);
  config.limits.outputBytes = 4;
  Guest g(std::move(config));
  EXPECT_EQ(g.write(1, "0123"), Errno::Pipe);
  EXPECT_EQ(g.write(1, "0123"), Errno::Pipe) << "and not FBig";
}

TEST(WasiIo, SinkGetsTheBytesAtOnce) {
  std::string got;
  ContextConfig config = Guest::quiet();
  config.out = Stdio::toSink([&](std::string_view s) { got += s; });
  Guest g(std::move(config));
  EXPECT_EQ(g.write(1, "one"), Errno::Success);
  EXPECT_EQ(got, "one");
  EXPECT_EQ(g.write(2, "vanishes"), Errno::Success);
  EXPECT_EQ(g.fdstat(1).error, Errno::Success);
  EXPECT_EQ(g.fstat(1).error, Errno::Success);
  EXPECT_EQ(g.call("fd_sync", 1), Errno::Success);
}

TEST(WasiIo, PipesAreStreams) {
  Pipe p;
  Guest g(withInput(p.fds[0]));
  p.send("data");
  EXPECT_EQ(g.read(0), "data");
  EXPECT_EQ(g.seek(0, 0, 1).error, Errno::Spipe);
  EXPECT_EQ(g.tell(0).error, Errno::Spipe);
  u32 out = g.alloc(4);
  EXPECT_EQ(g.call("fd_pread", 0, 64, 0, u64{0}, out), Errno::Spipe);
  EXPECT_EQ(g.call("fd_advise", 0, u64{0}, u64{0}, 0), Errno::Spipe);
  EXPECT_EQ(g.fdstat(0).type, static_cast<u8>(FileType::Unknown));
  p.closeWrite();
  EXPECT_EQ(g.read(0), "");
}

TEST(WasiIo, NonblockingIsTheGuestsOwnFlag) {
  Pipe p;
  Guest g(withInput(p.fds[0]));
  ASSERT_EQ(g.call("fd_fdstat_set_flags", 0, fdflags::kNonblock), Errno::Success);
  EXPECT_EQ(g.read(0), "<Again>");
  EXPECT_EQ(fcntl(p.fds[0], F_GETFL) & O_NONBLOCK, 0) << "a shared open file was changed";
  EXPECT_EQ(g.call("fd_fdstat_set_flags", 0, fdflags::kAppend), Errno::NotSup);
  p.send("x");
  EXPECT_EQ(g.read(0), "x");
}

TEST(WasiIo, LargeWritesToAPipeArriveWhole) {
  Pipe p;
  Guest g(withOutput(p.fds[1]));
  std::string text(300000, 'q');
  std::string got;
  std::thread reader([&] {
    for (std::string s; !(s = p.take()).empty();) got += s;
  });
  EXPECT_EQ(g.write(1, text), Errno::Success);
  EXPECT_EQ(g.call("fd_close", 1), Errno::Success);
  p.closeWrite();
  reader.join();
  EXPECT_EQ(got, text);
}

TEST(WasiIo, ClosedPipeIsAnErrorAndNotASignal) {
  Pipe p;
  Guest g(withOutput(p.fds[1]));
  p.closeRead();
  EXPECT_EQ(g.write(1, "x"), Errno::Pipe);
}

TEST(WasiIo, InterruptEndsABlockedRead) {
  Pipe p;
  Guest g(withInput(p.fds[0]));
  std::thread watchdog([&, waiting = test::currentThread()] {
    test::waitUntilAsleep(waiting);
    g.requestInterrupt(Trap::TimeLimit);
  });
  EXPECT_EQ(g.trap("fd_read", 0, g.iovs({{64, 4}}), 1, 32), Trap::TimeLimit);
  watchdog.join();
}

TEST(WasiIo, InterruptEndsABlockedWrite) {
  Pipe p;
  Guest g(withOutput(p.fds[1]));
  std::thread watchdog([&, waiting = test::currentThread()] {
    test::waitUntilAsleep(waiting);
    g.requestInterrupt(Trap::Interrupt);
  });
  u32 list = g.iovs({{0, kMemoryBytes}});
  EXPECT_EQ(g.trap("fd_write", 1, list, 1, 32), Trap::Interrupt);
  watchdog.join();
}

TEST(WasiIo, InterruptWithoutWakeDescriptorIsSeenToo) {
  Pipe p;
  Guest g(withInput(p.fds[0]));
  int wake = g.interrupt().wakeFd;
  g.interrupt().wakeFd = -1;
  std::thread watchdog([&, waiting = test::currentThread()] {
    test::waitUntilAsleep(waiting);
    g.interrupt().requested.store(static_cast<u8>(Trap::Interrupt));
  });
  EXPECT_EQ(g.trap("fd_read", 0, g.iovs({{64, 4}}), 1, 32), Trap::Interrupt);
  watchdog.join();
  g.interrupt().wakeFd = wake;
}

TEST(WasiIo, InheritedFilesKeepTheirKind) {
  TempDir dir;
  dir.write("in", "file input");
  int fd = ::open((dir / "in").c_str(), O_RDONLY | O_CLOEXEC);
  Guest g(withInput(fd));
  EXPECT_EQ(g.fdstat(0).type, static_cast<u8>(FileType::RegularFile));
  EXPECT_EQ(g.seek(0, 5, 0).at, 5u);
  EXPECT_EQ(g.read(0), "input");
  EXPECT_EQ(g.call("fd_filestat_set_times", 0, u64{1}, u64{1}, 1), Errno::Perm)
      << "the operator's file";
  ::close(fd);
}

TEST(WasiIo, NullDeviceIsNoTerminal) {
  int fd = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  ContextConfig config = withInput(fd);
  config.out = Stdio::fromFd(fd);
  Guest g(std::move(config));
  EXPECT_NE(g.fdstat(0).base & rights::kFdSeek, 0u) << "C libraries would take it for a terminal";
  EXPECT_EQ(g.read(0), "");
  EXPECT_EQ(g.write(1, std::string(200000, 'x')), Errno::Success);
  ::close(fd);
}

TEST(WasiIo, FifoReadWaitsForAWriterAndEnds) {
  TempDir dir;
  ASSERT_EQ(mkfifo((dir / "fifo").c_str(), 0666), 0);
  Guest g(Guest::withDir(dir));
  auto opened = g.open(3, "fifo", 0, kRead);
  ASSERT_EQ(opened.error, Errno::Success) << "opening a FIFO must not hang";
  std::thread writer([&, waiting = test::currentThread()] {
    test::waitUntilAsleep(waiting);
    int fd = ::open((dir / "fifo").c_str(), O_WRONLY);
    EXPECT_EQ(::write(fd, "late", 4), 4);
    ::close(fd);
  });
  EXPECT_EQ(g.read(opened.fd), "late");
  writer.join();
  EXPECT_EQ(g.read(opened.fd), "");
}

TEST(WasiIo, FifoWithoutPeerHonoursInterrupts) {
  TempDir dir;
  ASSERT_EQ(mkfifo((dir / "fifo").c_str(), 0666), 0);
  for (u64 mode : {kRead, kWrite}) {
    Guest g(Guest::withDir(dir));
    std::thread watchdog([&, waiting = test::currentThread()] {
      test::waitUntilAsleep(waiting);
      g.requestInterrupt(Trap::TimeLimit);
    });
    u32 path = g.put("fifo");
    u32 out = g.alloc(4);
    auto opened = g.run("path_open", 3, 0, path, 4, 0, mode, u64{0}, 0, out);
    if (mode == kRead) {
      ASSERT_EQ(opened.trap, Trap::None);
      EXPECT_EQ(g.trap("fd_read", g.load<u32>(out), g.iovs({{64, 4}}), 1, out), Trap::TimeLimit);
    } else {
      EXPECT_EQ(opened.trap, Trap::TimeLimit);
    }
    watchdog.join();
  }
  Guest g(Guest::withDir(dir));
  EXPECT_EQ(g.open(3, "fifo", 0, kWrite, 0, fdflags::kNonblock).error, Errno::Nxio);
}

TEST(WasiIo, SocketsAsStreamsDoNotSignal) {
  int pair[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
  ContextConfig config = withInput(pair[0]);
  config.out = Stdio::fromFd(pair[0]);
  Guest g(std::move(config));
  EXPECT_EQ(g.fdstat(0).type, static_cast<u8>(FileType::SocketStream));
  EXPECT_EQ(::write(pair[1], "in", 2), 2);
  EXPECT_EQ(g.read(0), "in");
  EXPECT_EQ(g.write(1, "out"), Errno::Success);
  char buffer[8];
  EXPECT_EQ(::read(pair[1], buffer, 8), 3);
  ::close(pair[1]);
  EXPECT_EQ(g.write(1, "x"), Errno::Pipe);
  ::close(pair[0]);
}

TEST(WasiIo, NoMemoryMeansEveryPointerIsBad) {
  Guest g;
  g.instance().exportedMemory = nullptr;
  EXPECT_EQ(g.trap("fd_write", 1, 0, 0, 0), Trap::BadGuestPointer);
  EXPECT_EQ(g.call("fd_close", 1), Errno::Success);
}

}  // namespace
}  // namespace bls::wasi
