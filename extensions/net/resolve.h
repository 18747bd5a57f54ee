// Names to addresses, in the helper process, since the sandbox has neither the resolver's files nor
// a way to end a lookup that hangs. Entry points: resolveName; serveResolve for the helper.
//
// With Settings::resolverStub names are looked up in that file instead: lines `name address...`,
// the first for a name counts. For tests: where there is a file of that name + ".log", each lookup
// is appended to it, and of several lines with one name the first answers the first lookup, the
// last all later ones. Thread rule: resolveName on any thread.
#pragma once

#include <string>
#include <vector>

#include "extensions/base/extension.h"
#include "extensions/helper/helper_process.h"
#include "extensions/net/address.h"

namespace bls::net {

enum class ResolveEnd : u8 { Found, NotFound, TimedOut, Interrupted };

/// The addresses of a host name; never none with Found. `localhost` and what ends in `.localhost`
/// are the loopback addresses, without asking anybody.
ResolveEnd resolveName(ExecCtx* cx, extensions::HelperProcess* helper, const std::string& name,
                       u64 timeoutNs, std::vector<Address>* out);

/// HelperService::Resolve. The body is the name; the answer, after which the channel hangs up, is
/// for each address a byte, 4 or 6, and sixteen bytes.
bool serveResolve(const extensions::HelperRequest& request);

/// The addresses of `name` in the text of a stub file at the `lookup`th time, from 0.
std::vector<Address> stubAddresses(const std::string& text, const std::string& name, size_t lookup);

}  // namespace bls::net
