// The order of decision.
#include "runtime/permission_decision.h"

#include <algorithm>

#include "engine/base/status.h"

namespace bls::permissions {
namespace {

bool addPaths(const std::vector<std::string>& items, const char* flag, PathRules* out,
              std::string* why) {
  for (const std::string& item : items) {
    std::string what;
    if (out->add(item, &what)) continue;
    *why = std::string(flag) + " has " + what + " in its list; example: " + flag + "=/data,/tmp";
    return false;
  }
  return true;
}

bool addHosts(const std::vector<std::string>& items, const char* flag, std::vector<NetItem>* out,
              std::string* why) {
  for (const std::string& item : items) {
    NetItem parsed;
    std::string what;
    if (!parseNetItem(item, &parsed, &what)) {
      *why = std::string(flag) + ": " + what + "; example: " + flag + "=example.com:443,10.0.0.1";
      return false;
    }
    out->push_back(parsed);
  }
  return true;
}

const NetItem* find(const std::vector<NetItem>& items, std::string_view host, u16 port) {
  for (const NetItem& item : items) {
    if (item.covers(host, port)) return &item;
  }
  return nullptr;
}

bool isAlias(std::string_view text) {
  return !text.empty() && text.find('/') == std::string_view::npos &&
         text.find('\0') == std::string_view::npos;
}

constexpr std::string_view kLoopbackV6 = "[0:0:0:0:0:0:0:1]";
const Decision kAllowed{Answer::Allowed, Cause::None, {}};

}  // namespace

const char* kindName(Kind kind) {
  static constexpr const char* kNames[kKindCount] = {"read", "write", "net", "cgi", "run-model"};
  return kNames[static_cast<u8>(kind)];
}

bool PermissionPolicy::make(const PermissionOptions& options, PermissionPolicy* out,
                            std::string* why) {
  *out = {};
  bool flags =
      options.read.given() || options.write.given() || options.net.given() || options.allowAll;
  bool asking = options.asksByDefault && options.urls.empty() && options.terminals;
  out->generation_ = flags ? Generation::Flags : asking ? Generation::Asking : Generation::UrlList;
  out->asks_ = out->generation_ != Generation::UrlList && options.terminals &&
               options.stdinInherited && !options.allowAll;
  auto take = [&](const FlagLists& lists, const char* allow, const char* deny, Paths* to) {
    to->allAllowed = lists.allowAll || options.allowAll;
    to->allDenied = lists.denyAll;
    return addPaths(lists.allow, allow, &to->allowed, why) &&
           addPaths(lists.deny, deny, &to->denied, why);
  };
  if (!take(options.read, "--allow-read", "--deny-read", &out->read_) ||
      !take(options.write, "--allow-write", "--deny-write", &out->write_))
    return false;
  out->net_.allAllowed = options.net.allowAll || options.allowAll;
  out->net_.allDenied = options.net.denyAll;
  if (!addHosts(options.net.allow, "--allow-net", &out->net_.allowed, why) ||
      !addHosts(options.net.deny, "--deny-net", &out->net_.denied, why))
    return false;
  for (const std::string& url : options.urls) {
    std::string what;
    if (out->urls_.add(url, &what)) continue;
    *why = "--permission: " + what + "; example: --permission https://example.com";
    return false;
  }
  for (const std::string& alias : options.cgi) {
    if (isAlias(alias)) continue;
    *why = "--allow-cgi: '" + escapeForMessage(alias, 100) +
           "' is no name of an extension; example: --allow-cgi=imagemagick";
    return false;
  }
  out->cgi_ = options.cgi;
  out->cgiAll_ = options.cgiAll || options.allowAll;
  out->cgiListed_ = flags || !options.cgi.empty();
  out->runModel_ = options.runModel || options.allowAll;
  out->allowAll_ = options.allowAll;
  return true;
}

Decision PermissionPolicy::otherwise() const {
  if (generation_ == Generation::UrlList) return kAllowed;
  if (asks_) return {Answer::Ask, Cause::None, {}};
  return {Answer::Denied, Cause::NotGranted, {}};
}

Decision PermissionPolicy::path(Kind kind, std::string_view path) const {
  const Paths& rules = paths(kind);
  if (rules.allDenied) return {Answer::Denied, Cause::DenyAll, {}};
  if (const std::string* item = rules.denied.covering(path))
    return {Answer::Denied, Cause::DenyItem, *item};
  if (const std::string* item = rules.refused.below(path))
    return {Answer::Denied, Cause::Refused, *item};
  if (const std::string* item = rules.denied.below(path))
    return {Answer::Denied, Cause::DenyBelow, *item};
  if (rules.allAllowed || rules.allowed.covering(path) != nullptr) return kAllowed;
  return otherwise();
}

bool PermissionPolicy::mayPass(Kind kind, std::string_view path) const {
  const Paths& rules = paths(kind);
  if (rules.allDenied || rules.denied.covering(path) != nullptr) return false;
  if (rules.allAllowed || asks_ || generation_ == Generation::UrlList) return true;
  return rules.allowed.covering(path) != nullptr || rules.allowed.below(path) != nullptr;
}

bool PermissionPolicy::revealsMore(std::string_view from, std::string_view to) const {
  if (path(Kind::Read, from).answer == Answer::Allowed) return false;
  if (path(Kind::Read, to).answer != Answer::Denied) return true;
  // Not readable as a whole, but something below it may be.
  return mayPass(Kind::Read, to);
}

Decision PermissionPolicy::net(std::string_view url, std::string_view host, u16 port) const {
  if (net_.allDenied) return {Answer::Denied, Cause::DenyAll, {}};
  std::string canonical;
  std::string why;
  if (!canonicalHost(host, &canonical, &why)) return {Answer::Denied, Cause::BadTarget, why};
  if (const NetItem* item = find(net_.denied, canonical, port))
    return {Answer::Denied, Cause::DenyItem, item->text()};
  if (const NetItem* item = find(net_.refused, canonical, port))
    return {Answer::Denied, Cause::Refused, item->text()};
  if (net_.allAllowed || find(net_.allowed, canonical, port) != nullptr) return kAllowed;
  if (urls_.allowing(url) != nullptr) return kAllowed;
  if (generation_ == Generation::UrlList) return {Answer::Denied, Cause::NotGranted, {}};
  return otherwise();
}

Decision PermissionPolicy::address(std::string_view url, std::string_view host,
                                   std::string_view address, u16 port) const {
  if (const NetItem* item = find(net_.denied, address, port))
    return {Answer::Denied, Cause::DenyItem, item->text()};
  if (const NetItem* item = find(net_.refused, address, port))
    return {Answer::Denied, Cause::Refused, item->text()};
  if (allowAll_ || find(net_.allowed, address, port) != nullptr) return kAllowed;
  std::string canonical;
  std::string why;
  if (!canonicalHost(host, &canonical, &why)) return {Answer::Denied, Cause::BadTarget, why};
  // A name is only trusted to mean such an address when it is the one name for it.
  const bool loopback = address.starts_with("127.") || address == kLoopbackV6;
  const bool named = canonical == address || (canonical == "localhost" && loopback);
  if (named && (find(net_.allowed, canonical, port) != nullptr || urls_.allowing(url) != nullptr))
    return kAllowed;
  return {Answer::Denied, Cause::NotPublic, std::string(address)};
}

Decision PermissionPolicy::cgi(std::string_view alias) const {
  bool listed = std::find(cgi_.begin(), cgi_.end(), alias) != cgi_.end();
  const bool listing = alias.empty() && !cgi_.empty();
  if (!cgiListed_ || cgiAll_ || listed || listing) return kAllowed;
  return {Answer::Denied, Cause::NotGranted, {}};
}

Decision PermissionPolicy::runModel() const {
  return runModel_ ? kAllowed : Decision{Answer::Denied, Cause::NotGranted, {}};
}

void PermissionPolicy::rememberAllowed(Kind kind, std::string_view item) {
  std::string why;
  NetItem host;
  if (kind != Kind::Net) {
    (void)paths(kind).allowed.add(item, &why);
  } else if (parseNetItem(item, &host, &why)) {
    net_.allowed.push_back(host);
  }
}

void PermissionPolicy::rememberAllowedAll(Kind kind) {
  (kind == Kind::Net ? net_.allAllowed : paths(kind).allAllowed) = true;
}

void PermissionPolicy::rememberDenied(Kind kind, std::string_view item) {
  std::string why;
  NetItem host;
  constexpr size_t kMostRefused = 1024;  // nobody answers so often: questions too long to be put
  if (kind != Kind::Net) {
    if (paths(kind).refused.items().size() >= kMostRefused) {
      paths(kind).allDenied = true;
    } else {
      (void)paths(kind).refused.add(item, &why);
    }
  } else if (parseNetItem(item, &host, &why)) {
    net_.refused.push_back(host);
  }
}

}  // namespace bls::permissions
