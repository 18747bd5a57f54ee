// `bls wasm FILE`: text format to binary.
#include "tools/convert_options.h"

namespace bls::tools {

int cmdWasm(Invocation& call) {
  ParsedOptions options;
  cli::ConvertRequest request;
  int status = 0;
  if (!parseConversion(call, OptionPlace::Wasm, wasmHelp,
                       "one module is translated at a time; example: bls wasm hello.wat", &options,
                       &request, &status)) {
    return status;
  }
  if (options.has(OptionId::Output)) request.output = options.text(OptionId::Output);
  request.names = !options.has(OptionId::NoNames);
  return cli::assembleFile(request, call.console);
}

}  // namespace bls::tools
