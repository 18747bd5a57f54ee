// Ending processes below this one, which must be a subreaper. Entry points: becomeSubreaper,
// endChildren. Threat model CGI-4. Thread rule: single-threaded processes.
#pragma once

#include <sys/types.h>

#include <span>
#include <vector>

namespace bls::extensions {

/// From now on descendants whose parents end become children of this process. False when the system
/// refuses.
bool becomeSubreaper();

/// The processes whose parent is this one, ended ones that were not waited for included.
std::vector<pid_t> children();

/// Kills and reaps every child that is not in `keep`, and what becomes a child by that, until there
/// is none. Children in `keep` that end meanwhile are reaped too and added to `*ended`, which may
/// be null when nothing is kept.
void endChildren(std::span<const pid_t> keep, std::vector<pid_t>* ended);

}  // namespace bls::extensions
