// `bls doctor`: what this machine offers, and what protects it.
#include "runtime/doctor.h"
#include "tools/commands.h"

namespace bls::tools {

int cmdDoctor(Invocation& call) {
  ParsedOptions options;
  int status = 0;
  if (!parseOrExplain(call, OptionPlace::Doctor, doctorHelp, &options, &status)) return status;
  if (!options.positionals.empty() || !options.rest.empty())
    return usageError(call, "bls doctor takes no file; example: bls doctor --json");
  return cli::runDoctor(!options.has(OptionId::NoSandbox), options.has(OptionId::Json),
                        call.console);
}

}  // namespace bls::tools
