#include "extensions/llm/options.h"

#include <charconv>
#include <cmath>
#include <ctime>
#include <limits>

#include "extensions/base/json.h"

namespace bls::llm {
namespace {

using extensions::Json;
using extensions::jsonQuoted;
using extensions::member;

constexpr size_t kMostTools = 16;

bool takeNumber(const Json& top, const char* name, std::optional<f32>* out) {
  const Json* given = member(top, name);
  if (given == nullptr || given->is_null()) return true;
  if (!given->is_number()) return false;
  const double value = given->get<double>();
  if (!(std::abs(value) <= static_cast<double>(std::numeric_limits<f32>::max()))) return false;
  *out = static_cast<f32>(value);
  return true;
}

std::string numberText(std::optional<f32> value) {
  if (!value) return "null";
  char digits[64];
  const auto end = std::to_chars(digits, digits + sizeof digits, *value).ptr;
  std::string out(digits, end);
  // A reader with types wants to see that it is no integer.
  if (out.find_first_of(".e") == out.npos) out += ".0";
  return out;
}

}  // namespace

bool parseOptions(std::string_view json, Options* out) {
  *out = {};
  Json top;
  std::string why;
  if (!extensions::readJson(json, &top, &why) || !top.is_object()) return false;
  if (const Json* given = member(top, "system_message"); given != nullptr && !given->is_null()) {
    if (!given->is_string()) return false;
    out->systemMessage = given->get_ref<const std::string&>();
  }
  if (const Json* given = member(top, "tools_sse_urls"); given != nullptr && !given->is_null()) {
    if (!given->is_array() || given->size() > kMostTools) return false;
    out->toolUrls.emplace();
    for (const Json& item : *given) {
      if (!item.is_string()) return false;
      out->toolUrls->push_back(item.get_ref<const std::string&>());
    }
  }
  return takeNumber(top, "temperature", &out->temperature) && takeNumber(top, "top_p", &out->topP);
}

std::string optionsText(const Options& options) {
  std::string out = "{\"system_message\":";
  out += options.systemMessage ? jsonQuoted(*options.systemMessage) : "null";
  out += ",\"tools_sse_urls\":";
  if (options.toolUrls) {
    out += '[';
    for (const std::string& url : *options.toolUrls) {
      if (out.back() != '[') out += ',';
      out += jsonQuoted(url);
    }
    out += ']';
  } else {
    out += "null";
  }
  out += ",\"temperature\":" + numberText(options.temperature);
  return out + ",\"top_p\":" + numberText(options.topP) + "}";
}

std::string systemPrompt(const Options& options, std::string_view tools, i64 seconds) {
  static constexpr const char* kMonths[] = {"January",   "February", "March",    "April",
                                            "May",       "June",     "July",     "August",
                                            "September", "October",  "November", "December"};
  const time_t when = static_cast<time_t>(seconds);
  std::tm day{};
  gmtime_r(&when, &day);
  const std::string number = std::to_string(day.tm_mday);
  std::string out = "Today Date: " + std::string(kMonths[day.tm_mon]) + " " +
                    (number.size() == 1 ? "0" : "") + number + ", " +
                    std::to_string(day.tm_year + 1900) + "\n\n# Instructions\n";
  out += options.systemMessage ? *options.systemMessage
                               : "You are a helpful assistant: answer what the user asks.";
  if (tools.empty()) return out;
  out += "\n\n# Tools\nThese tools can be called, given as JSON:\n";
  out += tools;
  return out +
         "\nTo call one, answer with exactly this and nothing else:\n"
         "<function>{\"name\":\"the tool's name\",\"arguments\":{\"name\":\"value\"}}</function>\n"
         "The result follows in a message of the role tool; then answer the user with it.";
}

}  // namespace bls::llm
