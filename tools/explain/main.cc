// `bls-explain`: what `bls explain FILE` becomes. The options are those of the verb.
#include <csignal>
#include <cstdlib>
#include <string_view>

#include "engine/base/cpu.h"
#include "tools/commands.h"
#include "tools/explain/explain.h"

namespace bls::tools {
namespace {

bool parseCpu(std::string_view list, u32* out, std::string* why) {
  *out = 0;
  while (!list.empty() && list != "none") {
    const std::string_view word = list.substr(0, list.find(','));
    list.remove_prefix(std::min(word.size() + 1, list.size()));
    u32 bit = 0;
#define BLS_CPU_ROW(arch, name, text) \
  if (word == text) bit = platform::cpuBit(platform::Cpu::name);
    BLS_CPU_FEATURES(BLS_CPU_ROW)
#undef BLS_CPU_ROW
    if (bit == 0) {
      *why = "unknown CPU feature '" + escapeForMessage(std::string(word), 100) +
             "'; example: --cpu sse4.1,popcnt";
      return false;
    }
    *out |= bit;
  }
  return true;
}

bool makeRequest(const ParsedOptions& options, ExplainRequest* out, std::string* why) {
  if (options.has(OptionId::Features) &&
      !cli::parseFeatures(options.text(OptionId::Features), &out->engine.features, why)) {
    return false;
  }
  if (!cli::engineChoices(options, &out->engine, why)) return false;
  out->engine.metered = options.has(OptionId::Metered);
  out->engine.deterministic = options.has(OptionId::Deterministic);
  if (options.text(OptionId::FuelSchedule) == std::string_view("wt-next")) {
    out->engine.fuelSchedule = embed::FuelSchedule::WtNext;
  }
  const std::string_view show = options.text(OptionId::Show);
  out->cells = show != "baseline";
  out->code = show != "interp";
  out->json = options.has(OptionId::Json);
  if (options.has(OptionId::Func)) out->func = options.text(OptionId::Func);
  out->cpu = platform::cpuFeatures();
  return !options.has(OptionId::Cpu) || parseCpu(options.text(OptionId::Cpu), &out->cpu, why);
}

int refused(const Diagnostics& diag, const ExplainRequest& request, Invocation& call) {
  call.console.problem(cli::withAdvice(embed::Failure::of(*diag.first()), request.file));
  return diag.first()->cls == ErrorClass::Config ? cli::kExitUsage : cli::kExitFailure;
}

int explain(const ExplainRequest& request, Invocation& call) {
  Diagnostics diag;
  Explainer explainer(request);
  if (!explainer.open(diag).ok()) return refused(diag, request, call);
  bool first = true;
  if (request.json) call.console.out("{\"functions\":[");
  for (u32 func : explainer.functions()) {
    FunctionReport report;
    if (!explainer.explain(func, diag, &report).ok()) return refused(diag, request, call);
    std::string text;
    if (request.json) {
      cli::JsonText json;
      printJson(report, request, &json);
      text = (first ? "" : ",\n") + json.text();
    } else {
      if (!first) text = "\n";
      printText(report, request, &text);
    }
    first = false;
    call.console.out(text);
  }
  if (request.json) call.console.out("]}\n");
  return 0;
}

int run(Invocation& call) {
  ParsedOptions options;
  int status = 0;
  if (!parseOrExplain(call, OptionPlace::Explain, explainHelp, &options, &status)) return status;
  options.positionals.insert(options.positionals.end(), options.rest.begin(), options.rest.end());
  if (options.positionals.size() != 1) {
    return usageError(call, "one module at a time; example: bls explain hello.wasm --func main");
  }
  ExplainRequest request;
  std::string why;
  if (!makeRequest(options, &request, &why)) return usageError(call, why);
  request.file = options.positionals[0];
  return explain(request, call);
}

}  // namespace
}  // namespace bls::tools

int main(int argc, char** argv) {
  using namespace bls;
  tools::Invocation call{{}, cli::Console::standard(), cli::nowNs()};
  std::signal(SIGPIPE, SIG_IGN);
  if (argc > 1) call.args = {argv + 1, static_cast<size_t>(argc - 1)};
  std::_Exit(tools::run(call));
}
