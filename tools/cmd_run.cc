// `bls run FILE [-- args]` and `bls-runtime FILE [args]`: the same command with two sets of rules.
#include <cstdlib>

#include "runtime/car_input.h"
#include "runtime/config_input.h"
#include "runtime/deadline.h"
#include "runtime/input_kind.h"
#include "runtime/tuning.h"
#include "tools/companion.h"

namespace bls::tools {
namespace {

int runWith(Invocation& call, OptionPlace place, ParsedOptions& options) {
  cli::RunRequest request;
  cli::ConfigFile config;
  std::string why;
  for (const char* pairs : options.list(OptionId::Optimize)) {
    if (std::string_view(pairs) != "help") continue;
    call.console.out(cli::tuningHelp());
    return 0;
  }
  if (needsFullProgram(options)) return becomeFullProgram(call);
  const cli::InputKind kind = options.positionals.empty()
                                  ? cli::InputKind::Module
                                  : cli::inputKindOf(options.positionals[0]);
  const bool given = kind != cli::InputKind::Module;
  if (options.has(OptionId::V86) && !options.positionals.empty())
    return cli::runV86(options, place, call.console);
  // The limit counts from the start of the process: reading and extracting are within it.
  Deadline loading;
  if (given && options.has(OptionId::RunTime)) {
    const auto expired = [](void* console) -> u64 {
      static_cast<cli::Console*>(console)->problem(std::string("trap: ") +
                                                   trapText(Trap::TimeLimit));
      std::_Exit(cli::kExitTimeLimit);
    };
    loading.arm(call.startNs + options.number(OptionId::RunTime, 0) * 1000000, expired,
                &call.console);
  }
  if (given) {
    const int status = kind == cli::InputKind::Car
                           ? cli::loadArchive(options, place, call.console, &config)
                           : cli::loadConfig(options, place, call.console, &config);
    if (status != 0) return status;
    cli::applyConfig(config, &options);
  }
  if (!cli::makeRunRequest(options, place, &request, &why, given ? &config : nullptr))
    return usageError(call, why);
  loading.disarm();
  request.startNs = call.startNs;
  request.ownsProcess = true;
  request.becomeFull = [&call] { return becomeFullProgram(call); };
  std::unique_ptr<cli::RunState> state;
  int status = cli::runModule(std::move(request), call.console, &state);
  // The process ends: tearing down would only cost time.
  [[maybe_unused]] auto* kept = state.release();
  return status;
}

}  // namespace

int cmdRun(Invocation& call) {
  ParsedOptions options;
  int status = 0;
  if (!parseOrExplain(call, OptionPlace::Run, [] { return runHelp(true); }, &options, &status))
    return status;
  return runWith(call, OptionPlace::Run, options);
}

int cmdRuntime(Invocation& call) {
  ParsedOptions options;
  int status = 0;
  if (call.args.empty()) {
    call.console.err(runtimeHelp());
    return cli::kExitUsage;
  }
  if (!parseOrExplain(call, OptionPlace::Runtime, runtimeHelp, &options, &status)) return status;
  if (options.version) {
    call.console.out(std::string("bls-runtime v") + cli::versionNumber() + "\n");
    return 0;
  }
  return runWith(call, OptionPlace::Runtime, options);
}

}  // namespace bls::tools
