// Listening sockets for guests (`--tcplisten`): openListener.
//
// An address a process can listen on is one of its own machine, so a host is a literal address or a
// name in /etc/hosts. The name service of the C library is not asked: it loads shared objects,
// which the statically linked program must not do (RATIONALE.md, "Why is the program linked
// statically?").
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include <charconv>

#include "wasi/platform.h"

namespace bls::wasi {
namespace {

struct SocketAddress {
  union {
    sockaddr any;
    sockaddr_in v4;
    sockaddr_in6 v6;
  };
  socklen_t size = 0;

  SocketAddress() : v6{} {}
};

bool parseLiteral(const char* host, u16 port, SocketAddress* out) {
  if (inet_pton(AF_INET, host, &out->v4.sin_addr) == 1) {
    out->v4.sin_family = AF_INET;
    out->v4.sin_port = htons(port);
    out->size = sizeof out->v4;
    return true;
  }
  if (inet_pton(AF_INET6, host, &out->v6.sin6_addr) != 1) return false;
  out->v6.sin6_family = AF_INET6;
  out->v6.sin6_port = htons(port);
  out->size = sizeof out->v6;
  return true;
}

// The first address that the hosts file (hosts(5)) gives to `host`, names compared without case.
bool findInHostsFile(const char* host, u16 port, SocketAddress* out) {
  FILE* file = fopen("/etc/hosts", "re");
  if (file == nullptr) return false;
  bool found = false;
  char line[1024];
  while (!found && fgets(line, sizeof line, file) != nullptr) {
    line[strcspn(line, "#\n")] = 0;
    char* rest = nullptr;
    const char* address = strtok_r(line, " \t", &rest);
    if (address == nullptr) continue;
    const char* name = strtok_r(nullptr, " \t", &rest);
    while (name != nullptr && strcasecmp(name, host) != 0) name = strtok_r(nullptr, " \t", &rest);
    found = name != nullptr && parseLiteral(address, port, out);
  }
  fclose(file);
  return found;
}

}  // namespace

Result<int> openListener(const std::string& address, Diagnostics& diag) {
  size_t colon = address.rfind(':');
  u16 port = 0;
  const char* end = address.data() + address.size();
  bool split = colon != std::string::npos && colon + 1 != address.size();
  if (split) {
    auto [rest, error] = std::from_chars(address.data() + colon + 1, end, port);
    split = error == std::errc() && rest == end;
  }
  if (!split) {
    return diag.fail(ErrorClass::Config, "listen address '" + escapeForMessage(address) +
                                             "' is not host:port, as in 127.0.0.1:8080");
  }
  std::string host = address.substr(0, colon);
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']')
    host = host.substr(1, host.size() - 2);
  if (host.empty()) host = "0.0.0.0";
  SocketAddress place;
  if (!parseLiteral(host.c_str(), port, &place) && !findInHostsFile(host.c_str(), port, &place)) {
    return diag.fail(ErrorClass::Config, "listen address '" + escapeForMessage(address) +
                                             "': the host is neither an IP address nor a name in "
                                             "/etc/hosts; try 127.0.0.1 or 0.0.0.0");
  }
  HostFd fd(socket(place.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  int on = 1;
  if (!fd.valid() || setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
      bind(fd.get(), &place.any, place.size) != 0 || listen(fd.get(), 128) != 0) {
    return diag.fail(ErrorClass::Io,
                     "cannot listen on '" + escapeForMessage(address) + "': " + strerror(errno));
  }
  return fd.release();
}

}  // namespace bls::wasi
