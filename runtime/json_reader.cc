// The check before the library builds anything: its tree is freed and printed by depth.
#include "runtime/json_reader.h"

#include "engine/base/byte_reader.h"
#include "engine/base/status.h"

namespace bls::cli {
namespace {

// Counts, and keeps where the syntax ends.
class Check final : public nlohmann::json_sax<Json> {
 public:
  Check(u32 maxDepth, u64 maxValues) : maxDepth_(maxDepth), maxValues_(maxValues) {}
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
  bool parse_error(std::size_t position, const std::string& token,
                   const nlohmann::detail::exception& problem) override {
    std::string text = problem.what();
    const size_t behind = text.rfind("; ");
    why = "not valid JSON at byte " + std::to_string(position);
    if (behind != std::string::npos) text = text.substr(behind + 2);
    (void)token;
    const size_t bracket = text.find("] ");
    if (text.starts_with("[") && bracket != std::string::npos) text = text.substr(bracket + 2);
    why += ": " + escapeForMessage(text, 120);
    return false;
  }

 private:
  bool value() {
    if (++values_ <= maxValues_) return true;
    why = "more than " + std::to_string(maxValues_) + " values";
    return false;
  }
  bool open() {
    if (++depth_ > maxDepth_) {
      why = "nested more than " + std::to_string(maxDepth_) + " deep";
      return false;
    }
    return value();
  }
  bool close() {
    --depth_;
    return true;
  }

  u32 maxDepth_;
  u64 maxValues_;
  u32 depth_ = 0;
  u64 values_ = 0;
};

}  // namespace

std::string jsonProblem(std::string_view text, u32 maxDepth, u64 maxValues) {
  if (!isValidUtf8({reinterpret_cast<const u8*>(text.data()), text.size()}))
    return "not valid UTF-8";
  // The library would skip it.
  if (text.starts_with("\xef\xbb\xbf")) return "not valid JSON at byte 1: a byte order mark";
  Check check(maxDepth, maxValues);
  if (Json::sax_parse(text.begin(), text.end(), &check)) return {};
  return check.why.empty() ? "not valid JSON" : check.why;
}

bool readJson(std::string_view text, u32 maxDepth, u64 maxValues, Json* out, std::string* why) {
  *why = jsonProblem(text, maxDepth, maxValues);
  if (!why->empty()) return false;
  *out = Json::parse(text.begin(), text.end(), nullptr, false);
  if (!out->is_discarded()) return true;
  *why = "not valid JSON";
  return false;
}

}  // namespace bls::cli
