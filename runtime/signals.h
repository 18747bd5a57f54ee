// Signals: TERM, INT and HUP end a run. Entry points: watchSignals, signalTarget, endBySignal.
//
// The first of them asks the guest to end, which it does at once in a blocking host call and, where
// loops are watched (a fuel or time limit), in a loop; the caller then writes what is left to write
// and calls endBySignal. A guest that has not ended a little later is ended with the process. A
// second signal does that at once. The end is always the signal's default action, so a shell sees
// 143, 130, 129. Signals ignored when the process started stay ignored (nohup). Threat model
// section 5.
#pragma once

#include "engine/base/ints.h"

namespace bls {
class Store;
}

namespace bls::cli {

/// Unblocks all signals, which a starter may have blocked, and installs the handlers. For programs:
/// a library leaves signals alone. First thread, before there are others.
void watchSignals();

/// Who is asked to end; null for nobody, and then a signal ends the process. Must stay valid until
/// it is changed. Any thread.
void signalTarget(Store* store);

/// The signal that asked for the end; 0 for none. Any thread.
int signalReceived();

/// Runs the end actions and ends the process by the default action of `number`. Any thread, and
/// signal handlers.
[[noreturn]] void endBySignal(int number);

/// Called once before the process ends by a signal or a limit, in the order they were added: kill
/// and reap children, remove temporary files. Must be async-signal-safe. False when there are
/// already eight. First thread, before the guest runs.
using EndAction = void (*)(void* context);
bool addEndAction(EndAction action, void* context);
/// Runs them, if nobody has. Async-signal-safe.
void runEndActions();

}  // namespace bls::cli
