// IP addresses, and which of them are public. Entry points: Address, parseAddress, isPublic,
// standsFor. Plain values. Threat model NET-3.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "engine/base/ints.h"

namespace bls::net {

struct Address {
  bool v6 = false;
  std::array<u8, 16> bytes{};  // the first four of IPv4

  bool operator==(const Address& other) const = default;
};

/// `1.2.3.4` in exactly four decimal numbers, `xxxx:…` or `[xxxx:…]` without a zone. An IPv6
/// address that stands for an IPv4 one (::ffff:1.2.3.4) is that one. False for anything else.
bool parseAddress(std::string_view text, Address* out);

/// `1.2.3.4` or `[v6]`, shortest form.
std::string addressText(const Address& address);

/// The address in 16 bytes, ::ffff:1.2.3.4 taken as the IPv4 address.
Address addressFromV6(const u8* bytes);
Address addressFromV4(const u8* bytes);

/// True when the address belongs to one host of the Internet, whoever asks. Not so: this host
/// (unspecified, loopback), its neighbours (private, link-local, carrier's NAT, unique local, site
/// local), groups (multicast, broadcast), what is reserved or for documentation, and IPv6 addresses
/// that carry an IPv4 one in them by which a router would choose (6to4, Teredo, IPv4-compatible,
/// local NAT64); the well-known NAT64 prefix counts as what it carries.
bool isPublic(const Address& address);

/// True when packets to `address` reach another one, `*other`: the unspecified address is the
/// loopback one to whoever connects, and one with the well-known NAT64 prefix is the IPv4 address
/// in it. A rule against the other holds for it, too.
bool standsFor(const Address& address, Address* other);

}  // namespace bls::net
