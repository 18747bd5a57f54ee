// `bls completion bash|zsh|fish`: a completion script made from the option table.
#include "tools/commands.h"

namespace bls::tools {

int cmdCompletion(Invocation& call) {
  const std::string shell = call.args.size() == 1 ? call.args[0] : "";
  if (shell == "--help" || shell == "-h") {
    call.console.out(
        "usage: bls completion bash|zsh|fish\n"
        "Prints a script that completes commands, options and values of bls and bls-runtime.\n"
        "  source <(bls completion bash)\n"
        "  bls completion zsh >\"${fpath[1]}/_bls\"\n"
        "  bls completion fish >~/.config/fish/completions/bls.fish\n");
    return 0;
  }
  const std::string script = cli::completionScript(shell, verbs());
  if (script.empty())
    return usageError(call, "which shell? example: bls completion bash (or zsh, fish)");
  call.console.out(script);
  return 0;
}

}  // namespace bls::tools
