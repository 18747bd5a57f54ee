// `bls wat FILE`: binary to text format.
#include "runtime/cli_text.h"
#include "tools/commands.h"

namespace bls::tools {

int cmdWat(Invocation& call) {
  ParsedOptions options;
  int status = 0;
  if (!parseOrExplain(call, OptionPlace::Wat, watHelp, &options, &status)) return status;
  options.positionals.insert(options.positionals.end(), options.rest.begin(), options.rest.end());
  if (options.positionals.size() != 1)
    return usageError(call, "one module at a time; example: bls wat hello.wasm");
  cli::ConvertRequest request;
  std::string why;
  if (options.has(OptionId::Features) &&
      !cli::parseFeatures(options.text(OptionId::Features), &request.features, &why)) {
    return usageError(call, why);
  }
  request.file = options.positionals[0];
  if (options.has(OptionId::Output)) request.output = options.text(OptionId::Output);
  request.folded = options.has(OptionId::Folded);
  return cli::printFile(request, call.console);
}

}  // namespace bls::tools
