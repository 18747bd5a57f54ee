#include "extensions/llm/server.h"

#include <sys/socket.h>
#include <unistd.h>

#include <charconv>

#include "engine/base/platform.h"
#include "engine/base/status.h"
#include "extensions/helper/helper_process.h"
#include "extensions/llm/service.h"

namespace bls::llm {
namespace {

using extensions::HelperService;
using net::HttpError;

// A large model takes long to read.
constexpr u64 kReadyNs = 120'000'000'000;
constexpr u64 kLookAgainNs = 25'000'000;
constexpr u64 kCloseNs = 2'000'000'000;
constexpr u64 kLookMs = 2000;
constexpr u64 kAnswerMs = 30'000;
constexpr u64 kMostAnswer = u64{16} << 20;
constexpr i32 kLoading = 503;

ServerEnd fail(const char* text, std::string* why) {
  *why = text;
  return ServerEnd::Failed;
}

host::WaitFd readable(int fd) {
  host::WaitFd out;
  out.fd = fd;
  out.wantRead = true;
  return out;
}

}  // namespace

Server::~Server() {
  if (channel_ >= 0) ::close(channel_);
}

bool Server::alive() {
  const bool more = reader_.fill(channel_);
  extensions::cgi::Frame frame;
  while (reader_.next(&frame)) {
    if (frame.kind == extensions::cgi::FrameKind::Result) result_ = std::move(frame.text);
    gone_ = gone_ || frame.kind == extensions::cgi::FrameKind::Gone;
  }
  return more && !gone_;
}

ServerEnd Server::takeStarted(ExecCtx* cx, std::string* why) {
  while (alive() && result_.empty()) {
    host::WaitFd wanted = readable(channel_);
    const host::WaitEnd end = host::blockingWait(cx, {&wanted, 1}, kReadyNs);
    if (end == host::WaitEnd::Interrupted) return ServerEnd::Interrupted;
    if (end != host::WaitEnd::Ready) break;
  }
  if (result_.empty()) return fail("the helper process gives no answer", why);
  const std::string_view text = std::string_view(result_).substr(1);
  if (static_cast<Started>(result_[0]) != Started::Yes) {
    *why = escapeForMessage(std::string(text), 200);
    return ServerEnd::Failed;
  }
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port_);
  if (error != std::errc() || port_ == 0) return fail("the helper process gives no port", why);
  return ServerEnd::Done;
}

ServerEnd Server::awaitReady(ExecCtx* cx, std::string* why) {
  const u64 last = platform::monotonicNs() + kReadyNs;
  for (;;) {
    if (!alive()) return fail("it has ended before it could be asked anything", why);
    net::HttpRequest request;
    request.url = "/health";
    request.totalTimeoutMs = kLookMs;
    i32 status = 0;
    std::string answer;
    const ServerEnd end = ask(cx, &request, &status, &answer, why);
    if (end == ServerEnd::Interrupted) return end;
    if (end == ServerEnd::Done && status != kLoading) return end;
    if (platform::monotonicNs() >= last) return fail("it does not answer", why);
    host::WaitFd wanted = readable(channel_);
    if (host::blockingWait(cx, {&wanted, 1}, kLookAgainNs) == host::WaitEnd::Interrupted)
      return ServerEnd::Interrupted;
  }
}

ServerEnd Server::start(ExecCtx* cx, extensions::HelperProcess& helper, const std::string& file,
                        std::string* why) {
  channel_ = helper.request(HelperService::RunModel, file, {});
  if (channel_ < 0) return fail("there is no helper process", why);
  const ServerEnd end = takeStarted(cx, why);
  return end == ServerEnd::Done ? awaitReady(cx, why) : end;
}

ServerEnd Server::ask(ExecCtx* cx, net::HttpRequest* request, i32* status, std::string* answer,
                      std::string* why) {
  request->url = "http://127.0.0.1:" + std::to_string(port_) + request->url;
  request->direct = true;
  request->maxRedirects = 0;
  request->maxBodyBytes = kMostAnswer;
  request->unlimited = true;
  std::unique_ptr<net::HttpExchange> exchange;
  HttpError error = client_.start(cx, *request, &exchange, why);
  if (error == HttpError::None) {
    *why = "the answer ends early";
    *status = exchange->status;
    error = exchange->readAll(cx, kMostAnswer, answer);
  }
  if (error == HttpError::Interrupted) return ServerEnd::Interrupted;
  return error == HttpError::None ? ServerEnd::Done : ServerEnd::Failed;
}

ServerEnd Server::post(ExecCtx* cx, const char* path, const std::string& body, i32* status,
                       std::string* answer, std::string* why) {
  // Another program may have its port by now.
  if (!alive()) return fail("the model server has ended", why);
  net::HttpRequest request;
  request.method = "POST";
  request.url = path;
  request.headers.push_back({"Content-Type", "application/json"});
  request.body = body;
  request.hasBody = true;
  request.totalTimeoutMs = kAnswerMs;
  return ask(cx, &request, status, answer, why);
}

ServerEnd Server::close(ExecCtx* cx) {
  if (channel_ < 0) return ServerEnd::Done;
  shutdown(channel_, SHUT_WR);
  // Not the word that the program has ended, but the end of the process that watches over it.
  while (reader_.fill(channel_)) {
    host::WaitFd wanted = readable(channel_);
    switch (host::blockingWait(cx, {&wanted, 1}, kCloseNs)) {
      case host::WaitEnd::Ready: break;
      case host::WaitEnd::Interrupted: return ServerEnd::Interrupted;
      default: return ServerEnd::Failed;
    }
  }
  return ServerEnd::Done;
}

}  // namespace bls::llm
