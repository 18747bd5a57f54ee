#include "extensions/cgi/verify.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "engine/base/platform.h"
#include "extensions/cgi/confine.h"
#include "extensions/cgi/discovery.h"
#include "extensions/cgi/environment.h"
#include "extensions/helper/children.h"
#include "extensions/helper/spawn.h"

namespace bls::extensions::cgi {
namespace {

enum class Ended : u8 { Whole, TooLong, TooMuch, Cancelled, Failed };

// Reads until the end of the output or of the program, whichever is first.
Ended readOutput(int output, int program, int channel, u64 lastNs, std::string* out) {
  bool over = false;  // the program has ended: what is in the pipe is all
  for (;;) {
    char piece[8192];
    const ssize_t got = read(output, piece, sizeof piece);
    if (got > 0) {
      out->append(piece, static_cast<size_t>(got));
      if (out->size() > kMaxVerifyOutput) return Ended::TooMuch;
      continue;
    }
    if (got == 0 || (over && errno == EAGAIN)) return Ended::Whole;
    if (errno != EAGAIN && errno != EINTR) return Ended::Failed;
    const u64 now = platform::monotonicNs();
    if (now >= lastNs) return Ended::TooLong;
    pollfd all[3] = {{output, POLLIN, 0}, {program, POLLIN, 0}, {channel, POLLRDHUP, 0}};
    const int wait = static_cast<int>((lastNs - now) / 1'000'000) + 1;
    if (poll(all, 3, wait) < 0 && errno != EINTR) return Ended::Failed;
    if (all[2].revents != 0) return Ended::Cancelled;
    over = all[1].revents != 0;
  }
}

}  // namespace

Verified verifyProgram(const Settings& settings, int program, const std::string& name, int channel,
                       ExtensionRow* out, std::string* why) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) {
    *why = strerror(errno);
    return Verified::No;
  }
  fcntl(ends[0], F_SETFL, O_NONBLOCK);
  SpawnRequest request;
  request.program = program;
  request.arguments = {settings.driversRoot + "/" + name, "--ext_verify"};
  request.environment = childEnvironment(settings, environ, {}).variables;
  request.out = ends[1];
  request.limits = settings.childLimits;
  Confinement confinement;
  int error = 0;
  pid_t pid = -1;
  if (confinement.prepare(settings, {}, &request, why)) {
    const u64 start = platform::monotonicNs();
    pid = spawnProgram(request, &error);
    if (pid < 0) *why = std::string("it cannot be started: ") + strerror(error);
    close(ends[1]);
    if (pid > 0) {
      const int handle = static_cast<int>(syscall(SYS_pidfd_open, pid, 0u));
      std::string text;
      const Ended ended =
          readOutput(ends[0], handle, channel, start + settings.verifyMs * 1'000'000, &text);
      std::vector<pid_t> gone;
      endChildren({}, &gone);
      if (handle >= 0) close(handle);
      close(ends[0]);
      switch (ended) {
        case Ended::Whole: return parseVerification(text, out, why) ? Verified::Yes : Verified::No;
        case Ended::Cancelled: return Verified::Cancelled;
        case Ended::TooLong:
          *why = "it did not say what it is within " + std::to_string(settings.verifyMs) + " ms";
          break;
        case Ended::TooMuch:
          *why = "it printed more than " + std::to_string(kMaxVerifyOutput) + " bytes";
          break;
        case Ended::Failed: *why = "its output cannot be read"; break;
      }
      return Verified::No;
    }
  } else {
    close(ends[1]);
  }
  close(ends[0]);
  return Verified::No;
}

}  // namespace bls::extensions::cgi
