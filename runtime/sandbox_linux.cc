// Entering the sandbox on Linux: prctl, Landlock, seccomp, rlimits.
#include "runtime/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "engine/base/sanitized.h"
#include "runtime/syscall_filter.h"

namespace bls::cli {
namespace {

// --- Landlock. The numbers are the kernel's; the header of the build machine may be older than the
// kernel of the machine that runs it. ---

constexpr u64 kExecute = 1u << 0;
constexpr u64 kWriteFile = 1u << 1;
constexpr u64 kReadFile = 1u << 2;
constexpr u64 kReadDir = 1u << 3;
constexpr u64 kRemoveDir = 1u << 4;
constexpr u64 kRemoveFile = 1u << 5;
constexpr u64 kMakeDir = 1u << 7;
constexpr u64 kMakeRegular = 1u << 8;
constexpr u64 kMakeLink = 1u << 12;
constexpr u64 kAbi1 = (1u << 13) - 1;
constexpr u64 kRefer = 1u << 13;      // ABI 2: link and rename to another directory
constexpr u64 kTruncate = 1u << 14;   // ABI 3
constexpr u64 kIoctlDev = 1u << 15;   // ABI 5
constexpr u64 kTcp = 3;               // ABI 4: bind, connect
constexpr u64 kScopes = 3;            // ABI 6: abstract sockets and signals of others
constexpr u32 kAllThreads = 1u << 3;  // ABI 8: a flag of restricting oneself

struct RulesetAttr {
  u64 files;
  u64 network;
  u64 scoped;
};

struct PathRule {
  u64 allowed;
  i32 parent;
} __attribute__((packed));

static_assert((kExecute | kReadFile) == 5);

u64 handledFiles(u32 abi) {
  return kAbi1 | (abi >= 2 ? kRefer : 0) | (abi >= 3 ? kTruncate : 0) | (abi >= 5 ? kIoctlDev : 0);
}

u64 rightsFor(bool write, bool directory) {
  u64 rights = kReadFile | (write ? kWriteFile | kTruncate : 0);
  if (!directory) return rights;
  rights |= kReadDir;
  if (write) rights |= kRemoveDir | kRemoveFile | kMakeDir | kMakeRegular | kMakeLink | kRefer;
  return rights;
}

// Paths that are not there need no rule.
void addRule(int ruleset, const PathGrant& grant, u64 handled) {
  const int fd = open(grant.path.c_str(), O_PATH | O_CLOEXEC);
  struct stat info{};
  if (fd >= 0 && fstat(fd, &info) == 0) {
    PathRule rule{rightsFor(grant.write, S_ISDIR(info.st_mode)) & handled, fd};
    syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0u);
  }
  if (fd >= 0) close(fd);
}

SandboxVerdict confineFiles(const SandboxRequest& request) {
  const u32 abi = landlockAbi();
  if (abi == 0) return {false, "this kernel does not offer it"};
  if (abi == 1) {
    // There a file cannot be moved to another directory at all, which guests may do.
    for (const PathGrant& grant : request.paths) {
      if (grant.write) return {false, "ABI 1 would keep files from being moved; needs Linux 5.19"};
    }
  }
  RulesetAttr attr{handledFiles(abi), abi >= 4 && !request.network ? kTcp : 0,
                   abi >= 6 ? kScopes : 0};
  const size_t known = abi >= 6 ? sizeof attr : abi >= 4 ? 2 * sizeof(u64) : sizeof(u64);
  const int ruleset = static_cast<int>(syscall(SYS_landlock_create_ruleset, &attr, known, 0u));
  if (ruleset < 0) return {false, strerror(errno)};
  for (const PathGrant& grant : request.paths) addRule(ruleset, grant, attr.files);
  long refused = syscall(SYS_landlock_restrict_self, ruleset, abi >= 8 ? kAllThreads : 0u);
  if (refused != 0 && abi >= 8) refused = syscall(SYS_landlock_restrict_self, ruleset, 0u);
  const int error = errno;
  close(ruleset);
  if (refused != 0) return {false, strerror(error)};
  std::string text = "ABI " + std::to_string(abi) + ", files";
  if (attr.network != 0) text += ", TCP";
  if (attr.scoped != 0) text += ", signals";
  return {true, text};
}

// --- System calls ---

int violationLog = -1;

// Appends to a line of fixed size; for a signal handler.
struct Line {
  char text[256];
  size_t size = 0;
  void add(const char* part) {
    while (*part != 0 && size < sizeof text) text[size++] = *part++;
  }
  void add(u32 number) {
    char digits[10];
    size_t count = 0;
    do {
      digits[count++] = static_cast<char>('0' + number % 10);
    } while ((number /= 10) != 0);
    while (count != 0 && size < sizeof text) text[size++] = digits[--count];
  }
};

void stopped(int, siginfo_t* info, void*) {
  Line line;
  line.add("error: internal: the sandbox stopped system call ");
  line.add(static_cast<u32>(info->si_syscall));
  line.add(
      ", which no run needs: a bug in bless, or a guest that broke out; --no-sandbox runs "
      "without this check\n");
  for (int fd : {2, violationLog}) {
    if (fd >= 0 && write(fd, line.text, line.size) < 0) continue;
  }
  _exit(255);
}

SandboxVerdict confineCalls(const SandboxRequest& request) {
  violationLog = request.logFd == 2 ? -1 : request.logFd;
  struct sigaction action{};
  action.sa_sigaction = stopped;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  if (sigaction(SIGSYS, &action, nullptr) != 0) return {false, strerror(errno)};
  std::vector<sock_filter> filter =
      syscallFilter(request.compiles, request.network, static_cast<u32>(getpid()));
  sock_fprog program{static_cast<unsigned short>(filter.size()), filter.data()};
  const long refused =
      syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program);
  if (refused > 0) return {false, "a thread has a filter of its own"};
  if (refused < 0) {
    return {false,
            errno == EINVAL || errno == ENOSYS ? "this kernel does not offer it" : strerror(errno)};
  }
  std::string text = "seccomp list";
  text += request.compiles ? ", code never writable" : ", no new code";
  text += request.network ? ", sockets" : ", no new sockets";
  return {true, text};
}

SandboxVerdict forbidCoreDumps() {
  const struct rlimit none{};
  if (setrlimit(RLIMIT_CORE, &none) != 0) return {false, strerror(errno)};
  return {true, "never written"};
}

}  // namespace

u32 landlockAbi() {
  const long abi =
      syscall(SYS_landlock_create_ruleset, nullptr, 0ul, unsigned{LANDLOCK_CREATE_RULESET_VERSION});
  return abi > 0 ? static_cast<u32>(abi) : 0;
}

SandboxReport enterSandbox(const SandboxRequest& request) {
  SandboxReport report;
  report[SandboxPart::CoreDumps] = forbidCoreDumps();
#if defined(BLS_SANITIZED)
  (void)confineFiles;
  (void)confineCalls;
  (void)request;
  for (SandboxPart part :
       {SandboxPart::NoNewPrivileges, SandboxPart::Landlock, SandboxPart::SystemCalls})
    report[part].text = "a sanitizer's own work would be stopped";
#else
  const bool kept = prctl(PR_SET_NO_NEW_PRIVS, 1ul, 0ul, 0ul, 0ul) == 0;
  report[SandboxPart::NoNewPrivileges] = {kept, kept ? "kept over exec" : strerror(errno)};
  report[SandboxPart::Landlock] = confineFiles(request);
  report[SandboxPart::SystemCalls] = confineCalls(request);
#endif
  return report;
}

}  // namespace bls::cli
