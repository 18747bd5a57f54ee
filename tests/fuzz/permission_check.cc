// Properties of permission lists and decisions.
#include "tests/fuzz/permission_check.h"

#include <algorithm>
#include <vector>

#include "engine/host/guest_path.h"
#include "runtime/permission_prompt.h"
#include "runtime/permission_record.h"

namespace bls::test {
namespace {

using namespace permissions;

// Bytes as choices: mostly words that matter, sometimes the bytes themselves.
class Input {
 public:
  Input(const u8* data, size_t size) : data_(data), size_(size) {}
  bool empty() const { return at_ >= size_; }
  u32 byte() { return at_ < size_ ? data_[at_++] : 0; }

  std::string text(const char* const* words, u32 count) {
    std::string out;
    u32 parts = byte() % 7;
    for (u32 i = 0; i < parts; ++i) {
      u32 choice = byte();
      if (choice < 200) {
        out += words[choice % count];
      } else {
        out += static_cast<char>(byte());
      }
    }
    return out;
  }

  std::string path() {
    static constexpr const char* kWords[] = {"/",   "/", "a", "b", "ab", "..",   ".",    "//", "/a",
                                             "/b/", ",", "'", " ", "\n", "\x1b", "/../", "/./"};
    return text(kWords, std::size(kWords));
  }
  std::string host() {
    static constexpr const char* kWords[] = {
        "a", "A",  "a.com", ".",         ":",      ":80",     ":443",  "[",
        "]", "::", "1",     "127.0.0.1", "0x7f",   "ffff",    "[::1]", "*",
        "/", "-",  "xn--a", "@",         ":65536", "http://", "255"};
    return text(kWords, std::size(kWords));
  }
  std::string url() {
    static constexpr const char* kWords[] = {
        "http://", "https://", "HTTP://", "tcp://", "a",       "a.com", "A.com", "b",   ".",
        "/",       "/p",       "/../",    "%2e",    "?",       "#",     ":",     ":80", ":8080",
        "@",       "\\",       " ",       "[::1]",  "file://", "//",    "é"};
    // Most begin well, so that more than the first check is reached.
    return (byte() % 4 != 0 ? kWords[byte() % 4] : "") + text(kWords, std::size(kWords));
  }

 private:
  const u8* data_;
  size_t size_;
  size_t at_ = 0;
};

bool isOneLine(const std::string& text, size_t most) {
  return !text.empty() && text.size() <= most && std::none_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
  });
}

using Components = std::vector<std::string>;

Components components(const std::string& path) {
  Components out;
  std::string part;
  for (char c : path + "/") {
    if (c != '/') {
      part += c;
      continue;
    }
    if (part == ".." && !out.empty()) out.pop_back();
    if (!part.empty() && part != "." && part != "..") out.push_back(part);
    part.clear();
  }
  return out;
}

bool within(const Components& path, const Components& top) {
  return top.size() <= path.size() && std::equal(top.begin(), top.end(), path.begin());
}

// Section 2.1 of the description, over components.
Answer model(const FlagLists& flags, bool flagsRule, bool asks, const std::string& path) {
  const Components wanted = components(path);
  bool covered = false;
  bool denied = flags.denyAll;
  bool below = false;
  for (const std::string& item : flags.allow) covered |= within(wanted, components(item));
  for (const std::string& item : flags.deny) {
    denied |= within(wanted, components(item));
    below |= within(components(item), wanted);
  }
  if (denied || below) return Answer::Denied;
  if (covered || flags.allowAll || !flagsRule) return Answer::Allowed;
  return asks ? Answer::Ask : Answer::Denied;
}

class Checker {
 public:
  Checker(const u8* data, size_t size, PermissionTally* tally) : in_(data, size), tally_(tally) {}

  std::string run() {
    PermissionOptions options;
    u32 shape = in_.byte();
    u32 more = in_.byte();
    options.allowAll = more % 8 == 0;
    options.terminals = (more & 16) != 0;
    options.asksByDefault = (more & 32) != 0;
    fill(&options.read, shape, [this] { return in_.path(); });
    fill(&options.write, shape >> 2u, [this] { return in_.path(); });
    fill(&options.net, shape >> 4u, [this] { return in_.host(); });
    for (u32 i = more >> 6u; i > 0; --i) options.urls.push_back(in_.url());
    PermissionPolicy policy;
    std::string why;
    if (!PermissionPolicy::make(options, &policy, &why)) {
      ++tally_->rejected;
      if (!isOneLine(why, 600)) return "a rejection without a good message: " + why;
    } else {
      ++tally_->accepted;
      for (int i = 0; i < 4; ++i) {
        std::string wrong = askPaths(options, policy);
        if (wrong.empty()) wrong = askNet(options, policy);
        if (!wrong.empty()) return wrong;
      }
    }
    return parseAlone();
  }

