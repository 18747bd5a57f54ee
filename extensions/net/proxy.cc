#include "extensions/net/proxy.h"

#include <cstdlib>

namespace bls::net {
namespace {

std::string lowered(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

std::string variable(const char* small, const char* capital) {
  for (const char* name : {small, capital}) {
    const char* value = std::getenv(name);
    if (value != nullptr && *value != 0) return value;
  }
  return {};
}

// An empty host for what cannot be used.
Proxy parse(const std::string& text) {
  Proxy out;
  std::string scheme = "http";
  std::string rest = text;
  if (const size_t end = text.find("://"); end != std::string::npos) {
    scheme = lowered(std::string_view(text).substr(0, end));
    rest = text.substr(end + 3);
  }
  u16 port = 80;
  // Those that would have this side resolve names are replaced by those that do not.
  if (scheme == "socks5" || scheme == "socks5h" || scheme == "socks") {
    scheme = "socks5h";
    port = 1080;
  } else if (scheme == "socks4" || scheme == "socks4a") {
    scheme = "socks4a";
    port = 1080;
  } else if (scheme == "https") {
    port = 443;
  } else if (scheme != "http") {
    return out;
  }
  // Host and port by the parser of all URLs; the user stays as written.
  const size_t at = rest.rfind('@');
  const std::string user = at == std::string::npos ? "" : rest.substr(0, at + 1);
  std::string place = at == std::string::npos ? rest : rest.substr(at + 1);
  place = place.substr(0, place.find('/'));
  const size_t bracket = place.find(']');
  const size_t colon = place.find(':', bracket == std::string::npos ? 0 : bracket);
  if (colon == std::string::npos) place += ":" + std::to_string(port);
  Url url;
  std::string why;
  if (!parseUrl("http://" + place, false, &url, &why)) return out;
  out.host = url.host;
  out.port = url.port;
  out.url = scheme + "://" + user + url.host + ":" + std::to_string(url.port);
  return out;
}

}  // namespace

Proxies Proxies::fromEnvironment() {
  Proxies out;
  const std::string all = variable("all_proxy", "ALL_PROXY");
  // In a CGI program HTTP_PROXY may be the header `Proxy` of whoever sent the request (httpoxy).
  const bool cgi = std::getenv("REQUEST_METHOD") != nullptr;
  const std::string http = variable("http_proxy", cgi ? "http_proxy" : "HTTP_PROXY");
  const std::string https = variable("https_proxy", "HTTPS_PROXY");
  out.http_ = parse(http.empty() ? all : http);
  out.https_ = parse(https.empty() ? all : https);
  const std::string list = lowered(variable("no_proxy", "NO_PROXY"));
  for (size_t at = 0; at < list.size();) {
    size_t end = list.find_first_of(", ", at);
    if (end == std::string::npos) end = list.size();
    std::string item = list.substr(at, end - at);
    at = end + 1;
    if (item == "*") out.allDirect_ = true;
    if (item.starts_with('.')) item.erase(0, 1);
    if (!item.empty()) out.direct_.push_back(std::move(item));
  }
  return out;
}

bool Proxies::direct(const Url& url) const {
  if (allDirect_) return true;
  for (const std::string& item : direct_) {
    Address address;
    if (url.literal && parseAddress(item, &address) && address == url.address) return true;
    if (url.host == item) return true;
    if (!url.literal && url.host.ends_with("." + item)) return true;
  }
  return false;
}

const Proxy* Proxies::find(const Url& url) const {
  const Proxy& proxy = url.tls ? https_ : http_;
  return proxy.host.empty() || direct(url) ? nullptr : &proxy;
}

}  // namespace bls::net
