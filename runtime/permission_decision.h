// PermissionPolicy: the one rule set made from the permission flags, the URL list and whether there
// is a terminal. Plain values; no system calls, no prompts: a decision may be Ask. Entry points:
// PermissionPolicy::make, path, net, cgi, runModel. Not thread safe; permission_gate.h is.
//
// Which rules hold (Reference: permissions, section 4):
//   any of the six flags or --allow-all     what the flags say; the rest is asked for, on a
//   terminal else a URL list, or no terminal         directories given to the guest are usable, the
//   URL list
//                                           is what the network is open to
//   else                                    everything is asked for
// A deny always wins.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runtime/permission_rules.h"
#include "runtime/permission_url.h"

namespace bls::permissions {

enum class Kind : u8 { Read, Write, Net, Cgi, RunModel };
constexpr u32 kKindCount = 5;

/// "read", "write", "net", "cgi", "run-model", as in the flags.
const char* kindName(Kind kind);

/// One of the flags read, write, net: all, or items. Both may be given.
struct FlagLists {
  bool allowAll = false;
  std::vector<std::string> allow;
  bool denyAll = false;
  std::vector<std::string> deny;
  bool given() const { return allowAll || denyAll || !allow.empty() || !deny.empty(); }
};

struct PermissionOptions {
  FlagLists read;
  FlagLists write;
  FlagLists net;
  bool allowAll = false;
  bool cgiAll = false;
  std::vector<std::string> cgi;  // aliases
  bool runModel = false;
  std::vector<std::string> urls;
  bool asksByDefault = false;  // without flags and URLs, a terminal is asked (bls-runtime)
  bool terminals = false;      // standard input and error are terminals
  bool stdinInherited = true;  // the guest's input is the terminal's, so a person sits there
};

enum class Generation : u8 { Flags, UrlList, Asking };

enum class Answer : u8 { Denied, Ask, Allowed };

/// Why an access is denied.
enum class Cause : u8 {
  None,
  NotGranted,  // nothing allows it
  DenyAll,     // --deny-K
  DenyItem,    // --deny-K=item
  DenyBelow,   // the object holds one that --deny-K=item is about
  Refused,     // a person said no
  NotPublic,   // the name is granted, but leads to an address that only a grant of its own opens
  BadTarget,   // a URL or host that cannot be checked
};

struct Decision {
  Answer answer = Answer::Denied;
  Cause cause = Cause::None;
  std::string item;  // DenyItem, DenyBelow, Refused: which; BadTarget: what is wrong with it
};

class PermissionPolicy {
 public:
  /// False with `why`, naming the flag, for a bad item.
  static bool make(const PermissionOptions& options, PermissionPolicy* out, std::string* why);

  Generation generation() const { return generation_; }
  /// Can a file access be anything but allowed?
  bool limitsFiles() const { return generation_ != Generation::UrlList; }

  /// `kind` is Read or Write, `path` normal.
  Decision path(Kind kind, std::string_view path) const;
  /// May a resolution pass through `path` towards something allowed? True when nothing denies it
  /// and it, or something below it, is granted or could still be.
  bool mayPass(Kind kind, std::string_view path) const;
  /// Could something at or below `to` be readable that is not at `from`? Then a new name for `from`
  /// needs the right to read it.
  bool revealsMore(std::string_view from, std::string_view to) const;
  /// `host` in any spelling.
  Decision net(std::string_view url, std::string_view host, u16 port) const;
  /// After net(url, host, port) said Allowed: may the connection go to `address` (canonical), which
  /// is not public and which `host` resolved to? Yes with --allow-all, and where an item, or a URL
  /// of the list, names that address; `localhost` names the loopback addresses. A deny of the
  /// address wins. Threat model NET-3.
  Decision address(std::string_view url, std::string_view host, std::string_view address,
                   u16 port) const;
  /// An empty alias: may extensions be listed? With any grant for one.
  Decision cgi(std::string_view alias) const;
  Decision runModel() const;

  /// What a person answered. Items of Read and Write are normal paths, of Net "host:port".
  void rememberAllowed(Kind kind, std::string_view item);
  void rememberAllowedAll(Kind kind);
  void rememberDenied(Kind kind, std::string_view item);

 private:
  struct Paths {
    bool allAllowed = false;
    bool allDenied = false;
    PathRules allowed;
    PathRules denied;
    PathRules refused;  // by a person
  };
  struct Hosts {
    bool allAllowed = false;
    bool allDenied = false;
    std::vector<NetItem> allowed;
    std::vector<NetItem> denied;
    std::vector<NetItem> refused;
  };
  const Paths& paths(Kind kind) const { return kind == Kind::Write ? write_ : read_; }
  Paths& paths(Kind kind) { return kind == Kind::Write ? write_ : read_; }
  Decision otherwise() const;

  Generation generation_ = Generation::UrlList;
  bool asks_ = false;
  Paths read_;
  Paths write_;
  Hosts net_;
  UrlRules urls_;
  bool cgiListed_ = false;  // only listed aliases
  bool cgiAll_ = false;
  std::vector<std::string> cgi_;
  bool runModel_ = false;
  bool allowAll_ = false;
};

}  // namespace bls::permissions
