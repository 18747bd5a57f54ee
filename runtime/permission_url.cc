// Comparing URLs with allowed prefixes.
#include "runtime/permission_url.h"

#include "engine/base/status.h"
#include "runtime/permission_rules.h"
#include "runtime/shown.h"

namespace bls::permissions {
namespace {

constexpr size_t kMaxUrlBytes = 16384;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string lowered(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = lower(c);
  return out;
}

bool isDigit(char c) { return c >= '0' && c <= '9'; }
bool isLetter(char c) { return lower(c) >= 'a' && lower(c) <= 'z'; }

// Where the parts of `scheme://authority/path?query#fragment` are.
struct Parts {
  std::string_view scheme;
  std::string_view authority;
  std::string_view path;    // up to ? or #
  size_t authorityEnd = 0;  // in the whole
};

bool split(std::string_view url, Parts* out) {
  size_t colon = url.find("://");
  if (colon == std::string_view::npos || colon == 0 || !isLetter(url[0])) return false;
  for (char c : url.substr(0, colon)) {
    if (!isLetter(c) && !isDigit(c) && c != '+' && c != '-' && c != '.') return false;
  }
  for (char c : url) {
    unsigned char byte = static_cast<unsigned char>(c);
    if (byte <= 0x20 || byte >= 0x7f || c == '\\') return false;
  }
  size_t start = colon + 3;
  size_t end = url.find_first_of("/?#", start);
  if (end == std::string_view::npos) end = url.size();
  out->scheme = url.substr(0, colon);
  out->authority = url.substr(start, end - start);
  out->authorityEnd = end;
  size_t pathEnd = url.find_first_of("?#", end);
  out->path = url.substr(end, pathEnd == std::string_view::npos ? pathEnd : pathEnd - end);
  return out->authority.find('@') == std::string_view::npos;
}

// `.` or `..`, also with %2e for a dot.
bool isDots(std::string_view component) {
  int dots = 0;
  for (size_t i = 0; i < component.size(); ++dots) {
    if (component[i] == '.') {
      i += 1;
    } else if (component.substr(i, 2) == "%2" && i + 2 < component.size() &&
               lower(component[i + 2]) == 'e') {
      i += 3;
    } else {
      return false;
    }
  }
  return dots == 1 || dots == 2;
}

bool hasDots(std::string_view path) {
  for (size_t at = 0; at <= path.size();) {
    size_t end = path.find('/', at);
    if (end == std::string_view::npos) end = path.size();
    if (isDots(path.substr(at, end - at))) return true;
    at = end + 1;
  }
  return false;
}

bool allows(std::string_view entry, std::string_view url, const Parts& parts) {
  if (!url.starts_with(entry)) return false;
  Parts own;
  if (!split(entry, &own) || own.authority.empty()) return false;
  if (own.authorityEnd < entry.size())
    return entry.substr(own.authorityEnd) == "/" || !hasDots(parts.path);
  if (url.size() == entry.size() || entry.size() == parts.authorityEnd) return true;
  if (url[entry.size()] != ':') return false;
  for (char c : url.substr(entry.size() + 1, parts.authorityEnd - entry.size() - 1)) {
    if (!isDigit(c)) return false;
  }
  return true;
}

}  // namespace

bool UrlRules::add(std::string_view entry, std::string* why) {
  Parts parts;
  std::string text = shown(entry);
  if (entry.size() > kMaxUrlBytes || !split(entry, &parts)) {
    *why = text + " is not a URL";
    return false;
  }
  std::string scheme = lowered(parts.scheme);
  if (parts.authority.empty() && scheme != "file") {
    *why = text + " has no host";
    return false;
  }
  entries_.push_back(lowered(entry));
  return true;
}

const std::string* UrlRules::allowing(std::string_view url) const {
  std::string wanted = lowered(url);
  Parts parts;
  if (wanted.size() > kMaxUrlBytes || !split(wanted, &parts) || parts.authority.empty())
    return nullptr;
  for (const std::string& entry : entries_) {
    if (allows(entry, wanted, parts)) return &entry;
  }
  return nullptr;
}

bool urlTarget(std::string_view url, std::string* host, u16* port, std::string* why) {
  Parts parts;
  if (url.size() > kMaxUrlBytes || !split(url, &parts) || parts.authority.empty()) {
    *why = "the URL has no host";
    return false;
  }
  NetItem item;
  if (!parseNetItem(parts.authority, &item, why)) return false;
  std::string scheme = lowered(parts.scheme);
  if (item.anyPort && scheme != "http" && scheme != "https") {
    *why = "the URL has no port";
    return false;
  }
  *host = item.host;
  *port = !item.anyPort ? item.port : scheme == "http" ? 80 : 443;
  return true;
}

}  // namespace bls::permissions
