// Names and values of compiler tuning.
#include "runtime/tuning.h"

#include "engine/base/ints.h"
#include "engine/base/status.h"
#include "runtime/shown.h"

namespace bls::cli {
namespace {

enum class TuningType : u8 { Flag, Number, Level, Allocator };

struct TuningInfo {
  const char* name;
  TuningType type;
  const char* help;
};

constexpr TuningInfo kTunings[] = {
#define TUNING(name, type, help) {#name, TuningType::type, help},
#include "runtime/tuning.def"
};

bool isFlag(std::string_view text, bool* on) {
  *on = text == "y" || text == "yes" || text == "true";
  return *on || text == "n" || text == "no" || text == "false";
}

// Decimal, or hexadecimal behind 0x; 64 bits.
bool isNumber(std::string_view text) {
  const bool hex = text.starts_with("0x") || text.starts_with("0X");
  if (hex) text.remove_prefix(2);
  if (text.empty()) return false;
  const u64 base = hex ? 16 : 10;
  u64 value = 0;
  for (char c : text) {
    u64 digit = 0;
    if (c >= '0' && c <= '9') {
      digit = static_cast<u64>(c - '0');
    } else if (hex && ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'))) {
      digit = static_cast<u64>((c | 0x20) - 'a') + 10;
    } else {
      return false;
    }
    if (value > (~u64{0} - digit) / base) return false;
    value = value * base + digit;
  }
  return true;
}

bool fits(TuningType type, std::string_view value, bool* on) {
  switch (type) {
    case TuningType::Flag: return isFlag(value, on);
    case TuningType::Number: return isNumber(value);
    case TuningType::Level: return value == "n" || value == "s" || value == "ss";
    case TuningType::Allocator: return value == "backtracking" || value == "single-pass";
  }
  return false;
}

const char* wanted(TuningType type) {
  switch (type) {
    case TuningType::Flag: return "one of y|yes|true|n|no|false";
    case TuningType::Number: return "a number, decimal or with 0x";
    case TuningType::Level: return "one of n|s|ss";
    case TuningType::Allocator: return "one of backtracking|single-pass";
  }
  return "";
}

}  // namespace

bool checkTuning(std::string_view name, std::string_view value, Tuning* out, std::string* why) {
  for (const TuningInfo& info : kTunings) {
    if (name != info.name) continue;
    bool on = false;
    if (!fits(info.type, value, &on)) {
      *why = std::string(info.name) + " must be " + wanted(info.type) + ", not " + shown(value);
      return false;
    }
    if (name == "signals_based_traps") out->checkedMemory = !on;
    return true;
  }
  *why = "there is no optimize argument: " + escapeForMessage(std::string(name), 100);
  return false;
}

bool parseTuning(std::string_view pairs, Tuning* out, std::string* why) {
  while (true) {
    const size_t comma = pairs.find(',');
    const std::string_view pair = pairs.substr(0, comma);
    const size_t equals = pair.find('=');
    if (equals == std::string_view::npos) {
      *why = shown(pair) + " must be of the form `key=value,`";
      return false;
    }
    if (!checkTuning(pair.substr(0, equals), pair.substr(equals + 1), out, why)) return false;
    if (comma == std::string_view::npos) return true;
    pairs.remove_prefix(comma + 1);
  }
}

std::string tuningHelp() {
  std::string out;
  for (const TuningInfo& info : kTunings)
    out += std::string("   -O     ") + info.name + " -- " + info.help + "\n";
  return out;
}

}  // namespace bls::cli
