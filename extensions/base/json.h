// JSON of unknown origin (guests, servers, configuration files), read with nlohmann::json without
// exceptions and without recursion in what depends on the text before its depth is known. Entry
// points: readJson, jsonProblem, jsonText, memberText.
#pragma once

#define JSON_NOEXCEPTION 1
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "engine/base/ints.h"

namespace bls::extensions {

/// Objects are sorted by key; the last of equal keys counts.
using Json = nlohmann::json;

/// Deep enough for any use; the library frees and prints by recursion.
constexpr u32 kJsonDepth = 128;
/// A value takes some 16 bytes at least, so this bounds what a text of many small values costs.
constexpr u64 kJsonValues = u64{1} << 20;

/// What is wrong with `text` as JSON in UTF-8 without a byte order mark, nested at most `maxDepth`
/// deep, of at most `maxValues` values: one line, with the byte offset. Empty when nothing is.
/// Needs no memory that grows with the text.
std::string jsonProblem(std::string_view text, u32 maxDepth, u64 maxValues);

/// Parses what jsonProblem finds nothing wrong with. False with `why`.
bool readJson(std::string_view text, Json* out, std::string* why, u32 maxDepth = kJsonDepth,
              u64 maxValues = kJsonValues);

/// Compact text; bytes that are not UTF-8 become U+FFFD.
std::string jsonText(const Json& value);
/// The same of a string, quotes included.
std::string jsonQuoted(std::string_view text);

/// The member `name` of an object; null when there is none, or `object` is no object.
const Json* member(const Json& object, const char* name);
/// The string at `name`; null when there is none or it is no string.
const std::string* memberText(const Json& object, const char* name);

}  // namespace bls::extensions
