// RunRequest: everything `bls run` and `bls-runtime` need to know, in the terms of the embedding
// API. Entry points: makeRunRequest (options → request), runModule (cli.h). Keeps no pointers into
// the argument vector's strings except `args`.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "engine/host/process_input.h"
#include "extensions/base/extension.h"
#include "runtime/config.h"
#include "runtime/host_log.h"
#include "runtime/profile.h"
#include "runtime/run_log.h"
#include "runtime/run_permissions.h"
#include "runtime/runtime.h"
#include "runtime/sandbox.h"
#include "wasi/context.h"

namespace bls::cli {

struct ConfigFile;

/// A file of a program of several modules.
struct ProgramFile {
  std::string file;
  std::string name;  // of a library's exports; ignored for the entry module
  std::string md5;   // both in lower-case hexadecimal digits
  std::string sha256;
  bool entry = false;
  bool checked = false;  // the file must have what is given of these, and one must be
};

struct RunRequest {
  bool compatible = false;  // bls-runtime: its log file and exit-code rules
  std::string file;         // the module that is run; empty when `modules` lists none as entry
  /// Of a configuration file or --module, in the order given. Linked with `linked` (configuration
  /// version 1), otherwise only compared with their checksums.
  std::vector<ProgramFile> modules;
  bool linked = false;
  bool fromConfig = false;
  std::string entry = "_start";
  bool entryIsDefault = false;    // nobody has named it
  bool invoke = false;            // `entry` is called with values, results are printed
  std::vector<const char*> args;  // behind the file
  embed::EngineConfig engine;
  StoreLimits limits;
  wasi::ContextConfig wasi;
  PermissionSetup permissions;
  std::vector<std::string> listeners;  // ADDR[::FD]
  bool hasFuel = false;
  u64 fuel = 0;
  u64 runTimeMs = 0;  // 0: no limit
  bool threads = false;
  u32 maxThreads = 0;  // besides the first
  bool unknownImportsTrap = false;
  bool stats = false;
  Profile profile = Profile::None;
  bool statsJson = false;
  bool statsDigest = false;
  /// Where the log goes: a path below `logRoot`, and only when that is empty perhaps standard error
  /// (a configuration without a root or a log name).
  std::string logFile;
  std::string logRoot = ".";
  bool logToStderr = false;
  /// What `runtime_logger_level` says. Without it RUST_LOG decides, else warnings and errors.
  bool hasLogLevel = false;
  LogLevel logLevel = LogLevel::Warn;
  /// The process's input in fixed mode, which descriptor 0 and the host call `memory_read` share;
  /// null when the guest's descriptor 0 is not fixed.
  std::shared_ptr<host::ProcessInput> input;
  /// The variables of the process that BLS_LIST_VARS names, for the host call `env_var_read`.
  std::vector<std::pair<std::string, std::string>> listedVariables;
  /// --trace and --counters.
  HostLogRequest hostLog;
  /// What the operator set for extensions.
  extensions::Settings extensions;
  /// Becomes the program with big libraries, with the same command line; returns only when that
  /// fails, with the exit status, after saying why. Null: there is no such program to become.
  std::function<int()> becomeFull;
  /// The process is ours: signals end the run, inherited descriptors are closed before the guest
  /// starts, and what a guest needs not is given up (sandbox.h) unless `sandbox` is off.
  bool ownsProcess = false;
  bool sandbox = true;
  /// Paths that stay usable besides the preopened directories.
  std::vector<PathGrant> sandboxPaths;
  u64 startNs = 0;  // platform::monotonicNs() at process start
};

/// What the options mean, with what `config` says beside its settings (applyConfig), if given.
/// False with `why` (a usage error, without `error:`) when they do not fit together.
bool makeRunRequest(const ParsedOptions& options, OptionPlace place, RunRequest* out,
                    std::string* why, const ConfigFile* config = nullptr);

/// What options and configuration say for extensions. `config` may be null. False with `why`.
bool extensionSettings(const ParsedOptions& options, const ConfigFile* config,
                       extensions::Settings* out, std::string* why);

/// `list` is names separated by commas: a feature or -feature, `all`, `profile-1.0`. False with
/// `why` for unknown names.
bool parseFeatures(const char* list, Features* out, std::string* why);

/// The choice of back end and memory strategy. False with `why` when --compile-only is no list of
/// ranges.
bool engineChoices(const ParsedOptions& options, embed::EngineConfig* out, std::string* why);

/// Standard input is `text`, unless the process's own holds text that ends within a second of being
/// asked for: the fixed mode of the Blockless runtime, for `--stdin TEXT` and configurations.
void fixInput(std::string text, RunRequest* request);

/// The variables named in `names` (`;` between them), in that order; "" for those that the process
/// has not.
std::vector<std::pair<std::string, std::string>> listedVariables(const char* names);

/// KEY=N separated by commas: cpu, memory, files, processes, file-size. What is not named stays.
bool parseChildLimits(std::string_view list, extensions::ChildLimits* out, std::string* why);
/// The same: request, response.
bool parseHttpLimits(std::string_view list, extensions::HttpLimits* out, std::string* why);

/// `ADDR` or `ADDR::FD`, where ADDR may be `[v6]:port`. False when FD is no descriptor number; it
/// is -1 when not given.
bool splitListener(const std::string& text, std::string* address, i32* fd);

/// Log file of bls-runtime for a module path: `<file name up to its first dot>.log`, or
/// `runtime.log` without a dot.
std::string logNameFor(const std::string& file);

}  // namespace bls::cli
