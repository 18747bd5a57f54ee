// The runtime's end of a running model: the channel of the process that watches over it, and
// requests to it. Entry points: Server::start, post, close; LoopbackGate. Thread rule: a Server by
// one thread at a time.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "extensions/cgi/wire.h"
#include "extensions/net/http_client.h"

namespace bls::llm {

/// For the client that talks to our own servers alone: the operator's rules are about what guests
/// reach, and a guest has no say in where these requests go.
class LoopbackGate final : public host::AccessGate {
 public:
  bool permit(ExecCtx*, u8, std::string_view, const char*) override { return false; }
  bool mayPass(u8, std::string_view) override { return false; }
  bool permitNewName(ExecCtx*, std::string_view, std::string_view, bool, const char*) override {
    return false;
  }
  bool permitNet(ExecCtx*, const host::NetTarget& target, const char*) override {
    return target.host == "127.0.0.1";
  }
  bool permitAddress(ExecCtx*, const host::NetTarget&, std::string_view address,
                     const char*) override {
    return address == "127.0.0.1";
  }
  bool permitCgi(ExecCtx*, std::string_view, const char*) override { return false; }
  bool permitRunModel(ExecCtx*, std::string_view, const char*) override { return false; }
  bool beginOutput(ExecCtx*) override { return true; }
  void endOutput() override {}
};

enum class ServerEnd : u8 { Done, Failed, Interrupted };

class Server {
 public:
  /// `client` outlives it; it is one with a LoopbackGate.
  explicit Server(net::HttpClient& client) : client_(client) {}
  /// As close, without waiting.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Starts the model executable `file` and waits until it answers: any answer but 503, at most two
  /// minutes. Failed, with `why`, also when it ends before that.
  ServerEnd start(ExecCtx* cx, extensions::HelperProcess& helper, const std::string& file,
                  std::string* why);
  /// POST of a JSON text; the text of the answer, whatever its status. `*why` is one line.
  ServerEnd post(ExecCtx* cx, const char* path, const std::string& body, i32* status,
                 std::string* answer, std::string* why);
  /// Ends the server and all that it started, and waits until that is gone.
  ServerEnd close(ExecCtx* cx);

 private:
  ServerEnd takeStarted(ExecCtx* cx, std::string* why);
  ServerEnd awaitReady(ExecCtx* cx, std::string* why);
  ServerEnd ask(ExecCtx* cx, net::HttpRequest* request, i32* status, std::string* answer,
                std::string* why);
  // Reads frames; false when the helper's process has gone, or says that the program has.
  bool alive();

  net::HttpClient& client_;
  int channel_ = -1;
  u16 port_ = 0;
  extensions::cgi::FrameReader reader_;
  bool gone_ = false;
  std::string result_;
};

}  // namespace bls::llm
