// The terminal a person answers at: standard input and standard error.
//
// Input typed before the question is thrown away, more than once: a guest that knows when it will
// ask could otherwise have had the answer typed for it. All waiting goes through blockingWait, so a
// time limit ends a question too.
#include <errno.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>

#include "engine/base/platform.h"
#include "engine/host/blocking_wait.h"
#include "runtime/permission_prompt.h"

namespace bls::permissions {
namespace {

constexpr u64 kQuietNs = 100'000'000;
constexpr size_t kMaxLineBytes = 4096;

class StandardTerminal final : public PromptTerminal {
 public:
  explicit StandardTerminal(ExecCtx* cx)
      : cx_(cx), endNs_(platform::monotonicNs() + kPromptTimeoutNs) {
    deviceKnown_ = fstat(0, &device_) == 0;
  }

  Input discard() override {
    for (;;) {
      tcflush(0, TCIFLUSH);
      Input waited = wait(kQuietNs);
      if (waited == Input::TimedOut && platform::monotonicNs() < endNs_) break;
      if (waited != Input::Ok) return waited;
      if (platform::monotonicNs() >= endNs_) return Input::TimedOut;
      if (!sameDevice()) return Input::OtherDevice;
    }
    tcflush(0, TCIFLUSH);  // an unfinished line does not wake a wait
    return sameDevice() ? Input::Ok : Input::OtherDevice;
  }

  Input line(std::string* out) override {
    for (;;) {
      u64 now = platform::monotonicNs();
      if (now >= endNs_) return Input::TimedOut;
      Input waited = wait(endNs_ - now);
      if (waited != Input::Ok) return waited;
      if (!sameDevice()) return Input::OtherDevice;
      char buffer[256];
      ssize_t got = read(0, buffer, sizeof buffer);
      if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
      if (got <= 0) return Input::Closed;
      for (ssize_t i = 0; i < got; ++i) {
        if (buffer[i] == '\n' || buffer[i] == '\r') return Input::Ok;
        if (out->size() < kMaxLineBytes) *out += buffer[i];
      }
    }
  }

  void write(std::string_view text) override {
    while (!text.empty()) {
      ssize_t n = ::write(2, text.data(), text.size());
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) return;  // then there will be no answer either
      text.remove_prefix(static_cast<size_t>(n));
    }
  }

  bool colours() const override {
    const char* term = std::getenv("TERM");
    return std::getenv("NO_COLOR") == nullptr && term != nullptr && std::strcmp(term, "dumb") != 0;
  }

  u32 columns() const override {
    winsize size{};
    return ioctl(2, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
  }

 private:
  // Ok: there is something to read.
  Input wait(u64 ns) {
    host::WaitFd input;
    input.fd = 0;
    input.wantRead = true;
    switch (host::blockingWait(cx_, {&input, 1}, ns)) {
      case host::WaitEnd::Ready: return input.readable ? Input::Ok : Input::Closed;
      case host::WaitEnd::TimedOut: return Input::TimedOut;
      case host::WaitEnd::Interrupted: return Input::Interrupted;
      case host::WaitEnd::Failed: break;
    }
    return Input::Closed;
  }

  bool sameDevice() const {
    struct stat now{};
    return deviceKnown_ && fstat(0, &now) == 0 && now.st_dev == device_.st_dev &&
           now.st_ino == device_.st_ino && now.st_rdev == device_.st_rdev;
  }

  ExecCtx* cx_;
  u64 endNs_;
  struct stat device_{};
  bool deviceKnown_ = false;
};

}  // namespace

std::unique_ptr<PromptTerminal> openPromptTerminal(ExecCtx* cx) {
  return std::make_unique<StandardTerminal>(cx);
}

bool haveTerminals() { return isatty(0) == 1 && isatty(2) == 1; }

}  // namespace bls::permissions
