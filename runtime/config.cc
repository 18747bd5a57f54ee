// Table-driven option parsing.
#include "runtime/config.h"

#include <algorithm>
#include <cstring>
#include <string_view>

#include "engine/base/status.h"
#include "runtime/shown.h"

namespace bls {
namespace {

constexpr u16 R = static_cast<u16>(OptionPlace::Run);
constexpr u16 B = static_cast<u16>(OptionPlace::Runtime);
constexpr u16 V = static_cast<u16>(OptionPlace::Validate);
constexpr u16 I = static_cast<u16>(OptionPlace::Inspect);
constexpr u16 S = static_cast<u16>(OptionPlace::Wast);
constexpr u16 T = static_cast<u16>(OptionPlace::Wat);
constexpr u16 A = static_cast<u16>(OptionPlace::Wasm);
constexpr u16 D = static_cast<u16>(OptionPlace::Objdump);
constexpr u16 X = static_cast<u16>(OptionPlace::Explain);
constexpr u16 C = static_cast<u16>(OptionPlace::Doctor);
constexpr u16 E = static_cast<u16>(OptionPlace::Extensions);

constexpr u16 K = 0;

constexpr OptionInfo kOptions[] = {
#define OPTION(id, flag, type, value, standard, min, max, where, key, env, help, example) \
  {OptionId::id, flag, OptionType::type, value, standard, min, max, where, key, env, help, example},
#include "runtime/option.def"
};

constexpr OptionAlias kAliases[] = {
#define ALIAS(spelling, id) {spelling, OptionId::id},
#include "runtime/option.def"
};

bool takesValue(OptionType type) {
  return type == OptionType::Number || type == OptionType::Text || type == OptionType::Choice ||
         type == OptionType::List;
}

const OptionInfo* findOption(std::string_view name, OptionPlace place) {
  auto holds = [place](const OptionInfo& info) {
    return (info.places & static_cast<u16>(place)) != 0;
  };
  for (const OptionInfo& info : kOptions) {
    if (holds(info) && name == info.flag) return &info;
  }
  for (const OptionAlias& alias : kAliases) {
    const OptionInfo& info = optionInfo(alias.id);
    if (holds(info) && name == alias.spelling) return &info;
  }
  return nullptr;
}

bool isChoice(const char* words, std::string_view text) {
  std::string_view left = words;
  while (true) {
    size_t bar = left.find('|');
    if (left.substr(0, bar) == text) return true;
    if (bar == std::string_view::npos) return false;
    left.remove_prefix(bar + 1);
  }
}

std::string unknownOption(const char* arg, OptionPlace place) {
  std::string_view name(arg[1] == '-' ? arg + 2 : "");
  std::string typed(name.substr(0, name.find('=')));
  std::string message = "unknown option " + shown(arg);
  std::vector<const char*> words;
  for (const OptionInfo& info : kOptions) {
    if ((info.places & static_cast<u16>(place)) != 0) words.push_back(info.flag);
  }
  const char* close = name.empty() ? nullptr : closestWord(typed, words);
  if (close != nullptr) return message + "; did you mean '--" + close + "'?";
  return message + "; try --help, or put -- in front of what is meant for the guest";
}

class Parser {
 public:
  Parser(std::span<char* const> args, OptionPlace place, ParsedOptions* out, std::string* message)
      : args_(args), place_(place), out_(out), message_(message) {}

  ParseEnd run() {
    for (; at_ < args_.size(); ++at_) {
      const char* arg = args_[at_];
      if (std::strcmp(arg, "--") == 0) {
        out_->rest.assign(args_.begin() + static_cast<std::ptrdiff_t>(at_) + 1, args_.end());
        return ParseEnd::Ok;
      }
      if (std::strcmp(arg, "-h") == 0 || std::strcmp(arg, "--help") == 0) {
        out_->help = true;
      } else if (std::strcmp(arg, "-V") == 0 || std::strcmp(arg, "--version") == 0) {
        out_->version = true;
      } else if (arg[0] != '-' || arg[1] == 0) {
        out_->positionals.push_back(arg);
      } else {
        ParseEnd end = option(arg);
        if (end != ParseEnd::Ok) return end;
      }
    }
    return ParseEnd::Ok;
  }

 private:
  ParseEnd usage(std::string text) {
    *message_ = std::move(text);
    return ParseEnd::Usage;
  }

  // `-Ovalue` and `-O value` for a letter, `--name=value` and `--name value` for a name.
  ParseEnd option(const char* arg) {
    const bool letter = arg[1] != '-';
    const char* equals = letter ? nullptr : std::strchr(arg, '=');
    std::string_view name =
        letter
            ? std::string_view(arg + 1, 1)
            : std::string_view(arg + 2, equals == nullptr ? std::strlen(arg + 2)
                                                          : static_cast<size_t>(equals - arg - 2));
    const OptionInfo* info = letter || name.size() > 1 ? findOption(name, place_) : nullptr;
    if (info == nullptr) return usage(unknownOption(arg, place_));
    const char* text = equals == nullptr ? nullptr : equals + 1;
    if (letter && arg[2] != 0) text = arg + (arg[2] == '=' ? 3 : 2);
    std::string flag = std::string("--") + info->flag;
    if (info->type == OptionType::Refused) {
      *message_ = flag + ": " + info->help + " is not available in this build; run without it";
      return ParseEnd::Refused;
    }
    OptionValue& value = out_->values[static_cast<u8>(info->id)];
    const bool repeats = info->type == OptionType::List || info->type == OptionType::MaybeList ||
                         info->type == OptionType::Ignored;
    if (value.given && !repeats) {
      return usage(flag + " was given twice; give it once");
    }
    if (takesValue(info->type) && text == nullptr) {
      if (at_ + 1 >= args_.size()) return usage(flag + " needs a value; example: " + info->example);
      text = args_[++at_];
    }
    if (info->type == OptionType::Flag && text != nullptr)
      return usage(flag + " takes no value; leave out '=…'");
    value.given = true;
    value.text = text;
    return check(*info, flag, &value);
  }

