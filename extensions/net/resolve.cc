// Both ends of the service.
#include "extensions/net/resolve.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <sstream>

#include "engine/base/platform.h"

namespace bls::net {
namespace {

constexpr size_t kMaxAddresses = 32;
constexpr size_t kRow = 17;

void add(const Address& address, std::vector<Address>* out) {
  if (out->size() < kMaxAddresses && std::find(out->begin(), out->end(), address) == out->end())
    out->push_back(address);
}

std::string readWhole(const std::string& path) {
  std::string out;
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return out;
  char piece[4096];
  ssize_t count;
  while ((count = read(fd, piece, sizeof piece)) > 0) out.append(piece, static_cast<size_t>(count));
  close(fd);
  return out;
}

std::vector<Address> lookUpStub(const std::string& path, const std::string& name) {
  const std::string log = path + ".log";
  size_t before = 0;
  std::istringstream lines(readWhole(log));
  for (std::string line; std::getline(lines, line);) before += line == name ? 1 : 0;
  const int fd = open(log.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
  if (fd >= 0) {
    const std::string line = name + "\n";
    (void)!write(fd, line.data(), line.size());
    close(fd);
  }
  return stubAddresses(readWhole(path), name, before);
}

std::vector<Address> lookUp(const std::string& name) {
  std::vector<Address> out;
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* found = nullptr;
  if (getaddrinfo(name.c_str(), nullptr, &hints, &found) != 0) return out;
  for (const addrinfo* at = found; at != nullptr; at = at->ai_next) {
    if (at->ai_family == AF_INET) {
      const auto* v4 = reinterpret_cast<const sockaddr_in*>(at->ai_addr);
      add(addressFromV4(reinterpret_cast<const u8*>(&v4->sin_addr)), &out);
    } else if (at->ai_family == AF_INET6) {
      const auto* v6 = reinterpret_cast<const sockaddr_in6*>(at->ai_addr);
      add(addressFromV6(v6->sin6_addr.s6_addr), &out);
    }
  }
  freeaddrinfo(found);
  return out;
}

bool isLocalhost(const std::string& name) {
  return name == "localhost" || name.ends_with(".localhost");
}

}  // namespace

std::vector<Address> stubAddresses(const std::string& text, const std::string& name,
                                   size_t lookup) {
  std::vector<Address> out;
  std::istringstream lines(text);
  size_t seen = 0;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string word;
    if (!(words >> word) || word != name) continue;
    if (seen++ > lookup) break;
    out.clear();
    while (words >> word) {
      Address address;
      if (parseAddress(word, &address)) add(address, &out);
    }
  }
  return out;
}

bool serveResolve(const extensions::HelperRequest& request) {
  // A lookup may take long in the C library: this ends the process when the channel hangs up.
  signal(SIGIO, SIG_DFL);
  fcntl(request.channel, F_SETOWN, getpid());
  fcntl(request.channel, F_SETFL, fcntl(request.channel, F_GETFL) | O_ASYNC);
  pollfd channel{request.channel, 0, 0};
  if (poll(&channel, 1, 0) != 0) return false;  // before that
  const std::string name(request.body);
  if (name.empty() || name.size() > 253 || name.find('\0') != std::string::npos) return false;
  const std::string& stub = request.settings->resolverStub;
  std::string answer;
  for (const Address& address : stub.empty() ? lookUp(name) : lookUpStub(stub, name)) {
    answer += address.v6 ? '\6' : '\4';
    answer.append(reinterpret_cast<const char*>(address.bytes.data()), address.bytes.size());
  }
  (void)!send(request.channel, answer.data(), answer.size(), MSG_NOSIGNAL);
  return false;  // the C library may keep what a name server made it do
}

ResolveEnd resolveName(ExecCtx* cx, extensions::HelperProcess* helper, const std::string& name,
                       u64 timeoutNs, std::vector<Address>* out) {
  out->clear();
  if (isLocalhost(name)) {
    Address address;
    for (const char* text : {"127.0.0.1", "::1"}) {
      if (parseAddress(text, &address)) out->push_back(address);
    }
    return ResolveEnd::Found;
  }
  const int channel =
      helper == nullptr ? -1 : helper->request(extensions::HelperService::Resolve, name, {});
  if (channel < 0) return ResolveEnd::NotFound;
  const u64 start = platform::monotonicNs();
  std::string answer;
  ResolveEnd end = ResolveEnd::NotFound;
  for (bool open = true; open;) {
    char piece[kMaxAddresses * kRow];
    const ssize_t count = read(channel, piece, sizeof piece);
    if (count > 0 && answer.size() <= sizeof piece) {
      answer.append(piece, static_cast<size_t>(count));
      continue;
    }
    if (count >= 0 || (errno != EAGAIN && errno != EINTR)) break;
    host::WaitFd wait{channel, true};
    const u64 passed = platform::monotonicNs() - start;
    const u64 left = passed < timeoutNs ? timeoutNs - passed : 0;
    switch (host::blockingWait(cx, {&wait, 1}, left)) {
      case host::WaitEnd::Ready: break;
      case host::WaitEnd::TimedOut: end = ResolveEnd::TimedOut; [[fallthrough]];
      case host::WaitEnd::Failed: open = false; break;
      case host::WaitEnd::Interrupted:
        end = ResolveEnd::Interrupted;
        open = false;
        break;
    }
  }
  close(channel);
  if (end != ResolveEnd::NotFound) return end;
  for (size_t at = 0; at + kRow <= answer.size(); at += kRow) {
    const u8* bytes = reinterpret_cast<const u8*>(answer.data()) + at;
    if (bytes[0] == 4) add(addressFromV4(bytes + 1), out);
    if (bytes[0] == 6) add(addressFromV6(bytes + 1), out);
  }
  return out->empty() ? ResolveEnd::NotFound : ResolveEnd::Found;
}

}  // namespace bls::net
