// The verbs of the programs. Each parses its options, calls the command core (runtime/cli.h) and
// returns the exit status.
#pragma once

#include <span>
#include <string>

#include "runtime/cli.h"
#include "runtime/option_pages.h"

namespace bls::tools {

struct Invocation {
  std::span<char* const> args;  // behind program name and verb
  cli::Console& console;
  u64 startNs;
  std::span<char* const> words = {};  // all words of the command line, the program's name first
};
using Command = int (*)(Invocation& call);

int cmdRun(Invocation& call);
int cmdRuntime(Invocation& call);
int cmdValidate(Invocation& call);
int cmdInspect(Invocation& call);
int cmdWast(Invocation& call);
int cmdWasm(Invocation& call);
int cmdWat(Invocation& call);
int cmdObjdump(Invocation& call);
int cmdExplain(Invocation& call);
int cmdHelp(Invocation& call);
int cmdCompletion(Invocation& call);
int cmdVersion(Invocation& call);
int cmdDoctor(Invocation& call);
int cmdExtensions(Invocation& call);

/// The commands, as help, completion and the pages list them.
std::span<const cli::VerbInfo> verbs();
/// The commands in a few lines.
std::string overview();
/// Help of one verb.
std::string runHelp(bool examples);
std::string runtimeHelp();
std::string validateHelp();
std::string inspectHelp();
std::string wastHelp();
std::string wasmHelp();
std::string watHelp();
std::string objdumpHelp();
std::string explainHelp();
std::string doctorHelp();
std::string extensionsHelp();

/// Parses for a place; prints errors and, for --help, `help` on standard output. True when the verb
/// should go on; else `status`.
bool parseOrExplain(Invocation& call, OptionPlace place, std::string (*help)(),
                    ParsedOptions* options, int* status);
/// `error: config: <what>` and the usage status.
int usageError(Invocation& call, const std::string& what);

}  // namespace bls::tools