  ParseEnd check(const OptionInfo& info, const std::string& flag, OptionValue* value) {
    switch (info.type) {
      case OptionType::Number:
        if (!parseU64(value->text, &value->number)) {
          return usage(flag + " needs a decimal number, not " + shown(value->text) +
                       "; example: " + info.example);
        }
        if (value->number < info.min || value->number > info.max) {
          return usage(flag + " must be between " + std::to_string(info.min) + " and " +
                       std::to_string(info.max) + ", not " + std::to_string(value->number));
        }
        break;
      case OptionType::Choice:
        if (!isChoice(info.value, value->text)) {
          return usage(flag + " is one of " + info.value + ", not " + shown(value->text));
        }
        break;
      case OptionType::MaybeText:
        if (value->text != nullptr && !isChoice(info.value, value->text)) {
          return usage(flag + " takes nothing or =" + info.value + ", not " + shown(value->text));
        }
        break;
      case OptionType::MaybeList:
        out_->lists.emplace_back(info.id, value->text == nullptr ? "" : value->text);
        break;
      case OptionType::List: out_->lists.emplace_back(info.id, value->text); break;
      default: break;
    }
    return ParseEnd::Ok;
  }

  std::span<char* const> args_;
  OptionPlace place_;
  ParsedOptions* out_;
  std::string* message_;
  size_t at_ = 0;
};

u32 editDistance(std::string_view a, std::string_view b) {
  std::vector<u32> row(b.size() + 1);
  for (u32 j = 0; j <= b.size(); ++j) row[j] = j;
  for (u32 i = 1; i <= a.size(); ++i) {
    u32 diagonal = row[0];
    row[0] = i;
    for (u32 j = 1; j <= b.size(); ++j) {
      u32 changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, changed});
    }
  }
  return row[b.size()];
}

}  // namespace

const OptionInfo& optionInfo(OptionId id) { return kOptions[static_cast<u8>(id)]; }
std::span<const OptionAlias> optionAliases() { return kAliases; }

const char* ParsedOptions::text(OptionId id) const {
  return has(id) ? (*this)[id].text : optionInfo(id).standard;
}

std::vector<const char*> ParsedOptions::list(OptionId id) const {
  std::vector<const char*> out;
  for (const auto& [which, text] : lists) {
    if (which == id) out.push_back(text);
  }
  return out;
}

ParseEnd parseOptions(std::span<char* const> args, OptionPlace place, ParsedOptions* out,
                      std::string* message) {
  return Parser(args, place, out, message).run();
}

std::string optionHelp(OptionPlace place, bool examples) {
  std::string out;
  for (const OptionInfo& info : kOptions) {
    bool shownHere = (info.places & static_cast<u16>(place)) != 0;
    if (!shownHere || info.type == OptionType::Refused || info.type == OptionType::Ignored ||
        info.help[0] == 0) {
      continue;
    }
    std::string left = "  ";
    for (const OptionAlias& alias : kAliases) {
      if (alias.id == info.id && alias.spelling[1] == 0)
        left += std::string("-") + alias.spelling + ", ";
    }
    left += std::string("--") + info.flag;
    if (info.type == OptionType::MaybeText || info.type == OptionType::MaybeList) {
      left += std::string("[=") + info.value + "]";
    } else if (info.value[0] != 0) {
      left += std::string(" ") + info.value;
    }
    out += left;
    out += left.size() < 34 ? std::string(34 - left.size(), ' ') : "\n" + std::string(34, ' ');
    out += info.help;
    if (info.standard[0] != 0 && info.type != OptionType::Flag)
      out += std::string(" (default: ") + info.standard + ")";
    if (info.type == OptionType::List || info.type == OptionType::MaybeList) out += "; repeatable";
    out += "\n";
    if (examples && info.example[0] != 0)
      out += std::string(34, ' ') + "example: " + info.example + "\n";
  }
  return out;
}

const char* closestWord(const std::string& word, std::span<const char* const> words) {
  if (word.size() > 64) return nullptr;
  const char* best = nullptr;
  u32 bestDistance = 3;
  for (const char* candidate : words) {
    u32 distance = editDistance(word, candidate);
    if (distance < bestDistance) {
      bestDistance = distance;
      best = candidate;
    }
  }
  return best;
}

bool parseU64(const char* text, u64* out) {
  u64 value = 0;
  if (*text == 0) return false;
  for (const char* p = text; *p != 0; ++p) {
    if (*p < '0' || *p > '9') return false;
    u64 digit = static_cast<u64>(*p - '0');
    if (value > (~u64{0} - digit) / 10) return false;
    value = value * 10 + digit;
  }
  *out = value;
  return true;
}

}  // namespace bls
