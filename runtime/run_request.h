// RunRequest: everything `bls run` and `bls-runtime` need to know, in the terms of the embedding
// API. Entry points: makeRunRequest (options → request), runModule (cli.h). Keeps no pointers into
// the argument vector's strings except `args`.
#pragma once

#include <string>
#include <vector>

#include "runtime/config.h"
#include "runtime/profile.h"
#include "runtime/run_permissions.h"
#include "runtime/runtime.h"
#include "wasi/context.h"

namespace bls::cli {

struct RunRequest {
  bool compatible = false;  // bls-runtime: its log file and exit-code rules
  std::string file;
  std::string entry = "_start";
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
  bool unknownImportsTrap = false;
  bool stats = false;
  Profile profile = Profile::None;
  bool statsJson = false;
  bool statsDigest = false;
  std::string logFile;  // empty: none
  u64 startNs = 0;      // platform::monotonicNs() at process start
};

/// What the options mean. False with `why` (a usage error, without `error:`) when they do not fit
/// together.
bool makeRunRequest(const ParsedOptions& options, OptionPlace place, RunRequest* out,
                    std::string* why);

/// `list` is names separated by commas: a feature or -feature, `all`, `profile-1.0`. False with
/// `why` for unknown names.
bool parseFeatures(const char* list, Features* out, std::string* why);

/// The choice of back end and memory strategy. False with `why` when --compile-only is no list of
/// ranges.
bool engineChoices(const ParsedOptions& options, embed::EngineConfig* out, std::string* why);

/// Log file of bls-runtime for a module path: `<file name up to its first dot>.log`, or
/// `runtime.log` without a dot.
std::string logNameFor(const std::string& file);

}  // namespace bls::cli
