// Writing to the standard descriptors, without stdio buffers.
#include "runtime/console.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "runtime/run_log.h"

namespace bls::cli {
namespace {

void writeAll(int fd, std::string_view text) {
  while (!text.empty()) {
    ssize_t n = write(fd, text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return;  // nobody is listening; there is nowhere to say so
    text.remove_prefix(static_cast<size_t>(n));
  }
}

class StandardConsole : public Console {
 public:
  void out(std::string_view text) override { writeAll(1, text); }
  void err(std::string_view text) override { writeAll(2, text); }
  bool errReady() const override {
    pollfd waited{2, POLLOUT, 0};
    return poll(&waited, 1, 0) != 0;
  }
  bool colourErrors() const override {
    const char* term = std::getenv("TERM");
    return std::getenv("NO_COLOR") == nullptr && term != nullptr &&
           std::strcmp(term, "dumb") != 0 && isatty(2) == 1;
  }
};

}  // namespace

void Console::problem(const std::string& line) {
  size_t colon = line.find(':');
  if (!colourErrors() || colon == std::string::npos) {
    err(line + "\n");
    return;
  }
  err("\x1b[1;31m" + line.substr(0, colon + 1) + "\x1b[0m" + line.substr(colon + 1) + "\n");
}

void Console::errWhileReady(std::string_view text) {
  constexpr size_t kPieceBytes = 4096;  // what a writable pipe takes without blocking
  while (!text.empty() && errReady()) {
    err(text.substr(0, kPieceBytes));
    text.remove_prefix(std::min(text.size(), kPieceBytes));
  }
}

void Console::logLine(const std::string& message) {
  err(logStamp(LogLevel::Error, {}) + message + "\n");
}

Console& Console::standard() {
  static StandardConsole console;
  return console;
}

}  // namespace bls::cli
