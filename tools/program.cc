// What bls, bls-runtime and bls-full have in common: picks the verb and ends the process. One verb
// a file: cmd_*.cc.
//
// Start-up does nothing that a verb does not need; the end does nothing the system does not do by
// itself.
#include "tools/program.h"
#include "runtime/descriptors.h"
#include "runtime/run_log.h"

#if !defined(__wasi__)
#include <csignal>
#endif
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <new>

#include "tools/commands.h"

namespace bls::tools {
namespace {

struct Verb {
  const char* name;
  Command run;
};

constexpr Verb kVerbs[] = {
    {"run", cmdRun},
    {"validate", cmdValidate},
    {"inspect", cmdInspect},
    {"wat", cmdWat},
    {"objdump", cmdObjdump},
    {"wasm", cmdWasm},
    {"wast", cmdWast},
    {"explain", cmdExplain},
    {"help", cmdHelp},
    {"version", cmdVersion},
    {"completion", cmdCompletion},
    {"doctor", cmdDoctor},
    {"extensions", cmdExtensions},
};

bool isRuntimeName(const char* path) {
  const char* slash = std::strrchr(path, '/');
  const char* name = slash == nullptr ? path : slash + 1;
  return std::strcmp(name, "bls-runtime") == 0 || std::strcmp(name, "blockless-cli") == 0;
}

int unknownVerb(const char* typed, Invocation& call) {
  const char* names[std::size(kVerbs)];
  for (size_t i = 0; i < std::size(kVerbs); ++i) names[i] = kVerbs[i].name;
  const char* close = closestWord(typed, names);
  std::string line =
      "error: config: unknown command '" + escapeForMessage(std::string(typed), 100) + "'";
  line += close != nullptr ? std::string("; did you mean 'bls ") + close + "'?"
                           : "; try 'bls run FILE', or 'bls help' for all commands";
  call.console.problem(line);
  return cli::kExitUsage;
}

int dispatch(int argc, char** argv, Invocation& call) {
  call.words = {argv, static_cast<size_t>(argc)};
  if (argc > 0 && isRuntimeName(argv[0])) {
    call.args = {argv + 1, static_cast<size_t>(argc - 1)};
    return cmdRuntime(call);
  }
  if (argc < 2) {
    call.console.err(overview());
    return cli::kExitUsage;
  }
  call.args = {argv + 2, static_cast<size_t>(argc - 2)};
  const char* verb = argv[1];
  if (std::strcmp(verb, "--help") == 0 || std::strcmp(verb, "-h") == 0) return cmdHelp(call);
  if (std::strcmp(verb, "--version") == 0 || std::strcmp(verb, "-V") == 0) return cmdVersion(call);
  for (const Verb& known : kVerbs) {
    if (std::strcmp(verb, known.name) == 0) return known.run(call);
  }
  return unknownVerb(verb, call);
}

// Memory that a guest sizes is allocated fallibly elsewhere; for the rest this is the end (threat
// model LIM-7).
void outOfMemory() {
  static std::atomic_flag entered = ATOMIC_FLAG_INIT;
  if (entered.test_and_set()) std::_Exit(cli::kExitFailure);  // not even for the words
  cli::Console::standard().err("error: internal: out of memory\n");
  cli::sayCrashed("error: internal: out of memory");
  std::_Exit(cli::kExitFailure);
}

}  // namespace

void runProgram(int argc, char** argv, u64 startNs) {
  cli::noteInherited();
  Invocation call{{}, cli::Console::standard(), startNs, {}};
  std::set_new_handler(outOfMemory);
#if !defined(__wasi__)
  std::signal(SIGPIPE, SIG_IGN);  // a closed pipe is an error of the write
#endif
  std::_Exit(dispatch(argc, argv, call));
}

}  // namespace bls::tools

#if defined(__GLIBCXX__)
// What libstdc++ calls when an exception leaves the program, which ours never do. Its own version
// would link the demangler, whose tables are relocated at every start. An internal failure is a
// line and a status, never a signal.
namespace __gnu_cxx {
void __verbose_terminate_handler() {
  const std::string line =
      "error: internal: an exception was not caught; this is a bug in bless, please report it";
  bls::cli::Console::standard().err(line + "\n");
  bls::cli::sayCrashed(line);
  std::_Exit(bls::cli::kExitFailure);
}
}  // namespace __gnu_cxx
#endif
