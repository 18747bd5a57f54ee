// The items of permission lists: guest paths, and hosts with or without a port. Plain values; no
// system calls. Entry points: PathRules, parseNetItem, canonicalHost. Reference: permissions,
// sections 2.2 and 2.3.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/base/ints.h"

namespace bls::permissions {

/// A list of guest paths; each stands for itself and everything below it.
class PathRules {
 public:
  /// False with `why` for an empty item or one with a NUL byte. Relative items are below the root.
  bool add(std::string_view item, std::string* why);
  /// The item that is `path` or lies above it; null when there is none. `path` is normal.
  const std::string* covering(std::string_view path) const;
  /// An item that lies below `path`, or is it; null when there is none.
  const std::string* below(std::string_view path) const;
  bool empty() const { return items_.empty(); }
  const std::vector<std::string>& items() const { return items_; }

 private:
  std::vector<std::string> items_;  // normal
};

/// A host in the one spelling that is compared: a name in lower case without its final dot,
/// 1.2.3.4, or [xxxx:…] with eight groups. An IPv6 address that stands for an IPv4 one is that one.
/// False with `why` for anything else: other spellings of addresses, which programs read in
/// different ways, are refused.
bool canonicalHost(std::string_view text, std::string* out, std::string* why);

/// `host`, `host:port`, `1.2.3.4[:port]`, `[v6][:port]`.
struct NetItem {
  std::string host;  // canonical
  bool anyPort = true;
  u16 port = 0;

  bool covers(std::string_view canonical, u16 itsPort) const {
    return canonical == host && (anyPort || port == itsPort);
  }
  std::string text() const { return anyPort ? host : host + ":" + std::to_string(port); }
};
bool parseNetItem(std::string_view text, NetItem* out, std::string* why);

/// Splits the value of a flag at every comma, without trimming; "" is no item at all.
std::vector<std::string> splitItems(std::string_view value);

}  // namespace bls::permissions
