// The common part of the verbs that translate one module.
#include "tools/convert_options.h"

namespace bls::tools {

bool parseConversion(Invocation& call, OptionPlace place, std::string (*help)(),
                     const char* oneFile, ParsedOptions* options, cli::ConvertRequest* request,
                     int* status) {
  if (!parseOrExplain(call, place, help, options, status)) return false;
  options->positionals.insert(options->positionals.end(), options->rest.begin(),
                              options->rest.end());
  if (options->positionals.size() != 1) {
    *status = usageError(call, oneFile);
    return false;
  }
  std::string why;
  if (options->has(OptionId::Features) &&
      !cli::parseFeatures(options->text(OptionId::Features), &request->features, &why)) {
    *status = usageError(call, why);
    return false;
  }
  request->file = options->positionals[0];
  return true;
}

}  // namespace bls::tools
