// blockless_s3: buckets and objects. Reference: hostcalls, section 7, "Target".
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstring>

#include "extensions/base/extension.h"
#include "extensions/base/handles.h"
#include "extensions/base/json.h"
#include "extensions/net/http_client.h"
#include "extensions/s3/listing.h"
#include "extensions/s3/request.h"

namespace bls::extensions {
namespace {

using host::Capability;
using host::GuestAddress;
using host::GuestPtr;
using net::HttpError;
using s3::Code;

constexpr u32 kMaxOptionBytes = 1 << 20;
constexpr size_t kMaxHandles = 64;
constexpr u64 kMaxPageBytes = u64{4} << 20;   // S3 lists at most 1,000 objects in one
constexpr u64 kMaxListBytes = u64{16} << 20;  // of the JSON of all pages
constexpr u64 kMaxAnswerBytes = u64{1} << 20;

enum Command : u32 { kCreate = 1, kList = 2, kGet = 3, kDelete = 4 };

// What is read through a handle: a text, or the body of a response.
struct Content {
  std::string text;
  size_t at = 0;
  std::unique_ptr<net::HttpExchange> exchange;
  std::atomic<bool> busy{false};  // one thread at a time
};

struct S3 final : Extension {
  explicit S3(const Services& given) : services(given), client(net::HttpClient::make(given)) {
    // The library loads what it needs for hashing while files can still be opened.
    s3::Signature warm;
    s3::sign({}, {}, &warm);
  }
  const Services services;
  const std::unique_ptr<net::HttpClient> client;
  HandleTable<Content> contents;
};
using S3Call = Call<S3>;

Code fail(S3Call& call, Code code, const std::string& why) {
  call.state().services.log(LogLevel::Error, "S3 request failed: " + why);
  return code;
}

Code codeOf(S3Call& call, HttpError error, const std::string& why) {
  switch (error) {
    case HttpError::None: return Code::Success;
    case HttpError::Interrupted: call.interrupted(); return Code::Runtime;
    case HttpError::Denied: return fail(call, Code::PermissionDenied, "Permission Deny");
    case HttpError::BadUrl:
    case HttpError::BadRequest: return fail(call, Code::InvalidParameter, why);
    default: return fail(call, Code::Request, why);
  }
}

// Sends; the response head is in on Success.
Code send(S3Call& call, const s3::Options& options, s3::Action action, const char* operation,
          std::unique_ptr<net::HttpExchange>* out) {
  using std::chrono::duration_cast;
  using std::chrono::seconds;
  if (call.state().client == nullptr) return fail(call, Code::InvalidDriver, "no HTTP client");
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  action.seconds = duration_cast<seconds>(now).count();
  net::HttpRequest request;
  request.operation = operation;
  if (!s3::makeRequest(options, std::move(action), &request))
    return fail(call, Code::Runtime, "no signature");
  std::string why;
  return codeOf(call, call.state().client->start(call.cx(), request, out, &why), why);
}

Code badStatus(S3Call& call, const net::HttpExchange& exchange) {
  return fail(call, Code::Request, "the server answers " + std::to_string(exchange.status));
}

Code create(S3Call& call, const s3::Options& options, std::string* out) {
  s3::Action action;
  action.method = "PUT";
  if (options.credentials.region != "us-east-1") {
    action.contentType = "application/xml";
    action.body =
        "<CreateBucketConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
        "<LocationConstraint>" +
        options.credentials.region + "</LocationConstraint></CreateBucketConfiguration>";
  }
  std::unique_ptr<net::HttpExchange> exchange;
  if (const Code code = send(call, options, std::move(action), "bucket_command", &exchange);
      code != Code::Success)
    return code;
  std::string text;
  const HttpError error = exchange->readAll(call.cx(), kMaxAnswerBytes, &text);
  if (error != HttpError::None) return codeOf(call, error, "the answer ended early or is too long");
  *out = "{\"code\":" + std::to_string(exchange->status) +
         ",\"response_text\":" + jsonQuoted(text) + '}';
  return Code::Success;
}

Code list(S3Call& call, const s3::Options& options, std::string* out) {
  s3::Page page;
  *out = "[";
  for (std::string from;; from = page.continuation) {
    s3::Action action;
    action.query = {{"list-type", "2"}, {"prefix", options.prefix}};
    if (!from.empty()) action.query.emplace_back("continuation-token", from);
    std::unique_ptr<net::HttpExchange> exchange;
    if (const Code code = send(call, options, std::move(action), "bucket_command", &exchange);
        code != Code::Success)
      return code;
    if (exchange->status != 200) return badStatus(call, *exchange);
    std::string xml;
    const HttpError error = exchange->readAll(call.cx(), kMaxPageBytes, &xml);
    if (error != HttpError::None) return codeOf(call, error, "a page ended early or is too long");
    if (!s3::readListing(xml, &page))
      return fail(call, Code::InvalidEncoding, "the listing is not what S3 servers send");
    if (out->size() > 1) *out += ',';
    *out += page.json;
    if (out->size() > kMaxListBytes) return fail(call, Code::Runtime, "the listing is too long");
    if (!page.truncated) break;
    if (page.continuation.empty() || page.continuation == from)
      return fail(call, Code::Request, "the listing does not go on");
  }
  *out += ']';
  return Code::Success;
}

Code bucketCommand(S3Call& call, u32 command, GuestAddress jsonAt, u32 jsonSize,
                   GuestPtr<u32> handle) {
  if (command > 0xffff) {
    call.raise(Trap::BadGuestPointer);
    return Code::Runtime;
  }
  std::string json;
  if (jsonSize > kMaxOptionBytes) return Code::InvalidParameter;
  if (!call.text(jsonAt, jsonSize, &json)) return Code::Utf8;
  if (command < kCreate || command > kDelete) return Code::InvalidParameter;
  using s3::Extra;
  const Extra extra = command == kCreate ? Extra::None
                      : command == kList ? Extra::Prefix
                                         : Extra::Path;
  s3::Options options;
  std::string why;
  if (const Code code = s3::readOptions(json, extra, &options, &why); code != Code::Success)
    return fail(call, code, why);
  HandleTable<Content>& contents = call.state().contents;
  if (contents.size() >= kMaxHandles)
    return fail(call, Code::TooManySessions, "too many open handles");

  auto content = std::make_shared<Content>();
  Code code = Code::Success;
  if (command == kCreate) {
    code = create(call, options, &content->text);
  } else if (command == kList) {
    code = list(call, options, &content->text);
  } else {
    s3::Action action;
    action.method = command == kGet ? "GET" : "DELETE";
    action.key = options.key;
    code = send(call, options, std::move(action), "bucket_command", &content->exchange);
    if (code != Code::Success) return code;
    const i32 status = content->exchange->status;
    const bool good = command == kGet ? status == 200 : status >= 200 && status < 300;
    if (!good) return badStatus(call, *content->exchange);
  }
  if (code != Code::Success) return code;
  // A handle with nothing to read through it is a number that names nothing.
  handle.store(command == kDelete ? contents.reserve() : contents.add(std::move(content)));
  return Code::Success;
}

Code bucketPutObject(S3Call& call, GuestAddress jsonAt, u32 jsonSize, GuestAddress buffer,
                     u32 size) {
  std::string json;
  if (jsonSize > kMaxOptionBytes) return Code::InvalidParameter;
  if (!call.text(jsonAt, jsonSize, &json)) return Code::Utf8;
  const host::GuestMemory guest = call.memory();
  if (!guest.contains(buffer.value, size)) return Code::InvalidParameter;
  s3::Options options;
  std::string why;
  if (const Code code = s3::readOptions(json, s3::Extra::Path, &options, &why);
      code != Code::Success)
    return fail(call, code, why);
  s3::Action action;
  action.method = "PUT";
  action.key = options.key;
  action.contentType = "application/octet-stream";
  if (size != 0) action.body.assign(reinterpret_cast<const char*>(guest.base) + buffer.value, size);
  std::unique_ptr<net::HttpExchange> exchange;
  if (const Code code = send(call, options, std::move(action), "bucket_put_object", &exchange);
      code != Code::Success)
    return code;
  return exchange->status == 200 ? Code::Success : badStatus(call, *exchange);
}

Code s3Read(S3Call& call, u32 handle, GuestAddress buffer, u32 size, GuestPtr<u32> written) {
  if (size == 0) return Code::InvalidParameter;
  const std::shared_ptr<Content> content = call.state().contents.get(handle);
  if (content == nullptr) return Code::InvalidHandle;
  const host::GuestMemory guest = call.memory();
  if (!guest.contains(buffer.value, size)) return Code::InvalidParameter;
  const Using use(*content);
  if (!use.mine()) return fail(call, Code::Runtime, "the handle is in use");
  u8* const out = guest.base + buffer.value;
  Code code = Code::Success;
  size_t count = 0;
  if (content->exchange != nullptr) {
    const HttpError error = content->exchange->read(call.cx(), out, size, &count);
    if (error == HttpError::Interrupted) call.interrupted();
    // What came before is the guest's; the next read meets the error again.
    if (error != HttpError::None && count == 0)
      code = fail(call, Code::Runtime, "the object ended early");
  } else {
    count = std::min<size_t>(size, content->text.size() - content->at);
    std::memcpy(out, content->text.data() + content->at, count);
    content->at += count;
  }
  if (code == Code::Success) written.store(static_cast<u32>(count));
  return code;
}

Code s3Close(S3Call& call, u32 handle) {
  call.state().contents.take(handle);
  return Code::Success;
}

constexpr host::HostFunc kFunctions[] = {
    host::bind<bucketCommand>("bucket_command", Capability::Network, "hostcalls, section 7"),
    host::bind<bucketPutObject>("bucket_put_object", Capability::Network, "hostcalls, section 7"),
    host::bind<s3Read>("s3_read", Capability::Descriptor, "hostcalls, section 7"),
    host::bind<s3Close>("s3_close", Capability::Descriptor, "hostcalls, section 7"),
};

}  // namespace

const ExtensionInfo& s3Extension() {
  static constexpr ExtensionInfo kInfo = {
      "blockless_s3",
      "buckets and objects of S3 servers",
      {true, true, true, &net::HttpClient::usedPaths},
      kFunctions,
      [](const Services& services) -> std::unique_ptr<Extension> {
        return std::make_unique<S3>(services);
      }};
  return kInfo;
}

}  // namespace bls::extensions
