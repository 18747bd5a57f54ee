// `bls wasm FILE`: text format to binary.
#include "runtime/cli_text.h"
#include "tools/commands.h"

namespace bls::tools {

int cmdWasm(Invocation& call) {
  ParsedOptions options;
  int status = 0;
  if (!parseOrExplain(call, OptionPlace::Wasm, wasmHelp, &options, &status)) return status;
  options.positionals.insert(options.positionals.end(), options.rest.begin(), options.rest.end());
  if (options.positionals.size() != 1)
    return usageError(call, "one module is translated at a time; example: bls wasm hello.wat");
  cli::ConvertRequest request;
  std::string why;
  if (options.has(OptionId::Features) &&
      !cli::parseFeatures(options.text(OptionId::Features), &request.features, &why)) {
    return usageError(call, why);
  }
  request.file = options.positionals[0];
  if (options.has(OptionId::Output)) request.output = options.text(OptionId::Output);
  request.names = !options.has(OptionId::NoNames);
  return cli::assembleFile(request, call.console);
}

}  // namespace bls::tools
