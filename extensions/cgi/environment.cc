#include "extensions/cgi/environment.h"

#include <algorithm>
#include <cstring>
#include <string_view>

namespace bls::extensions::cgi {
namespace {

constexpr std::string_view kSafe[] = {"PATH", "HOME", "LANG", "TZ", "TMPDIR"};
constexpr std::string_view kProxies[] = {"HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "ALL_PROXY",
                                         "NO_PROXY"};

// What changes which code a program runs, or whom it talks to. A * at the end: every such name.
constexpr std::string_view kRefused[] = {
    "LD_*",
    "DYLD_*",
    "GCONV_PATH",
    "GLIBC_TUNABLES",
    "LOCPATH",
    "NLSPATH",
    "BASH_ENV",
    "ENV",
    "IFS",
    "PS4",
    "SHELLOPTS",
    "BASHOPTS",
    "BASH_FUNC*",
    "ZDOTDIR",
    "CDPATH",
    "PROMPT_COMMAND",
    "PYTHON*",
    "PERL*",
    "RUBY*",
    "GEM_*",
    "NODE_*",
    "DENO_*",
    "BUN_*",
    "LUA_*",
    "PHP*",
    "GIT_*",
    "CLASSPATH",
    "JAVA_TOOL_OPTIONS",
    "JDK_JAVA_OPTIONS",
    "_JAVA_OPTIONS",
    "DOTNET_*",
    "COMPlus_*",
    "OPENSSL_*",
    "SSL_CERT_*",
    "SSLKEYLOGFILE",
    "CURL_CA_BUNDLE",
    "HOSTALIASES",
    "RES_OPTIONS",
    "LOCALDOMAIN",
    "RESOLV_HOST_CONF",
    "MALLOC_*",
    "TERMINFO*",
    "SSH_*",
    "GDB*",
    "EDITOR",
    "VISUAL",
    "PAGER",
    "SHELL",
};

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return out;
}

template <size_t kCount>
bool contains(const std::string_view (&list)[kCount], std::string_view name) {
  return std::find(std::begin(list), std::end(list), name) != std::end(list);
}

bool isProxy(std::string_view name) { return contains(kProxies, upper(name)); }
bool isBase(std::string_view name) { return contains(kSafe, name) || isProxy(name); }

bool isRefused(std::string_view name) {
  if (isBase(name) || upper(name).ends_with("_PROXY")) return true;
  return std::any_of(std::begin(kRefused), std::end(kRefused), [&](std::string_view row) {
    return row.ends_with('*') ? name.starts_with(row.substr(0, row.size() - 1)) : name == row;
  });
}

bool isName(std::string_view name) {
  return !name.empty() && name.find('=') == std::string_view::npos &&
         name.find('\0') == std::string_view::npos;
}

class Maker {
 public:
  explicit Maker(std::vector<std::string>* out) : out_(out) {}
  // The later one counts.
  void set(std::string_view name, std::string_view value) {
    std::string text(name);
    text += '=';
    for (std::string& have : *out_) {
      if (!have.starts_with(text)) continue;
      have = text.append(value);
      return;
    }
    out_->push_back(text.append(value));
  }

 private:
  std::vector<std::string>* out_;
};

}  // namespace

std::string withoutUserinfo(std::string_view url) {
  const size_t scheme = url.find("://");
  const size_t start = scheme == std::string_view::npos ? 0 : scheme + 3;
  // Up to the path; the last @ before it ends the userinfo.
  const size_t end = std::min(url.find_first_of("/?#", start), url.size());
  const size_t at = url.substr(start, end - start).rfind('@');
  std::string out(url.substr(0, start));
  out += at == std::string_view::npos ? url.substr(start) : url.substr(start + at + 1);
  return out;
}

ChildEnvironment childEnvironment(const Settings& settings, const char* const* own,
                                  std::span<const std::pair<std::string, std::string>> guest) {
  ChildEnvironment out;
  Maker maker(&out.variables);
  for (; own != nullptr && *own != nullptr; ++own) {
    const std::string_view row(*own);
    const size_t equals = row.find('=');
    if (equals == std::string_view::npos || equals == 0) continue;
    const std::string_view name = row.substr(0, equals);
    const std::string_view value = row.substr(equals + 1);
    if (settings.childrenGetEnvironment) {
      maker.set(name, value);
    } else if (isBase(name)) {
      maker.set(name, isProxy(name) ? withoutUserinfo(value) : std::string(value));
    }
  }
  std::vector<std::string_view> allowed;
  std::vector<std::string_view> given;
  for (const std::string& row : settings.childVariables) {
    const size_t equals = row.find('=');
    const std::string_view name = std::string_view(row).substr(0, equals);
    if (!isName(name)) continue;
    (equals == std::string::npos ? allowed : given).push_back(name);
    if (equals != std::string::npos) maker.set(name, std::string_view(row).substr(equals + 1));
  }
  const auto isIn = [](const std::vector<std::string_view>& list, std::string_view name) {
    return std::find(list.begin(), list.end(), name) != list.end();
  };
  for (const auto& [name, value] : guest) {
    // A variable that the whole environment brings may be set unless it is a dangerous one.
    const bool mayBe = isName(name) && value.find('\0') == std::string::npos &&
                       !isIn(given, name) && (!isRefused(name) || isIn(allowed, name));
    if (mayBe) {
      maker.set(name, value);
    } else {
      out.dropped.push_back(name);
    }
  }
  return out;
}

}  // namespace bls::extensions::cgi
