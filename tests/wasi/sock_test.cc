// Socket calls on listeners and connections the operator granted.
#include <netinet/in.h>
#include <sys/socket.h>

#include <thread>

#include "tests/support/asleep.h"
#include "tests/wasi/guest.h"

namespace bls::wasi {
namespace {

class WasiSock : public testing::Test {
 protected:
  void SetUp() override {
    auto made = openListener("127.0.0.1:0", diag_);
    ASSERT_TRUE(made.ok());
    listener_ = made.value();
    socklen_t size = sizeof address_;
    ASSERT_EQ(getsockname(listener_, reinterpret_cast<sockaddr*>(&address_), &size), 0);
    ContextConfig config = Guest::quiet();
    config.listeners = {{listener_, -1}};
    config.audit = [](void* user, const host::AuditEvent& event) {
      if (event.capability == host::Capability::Listen && event.allowed) ++*static_cast<int*>(user);
    };
    config.auditUser = &listens_;
    guest_.emplace(std::move(config));
  }
  void TearDown() override {
    ::close(listener_);
    if (peer_ >= 0) ::close(peer_);
  }
  Guest& g() { return *guest_; }
  void connectPeer() {
    peer_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ASSERT_EQ(connect(peer_, reinterpret_cast<sockaddr*>(&address_), sizeof address_), 0);
  }
  u32 accept(u32 flags = 0) {
    u32 out = g().alloc(4);
    EXPECT_EQ(g().call("sock_accept", 3, flags, out), Errno::Success);
    return g().load<u32>(out);
  }
  // Bytes received, or the error in <>; `roflags` of the call in lastFlags_.
  std::string recv(u32 fd, u32 size, u32 flags = 0) {
    g().resetAllocator();
    u32 out = g().alloc(4), ro = g().alloc(4), data = g().alloc(size);
    Errno error = g().call("sock_recv", fd, g().iovs({{data, size}}), 1, flags, out, ro);
    if (error != Errno::Success) return std::string("<") + errnoName(error) + ">";
    lastFlags_ = g().load<u16>(ro);
    return g().text(data, g().load<u32>(out));
  }
  Errno send(u32 fd, std::string_view s, u32 flags = 0) {
    g().resetAllocator();
    u32 out = g().alloc(4), data = g().put(s);
    return g().call("sock_send", fd, g().iovs({{data, static_cast<u32>(s.size())}}), 1, flags, out);
  }
  void peerSend(std::string_view s) {
    ASSERT_EQ(::send(peer_, s.data(), s.size(), MSG_NOSIGNAL), static_cast<ssize_t>(s.size()));
  }

