// `bls wast`: scripts and their counts.
#include "runtime/cli.h"
#include "runtime/cli_text.h"
#include "runtime/json_text.h"
#include "runtime/load.h"

namespace bls::cli {
namespace {

using embed::ScriptFailure;
using embed::ScriptReport;
using text::CommandKind;

void counts(JsonText& json, const char* key, const u32 (&of)[text::kCommandKinds]) {
  json.key(key).open('{');
  for (u32 i = 0; i < text::kCommandKinds; ++i) {
    if (of[i] != 0) json.key(commandKindName(static_cast<CommandKind>(i))).number(of[i]);
  }
  json.close('}');
}

void list(JsonText& json, const char* key, const std::vector<ScriptFailure>& of) {
  json.key(key).open('[');
  for (const ScriptFailure& one : of) {
    json.open('{').key("line").number(one.line).key("kind").string(commandKindName(one.kind));
    json.key("message").string(one.message).close('}');
  }
  json.close(']');
}

void report(JsonText& json, const std::string& file, const ScriptReport& result) {
  json.open('{').key("file").string(file);
  if (!result.error.empty()) json.key("error").string(result.error);
  counts(json, "run", result.run);
  counts(json, "failed", result.failed);
  list(json, "failures", result.failures);
  list(json, "wording", result.wording);
  json.close('}');
}

std::string kindTable(const ScriptReport& total) {
  std::string out;
  for (u32 i = 0; i < text::kCommandKinds; ++i) {
    if (total.run[i] == 0) continue;
    std::string line = std::string("  ") + commandKindName(static_cast<CommandKind>(i));
    line.resize(28, ' ');
    line += std::to_string(total.run[i] - total.failed[i]) + " passed, " +
            std::to_string(total.failed[i]) + " failed";
    out += line + "\n";
  }
  return out;
}

void add(ScriptReport& total, const ScriptReport& one) {
  for (u32 i = 0; i < text::kCommandKinds; ++i) {
    total.run[i] += one.run[i];
    total.failed[i] += one.failed[i];
  }
}

}  // namespace

int runScripts(const ScriptRequest& request, Console& console) {
  JsonText json;
  json.open('[');
  ScriptReport total;
  bool unread = false;
  const auto stack = makeStackRoom(request.config.engine, StoreLimits().slotStackBytes);
  if (!stack.ok()) {
    console.problem(withAdvice(stack.failure(), request.files[0]));
    return kExitConfig;
  }
  for (const std::string& file : request.files) {
    Diagnostics diag;
    ModuleBytes bytes;
    ScriptReport result;
    Status status =
        embed::readModuleFile(file.c_str(), request.config.engine.maxModuleBytes, diag, &bytes);
    if (status.ok()) {
      result = embed::runScript({bytes.span().begin(), bytes.span().end()}, request.config);
    } else {
      result.error = status.error()->format("");
    }
    add(total, result);
    unread |= !result.error.empty();
    if (request.json) {
      report(json, file, result);
      continue;
    }
    std::string name = escapeForMessage(file);
    if (!result.error.empty()) console.problem(result.error + " [" + name + "]");
    for (const ScriptFailure& one : result.failures) {
      console.problem("error: " + name + ":" + std::to_string(one.line) + ": " +
                      commandKindName(one.kind) + ": " + escapeForMessage(one.message, 400));
    }
  }
  if (request.json) {
    console.out(json.close(']').text() + "\n");
  } else {
    console.out(kindTable(total));
    console.out(std::to_string(request.files.size()) + " files, " + std::to_string(total.total()) +
                " commands, " + std::to_string(total.totalFailed()) + " failed\n");
  }
  return unread || total.totalFailed() != 0 ? kExitFailure : 0;
}

}  // namespace bls::cli
