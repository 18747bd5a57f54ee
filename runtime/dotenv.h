// dotenv files: `KEY=VALUE` lines with `export`, comments, quotes and expansion. Entry points:
// parseDotenv, mergeEnvironment.
//
// Single quotes are literal; double quotes take backslash escapes and $VAR or ${VAR}, as do bare
// values. Variables come from the file so far, then from `outer`. Malformed lines are skipped, as
// are those whose expansions would come to more than 16 MiB for the file.
// Reference: command line description, section 4.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bls::cli {

using Environment = std::vector<std::pair<std::string, std::string>>;

/// `outer` looks up a variable that the file does not define; null means unset.
Environment parseDotenv(std::string_view text, const char* (*outer)(const char* name));

/// Adds or replaces one variable; the order of `env` is kept by name at the end (sortEnvironment).
void setVariable(Environment* env, std::string_view name, std::string_view value);
void sortEnvironment(Environment* env);

}  // namespace bls::cli