  Diagnostics diag_;
  int listener_ = -1;
  int peer_ = -1;
  int listens_ = 0;
  u16 lastFlags_ = 0;
  sockaddr_in address_{};
  std::optional<Guest> guest_;
};

TEST_F(WasiSock, AcceptGivesAReadWriteSocket) {
  connectPeer();
  u32 fd = accept();
  EXPECT_EQ(fd, 4u);
  EXPECT_EQ(listens_, 1);
  auto status = g().fdstat(fd);
  EXPECT_EQ(status.type, static_cast<u8>(FileType::SocketStream));
  EXPECT_EQ(status.base & (kRead | kWrite), kRead | kWrite);
  peerSend("hello");
  EXPECT_EQ(recv(fd, 100), "hello");
  EXPECT_EQ(lastFlags_, 0u);
  EXPECT_EQ(send(fd, "answer"), Errno::Success);
  char buffer[16];
  EXPECT_EQ(::recv(peer_, buffer, sizeof buffer, 0), 6);
  EXPECT_EQ(g().write(fd, "more"), Errno::Success);
  EXPECT_EQ(::recv(peer_, buffer, sizeof buffer, 0), 4);
  peerSend("plain read");
  EXPECT_EQ(g().read(fd), "plain read");
  EXPECT_EQ(g().seek(fd, 0, 1).error, Errno::Spipe);
}

TEST_F(WasiSock, NonblockingAcceptAndReceive) {
  ASSERT_EQ(g().call("fd_fdstat_set_flags", 3, fdflags::kNonblock), Errno::Success);
  u32 out = g().alloc(4);
  EXPECT_EQ(g().call("sock_accept", 3, 0, out), Errno::Again);
  connectPeer();
  u32 fd = accept(fdflags::kNonblock);
  EXPECT_EQ(g().fdstat(fd).flags, fdflags::kNonblock);
  EXPECT_EQ(recv(fd, 10), "<Again>");
  EXPECT_EQ(g().read(fd), "<Again>");
}

TEST_F(WasiSock, PeekAndWaitall) {
  connectPeer();
  u32 fd = accept();
  peerSend("abcdef");
  EXPECT_EQ(recv(fd, 3, riflags::kPeek), "abc");
  EXPECT_EQ(recv(fd, 3), "abc");
  std::thread late([&, waiting = test::currentThread()] {
    test::waitUntilAsleep(waiting);
    peerSend("ghi");
  });
  EXPECT_EQ(recv(fd, 6, riflags::kWaitall), "defghi");
  late.join();
  peerSend("tail");
  ::shutdown(peer_, SHUT_WR);
  EXPECT_EQ(recv(fd, 10, riflags::kWaitall), "tail");
  EXPECT_EQ(recv(fd, 10), "") << "orderly end";
}

TEST_F(WasiSock, WrongKindsOfDescriptors) {
  connectPeer();
  u32 fd = accept();
  u32 out = g().alloc(8);
  EXPECT_EQ(g().call("sock_accept", fd, 0, out), Errno::Inval);
  EXPECT_EQ(g().call("sock_accept", 1, 0, out), Errno::NotSock);
  EXPECT_EQ(g().call("sock_recv", 0, 64, 0, 0, out, out), Errno::NotSock);
  EXPECT_EQ(g().call("sock_send", 1, 64, 0, 0, out), Errno::NotSock);
  EXPECT_EQ(g().call("sock_shutdown", 1, 3), Errno::NotSock);
  EXPECT_EQ(g().call("sock_accept", 3, 1, out), Errno::Inval);
  EXPECT_EQ(recv(fd, 4, 4), "<Inval>");
  EXPECT_EQ(send(fd, "x", 1), Errno::Inval);
  EXPECT_EQ(g().read(3), "<Badf>");
  EXPECT_EQ(g().write(3, "x"), Errno::Badf);
}

TEST_F(WasiSock, ShutdownAndBrokenConnections) {
  connectPeer();
  u32 fd = accept();
  EXPECT_EQ(g().call("sock_shutdown", fd, 0), Errno::Inval);
  EXPECT_EQ(g().call("sock_shutdown", fd, 4), Errno::Inval);
  EXPECT_EQ(g().call("sock_shutdown", fd, 0x103), Errno::Inval);
  EXPECT_EQ(g().call("sock_shutdown", fd, 2), Errno::Success);
  EXPECT_EQ(send(fd, "x"), Errno::Pipe) << "an error and no signal";
  EXPECT_EQ(g().call("sock_shutdown", fd, 1), Errno::Success);
  EXPECT_EQ(recv(fd, 10), "");
}

TEST_F(WasiSock, InterruptEndsAcceptAndReceive) {
  connectPeer();
  u32 fd = accept();
  for (const char* name : {"sock_accept", "sock_recv"}) {
    std::thread watchdog([&, waiting = test::currentThread()] {
      test::waitUntilAsleep(waiting);
      g().requestInterrupt(Trap::Interrupt);
    });
    bool accepting = std::string_view(name) == "sock_accept";
    Trap trap = accepting ? g().trap(name, 3, 0, 32)
                          : g().trap(name, fd, g().iovs({{64, 4}}), 1, 0, 32, 40);
    EXPECT_EQ(trap, Trap::Interrupt);
    watchdog.join();
    g().interrupt().requested = 0;
    u64 drained;
    EXPECT_EQ(::read(g().interrupt().wakeFd, &drained, 8), 8);
  }
}

TEST_F(WasiSock, DatagramsReportTruncation) {
  int pair[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair), 0);
  ContextConfig config = Guest::quiet();
  config.in = Stdio::fromFd(pair[0]);
  guest_.emplace(std::move(config));
  EXPECT_EQ(g().fdstat(0).type, static_cast<u8>(FileType::SocketDgram));
  ASSERT_EQ(::send(pair[1], "0123456789", 10, 0), 10);
  EXPECT_EQ(recv(0, 4), "0123");
  EXPECT_EQ(lastFlags_, roflags::kDataTruncated);
  ::close(pair[0]);
  ::close(pair[1]);
}

// A socket given as standard input can only be received from, one given as standard output only
// sent to; the reported rights say so.
TEST_F(WasiSock, DirectionsThatWereNotGrantedAreNotCapable) {
  int pair[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
  ContextConfig config = Guest::quiet();
  config.in = Stdio::fromFd(pair[0]);
  config.out = Stdio::fromFd(pair[0]);
  guest_.emplace(std::move(config));
  EXPECT_EQ(g().fdstat(0).base & (kRead | kWrite), kRead);
  EXPECT_EQ(g().fdstat(1).base & (kRead | kWrite), kWrite);
  ASSERT_EQ(::send(pair[1], "secret", 6, MSG_NOSIGNAL), 6);
  EXPECT_EQ(recv(1, 6), "<NotCapable>");
  EXPECT_EQ(recv(1, 6, riflags::kPeek), "<NotCapable>");
  EXPECT_EQ(g().read(1), "<Badf>");
  EXPECT_EQ(send(0, "x"), Errno::NotCapable);
  EXPECT_EQ(g().write(0, "x"), Errno::Badf);
  EXPECT_EQ(send(1, "out"), Errno::Success);
  char buffer[8];
  EXPECT_EQ(::recv(pair[1], buffer, sizeof buffer, 0), 3);
  EXPECT_EQ(recv(0, 6), "secret") << "nothing was taken by the refused calls";
  ::close(pair[0]);
  ::close(pair[1]);
}

TEST_F(WasiSock, PollSeesPendingConnections) {
  connectPeer();
  u32 in = g().alloc(48), out = g().alloc(32), count = g().alloc(4);
  std::memset(g().base() + in, 0, 48);
  g().store<u8>(in + 8, 1);
  g().store<u32>(in + 16, 3);
  ASSERT_EQ(g().call("poll_oneoff", in, out, 1, count), Errno::Success);
  EXPECT_EQ(g().load<u16>(out + 8), 0u);
}

TEST_F(WasiSock, FullTableRefusesConnections) {
  ContextConfig config = Guest::quiet();
  config.listeners = {{listener_, -1}};
  config.limits.descriptors = 4;
  guest_.emplace(std::move(config));
  connectPeer();
  EXPECT_EQ(g().call("sock_accept", 3, 0, 64), Errno::MFile);
  EXPECT_EQ(g().call("fd_close", 2), Errno::Success);
  EXPECT_EQ(g().call("sock_accept", 3, 0, 64), Errno::Success);
}

}  // namespace
}  // namespace bls::wasi
