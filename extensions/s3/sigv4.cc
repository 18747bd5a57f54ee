// The signature, step by step as the reference names them.
#include "extensions/s3/sigv4.h"

#include <algorithm>
#include <map>

#include "extensions/digest.h"

namespace bls::s3 {
namespace {

constexpr char kAlgorithm[] = "AWS4-HMAC-SHA256";

std::span<const u8> bytesOf(std::string_view text) {
  return {reinterpret_cast<const u8*>(text.data()), text.size()};
}

bool isBlank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

// Without blanks at both ends, every other run of them one space.
std::string trimmed(std::string_view value) {
  std::string out;
  bool gap = false;
  for (char c : value) {
    if (isBlank(c)) {
      gap = !out.empty();
      continue;
    }
    if (gap) out += ' ';
    gap = false;
    out += c;
  }
  return out;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

// Sorted by name; values of one name joined in their order.
std::map<std::string, std::string> canonicalHeaders(const Unsigned& request) {
  std::map<std::string, std::string> all = {{"host", trimmed(request.host)},
                                            {"x-amz-content-sha256", request.payloadHash},
                                            {"x-amz-date", request.time}};
  for (const auto& [name, value] : request.headers) {
    const auto [at, added] = all.emplace(lower(name), trimmed(value));
    if (!added) at->second += ',' + trimmed(value);
  }
  return all;
}

bool mac(std::string_view key, std::string_view text, std::string* out) {
  u8 bytes[kMaxDigestSize];
  if (!hmacSha256(bytesOf(key), bytesOf(text), bytes)) return false;
  out->assign(reinterpret_cast<const char*>(bytes), sizeof bytes);
  return true;
}

}  // namespace

std::string uriEscape(std::string_view text, bool slash) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string out;
  for (char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '_' || c == '~' || (c == '/' && !slash);
    if (plain) {
      out += c;
    } else {
      const u8 byte = static_cast<u8>(c);
      out += '%';
      out += kDigits[byte >> 4];
      out += kDigits[byte & 15];
    }
  }
  return out;
}

std::string canonicalQuery(const Pairs& query) {
  Pairs escaped;
  for (const auto& [name, value] : query)
    escaped.emplace_back(uriEscape(name, true), uriEscape(value, true));
  std::sort(escaped.begin(), escaped.end());
  std::string out;
  for (const auto& [name, value] : escaped) {
    if (!out.empty()) out += '&';
    out += name + '=' + value;
  }
  return out;
}

std::string sha256Hex(std::string_view bytes) {
  u8 digest[kMaxDigestSize];
  if (!digestOf(DigestKind::Sha256, bytesOf(bytes), digest)) return {};
  return hexOf({digest, digestSize(DigestKind::Sha256)});
}

bool sign(const Credentials& credentials, const Unsigned& request, Signature* out) {
  std::string names;
  std::string lines;
  for (const auto& [name, value] : canonicalHeaders(request)) {
    if (!names.empty()) names += ';';
    names += name;
    lines += name + ':' + value + '\n';
  }
  out->canonicalRequest = request.method + '\n' + request.path + '\n' +
                          canonicalQuery(request.query) + '\n' + lines + '\n' + names + '\n' +
                          request.payloadHash;
  const std::string hash = sha256Hex(out->canonicalRequest);
  if (hash.empty()) return false;
  const std::string day = request.time.substr(0, 8);
  const std::string scope =
      day + '/' + credentials.region + '/' + credentials.service + "/aws4_request";
  out->stringToSign = std::string(kAlgorithm) + '\n' + request.time + '\n' + scope + '\n' + hash;
  std::string key = "AWS4" + credentials.secretKey;
  for (const std::string& part :
       {day, credentials.region, credentials.service, std::string("aws4_request")}) {
    if (!mac(key, part, &key)) return false;
  }
  std::string signature;
  if (!mac(key, out->stringToSign, &signature)) return false;
  out->signature = hexOf(bytesOf(signature));
  out->authorization = std::string(kAlgorithm) + " Credential=" + credentials.accessKey + '/' +
                       scope + ", SignedHeaders=" + names + ", Signature=" + out->signature;
  return true;
}

std::string signingTime(i64 seconds) {
  // Days to a date by eras of 400 years, which begin in March.
  const i64 days = seconds / 86400;
  const i64 rest = seconds % 86400;
  const i64 shifted = days + 719468;
  const i64 era = shifted / 146097;
  const i64 dayOfEra = shifted % 146097;
  const i64 yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146096) / 365;
  const i64 dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
  const i64 fromMarch = (5 * dayOfYear + 2) / 153;
  const i64 day = dayOfYear - (153 * fromMarch + 2) / 5 + 1;
  const i64 month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9;
  const i64 year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  const auto digits = [](i64 value, size_t width) {
    std::string text = std::to_string(value);
    return std::string(width - std::min(width, text.size()), '0') + text;
  };
  return digits(year, 4) + digits(month, 2) + digits(day, 2) + 'T' + digits(rest / 3600, 2) +
         digits(rest / 60 % 60, 2) + digits(rest % 60, 2) + 'Z';
}

}  // namespace bls::s3
