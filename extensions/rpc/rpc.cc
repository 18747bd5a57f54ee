// bless.rpc_call: JSON-RPC 2.0 over memory. Reference: hostcalls, section 11, "Target".
#include <unistd.h>

#include <cstring>

#include "engine/base/status.h"
#include "extensions/base/extension.h"
#include "extensions/rpc/request.h"

namespace bls::extensions {
namespace {

using host::Capability;
using host::GuestAddress;
using host::GuestPtr;
using net::HttpError;

enum class Code : u32 { Success = 0, NotParsable = 1, Internal = 4, BufferTooSmall = 5 };

constexpr const char* kOperation = "rpc_call";
// A body may come as an array of numbers; each costs 16 bytes here.
constexpr u64 kMaxValues = u64{4} << 20;
constexpr size_t kMaxBodyBytes = 16 << 20;

struct Rpc final : Extension {
  explicit Rpc(const Services& given) : services(given), client(net::HttpClient::make(given)) {}
  const Services services;
  const std::unique_ptr<net::HttpClient> client;
};
using RpcCall = Call<Rpc>;

std::string lowered(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

std::string errorText(i32 code, const char* message, const Json& data) {
  return "\"error\":{\"code\":" + std::to_string(code) + ",\"message\":\"" + message +
         "\",\"data\":" + jsonText(data) + "}";
}

// A failure is told on standard error as well, not in the middle of a question to a person.
void sayFailed(RpcCall& call, const std::string& detail) {
  const Services& services = call.state().services;
  const std::string line =
      "HTTP request failed: " + escapeForMessage(std::string(detail), 200) + "\n";
  const bool bracketed = services.gate != nullptr && services.gate->beginOutput(call.cx());
  (void)!write(2, line.data(), line.size());
  if (bracketed) services.gate->endOutput();
}

std::string failed(RpcCall& call, HttpError error, const std::string& why) {
  const std::string detail = (error == HttpError::Denied ? "Permission denied: " : "") + why;
  sayFailed(call, detail);
  return "\"result\":{\"success\":false,\"error\":" + jsonQuoted(detail) + "}";
}

std::string succeeded(const net::HttpExchange& exchange, const std::string& body) {
  Json headers = Json::object();
  for (const net::Header& header : exchange.headers) headers[lowered(header.name)] = header.value;
  std::string out =
      "\"result\":{\"success\":true,\"data\":{\"status\":" + std::to_string(exchange.status) +
      ",\"headers\":" + jsonText(headers) + ",\"body\":[";
  out.reserve(out.size() + body.size() * 4 + exchange.finalUrl.size() + 32);
  for (size_t i = 0; i < body.size(); ++i) {
    if (i != 0) out += ',';
    out += std::to_string(static_cast<u8>(body[i]));
  }
  return out + "],\"url\":" + jsonQuoted(exchange.finalUrl) + "}}";
}

// Appends the member that answers; `most` bytes of an answer can be handed over.
Code httpRequest(RpcCall& call, const Json& params, u32 most, std::string* out) {
  net::HttpRequest request;
  request.operation = kOperation;
  // Each byte of the body becomes at least two of the answer.
  request.maxBodyBytes = std::min<u64>(most / 2, kMaxBodyBytes);
  std::string why;
  if (!rpc::takeRequest(params, &request, &why)) {
    *out += errorText(-32602, "Invalid params", Json{{"error", why}});
    return Code::Success;
  }
  std::unique_ptr<net::HttpExchange> exchange;
  HttpError error = call.state().client->start(call.cx(), request, &exchange, &why);
  std::string body;
  if (error == HttpError::None) {
    error = exchange->readAll(call.cx(), request.maxBodyBytes, &body);
    why = error == HttpError::OverLimit ? "the body of the response is over --http-limits"
                                        : "the body of the response ended early";
  }
  switch (error) {
    case HttpError::None: *out += succeeded(*exchange, body); return Code::Success;
    case HttpError::Interrupted: call.interrupted(); return Code::Internal;
    case HttpError::TooLarge:
      if (request.maxBodyBytes < kMaxBodyBytes) return Code::BufferTooSmall;
      [[fallthrough]];
    default: *out += failed(call, error, why); return Code::Success;
  }
}

// "result":… or "error":…
Code answer(RpcCall& call, const std::string& method, const Json& params, u32 most,
            std::string* out) {
  if (method == "http.request") return httpRequest(call, params, most, out);
  if (method == "ping") {
    *out += "\"result\":\"pong\"";
  } else if (method == "echo") {
    *out += "\"result\":" + jsonText(params);
  } else if (method == "version") {
    *out += R"("result":{"rpc_version":"2.0","runtime":"bls-runtime","version":"0.1.0"})";
  } else {
    *out += errorText(-32601, "Method not found", Json{{"method", method}});
  }
  return Code::Success;
}

Code rpcCall(RpcCall& call, GuestAddress requestAt, u32 requestSize, GuestAddress answerAt,
             u32 answerSize, GuestPtr<u32> written) {
  host::GuestMemory guest = call.memory();
  if (!guest.contains(requestAt.value, requestSize) || !guest.contains(answerAt.value, answerSize))
    return Code::Internal;
  const std::string text(reinterpret_cast<const char*>(guest.base) + requestAt.value, requestSize);
  Json request;
  std::string why;
  if (!readJson(text, &request, &why, kJsonDepth, kMaxValues)) return Code::NotParsable;
  const std::string* method = memberText(request, "method");
  const Json* id = member(request, "id");
  if (memberText(request, "jsonrpc") == nullptr || method == nullptr || id == nullptr ||
      !id->is_number_unsigned() || id->get<u64>() > ~u32{0})
    return Code::NotParsable;
  static const Json kNull;
  const Json* params = member(request, "params");
  std::string out = "{\"jsonrpc\":\"2.0\",";
  const Code code = answer(call, *method, params != nullptr ? *params : kNull, answerSize, &out);
  if (code != Code::Success) return code;
  out += ",\"id\":" + std::to_string(id->get<u64>()) + "}";
  if (out.size() > answerSize) return Code::BufferTooSmall;
  guest = call.memory();
  std::memcpy(guest.base + answerAt.value, out.data(), out.size());
  written.store(static_cast<u32>(out.size()));
  return Code::Success;
}

constexpr host::HostFunc kFunctions[] = {
    host::bind<rpcCall>("rpc_call", Capability::Network, "hostcalls, section 11"),
};

}  // namespace

const ExtensionInfo& rpcExtension() {
  static constexpr ExtensionInfo kInfo = {
      "bless",
      "JSON-RPC: ping, echo, version, HTTP requests",
      {true, true, true, &net::HttpClient::usedPaths},
      kFunctions,
      [](const Services& services) -> std::unique_ptr<Extension> {
        return std::make_unique<Rpc>(services);
      }};
  return kInfo;
}

}  // namespace bls::extensions
