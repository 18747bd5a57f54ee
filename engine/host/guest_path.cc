// Lexical work on guest paths.
#include "engine/host/guest_path.h"

namespace bls::host {
namespace {

void append(std::string* out, std::string_view path) {
  for (size_t at = 0; at < path.size();) {
    size_t end = path.find('/', at);
    if (end == std::string_view::npos) end = path.size();
    std::string_view part = path.substr(at, end - at);
    at = end + 1;
    if (part.empty() || part == ".") continue;
    if (part == "..") {
      size_t slash = out->rfind('/');
      out->resize(slash == std::string::npos ? 0 : slash);
      continue;
    }
    *out += '/';
    *out += part;
  }
}

}  // namespace

std::string joinGuestPath(std::string_view base, std::string_view path) {
  std::string out;
  out.reserve(base.size() + path.size() + 2);
  append(&out, base);
  append(&out, path);
  if (out.empty()) out += '/';
  return out;
}

bool coversPath(std::string_view above, std::string_view path) {
  if (above == "/") return true;
  return path.starts_with(above) && (path.size() == above.size() || path[above.size()] == '/');
}

}  // namespace bls::host
