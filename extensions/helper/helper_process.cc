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
#include <array>
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <new>
#include <system_error>
#include <vector>

#include "engine/base/platform.h"
#include "extensions/helper/children.h"
#include "extensions/helper/spawn.h"

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
  const int alive_;  // hangs up when the helper and all that serve have ended
  const pid_t pid_;
  std::atomic<bool> ended_{false};
};

// --- The helper's side ---

constexpr int kControl = 3;
// 4: the alive pipe, which hangs up when it is closed everywhere.
constexpr int kTaken = 5;  // a byte when no process is left that waits for a request
constexpr int kMemory = 6;
constexpr int kFirstOther = 7;
constexpr int kEndGraceMs = 100;
constexpr int kRetryMs = 20;
// By the helper itself: who ends it is the runtime.
constexpr int kIgnored[] = {SIGTERM, SIGINT, SIGHUP, SIGPIPE};

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

// Where a process that serves is. Each says so itself, in memory that all share, so that nobody has
// to be woken for it.
enum class Place : u8 {
  None,
  Starting,
  Idle,  // waits for a request
  Busy,
};

static_assert(std::atomic<Place>::is_always_lock_free);

struct Board {
  std::atomic<Place> places[HelperProcess::kMaxRequests];
  // Of those that a request will find, or is about to.
  size_t idle() const {
    size_t count = 0;
    for (const std::atomic<Place>& place : places) {
      const Place now = place.load();
      if (now == Place::Idle || now == Place::Starting) ++count;
    }
    return count;
  }
};

class Helper {
 public:
  Helper(const Settings& settings, std::span<const HelperServe> services)
      : settings_(settings), services_(services) {}
  [[noreturn]] void run(int taken);

 private:
  [[noreturn]] void serve(pid_t parent, std::atomic<Place>* place);
  bool serveOne(const Received& received);
  bool prepare();
  void reap();
  void refuseOne();
  std::vector<pid_t> processes() const;
  [[noreturn]] void finish();

  const Settings& settings_;
  const std::span<const HelperServe> services_;
  std::string scratch_;
  sigset_t watched_{};
  int signals_ = -1;
  int taken_ = -1;
  Board* board_ = nullptr;
  std::array<pid_t, HelperProcess::kMaxRequests> pids_{};  // 0: none; as the places of the board
  bool broken_ = false;
};

// True when the process may serve again.
bool Helper::serveOne(const Received& received) {
  const u32 index = static_cast<u32>(received.service);
  const bool known = index < services_.size() && services_[index] != nullptr;
  if (!known || received.fds.empty()) return false;
  HelperRequest request;
  request.settings = &settings_;
  request.body = {received.body.get(), received.size};
  request.channel = received.fds[0];
  request.fds = std::span<const int>(received.fds).subspan(1);
  request.memory = kMemory;
  request.scratch = &scratch_;
  const bool again = services_[index](request);
  endChildren({}, nullptr);
  return again;
}

// In a process of its own: takes a request and runs it to its end, and the next one.
void Helper::serve(pid_t parent, std::atomic<Place>* place) {
  // When the helper is killed, each ends as it would at the end of the run: only a process that
  // lives can end what has left the session of its program.
  prctl(PR_SET_PDEATHSIG, static_cast<unsigned long>(SIGTERM), 0ul, 0ul, 0ul);
  if (!becomeSubreaper()) _exit(1);
  close(signals_);
  close(taken_);
  for (int number : kIgnored) std::signal(number, SIG_DFL);
  if (getppid() != parent) _exit(1);  // since the signal has an effect
  signalsAreStandard();
  sigset_t none;
  sigemptyset(&none);
  Received received;
  place->store(Place::Idle);
  for (;;) {
    // A request to end that came too late for the last one ends the process here.
    sigprocmask(SIG_SETMASK, &none, nullptr);
    received.fds.clear();
    if (!receive(&received, 0)) _exit(0);
    place->store(Place::Busy);
    // The helper makes another one. It need not know when there are some.
    if (board_->idle() == 0 && write(kTaken, "", 1) < 0 && errno != EAGAIN) _exit(0);
    if (!serveOne(received) || getppid() != parent) _exit(0);
    place->store(Place::Idle);
    if (board_->idle() > HelperProcess::kMaxIdle) {
      place->store(Place::Busy);
      _exit(0);
    }
    // Who waits for this end may send the next request, which finds this process.
    close(received.fds[0]);
  }
}

// Sees to it that a process waits for the next request. False when the system has none.
bool Helper::prepare() {
  if (board_->idle() != 0) return true;
  const auto room = std::find(pids_.begin(), pids_.end(), 0);
  if (room == pids_.end()) return true;  // requests wait until one is done
  std::atomic<Place>* const place = &board_->places[room - pids_.begin()];
  const pid_t self = getpid();
  place->store(Place::Starting);
  const pid_t pid = fork();
  if (pid == 0) serve(self, place);
  if (pid < 0) place->store(Place::None);
  *room = std::max(pid, 0);
  return pid > 0;
}

std::vector<pid_t> Helper::processes() const {
  std::vector<pid_t> out;
  std::copy_if(pids_.begin(), pids_.end(), std::back_inserter(out),
               [](pid_t pid) { return pid != 0; });
  return out;
}

void Helper::reap() {
  signalfd_siginfo info;
  while (read(signals_, &info, sizeof info) > 0) {
  }
  char marks[64];
  while (read(taken_, marks, sizeof marks) > 0) {
  }
  // What a request that was killed has left behind becomes ours.
  std::vector<pid_t> ended;
  endChildren(processes(), &ended);
  for (pid_t gone : ended) {
    const auto at = std::find(pids_.begin(), pids_.end(), gone);
    if (at == pids_.end()) continue;
    *at = 0;
    // Before it had a request: it could not be made.
    const Place was = board_->places[at - pids_.begin()].exchange(Place::None);
    broken_ = broken_ || was == Place::Starting;
  }
}

// No process can be made for it: its channel hangs up.
void Helper::refuseOne() {
  Received received;
  if (!receive(&received, MSG_DONTWAIT)) return;
  for (int fd : received.fds) close(fd);
}

void Helper::finish() {
  for (pid_t pid : processes()) kill(pid, SIGTERM);
  const u64 last = platform::monotonicNs() + u64{kEndGraceMs} * 1'000'000;
  while (!processes().empty()) {
    const u64 now = platform::monotonicNs();
    pollfd ended{signals_, POLLIN, 0};
    if (now >= last || poll(&ended, 1, static_cast<int>((last - now) / 1'000'000) + 1) == 0) break;
    reap();
  }
  endChildren({}, nullptr);
  std::error_code ignored;
  std::filesystem::remove_all(scratch_, ignored);
  _exit(0);
}

void Helper::run(int taken) {
  // The terminal's keys are for the runtime, which then ends this process.
  setsid();
  // Handlers of the runtime are nothing for what is started here.
  resetSignals();
  for (int number : kIgnored) std::signal(number, SIG_IGN);
  prctl(PR_SET_NAME, "bls-helper", 0ul, 0ul, 0ul);
  prctl(PR_SET_NO_NEW_PRIVS, 1ul, 0ul, 0ul, 0ul);
  taken_ = taken;
  void* const shared =
      mmap(nullptr, sizeof(Board), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED) _exit(1);
  board_ = new (shared) Board{};
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
    const bool none = !prepare();
    // Requests are for the processes that serve; here only their end counts, or that there is none.
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
