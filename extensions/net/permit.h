// The gate's answer about an address, whichever extension connects. Entry point: permitConnection.
// Threat model NET-3.
#pragma once

#include "extensions/base/extension.h"
#include "extensions/net/address.h"

namespace bls::net {

/// After permitNet for `target`: whether the connection may go to `address`, which the target's
/// host leads to. One that is not public needs a grant that names it; any is refused that a rule
/// denies, also under the other address that it stands for. Thread rule: any thread.
bool permitConnection(const extensions::Services& services, ExecCtx* cx,
                      const host::NetTarget& target, const Address& address, const char* operation);

}  // namespace bls::net
