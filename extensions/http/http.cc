// blockless_http: HTTP requests whose body streams. Reference: hostcalls, section 3, "Target".
#include <algorithm>
#include <atomic>
#include <cstring>

#include "engine/base/status.h"
#include "extensions/base/extension.h"
#include "extensions/base/handles.h"
#include "extensions/base/json.h"
#include "extensions/net/http_client.h"
#include "extensions/net/url.h"

namespace bls::extensions {
namespace {

using host::Capability;
using host::GuestAddress;
using host::GuestPtr;
using net::HttpError;

enum class Code : u32 {
  Success = 0,
  InvalidHandle = 1,
  MemoryAccess = 2,
  HeaderNotFound = 4,
  Utf8 = 5,
  InvalidEncoding = 8,
  InvalidUrl = 9,
  Request = 10,
  Runtime = 11,
  TooManySessions = 12,
  PermissionDenied = 14,
  MalformedHeaders = 15,
};

constexpr const char* kOperation = "http_req";
constexpr u32 kMaxOptionBytes = 16 << 20;
constexpr size_t kMaxHandles = 64;

struct Response {
  std::unique_ptr<net::HttpExchange> exchange;
  std::atomic<bool> busy{false};  // one thread at a time
  bool bodyRead = false;          // headers are gone
};

struct Http final : Extension {
  explicit Http(const Services& given) : services(given), client(net::HttpClient::make(given)) {}
  const Services services;
  const std::unique_ptr<net::HttpClient> client;
  HandleTable<Response> responses;
};
using HttpCall = Call<Http>;

// A stringified object or, as published libraries send it, an object; absent, null and "" are none.
bool takeHeaders(const Json& options, std::vector<net::Header>* out) {
  const Json* given = member(options, "headers");
  if (given == nullptr || given->is_null()) return true;
  Json parsed;
  if (const std::string* text = given->get_ptr<const std::string*>()) {
    std::string why;
    if (text->empty()) return true;
    if (!readJson(*text, &parsed, &why)) return false;
    given = &parsed;
  }
  if (given->is_null() || (given->is_array() && given->empty())) return true;
  if (!given->is_object()) return false;
  for (const auto& [name, value] : given->items()) {
    const std::string* text = value.get_ptr<const std::string*>();
    if (text == nullptr) return false;
    net::Header header{name, *text};
    if (net::headerProblem(header) != nullptr) return false;
    out->push_back(std::move(header));
  }
  return true;
}

// Seconds to milliseconds; absent and null leave 0.
bool takeSeconds(const Json& options, const char* name, u64* out) {
  const Json* given = member(options, name);
  if (given == nullptr || given->is_null()) return true;
  constexpr double kMost = 1e9;
  if (!given->is_number()) return false;
  const double seconds = given->get<double>();
  if (!(seconds >= 0 && seconds <= kMost)) return false;
  // Nothing is done in no time; 0 would mean no limit.
  *out = std::max<u64>(1, static_cast<u64>(seconds * 1000));
  return true;
}

Code takeOptions(const std::string& text, net::HttpRequest* request, std::string* why) {
  Json options;
  if (!readJson(text, &options, why)) return Code::Request;
  static constexpr const char* kMethods[] = {"GET",    "POST", "PUT",     "PATCH",
                                             "DELETE", "HEAD", "OPTIONS", "TRACE"};
  const std::string* method = memberText(options, "method");
  *why = "no known method";
  if (method == nullptr) return Code::Request;  // no object, for example
  request->method.clear();
  for (const char* known : kMethods) {
    if (method->size() == std::strlen(known) &&
        std::equal(method->begin(), method->end(), known,
                   [](char a, char b) { return (a >= 'a' && a <= 'z' ? a - 32 : a) == b; }))
      request->method = known;
  }
  if (request->method.empty()) return Code::Request;
  *why = "a timeout is no number of seconds";
  if (!takeSeconds(options, "connectTimeout", &request->connectTimeoutMs) ||
      !takeSeconds(options, "readTimeout", &request->totalTimeoutMs))
    return Code::Request;
  *why = "the body is no text";
  if (const auto body = options.find("body"); body != options.end() && !body->is_null()) {
    if (!body->is_string()) return Code::Request;
    request->body = std::move(body->get_ref<std::string&>());
    request->hasBody = true;
  }
  request->hasBody = request->hasBody || request->method == "POST" || request->method == "PUT" ||
                     request->method == "PATCH";
  *why = "the headers are no object of texts, or cannot be sent";
  return takeHeaders(options, &request->headers) ? Code::Success : Code::MalformedHeaders;
}

Code fail(HttpCall& call, Code code, const std::string& line) {
  call.state().services.log(LogLevel::Error, line);
  return code;
}

Code httpReq(HttpCall& call, GuestAddress urlAt, u32 urlSize, GuestAddress optionsAt,
             u32 optionsSize, GuestPtr<u32> handle, GuestPtr<i32> status) {
  Http& http = call.state();
  net::HttpRequest request;
  request.operation = kOperation;
  if (urlSize > net::kMaxUrlBytes) return Code::InvalidUrl;
  if (!call.text(urlAt, urlSize, &request.url)) return Code::Utf8;
  net::Url url;
  std::string why;
  if (!http.client->parse(request.url, false, &url, &why))
    return fail(call, Code::InvalidUrl, "http_req refused: " + why);
  // Before the options are looked at.
  if (!http.services.permitNet(call.cx(), {url.text(), url.host, url.port}, kOperation)) {
    if (call.interrupted()) return Code::Runtime;
    return fail(call, Code::PermissionDenied, "Permission Deny");
  }
  request.permitted = &url;
  std::string options;
  if (optionsSize > kMaxOptionBytes) return Code::Request;
  if (!call.text(optionsAt, optionsSize, &options)) return Code::Utf8;
  if (const Code code = takeOptions(options, &request, &why); code != Code::Success)
    return fail(call, code, "http_req refused: " + why);
  options = {};
  if (http.responses.size() >= kMaxHandles)
    return fail(call, Code::TooManySessions, "request send error, too many open responses");
  auto response = std::make_shared<Response>();
  switch (http.client->start(call.cx(), request, &response->exchange, &why)) {
    case HttpError::None: break;
    case HttpError::Interrupted: call.interrupted(); return Code::Runtime;
    case HttpError::BadUrl: return fail(call, Code::InvalidUrl, "http_req refused: " + why);
    case HttpError::BadRequest:
      return fail(call, Code::MalformedHeaders, "http_req refused: " + why);
    case HttpError::Denied: return fail(call, Code::PermissionDenied, "Permission Deny");
    default: return fail(call, Code::Runtime, "request send error, " + why);
  }
  status.store(response->exchange->status);
  handle.store(http.responses.add(std::move(response)));
  return Code::Success;
}

Code httpReadHeader(HttpCall& call, u32 handle, GuestAddress nameAt, u32 nameSize,
                    GuestAddress buffer, u32 size, GuestPtr<u32> written) {
  const std::shared_ptr<Response> response = call.state().responses.get(handle);
  if (response == nullptr) return Code::InvalidHandle;
  const Using use(*response);
  if (!use.mine() || response->bodyRead) return Code::Runtime;
  std::string name;
  if (nameSize > kMaxOptionBytes || !call.text(nameAt, nameSize, &name)) return Code::Utf8;
  const std::string* value = response->exchange->header(name);
  if (value == nullptr) return Code::HeaderNotFound;
  for (char c : *value) {
    if ((c < 0x20 && c != '\t') || c > 0x7e) return Code::InvalidEncoding;
  }
  const host::GuestMemory guest = call.memory();
  if (!guest.contains(buffer.value, size)) return Code::MemoryAccess;
  const size_t count = std::min<size_t>(size, value->size());
  if (count != 0) std::memcpy(guest.base + buffer.value, value->data(), count);
  written.store(static_cast<u32>(count));
  return Code::Success;
}

Code httpReadBody(HttpCall& call, u32 handle, GuestAddress buffer, u32 size,
                  GuestPtr<u32> written) {
  const std::shared_ptr<Response> response = call.state().responses.get(handle);
  if (response == nullptr) return Code::InvalidHandle;
  const Using use(*response);
  if (!use.mine()) return Code::Runtime;
  const host::GuestMemory guest = call.memory();
  if (!guest.contains(buffer.value, size)) return Code::MemoryAccess;
  response->bodyRead = true;
  u32 total = 0;
  while (total < size) {
    size_t done = 0;
    const HttpError error =
        response->exchange->read(call.cx(), guest.base + buffer.value + total, size - total, &done);
    total += static_cast<u32>(done);
    if (error == HttpError::Interrupted) {
      call.interrupted();
      return Code::Runtime;
    }
    // A failure looks like the end to the guest, but not to the operator.
    if (error != HttpError::None)
      call.state().services.log(LogLevel::Error,
                                error == HttpError::OverLimit
                                    ? "the body of a response is over --http-limits and was cut"
                                    : "the body of a response ended early");
    if (error != HttpError::None || done == 0) break;
  }
  written.store(total);
  return Code::Success;
}

Code httpClose(HttpCall& call, u32 handle) {
  return call.state().responses.take(handle) != nullptr ? Code::Success : Code::InvalidHandle;
}

constexpr host::HostFunc kFunctions[] = {
    host::bind<httpReq>("http_req", Capability::Network, "hostcalls, section 3"),
    host::bind<httpReadHeader>("http_read_header", Capability::Descriptor, "hostcalls, section 3"),
    host::bind<httpReadBody>("http_read_body", Capability::Descriptor, "hostcalls, section 3"),
    host::bind<httpClose>("http_close", Capability::Descriptor, "hostcalls, section 3"),
};

}  // namespace

const ExtensionInfo& httpExtension() {
  static constexpr ExtensionInfo kInfo = {
      "blockless_http",
      "HTTP requests",
      {true, true, true, &net::HttpClient::usedPaths},
      kFunctions,
      [](const Services& services) -> std::unique_ptr<Extension> {
        return std::make_unique<Http>(services);
      }};
  return kInfo;
}

}  // namespace bls::extensions
