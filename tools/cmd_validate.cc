// `bls validate FILE...`: is this a valid module?
#include "tools/commands.h"

namespace bls::tools {

int cmdValidate(Invocation& call) {
  ParsedOptions options;
  int status = 0;
  if (!parseOrExplain(call, OptionPlace::Validate, validateHelp, &options, &status)) return status;
  options.positionals.insert(options.positionals.end(), options.rest.begin(), options.rest.end());
  if (options.positionals.empty())
    return usageError(call, "no module given; example: bls validate hello.wasm");
  cli::ValidateRequest request;
  std::string why;
  if (options.has(OptionId::Features) &&
      !cli::parseFeatures(options.text(OptionId::Features), &request.engine.features, &why)) {
    return usageError(call, why);
  }
  request.engine.threads = static_cast<u32>(options.number(OptionId::Threads, 0));
  request.repeat = options.number(OptionId::Repeat, 1);
  request.json = options.has(OptionId::Json);
  for (const char* file : options.positionals) {
    request.file = file;
    int one = cli::validateFile(request, call.console);
    if (one != 0) status = one;
  }
  return status;
}

}  // namespace bls::tools
