#include "extensions/llm/mcp.h"

namespace bls::llm {
namespace {

using extensions::Json;
using extensions::member;
using extensions::memberText;
using net::HttpError;

// Of everything that is done with one connection.
constexpr u64 kMostMs = 30'000;
constexpr u64 kMostStream = u64{16} << 20;
constexpr u64 kMostReply = u64{64} << 10;
constexpr size_t kMostTools = 256;
constexpr u32 kMostPages = 16;

HttpError fail(const char* text, std::string* why) {
  *why = text;
  return HttpError::Protocol;
}

bool isSuccess(i32 status) { return status >= 200 && status < 300; }

}  // namespace

HttpError McpSession::nextEvent(ExecCtx* cx, Event* out, std::string* why) {
  while (!events_.next(out)) {
    u8 piece[16384];
    size_t done = 0;
    const HttpError error = stream_->read(cx, piece, sizeof piece, &done);
    *why = "the stream of the tool server ended";
    if (error != HttpError::None) return error;
    if (done == 0) return HttpError::Protocol;
    if (!events_.add({reinterpret_cast<const char*>(piece), done}))
      return fail("an event of the tool server is too long", why);
  }
  return HttpError::None;
}

HttpError McpSession::open(ExecCtx* cx, const std::string& url, std::string* why) {
  net::HttpRequest get;
  get.url = url;
  get.headers.push_back({"Accept", "text/event-stream"});
  get.operation = operation_;
  get.totalTimeoutMs = kMostMs;
  get.maxBodyBytes = kMostStream;
  HttpError error = client_.start(cx, get, &stream_, why);
  if (error != HttpError::None) return error;
  if (!isSuccess(stream_->status)) return fail("the tool server refuses", why);
  Event event;
  error = nextEvent(cx, &event, why);
  if (error != HttpError::None) return error;
  net::Url target;
  if (event.type != "endpoint" || !net::parseUrl(stream_->finalUrl, false, &base_, why) ||
      !net::resolveUrl(base_, event.data, &target, why))
    return fail("the tool server does not say where requests go", why);
  if (target.origin() != base_.origin())
    return fail("the tool server sends requests elsewhere", why);
  endpoint_ = target.text();
  Json result;
  error = request(cx, "initialize",
                  {{"protocolVersion", "2024-11-05"},
                   {"capabilities", Json::object()},
                   {"clientInfo", {{"name", "blockless-mcp-client"}, {"version", "1.0.0"}}}},
                  &result, why);
  if (error != HttpError::None) return error;
  return send(cx, {{"jsonrpc", "2.0"}, {"method", "notifications/initialized"}}, why);
}

HttpError McpSession::send(ExecCtx* cx, const Json& message, std::string* why) {
  net::HttpRequest post;
  post.method = "POST";
  post.url = endpoint_;
  post.headers.push_back({"Content-Type", "application/json"});
  post.body = extensions::jsonText(message);
  post.hasBody = true;
  post.operation = operation_;
  post.totalTimeoutMs = kMostMs;
  post.maxBodyBytes = kMostReply;
  std::unique_ptr<net::HttpExchange> exchange;
  HttpError error = client_.start(cx, post, &exchange, why);
  if (error != HttpError::None) return error;
  if (!isSuccess(exchange->status)) return fail("the tool server refuses a request", why);
  std::string ignored;
  error = exchange->readAll(cx, kMostReply, &ignored);
  return error == HttpError::Interrupted ? error : HttpError::None;
}

HttpError McpSession::request(ExecCtx* cx, const char* method, Json params, Json* result,
                              std::string* why) {
  const u32 id = ++lastId_;
  HttpError error = send(
      cx, {{"jsonrpc", "2.0"}, {"id", id}, {"method", method}, {"params", std::move(params)}}, why);
  if (error != HttpError::None) return error;
  // Other messages may come in between: notices, questions.
  for (;;) {
    Event event;
    error = nextEvent(cx, &event, why);
    if (error != HttpError::None) return error;
    if (event.type != "message") continue;
    Json message;
    std::string problem;
    if (!extensions::readJson(event.data, &message, &problem))
      return fail("the tool server sends no JSON", why);
    const Json* answered = member(message, "id");
    if (answered == nullptr || *answered != Json(id) || member(message, "method") != nullptr)
      continue;
    const Json* found = member(message, "result");
    if (found == nullptr) return fail("the tool server answers with an error", why);
    *result = *found;
    return HttpError::None;
  }
}

HttpError McpSession::listTools(ExecCtx* cx, std::vector<Json>* out, std::string* why) {
  Json params = Json::object();
  for (u32 page = 0; page < kMostPages; ++page) {
    Json result;
    const HttpError error = request(cx, "tools/list", params, &result, why);
    if (error != HttpError::None) return error;
    const Json* tools = member(result, "tools");
    if (tools == nullptr || !tools->is_array()) return fail("the tool server lists no tools", why);
    for (const Json& tool : *tools) {
      if (memberText(tool, "name") != nullptr && out->size() < kMostTools) out->push_back(tool);
    }
    const std::string* cursor = memberText(result, "nextCursor");
    if (cursor == nullptr) break;
    params = Json{{"cursor", *cursor}};
  }
  return HttpError::None;
}

HttpError McpSession::callTool(ExecCtx* cx, const std::string& name, const Json& arguments,
                               std::string* out, std::string* why) {
  Json result;
  const HttpError error =
      request(cx, "tools/call", {{"name", name}, {"arguments", arguments}}, &result, why);
  if (error != HttpError::None) return error;
  const Json* failed = member(result, "isError");
  if (failed != nullptr && *failed == Json(true)) return fail("the tool reports an error", why);
  const Json* content = member(result, "content");
  if (content == nullptr || !content->is_array()) return fail("the tool gives no content", why);
  for (const Json& part : *content) {
    const std::string* text = memberText(part, "text");
    if (text == nullptr) continue;
    if (!out->empty()) *out += ' ';
    *out += *text;
  }
  return HttpError::None;
}

}  // namespace bls::llm
