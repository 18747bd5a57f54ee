// blockless_socket: TCP connections and listeners as WASI descriptors. Reference: hostcalls,
// section 8, with 4 for an address in use.
#include "extensions/base/extension.h"
#include "extensions/socket/tcp.h"

namespace bls::extensions {
namespace {

using host::Capability;
using host::GuestAddress;
using host::GuestPtr;

enum class Code : u32 { Success, Parameter, Refused, Reset, InUse };

struct Socket final : Extension {
  explicit Socket(const Services& given) : services(given) {}
  const Services services;
};
using SocketCall = Call<Socket>;

constexpr u32 kMaxAddressBytes = 1024;

using Opener = net::TcpEnd (*)(ExecCtx* cx, const Services& services, const net::Endpoint& place,
                               const char* operation, int* fd, std::string* why);

Code open(SocketCall& call, GuestAddress address, u32 length, GuestPtr<u32> out, Opener opener,
          host::SocketUse use, const char* operation) {
  if (!call.memory().contains(address.value, length)) return Code::Parameter;
  if (length > kMaxAddressBytes) return Code::Refused;
  std::string text;
  if (!call.text(address, length, &text)) return Code::Parameter;
  const Services& services = call.state().services;
  net::Endpoint place;
  net::TcpEnd end = net::TcpEnd::Failed;
  std::string why = "not of the form host:port";
  int fd = -1;
  if (!services.descriptors->hasRoom()) {
    why = "no descriptor left";
  } else if (net::parseEndpoint(text, &place)) {
    end = opener(call.cx(), services, place, operation, &fd, &why);
  }
  u32 guestFd = 0;
  if (end == net::TcpEnd::Done && !services.descriptors->addSocket(fd, use, true, &guestFd)) {
    end = net::TcpEnd::Failed;
    why = "no descriptor left";
  }
  if (end == net::TcpEnd::Done) {
    out.store(guestFd);
    return Code::Success;
  }
  if (call.interrupted()) return Code::Refused;
  services.log(LogLevel::Error, "error connect in driver " + text + ": " + why);
  return end == net::TcpEnd::InUse ? Code::InUse : Code::Refused;
}

Code createTcpBindSocket(SocketCall& call, GuestAddress address, u32 length, GuestPtr<u32> out) {
  return open(call, address, length, out, net::listenTcp, host::SocketUse::Listening,
              "create_tcp_bind_socket");
}

Code tcpConnect(SocketCall& call, GuestAddress address, u32 length, GuestPtr<u32> out) {
  return open(call, address, length, out, net::connectTcp, host::SocketUse::Connected,
              "tcp_connect");
}

constexpr host::HostFunc kFunctions[] = {
    host::bind<createTcpBindSocket>("create_tcp_bind_socket", Capability::Listen,
                                    "hostcalls, section 8"),
    host::bind<tcpConnect>("tcp_connect", Capability::Network, "hostcalls, section 8"),
};

}  // namespace

const ExtensionInfo& socketExtension() {
  static constexpr ExtensionInfo kInfo = {
      "blockless_socket",
      "TCP connections and listeners as WASI descriptors",
      {.network = true, .helper = true},
      kFunctions,
      [](const Services& services) -> std::unique_ptr<Extension> {
        return std::make_unique<Socket>(services);
      }};
  return kInfo;
}

}  // namespace bls::extensions
