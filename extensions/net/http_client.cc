// Checking, hop by hop.
#include "extensions/net/http_client.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <unordered_map>

#include "engine/base/platform.h"
#include "engine/base/status.h"
#include "extensions/net/permit.h"
#include "extensions/net/resolve.h"
#include "extensions/net/transfer.h"

namespace bls::net {
namespace {

using extensions::Services;

constexpr u64 kMs = 1'000'000;
// How long an answer is used for further requests.
constexpr u64 kResolvedNs = 30'000 * kMs;
constexpr size_t kMaxResolved = 64;
constexpr const char* kSystemCertificates[] = {"/etc/ssl/certs/ca-certificates.crt",
                                               "/etc/pki/tls/certs/ca-bundle.crt",
                                               "/etc/ssl/ca-bundle.pem", "/etc/ssl/cert.pem"};

std::string lowered(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

// The first file there is; empty when none is, and libcurl's own choice holds.
std::string certificateFile(const extensions::Settings& settings) {
  if (!settings.certificates.empty()) return settings.certificates;
  for (const char* path : kSystemCertificates) {
    if (access(path, R_OK) == 0) return path;
  }
  return {};
}

bool carriesCredentials(const std::string& lowerName) {
  return lowerName == "authorization" || lowerName == "cookie" || lowerName == "cookie2" ||
         lowerName == "www-authenticate" || lowerName == "proxy-authorization";
}

const std::string* find(const std::vector<Header>& headers, std::string_view name) {
  const std::string wanted = lowered(name);
  for (const Header& header : headers) {
    if (lowered(header.name) == wanted) return &header.value;
  }
  return nullptr;
}

struct Exchange final : HttpExchange {
  HttpError read(ExecCtx* cx, u8* data, size_t size, size_t* done) override {
    return transfer->read(cx, data, size, done);
  }
  std::shared_ptr<const std::string> body;  // outlives the transfer
  std::unique_ptr<Transfer> transfer;
};

class Client final : public HttpClient {
 public:
  Client(const Services& services, const CurlLibrary* curl) : services_(services) {
    if (curl == nullptr) return;
    std::string certificates;
    if (services.settings != nullptr) {
      certificates = certificateFile(*services.settings);
      limits_ = services.settings->httpLimits;
    }
    lines_ = std::make_shared<Lines>(*curl, std::move(certificates));
    proxies_ = Proxies::fromEnvironment();
  }

  bool parse(const std::string& text, bool asIs, Url* out, std::string* why) override;

  HttpError start(ExecCtx* cx, const HttpRequest& request, std::unique_ptr<HttpExchange>* out,
                  std::string* why) override;

 private:
  struct Resolved {
    std::vector<Address> addresses;
    u64 untilNs;
  };
  HttpError check(ExecCtx* cx, const HttpRequest& request, bool asked, Hop* hop, std::string* why);
  HttpError resolve(ExecCtx* cx, const std::string& name, u64 timeoutNs, std::vector<Address>* out,
                    std::string* why);
  void forget(const std::string& name);

  const Services services_;
  std::shared_ptr<Lines> lines_;  // null without libcurl
  Proxies proxies_;
  extensions::HttpLimits limits_;
  SpinLock lock_;  // the rest
  std::unordered_map<std::string, Resolved> resolved_;
  std::string parsedText_;  // what parsed_ was made of; empty: nothing
  bool parsedAsIs_ = false;
  Url parsed_;
};

HttpError refuse(HttpError error, std::string text, std::string* why) {
  *why = std::move(text);
  return error;
}

bool Client::parse(const std::string& text, bool asIs, Url* out, std::string* why) {
  {
    SpinGuard guard(&lock_);
    if (!text.empty() && text == parsedText_ && asIs == parsedAsIs_) {
      *out = parsed_;
      return true;
    }
  }
  if (!parseUrl(text, asIs, out, why)) return false;
  SpinGuard guard(&lock_);
  parsedText_ = text;
  parsedAsIs_ = asIs;
  parsed_ = *out;
  return true;
}

HttpError Client::resolve(ExecCtx* cx, const std::string& name, u64 timeoutNs,
                          std::vector<Address>* out, std::string* why) {
  const u64 now = platform::monotonicNs();
  {
    SpinGuard guard(&lock_);
    const auto known = resolved_.find(name);
    if (known != resolved_.end() && known->second.untilNs > now) {
      *out = known->second.addresses;
      return HttpError::None;
    }
  }
  switch (resolveName(cx, services_.helper, name, timeoutNs, out)) {
    case ResolveEnd::Found: break;
    case ResolveEnd::NotFound:
      return refuse(HttpError::Resolve, "the host name has no address", why);
    case ResolveEnd::TimedOut:
      return refuse(HttpError::Timeout, "looking up the host name took too long", why);
    case ResolveEnd::Interrupted: return refuse(HttpError::Interrupted, "interrupted", why);
  }
  SpinGuard guard(&lock_);
  if (resolved_.size() >= kMaxResolved) resolved_.clear();
  resolved_[name] = {*out, now + kResolvedNs};
  return HttpError::None;
}

void Client::forget(const std::string& name) {
  SpinGuard guard(&lock_);
  resolved_.erase(name);
}

// Whether the hop may be made, and where its connection goes. `asked`: the gate about its URL.
HttpError Client::check(ExecCtx* cx, const HttpRequest& request, bool asked, Hop* hop,
                        std::string* why) {
  const Url& url = hop->url;
  const std::string text = url.text();
  const host::NetTarget target{text, url.host, url.port};
  if (!asked && !services_.permitNet(cx, target, request.operation)) {
    if (host::interruptTrap(cx) != Trap::None)
      return refuse(HttpError::Interrupted, "interrupted", why);
    return refuse(HttpError::Denied, "no permission for " + url.origin(), why);
  }
  hop->proxy = request.direct ? nullptr : proxies_.find(url);
  const std::string& name = hop->proxy != nullptr ? hop->proxy->host : url.host;
  std::vector<Address> found;
  Address literal;
  if (parseAddress(name, &literal)) {
    found.push_back(literal);
  } else {
    u64 most = hop->connectMs * kMs;
    const u64 now = platform::monotonicNs();
    if (hop->deadlineNs != kNever)
      most = std::min(most, hop->deadlineNs > now ? hop->deadlineNs - now : 0);
    const HttpError error = resolve(cx, name, most, &found, why);
    if (error != HttpError::None) return error;
  }
  for (const Address& address : found) {
    // What a proxy reaches is checked by name only, and it is the operator's itself.
    if (hop->proxy != nullptr ||
        permitConnection(services_, cx, target, address, request.operation))
      hop->addresses.push_back(address);
  }
  if (!hop->addresses.empty()) return HttpError::None;
  if (host::interruptTrap(cx) != Trap::None)
    return refuse(HttpError::Interrupted, "interrupted", why);
  return refuse(
      HttpError::Denied,
      "no permission for " + addressText(found[0]) + ", which " + url.origin() + " leads to", why);
}

// Headers as they are sent on the first hop.
HttpError takeHeaders(const HttpRequest& request, std::vector<Header>* out, std::string* why) {
  if (!isToken(request.method) || request.method == "CONNECT")
    return refuse(HttpError::BadRequest, "the method cannot be sent", why);
  for (const Header& header : request.headers) {
    if (const char* problem = headerProblem(header); problem != nullptr)
      return refuse(HttpError::BadRequest, problem, why);
    const std::string name = lowered(header.name);
    if (isReservedHeader(name)) {
      const bool fits =
          name == "content-length" && header.value == std::to_string(request.body.size());
      if (fits || name == "connection") continue;
      return refuse(HttpError::BadRequest, "the header " + name + " is set by the client itself",
                    why);
    }
    out->push_back(header);
  }
  return HttpError::None;
}

HttpError Client::start(ExecCtx* cx, const HttpRequest& request, std::unique_ptr<HttpExchange>* out,
                        std::string* why) {
  Hop hop;
  std::string problem;
  if (request.permitted != nullptr) {
    hop.url = *request.permitted;
  } else if (!parse(request.url, request.pathAsIs, &hop.url, &problem)) {
    return refuse(HttpError::BadUrl, problem, why);
  }
  HttpError error = takeHeaders(request, &hop.headers, why);
  if (error != HttpError::None) return error;
  if (lines_ == nullptr) return refuse(HttpError::Connect, "libcurl is not there", why);
  hop.method = request.method;
  hop.maxBodyBytes = request.maxBodyBytes;
  if (!request.unlimited) {
    if (request.hasBody && request.body.size() > limits_.requestBytes)
      return refuse(HttpError::OverLimit, "the body of the request is over --http-limits", why);
    hop.limited = limits_.responseBytes < hop.maxBodyBytes;
    hop.maxBodyBytes = std::min(hop.maxBodyBytes, limits_.responseBytes);
  }
  hop.follows = request.maxRedirects != 0;
  hop.connection = request.connection;
  if (request.connectTimeoutMs != 0) hop.connectMs = request.connectTimeoutMs;
  if (request.totalTimeoutMs != 0 && request.totalTimeoutMs < (u64{1} << 40))
    hop.deadlineNs = platform::monotonicNs() + request.totalTimeoutMs * kMs;
  if (services_.settings != nullptr) hop.idleNs = services_.settings->idleMs * kMs;
  auto exchange = std::make_unique<Exchange>();
  if (request.hasBody) exchange->body = std::make_shared<const std::string>(request.body);
  hop.body = exchange->body.get();
  for (u32 redirects = 0;; ++redirects) {
    hop.addresses.clear();
    error = check(cx, request, redirects == 0 && request.permitted != nullptr, &hop, why);
    if (error != HttpError::None) return error;
    exchange->transfer = std::make_unique<Transfer>(lines_, std::move(hop));
    Transfer& transfer = *exchange->transfer;
    error = transfer.begin(cx);
    if (error != HttpError::None) {
      if (error == HttpError::Connect || error == HttpError::Timeout)
        forget(transfer.hop().proxy != nullptr ? transfer.hop().proxy->host
                                               : transfer.hop().url.host);
      return refuse(error, escapeForMessage(transfer.why, 200), why);
    }
    const std::string* location = transfer.location();
    if (location == nullptr) break;
    if (redirects >= request.maxRedirects)
      return refuse(HttpError::Protocol, "too many redirects", why);
    Url next;
    if (!resolveUrl(transfer.hop().url, *location, &next, &problem))
      return refuse(HttpError::Protocol, "redirected: " + problem, why);
    if (transfer.drop(cx) == HttpError::Interrupted)
      return refuse(HttpError::Interrupted, "interrupted", why);
    hop = transfer.takeHop();
    const bool elsewhere = next.origin() != hop.url.origin();
    const bool getsGet = transfer.status <= 303 && hop.method != "GET" && hop.method != "HEAD";
    if (getsGet) {
      hop.method = "GET";
      hop.body = nullptr;
    }
    std::erase_if(hop.headers, [&](const Header& header) {
      const std::string name = lowered(header.name);
      return (elsewhere && carriesCredentials(name)) || (getsGet && name.starts_with("content-"));
    });
    if (!elsewhere && next.user.empty() && next.password.empty()) {
      next.user = hop.url.user;
      next.password = hop.url.password;
    }
    hop.url = std::move(next);
    hop.connection = -1;
  }
  exchange->status = exchange->transfer->status;
  exchange->headers = std::move(exchange->transfer->headers);
  exchange->finalUrl = exchange->transfer->hop().url.text();
  *out = std::move(exchange);
  return HttpError::None;
}

}  // namespace

bool isToken(std::string_view text) {
  static constexpr std::array<bool, 256> kToken = [] {
    std::array<bool, 256> out{};
    for (char c : std::string_view("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"
                                   "ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
      out[static_cast<u8>(c)] = true;
    return out;
  }();
  for (char c : text) {
    if (!kToken[static_cast<u8>(c)]) return false;
  }
  return !text.empty();
}

const char* headerProblem(const Header& header) {
  if (!isToken(header.name)) return "a header's name has a character that no name has";
  for (char c : header.value) {
    const u8 byte = static_cast<u8>(c);
    if ((byte < 0x20 && c != '\t') || byte == 0x7f)
      return "a header's value holds a control character";
  }
  return nullptr;
}

bool isReservedHeader(std::string_view name) {
  static constexpr std::string_view kNames[] = {"host",
                                                "content-length",
                                                "transfer-encoding",
                                                "connection",
                                                "keep-alive",
                                                "proxy-connection",
                                                "proxy-authenticate",
                                                "proxy-authorization",
                                                "te",
                                                "trailer",
                                                "upgrade",
                                                "expect",
                                                "http2-settings"};
  return std::find(std::begin(kNames), std::end(kNames), lowered(name)) != std::end(kNames);
}

const std::string* HttpExchange::header(std::string_view name) const { return find(headers, name); }

HttpError HttpExchange::readAll(ExecCtx* cx, u64 most, std::string* out) {
  u8 piece[16384];
  for (;;) {
    size_t done = 0;
    const HttpError error = read(cx, piece, sizeof piece, &done);
    if (error != HttpError::None || done == 0) return error;
    if (done > most - out->size()) return HttpError::TooLarge;
    out->append(reinterpret_cast<const char*>(piece), done);
  }
}

std::unique_ptr<HttpClient> HttpClient::make(const Services& services) {
  const char* why = nullptr;
  const CurlLibrary* curl = curlLibrary(&why);
  if (curl == nullptr) services.log(extensions::LogLevel::Error, std::string("no HTTP: ") + why);
  return std::make_unique<Client>(services, curl);
}

void HttpClient::usedPaths(const extensions::Settings& settings,
                           std::vector<extensions::UsedPath>* out) {
  const std::string file = certificateFile(settings);
  if (!file.empty()) out->push_back({file});
}

}  // namespace bls::net
