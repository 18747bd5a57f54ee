// Reading JSON of unknown origin with nlohmann::json, without exceptions and without recursion in
// what depends on the text. Entry points: readJson, jsonProblem. The only header that includes the
// library.
#pragma once

#define JSON_NOEXCEPTION 1
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "engine/base/ints.h"

namespace bls::cli {

using Json = nlohmann::json;

/// What is wrong with `text` as JSON in UTF-8, with the byte offset; empty when it is JSON, nested
/// at most `maxDepth` deep, of at most `maxValues` values. Needs no memory that grows with the
/// text.
std::string jsonProblem(std::string_view text, u32 maxDepth, u64 maxValues);

/// Parses what jsonProblem finds nothing wrong with; the last of equal keys counts.
bool readJson(std::string_view text, u32 maxDepth, u64 maxValues, Json* out, std::string* why);

}  // namespace bls::cli
