// The command core of the verbs around the text format and scripts: `bls wast`, `bls wasm`, `bls
// wat`, `bls objdump`. Each function returns an exit status and writes to a Console only.
#pragma once

#include <string>
#include <vector>

#include "runtime/console.h"
#include "runtime/script_runner.h"

namespace bls::cli {

struct ScriptRequest {
  std::vector<std::string> files;
  embed::ScriptConfig config;
  bool json = false;
};
/// Runs scripts; counts per command kind on `out`, failing commands on `err`. 0 when all passed.
int runScripts(const ScriptRequest& request, Console& console);

struct ConvertRequest {
  std::string file;    // text or binary, `-` is standard input
  std::string output;  // empty: standard output
  Features features;
  bool names = true;    // bls wasm: keep symbolic names in a name section
  bool folded = false;  // bls wat
};
/// Text → binary. A binary module passes unchanged, after a check.
int assembleFile(const ConvertRequest& request, Console& console);
/// Binary → text.
int printFile(const ConvertRequest& request, Console& console);
/// Sections, and every function's instructions with offsets and bytes.
int dumpFile(const std::string& file, const Features& features, bool json, Console& console);

}  // namespace bls::cli
