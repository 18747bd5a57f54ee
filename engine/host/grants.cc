// Grant decisions and the audit call.
#include "engine/host/grants.h"

namespace bls::host {

const DirGrant* Grants::addDirectory(std::string guestName, bool read, bool write) {
  u32 id = static_cast<u32>(directories_.size());
  directories_.push_back({std::move(guestName), read, write, id});
  if (read) allow(Capability::FileRead);
  if (write) allow(Capability::FileWrite);
  return &directories_.back();
}

bool Grants::report(Capability capability, const char* operation, const DirGrant* directory,
                    bool allowed) const {
  if (audit_ != nullptr) audit_(auditUser_, {capability, operation, directory, allowed});
  return allowed;
}

bool Grants::permit(Capability capability, const char* operation) const {
  return report(capability, operation, nullptr, (allowed_ & bit(capability)) != 0);
}

bool Grants::permit(const DirGrant* directory, Access access, const char* operation) const {
  bool write = access == Access::Write;
  bool allowed = directory != nullptr && (write ? directory->write : directory->read);
  return report(write ? Capability::FileWrite : Capability::FileRead, operation, directory,
                allowed);
}

bool Grants::permitTransfer(const DirGrant* from, const DirGrant* to, const char* operation) const {
  if (!permit(from, Access::Write, operation) || !permit(to, Access::Write, operation))
    return false;
  return from->read == to->read || report(Capability::FileWrite, operation, to, false);
}

}  // namespace bls::host
