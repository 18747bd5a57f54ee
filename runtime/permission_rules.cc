// Parsing and comparing list items.
#include "runtime/permission_rules.h"

#include <cstdio>

#include "engine/base/status.h"
#include "engine/host/guest_path.h"
#include "runtime/shown.h"

namespace bls::permissions {
namespace {

constexpr size_t kMaxHostBytes = 253;
constexpr size_t kMaxLabelBytes = 63;

bool fail(std::string* why, std::string text) {
  *why = std::move(text);
  return false;
}

bool isDigit(char c) { return c >= '0' && c <= '9'; }

bool allDigits(std::string_view text) {
  for (char c : text) {
    if (!isDigit(c)) return false;
  }
  return !text.empty();
}

int hexDigit(char c) {
  if (isDigit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Decimal, no leading zeros, at most `max`.
bool parseDecimal(std::string_view text, u32 max, u32* out) {
  if (!allDigits(text) || text.size() > 5 || (text.size() > 1 && text[0] == '0')) return false;
  u32 value = 0;
  for (char c : text) value = value * 10 + static_cast<u32>(c - '0');
  *out = value;
  return value <= max;
}

bool parseIpv4(std::string_view text, u8* out) {
  for (int i = 0; i < 4; ++i) {
    size_t dot = text.find('.');
    if ((dot == std::string_view::npos) != (i == 3)) return false;
    u32 value = 0;
    if (!parseDecimal(text.substr(0, dot), 255, &value)) return false;
    out[i] = static_cast<u8>(value);
    text.remove_prefix(i == 3 ? text.size() : dot + 1);
  }
  return true;
}

// The groups of one side of `::`. An IPv4 address may stand at the end of the last side.
bool parseGroups(std::string_view text, bool last, std::vector<u16>* out) {
  while (!text.empty()) {
    size_t colon = text.find(':');
    std::string_view group = text.substr(0, colon);
    u8 v4[4];
    if (last && colon == std::string_view::npos && parseIpv4(group, v4)) {
      out->push_back(static_cast<u16>(v4[0] << 8 | v4[1]));
      out->push_back(static_cast<u16>(v4[2] << 8 | v4[3]));
      return true;
    }
    if (group.empty() || group.size() > 4) return false;
    u32 value = 0;
    for (char c : group) {
      int digit = hexDigit(c);
      if (digit < 0) return false;
      value = value << 4 | static_cast<u32>(digit);
    }
    out->push_back(static_cast<u16>(value));
    if (colon == std::string_view::npos) return true;
    text.remove_prefix(colon + 1);
    if (text.empty()) return false;  // a colon at the end
  }
  return true;
}

bool parseIpv6(std::string_view text, u16* out) {
  constexpr size_t kGroups = 8;
  size_t gap = text.find("::");
  std::vector<u16> head;
  std::vector<u16> tail;
  if (gap == std::string_view::npos) {
    if (text.empty() || !parseGroups(text, true, &head) || head.size() != kGroups) return false;
  } else {
    if (!parseGroups(text.substr(0, gap), false, &head)) return false;
    if (!parseGroups(text.substr(gap + 2), true, &tail)) return false;
    if (head.size() + tail.size() > kGroups - 1) return false;
  }
  for (size_t i = 0; i < kGroups; ++i) out[i] = 0;
  for (size_t i = 0; i < head.size(); ++i) out[i] = head[i];
  for (size_t i = 0; i < tail.size(); ++i) out[kGroups - tail.size() + i] = tail[i];
  return true;
}

std::string ipv4Text(u32 a, u32 b, u32 c, u32 d) {
  std::string out;
  for (u32 part : {a, b, c, d}) {
    if (!out.empty()) out += '.';
    out += std::to_string(part);
  }
  return out;
}

std::string ipv6Text(const u16* groups) {
  bool mapped = groups[5] == 0xffff;
  for (int i = 0; i < 5; ++i) mapped = mapped && groups[i] == 0;
  if (mapped) return ipv4Text(groups[6] >> 8u, groups[6] & 255u, groups[7] >> 8u, groups[7] & 255u);
  std::string out;
  char text[8];
  for (int i = 0; i < 8; ++i) {
    std::snprintf(text, sizeof text, "%c%x", i == 0 ? '[' : ':', groups[i]);
    out += text;
  }
  return out + "]";
}

bool isNameByte(char c) {
  return isDigit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
}

// Letters, digits, - and _ between single dots.
bool checkName(std::string_view name, std::string* why) {
  if (name.size() > kMaxHostBytes) return fail(why, "the host name is too long");
  for (size_t at = 0; at <= name.size();) {
    size_t end = name.find('.', at);
    if (end == std::string_view::npos) end = name.size();
    if (end == at || end - at > kMaxLabelBytes)
      return fail(why, shown(name) + " is not a host name");
    for (char c : name.substr(at, end - at)) {
      if (static_cast<unsigned char>(c) >= 0x80)
        return fail(why, shown(name) + " is not ASCII; write it as xn--…");
      if (!isNameByte(c)) return fail(why, shown(name) + " is not a host name or address");
    }
    at = end + 1;
  }
  return true;
}

// Programs read 127.1, 0x7f000001 and 2130706433 as addresses, too.
bool looksNumeric(std::string_view name) {
  std::string_view last =
      name.substr(name.rfind('.') == std::string_view::npos ? 0 : name.rfind('.') + 1);
  if (allDigits(last)) return true;
  if (last.size() < 2 || last[0] != '0' || (last[1] != 'x' && last[1] != 'X')) return false;
  for (char c : last.substr(2)) {
    if (hexDigit(c) < 0) return false;
  }
  return true;
}

}  // namespace

bool PathRules::add(std::string_view item, std::string* why) {
  if (item.empty()) return fail(why, "an empty path");
  if (item.find('\0') != std::string_view::npos) return fail(why, "a path with a NUL byte");
  items_.push_back(host::joinGuestPath("/", item));
  return true;
}

const std::string* PathRules::covering(std::string_view path) const {
  for (const std::string& item : items_) {
    if (host::coversPath(item, path)) return &item;
  }
  return nullptr;
}

const std::string* PathRules::below(std::string_view path) const {
  for (const std::string& item : items_) {
    if (host::coversPath(path, item)) return &item;
  }
  return nullptr;
}

bool canonicalHost(std::string_view text, std::string* out, std::string* why) {
  if (text.empty()) return fail(why, "an empty host");
  if (text[0] == '[') {
    u16 groups[8];
    if (text.back() != ']' || !parseIpv6(text.substr(1, text.size() - 2), groups))
      return fail(why, shown(text) + " is not an IPv6 address in brackets");
    *out = ipv6Text(groups);
    return true;
  }
  std::string_view name = text;
  if (name.back() == '.') name.remove_suffix(1);
  if (looksNumeric(name)) {
    u8 v4[4];
    if (!parseIpv4(name, v4))
      return fail(why, shown(text) + " is not an IPv4 address of four decimal numbers");
    *out = ipv4Text(v4[0], v4[1], v4[2], v4[3]);
    return true;
  }
  if (!checkName(name, why)) return false;
  out->assign(name);
  for (char& c : *out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return true;
}

bool parseNetItem(std::string_view text, NetItem* out, std::string* why) {
  if (text.find("://") != std::string_view::npos)
    return fail(why, shown(text) + ": URLs are not supported, only domains and ips");
  if (text.find('*') != std::string_view::npos)
    return fail(why, shown(text) + ": there are no wildcards; name each host");
  if (text.find('/') != std::string_view::npos)
    return fail(why, shown(text) + ": there are no address ranges or paths; name each host");
  std::string_view host = text;
  std::string_view port;
  bool hasPort = false;
  size_t colon = text.rfind(':');
  bool bracketed = !text.empty() && text[0] == '[';
  if (colon != std::string_view::npos && (!bracketed || text.find(']') < colon)) {
    host = text.substr(0, colon);
    port = text.substr(colon + 1);
    hasPort = true;
    if (!bracketed && host.find(':') != std::string_view::npos)
      return fail(why, shown(text) + ": an IPv6 address stands in brackets, as in [::1]:80");
  }
  if (!canonicalHost(host, &out->host, why)) return false;
  out->anyPort = !hasPort;
  u32 number = 0;
  if (hasPort && !parseDecimal(port, 65535, &number))
    return fail(why, shown(text) + ": the port is a number from 0 to 65535");
  out->port = static_cast<u16>(number);
  return true;
}

std::vector<std::string> splitItems(std::string_view value) {
  std::vector<std::string> out;
  if (value.empty()) return out;
  for (size_t at = 0; at <= value.size();) {
    size_t end = value.find(',', at);
    if (end == std::string_view::npos) end = value.size();
    out.emplace_back(value.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

}  // namespace bls::permissions
