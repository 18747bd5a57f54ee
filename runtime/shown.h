// shown(): a word of somebody else's, such as an option's value or a key of a file, as part of one
// of our message lines. A pure function; any thread.
#pragma once

#include <string>
#include <string_view>

#include "engine/base/status.h"

namespace bls {

/// 'text', made safe by escapeForMessage and cut after 100 bytes.
inline std::string shown(std::string_view text) {
  return "'" + escapeForMessage(text.data(), text.size(), 100) + "'";
}

}  // namespace bls
