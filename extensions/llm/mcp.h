// Tools of MCP servers over server-sent events: the client opens a stream, which first says where
// requests go (`endpoint`), and gets every answer on it. Entry points: McpSession::open, listTools,
// callTool. Source: MCP 2024-11-05, "HTTP with SSE"; hostcalls, section 10, "MCP tools". Thread
// rule: one thread at a time.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "extensions/base/json.h"
#include "extensions/llm/sse.h"
#include "extensions/net/http_client.h"
#include "extensions/net/url.h"

namespace bls::llm {

class McpSession {
 public:
  /// Its requests are permitted by the client, as `operation`.
  McpSession(net::HttpClient& client, const char* operation)
      : client_(client), operation_(operation) {}
  McpSession(const McpSession&) = delete;
  McpSession& operator=(const McpSession&) = delete;

  /// Connects and greets. `*why` is one line, as with the others; Protocol when the server does not
  /// keep to the protocol.
  net::HttpError open(ExecCtx* cx, const std::string& url, std::string* why);
  /// Appends what `tools/list` gives, objects with a string at `name`.
  net::HttpError listTools(ExecCtx* cx, std::vector<extensions::Json>* out, std::string* why);
  /// The texts of the result, joined by blanks. Protocol also when the tool reports an error.
  net::HttpError callTool(ExecCtx* cx, const std::string& name, const extensions::Json& arguments,
                          std::string* out, std::string* why);

 private:
  net::HttpError send(ExecCtx* cx, const extensions::Json& message, std::string* why);
  net::HttpError request(ExecCtx* cx, const char* method, extensions::Json params,
                         extensions::Json* result, std::string* why);
  net::HttpError nextEvent(ExecCtx* cx, Event* out, std::string* why);

  net::HttpClient& client_;
  const char* const operation_;
  net::Url base_;
  std::string endpoint_;
  std::unique_ptr<net::HttpExchange> stream_;
  EventReader events_;
  u32 lastId_ = 0;
};

}  // namespace bls::llm
