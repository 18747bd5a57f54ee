#include "extensions/llm/model.h"

#include <span>

#include "extensions/digest.h"
#include "extensions/net/url.h"

namespace bls::llm {
namespace {

constexpr std::string_view kEnding = ".llamafile";

struct Known {
  std::string_view base;
  bool hasQ6 = false;  // can be asked for by name
};
constexpr Known kKnown[] = {
    {"Llama-3.2-1B-Instruct", true},
    {"Llama-3.2-3B-Instruct", true},
    {"Mistral-7B-Instruct-v0.3"},
    {"Mixtral-8x7B-Instruct-v0.1"},
    {"gemma-2-2b-it"},
    {"gemma-2-27b-it"},
    {"gemma-2-9b-it"},
};

// The quantisation that a suffix names; empty: none.
std::string_view quantisation(std::string_view suffix, bool hasQ6) {
  if (suffix.empty()) return "Q6_K";
  if (suffix == "-q4f16_1" || suffix == ".q4f16_1") return "q4f16_1";
  if (hasQ6 && (suffix == "-Q6_K" || suffix == "_Q6_K" || suffix == ".Q6_K")) return "Q6_K";
  return {};
}

bool knownModel(std::string_view given, std::string_view source, Model* out) {
  for (const Known& known : kKnown) {
    if (!given.starts_with(known.base)) continue;
    const std::string_view kind = quantisation(given.substr(known.base.size()), known.hasQ6);
    if (kind.empty()) continue;
    out->name = known.base;
    out->file = out->name + "." + std::string(kind) + std::string(kEnding);
    out->url = std::string(source) + "/Mozilla/" + out->name + "-llamafile/resolve/main/" +
               out->file + "?download=true";
    return true;
  }
  return false;
}

bool isSource(std::string_view host) {
  for (const std::string_view known : {"huggingface.co", "github.com", "releases.github.com"}) {
    if (host == known) return true;
    if (host.size() > known.size() && host.ends_with(known) &&
        host[host.size() - known.size() - 1] == '.')
      return true;
  }
  return false;
}

}  // namespace

bool isModelFile(std::string_view name) {
  constexpr size_t kMostName = 250;  // with what a download adds, a name of the file system
  if (name.size() <= kEnding.size() || name.size() > kMostName || !name.ends_with(kEnding))
    return false;
  for (char c : name) {
    if (static_cast<u8>(c) < 0x20 || c == 0x7f || c == '/') return false;
  }
  return name[0] != '.';
}

bool resolveModel(std::string_view given, std::string_view source, Model* out) {
  *out = {};
  if (given.size() > kMaxModelBytes) return false;
  out->given = given;
  if (knownModel(given, source, out)) return true;
  net::Url url;
  std::string why;
  if (!net::parseUrl(given, false, &url, &why) || !url.tls || !isSource(url.host)) return false;
  if (!url.user.empty() || !url.password.empty()) return false;
  // Of the text too: the parser has taken dot segments away.
  std::string_view path = given.substr(0, given.find_first_of("?#"));
  if (path.find("..") != path.npos) return false;
  const std::string target = url.target.substr(0, url.target.find('?'));
  const std::string file = target.substr(target.rfind('/') + 1);
  if (target.find("..") != target.npos || !isModelFile(file)) return false;
  // Escaped control characters are control characters of the name.
  for (size_t at = file.find('%'); at != file.npos; at = file.find('%', at + 1)) {
    const std::string_view code = std::string_view(file).substr(at + 1, 2);
    if (code.size() != 2 || code[0] == '0' || code[0] == '1' || code == "7f" || code == "7F")
      return false;
  }
  const std::string text = url.text();
  u8 digest[kMaxDigestSize];
  const std::span<const u8> bytes(reinterpret_cast<const u8*>(text.data()), text.size());
  if (!digestOf(DigestKind::Sha256, bytes, digest)) return false;
  constexpr size_t kDigestBytes = 16;
  out->file = hexOf({digest, kDigestBytes}) + "-" + file;
  out->name = given;
  out->url = text;
  return isModelFile(out->file);
}

}  // namespace bls::llm
