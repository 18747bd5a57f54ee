// `bls extensions list|info|verify`: for operators, what guests can import beyond WASI here.
#include "runtime/abilities.h"
#include "runtime/config_input.h"
#include "runtime/extension_pages.h"
#include "runtime/run_request.h"
#include "tools/companion.h"

namespace bls::tools {
namespace {

// The settings that a run would get from these options and this configuration file.
int settingsOf(Invocation& call, const ParsedOptions& options, extensions::Settings* out) {
  std::string why;
  if (options.positionals.size() > 1) {
    ParsedOptions file = options;
    file.positionals.erase(file.positionals.begin());
    cli::ConfigFile config;
    const int status = cli::loadConfig(file, OptionPlace::Extensions, call.console, &config);
    if (status != 0) return status;
    cli::applyConfig(config, &file);
    return cli::extensionSettings(file, &config, out, &why) ? 0 : usageError(call, why);
  }
  return cli::extensionSettings(options, nullptr, out, &why) ? 0 : usageError(call, why);
}

}  // namespace

int cmdExtensions(Invocation& call) {
  // All of them are in the program beside this one. Without it, what is here is said.
  if (abilities() == nullptr) becomeCompanion("bls-full", {call.words.begin(), call.words.end()});
  ParsedOptions options;
  int status = 0;
  if (!parseOrExplain(call, OptionPlace::Extensions, extensionsHelp, &options, &status))
    return status;
  options.positionals.insert(options.positionals.end(), options.rest.begin(), options.rest.end());
  const bool json = options.has(OptionId::Json);
  const size_t words = options.positionals.size();
  const std::string_view what = words == 0 ? "list" : options.positionals[0];
  if (what == "info" && words == 2)
    return cli::describeExtension(options.positionals[1], json, call.console);
  if ((what != "list" && what != "verify") || words > 2)
    return usageError(
        call, "bls extensions takes list, info MODULE or verify; example: bls extensions list");
  extensions::Settings settings;
  status = settingsOf(call, options, &settings);
  if (status != 0) return status;
  return what == "list" ? cli::listExtensions(settings, json, call.console)
                        : cli::verifyExtensions(settings, json, call.console);
}

}  // namespace bls::tools
