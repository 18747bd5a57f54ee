// What is in the drivers root, for operators. Entry point: inspectPrograms.
#pragma once

#include <vector>

#include "extensions/base/extension.h"

namespace bls::extensions::cgi {

/// As ExtensionInfo::inspect: the extensions by alias, as a guest's listing finds them, and what
/// that logs, by a helper process of its own. Runs programs (--ext_verify) either way, as listing
/// does. Thread rule: there is no other thread.
void inspectPrograms(const Settings& settings, bool verify, std::vector<Installed>* out);

}  // namespace bls::extensions::cgi
