// Host calls as text, for people: parameters and results, secrets left out. Entry points:
// hostCallText, hostResultText, withoutSecrets, urlWithoutSecrets.
//
// What is shown of JSON leaves out the values of members whose names say that they are secret
// (access_key, Authorization, tokens, cookies, passwords), values of variables, and bodies; of a
// URL, the user and the query. Texts that are not understood are shown by their size only. Thread
// rule: any thread.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "engine/host/abi.h"
#include "engine/host/host_module.h"

namespace bls::cli {

/// `name(3, "path", 64 bytes)` from the parameters before the call.
std::string hostCallText(const host::HostFunc& function, const host::GuestMemory& memory,
                         const u64* slots);

/// ` = 0, 12` or ` = 8 (Badf)`: the result, and behind a success what was stored. `parameters` are
/// those before the call, `memory` and `slots` are from behind it.
std::string hostResultText(const char* module, const host::HostFunc& function,
                           const host::GuestMemory& memory, const u64* parameters,
                           const u64* slots);

/// True when a result says that the call did not succeed.
bool hostCallFailed(const host::HostFunc& function, u32 result);

/// How many bytes a call that succeeded has moved; 0 for calls that move none.
u64 hostBytesMoved(const host::HostFunc& function, const host::GuestMemory& memory,
                   const u64* parameters);

/// JSON without what is secret; `<N bytes>` for what is no JSON.
std::string withoutSecrets(std::string_view json);
std::string urlWithoutSecrets(std::string_view url);

}  // namespace bls::cli
