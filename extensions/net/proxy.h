// The operator's proxies, from the environment as it was at the start. Entry points:
// Proxies::fromEnvironment, find. Plain values; thread rule: fromEnvironment on the first thread.
//
// Names, in small or capital letters: http_proxy and https_proxy by the scheme of the request,
// all_proxy for both; HTTP_PROXY does not count where REQUEST_METHOD is set; no_proxy lists hosts
// that are reached directly: names with all below them (with or without a dot in front), addresses,
// or `*`. Through a proxy only the name of a host can be checked, since the proxy looks it up.
#pragma once

#include <string>
#include <vector>

#include "extensions/net/url.h"

namespace bls::net {

struct Proxy {
  std::string url;   // for libcurl; names are resolved by the proxy
  std::string host;  // where it is
  u16 port = 0;
};

class Proxies {
 public:
  static Proxies fromEnvironment();
  /// Null: directly.
  const Proxy* find(const Url& url) const;

 private:
  bool direct(const Url& url) const;
  Proxy http_;
  Proxy https_;
  bool allDirect_ = false;
  std::vector<std::string> direct_;  // lower case
};

}  // namespace bls::net
