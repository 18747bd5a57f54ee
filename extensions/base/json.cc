// Checked before the library builds anything.
#include "extensions/base/json.h"

#include "engine/base/byte_reader.h"
#include "engine/base/status.h"

namespace bls::extensions {
namespace {

// Follows the syntax, keeps nothing but counts.
class Count final : public nlohmann::json_sax<Json> {
 public:
  Count(u32 maxDepth, u64 maxValues) : maxDepth_(maxDepth), maxValues_(maxValues) {}
  std::string why;

  bool null() override { return value(); }
  bool boolean(bool) override { return value(); }
  bool number_integer(number_integer_t) override { return value(); }
  bool number_unsigned(number_unsigned_t) override { return value(); }
  bool number_float(number_float_t, const string_t&) override { return value(); }
  bool string(string_t&) override { return value(); }
  bool binary(binary_t&) override { return value(); }
  bool start_object(std::size_t) override { return open(); }
  bool key(string_t&) override { return true; }
  bool end_object() override { return close(); }
  bool start_array(std::size_t) override { return open(); }
  bool end_array() override { return close(); }
  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::detail::exception& problem) override {
    // Of `[name] parse error at ...; last read: ...; expected ...` the end.
    std::string_view text = problem.what();
    if (const size_t last = text.rfind("; "); last != text.npos) text.remove_prefix(last + 2);
    if (const size_t name = text.find("] "); text.starts_with("[") && name != text.npos)
      text.remove_prefix(name + 2);
    why = "not valid JSON at byte " + std::to_string(position) + ": " +
          escapeForMessage(text.data(), text.size(), 120);
    return false;
  }

 private:
  bool value() {
    if (++values_ <= maxValues_) return true;
    why = "more than " + std::to_string(maxValues_) + " values";
    return false;
  }
  bool open() {
    if (++depth_ <= maxDepth_) return value();
    why = "nested more than " + std::to_string(maxDepth_) + " deep";
    return false;
  }
  bool close() {
    --depth_;
    return true;
  }

  const u32 maxDepth_;
  const u64 maxValues_;
  u32 depth_ = 0;
  u64 values_ = 0;
};

// What the library would read differently. Empty when there is none.
std::string textProblem(std::string_view text) {
  if (!isValidUtf8({reinterpret_cast<const u8*>(text.data()), text.size()}))
    return "not valid UTF-8";
  // The library would skip it.
  if (text.starts_with("\xef\xbb\xbf")) return "not valid JSON at byte 1: a byte order mark";
  return {};
}

// True when so short a text with so few brackets is within the bounds whatever it holds.
bool isSmall(std::string_view text, u32 maxDepth, u64 maxValues) {
  if (text.size() > maxValues) return false;
  size_t brackets = 0;
  for (char c : text) brackets += c == '[' || c == '{' ? 1u : 0u;
  return brackets <= maxDepth;
}

}  // namespace

std::string jsonProblem(std::string_view text, u32 maxDepth, u64 maxValues) {
  std::string problem = textProblem(text);
  if (!problem.empty()) return problem;
  Count count(maxDepth, maxValues);
  if (Json::sax_parse(text.begin(), text.end(), &count)) return {};
  return count.why.empty() ? "not valid JSON" : count.why;
}

bool readJson(std::string_view text, Json* out, std::string* why, u32 maxDepth, u64 maxValues) {
  if (isSmall(text, maxDepth, maxValues) && textProblem(text).empty()) {
    *out = Json::parse(text.begin(), text.end(), nullptr, false);
    if (!out->is_discarded()) return true;
  }
  *why = jsonProblem(text, maxDepth, maxValues);
  if (!why->empty()) return false;
  *out = Json::parse(text.begin(), text.end(), nullptr, false);
  if (!out->is_discarded()) return true;
  *why = "not valid JSON";
  return false;
}

std::string jsonText(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string jsonQuoted(std::string_view text) { return jsonText(Json(text)); }

const Json* member(const Json& object, const char* name) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(name);
  return found == object.end() ? nullptr : &*found;
}

const std::string* memberText(const Json& object, const char* name) {
  const Json* value = member(object, name);
  return value == nullptr ? nullptr : value->get_ptr<const std::string*>();
}

}  // namespace bls::extensions
