// `bls inspect FILE`: imports, exports, memories, features, sections.
#include "tools/commands.h"

namespace bls::tools {

int cmdInspect(Invocation& call) {
  ParsedOptions options;
  int status = 0;
  if (!parseOrExplain(call, OptionPlace::Inspect, inspectHelp, &options, &status)) return status;
  options.positionals.insert(options.positionals.end(), options.rest.begin(), options.rest.end());
  if (options.positionals.size() != 1)
    return usageError(call, "one module is inspected at a time; example: bls inspect hello.wasm");
  Features features;
  std::string why;
  if (options.has(OptionId::Features) &&
      !cli::parseFeatures(options.text(OptionId::Features), &features, &why)) {
    return usageError(call, why);
  }
  return cli::inspectFile(options.positionals[0], features, options.has(OptionId::Json),
                          call.console);
}

}  // namespace bls::tools
