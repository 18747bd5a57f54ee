// There are no signals inside a WASI host.
#include "runtime/signals.h"

#include <cstdlib>

namespace bls::cli {

void watchSignals() {}
void signalTarget(Store*) {}
int signalReceived() { return 0; }
bool addEndAction(EndAction, void*) { return true; }
void runEndActions() {}
void endBySignal(int number) { std::_Exit(128 + number); }

}  // namespace bls::cli
