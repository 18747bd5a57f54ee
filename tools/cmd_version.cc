// `bls --version`: what this build is and can do.
#include "tools/commands.h"

namespace bls::tools {

int cmdVersion(Invocation& call) {
  call.console.out(cli::versionText());
  return 0;
}

}  // namespace bls::tools
