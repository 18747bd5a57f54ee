// Endpoints, connecting without blocking, listening.
#include "extensions/socket/tcp.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

#include "engine/base/platform.h"
#include "extensions/net/permit.h"
#include "extensions/net/resolve.h"

namespace bls::net {
namespace {

using extensions::Services;

constexpr size_t kMaxName = 253;
constexpr size_t kMaxLabel = 63;

bool isDigit(char c) { return c >= '0' && c <= '9'; }
bool isNameByte(char c) {
  return isDigit(c) || (c >= 'a' && c <= 'z') || c == '-' || c == '_' || c == '.';
}

bool parsePort(std::string_view text, u16* out) {
  if (text.empty() || text.size() > 5) return false;
  u32 value = 0;
  for (const char c : text) {
    if (!isDigit(c)) return false;
    value = value * 10 + static_cast<u32>(c - '0');
  }
  *out = static_cast<u16>(value);
  return value <= 0xffff;
}

// Labels of letters, digits, - and _; the last one no number: what ends in one (127.1, 0x7f.1)
// is an address to some parsers.
bool isName(std::string_view text) {
  if (text.empty() || text.size() > kMaxName) return false;
  size_t label = 0;
  for (const char c : text) {
    if (!isNameByte(c) || (c == '.' && label == 0) || (c != '.' && label == kMaxLabel))
      return false;
    label = c == '.' ? 0 : label + 1;
  }
  const std::string_view last = text.substr(text.rfind('.') == text.npos ? 0 : text.rfind('.') + 1);
  return !last.empty() && !isDigit(last.front());
}

struct SocketAddress {
  union {
    sockaddr any;
    sockaddr_in v4;
    sockaddr_in6 v6;
  };
  socklen_t size = 0;

  SocketAddress(const Address& address, u16 port) : v6{} {
    if (address.v6) {
      v6.sin6_family = AF_INET6;
      v6.sin6_port = htons(port);
      memcpy(&v6.sin6_addr, address.bytes.data(), 16);
      size = sizeof v6;
    } else {
      v4.sin_family = AF_INET;
      v4.sin_port = htons(port);
      memcpy(&v4.sin_addr, address.bytes.data(), 4);
      size = sizeof v4;
    }
  }
};

int newSocket(const SocketAddress& to) {
  return socket(to.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

// 0, an errno, or -1 when the execution is asked to end.
int connectOne(ExecCtx* cx, const SocketAddress& to, u64 untilNs, int* out) {
  const int fd = newSocket(to);
  if (fd < 0) return errno;
  int error = connect(fd, &to.any, to.size) == 0 ? 0 : errno;
  while (error == EINPROGRESS) {
    const u64 now = platform::monotonicNs();
    host::WaitFd wait;
    wait.fd = fd;
    wait.wantWrite = true;
    const u64 left = now < untilNs ? untilNs - now : 0;
    switch (host::blockingWait(cx, {&wait, 1}, left)) {
      case host::WaitEnd::Ready: {
        socklen_t size = sizeof error;
        if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
        break;
      }
      case host::WaitEnd::TimedOut: error = ETIMEDOUT; break;
      case host::WaitEnd::Interrupted: error = -1; break;
      case host::WaitEnd::Failed: error = ENOMEM; break;
    }
  }
  if (error != 0) {
    close(fd);
  } else {
    *out = fd;
  }
  return error;
}

std::string tcpUrl(const Endpoint& endpoint) { return "tcp://" + endpoint.text(); }

// Resolves and asks: what is left of `addresses` may be used.
TcpEnd permitted(ExecCtx* cx, const Services& services, const Endpoint& to, const std::string& url,
                 bool everyAddress, const char* operation, u64 timeoutNs,
                 std::vector<Address>* addresses, std::string* why) {
  const host::NetTarget target{url, to.host, to.port};
  const auto denied = [&] {
    if (host::interruptTrap(cx) != Trap::None) return TcpEnd::Interrupted;
    *why = "permission denied";
    return TcpEnd::Denied;
  };
  if (!services.permitNet(cx, target, operation)) return denied();
  if (to.literal) {
    addresses->assign(1, to.address);
  } else {
    switch (resolveName(cx, services.helper, to.host, timeoutNs, addresses)) {
      case ResolveEnd::Found: break;
      case ResolveEnd::Interrupted: return TcpEnd::Interrupted;
      case ResolveEnd::NotFound: *why = "the name is not known"; return TcpEnd::NoAddress;
      case ResolveEnd::TimedOut: *why = "the name server does not answer"; return TcpEnd::NoAddress;
    }
  }
  std::erase_if(*addresses, [&](const Address& address) {
    return everyAddress ? !services.permitAddress(cx, target, addressText(address), operation)
                        : !permitConnection(services, cx, target, address, operation);
  });
  return addresses->empty() ? denied() : TcpEnd::Done;
}

}  // namespace

bool parseEndpoint(std::string_view text, Endpoint* out) {
  const size_t colon = text.rfind(':');
  if (colon == text.npos || !parsePort(text.substr(colon + 1), &out->port)) return false;
  std::string host(text.substr(0, colon));
  for (char& c : host) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  const bool bracketed = host.starts_with('[');
  // Without brackets a colon in the host is another port or an address cut in two.
  if (!bracketed && host.find(':') != host.npos) return false;
  if (bracketed && !host.ends_with(']')) return false;
  out->literal = parseAddress(host, &out->address);
  if (out->literal) {
    out->host = addressText(out->address);
    return true;
  }
  if (host.ends_with('.')) host.pop_back();
  out->host = std::move(host);
  return isName(out->host);
}

TcpEnd connectTcp(ExecCtx* cx, const Services& services, const Endpoint& to, const char* operation,
                  int* fd, std::string* why) {
  return connectTcpAs(cx, services, to, tcpUrl(to), operation, fd, why);
}

TcpEnd connectTcpAs(ExecCtx* cx, const Services& services, const Endpoint& to,
                    const std::string& url, const char* operation, int* fd, std::string* why) {
  const u64 untilNs = platform::monotonicNs() + kConnectNs;
  std::vector<Address> addresses;
  const TcpEnd end =
      permitted(cx, services, to, url, false, operation, kConnectNs, &addresses, why);
  if (end != TcpEnd::Done) return end;
  int error = 0;
  for (const Address& address : addresses) {
    error = connectOne(cx, SocketAddress(address, to.port), untilNs, fd);
    if (error == 0) return TcpEnd::Done;
    if (error < 0) return TcpEnd::Interrupted;
  }
  *why = strerror(error);
  return TcpEnd::Failed;
}

TcpEnd listenTcp(ExecCtx* cx, const Services& services, const Endpoint& at, const char* operation,
                 int* fd, std::string* why) {
  std::vector<Address> addresses;
  const TcpEnd end =
      permitted(cx, services, at, tcpUrl(at), true, operation, kConnectNs, &addresses, why);
  if (end != TcpEnd::Done) return end;
  const SocketAddress place(addresses.front(), at.port);
  const int made = newSocket(place);
  const int on = 1;
  if (made >= 0 && setsockopt(made, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
      bind(made, &place.any, place.size) == 0 && listen(made, 128) == 0) {
    *fd = made;
    return TcpEnd::Done;
  }
  const int error = errno;
  if (made >= 0) close(made);
  *why = strerror(error);
  return error == EADDRINUSE ? TcpEnd::InUse : TcpEnd::Failed;
}

}  // namespace bls::net
