// The parameters of http.request as a request. Entry point: takeRequest. Plain values.
#pragma once

#include <string>

#include "extensions/base/json.h"
#include "extensions/net/http_client.h"

namespace bls::extensions::rpc {

constexpr u64 kStandardTimeoutMs = 30'000;

/// False with `why` when `params` is not what hostcalls, section 11, says.
bool takeRequest(const Json& params, net::HttpRequest* out, std::string* why);

/// `text` for a form or query: letters, digits and *-._ as they are, a blank as +.
std::string formEscaped(std::string_view text);

}  // namespace bls::extensions::rpc
