// Options of the programs: the table (option.def), parsing by table, help text. Entry points:
// parseOptions, optionHelp.
//
// A program names its place (`bls run`, `bls-runtime`, …) and gets the rows that hold there. Both
// `--opt value` and
// `--opt=value` work, so do the table's other spellings (`-O`), `--` ends options. Errors are one
// line with a hint. Nothing here allocates except lists, prints, or looks at the environment.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "engine/base/ints.h"

namespace bls {

enum class OptionId : u8 {
#define OPTION(id, ...) id,
#include "runtime/option.def"
};
constexpr u32 kOptionCount = 0
#define OPTION(...) +1
#include "runtime/option.def"
    ;

enum class OptionType : u8 {
  Flag,
  Number,
  Text,
  Choice,
  List,
  MaybeText,
  MaybeList,
  Ignored,
  Refused
};

/// Programs and verbs an option belongs to; a bit each.
enum class OptionPlace : u16 {
  Run = 1,
  Runtime = 2,
  Validate = 4,
  Inspect = 8,
  Wast = 16,
  Wat = 32,
  Wasm = 64,
  Objdump = 128,
  Explain = 256,
  Doctor = 512,
  Extensions = 1024
};

struct OptionInfo {
  OptionId id;
  const char* flag;
  OptionType type;
  const char* value;
  const char* standard;  // default, as text
  u64 min;
  u64 max;
  u16 places;
  const char* key;          // of a configuration file
  const char* environment;  // variable it goes with
  const char* help;
  const char* example;
};
const OptionInfo& optionInfo(OptionId id);

/// Another spelling of an option: a letter (`-O`) or an older long name.
struct OptionAlias {
  const char* spelling;
  OptionId id;
};
std::span<const OptionAlias> optionAliases();

struct OptionValue {
  bool given = false;
  u64 number = 0;              // Number
  const char* text = nullptr;  // Text, Choice, MaybeText and MaybeList (may be null there)
};

/// The outcome of a parse; strings are the caller's argument vector.
struct ParsedOptions {
  OptionValue values[kOptionCount];
  std::vector<std::pair<OptionId, const char*>> lists;  // List and MaybeList options in order; a
                                                        // bare MaybeList is ""
  std::vector<const char*> positionals;                 // before `--`
  std::vector<const char*> rest;                        // behind `--`, verbatim
  bool help = false;
  bool version = false;

  const OptionValue& operator[](OptionId id) const { return values[static_cast<u8>(id)]; }
  bool has(OptionId id) const { return (*this)[id].given; }
  u64 number(OptionId id, u64 otherwise) const { return has(id) ? (*this)[id].number : otherwise; }
  /// Text or Choice; the table's default when not given.
  const char* text(OptionId id) const;
  std::vector<const char*> list(OptionId id) const;
};

enum class ParseEnd : u8 { Ok, Usage, Refused };

/// Parses `args` (without program name and verb). On failure `message` is what went wrong, with a
/// hint, without `error:`.
ParseEnd parseOptions(std::span<char* const> args, OptionPlace place, ParsedOptions* out,
                      std::string* message);

/// The options of a place as help text, two columns, with examples when `examples`.
std::string optionHelp(OptionPlace place, bool examples);

/// The word of `words` closest to `word`, if at most two edits away; else null. For did-you-mean.
const char* closestWord(const std::string& word, std::span<const char* const> words);

/// Decimal u64; false for anything else, including signs, blanks and overflow.
bool parseU64(const char* text, u64* out);

}  // namespace bls
