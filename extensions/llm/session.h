// One model that a guest talks to: its server, options, conversation and tools. Entry points:
// Session::start, setOptions, addPrompt, answer, close. Reference: hostcalls, section 10. Thread
// rule: one thread at a time; extensions::Using says which.
#pragma once

#include <atomic>
#include <map>
#include <string>
#include <vector>

#include "extensions/base/extension.h"
#include "extensions/llm/model.h"
#include "extensions/llm/options.h"
#include "extensions/llm/server.h"

namespace bls::llm {

/// Numeric results of every function of the module.
enum class Code : u32 {
  Success = 0,
  ModelNotSet = 1,
  ModelNotSupported = 2,
  InitializationFailed = 3,
  CompletionFailed = 4,
  OptionsNotSet = 5,
  ShutdownFailed = 6,
  Utf8 = 7,
  Runtime = 8,
  McpCall = 9,
  PermissionDenied = 10,
};

/// What a session works with; outlives it.
struct Workshop {
  extensions::Services services;
  net::HttpClient* client = nullptr;  // for what the guest names: downloads, tools
  net::HttpClient* own = nullptr;     // for our servers
};

/// Bytes of a conversation, and of any text from a guest.
constexpr size_t kMostText = size_t{16} << 20;

class Session {
 public:
  Session(const Workshop& workshop, Model model)
      : workshop_(workshop), model_(std::move(model)), server_(*workshop.own) {}

  // All of them: when the execution is to end, the result counts for nothing.

  /// Downloads the executable where it is not there yet, and starts it.
  Code start(ExecCtx* cx);
  /// Connects to the tool servers. Nothing changes unless it is Success.
  Code setOptions(ExecCtx* cx, Options options);
  Code addPrompt(std::string text);
  /// The model's answer to the conversation; after the call of a tool where it asks for one.
  Code answer(ExecCtx* cx, std::string* out);
  Code close(ExecCtx* cx);

  const Model& model() const { return model_; }
  const Options& options() const { return options_; }
  std::atomic<bool> busy{false};

 private:
  struct Message {
    const char* role;
    std::string text;
  };
  Code fail(Code code, const std::string& line) const;
  Code complete(ExecCtx* cx, std::string* out);
  Code callTool(ExecCtx* cx, const std::string& name, const std::string& arguments,
                std::string* out);
  bool add(const char* role, std::string text);

  const Workshop& workshop_;
  const Model model_;
  Server server_;
  Options options_;
  std::vector<Message> messages_;
  size_t bytes_ = 0;                          // of the messages
  std::map<std::string, std::string> tools_;  // to the URL of its server
};

}  // namespace bls::llm
