// The sandbox, in child processes that enter it and then try things; and its list of system calls,
// run through an interpreter of its own.
#include "runtime/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <set>
#include <span>

#include "engine/base/sanitized.h"
#include "runtime/syscall_filter.h"

namespace bls::cli {
namespace {

#if defined(__x86_64__)
constexpr u32 kArch = AUDIT_ARCH_X86_64;
#else
constexpr u32 kArch = AUDIT_ARCH_AARCH64;
#endif

constexpr u32 kProcess = 12345;

// What the kernel would do; 0 when the program is broken.
u32 decide(std::span<const sock_filter> program, const seccomp_data& data) {
  const u8* bytes = reinterpret_cast<const u8*>(&data);
  u32 a = 0;
  for (size_t at = 0; at < program.size(); ++at) {
    const sock_filter& insn = program[at];
    size_t jump = 0;
    switch (insn.code) {
      case BPF_LD | BPF_W | BPF_ABS:
        if (insn.k + 4 > sizeof data || insn.k % 4 != 0) return 0;
        memcpy(&a, bytes + insn.k, 4);
        break;
      case BPF_ALU | BPF_AND | BPF_K: a &= insn.k; break;
      case BPF_JMP | BPF_JEQ | BPF_K: jump = a == insn.k ? insn.jt : insn.jf; break;
      case BPF_JMP | BPF_JGE | BPF_K: jump = a >= insn.k ? insn.jt : insn.jf; break;
      case BPF_JMP | BPF_JSET | BPF_K: jump = (a & insn.k) != 0 ? insn.jt : insn.jf; break;
      case BPF_RET | BPF_K: return insn.k;
      default: return 0;
    }
    at += jump;
  }
  return 0;
}

u32 decide(bool compiles, bool network, long number, std::initializer_list<u64> args = {}) {
  seccomp_data data{};
  data.nr = static_cast<int>(number);
  data.arch = kArch;
  size_t i = 0;
  for (u64 arg : args) data.args[i++] = arg;
  return decide(syscallFilter(compiles, network, kProcess), data);
}

constexpr u32 kAllow = SECCOMP_RET_ALLOW;
constexpr u32 kTrap = SECCOMP_RET_TRAP;
constexpr u32 fails(int error) { return SECCOMP_RET_ERRNO | static_cast<u32>(error); }

TEST(SyscallFilter, EveryNumberOfEveryMachineGetsADecision) {
  const std::set<u32> known = {kAllow,        kTrap,         fails(ENOSYS),
                               fails(EACCES), fails(ENOTTY), fails(EPERM)};
  for (bool compiles : {false, true}) {
    for (bool network : {false, true}) {
      for (u32 arch : {kArch, u32{0}, u32{AUDIT_ARCH_I386}}) {
        u32 allowed = 0;
        for (u32 number = 0; number < 2048; ++number) {
          seccomp_data data{};
          data.nr = static_cast<int>(number);
          data.arch = arch;
          const u32 action = decide(syscallFilter(compiles, network, kProcess), data);
          EXPECT_TRUE(known.count(action) == 1) << number << " " << action;
          EXPECT_TRUE(arch == kArch || action == kTrap) << number;
          allowed += action == kAllow ? 1 : 0;
        }
        EXPECT_LT(allowed, 120u);
        if (arch == kArch) {
          EXPECT_GT(allowed, 80u);
        }
      }
      seccomp_data data{};
      data.arch = kArch;
      data.nr = static_cast<int>(0x40000000u);  // x32
      EXPECT_EQ(decide(syscallFilter(compiles, network, kProcess), data), kTrap);
    }
  }
}

TEST(SyscallFilter, MemoryIsNeverWritableAndExecutable) {
  const u64 both = PROT_READ | PROT_WRITE | PROT_EXEC;
  for (long number : {SYS_mmap, SYS_mprotect}) {
    for (bool compiles : {false, true}) {
      EXPECT_EQ(decide(compiles, false, number, {0, 4096, PROT_READ | PROT_WRITE}), kAllow);
      EXPECT_EQ(decide(compiles, false, number, {0, 4096, PROT_NONE}), kAllow);
      EXPECT_EQ(decide(compiles, false, number, {0, 4096, both}), kTrap);
      EXPECT_EQ(decide(compiles, false, number, {0, 4096, PROT_WRITE | PROT_EXEC}), kTrap);
      EXPECT_EQ(decide(compiles, false, number, {0, 4096, PROT_READ | PROT_EXEC}),
                compiles ? kAllow : kTrap);
    }
  }
}

TEST(SyscallFilter, NoProcessesNoPrivilegesNoNewSockets) {
  for (long number :
       {SYS_execve, SYS_execveat, SYS_ptrace, SYS_mount, SYS_bpf, SYS_setuid, SYS_init_module,
        SYS_keyctl, SYS_userfaultfd, SYS_io_uring_setup, SYS_kexec_load, SYS_process_vm_writev,
        SYS_kill, SYS_chroot, SYS_unshare, SYS_seccomp}) {
    EXPECT_EQ(decide(true, true, number), kTrap) << number;
  }
  EXPECT_EQ(decide(true, false, SYS_clone, {CLONE_VM | CLONE_FS | CLONE_SIGHAND | CLONE_THREAD}),
            kAllow);
  EXPECT_EQ(decide(true, false, SYS_clone, {SIGCHLD}), kTrap);
  EXPECT_EQ(decide(true, false, SYS_clone3), fails(ENOSYS));
  for (long number : {SYS_socket, SYS_connect, SYS_bind, SYS_listen}) {
    EXPECT_EQ(decide(true, false, number), fails(EACCES));
    EXPECT_EQ(decide(true, true, number), kAllow);
  }
  EXPECT_EQ(decide(true, false, SYS_prlimit64, {0, RLIMIT_NOFILE, 0, 1}), kAllow);
  EXPECT_EQ(decide(true, false, SYS_prlimit64, {0, RLIMIT_NOFILE, 4096, 0}), fails(EPERM));
  EXPECT_EQ(decide(true, false, SYS_prlimit64, {0, RLIMIT_NOFILE, u64{1} << 32, 0}), fails(EPERM));
  EXPECT_EQ(decide(true, false, SYS_ioctl, {0, 0x5401}), kAllow);         // TCGETS
  EXPECT_EQ(decide(true, false, SYS_ioctl, {0, 0x5412}), fails(ENOTTY));  // TIOCSTI
  EXPECT_EQ(decide(true, false, SYS_prctl, {15}), kAllow);
  EXPECT_EQ(decide(true, false, SYS_prctl, {4, 1}), fails(EPERM));  // PR_SET_DUMPABLE
}

TEST(SyscallFilter, SignalsStayInTheProcess) {
  EXPECT_EQ(decide(true, false, SYS_tgkill, {kProcess, 7, SIGTERM}), kAllow);
  EXPECT_EQ(decide(true, true, SYS_tgkill, {kProcess + 1, 7, SIGTERM}), fails(EPERM));
  EXPECT_EQ(decide(true, false, SYS_tgkill, {0, 7, SIGTERM}), fails(EPERM));
  for (u64 command : {F_SETOWN, 10 /* F_SETSIG */, 15 /* F_SETOWN_EX */, 1026 /* F_NOTIFY */})
    EXPECT_EQ(decide(true, true, SYS_fcntl, {3, command, 1}), fails(EPERM)) << command;
  for (u64 command : {F_DUPFD_CLOEXEC, F_GETFL, F_SETFL, F_GETFD, F_SETFD, F_GETLK})
    EXPECT_EQ(decide(false, false, SYS_fcntl, {3, command, 1}), kAllow) << command;
  for (long number : {SYS_tkill, SYS_kill, SYS_rt_sigqueueinfo, SYS_rt_tgsigqueueinfo})
    EXPECT_EQ(decide(true, true, number), kTrap) << number;
}

#if !defined(BLS_SANITIZED) && !defined(BLS_EMULATED)

struct Outcome {
  int status = -1;  // of wait
  std::string err;
};

// Runs `body` in a child whose standard error is read; its return value is the exit status.
Outcome inChild(const std::function<int()>& body) {
  int ends[2];
  EXPECT_EQ(pipe2(ends, O_CLOEXEC), 0);
  const pid_t child = fork();
  if (child == 0) {
    dup2(ends[1], 2);
    _exit(body());
  }
  close(ends[1]);
  Outcome out;
  char buffer[4096];
  for (ssize_t n; (n = read(ends[0], buffer, sizeof buffer)) > 0;)
    out.err.append(buffer, static_cast<size_t>(n));
  close(ends[0]);
  EXPECT_EQ(waitpid(child, &out.status, 0), child);
  return out;
}

// What this kernel offers.
SandboxReport offered() {
  static const SandboxReport report = [] {
    int ends[2];
    EXPECT_EQ(pipe2(ends, O_CLOEXEC), 0);
    const pid_t child = fork();
    if (child == 0) {
      const SandboxReport mine = enterSandbox({});
      char active[kSandboxPartCount];
      for (u32 i = 0; i < kSandboxPartCount; ++i) active[i] = mine.parts[i].active ? 1 : 0;
      _exit(write(ends[1], active, sizeof active) == sizeof active ? 0 : 1);
    }
    SandboxReport out;
    char active[kSandboxPartCount] = {};
    EXPECT_EQ(read(ends[0], active, sizeof active), static_cast<ssize_t>(sizeof active));
    waitpid(child, nullptr, 0);
    close(ends[0]);
    close(ends[1]);
    for (u32 i = 0; i < kSandboxPartCount; ++i) out.parts[i].active = active[i] != 0;
    return out;
  }();
  return report;
}

void expectStopped(long number, const std::function<void()>& call) {
  const Outcome out = inChild([&] {
    SandboxRequest request;
    request.compiles = true;
    enterSandbox(request);
    call();
    return 7;
  });
  ASSERT_TRUE(WIFEXITED(out.status)) << "a signal, not a status: " << out.status;
  EXPECT_EQ(WEXITSTATUS(out.status), 255);
  EXPECT_EQ(out.err, "error: internal: the sandbox stopped system call " + std::to_string(number) +
                         ", which no run needs: a bug in bless, or a guest that broke out; "
                         "--no-sandbox runs without this check\n");
}

TEST(Sandbox, ViolationsEndWithALineAndAStatus) {
  if (!offered()[SandboxPart::SystemCalls].active) GTEST_SKIP() << "no seccomp here";
  char* const none[] = {nullptr};
  expectStopped(SYS_execve, [&] { execve("/bin/true", none, none); });
  expectStopped(SYS_mmap, [] {
    (void)!mmap(nullptr, 4096, PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  });
  expectStopped(SYS_clone, [] { syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0); });
  expectStopped(SYS_kill, [] { kill(1, 0); });
}

TEST(Sandbox, OtherProcessesGetNoSignals) {
  if (!offered()[SandboxPart::SystemCalls].active) GTEST_SKIP() << "no seccomp here";
  const pid_t other = getpid();
  const Outcome out = inChild([other] {
    enterSandbox({});
    if (syscall(SYS_tgkill, other, other, 0) == 0 || errno != EPERM) return 1;
    return raise(0) == 0 ? 0 : 2;
  });
  EXPECT_EQ(out.status, 0) << out.err;
}

TEST(Sandbox, ViolationsAreLoggedToo) {
  if (!offered()[SandboxPart::SystemCalls].active) GTEST_SKIP() << "no seccomp here";
  int log[2];
  ASSERT_EQ(pipe(log), 0);
  inChild([&] {
    SandboxRequest request;
    request.logFd = log[1];
    enterSandbox(request);
    syscall(SYS_chroot, "/");
    return 7;
  });
  char text[300] = {};
  EXPECT_GT(read(log[0], text, sizeof text - 1), 0);
  EXPECT_NE(strstr(text, "the sandbox stopped system call"), nullptr) << text;
  close(log[0]);
  close(log[1]);
}

TEST(Sandbox, OtherThreadsAreHeldToTheList) {
  if (!offered()[SandboxPart::SystemCalls].active) GTEST_SKIP() << "no seccomp here";
  const Outcome out = inChild([] {
    int ready[2];
    if (pipe(ready) != 0) return 1;
    pthread_t thread;
    auto body = [](void* fd) -> void* {
      char byte;
      if (read(*static_cast<int*>(fd), &byte, 1) != 1) _exit(2);
      syscall(SYS_chroot, "/");
      _exit(3);
    };
    if (pthread_create(&thread, nullptr, body, &ready[0]) != 0) return 4;
    enterSandbox({});
    if (write(ready[1], "x", 1) != 1) return 5;
    pthread_join(thread, nullptr);
    return 6;
  });
  EXPECT_EQ(WEXITSTATUS(out.status), 255) << out.err;
}

TEST(Sandbox, FilesOutsideTheGrantsAreClosed) {
  if (!offered()[SandboxPart::Landlock].active) GTEST_SKIP() << "no Landlock here";
  char folder[] = "/tmp/bless-sandbox-XXXXXX";
  ASSERT_NE(mkdtemp(folder), nullptr);
  const std::string base = folder;
  for (const char* name : {"/ro", "/rw", "/rw/sub", "/other"})
    ASSERT_EQ(mkdir((base + name).c_str(), 0700), 0);
  for (const char* name : {"/ro/f", "/rw/f", "/other/f", "/single"}) {
    const int fd = open((base + name).c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    ASSERT_GE(fd, 0);
    close(fd);
  }
  const Outcome out = inChild([&] {
    const int before = open((base + "/other/f").c_str(), O_RDWR | O_CLOEXEC);
    SandboxRequest request;
    request.paths = {
        {base + "/ro", false}, {base + "/rw", true}, {base + "/single", false}, {"/no/such", true}};
    enterSandbox(request);
    auto opens = [&](const char* name, int flags) {
      const int fd = openat(AT_FDCWD, (base + name).c_str(), flags | O_CLOEXEC, 0600);
      if (fd >= 0) close(fd);
      return fd >= 0 ? 0 : errno;
    };
    auto at = [&](const char* name) { return base + name; };
    int step = 1;
    for (bool fine : {
             opens("/ro/f", O_RDONLY) == 0,
             opens("/ro/f", O_RDWR) == EACCES,
             opens("/ro/new", O_CREAT | O_WRONLY) == EACCES,
             opens("/ro", O_RDONLY | O_DIRECTORY) == 0,
             opens("/rw/f", O_RDWR) == 0,
             opens("/rw/new", O_CREAT | O_RDWR) == 0,
             opens("/single", O_RDONLY) == 0,
             opens("/single", O_WRONLY) == EACCES,
             opens("/other/f", O_RDONLY) == EACCES,
             opens("/other", O_RDONLY | O_DIRECTORY) == EACCES,
             opens("/../../etc/passwd", O_RDONLY) == EACCES,
             syscall(SYS_renameat, AT_FDCWD, at("/rw/new").c_str(), AT_FDCWD,
                     at("/rw/sub/new").c_str()) == 0,
             syscall(SYS_renameat, AT_FDCWD, at("/rw/f").c_str(), AT_FDCWD,
                     at("/other/g").c_str()) != 0,
             syscall(SYS_unlinkat, AT_FDCWD, at("/ro/f").c_str(), 0) != 0,
             syscall(SYS_unlinkat, AT_FDCWD, at("/rw/sub/new").c_str(), 0) == 0,
             syscall(SYS_mkdirat, AT_FDCWD, at("/rw/d").c_str(), 0700) == 0,
             syscall(SYS_unlinkat, AT_FDCWD, at("/rw/d").c_str(), AT_REMOVEDIR) == 0,
             write(before, "x", 1) == 1,
         }) {
      if (!fine) return step;
      ++step;
    }
    return 0;
  });
  EXPECT_EQ(out.status, 0) << "step " << WEXITSTATUS(out.status) << out.err;
  struct stat info{};
  EXPECT_EQ(stat((base + "/other/f").c_str(), &info), 0);
  EXPECT_EQ(info.st_size, 1) << "what was open stays usable";
  EXPECT_NE(system(("rm -r " + base).c_str()), -1);
}

TEST(Sandbox, SocketsAreRefusedAndThreadsAreNot) {
  const Outcome out = inChild([] {
    const SandboxReport report = enterSandbox({});
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (report[SandboxPart::SystemCalls].active && (fd >= 0 || errno != EACCES)) return 1;
    pthread_t thread;
    auto body = [](void*) -> void* { return nullptr; };
    if (pthread_create(&thread, nullptr, body, nullptr) != 0) return 2;
    if (pthread_join(thread, nullptr) != 0) return 3;
    struct rlimit limit{};
    if (getrlimit(RLIMIT_CORE, &limit) != 0 || limit.rlim_max != 0) return 4;
    std::string text(1 << 20, 'x');  // the heap works
    return text.size() == 1 << 20 ? 0 : 5;
  });
  EXPECT_EQ(out.status, 0) << out.err;
}

#endif

TEST(Sandbox, ReportsAreOneLine) {
  SandboxReport report;
  EXPECT_FALSE(report.allActive());
  for (SandboxVerdict& verdict : report.parts) verdict = {true, "x"};
  EXPECT_TRUE(report.allActive());
  report[SandboxPart::Landlock] = {false, "why"};
  EXPECT_EQ(report.line(),
            "no-new-privileges: on, x; landlock: off, why; system-calls: on, x; core-dumps: on, x");
}

}  // namespace
}  // namespace bls::cli
