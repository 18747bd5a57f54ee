// What a guest asks of a bucket, as a signed HTTP request. Entry points: readOptions, makeRequest.
//
// Reference: hostcalls, section 7; path style for endpoints that are an address or localhost, or
// have a path, the bucket as sub-domain else. Plain values; any thread.
#pragma once

#include <string>
#include <string_view>

#include "extensions/net/http_client.h"
#include "extensions/net/url.h"
#include "extensions/s3/sigv4.h"

namespace bls::s3 {

/// Codes of the extension.
enum class Code : u32 {
  Success = 0,
  InvalidHandle = 1,
  Utf8 = 2,
  InvalidParameter = 4,
  InvalidEncoding = 5,
  Credentials = 6,
  Region = 7,
  Request = 8,
  Runtime = 9,
  TooManySessions = 10,
  InvalidDriver = 11,
  PermissionDenied = 12,
};

/// The JSON of a call.
struct Options {
  Credentials credentials;
  net::Url endpoint;
  std::string bucket;
  std::string key;     // `path`
  std::string prefix;  // for listing
};

/// What a call needs beyond the common keys.
enum class Extra : u8 { None, Prefix, Path };

/// Code::Success, or the code with `why`, one line without anything secret.
Code readOptions(const std::string& json, Extra extra, Options* out, std::string* why);

struct Action {
  const char* method = "GET";
  std::string key;  // empty: the bucket itself
  Pairs query;
  std::string body;
  const char* contentType = nullptr;  // null: no body
  i64 seconds = 0;                    // the time, since 1970
};

/// False when the cryptographic library refuses.
bool makeRequest(const Options& options, Action action, net::HttpRequest* out);

}  // namespace bls::s3
