// The environment of a child: few safe variables of this process, what the operator adds, and what
// the guest may add. Entry point: childEnvironment. Threat model CGI-3.
#pragma once

#include <span>
#include <string>
#include <utility>
#include <vector>

#include "extensions/base/extension.h"

namespace bls::extensions::cgi {

struct ChildEnvironment {
  std::vector<std::string> variables;  // NAME=VALUE, each name once
  std::vector<std::string> dropped;    // names of the guest's that it may not set
};

/// `own` is this process's environment, a list that ends with null.
ChildEnvironment childEnvironment(const Settings& settings, const char* const* own,
                                  std::span<const std::pair<std::string, std::string>> guest);

/// `user:password@` taken out of the URL of a proxy.
std::string withoutUserinfo(std::string_view url);

}  // namespace bls::extensions::cgi
