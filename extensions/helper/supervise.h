// Watching over one started program until its request is cancelled. Entry point: supervise; then
// endChildren (children.h) for what it leaves. Threat model CGI-4. For processes of the helper.
#pragma once

#include <sys/types.h>

namespace bls::extensions {

/// Blocks the signals that supervise takes; before the program is started.
void prepareToSupervise();

/// Returns when `channel` hangs up or SIGTERM comes. Until then reaps what ends below this process.
/// Then asks the group of `program` to end (SIGTERM) and waits a moment for it. `gone` is called,
/// with `channel`, when the program ends before that; null: nobody wants to know.
void supervise(int channel, pid_t program, void (*gone)(int channel) = nullptr);

}  // namespace bls::extensions
