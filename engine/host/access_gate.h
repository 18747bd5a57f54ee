// AccessGate: whom host functions ask before they touch a file, the network or another program,
// when the operator gave rules that are finer than the grants (grants.h). Both must agree. A host
// function asks with the guest's name of the object, once with the name the guest used and, where
// symbolic links were on the way, once more with the name of what would really be opened.
//
// No gate (a null pointer) means no rules: asking then costs one comparison. Thread rule: every
// member may be called from any guest thread. A question may wait for a person; the wait ends when
// the execution is asked to end, with a refusal.
#pragma once

#include <string_view>

#include "engine/object/exec_ctx.h"

namespace bls::host {

/// What a call is about to do to an object; a set of bits.
namespace needs {
constexpr u8 kRead = 1;   // bytes, attributes, listings, the target of a link
constexpr u8 kWrite = 2;  // bytes, size, times, names
}  // namespace needs

/// A peer as a host function is about to reach it. `url` is what the guest asked for, normalised by
/// the parser that also feeds the connection; "tcp://host:port" where there is no URL.
struct NetTarget {
  std::string_view url;
  std::string_view host;  // name, 1.2.3.4 or [v6]
  u16 port = 0;
};

/// `operation` is always a static string: the call's name as the guest knows it ("path_open").
class AccessGate {
 public:
  /// May all of `needs` be done to the object called `path` (normal, see guest_path.h)?
  virtual bool permit(ExecCtx* cx, u8 needs, std::string_view path, const char* operation) = 0;
  /// May a path resolution go through the directory or link called `path` on its way to something
  /// else? Never asks a person: a refusal here keeps the guest from finding out what is there.
  virtual bool mayPass(u8 needs, std::string_view path) = 0;
  /// May the object called `from` get the name `to`? Beyond the right to write both, which the
  /// caller asks for: nothing may become readable by being given another name. Descriptors of
  /// directories keep the name they were opened by, so a directory of which something can be read
  /// moves only to where all of it can be.
  virtual bool permitNewName(ExecCtx* cx, std::string_view from, std::string_view to,
                             bool directory, const char* operation) = 0;
  virtual bool permitNet(ExecCtx* cx, const NetTarget& target, const char* operation) = 0;
  /// After permitNet: may the connection go to `address` (1.2.3.4 or [v6]), which target.host
  /// resolved to and which is not a public one (loopback, private, link-local and such)? Only
  /// where a grant names it. Threat model NET-3.
  virtual bool permitAddress(ExecCtx* cx, const NetTarget& target, std::string_view address,
                             const char* operation) = 0;
  /// The same for a public address: does a rule forbid it by its own name? Without rules for
  /// addresses nothing does.
  virtual bool forbidsAddress(ExecCtx*, const NetTarget&, std::string_view, const char*) {
    return false;
  }
  /// Starting the extension `alias`; empty: listing them.
  virtual bool permitCgi(ExecCtx* cx, std::string_view alias, const char* operation) = 0;
  /// Starting the downloaded model executable `name`.
  virtual bool permitRunModel(ExecCtx* cx, std::string_view name, const char* operation) = 0;

  /// Brackets a write to a stream that a person may be looking at, so that no question appears in
  /// the middle of it and it does not appear in the middle of a question. False when the execution
  /// is to end; endOutput must then not be called.
  virtual bool beginOutput(ExecCtx* cx) = 0;
  virtual void endOutput() = 0;

 protected:
  ~AccessGate() = default;
};

}  // namespace bls::host
