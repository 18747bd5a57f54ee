// Guest paths as text: what an object is called on the guest's side, from the root down. Entry
// points: joinGuestPath, coversPath. Nothing here looks at a file system, so `..` behind a symbolic
// link means what it says, not what a kernel would make of it; whoever opens something compares the
// name of what was really opened as well (wasi/gate.h).
#pragma once

#include <string>
#include <string_view>

namespace bls::host {

/// `path` below `base`, normal: begins with a slash, has no empty component, no `.` and no `..`
/// (which takes the last component away, and nothing at the root), and no slash at the end unless
/// it is all there is.
std::string joinGuestPath(std::string_view base, std::string_view path);

/// True when `path` is `above` or lies below it: whole components are compared, `/a` does not cover
/// `/ab`. Both must be normal.
bool coversPath(std::string_view above, std::string_view path);

}  // namespace bls::host
