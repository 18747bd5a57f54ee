// `bls wat FILE`: binary to text format.
#include "tools/convert_options.h"

namespace bls::tools {

int cmdWat(Invocation& call) {
  ParsedOptions options;
  cli::ConvertRequest request;
  int status = 0;
  if (!parseConversion(call, OptionPlace::Wat, watHelp,
                       "one module at a time; example: bls wat hello.wasm", &options, &request,
                       &status)) {
    return status;
  }
  if (options.has(OptionId::Output)) request.output = options.text(OptionId::Output);
  request.folded = options.has(OptionId::Folded);
  return cli::printFile(request, call.console);
}

}  // namespace bls::tools
