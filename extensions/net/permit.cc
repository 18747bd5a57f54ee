#include "extensions/net/permit.h"

namespace bls::net {

bool permitConnection(const extensions::Services& services, ExecCtx* cx,
                      const host::NetTarget& target, const Address& address,
                      const char* operation) {
  Address other;
  if (standsFor(address, &other) &&
      !services.permitPublicAddress(cx, target, addressText(other), operation))
    return false;
  const std::string text = addressText(address);
  return isPublic(address) ? services.permitPublicAddress(cx, target, text, operation)
                           : services.permitAddress(cx, target, text, operation);
}

}  // namespace bls::net
