// `bls run FILE [-- args]` and `bls-runtime FILE [args]`: the same command with two sets of rules.
#include "tools/companion.h"

namespace bls::tools {
namespace {

int runWith(Invocation& call, OptionPlace place, const ParsedOptions& options) {
  if (needsFullProgram(options)) return becomeFullProgram(call);
  cli::RunRequest request;
  std::string why;
  if (!cli::makeRunRequest(options, place, &request, &why)) return usageError(call, why);
  request.startNs = call.startNs;
  std::unique_ptr<cli::RunState> state;
  int status = cli::runModule(std::move(request), call.console, &state);
  (void)state.release();  // the process ends: tearing down would only cost time
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
