// AWS Signature Version 4 as S3 wants it: canonical request, string to sign, Authorization header.
// Entry points: sign, uriEscape.
//
// S3 differs from other services of that signature: the path is signed as it is sent, escaped once
// and with its dot segments, and the hash of the payload is a header. Source: AWS General
// Reference, "Create a signed AWS API request"; checked against two independent signers by recorded
// vectors (tests/extensions/data/sigv4_vectors.json). Plain values; any thread.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/ints.h"

namespace bls::s3 {

using Pairs = std::vector<std::pair<std::string, std::string>>;

struct Credentials {
  std::string accessKey;
  std::string secretKey;
  std::string region;
  std::string service = "s3";
};

/// What is sent. Not escaped: query. As sent: path, header values.
struct Unsigned {
  std::string method;
  std::string host;        // the Host header: with a port where it is not the scheme's own
  std::string path = "/";  // escaped
  Pairs query;
  Pairs headers;            // beyond host, x-amz-date and x-amz-content-sha256
  std::string payloadHash;  // SHA-256 in hexadecimal, or UNSIGNED-PAYLOAD
  std::string time;         // 20260101T000000Z
};

struct Signature {
  std::string canonicalRequest;
  std::string stringToSign;
  std::string signature;      // hexadecimal
  std::string authorization;  // value of that header
};

/// False when the cryptographic library refuses.
bool sign(const Credentials& credentials, const Unsigned& request, Signature* out);

/// Percent-escapes every byte but letters, digits and `-._~`, and `/` unless `slash`.
std::string uriEscape(std::string_view text, bool slash);
/// `a=b&c=d`, escaped and sorted: in the canonical request and as sent.
std::string canonicalQuery(const Pairs& query);
/// SHA-256 in lower-case hexadecimal; empty when the library refuses.
std::string sha256Hex(std::string_view bytes);
/// `seconds` since 1970 in the form that Unsigned::time has.
std::string signingTime(i64 seconds);

}  // namespace bls::s3
