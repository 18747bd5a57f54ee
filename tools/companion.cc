// Finding the other program through /proc: the name this one was started by may be a link.
#include "tools/companion.h"

#include <cstring>

#include "runtime/abilities.h"
#include "runtime/input_kind.h"

#if !defined(__wasi__)
#include <unistd.h>

#include <climits>
#endif

namespace bls::tools {
namespace {

constexpr char kHandover[] = "--bls-started=";

#if !defined(__wasi__)
// Where this program is, with another name at the end; empty when the system does not say.
std::string besideThis(const char* name) {
  char path[PATH_MAX];
  const ssize_t size = readlink("/proc/self/exe", path, sizeof path);
  if (size <= 0 || size == static_cast<ssize_t>(sizeof path)) return {};
  std::string out(path, static_cast<size_t>(size));
  return out.substr(0, out.rfind('/') + 1) + name;
}
#endif

}  // namespace

void becomeCompanion([[maybe_unused]] const char* name, [[maybe_unused]] std::vector<char*> words) {
#if !defined(__wasi__)
  const std::string program = besideThis(name);
  words.push_back(nullptr);
  if (!program.empty()) execv(program.c_str(), words.data());
#endif
}

bool needsFullProgram(const ParsedOptions& options) {
  if (abilities() != nullptr || options.positionals.empty()) return false;
  return options.has(OptionId::V86) ||
         cli::inputKindOf(options.positionals[0]) != cli::InputKind::Module;
}

int becomeFullProgram(Invocation& call) {
#if !defined(__wasi__)
  // A node passes on variables that the author of a request has chosen. The static program loads
  // nothing by them, so neither may the one that is not.
  for (const char* name :
       {"LD_PRELOAD", "LD_LIBRARY_PATH", "LD_AUDIT", "LD_DEBUG_OUTPUT", "GLIBC_TUNABLES",
        "GCONV_PATH", "OPENSSL_CONF", "OPENSSL_MODULES", "OPENSSL_ENGINES"}) {
    unsetenv(name);
  }
#endif
  std::string handover = kHandover + std::to_string(call.startNs);
  std::vector<char*> words(call.words.begin(), call.words.end());
  words.insert(words.begin() + 1, handover.data());
  becomeCompanion("bls-full", std::move(words));
#if defined(__wasi__)
  call.console.problem(
      "error: unsupported: configuration files, archives and what this module imports are not for "
      "the wasm build");
#else
  call.console.problem(
      "error: unsupported: configuration files, archives and extensions need the program bls-full, "
      "and there is none that can be started beside this one; copy it there too");
#endif
  return cli::kExitFailure;
}

void takeHandover(int* argc, char** argv, u64 nowNs, u64* startNs) {
  *startNs = nowNs;
  constexpr size_t kLength = sizeof kHandover - 1;
  if (*argc < 2 || std::strncmp(argv[1], kHandover, kLength) != 0) return;
  u64 started = 0;
  if (parseU64(argv[1] + kLength, &started) && started <= nowNs) *startNs = started;
  for (int i = 1; i < *argc; ++i) argv[i] = argv[i + 1];  // the null at the end too
  --*argc;
}

}  // namespace bls::tools
