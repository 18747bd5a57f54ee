// Asking the operator's rules (host::AccessGate) about paths and open files. Entry points: gatePath
// for calls that name something, gateFd for calls on something open.
//
// With rules, a path is resolved here, component by component, instead of by the kernel: only so is
// it known what everything on the way is called. The rules are asked twice: for the name the guest
// used (normalised as text, before the file system is touched) and, where `..` or links led
// elsewhere, for the name of what was found. A link thus gives no access to what its target's name
// would not. The call then acts on a single name in a directory that is held open, and does not
// follow a link there: what was put in its place in the meantime is not followed either. Nothing is
// created or truncated before both answers. The way itself may only lead through what the rules let
// the guest know of (mayPass).
#pragma once

#include <string>

#include "engine/host/access_gate.h"
#include "wasi/call.h"
#include "wasi/platform.h"

namespace bls::wasi {

/// What to do when the last component is a link.
enum class LastLink : u8 {
  Keep,             // the call is about the link
  KeepUnlessSlash,  // unless a slash behind it says it must be a directory
  Follow,
};

/// What the call does with the last component.
struct LastUse {
  LastLink link = LastLink::Keep;
  bool create = false;  // makes a file: a slash behind the name is an error
};

/// Where a call must act.
struct GatedPath {
  ParentPath at;          // name: one component without slashes, "." for the directory itself
  std::string guestPath;  // what it is called, normal
};

/// Resolves `path` below `dir` and asks the rules for `needs`. Precondition: there is a gate.
/// Errors: Perm when refused (already reported), Intr when the execution is to end (the trap is
/// raised), the resolver's errors. A last component that does not exist is no error.
Errno gatePath(Call& call, const Descriptor& dir, const std::string& path, u8 needs, LastUse last,
               const char* operation, GatedPath* out);

/// The slow half of gateFd.
[[gnu::cold]] Errno askGateForFd(Call& call, const Descriptor& desc, u8 needs,
                                 const char* operation);

/// May the guest do this to an open file? Success when there are no rules or it has no name.
inline Errno gateFd(Call& call, const Descriptor& desc, u8 needs, const char* operation) {
  if (call.ctx().gate() == nullptr || desc.guestPath.empty()) [[likely]]
    return Errno::Success;
  return askGateForFd(call, desc, needs, operation);
}

/// Refusals while the execution is to end are that end.
inline Errno refused(Call& call) { return call.interrupted() ? Errno::Intr : Errno::Perm; }

}  // namespace bls::wasi
