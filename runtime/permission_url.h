// The URL list of the first permission model: `--permission URL` and the configuration's
// `permissions`. Plain values. Entry points: UrlRules, urlTarget. Reference: permissions, sections
// 1 and 4, "Target".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/base/ints.h"

namespace bls::permissions {

/// A list of URL prefixes.
class UrlRules {
 public:
  /// False with `why` when the entry is no URL: `scheme://authority…` in printable ASCII, without
  /// user name and backslash.
  bool add(std::string_view entry, std::string* why);
  /// The entry that allows this URL; null when none does. An entry allows what begins with it, both
  /// in lower case. Where the entry ends inside the authority, the URL must end there as well, or
  /// go on with a path, query, fragment or port: `http://a.com` does not allow
  /// `http://a.com.evil.org`. URLs with a user name, with bytes that have to be escaped, and (for
  /// an entry with a path) with
  /// `.` or `..` as a component are allowed by no entry: they may not mean what they look like.
  const std::string* allowing(std::string_view url) const;
  bool empty() const { return entries_.empty(); }
  const std::vector<std::string>& entries() const { return entries_; }

 private:
  std::vector<std::string> entries_;  // lower case
};

/// Host (canonical, see permission_rules.h) and port of a URL; the port of http and https may be
/// left out. False with `why` for anything without both.
bool urlTarget(std::string_view url, std::string* host, u16* port, std::string* why);

}  // namespace bls::permissions
