// Refusing, parsing, comparing what was parsed with what was there.
#include "extensions/net/url.h"

#include <memory>

#include "extensions/net/curl_library.h"

namespace bls::net {
namespace {

bool fail(std::string* why, const char* text) {
  *why = text;
  return false;
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
bool isDigit(char c) { return c >= '0' && c <= '9'; }
bool isLetter(char c) { return lower(c) >= 'a' && lower(c) <= 'z'; }
bool isHex(char c) { return isDigit(c) || (lower(c) >= 'a' && lower(c) <= 'f'); }

struct FreeUrl {
  void operator()(CURLU* url) const { curlLibrary()->curl_url_cleanup(url); }
};
using Parsed = std::unique_ptr<CURLU, FreeUrl>;

// Empty when the part is not there.
std::string part(const Parsed& url, CURLUPart what, unsigned flags = 0) {
  char* text = nullptr;
  if (curlLibrary()->curl_url_get(url.get(), what, &text, flags) != CURLUE_OK) return {};
  std::string out = text;
  curlLibrary()->curl_free(text);
  return out;
}

// Bytes that no part may hold.
bool checkBytes(std::string_view text, std::string* why) {
  if (text.size() > kMaxUrlBytes) return fail(why, "the URL is too long");
  for (char c : text) {
    const u8 byte = static_cast<u8>(c);
    if (byte < 0x20 || byte == 0x7f) return fail(why, "the URL holds a control character");
    if (c == '\\') return fail(why, "the URL holds a backslash");
  }
  if (!text.empty() && (text.front() == ' ' || text.back() == ' '))
    return fail(why, "the URL begins or ends with a blank");
  return true;
}

// As written, before the library sees it.
struct Pieces {
  std::string_view authority;
  std::string_view user;  // without the @
  std::string_view host;
  std::string_view port;
  std::string_view path;
  std::string_view query;  // with its ?
};

bool splitAuthority(Pieces* out, std::string* why) {
  std::string_view rest = out->authority;
  const size_t at = rest.find('@');
  if (at != std::string_view::npos) {
    if (rest.find('@', at + 1) != std::string_view::npos)
      return fail(why, "the URL has more than one @ before its path");
    out->user = rest.substr(0, at);
    for (char c : out->user) {
      if (static_cast<u8>(c) >= 0x80 || std::string_view(" \"<>[]`{|}^").find(c) != rest.npos)
        return fail(why, "the user name in the URL holds a character that must be escaped");
    }
    rest = rest.substr(at + 1);
  }
  if (rest.starts_with('[')) {
    const size_t end = rest.find(']');
    if (end == std::string_view::npos) return fail(why, "the URL's host lacks its ]");
    out->host = rest.substr(0, end + 1);
    rest = rest.substr(end + 1);
    if (!rest.empty() && rest[0] != ':') return fail(why, "something follows the URL's host");
  } else {
    const size_t colon = rest.find(':');
    out->host = rest.substr(0, colon);
    rest = colon == std::string_view::npos ? std::string_view() : rest.substr(colon);
  }
  if (!rest.empty()) out->port = rest.substr(1);
  return true;
}

// `.` or `..`, also with %2e for a dot; `*escaped` when so.
bool isDots(std::string_view segment, bool* escaped) {
  size_t dots = 0;
  *escaped = false;
  for (size_t i = 0; i < segment.size(); ++dots) {
    if (segment[i] == '.') {
      i += 1;
    } else if (segment.substr(i, 2) == "%2" && i + 2 < segment.size() &&
               lower(segment[i + 2]) == 'e') {
      *escaped = true;
      i += 3;
    } else {
      return false;
    }
  }
  return dots == 1 || dots == 2;
}

bool checkPath(std::string_view path, std::string* why) {
  for (size_t at = 0; at <= path.size();) {
    size_t end = path.find('/', at);
    if (end == std::string_view::npos) end = path.size();
    bool escaped = false;
    if (isDots(path.substr(at, end - at), &escaped) && escaped)
      return fail(why, "the URL's path holds an escaped . or .. segment");
    at = end + 1;
  }
  return true;
}

bool checkPort(std::string_view port, std::string* why) {
  if (port.empty()) return true;  // the scheme's own
  u32 number = 0;
  for (char c : port) {
    if (!isDigit(c) || port.size() > 5) return fail(why, "the URL's port is not a number");
    number = number * 10 + static_cast<u32>(c - '0');
  }
  if (port[0] == '0') return fail(why, "the URL's port is zero or has a leading zero");
  return number <= 65535 || fail(why, "the URL's port is too large");
}

// Browsers read a last label of digits, or of 0x and hexadecimal digits, as a number.
bool looksNumeric(std::string_view name) {
  std::string_view last = name.substr(name.rfind('.') + 1);
  if (last.starts_with("0x") || last.starts_with("0X")) {
    last.remove_prefix(2);
    for (char c : last) {
      if (!isHex(c)) return false;
    }
    return true;
  }
  for (char c : last) {
    if (!isDigit(c)) return false;
  }
  return !last.empty();
}

// The host in its one spelling.
bool takeHost(std::string_view text, Url* out, std::string* why) {
  if (text.empty()) return fail(why, "the URL has no host");
  if (text[0] == '[') {
    if (!parseAddress(text, &out->address))
      return fail(why, "the URL's host is not an IPv6 address");
    out->literal = true;
    out->host = addressText(out->address);
    return true;
  }
  if (text.back() == '.') text.remove_suffix(1);
  if (text.size() > 253) return fail(why, "the URL's host is too long");
  size_t label = 0;
  for (char c : text) {
    if (static_cast<u8>(c) >= 0x80)
      return fail(why, "the URL's host is not ASCII; write it as xn--...");
    if (c == '.' && label == 0) return fail(why, "the URL's host has an empty label");
    label = c == '.' ? 0 : label + 1;
    if (label > 63) return fail(why, "a label of the URL's host is too long");
    if (c != '.' && !isLetter(c) && !isDigit(c) && c != '-' && c != '_')
      return fail(why, "the URL's host holds a character that no host name has");
    out->host += lower(c);
  }
  if (label == 0) return fail(why, "the URL's host has an empty label");
  if (!looksNumeric(out->host)) return true;
  out->literal = parseAddress(out->host, &out->address);
  return out->literal ||
         fail(why, "the URL's host is a number, but not an address of four decimal numbers");
}

bool split(std::string_view text, Url* url, Pieces* out, std::string* why) {
  const size_t colon = text.find(':');
  std::string scheme;
  if (colon <= 5) {
    for (char c : text.substr(0, colon)) scheme += lower(c);
  }
  if (scheme != "http" && scheme != "https")
    return fail(why, "the URL does not begin with http:// or https://");
  url->tls = scheme == "https";
  std::string_view rest = text.substr(colon + 1);
  if (!rest.starts_with("//") || rest.starts_with("///"))
    return fail(why, "the URL's scheme is not followed by two slashes");
  rest.remove_prefix(2);
  rest = rest.substr(0, rest.find('#'));
  const size_t end = rest.find_first_of("/?");
  out->authority = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view() : rest.substr(end);
  const size_t mark = rest.find('?');
  out->path = rest.substr(0, mark);
  if (mark != std::string_view::npos) out->query = rest.substr(mark);
  return splitAuthority(out, why) && checkPort(out->port, why) && checkPath(out->path, why);
}

// Appends a path or query in escapes. False where that is needed and not allowed.
bool escape(std::string_view text, std::string_view others, bool asIs, std::string* out) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  for (char c : text) {
    const u8 byte = static_cast<u8>(c);
    if (byte > 0x20 && byte < 0x7f && others.find(c) == std::string_view::npos) {
      *out += c;
      continue;
    }
    if (asIs) return false;
    *out += '%';
    *out += kDigits[byte >> 4];
    *out += kDigits[byte & 15];
  }
  return true;
}

}  // namespace

std::string Url::origin() const {
  std::string out;
  out.reserve(host.size() + target.size() + 16);  // for text(), too
  out += tls ? "https://" : "http://";
  out += host;
  if (port != standardPort()) out.append(":").append(std::to_string(port));
  return out;
}

bool parseUrl(std::string_view text, bool asIs, Url* out, std::string* why) {
  const CurlLibrary* curl = curlLibrary();
  if (curl == nullptr) return fail(why, "libcurl is not there");
  *out = {};
  Pieces pieces;
  if (!checkBytes(text, why) || !split(text, out, &pieces, why) || !takeHost(pieces.host, out, why))
    return false;
  std::string target;
  if (!escape(pieces.path, "\"<>`{}^", asIs, &target) ||
      !escape(pieces.query, "\"<>'", asIs, &target))
    return fail(why, "the URL holds a character that must be escaped");
  // What the library is given: the same URL, its host and port in their one spelling.
  std::string whole = out->tls ? "https://" : "http://";
  if (!pieces.user.empty()) whole.append(pieces.user).append("@");
  whole += out->host;
  if (!pieces.port.empty()) whole.append(":").append(pieces.port);
  whole += target;
  Parsed parsed(curl->curl_url());
  if (parsed == nullptr) return fail(why, "out of memory");
  const unsigned flags = asIs ? CURLU_PATH_AS_IS : 0;
  if (const CURLUcode bad = curl->curl_url_set(parsed.get(), CURLUPART_URL, whole.c_str(), flags);
      bad != CURLUE_OK)
    return fail(why, curl->curl_url_strerror(bad));
  const std::string host = part(parsed, CURLUPART_HOST);
  Address again;
  const bool sameHost =
      out->literal ? parseAddress(host, &again) && again == out->address : host == out->host;
  if (!sameHost || part(parsed, CURLUPART_SCHEME) != (out->tls ? "https" : "http"))
    return fail(why, "the URL can be read in more than one way");
  u32 port = 0;
  for (char c : part(parsed, CURLUPART_PORT, CURLU_DEFAULT_PORT))
    port = port * 10 + static_cast<u32>(c - '0');
  if (port == 0 || port > 65535) return fail(why, "the URL has no port");
  out->port = static_cast<u16>(port);
  out->user = part(parsed, CURLUPART_USER, CURLU_URLDECODE);
  out->password = part(parsed, CURLUPART_PASSWORD, CURLU_URLDECODE);
  out->target = part(parsed, CURLUPART_PATH);
  if (out->target.empty() || out->target[0] != '/') return fail(why, "the URL has no path");
  if (pieces.query.size() > 1) out->target += "?" + part(parsed, CURLUPART_QUERY);
  return out->origin().size() + out->target.size() <= kMaxUrlBytes ||
         fail(why, "the URL is too long");
}

bool resolveUrl(const Url& base, std::string_view reference, Url* out, std::string* why) {
  if (!checkBytes(reference, why)) return false;
  const size_t end = reference.find_first_of(":/?#");
  if (end != std::string_view::npos && reference[end] == ':')
    return parseUrl(reference, false, out, why);
  if (reference.starts_with("//"))
    return parseUrl((base.tls ? "https:" : "http:") + std::string(reference), false, out, why);
  const CurlLibrary* curl = curlLibrary();
  Parsed parsed(curl != nullptr ? curl->curl_url() : nullptr);
  if (parsed == nullptr) return fail(why, "out of memory");
  std::string relative;
  (void)escape(reference, "\"<>`{}^", false, &relative);
  // A query alone belongs to the base's path; the library takes the whole of it, too.
  if (curl->curl_url_set(parsed.get(), CURLUPART_URL, base.text().c_str(), 0) != CURLUE_OK ||
      curl->curl_url_set(parsed.get(), CURLUPART_URL, relative.c_str(), 0) != CURLUE_OK)
    return fail(why, "the address of the redirect cannot be read");
  const std::string absolute = part(parsed, CURLUPART_URL);
  if (!parseUrl(absolute, false, out, why)) return false;
  return out->origin() == base.origin() || fail(why, "the redirect can be read in two ways");
}

}  // namespace bls::net
