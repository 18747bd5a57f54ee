// The command core: what the programs do, without argument vectors and process ends. Entry points:
// runModule, validateFile, inspectFile, versionText. Each returns an exit status and writes to a
// Console only; messages never go to its `out`.
#pragma once

#include <memory>
#include <string>

#include "runtime/console.h"
#include "runtime/run_request.h"

namespace bls::cli {

/// Exit statuses of our own (threat model section 5, item 7).
constexpr int kExitUsage = 2;
constexpr int kExitTimeLimit = 15;
constexpr int kExitMemoryOverLimit = 16;
constexpr int kExitConfig = 128;
constexpr int kExitFailure = 255;

/// What a run leaves behind; destroying it tears everything down, which a process that ends anyway
/// need not wait for.
struct RunState {
  virtual ~RunState() = default;
};

/// Loads, links and runs. Guest exit statuses pass through, except under the compatible rules (126
/// and more become 255).
int runModule(RunRequest request, Console& console, std::unique_ptr<RunState>* keep);

struct ValidateRequest {
  std::string file;
  embed::EngineConfig engine;
  u64 repeat = 1;
  bool json = false;
};
/// 0 when the module is valid. With repeat > 1 or json: one JSON line with the nanoseconds of each
/// pass on `out`.
int validateFile(const ValidateRequest& request, Console& console);

/// Imports, exports, memories, features and sections of a valid module.
int inspectFile(const std::string& file, const Features& features, bool json, Console& console);

/// Name and version, tiers, CPU features, fuel presets, WebAssembly features; several lines.
std::string versionText();
/// "0.1.0".
const char* versionNumber();

/// Monotonic nanoseconds, as RunRequest::startNs wants them.
u64 nowNs();

/// Gives the first thread's stack what compiled code may need under a slot budget. When the system
/// does not: a Config error.
embed::Expected<embed::Nothing> makeStackRoom(const embed::EngineConfig& config, u64 slotBytes);

/// An error with a word on what to try, where there is something.
std::string withAdvice(const embed::Failure& failure, const std::string& file);

}  // namespace bls::cli
