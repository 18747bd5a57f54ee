// ConfigFile: a JSON configuration file, version 0 or 1, as a plain structure. Entry points:
// parseConfig, narrowToArchive, ConfigRoots::expand.
//
// Keys are those of the option table (runtime/option.def, column `key`) with the type its row has;
// the structured ones (modules, drivers, map_dirs, permissions, optimize) are read here. Text comes
// from operators and from archives: its size, depth and number of values are bounded, nothing
// recurses, and nothing is trusted. A key of the wrong type counts as absent and is warned of, as
// is an unknown key. `$ROOT` and `$ENV_ROOT_PATH` are replaced in parsed strings, so that a path
// cannot change the structure. Reference: configuration file description, sections 1 to 3 and 6.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runtime/config.h"

namespace bls::cli {

/// A file of `modules`.
struct ConfigModule {
  std::string file;
  std::string name;
  std::string md5;
  std::string sha256;  // ours: the reference knows only md5
  bool entry = false;
};
/// A native driver library.
struct ConfigDriver {
  std::string schema;
  std::string path;
  std::string sha256;  // ours: what the file must be; empty: not compared
};
/// An item of `map_dirs`.
struct ConfigDirectory {
  std::string host;
  std::string guest;
};
/// A key that says the same as an option: what the option's value would be. A list has one of these
/// for each item.
struct ConfigSetting {
  OptionId id{};
  u64 number = 0;
  std::string text;
};

struct ConfigFile {
  u32 version = 0;  // 0 or 1; 1 also by the rule of section 3
  std::string entry;
  std::vector<ConfigModule> modules;
  std::vector<ConfigDriver> drivers;
  std::vector<ConfigDirectory> directories;
  std::vector<ConfigSetting> settings;  // in the order of the option table
  std::vector<std::string> warnings;    // one line each, without a class

  const ConfigSetting* find(OptionId id) const;
};

/// What `$ROOT` and `$ENV_ROOT_PATH` stand for.
struct ConfigRoots {
  bool known = false;     // without, the tokens stay
  std::string directory;  // --fs-root-path or the environment's ENV_ROOT_PATH
  std::string suffix;     // of an archive: its first root CID
  /// False when the result would be longer than any path may be.
  bool expand(std::string* text) const;
};

/// Why a configuration is refused. `configure`: the operator's mistake of the listed kinds (exit
/// status 128); otherwise it could not be loaded (255).
struct ConfigError {
  bool configure = false;
  std::string message;  // without class and prefix
};

/// Most bytes of a configuration file, and most nesting of its values.
constexpr u64 kMaxConfigBytes = u64{1} << 20;
constexpr u32 kMaxConfigDepth = 32;

/// `exists` tells whether a file of the name given as `entry` exists; null means none does.
bool parseConfig(std::string_view text, const ConfigRoots& roots, bool (*exists)(const char* path),
                 ConfigFile* out, ConfigError* error);

/// Takes out what a configuration inside an archive may not grant itself, each with a warning:
/// map_dirs, drivers, drivers_root_path, permissions and where the log goes.
void narrowToArchive(ConfigFile* config);

}  // namespace bls::cli
