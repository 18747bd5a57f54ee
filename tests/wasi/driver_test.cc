// Descriptors that other host functions make: streams of drivers, and sockets.
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <thread>

#include "tests/support/asleep.h"
#include "tests/wasi/guest.h"

namespace bls::wasi {
namespace {

// What a driver was asked, and what it answers.
struct Script {
  std::string input = "driver bytes";
  std::string written;
  std::vector<u32> sizes;
  int error = 0;
  u32 claim = ~u32{0};  // the length it says, whatever it did
  const void* buffer = nullptr;
  int closed = 0;
};

class ScriptStream final : public host::DriverStream {
 public:
  explicit ScriptStream(Script* script) : script_(script) {}
  ~ScriptStream() override { ++script_->closed; }
  int read(u8* data, u32 size, u32* done) override {
    const u32 n = std::min(size, static_cast<u32>(script_->input.size()));
    if (script_->error == 0) std::memcpy(data, script_->input.data(), n);
    script_->buffer = data;
    return finish(size, n, done);
  }
  int write(const u8* data, u32 size, u32* done) override {
    script_->written.append(reinterpret_cast<const char*>(data), size);
    script_->buffer = data;
    return finish(size, size, done);
  }

 private:
  int finish(u32 size, u32 n, u32* done) {
    script_->sizes.push_back(size);
    *done = script_->claim != ~u32{0} ? script_->claim : n;
    return script_->error;
  }
  Script* script_;
};

class WasiDriver : public testing::Test {
 protected:
  u32 open() {
    u32 fd = 0;
    EXPECT_TRUE(g.ctx().descriptors().addDriver(std::make_unique<ScriptStream>(&script), &fd));
    return fd;
  }
  Script script;
  Guest g;
};

TEST_F(WasiDriver, IsABlockDeviceThatMovesBytes) {
  const u32 fd = open();
  EXPECT_EQ(fd, 3u);
  const auto status = g.fdstat(fd);
  EXPECT_EQ(status.type, static_cast<u8>(FileType::BlockDevice));
  EXPECT_EQ(status.base & (kRead | kWrite | rights::kPollFdReadwrite | rights::kFdSeek),
            kRead | kWrite | rights::kPollFdReadwrite);
  EXPECT_EQ(g.fstat(fd).error, Errno::Success);
  EXPECT_EQ(g.fstat(fd).type, static_cast<u8>(FileType::BlockDevice));
  EXPECT_EQ(g.read(fd, 6), "driver");
  EXPECT_EQ(g.write(fd, "hello"), Errno::Success);
  EXPECT_EQ(script.written, "hello");
  EXPECT_FALSE(script.buffer >= g.base() && script.buffer < g.base() + kMemoryBytes)
      << "a driver never sees guest memory";
  script.input.clear();
  EXPECT_EQ(g.read(fd), "") << "the end";
  EXPECT_EQ(g.seek(fd, 0, 0).error, Errno::Spipe);
  EXPECT_EQ(g.tell(fd).error, Errno::Spipe);
  EXPECT_EQ(g.call("fd_sync", fd), Errno::Success);
  EXPECT_EQ(g.call("fd_filestat_set_size", fd, u64{0}), Errno::Inval);
  EXPECT_EQ(g.call("fd_filestat_set_times", fd, u64{0}, u64{0}, 0), Errno::Perm);
  EXPECT_EQ(g.call("sock_shutdown", fd, 3), Errno::NotSock);
  EXPECT_EQ(g.call("fd_fdstat_set_flags", fd, fdflags::kAppend), Errno::NotSup);
}

TEST_F(WasiDriver, OnlyTheFirstBufferThatIsNotEmptyIsPassed) {
  const u32 fd = open();
  const u32 out = g.alloc(4), data = g.alloc(64);
  ASSERT_EQ(g.call("fd_read", fd, g.iovs({{data, 0}, {data, 6}, {data + 32, 32}}), 3, out),
            Errno::Success);
  EXPECT_EQ(g.load<u32>(out), 6u);
  EXPECT_EQ(g.text(data, 6), "driver");
  ASSERT_EQ(g.call("fd_write", fd, g.iovs({{data, 0}, {data, 3}, {data, 3}}), 3, out),
            Errno::Success);
  EXPECT_EQ(g.load<u32>(out), 3u);
  EXPECT_EQ(script.written, "dri");
  script.sizes.clear();
  ASSERT_EQ(g.call("fd_read", fd, g.iovs({{data, 0}}), 1, out), Errno::Success);
  EXPECT_TRUE(script.sizes.empty()) << "nothing is asked for nothing";
}

TEST_F(WasiDriver, ItsErrorsAreErrnosAndItsLiesAreIo) {
  const u32 fd = open();
  const u32 out = g.alloc(4), data = g.alloc(16);
  for (auto [host, wasi] :
       {std::pair{EAGAIN, Errno::Again}, std::pair{ECONNRESET, Errno::ConnReset},
        std::pair{EBADF, Errno::Badf}, std::pair{99999, Errno::Io}}) {
    script.error = host;
    EXPECT_EQ(g.call("fd_read", fd, g.iovs({{data, 8}}), 1, out), wasi);
    EXPECT_EQ(g.call("fd_write", fd, g.iovs({{data, 8}}), 1, out), wasi);
  }
  script.error = 0;
  for (u32 claim : {9u, 0x7fffffffu, 0xfffffffeu}) {
    script.claim = claim;
    std::memset(g.base() + data, 'x', 16);
    EXPECT_EQ(g.call("fd_read", fd, g.iovs({{data, 8}}), 1, out), Errno::Io);
    EXPECT_EQ(g.text(data, 16), std::string(16, 'x'));
    EXPECT_EQ(g.call("fd_write", fd, g.iovs({{data, 8}}), 1, out), Errno::Io);
  }
}

TEST_F(WasiDriver, IsClosedOnceHoweverItEnds) {
  const u32 first = open();
  EXPECT_EQ(g.call("fd_close", first), Errno::Success);
  EXPECT_EQ(script.closed, 1);
  EXPECT_EQ(g.call("fd_close", first), Errno::Badf);
  EXPECT_EQ(script.closed, 1);
  const u32 moved = open();
  const u32 other = open();
  EXPECT_EQ(g.call("fd_renumber", moved, other), Errno::Success);
  EXPECT_EQ(script.closed, 2) << "the one that stood there";
  EXPECT_EQ(g.read(other, 6), "driver");
  EXPECT_EQ(g.call("fd_close", other), Errno::Success);
  EXPECT_EQ(script.closed, 3);
}

TEST(WasiDriverTable, AFullTableDestroysTheStream) {
  ContextConfig config = Guest::quiet();
  config.limits.descriptors = 4;
  Guest g(std::move(config));
  Script script;
  host::DescriptorTable& door = g.ctx().descriptors();
  u32 fd = 0;
  EXPECT_TRUE(door.addDriver(std::make_unique<ScriptStream>(&script), &fd));
  EXPECT_FALSE(door.hasRoom());
  EXPECT_FALSE(door.addDriver(std::make_unique<ScriptStream>(&script), &fd));
  EXPECT_EQ(script.closed, 1);
}

TEST_F(WasiDriver, PollFindsItReady) {
  const u32 fd = open();
  const u32 in = g.alloc(96), out = g.alloc(64), count = g.alloc(4);
  std::memset(g.base() + in, 0, 96);
  g.store<u8>(in + 8, 1);
  g.store<u32>(in + 16, fd);
  g.store<u8>(in + 48 + 8, 2);
  g.store<u32>(in + 48 + 16, fd);
  ASSERT_EQ(g.call("poll_oneoff", in, out, 2, count), Errno::Success);
  EXPECT_EQ(g.load<u32>(count), 2u);
  EXPECT_EQ(g.load<u16>(out + 8), 0u);
  EXPECT_EQ(g.load<u16>(out + 32 + 8), 0u);
}

// A host function that asked for its own permission makes a listener; the run grants none.
TEST(WasiDoor, AListenerOfAHostFunctionAccepts) {
  Diagnostics diag;
  auto made = openListener("127.0.0.1:0", diag);
  ASSERT_TRUE(made.ok());
  sockaddr_in address{};
  socklen_t size = sizeof address;
  ASSERT_EQ(getsockname(made.value(), reinterpret_cast<sockaddr*>(&address), &size), 0);
  Guest g;
  EXPECT_FALSE(g.ctx().grants().permit(host::Capability::Listen, "sock_accept"));
  u32 listener = 0;
  ASSERT_TRUE(
      g.ctx().descriptors().addSocket(made.value(), host::SocketUse::Listening, true, &listener));
  EXPECT_EQ(g.read(listener), "<Badf>");
  const int peer = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ASSERT_EQ(connect(peer, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  const u32 out = g.alloc(4);
  ASSERT_EQ(g.call("sock_accept", listener, 0, out), Errno::Success);
  const u32 accepted = g.load<u32>(out);
  EXPECT_EQ(g.fdstat(accepted).type, static_cast<u8>(FileType::SocketStream));
  EXPECT_EQ(g.write(accepted, "to the peer"), Errno::Success);
  char buffer[16];
  EXPECT_EQ(::recv(peer, buffer, sizeof buffer, 0), 11);
  ::close(peer);
  EXPECT_EQ(g.read(accepted), "");
}

TEST(WasiDoor, AConnectedSocketBlocksOrNotAsAsked) {
  int pair[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair), 0);
  Guest g;
  u32 fd = 0;
  ASSERT_TRUE(g.ctx().descriptors().addSocket(pair[0], host::SocketUse::Connected, false, &fd));
  EXPECT_EQ(g.fdstat(fd).flags, fdflags::kNonblock);
  EXPECT_EQ(g.read(fd), "<Again>");
  ASSERT_EQ(g.call("fd_fdstat_set_flags", fd, 0), Errno::Success);
  std::thread late([&, waiting = test::currentThread()] {
    test::waitUntilAsleep(waiting);
    EXPECT_EQ(::send(pair[1], "late", 4, MSG_NOSIGNAL), 4);
  });
  EXPECT_EQ(g.read(fd), "late");
  late.join();
  ::close(pair[1]);
}

}  // namespace
}  // namespace bls::wasi
