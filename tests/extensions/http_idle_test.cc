// A server that falls silent: the one limit of the HTTP client that holds without any other (threat
// model NET-5, "idle 30 s"), here with a limit of its own. A limit that is not kept shows as a test
// that does not end.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <string>
#include <thread>

#include "engine/base/platform.h"
#include "extensions/net/http_client.h"

namespace bls::net {
namespace {

constexpr u64 kIdleMs = 50;
// Where the server must not be given up before it has sent something.
constexpr u64 kLongerMs = 1000;

class OpenGate final : public host::AccessGate {
 public:
  bool permit(ExecCtx*, u8, std::string_view, const char*) override { return false; }
  bool mayPass(u8, std::string_view) override { return false; }
  bool permitNewName(ExecCtx*, std::string_view, std::string_view, bool, const char*) override {
    return false;
  }
  bool permitNet(ExecCtx*, const host::NetTarget&, const char*) override { return true; }
  bool permitAddress(ExecCtx*, const host::NetTarget&, std::string_view, const char*) override {
    return true;
  }
  bool permitCgi(ExecCtx*, std::string_view, const char*) override { return false; }
  bool permitRunModel(ExecCtx*, std::string_view, const char*) override { return false; }
  bool beginOutput(ExecCtx*) override { return true; }
  void endOutput() override {}
};

// Takes one connection, sends `text` once something has come in, and is silent until the peer has
// gone.
class Server {
 public:
  explicit Server(std::string text) : listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    const bool good = bind(listener_, any, size) == 0 && listen(listener_, 4) == 0 &&
                      getsockname(listener_, any, &size) == 0;
    EXPECT_TRUE(good);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this, text = std::move(text)] { serve(text); });
  }
  ~Server() {
    // A connection may be kept for another request.
    shutdown(listener_, SHUT_RDWR);
    const int peer = peer_.exchange(kGone);
    if (peer >= 0) shutdown(peer, SHUT_RDWR);
    thread_.join();
    if (peer >= 0) close(peer);
    close(listener_);
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  std::string url(const char* scheme = "http") const {
    return std::string(scheme) + "://127.0.0.1:" + std::to_string(port_) + "/";
  }

 private:
  static constexpr int kNone = -1;
  static constexpr int kGone = -2;

  void serve(const std::string& text) {
    const int peer = accept(listener_, nullptr, nullptr);
    int none = kNone;
    if (peer < 0 || !peer_.compare_exchange_strong(none, peer)) return;
    char piece[4096];
    if (recv(peer, piece, sizeof piece, 0) <= 0) return;
    (void)!send(peer, text.data(), text.size(), MSG_NOSIGNAL);
    while (recv(peer, piece, sizeof piece, 0) > 0) continue;
  }

  const int listener_;
  u16 port_ = 0;
  std::atomic<int> peer_{kNone};
  std::thread thread_;
};

class HttpIdle : public testing::Test {
 protected:
  void SetUp() override {
    services_.gate = &gate_;
    services_.settings = &settings_;
    limit(kIdleMs);
  }
  void limit(u64 ms) {
    settings_.idleMs = ms;
    client_ = HttpClient::make(services_);
  }
  HttpError start(const std::string& url) {
    HttpRequest request;
    request.url = url;
    request.direct = true;
    return client_->start(&cx_, request, &exchange_, &why_);
  }
  HttpError read(size_t size, std::string* out) {
    std::string piece(size, 0);
    size_t done = 0;
    const HttpError error = exchange_->read(&cx_, reinterpret_cast<u8*>(piece.data()), size, &done);
    out->append(piece, 0, done);
    return error;
  }

  ExecCtx cx_;
  OpenGate gate_;
  extensions::Settings settings_;
  extensions::Services services_;
  std::unique_ptr<HttpClient> client_;
  std::unique_ptr<HttpExchange> exchange_;
  std::string why_;
};

TEST(HttpIdleLimit, IsThirtySecondsForOperators) {
  EXPECT_EQ(extensions::Settings().idleMs, 30'000u);
}

TEST_F(HttpIdle, ASilentServerIsGivenUpBeforeItsHead) {
  const Server server("");
  EXPECT_EQ(start(server.url()), HttpError::Timeout);
  EXPECT_EQ(why_, "timed out");
}

TEST_F(HttpIdle, ASilentServerIsGivenUpInItsHead) {
  const Server server("HTTP/1.1 200 OK\r\nContent-Le");
  EXPECT_EQ(start(server.url()), HttpError::Timeout);
}

TEST_F(HttpIdle, ASilentServerIsGivenUpInTheHandshake) {
  const Server server("");
  EXPECT_EQ(start(server.url("https")), HttpError::Timeout);
}

TEST_F(HttpIdle, ASilentServerIsGivenUpInItsBody) {
  const Server server("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabcd");
  limit(kLongerMs);
  ASSERT_EQ(start(server.url()), HttpError::None) << why_;
  std::string body;
  HttpError error = HttpError::None;
  while (error == HttpError::None) error = read(3, &body);
  EXPECT_EQ(error, HttpError::Timeout);
  EXPECT_EQ(body, "abcd");
  // It stays so.
  EXPECT_EQ(read(3, &body), HttpError::Timeout);
  EXPECT_EQ(body, "abcd");
}

// The silence of the guest is no silence of the server.
TEST_F(HttpIdle, AReaderMayTakeItsTime) {
  const std::string sent(20'000, 'x');
  const Server server("HTTP/1.1 200 OK\r\nContent-Length: 20000\r\n\r\n" + sent);
  limit(kLongerMs);
  ASSERT_EQ(start(server.url()), HttpError::None) << why_;
  std::string body;
  ASSERT_EQ(read(100, &body), HttpError::None);
  const u64 until = platform::monotonicNs() + (kLongerMs + 100) * 1'000'000;
  while (platform::monotonicNs() < until) usleep(1000);
  while (body.size() < sent.size()) ASSERT_EQ(read(4096, &body), HttpError::None);
  EXPECT_EQ(body, sent);
}

}  // namespace
}  // namespace bls::net
