#include "extensions/helper/supervise.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/base/platform.h"

namespace bls::extensions {
namespace {

// How long a program may take to end by itself.
constexpr u64 kGraceNs = 50'000'000;

sigset_t watched() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGCHLD);
  sigaddset(&set, SIGTERM);
  return set;
}

// True when `program` is gone.
bool reapAll(pid_t program) {
  bool gone = false;
  int status;
  pid_t pid;
  while ((pid = waitpid(-1, &status, WNOHANG)) > 0 || (pid < 0 && errno == EINTR))
    gone = gone || pid == program;
  return gone;
}

}  // namespace

void prepareToSupervise() {
  const sigset_t set = watched();
  sigprocmask(SIG_BLOCK, &set, nullptr);
}

void supervise(int channel, pid_t program, void (*tellGone)(int channel)) {
  const sigset_t set = watched();
  const int signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
  if (signals < 0) return;
  bool gone = false;
  for (bool asked = false; !asked;) {
    pollfd both[2] = {{channel, POLLIN | POLLRDHUP, 0}, {signals, POLLIN, 0}};
    if (poll(both, 2, -1) < 0 && errno != EINTR) break;
    // Nothing is ever sent there but the end.
    asked = both[0].revents != 0;
    signalfd_siginfo info;
    while (read(signals, &info, sizeof info) > 0) asked = asked || info.ssi_signo == SIGTERM;
    if (reapAll(program)) {
      gone = true;
      if (tellGone != nullptr) tellGone(channel);
    }
  }
  if (!gone) kill(-program, SIGTERM);
  for (const u64 last = platform::monotonicNs() + kGraceNs; !gone;) {
    const u64 now = platform::monotonicNs();
    pollfd ended{signals, POLLIN, 0};
    if (now >= last || poll(&ended, 1, static_cast<int>((last - now) / 1'000'000) + 1) == 0) break;
    signalfd_siginfo info;
    while (read(signals, &info, sizeof info) > 0) {
    }
    gone = reapAll(program);
  }
  close(signals);
}

}  // namespace bls::extensions
