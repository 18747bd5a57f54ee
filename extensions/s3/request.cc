// Options, addressing and headers.
#include "extensions/s3/request.h"

#include <algorithm>

#include "extensions/base/json.h"

namespace bls::s3 {
namespace {

using extensions::Json;
using extensions::memberText;

constexpr size_t kMaxKeyBytes = 1024;  // S3's own limit
constexpr size_t kMaxBucketBytes = 255;

bool isLowerOrDigit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

// A bucket must stay one segment of a path and must not change the host.
bool isBucket(std::string_view name) {
  if (name.empty() || name.size() > kMaxBucketBytes || name == "." || name == "..") return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return isLowerOrDigit(c) || (c >= 'A' && c <= 'Z') || c == '-' || c == '.' || c == '_';
  });
}

// Names that can be the first labels of a host.
bool isHostBucket(std::string_view name) {
  constexpr size_t kMost = 63;
  const auto good = [](char c) { return isLowerOrDigit(c) || c == '-' || c == '.'; };
  return name.size() <= kMost && std::all_of(name.begin(), name.end(), good) &&
         isLowerOrDigit(name.front()) && isLowerOrDigit(name.back()) &&
         name.find("..") == std::string_view::npos;
}

// Without what ends a header value or a field of the credential scope.
bool isPlain(std::string_view text, std::string_view forbidden) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return c > 0x20 && c < 0x7f && forbidden.find(c) == std::string_view::npos;
  });
}

bool isLocal(const net::Url& url) {
  return url.literal || url.host == "localhost" || url.host.ends_with(".localhost");
}

bool pathStyle(const Options& options) {
  return isLocal(options.endpoint) || options.endpoint.target != "/" ||
         !isHostBucket(options.bucket);
}

Code refuse(Code code, const char* text, std::string* why) {
  *why = text;
  return code;
}

}  // namespace

Code readOptions(const std::string& json, Extra extra, Options* out, std::string* why) {
  Json options;
  if (!extensions::readJson(json, &options, why)) return Code::InvalidParameter;
  const auto take = [&](const char* name, std::string* into) {
    const std::string* text = memberText(options, name);
    if (text == nullptr) {
      *why = std::string("no text at the key ") + name;
      return false;
    }
    *into = *text;
    return true;
  };
  std::string endpoint;
  Credentials& credentials = out->credentials;
  if (!take("bucket_name", &out->bucket) || !take("access_key", &credentials.accessKey) ||
      !take("secret_key", &credentials.secretKey) || !take("endpoint", &endpoint))
    return Code::InvalidParameter;
  if (extra == Extra::Prefix && !take("prefix", &out->prefix)) return Code::InvalidParameter;
  if (extra == Extra::Path && !take("path", &out->key)) return Code::InvalidParameter;
  const std::string* region = memberText(options, "region");
  credentials.region = region == nullptr ? "us-east-1" : *region;

  if (!isPlain(credentials.accessKey, "/,") || credentials.secretKey.empty())
    return refuse(Code::Credentials, "the access key or the secret key is empty or malformed", why);
  if (!isPlain(credentials.region, "/,<>&"))
    return refuse(Code::Region, "the region is empty or malformed", why);
  if (!isBucket(out->bucket)) return refuse(Code::InvalidParameter, "not a name of a bucket", why);
  // A slash in front would be an empty name of a folder; published guests write one.
  if (out->key.starts_with('/')) out->key.erase(0, 1);
  if (extra == Extra::Path && (out->key.empty() || out->key.size() > kMaxKeyBytes))
    return refuse(Code::InvalidParameter, "the path is empty or too long", why);
  if (endpoint.find("://") == std::string::npos) endpoint.insert(0, "https://");
  if (!net::parseUrl(endpoint, true, &out->endpoint, why)) return Code::InvalidParameter;
  if (!out->endpoint.user.empty() || !out->endpoint.password.empty() ||
      out->endpoint.target.find('?') != std::string::npos)
    return refuse(Code::InvalidParameter, "the endpoint has a user or a query", why);
  return Code::Success;
}

bool makeRequest(const Options& options, Action action, net::HttpRequest* out) {
  net::Url url = options.endpoint;
  std::string path = url.target;
  while (path.ends_with('/')) path.pop_back();
  if (pathStyle(options)) {
    path += '/' + options.bucket;
    // Without a key the path of the bucket itself; `/bucket` and `/bucket/` are the same to
    // servers.
    if (!action.key.empty()) path += '/';
  } else {
    url.host.insert(0, options.bucket + '.');
    path += '/';
  }
  path += uriEscape(action.key, false);

  Unsigned request;
  request.method = action.method;
  const std::string origin = url.origin();
  request.host = origin.substr(origin.find("://") + 3);
  request.path = path;
  request.query = std::move(action.query);
  request.payloadHash = sha256Hex(action.body);
  request.time = signingTime(action.seconds);
  if (action.contentType != nullptr)
    request.headers.emplace_back("content-type", action.contentType);
  Signature signature;
  if (request.payloadHash.empty() || !sign(options.credentials, request, &signature)) return false;

  out->method = action.method;
  out->url = origin + path;
  if (!request.query.empty()) out->url += '?' + canonicalQuery(request.query);
  out->pathAsIs = true;
  out->maxRedirects = 0;  // the signature is for this host
  for (auto& [name, value] : request.headers) out->headers.push_back({name, value});
  out->headers.push_back({"x-amz-content-sha256", request.payloadHash});
  out->headers.push_back({"x-amz-date", request.time});
  out->headers.push_back({"authorization", signature.authorization});
  out->hasBody = action.contentType != nullptr || std::string_view(action.method) == "PUT";
  out->body = std::move(action.body);
  return true;
}

}  // namespace bls::s3
