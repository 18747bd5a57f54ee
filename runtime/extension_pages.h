// What `bls extensions` says: the extensions of this program and what is installed beside them.
// Entry points: listExtensions, describeExtension, verifyExtensions. Each returns an exit status.
#pragma once

#include <string>

#include "extensions/base/extension.h"
#include "runtime/console.h"

namespace bls::cli {

/// Every extension there is, whether this program has it, and what `settings` install.
int listExtensions(const extensions::Settings& settings, bool json, Console& console);
/// One extension: its functions with type, capability and place in the reference.
int describeExtension(const std::string& module, bool json, Console& console);
/// Tries what is installed as a run would use it. 255 when something is wrong.
int verifyExtensions(const extensions::Settings& settings, bool json, Console& console);

}  // namespace bls::cli
