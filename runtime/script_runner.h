// ScriptRunner: runs the scripts of the spec suite (.wast) and judges every command. Entry point:
// runScript.
//
// Each script has a fresh store with the module `spectest` and an empty registry. The kind of
// outcome decides between passed and failed; for traps, exhaustion and linking the message counts
// as well, for malformed and invalid modules a different wording is only counted. A failing command
// never ends the script. Not for hostile scripts: a script may run forever.
#pragma once

#include <string>
#include <vector>

#include "engine/text/script.h"
#include "runtime/runtime.h"

namespace bls::embed {

struct ScriptConfig {
  EngineConfig engine;
  StoreLimits limits;
  bool roundTrip = false;  // print every valid module in both forms and read it back
};

struct ScriptFailure {
  u32 line = 0;
  text::CommandKind kind = text::CommandKind::Module;
  std::string message;
};

struct ScriptReport {
  std::string error;  // the script could not be read; nothing ran
  u32 run[text::kCommandKinds] = {};
  u32 failed[text::kCommandKinds] = {};
  std::vector<ScriptFailure> failures;  // in order
  std::vector<ScriptFailure> wording;   // passed, but the message is not the expected one

  u32 total() const;
  u32 totalFailed() const;
};

/// Runs the script in `source`.
ScriptReport runScript(std::string source, const ScriptConfig& config);

}  // namespace bls::embed
