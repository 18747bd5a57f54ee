// URLs of requests: one parser, libcurl's, whose parts feed both the permission check and the
// connection. Entry points: parseUrl, resolveUrl.
//
// What it and the rules of browsers (WHATWG, which Rust's url crate follows) read in different
// ways is refused before it is parsed: backslashes, control characters, blanks outside the path
// and query, missing or surplus slashes, user names with another `@`, hosts in percent-escapes,
// with zone, not in ASCII or in numbers other than 1.2.3.4, escaped dot segments, odd ports.
// Threat model NET-2. Plain values; curlLibrary must be there. Thread rule: any thread.
#pragma once

#include <string>
#include <string_view>

#include "engine/base/ints.h"
#include "extensions/net/address.h"

namespace bls::net {

struct Url {
  bool tls = false;
  std::string host;  // a name in lower case without its final dot, 1.2.3.4 or [v6]
  u16 port = 0;
  std::string target = "/";  // path and query as sent
  std::string user;          // unescaped; both empty: none
  std::string password;
  bool literal = false;  // the host is `address`
  Address address;

  u16 standardPort() const { return tls ? 443 : 80; }
  /// `http://host[:port]`, the port where it is not the scheme's own.
  std::string origin() const;
  /// The whole in its one spelling, without user and fragment: what is checked and connected to.
  std::string text() const { return origin() + target; }
};

constexpr size_t kMaxUrlBytes = 16000;

/// Parses an absolute http or https URL. Bytes of path and query that cannot stand in a request
/// (blanks, quotes, non-ASCII) are escaped as browsers do; with `asIs`, for signed requests, they
/// are refused and dot segments stay. False with `why`, one line without the URL.
bool parseUrl(std::string_view text, bool asIs, Url* out, std::string* why);

/// What `reference`, the Location of a response, means from `base`.
bool resolveUrl(const Url& base, std::string_view reference, Url* out, std::string* why);

}  // namespace bls::net
