#include "extensions/llm/session.h"

#include <ctime>

#include "engine/base/status.h"
#include "extensions/llm/download.h"
#include "extensions/llm/mcp.h"

namespace bls::llm {
namespace {

using extensions::Json;
using extensions::LogLevel;
using extensions::member;
using extensions::memberText;
using net::HttpError;

constexpr const char* kSetModel = "llm_set_model";
constexpr const char* kSetOptions = "llm_set_model_options";
constexpr const char* kReadPrompt = "llm_read_prompt_response";
constexpr size_t kMessageCost = 64;

std::string shown(const std::string& text) { return "\"" + escapeForMessage(text, 100) + "\""; }

// The call of a tool that an answer holds, from its first brace to its last. False: none.
bool toolCall(const std::string& answer, std::string* name, std::string* arguments) {
  const size_t from = answer.find('{');
  const size_t to = answer.rfind('}');
  if (from == answer.npos || to == answer.npos || to < from) return false;
  Json call;
  std::string why;
  if (!extensions::readJson(std::string_view(answer).substr(from, to - from + 1), &call, &why))
    return false;
  const std::string* called = memberText(call, "name");
  const Json* given = member(call, "arguments");
  if (called == nullptr || given == nullptr) return false;
  *name = *called;
  *arguments = extensions::jsonText(*given);
  return true;
}

}  // namespace

Code Session::fail(Code code, const std::string& line) const {
  workshop_.services.log(LogLevel::Error, line);
  return code;
}

Code Session::start(ExecCtx* cx) {
  const extensions::Services& services = workshop_.services;
  const std::string& folder = services.settings->modelFolder;
  if (services.gate == nullptr || !services.gate->permitRunModel(cx, model_.name, kSetModel))
    return fail(Code::PermissionDenied, "Permission Deny");
  if (folder.empty())
    return fail(Code::InitializationFailed, "the model is not started: there is no model folder");
  std::string why;
  if (!haveModel(folder, model_)) {
    const HttpError error = downloadModel(cx, *workshop_.client, folder, model_, kSetModel, &why);
    if (error == HttpError::Denied) return fail(Code::PermissionDenied, "Permission Deny: " + why);
    if (error != HttpError::None)
      return fail(Code::InitializationFailed,
                  "the model " + shown(model_.name) + " cannot be downloaded: " + why);
  }
  const ServerEnd end = server_.start(cx, *services.helper, model_.file, &why);
  if (end == ServerEnd::Interrupted) return Code::Runtime;
  if (end != ServerEnd::Done)
    return fail(Code::InitializationFailed,
                "the model " + shown(model_.name) + " cannot be started: " + why);
  return Code::Success;
}

Code Session::setOptions(ExecCtx* cx, Options options) {
  std::map<std::string, std::string> tools;
  std::string list;
  const std::vector<std::string> none;
  for (const std::string& url : options.toolUrls ? *options.toolUrls : none) {
    std::vector<Json> found;
    std::string why;
    McpSession mcp(*workshop_.client, kSetOptions);
    HttpError error = mcp.open(cx, url, &why);
    if (error == HttpError::None) error = mcp.listTools(cx, &found, &why);
    if (error == HttpError::Interrupted) return Code::Runtime;
    if (error == HttpError::Denied) return fail(Code::PermissionDenied, "Permission Deny: " + why);
    if (error != HttpError::None)
      workshop_.services.log(LogLevel::Warn,
                             "the tools of " + shown(url) + " are left out: " + why);
    for (const Json& tool : found) {
      // Of equal names the first counts.
      if (!tools.emplace(*memberText(tool, "name"), url).second) continue;
      list += (list.empty() ? "[" : ",") + extensions::jsonText(tool);
    }
  }
  if (!list.empty()) list += "]";
  std::string prompt = systemPrompt(options, list, std::time(nullptr));
  if (prompt.size() > kMostText / 2) return fail(Code::Runtime, "the system prompt is too long");
  options_ = std::move(options);
  tools_ = std::move(tools);
  messages_.clear();
  bytes_ = 0;
  add("system", std::move(prompt));
  return Code::Success;
}

bool Session::add(const char* role, std::string text) {
  const size_t cost = text.size() + kMessageCost;
  if (cost > kMostText - bytes_) return false;
  bytes_ += cost;
  messages_.push_back({role, std::move(text)});
  return true;
}

Code Session::addPrompt(std::string text) {
  return add("user", std::move(text)) ? Code::Success
                                      : fail(Code::Runtime, "the conversation is too long");
}

Code Session::complete(ExecCtx* cx, std::string* out) {
  Json messages = Json::array();
  for (const Message& message : messages_)
    messages.push_back({{"role", message.role}, {"content", message.text}});
  const Json request{{"model", model_.name}, {"messages", std::move(messages)}};
  i32 status = 0;
  std::string text;
  std::string why;
  const ServerEnd end =
      server_.post(cx, "/v1/chat/completions", extensions::jsonText(request), &status, &text, &why);
  if (end == ServerEnd::Interrupted) return Code::Runtime;
  if (end != ServerEnd::Done) return fail(Code::CompletionFailed, "no completion: " + why);
  if (status < 200 || status >= 300)
    return fail(Code::CompletionFailed,
                "no completion: the model answers " + std::to_string(status));
  Json top;
  if (!extensions::readJson(text, &top, &why))
    return fail(Code::CompletionFailed, "no completion: " + why);
  const Json* choices = member(top, "choices");
  const Json* message = choices != nullptr && choices->is_array() && !choices->empty()
                            ? member((*choices)[0], "message")
                            : nullptr;
  const std::string* content = message != nullptr ? memberText(*message, "content") : nullptr;
  if (content == nullptr)
    return fail(Code::CompletionFailed, "no completion: the model gives no message");
  *out = *content;
  return add("assistant", *content) ? Code::Success
                                    : fail(Code::Runtime, "the conversation is too long");
}

Code Session::callTool(ExecCtx* cx, const std::string& name, const std::string& arguments,
                       std::string* out) {
  const auto known = tools_.find(name);
  if (known == tools_.end())
    return fail(Code::McpCall, "the model asks for a tool that is not known: " + shown(name));
  Json given;
  std::string why;
  if (!extensions::readJson(arguments, &given, &why)) return fail(Code::McpCall, why);
  McpSession mcp(*workshop_.client, kReadPrompt);
  HttpError error = mcp.open(cx, known->second, &why);
  if (error == HttpError::None) error = mcp.callTool(cx, name, given, out, &why);
  if (error == HttpError::Interrupted) return Code::Runtime;
  if (error == HttpError::Denied) return fail(Code::PermissionDenied, "Permission Deny: " + why);
  if (error != HttpError::None)
    return fail(Code::McpCall, "the tool " + shown(name) + " failed: " + why);
  return Code::Success;
}

Code Session::answer(ExecCtx* cx, std::string* out) {
  const Code code = complete(cx, out);
  std::string name;
  std::string arguments;
  if (code != Code::Success || tools_.empty() || !toolCall(*out, &name, &arguments)) return code;
  std::string result;
  if (const Code called = callTool(cx, name, arguments, &result); called != Code::Success)
    return called;
  if (!add("tool", std::move(result))) return fail(Code::Runtime, "the conversation is too long");
  return complete(cx, out);
}

Code Session::close(ExecCtx* cx) {
  const ServerEnd end = server_.close(cx);
  if (end == ServerEnd::Failed) return fail(Code::ShutdownFailed, "the model server does not end");
  return end == ServerEnd::Done ? Code::Success : Code::Runtime;
}

}  // namespace bls::llm
