// `bls explain FILE`: becomes the program bls-explain beside this one, which holds the
// disassembler.
#include "tools/commands.h"

#if !defined(__wasi__)
#include <unistd.h>

#include <climits>
#endif

namespace bls::tools {
namespace {

#if !defined(__wasi__)
// Where this program is, with another name at the end; empty when the system does not say.
std::string besideThis(const char* name) {
  char path[PATH_MAX];
  const ssize_t size = readlink("/proc/self/exe", path, sizeof path);
  if (size <= 0 || size == static_cast<ssize_t>(sizeof path)) return {};
  std::string out(path, static_cast<size_t>(size));
  return out.substr(0, out.rfind('/') + 1) + name;
}

void become(const std::string& program, Invocation& call) {
  std::vector<char*> words{const_cast<char*>("bls-explain")};
  words.insert(words.end(), call.args.begin(), call.args.end());
  words.push_back(nullptr);
  if (!program.empty()) execv(program.c_str(), words.data());
}
#endif

}  // namespace

int cmdExplain(Invocation& call) {
  ParsedOptions options;
  int status = 0;
  if (!parseOrExplain(call, OptionPlace::Explain, explainHelp, &options, &status)) return status;
#if !defined(__wasi__)
  become(besideThis("bls-explain"), call);
#endif
  call.console.problem(
      "error: unsupported: there is no program bls-explain beside bls; it is built where the "
      "package libzydis-dev is");
  return cli::kExitFailure;
}

}  // namespace bls::tools
