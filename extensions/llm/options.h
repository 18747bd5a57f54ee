// What a guest sets for a conversation, and the text that opens it. Entry points: parseOptions,
// optionsText, systemPrompt. Plain values. Reference: hostcalls, section 10, "Options" and "System
// prompt".
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/ints.h"

namespace bls::llm {

struct Options {
  std::optional<std::string> systemMessage;
  std::optional<std::vector<std::string>> toolUrls;
  std::optional<f32> temperature;
  std::optional<f32> topP;
};

/// False when `json` is no object of such members, or a number is no f32.
bool parseOptions(std::string_view json, Options* out);

/// As JSON: every member, null where it is not set; a number reads back as the same f32.
std::string optionsText(const Options& options);

/// `tools` is the JSON text of the tools there are; empty: none. `seconds` since 1970 say which day
/// it is, in UTC.
std::string systemPrompt(const Options& options, std::string_view tools, i64 seconds);

}  // namespace bls::llm
