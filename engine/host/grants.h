// Grants: what the operator allows one guest. Nothing is allowed until it is granted, and every use
// of a grant passes one function, permit, which is also where uses and refusals can be observed
// (audit).
//
// A directory grant carries its rights: what may be done below it is decided by the grant, never by
// how a descriptor was opened, so it holds for descriptors of sub-directories and across
// renumbering. Grants live as long as the context that owns them; addresses are stable. Thread
// rule: granting happens before the guest runs; permit is const and may run anywhere.
#pragma once

#include <deque>
#include <string>

#include "engine/host/capability.h"

namespace bls::host {

enum class Access : u8 {
  Read,   // look up, list, read bytes and attributes
  Write,  // anything that changes names, bytes, sizes or times
};

/// A directory the guest may name files below.
struct DirGrant {
  std::string guestName;
  bool read = false;
  bool write = false;
  u32 id = 0;
};

/// One use of a grant or one refusal.
struct AuditEvent {
  Capability capability;
  const char* operation;      // "path_open", …
  const DirGrant* directory;  // null when it is not about a directory
  bool allowed;
};
using AuditFn = void (*)(void* user, const AuditEvent& event);

class Grants {
 public:
  Grants() = default;
  Grants(const Grants&) = delete;
  Grants& operator=(const Grants&) = delete;

  void allow(Capability capability) { allowed_ |= bit(capability); }
  const DirGrant* addDirectory(std::string guestName, bool read, bool write);
  void setAudit(AuditFn fn, void* user) {
    audit_ = fn;
    auditUser_ = user;
  }

  /// May the guest use this capability at all? The audit point for everything that is not a
  /// directory.
  bool permit(Capability capability, const char* operation) const;
  /// May the guest do this below this directory? The audit point for directories. A null grant
  /// allows nothing.
  bool permit(const DirGrant* directory, Access access, const char* operation) const;
  /// May names move or be linked from one directory to the other? Both must be writable and have
  /// the same rights: a file must not become writable, or readable, by being given a second name.
  bool permitTransfer(const DirGrant* from, const DirGrant* to, const char* operation) const;

 private:
  static constexpr u32 bit(Capability capability) { return 1u << static_cast<u8>(capability); }
  bool report(Capability capability, const char* operation, const DirGrant* directory,
              bool allowed) const;

  // Reading what the operator passed, and leaving, need no grant.
  u32 allowed_ = bit(Capability::None) | bit(Capability::Exit);
  std::deque<DirGrant> directories_;
  AuditFn audit_ = nullptr;
  void* auditUser_ = nullptr;
};

}  // namespace bls::host
