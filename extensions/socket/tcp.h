// TCP sockets for guests: an endpoint text is parsed once, asked for, resolved, asked for again
// where it leads to an address that is not public, and only then connected or bound to, to exactly
// that address. Entry points: parseEndpoint, connectTcp, listenTcp. Used by blockless_socket and
// the driver `tcp`. Threat model NET-1, NET-3, NET-8. Thread rule: any thread, each with its own
// `cx`.
#pragma once

#include <string>
#include <string_view>

#include "extensions/base/extension.h"
#include "extensions/net/address.h"

namespace bls::net {

struct Endpoint {
  std::string host;  // a name in lower case without its final dot, 1.2.3.4 or [v6]
  u16 port = 0;
  bool literal = false;  // the host is `address`
  Address address;

  /// `host:port`.
  std::string text() const { return host + ":" + std::to_string(port); }
};

/// `host:port` or `[v6]:port`. False for anything else: no or an odd port, a host with bytes that
/// no name has, a number that is not 1.2.3.4 (parsers disagree about those).
bool parseEndpoint(std::string_view text, Endpoint* out);

enum class TcpEnd : u8 {
  Done,
  Denied,       // by the operator's rules
  NoAddress,    // the name is unknown
  Failed,       // the system or the peer refused
  InUse,        // listenTcp: another socket has the address
  Interrupted,  // end the call with host::interruptTrap(cx)
};

/// Connects, at most kConnectNs for all addresses of a name together. `*fd` is a socket that does
/// not block and closes on exec, the caller's. `operation` is the call's name for the gate. `*why`
/// is one line for a log, set unless Done or Interrupted.
TcpEnd connectTcp(ExecCtx* cx, const extensions::Services& services, const Endpoint& to,
                  const char* operation, int* fd, std::string* why);

/// Binds and listens. The address, public or not, must be granted by name.
TcpEnd listenTcp(ExecCtx* cx, const extensions::Services& services, const Endpoint& at,
                 const char* operation, int* fd, std::string* why);

constexpr u64 kConnectNs = u64{10} * 1000 * 1000 * 1000;

}  // namespace bls::net
