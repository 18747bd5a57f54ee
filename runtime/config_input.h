// How a configuration file gets between the command line and a RunRequest. Entry points:
// loadConfig, applyConfig, startupProblem.
//
// Precedence: an option on the command line, else the configuration file, else the table's default.
#pragma once

#include <string>

#include "engine/base/status.h"
#include "runtime/config_file.h"
#include "runtime/console.h"

namespace bls::cli {

/// What `$ROOT` stands for: --fs-root-path, else ENV_ROOT_PATH. With --fs-root-path the variable is
/// set for the process. False, with `why`, when it is no Unicode text.
bool configRoots(const ParsedOptions& options, ConfigRoots* out, std::string* why);

/// Reads and parses a file; warnings go to `console`. 0, or an exit status when that failed, which
/// has been said.
int loadConfig(const ParsedOptions& options, OptionPlace place, Console& console, ConfigFile* out);

/// Says on standard error why a configuration is not taken, and returns the exit status.
int configProblem(const ConfigError& error, const std::string& file, OptionPlace place,
                  Console& console);
/// One line for each warning.
void warnOf(const ConfigFile& config, Console& console);

/// Gives `options` what the file says and the command line does not. `config` outlives them. What
/// has no option is left to makeRunRequest.
void applyConfig(const ConfigFile& config, ParsedOptions* options);

/// A failure before the log is open. bls-runtime's lines have the documented form,
/// `[YYYY-MM-DDTHH:MM:SSZ ERROR] message`; `bls run` says `error: <class>: message (file)`.
void startupProblem(Console& console, OptionPlace place, ErrorClass cls, const std::string& message,
                    const std::string& file);

}  // namespace bls::cli
