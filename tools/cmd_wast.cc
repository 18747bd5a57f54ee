// `bls wast FILE...`: runs scripts of the spec suite.
#include "runtime/cli_text.h"
#include "tools/commands.h"

namespace bls::tools {

int cmdWast(Invocation& call) {
  ParsedOptions options;
  int status = 0;
  if (!parseOrExplain(call, OptionPlace::Wast, wastHelp, &options, &status)) return status;
  options.positionals.insert(options.positionals.end(), options.rest.begin(), options.rest.end());
  if (options.positionals.empty())
    return usageError(call, "no script given; example: bls wast i32.wast");
  cli::ScriptRequest request;
  std::string why;
  embed::EngineConfig& engine = request.config.engine;
  if (options.has(OptionId::Features) &&
      !cli::parseFeatures(options.text(OptionId::Features), &engine.features, &why)) {
    return usageError(call, why);
  }
  if (!cli::engineChoices(options, &engine, &why)) return usageError(call, why);
  request.files.assign(options.positionals.begin(), options.positionals.end());
  request.config.roundTrip = options.has(OptionId::RoundTrip);
  request.json = options.has(OptionId::Json);
  return cli::runScripts(request, call.console);
}

}  // namespace bls::tools
