// Both sides of the helper process: the fork, the loop of the helper, the requests of the runtime.
#include "extensions/helper/helper_process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <vector>

#include "extensions/helper/children.h"

namespace bls::extensions {
namespace {

constexpr int kEndWaitMs = 2000;

struct Head {
  u32 service;
};

// Room for the descriptors of one message.
struct alignas(cmsghdr) Control {
  char bytes[CMSG_SPACE(sizeof(int) * (HelperProcess::kMaxFds + 1))];
};

bool sendRequest(int socket, HelperService service, std::string_view body,
                 std::span<const int> fds) {
  Head head{static_cast<u32>(service)};
  iovec parts[2] = {{&head, sizeof head}, {const_cast<char*>(body.data()), body.size()}};
  Control control{};
  msghdr message{};
  message.msg_iov = parts;
  message.msg_iovlen = 2;
  message.msg_control = control.bytes;
  message.msg_controllen = CMSG_SPACE(sizeof(int) * fds.size());
  cmsghdr* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof(int) * fds.size());
  memcpy(CMSG_DATA(header), fds.data(), sizeof(int) * fds.size());
  ssize_t sent;
  do {
    sent = sendmsg(socket, &message, MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  return sent == static_cast<ssize_t>(sizeof head + body.size());
}

class Process final : public HelperProcess {
 public:
  Process(int control, int alive, pid_t pid) : control_(control), alive_(alive), pid_(pid) {}
  ~Process() override {
    end();
    close(control_);
    close(alive_);
  }

  int request(HelperService service, std::string_view body, std::span<const int> fds) override {
    if (body.size() > kMaxBody || fds.size() > kMaxFds) return -1;
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return -1;
    std::vector<int> all = {ends[1]};
    all.insert(all.end(), fds.begin(), fds.end());
    const bool sent = sendRequest(control_, service, body, all);
    close(ends[1]);
    if (sent && fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0) return ends[0];
    close(ends[0]);
    return -1;
  }

  void end() override {
    if (ended_.exchange(true)) return;
    const int saved = errno;
    shutdown(control_, SHUT_RDWR);
    pollfd gone{alive_, POLLIN, 0};
    while (poll(&gone, 1, kEndWaitMs) < 0 && errno == EINTR) {
    }
    // Not reaped when it is still busy: it then ends without us.
    waitpid(pid_, nullptr, gone.revents != 0 ? 0 : WNOHANG);
    errno = saved;
  }

 private:
  const int control_;
  const int alive_;  // hangs up when the helper has ended
  const pid_t pid_;
  std::atomic<bool> ended_{false};
};

// --- The helper's side ---

constexpr int kControl = 3;
constexpr int kAlive = 4;

struct Received {
  HelperService service{};
  std::vector<char> body;
  std::vector<int> fds;  // the channel first
};

// False at the end.
bool receive(Received* out) {
  Head head{};
  out->body.resize(HelperProcess::kMaxBody);
  iovec parts[2] = {{&head, sizeof head}, {out->body.data(), out->body.size()}};
  Control control{};
  msghdr message{};
  message.msg_iov = parts;
  message.msg_iovlen = 2;
  message.msg_control = control.bytes;
  message.msg_controllen = sizeof control.bytes;
  ssize_t size;
  do {
    size = recvmsg(kControl, &message, MSG_CMSG_CLOEXEC);
  } while (size < 0 && errno == EINTR);
  if (size <= 0) return false;
  for (cmsghdr* at = CMSG_FIRSTHDR(&message); at != nullptr; at = CMSG_NXTHDR(&message, at)) {
    if (at->cmsg_level != SOL_SOCKET || at->cmsg_type != SCM_RIGHTS) continue;
    const size_t count = (at->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (size_t i = 0; i < count; ++i) {
      int fd;
      memcpy(&fd, CMSG_DATA(at) + i * sizeof fd, sizeof fd);
      out->fds.push_back(fd);
    }
  }
  const bool whole = static_cast<size_t>(size) >= sizeof head &&
                     (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) == 0;
  out->service = whole ? static_cast<HelperService>(head.service)
                       : static_cast<HelperService>(kHelperServiceCount);
  out->body.resize(whole ? static_cast<size_t>(size) - sizeof head : 0);
  return true;
}

void closeAll(const std::vector<int>& fds) {
  for (int fd : fds) close(fd);
}

// Runs one request to its end.
[[noreturn]] void serve(const Settings& settings, HelperServe service, const Received& received,
                        int signals, pid_t parent) {
  close(kControl);
  close(kAlive);
  close(signals);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  prctl(PR_SET_PDEATHSIG, static_cast<unsigned long>(SIGKILL), 0ul, 0ul, 0ul);
  if (getppid() != parent || !becomeSubreaper()) _exit(1);
  HelperRequest request;
  request.settings = &settings;
  request.body = {received.body.data(), received.body.size()};
  request.channel = received.fds[0];
  request.fds = std::span<const int>(received.fds).subspan(1);
  service(request);
  std::vector<pid_t> ended;
  endChildren({}, &ended);
  _exit(0);
}

[[noreturn]] void runHelper(const Settings& settings, std::span<const HelperServe> services) {
  // The terminal's keys are for the runtime, which then ends this process.
  setsid();
  for (int number : {SIGTERM, SIGINT, SIGHUP, SIGPIPE}) std::signal(number, SIG_IGN);
  prctl(PR_SET_NAME, "bls-helper", 0ul, 0ul, 0ul);
  prctl(PR_SET_NO_NEW_PRIVS, 1ul, 0ul, 0ul, 0ul);
  sigset_t children;
  sigemptyset(&children);
  sigaddset(&children, SIGCHLD);
  sigprocmask(SIG_SETMASK, &children, nullptr);
  const int signals = signalfd(-1, &children, SFD_CLOEXEC | SFD_NONBLOCK);
  if (signals < 0 || !becomeSubreaper()) _exit(1);
  const pid_t self = getpid();
  std::vector<pid_t> running;
  std::vector<pid_t> ended;
  const auto forgetEnded = [&] {
    for (pid_t pid : ended) std::erase(running, pid);
    ended.clear();
  };
  for (;;) {
    pollfd both[2] = {{kControl, POLLIN, 0}, {signals, POLLIN, 0}};
    if (poll(both, 2, -1) < 0 && errno != EINTR) break;
    if (both[1].revents != 0) {
      signalfd_siginfo info;
      while (read(signals, &info, sizeof info) > 0) {
      }
      // What a request that was killed has left behind becomes ours.
      endChildren(running, &ended);
      forgetEnded();
    }
    if (both[0].revents == 0) continue;
    Received received;
    if (!receive(&received)) break;
    const u32 index = static_cast<u32>(received.service);
    const bool known = index < services.size() && services[index] != nullptr;
    if (known && !received.fds.empty()) {
      const pid_t pid = fork();
      if (pid == 0) serve(settings, services[index], received, signals, self);
      if (pid > 0) running.push_back(pid);
    }
    closeAll(received.fds);  // without a process the channel hangs up
  }
  endChildren({}, &ended);
  _exit(0);
}

// Leaves the control socket, the alive pipe and standard error open.
bool arrangeDescriptors(int control, int alive) {
  const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  const int high = fcntl(control, F_DUPFD_CLOEXEC, 16);
  const int highAlive = fcntl(alive, F_DUPFD_CLOEXEC, 16);
  if (null < 0 || high < 0 || highAlive < 0) return false;
  if (dup2(null, 0) < 0 || dup2(null, 1) < 0) return false;
  if (dup3(high, kControl, O_CLOEXEC) < 0 || dup3(highAlive, kAlive, O_CLOEXEC) < 0) return false;
  return syscall(SYS_close_range, unsigned{kAlive + 1}, ~0u, 0u) == 0;
}

}  // namespace

std::unique_ptr<HelperProcess> HelperProcess::start(const Settings& settings,
                                                    std::span<const HelperServe> services,
                                                    std::string* why) {
  int control[2];
  int alive[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, control) != 0) {
    *why = strerror(errno);
    return nullptr;
  }
  if (pipe2(alive, O_CLOEXEC) != 0) {
    *why = strerror(errno);
    close(control[0]);
    close(control[1]);
    return nullptr;
  }
  const pid_t pid = fork();
  if (pid == 0) {
    if (!arrangeDescriptors(control[1], alive[1])) _exit(1);
    runHelper(settings, services);
  }
  if (pid < 0) *why = strerror(errno);
  close(control[1]);
  close(alive[1]);
  if (pid > 0) return std::make_unique<Process>(control[0], alive[0], pid);
  close(control[0]);
  close(alive[0]);
  return nullptr;
}

}  // namespace bls::extensions
