// `bls objdump FILE`: sections and instructions with their offsets.
#include "tools/convert_options.h"

namespace bls::tools {

int cmdObjdump(Invocation& call) {
  ParsedOptions options;
  cli::ConvertRequest request;
  int status = 0;
  if (!parseConversion(call, OptionPlace::Objdump, objdumpHelp,
                       "one module at a time; example: bls objdump hello.wasm", &options, &request,
                       &status)) {
    return status;
  }
  return cli::dumpFile(request.file, request.features, options.has(OptionId::Json), call.console);
}

}  // namespace bls::tools
