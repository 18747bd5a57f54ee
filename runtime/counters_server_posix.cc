// A thread that accepts and answers.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string_view>

#include "runtime/counters_server.h"
#include "wasi/context.h"

namespace bls::cli {
namespace {

constexpr int kPeerMs = 1000;

// False when `fd` has nothing within the time, or the server is to end.
bool await(int fd, short events, int wake, int timeoutMs) {
  pollfd fds[] = {{fd, events, 0}, {wake, POLLIN, 0}};
  return poll(fds, 2, timeoutMs) > 0 && fds[1].revents == 0;
}

void answer(int peer, int wake, const std::string& text) {
  // The request is read to its end, or the peer could lose the answer.
  std::string head;
  while (head.find("\r\n\r\n") == std::string::npos && head.size() < 8192) {
    char piece[1024];
    if (!await(peer, POLLIN, wake, kPeerMs)) return;
    const ssize_t n = read(peer, piece, sizeof piece);
    if (n <= 0) return;
    head.append(piece, static_cast<size_t>(n));
  }
  std::string out = "HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\n";
  out += "Connection: close\r\nContent-Length: " + std::to_string(text.size()) + "\r\n\r\n" + text;
  for (std::string_view left = out; !left.empty();) {
    if (!await(peer, POLLOUT, wake, kPeerMs)) return;
    const ssize_t n = write(peer, left.data(), left.size());
    if (n <= 0) return;
    left.remove_prefix(static_cast<size_t>(n));
  }
}

}  // namespace

struct CountersServer::State {
  int listener = -1;
  int wake = -1;
  bool running = false;
  pthread_t thread{};
  Text text = nullptr;
  void* context = nullptr;

  ~State() {
    if (listener >= 0) close(listener);
    if (wake >= 0) close(wake);
  }
  void loop() {
    while (await(listener, POLLIN, wake, -1)) {
      const int peer = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
      if (peer < 0) continue;
      answer(peer, wake, text(context));
      close(peer);
    }
  }
};

bool isCountersAddress(const std::string& text) {
  const size_t colon = text.rfind(':');
  if (colon == std::string::npos) return false;
  const std::string host = text.substr(0, colon);
  const std::string port = text.substr(colon + 1);
  return (host == "127.0.0.1" || host == "[::1]" || host == "localhost") && !port.empty() &&
         port.find_first_not_of("0123456789") == std::string::npos;
}

CountersServer::CountersServer() = default;
CountersServer::~CountersServer() { stop(); }

bool CountersServer::open(const std::string& address, std::string* place, std::string* why) {
  const size_t colon = address.rfind(':');
  std::string host = address.substr(0, colon);
  if (host == "localhost") host = "127.0.0.1";
  Diagnostics diag;
  const Result<int> listener = wasi::openListener(host + address.substr(colon), diag);
  if (!listener.ok()) {
    *why = listener.error()->message;
    return false;
  }
  state_ = std::make_unique<State>();
  state_->listener = listener.value();
  state_->wake = eventfd(0, EFD_CLOEXEC);
  sockaddr_in6 bound{};  // the port lies at the same place in both kinds
  socklen_t size = sizeof bound;
  if (state_->wake < 0 ||
      getsockname(state_->listener, reinterpret_cast<sockaddr*>(&bound), &size) != 0) {
    *why = "no descriptor left";
    return false;
  }
  *place = host + ":" + std::to_string(ntohs(bound.sin6_port));
  return true;
}

bool CountersServer::start(Text text, void* context) {
  if (state_ == nullptr) return true;
  state_->text = text;
  state_->context = context;
  const auto run = [](void* state) -> void* {
    static_cast<State*>(state)->loop();
    return nullptr;
  };
  state_->running = pthread_create(&state_->thread, nullptr, run, state_.get()) == 0;
  return state_->running;
}

void CountersServer::stop() {
  if (state_ == nullptr) return;
  const u64 one = 1;
  if (state_->running && write(state_->wake, &one, sizeof one) == sizeof one)
    pthread_join(state_->thread, nullptr);
  state_.reset();
}

}  // namespace bls::cli
