// No signals in the wasm build: every access is checked, so there is nothing to install.
#include "engine/exec/trap_handler.h"

namespace bls {

void addFaultResolver(FaultResolver) {}
bool installTrapHandler() { return false; }
bool trapHandlerInstalled() { return false; }
bool prepareThreadForTraps() { return false; }

}  // namespace bls