 private:
  template <class Make>
  void fill(FlagLists* lists, u32 bits, Make make) {
    lists->allowAll = (bits & 3) == 1;
    lists->denyAll = (bits & 3) == 2 && in_.byte() % 8 == 0;
    for (u32 i = in_.byte() % 3; i > 0; --i) addItems(&lists->allow, make());
    for (u32 i = in_.byte() % 3; i > 0; --i) addItems(&lists->deny, make());
  }
  static void addItems(std::vector<std::string>* to, const std::string& value) {
    for (std::string& item : splitItems(value)) to->push_back(std::move(item));
  }

  std::string showDenial(const PermissionPolicy& policy, Kind kind, const std::string& item,
                         const std::string& url, const Decision& decision) {
    std::string hint = denialHint(policy.generation(), kind, item, url, decision);
    if (!isOneLine(denialLine(kind, item, "path_open", hint), 8192)) return "a bad line: " + hint;
    std::string prompt = promptText({kind, item, "path_open"}, false);
    if (std::count(prompt.begin(), prompt.end(), '\n') != 4) return "a torn prompt: " + prompt;
    if (prompt.find('\x1b') != std::string::npos) return "an escape in the prompt";
    return "";
  }

  std::string askPaths(const PermissionOptions& options, const PermissionPolicy& policy) {
    std::string asked = in_.path();
    std::string path = host::joinGuestPath("/", asked);
    if (host::joinGuestPath("/", path) != path) return "not normal: " + path;
    if (components(path) != components(asked)) return "another path: " + asked + " " + path;
    bool asks = options.terminals && !options.allowAll && policy.limitsFiles();
    for (Kind kind : {Kind::Read, Kind::Write}) {
      FlagLists lists = kind == Kind::Read ? options.read : options.write;
      lists.allowAll = lists.allowAll || options.allowAll;
      Decision decision = policy.path(kind, path);
      Answer expected = model(lists, policy.limitsFiles(), asks, path);
      if (decision.answer != expected)
        return std::string(kindName(kind)) + " of " + path + " gave " +
               std::to_string(static_cast<int>(decision.answer)) + ", not " +
               std::to_string(static_cast<int>(expected));
      ++tally_->answers[static_cast<u8>(decision.answer)];
      if (decision.answer != Answer::Denied && !policy.mayPass(kind, path))
        return "no way to what is allowed: " + path;
      if (decision.answer != Answer::Denied) continue;
      std::string wrong = showDenial(policy, kind, path, "", decision);
      if (!wrong.empty()) return wrong;
    }
    return "";
  }

  std::string askNet(const PermissionOptions& options, const PermissionPolicy& policy) {
    std::string url = in_.url();
    // Also what goes on from an entry of the list, in one way or another.
    if (!options.urls.empty() && in_.byte() % 2 == 0)
      url = options.urls[in_.byte() % options.urls.size()] +
            url.substr(std::min(url.size(), size_t{in_.byte() % 8}));
    std::string host;
    std::string why;
    u16 port = 0;
    bool ok = urlTarget(url, &host, &port, &why);
    if (!ok && !isOneLine(why, 600)) return "a URL refused without a good message: " + why;
    Decision decision = policy.net(url, host, port);
    ++tally_->answers[static_cast<u8>(decision.answer)];
    if (!ok) return decision.answer == Answer::Denied ? "" : "no host, but not denied: " + url;
    bool denied = options.net.denyAll;
    for (const std::string& text : options.net.deny) {
      NetItem item;
      if (parseNetItem(text, &item, &why)) denied = denied || item.covers(host, port);
    }
    if (denied && decision.answer != Answer::Denied) return "a deny did not win: " + url;
    if (decision.answer == Answer::Denied)
      return showDenial(policy, Kind::Net, host + ":" + std::to_string(port), url, decision);
    return checkUrls(options, url, host);
  }

  // What the list allows is on a host that the list names.
  std::string checkUrls(const PermissionOptions& options, const std::string& url,
                        const std::string& host) {
    UrlRules rules;
    std::string why;
    for (const std::string& entry : options.urls) (void)rules.add(entry, &why);
    const std::string* entry = rules.allowing(url);
    if (entry == nullptr) return "";
    ++tally_->urlsAllowed;
    size_t start = entry->find("://") + 3;
    size_t end = std::min(entry->find_first_of("/?#", start), entry->size());
    std::string authority = entry->substr(start, end - start);
    NetItem item;
    if (!authority.empty() && authority.back() == ':') authority.pop_back();
    if (!parseNetItem(authority, &item, &why)) return "an entry without a host allowed " + url;
    return item.host == host ? "" : *entry + " allowed " + url;
  }

  std::string parseAlone() {
    std::string text = in_.host();
    NetItem item;
    NetItem again;
    std::string why;
    if (!parseNetItem(text, &item, &why)) return isOneLine(why, 600) ? "" : "bad message: " + why;
    if (!parseNetItem(item.text(), &again, &why) || again.text() != item.text())
      return "not canonical: " + text + " became " + item.text();
    return "";
  }

  Input in_;
  PermissionTally* tally_;
};

}  // namespace

std::string checkPermissions(const u8* data, size_t size, PermissionTally* tally) {
  return Checker(data, size, tally).run();
}

}  // namespace bls::test
