// HttpClient: the one HTTP client of all extensions, over libcurl. Entry points: HttpClient::start,
// HttpExchange.
//
// Every hop, redirects included, is checked like a first request: the URL by one parser (url.h),
// the gate with its normalised form, then every address it resolves to (address.h), and the
// connection goes to exactly such an address. Limits of threat model NET-5. Waiting is
// interruptible. Thread rule: a client on any thread; an exchange by one thread at a time.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "extensions/base/extension.h"

namespace bls::net {

struct Header {
  std::string name;
  std::string value;
};

enum class HttpError : u8 {
  None,
  BadUrl,      // does not parse, or is one that parsers disagree about
  BadRequest,  // method or header that cannot be sent
  Denied,      // by the gate or the address filter
  Resolve,
  Connect,
  Tls,
  Timeout,
  TooLarge,     // response head or body over the limit
  OverLimit,    // a body over what the operator lets through (Settings::httpLimits)
  Protocol,     // what the server sent is not HTTP, or ended early
  Interrupted,  // end the call with host::interruptTrap(cx)
};

struct Url;  // url.h

struct HttpRequest {
  std::string method = "GET";
  std::string url;
  std::vector<Header> headers;
  std::string body;
  bool hasBody = false;  // Content-Length is sent, also for an empty one
  // Reserved headers (below) are refused, but for a Content-Length that fits and `Connection`.
  u64 connectTimeoutMs = 0;    // 0: the standard 10 s
  u64 totalTimeoutMs = 0;      // to the end of the body; 0: none but idle time and run time
  u32 maxRedirects = 10;       // 0: a redirect is a response like any other
  u64 maxBodyBytes = ~u64{0};  // more is TooLarge
  bool unlimited = false;      // Settings::httpLimits do not hold: no exchange of the guest's
  bool direct = false;         // through no proxy, whatever the environment says
  // A socket that is connected already and asked for, for the first hop; it stays the caller's,
  // which closes it once `start` has returned. Below 0: none.
  int connection = -1;
  bool pathAsIs = false;       // signed requests: no `..` removal, bytes as given
  const char* operation = "";  // for the gate: the guest's name of the call
  // What parseUrl made of `url`, when the caller has parsed it and asked Services::permitNet just
  // before: neither is done again for the first hop.
  const Url* permitted = nullptr;
};

/// A non-empty word of the characters that methods and header names are made of.
bool isToken(std::string_view text);
/// What is wrong with a header that is to be sent or came in: no token as name, CR, LF, NUL or
/// another control character in the value. Null: nothing. Threat model NET-6.
const char* headerProblem(const Header& header);
/// True for headers that the client sets itself: Host, lengths and what holds for one hop.
bool isReservedHeader(std::string_view name);

/// A request whose response head is in. The body streams: no more of it is held than a few windows.
class HttpExchange {
 public:
  virtual ~HttpExchange() = default;
  i32 status = 0;
  std::vector<Header> headers;  // of the last response, in order, names as sent
  std::string finalUrl;

  /// The first header of that name, compared without case; null when absent.
  const std::string* header(std::string_view name) const;
  /// Waits for at least one byte; at most `size`. `*done` is 0 at the end.
  virtual HttpError read(ExecCtx* cx, u8* data, size_t size, size_t* done) = 0;
  /// The rest of the body, at most `most` bytes (else TooLarge).
  HttpError readAll(ExecCtx* cx, u64 most, std::string* out);
};

class HttpClient {
 public:
  /// Before the sandbox, on the first thread: loads libcurl. Without it every start fails with
  /// HttpError::Connect. `services` is copied.
  static std::unique_ptr<HttpClient> make(const extensions::Services& services);
  /// Files to leave readable in the sandbox (extensions::Needs::paths).
  static void usedPaths(const extensions::Settings& settings,
                        std::vector<extensions::UsedPath>* out);
  virtual ~HttpClient() = default;
  /// parseUrl (url.h); a text that was the last one's is not parsed again.
  virtual bool parse(const std::string& text, bool asIs, Url* out, std::string* why) = 0;
  /// Sends; returns when the response head is in. `*why` is one line, for a log or a guest.
  virtual HttpError start(ExecCtx* cx, const HttpRequest& request,
                          std::unique_ptr<HttpExchange>* out, std::string* why) = 0;
};

}  // namespace bls::net
