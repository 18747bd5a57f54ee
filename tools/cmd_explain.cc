// `bls explain FILE`: becomes the program bls-explain beside this one, which holds the
// disassembler.
#include "tools/companion.h"

namespace bls::tools {

int cmdExplain(Invocation& call) {
  ParsedOptions options;
  int status = 0;
  if (!parseOrExplain(call, OptionPlace::Explain, explainHelp, &options, &status)) return status;
  std::vector<char*> words{const_cast<char*>("bls-explain")};
  words.insert(words.end(), call.args.begin(), call.args.end());
  becomeCompanion("bls-explain", std::move(words));
  call.console.problem(
      "error: unsupported: there is no program bls-explain beside bls; it is built where the "
      "package libzydis-dev is");
  return cli::kExitFailure;
}

}  // namespace bls::tools
