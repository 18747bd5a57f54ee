// What is generated from the option table besides --help: shell completion, the man page, the
// reference page (docs/options.md). Entry points: completionScript, manPage, referencePage.
//
// Everything that names an option, a configuration key or an exit status comes from the tables
// (option.def, tuning.def, traps.def); nothing is listed twice.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "runtime/config.h"

namespace bls::cli {

/// A command of `bls`.
struct VerbInfo {
  const char* name;
  u16 place;             // OptionPlace of its options; 0: none
  const char* operands;  // behind the name
  const char* summary;
};

/// Completion of `bls` and `bls-runtime` for bash, zsh or fish. Empty for another shell.
std::string completionScript(std::string_view shell, std::span<const VerbInfo> verbs);
/// Section 1, roff.
std::string manPage(std::span<const VerbInfo> verbs);
/// Markdown.
std::string referencePage(std::span<const VerbInfo> verbs);

}  // namespace bls::cli
