// Both sides of the helper process: the fork, the loop of the helper, the requests of the runtime.
#include "extensions/helper/helper_process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <vector>

#include "engine/base/platform.h"
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
constexpr int kTaken = 5;  // a process that takes a request says so there
constexpr int kMemory = 6;
constexpr int kFirstOther = 7;
constexpr int kEndGraceMs = 100;
constexpr int kRetryMs = 20;

struct Received {
  HelperService service{};
  // Not filled: its pages would be copied for every request.
  std::unique_ptr<char[]> body = std::make_unique_for_overwrite<char[]>(HelperProcess::kMaxBody);
  size_t size = 0;
  std::vector<int> fds;  // the channel first
};

// False at the end.
bool receive(Received* out, int flags) {
  Head head{};
  iovec parts[2] = {{&head, sizeof head}, {out->body.get(), HelperProcess::kMaxBody}};
  Control control{};
  msghdr message{};
  message.msg_iov = parts;
  message.msg_iovlen = 2;
  message.msg_control = control.bytes;
  message.msg_controllen = sizeof control.bytes;
  ssize_t size;
  do {
    size = recvmsg(kControl, &message, MSG_CMSG_CLOEXEC | flags);
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
  out->size = whole ? static_cast<size_t>(size) - sizeof head : 0;
  return true;
}

class Helper {
 public:
  Helper(const Settings& settings, std::span<const HelperServe> services)
      : settings_(settings), services_(services) {}
  [[noreturn]] void run(int taken);

 private:
  [[noreturn]] void serve(pid_t parent);
  void prepare();
  void reap();
  void forget(pid_t pid);
  void refuseOne();
  [[noreturn]] void finish();

  const Settings& settings_;
  const std::span<const HelperServe> services_;
  std::string scratch_;
  sigset_t watched_{};
  int signals_ = -1;
  int taken_ = -1;
  pid_t spare_ = 0;             // waits for a request
  std::vector<pid_t> running_;  // the spare one not among them
  bool broken_ = false;
};

// In a process of its own: takes one request and runs it to its end.
void Helper::serve(pid_t parent) {
  prctl(PR_SET_PDEATHSIG, static_cast<unsigned long>(SIGKILL), 0ul, 0ul, 0ul);
  if (getppid() != parent || !becomeSubreaper()) _exit(1);
  close(signals_);
  close(taken_);
  close(kAlive);
  std::signal(SIGTERM, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  Received received;
  if (!receive(&received, 0)) _exit(0);
  const pid_t self = getpid();
  const bool told = write(kTaken, &self, sizeof self) == sizeof self;
  close(kTaken);
  close(kControl);
  const u32 index = static_cast<u32>(received.service);
  const bool known = index < services_.size() && services_[index] != nullptr;
  if (!told || !known || received.fds.empty()) _exit(0);  // the channel hangs up
  HelperRequest request;
  request.settings = &settings_;
  request.body = {received.body.get(), received.size};
  request.channel = received.fds[0];
  request.fds = std::span<const int>(received.fds).subspan(1);
  request.memory = kMemory;
  request.scratch = &scratch_;
  services_[index](request);
  std::vector<pid_t> ended;
  endChildren({}, &ended);
  _exit(0);
}

// Forks the process for the next request, if there is none.
void Helper::prepare() {
  if (spare_ > 0 || running_.size() >= HelperProcess::kMaxRequests) return;
  const pid_t self = getpid();
  const pid_t pid = fork();
  if (pid == 0) serve(self);
  spare_ = std::max(pid, 0);
}

void Helper::forget(pid_t pid) {
  std::erase(running_, pid);
  if (pid != spare_) return;
  // Before it had a request: it could not be made, or the end has come.
  spare_ = 0;
  broken_ = true;
}

void Helper::reap() {
  signalfd_siginfo info;
  while (read(signals_, &info, sizeof info) > 0) {
  }
  // Who has said that it is taken and has ended since.
  pid_t pid;
  while (read(taken_, &pid, sizeof pid) == sizeof pid) {
    if (pid == spare_) spare_ = 0;
    running_.push_back(pid);
  }
  std::vector<pid_t> kept = running_;
  if (spare_ > 0) kept.push_back(spare_);
  // What a request that was killed has left behind becomes ours.
  std::vector<pid_t> ended;
  endChildren(kept, &ended);
  // It may have been taken just before it ended.
  while (read(taken_, &pid, sizeof pid) == sizeof pid) {
    if (pid == spare_) spare_ = 0;
    running_.push_back(pid);
  }
  for (pid_t gone : ended) forget(gone);
}

// No process can be made for it: its channel hangs up.
void Helper::refuseOne() {
  Received received;
  if (!receive(&received, MSG_DONTWAIT)) return;
  for (int fd : received.fds) close(fd);
}

void Helper::finish() {
  for (pid_t pid : running_) kill(pid, SIGTERM);
  const u64 last = platform::monotonicNs() + u64{kEndGraceMs} * 1'000'000;
  while (!running_.empty()) {
    const u64 now = platform::monotonicNs();
    pollfd ended{signals_, POLLIN, 0};
    if (now >= last || poll(&ended, 1, static_cast<int>((last - now) / 1'000'000) + 1) == 0) break;
    reap();
  }
  std::vector<pid_t> ended;
  endChildren({}, &ended);
  std::error_code ignored;
  std::filesystem::remove_all(scratch_, ignored);
  _exit(0);
}

void Helper::run(int taken) {
  // The terminal's keys are for the runtime, which then ends this process.
  setsid();
  for (int number : {SIGTERM, SIGINT, SIGHUP, SIGPIPE}) std::signal(number, SIG_IGN);
  prctl(PR_SET_NAME, "bls-helper", 0ul, 0ul, 0ul);
  prctl(PR_SET_NO_NEW_PRIVS, 1ul, 0ul, 0ul, 0ul);
  taken_ = taken;
  sigemptyset(&watched_);
  sigaddset(&watched_, SIGCHLD);
  sigprocmask(SIG_SETMASK, &watched_, nullptr);
  signals_ = signalfd(-1, &watched_, SFD_CLOEXEC | SFD_NONBLOCK);
  if (signals_ < 0 || !becomeSubreaper()) _exit(1);
  const char* folder = std::getenv("TMPDIR");
  u64 random = 0;
  if (getrandom(&random, sizeof random, 0) != sizeof random) _exit(1);
  scratch_ = folder != nullptr && folder[0] == '/' ? folder : "/tmp";
  scratch_ += "/bls-" + std::to_string(getpid()) + "-" + std::to_string(random);
  for (;;) {
    prepare();
    const bool full = running_.size() >= HelperProcess::kMaxRequests;
    const bool none = spare_ <= 0 && !full;
    // Requests are for the spare process; here only their end counts, or that there is none.
    pollfd all[3] = {{kControl, static_cast<short>(POLLRDHUP | (none ? POLLIN : 0)), 0},
                     {signals_, POLLIN, 0},
                     {taken_, POLLIN, 0}};
    if (poll(all, 3, none ? kRetryMs : -1) < 0 && errno != EINTR) break;
    if ((all[0].revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0 || broken_) break;
    if (all[1].revents != 0 || all[2].revents != 0) reap();
    if (none && (all[0].revents & POLLIN) != 0) refuseOne();
  }
  finish();
}

// Leaves the control socket, the alive pipe, the shared file and standard error open. `*taken`
// becomes the end that is read.
bool arrangeDescriptors(int control, int alive, int* taken) {
  int pair[2];
  if (pipe2(pair, O_CLOEXEC | O_NONBLOCK) != 0) return false;
  const int memory = memfd_create("bls-requests", MFD_CLOEXEC);
  const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  if (memory < 0 || null < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0) return false;
  const int from[] = {control, alive, pair[1], memory, pair[0]};
  int high[std::size(from)];
  for (size_t i = 0; i < std::size(from); ++i) {
    high[i] = fcntl(from[i], F_DUPFD_CLOEXEC, 16);
    if (high[i] < 0) return false;
  }
  for (size_t i = 0; i < std::size(from); ++i) {
    if (dup3(high[i], kControl + static_cast<int>(i), O_CLOEXEC) < 0) return false;
  }
  *taken = kFirstOther;
  return syscall(SYS_close_range, unsigned{kFirstOther + 1}, ~0u, 0u) == 0;
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
    int taken = -1;
    if (!arrangeDescriptors(control[1], alive[1], &taken)) _exit(1);
    Helper(settings, services).run(taken);
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
