// Reading configuration files, merging them with options.
#include "runtime/config_input.h"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <ctime>

#include "engine/base/byte_reader.h"
#include "engine/base/platform.h"
#include "engine/base/status.h"
#include "runtime/cli.h"

namespace bls::cli {
namespace {

bool fileExists(const char* path) { return access(path, F_OK) == 0; }

}  // namespace

bool configRoots(const ParsedOptions& options, ConfigRoots* out, std::string* why) {
  const char* directory = std::getenv("ENV_ROOT_PATH");
  if (options.has(OptionId::FsRootPath)) {
    directory = options.text(OptionId::FsRootPath);
    setenv("ENV_ROOT_PATH", directory, 1);
  }
  out->known = directory != nullptr;
  if (!out->known) return true;
  out->directory = directory;
  const auto* bytes = reinterpret_cast<const u8*>(directory);
  if (isValidUtf8({bytes, out->directory.size()})) return true;
  *why = "ENV_ROOT_PATH or --fs-root-path is not valid Unicode";
  return false;
}

void startupProblem(Console& console, OptionPlace place, ErrorClass cls, const std::string& message,
                    const std::string& file) {
  if (place != OptionPlace::Runtime) {
    Error error;
    error.cls = cls;
    error.message = message;
    console.problem(error.format(file));
    return;
  }
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  char stamp[64];
  std::strftime(stamp, sizeof stamp, "[%Y-%m-%dT%H:%M:%SZ ERROR] ", &utc);
  console.err(stamp + message + "\n");
}

int configProblem(const ConfigError& error, const std::string& file, OptionPlace place,
                  Console& console) {
  startupProblem(console, place, ErrorClass::Config,
                 "failed to load CLI config: Unknown error: " + error.message, file);
  return error.configure ? kExitConfig : kExitFailure;
}

void warnOf(const ConfigFile& config, Console& console) {
  for (const std::string& warning : config.warnings)
    console.err("warning: config: " + warning + "\n");
}

int loadConfig(const ParsedOptions& options, OptionPlace place, Console& console, ConfigFile* out) {
  const std::string file = options.positionals[0];
  ConfigError error;
  ConfigRoots roots;
  if (!configRoots(options, &roots, &error.message))
    return configProblem(error, file, place, console);
  platform::FileBytes bytes;
  const int failed = platform::readFile(file.c_str(), kMaxConfigBytes, &bytes);
  if (failed != 0) {
    error.message = failed == EFBIG ? "more than " + std::to_string(kMaxConfigBytes) + " bytes"
                                    : "cannot read '" + escapeForMessage(file, 200) +
                                          "': " + std::strerror(failed);
    return configProblem(error, file, place, console);
  }
  const bool parsed = parseConfig({reinterpret_cast<const char*>(bytes.data), bytes.size}, roots,
                                  &fileExists, out, &error);
  platform::freeFile(&bytes);
  if (!parsed) return configProblem(error, file, place, console);
  warnOf(*out, console);
  return 0;
}

void applyConfig(const ConfigFile& config, ParsedOptions* options) {
  bool given[kOptionCount];
  for (u32 i = 0; i < kOptionCount; ++i) given[i] = options->values[i].given;
  for (const ConfigSetting& setting : config.settings) {
    if (given[static_cast<u8>(setting.id)]) continue;
    OptionValue& value = options->values[static_cast<u8>(setting.id)];
    value.given = true;
    value.number = setting.number;
    value.text = setting.text.c_str();
    const OptionType type = optionInfo(setting.id).type;
    if (type == OptionType::List || type == OptionType::MaybeList)
      options->lists.emplace_back(setting.id, value.text);
  }
}

}  // namespace bls::cli
