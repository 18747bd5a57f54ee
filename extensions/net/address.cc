// The special-purpose registries of IANA (RFC 6890 and what has been added since) as two tables.
#include "extensions/net/address.h"

#include <arpa/inet.h>

#include <cstring>

namespace bls::net {
namespace {

struct Range4 {
  u8 start[4];
  u8 bits;
};

constexpr Range4 kNotPublic4[] = {
    {{0, 0, 0, 0}, 8},        // this network, unspecified
    {{10, 0, 0, 0}, 8},       // private
    {{100, 64, 0, 0}, 10},    // carrier-grade NAT
    {{127, 0, 0, 0}, 8},      // loopback
    {{169, 254, 0, 0}, 16},   // link-local, metadata services
    {{172, 16, 0, 0}, 12},    // private
    {{192, 0, 0, 0}, 24},     // protocol assignments
    {{192, 0, 2, 0}, 24},     // documentation
    {{192, 31, 196, 0}, 24},  // AS112
    {{192, 52, 193, 0}, 24},  // multicast relays
    {{192, 88, 99, 0}, 24},   // 6to4 relays
    {{192, 168, 0, 0}, 16},   // private
    {{192, 175, 48, 0}, 24},  // AS112
    {{198, 18, 0, 0}, 15},    // benchmarks
    {{198, 51, 100, 0}, 24},  // documentation
    {{203, 0, 113, 0}, 24},   // documentation
    {{224, 0, 0, 0}, 4},      // multicast
    {{240, 0, 0, 0}, 4},      // reserved, broadcast
};

struct Range6 {
  u16 start[8];
  u8 bits;
};

// Beyond what lies outside 2000::/3, none of which is given out but the NAT64 prefix.
constexpr Range6 kNotPublic6[] = {
    {{0x2001, 0, 0, 0, 0, 0, 0, 0}, 23},      // protocol assignments, Teredo, ORCHID, benchmarks
    {{0x2001, 0xdb8, 0, 0, 0, 0, 0, 0}, 32},  // documentation
    {{0x2002, 0, 0, 0, 0, 0, 0, 0}, 16},      // 6to4
    {{0x2620, 0x4f, 0x8000, 0, 0, 0, 0, 0}, 48},  // AS112
    {{0x3fff, 0, 0, 0, 0, 0, 0, 0}, 20},          // documentation
    {{0x3ffe, 0, 0, 0, 0, 0, 0, 0}, 16},          // the former 6bone
};

constexpr u8 kNat64[12] = {0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0};

bool within(const u8* bytes, const u8* start, u32 bits) {
  const u32 whole = bits / 8;
  if (std::memcmp(bytes, start, whole) != 0) return false;
  if (bits % 8 == 0) return true;
  const u32 mask = 0xffu << (8 - bits % 8);
  return ((bytes[whole] ^ start[whole]) & mask) == 0;
}

bool isPublic4(const u8* bytes) {
  for (const Range4& range : kNotPublic4) {
    if (within(bytes, range.start, range.bits)) return false;
  }
  return true;
}

bool isPublic6(const u8* bytes) {
  if (std::memcmp(bytes, kNat64, sizeof kNat64) == 0) return isPublic4(bytes + 12);
  if ((bytes[0] & 0xe0) != 0x20) return false;
  for (const Range6& range : kNotPublic6) {
    u8 start[16];
    for (size_t i = 0; i < 8; ++i) {
      start[2 * i] = static_cast<u8>(range.start[i] >> 8);
      start[2 * i + 1] = static_cast<u8>(range.start[i] & 0xff);
    }
    if (within(bytes, start, range.bits)) return false;
  }
  return true;
}

}  // namespace

Address addressFromV4(const u8* bytes) {
  Address out;
  std::memcpy(out.bytes.data(), bytes, 4);
  return out;
}

Address addressFromV6(const u8* bytes) {
  static constexpr u8 kMapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (std::memcmp(bytes, kMapped, sizeof kMapped) == 0) return addressFromV4(bytes + 12);
  Address out;
  out.v6 = true;
  std::memcpy(out.bytes.data(), bytes, 16);
  return out;
}

bool parseAddress(std::string_view text, Address* out) {
  if (text.size() >= 2 && text.front() == '[' && text.back() == ']') {
    text = text.substr(1, text.size() - 2);
    if (text.find(':') == std::string_view::npos) return false;
  }
  char copy[64];
  if (text.empty() || text.size() >= sizeof copy || text.find('\0') != std::string_view::npos)
    return false;
  std::memcpy(copy, text.data(), text.size());
  copy[text.size()] = 0;
  u8 bytes[16];
  if (inet_pton(AF_INET, copy, bytes) == 1) {
    *out = addressFromV4(bytes);
    return true;
  }
  if (inet_pton(AF_INET6, copy, bytes) != 1) return false;
  *out = addressFromV6(bytes);
  return true;
}

std::string addressText(const Address& address) {
  char text[INET6_ADDRSTRLEN];
  if (address.v6) {
    if (inet_ntop(AF_INET6, address.bytes.data(), text, sizeof text) == nullptr) return {};
    return "[" + std::string(text) + "]";
  }
  char* end = text;
  for (size_t i = 0; i < 4; ++i) {
    const u8 byte = address.bytes[i];
    if (i != 0) *end++ = '.';
    if (byte >= 100) *end++ = static_cast<char>('0' + byte / 100);
    if (byte >= 10) *end++ = static_cast<char>('0' + byte / 10 % 10);
    *end++ = static_cast<char>('0' + byte % 10);
  }
  return std::string(text, end);
}

bool standsFor(const Address& address, Address* other) {
  static constexpr u8 kZero[16] = {};
  static constexpr u8 kLoopback4[4] = {127, 0, 0, 1};
  static constexpr u8 kLoopback6[16] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  const u8* bytes = address.bytes.data();
  if (!address.v6) {
    if (std::memcmp(bytes, kZero, 4) != 0) return false;
    *other = addressFromV4(kLoopback4);
    return true;
  }
  if (std::memcmp(bytes, kZero, 16) == 0) {
    *other = addressFromV6(kLoopback6);
    return true;
  }
  if (std::memcmp(bytes, kNat64, sizeof kNat64) != 0) return false;
  *other = addressFromV4(bytes + 12);
  return true;
}

bool isPublic(const Address& address) {
  return address.v6 ? isPublic6(address.bytes.data()) : isPublic4(address.bytes.data());
}

}  // namespace bls::net
