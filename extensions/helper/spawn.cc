// vfork and exec: the memory of the helper is not copied, and an error of the child is seen at
// once.
#include "extensions/helper/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <tuple>
#include <utility>

namespace bls::extensions {
namespace {

constexpr int kProgram = 3;
constexpr int kHigh = 16;  // above every number that the child overwrites

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (const std::string& text : texts) out.push_back(const_cast<char*>(text.c_str()));
  out.push_back(nullptr);
  return out;
}

// A copy that none of the child's own descriptors overwrites. Closed at the end of the scope.
class Copy {
 public:
  explicit Copy(int fd)
      : fd_(fd >= 0 ? fcntl(fd, F_DUPFD_CLOEXEC, kHigh) : open("/dev/null", O_RDWR | O_CLOEXEC)) {
    if (fd_ < 0 || fd_ >= kHigh) return;
    const int low = fd_;
    fd_ = fcntl(low, F_DUPFD_CLOEXEC, kHigh);
    close(low);
  }
  ~Copy() {
    if (fd_ >= 0) close(fd_);
  }
  Copy(const Copy&) = delete;
  Copy& operator=(const Copy&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

bool standardSignals = false;

struct Limit {
  __rlimit_resource_t resource;
  struct rlimit value;
};
using Limits = std::array<Limit, 6>;

// Never above what the process itself may have.
bool makeLimits(const ChildLimits& limits, Limits* out) {
  const std::pair<__rlimit_resource_t, u64> all[] = {
      {RLIMIT_CPU, limits.cpuSeconds},  {RLIMIT_AS, limits.memoryBytes},
      {RLIMIT_NOFILE, limits.files},    {RLIMIT_NPROC, limits.processes},
      {RLIMIT_FSIZE, limits.fileBytes}, {RLIMIT_CORE, 0}};
  static_assert(std::size(all) == std::tuple_size_v<Limits>);
  for (size_t i = 0; i < std::size(all); ++i) {
    struct rlimit now{};
    if (getrlimit(all[i].first, &now) != 0) return false;
    const rlim_t most = std::min<rlim_t>(now.rlim_max, all[i].second);
    (*out)[i] = {all[i].first, {most, most}};
  }
  return true;
}

// What the child is told, all of it prepared before.
struct Plan {
  const SpawnRequest* request;
  char* const* arguments;
  char* const* environment;
  const Limits* limits;
  int in, out, err, program;
  bool script;
  pid_t parent;
};

// In the child, on the parent's memory: only system calls. Returns with errno.
void become(const Plan& plan) {
  const SpawnRequest& request = *plan.request;
  if (setsid() < 0) return;
  if (prctl(PR_SET_PDEATHSIG, static_cast<unsigned long>(SIGKILL), 0ul, 0ul, 0ul) != 0) return;
  if (getppid() != plan.parent) {
    errno = ESRCH;
    return;
  }
  if (!standardSignals) resetSignals();
  if (dup2(plan.in, 0) < 0 || dup2(plan.out, 1) < 0 || dup2(plan.err, 2) < 0) return;
  if (dup3(plan.program, kProgram, plan.script ? 0 : O_CLOEXEC) < 0) return;
  if (request.directory != nullptr && chdir(request.directory) != 0) return;
  if (prctl(PR_SET_NO_NEW_PRIVS, 1ul, 0ul, 0ul, 0ul) != 0) return;
  if (request.profile != nullptr && !request.profile->enter()) return;
  if (syscall(SYS_close_range, unsigned{kProgram + 1}, ~0u, 0u) != 0) return;
  for (const Limit& limit : *plan.limits) {
    if (setrlimit(limit.resource, &limit.value) != 0) return;
  }
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  syscall(SYS_execveat, kProgram, "", plan.arguments, plan.environment, AT_EMPTY_PATH);
}

// Not inlined: the child must not share the frame of what follows.
__attribute__((noinline)) pid_t start(const Plan& plan, volatile int* error) {
  const pid_t pid = vfork();
  if (pid == 0) {
    become(plan);
    *error = errno;
    _exit(127);
  }
  if (pid < 0) *error = errno;
  return pid;
}

}  // namespace

bool isScript(int program) {
  char start[2];
  return pread(program, start, sizeof start, 0) == sizeof start && start[0] == '#' &&
         start[1] == '!';
}

void resetSignals() {
  struct sigaction standard{};
  standard.sa_handler = SIG_DFL;
  for (int number = 1; number < NSIG; ++number) sigaction(number, &standard, nullptr);
}

void signalsAreStandard() { standardSignals = true; }

pid_t spawnProgram(const SpawnRequest& request, int* error) {
  std::vector<char*> arguments = pointers(request.arguments);
  std::vector<char*> environment = pointers(request.environment);
  const Copy in(request.in), out(request.out), err(request.err), program(request.program);
  *error = EMFILE;
  if (in.get() < 0 || out.get() < 0 || err.get() < 0 || program.get() < 0) return -1;
  Limits limits;
  if (!makeLimits(request.limits, &limits)) {
    *error = errno;
    return -1;
  }
  const Plan plan{
      &request,  arguments.data(), environment.data(),        &limits, in.get(), out.get(),
      err.get(), program.get(),    isScript(request.program), getpid()};
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, &before);
  volatile int failed = 0;
  pid_t pid = start(plan, &failed);
  // The child is reaped by its supervisor when it was started, here when not.
  if (pid > 0 && failed != 0) {
    int status;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    pid = -1;
  }
  sigprocmask(SIG_SETMASK, &before, nullptr);
  *error = failed;
  return pid;
}

}  // namespace bls::extensions
