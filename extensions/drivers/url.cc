#include "extensions/drivers/url.h"

#include <algorithm>

namespace bls::drivers {

std::string DriverUrl::text() const {
  std::string out = scheme + "://";
  for (size_t i = 0; i < segments.size(); ++i) out += (i != 0 ? "/" : "") + segments[i];
  return out;
}

bool parseDriverUrl(std::string_view text, DriverUrl* out, std::string* why) {
  const auto isBad = [](char c) { return c < 0x21 || c > 0x7e || c == '<' || c == '>'; };
  if (text.size() > kMaxDriverUrlBytes) {
    *why = "too long";
    return false;
  }
  if (std::any_of(text.begin(), text.end(), isBad)) {
    *why = "a byte that no URL has";
    return false;
  }
  const size_t colon = text.find("://");
  if (colon == text.npos || colon == 0) {
    *why = colon == 0 ? "no scheme" : "no ://";
    return false;
  }
  out->scheme = text.substr(0, colon);
  for (char& c : out->scheme) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  out->segments.clear();
  std::string_view rest = text.substr(colon + 3);
  while (!rest.empty()) {
    const std::string_view segment = rest.substr(0, rest.find('/'));
    if (!segment.empty()) out->segments.emplace_back(segment);
    rest.remove_prefix(std::min(segment.size() + 1, rest.size()));
  }
  return true;
}

}  // namespace bls::drivers
