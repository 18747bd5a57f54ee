// `bls objdump FILE`: sections and instructions with their offsets.
#include "runtime/cli_text.h"
#include "tools/commands.h"

namespace bls::tools {

int cmdObjdump(Invocation& call) {
  ParsedOptions options;
  int status = 0;
  if (!parseOrExplain(call, OptionPlace::Objdump, objdumpHelp, &options, &status)) return status;
  options.positionals.insert(options.positionals.end(), options.rest.begin(), options.rest.end());
  if (options.positionals.size() != 1)
    return usageError(call, "one module at a time; example: bls objdump hello.wasm");
  cli::ConvertRequest request;
  std::string why;
  if (options.has(OptionId::Features) &&
      !cli::parseFeatures(options.text(OptionId::Features), &request.features, &why)) {
    return usageError(call, why);
  }
  request.file = options.positionals[0];
  return cli::dumpFile(request.file, request.features, options.has(OptionId::Json), call.console);
}

}  // namespace bls::tools
