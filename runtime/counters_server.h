// CountersServer: answers HTTP requests on a port of this machine with one text (`--counters
// 127.0.0.1:PORT`). Entry points: isCountersAddress, CountersServer.
//
// Whatever is asked, the answer is the text. One peer at a time, each for a second at most: this is
// for a collector on the same machine. Thread rule: first thread; the text is made on the server's.
#pragma once

#include <memory>
#include <string>

namespace bls::cli {

/// True for 127.0.0.1:PORT, [::1]:PORT and localhost:PORT: no other place is ever served.
bool isCountersAddress(const std::string& text);

class CountersServer {
 public:
  using Text = std::string (*)(void* context);

  CountersServer();
  ~CountersServer();
  CountersServer(const CountersServer&) = delete;
  CountersServer& operator=(const CountersServer&) = delete;

  /// Listens; `*place` is host:port as taken. False with `why`.
  bool open(const std::string& address, std::string* place, std::string* why);
  /// Starts the thread; nothing without open. False when the system refuses.
  bool start(Text text, void* context);
  /// Ends the thread.
  void stop();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace bls::cli
