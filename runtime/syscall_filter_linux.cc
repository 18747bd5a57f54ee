// The list of system calls, and the compiler from list to BPF.
//
// The program is a binary tree over the numbers, cut where what happens changes: the kernel walks
// it once per number when it is installed, so a flat list of comparisons would cost a process start
// more than it should.
#include "runtime/syscall_filter.h"

#include <asm/ioctls.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include <array>

#include "engine/base/ints.h"

namespace bls::cli {
namespace {

#if defined(__x86_64__)
constexpr u32 kArch = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr u32 kArch = AUDIT_ARCH_AARCH64;
#else
#error "the system call list knows x86-64 and AArch64"
#endif

enum class Rule : u8 {
  Trap,         // not on the list: the process ends
  Allow,        // any arguments
  NotThere,     // ENOSYS: the C library falls back to an older call
  Refused,      // EACCES: not granted
  Mapping,      // mmap, mprotect: never writable and executable; executable only with a compiler
  Threads,      // clone: threads, no processes
  ReadLimits,   // prlimit64: looking only
  Terminal,     // ioctl: terminal modes and bytes waiting
  ThreadNames,  // prctl
  LocalPair,    // socketpair: a channel within this machine, to nobody else
  OwnThreads,   // tgkill: signals to threads of this process only
  NoOwner,      // fcntl: all but what makes the kernel signal another process
};

struct Row {
  u32 number;
  Rule rule;
};

// What a run of any tier needs once modules are loaded: descriptors, files below directories,
// waiting, memory, threads, time. Order does not matter.
constexpr Row kRows[] = {
    {SYS_read, Rule::Allow},
    {SYS_write, Rule::Allow},
    {SYS_readv, Rule::Allow},
    {SYS_writev, Rule::Allow},
    {SYS_pread64, Rule::Allow},
    {SYS_pwrite64, Rule::Allow},
    {SYS_preadv, Rule::Allow},
    {SYS_pwritev, Rule::Allow},
    {SYS_close, Rule::Allow},
    {SYS_fstat, Rule::Allow},
    {SYS_newfstatat, Rule::Allow},
    {SYS_statx, Rule::Allow},
    {SYS_fstatfs, Rule::Allow},
    {SYS_lseek, Rule::Allow},
    {SYS_fcntl, Rule::NoOwner},
    {SYS_dup, Rule::Allow},
    {SYS_dup3, Rule::Allow},
    {SYS_ioctl, Rule::Terminal},
    {SYS_openat, Rule::Allow},
    {SYS_openat2, Rule::Allow},
    {SYS_faccessat, Rule::Allow},
    {SYS_getdents64, Rule::Allow},
    {SYS_getcwd, Rule::Allow},
    {SYS_readlinkat, Rule::Allow},
    {SYS_mkdirat, Rule::Allow},
    {SYS_unlinkat, Rule::Allow},
    {SYS_linkat, Rule::Allow},
    {SYS_symlinkat, Rule::Allow},
    {SYS_renameat, Rule::Allow},
    {SYS_renameat2, Rule::Allow},
    {SYS_utimensat, Rule::Allow},
    {SYS_ftruncate, Rule::Allow},
    {SYS_fallocate, Rule::Allow},
    {SYS_fadvise64, Rule::Allow},
    {SYS_fsync, Rule::Allow},
    {SYS_fdatasync, Rule::Allow},
    {SYS_pipe2, Rule::Allow},
    {SYS_eventfd2, Rule::Allow},
    {SYS_ppoll, Rule::Allow},
    {SYS_pselect6, Rule::Allow},
    {SYS_accept4, Rule::Allow},
    {SYS_recvmsg, Rule::Allow},
    {SYS_sendmsg, Rule::Allow},
    {SYS_recvfrom, Rule::Allow},
    {SYS_sendto, Rule::Allow},
    {SYS_shutdown, Rule::Allow},
    {SYS_socketpair, Rule::LocalPair},
    {SYS_getsockopt, Rule::Allow},
    {SYS_getsockname, Rule::Allow},
    {SYS_getpeername, Rule::Allow},
    {SYS_clock_gettime, Rule::Allow},
    {SYS_clock_getres, Rule::Allow},
    {SYS_clock_nanosleep, Rule::Allow},
    {SYS_nanosleep, Rule::Allow},
    {SYS_gettimeofday, Rule::Allow},
    {SYS_setitimer, Rule::Allow},
    {SYS_getrandom, Rule::Allow},
    {SYS_futex, Rule::Allow},
    {SYS_sched_yield, Rule::Allow},
    {SYS_sched_getaffinity, Rule::Allow},
    {SYS_getcpu, Rule::Allow},
    {SYS_mmap, Rule::Mapping},
    {SYS_mprotect, Rule::Mapping},
    {SYS_munmap, Rule::Allow},
    {SYS_mremap, Rule::Allow},
    {SYS_madvise, Rule::Allow},
    {SYS_brk, Rule::Allow},
    {SYS_membarrier, Rule::Allow},
    {SYS_memfd_create, Rule::Allow},
    {SYS_rt_sigaction, Rule::Allow},
    {SYS_rt_sigprocmask, Rule::Allow},
    {SYS_rt_sigreturn, Rule::Allow},
    {SYS_rt_sigsuspend, Rule::Allow},
    {SYS_sigaltstack, Rule::Allow},
    {SYS_restart_syscall, Rule::Allow},
    {SYS_tgkill, Rule::OwnThreads},
    {SYS_getpid, Rule::Allow},
    {SYS_getppid, Rule::Allow},
    {SYS_gettid, Rule::Allow},
    {SYS_getuid, Rule::Allow},
    {SYS_geteuid, Rule::Allow},
    {SYS_getgid, Rule::Allow},
    {SYS_getegid, Rule::Allow},
    {SYS_getrusage, Rule::Allow},
    {SYS_sysinfo, Rule::Allow},
    {SYS_uname, Rule::Allow},
    {SYS_prlimit64, Rule::ReadLimits},
    {SYS_prctl, Rule::ThreadNames},
    {SYS_clone, Rule::Threads},
    {SYS_clone3, Rule::NotThere},  // its flags are in memory, where a filter cannot look
    {SYS_set_robust_list, Rule::Allow},
    {SYS_set_tid_address, Rule::Allow},
    {SYS_rseq, Rule::Allow},
    {SYS_wait4, Rule::Allow},
    {SYS_exit, Rule::Allow},
    {SYS_exit_group, Rule::Allow},
#if defined(__x86_64__)
    {SYS_poll, Rule::Allow},
    {SYS_select, Rule::Allow},
    {SYS_getrlimit, Rule::Allow},
    {SYS_time, Rule::Allow},
    {SYS_arch_prctl, Rule::NotThere},
#endif
};

// Sockets of one's own: allowed with the network granted, else refused as by a firewall.
constexpr u32 kNetworkCalls[] = {SYS_socket, SYS_connect, SYS_bind, SYS_listen, SYS_setsockopt};

constexpr u32 kNumbers = 512;
constexpr u32 kMaxProgram = 400;

struct Program {
  std::array<sock_filter, kMaxProgram> code{};
  u16 size = 0;
  u16 ownProcess = 0;  // the instruction that compares with the number of this process
};

// Not constexpr: reaching it stops the compilation.
void doesNotFit() {}

class Maker {
 public:
  constexpr Maker(bool compiles, bool network) : compiles_(compiles) {
    for (const Row& row : kRows) set(row.number, row.rule);
    for (u32 number : kNetworkCalls) set(number, network ? Rule::Allow : Rule::Refused);
  }

  constexpr Program make() {
    put(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, arch));
    branch(BPF_JEQ, kArch, 1, 0);
    put(BPF_RET, SECCOMP_RET_TRAP);
    put(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr));
    // Numbers above the table, among them those of the x32 ABI.
    branch(BPF_JGE, kNumbers, 0, 1);
    put(BPF_RET, SECCOMP_RET_TRAP);
    tree(0, kNumbers);
    return out_;
  }

 private:
  constexpr void set(u32 number, Rule rule) {
    if (number >= kNumbers || rules_[number] != Rule::Trap) doesNotFit();
    rules_[number] = rule;
  }

  constexpr u16 put(u32 code, u32 k) {
    if (out_.size >= kMaxProgram) doesNotFit();
    out_.code[out_.size] = {static_cast<u16>(code), 0, 0, k};
    return out_.size++;
  }
  constexpr void branch(u32 how, u32 k, u32 ifTrue, u32 ifFalse) {
    const u16 at = put(BPF_JMP | BPF_K | how, k);
    out_.code[at].jt = static_cast<u8>(ifTrue);
    out_.code[at].jf = static_cast<u8>(ifFalse);
  }
  constexpr void answer(u32 action) { put(BPF_RET, action); }
  constexpr void loadArgument(u32 index) {  // its low half; both machines are little-endian
    put(BPF_LD | BPF_W | BPF_ABS, static_cast<u32>(offsetof(seccomp_data, args)) + index * 8);
  }

  constexpr u32 changes(u32 first, u32 last) const {
    u32 count = 0;
    for (u32 i = first + 1; i < last; ++i) count += rules_[i] != rules_[i - 1] ? 1 : 0;
    return count;
  }

  // Code for numbers [first, last), the number in the accumulator.
  constexpr void tree(u32 first, u32 last) {
    const u32 cuts = changes(first, last);
    if (cuts == 0) return leaf(rules_[first]);
    u32 middle = first + 1;
    for (u32 seen = 0;; ++middle) {
      if (rules_[middle] != rules_[middle - 1] && ++seen > cuts / 2) break;
      if (middle + 1 == last) doesNotFit();
    }
    const u16 test = put(BPF_JMP | BPF_K | BPF_JGE, middle);
    tree(first, middle);
    const u32 skipped = out_.size - test - 1u;
    tree(middle, last);
    if (skipped <= 255) {
      out_.code[test].jt = static_cast<u8>(skipped);
      return;
    }
    doesNotFit();
  }

  template <size_t kCount>
  constexpr void oneOf(u32 argument, const u32 (&values)[kCount], u32 otherwise) {
    loadArgument(argument);
    for (size_t i = 0; i < kCount; ++i) {
      branch(BPF_JEQ, values[i], static_cast<u32>(kCount - i), 0);
    }
    answer(otherwise);
    answer(SECCOMP_RET_ALLOW);
  }

  constexpr void leaf(Rule rule) {
    switch (rule) {
      case Rule::Trap: return answer(SECCOMP_RET_TRAP);
      case Rule::Allow: return answer(SECCOMP_RET_ALLOW);
      case Rule::NotThere: return answer(SECCOMP_RET_ERRNO | ENOSYS);
      case Rule::Refused: return answer(SECCOMP_RET_ERRNO | EACCES);
      case Rule::Mapping:
        loadArgument(2);
        if (compiles_) {
          put(BPF_ALU | BPF_AND | BPF_K, PROT_WRITE | PROT_EXEC);
          branch(BPF_JEQ, PROT_WRITE | PROT_EXEC, 1, 0);
        } else {
          branch(BPF_JSET, PROT_EXEC, 1, 0);
        }
        answer(SECCOMP_RET_ALLOW);
        return answer(SECCOMP_RET_TRAP);
      case Rule::Threads:
        loadArgument(0);
        branch(BPF_JSET, CLONE_THREAD, 1, 0);
        answer(SECCOMP_RET_TRAP);
        return answer(SECCOMP_RET_ALLOW);
      case Rule::ReadLimits:
        loadArgument(2);
        branch(BPF_JEQ, 0, 0, 3);
        put(BPF_LD | BPF_W | BPF_ABS, static_cast<u32>(offsetof(seccomp_data, args)) + 2 * 8 + 4);
        branch(BPF_JEQ, 0, 0, 1);
        answer(SECCOMP_RET_ALLOW);
        return answer(SECCOMP_RET_ERRNO | EPERM);
      case Rule::Terminal:
        return oneOf(
            1, {TCGETS, TCSETS, TCSETSW, TCSETSF, TCFLSH, TIOCGWINSZ, TIOCGPGRP, FIONREAD, FIONBIO},
            SECCOMP_RET_ERRNO | ENOTTY);
      case Rule::OwnThreads:
        if (out_.ownProcess != 0) doesNotFit();
        loadArgument(0);
        out_.ownProcess = put(BPF_JMP | BPF_K | BPF_JEQ, 0);
        out_.code[out_.ownProcess].jf = 1;
        answer(SECCOMP_RET_ALLOW);
        return answer(SECCOMP_RET_ERRNO | EPERM);
      case Rule::NoOwner: {
        constexpr u32 kSetSignal = 10;
        constexpr u32 kSetOwnerEx = 15;
        constexpr u32 kNotify = 1026;
        constexpr u32 kRefusedCommands[] = {F_SETOWN, kSetSignal, kSetOwnerEx, kNotify};
        constexpr u32 kCount = 4;
        loadArgument(1);
        for (u32 i = 0; i < kCount; ++i) branch(BPF_JEQ, kRefusedCommands[i], kCount - i, 0);
        answer(SECCOMP_RET_ALLOW);
        return answer(SECCOMP_RET_ERRNO | EPERM);
      }
      case Rule::LocalPair: {
        constexpr u32 kUnixFamily = 1;
        return oneOf(0, {kUnixFamily}, SECCOMP_RET_ERRNO | EACCES);
      }
      case Rule::ThreadNames: {
        constexpr u32 kSetName = 15;
        constexpr u32 kGetName = 16;
        constexpr u32 kNameMapping = 0x53564d41;
        return oneOf(0, {kSetName, kGetName, kNameMapping}, SECCOMP_RET_ERRNO | EPERM);
      }
    }
  }

  const bool compiles_;
  Rule rules_[kNumbers] = {};
  Program out_;
};

constexpr Program kPrograms[2][2] = {{Maker(false, false).make(), Maker(false, true).make()},
                                     {Maker(true, false).make(), Maker(true, true).make()}};

}  // namespace

std::vector<sock_filter> syscallFilter(bool compiles, bool network, u32 process) {
  const Program& program = kPrograms[compiles ? 1 : 0][network ? 1 : 0];
  std::vector<sock_filter> out(program.code.begin(), program.code.begin() + program.size);
  out[program.ownProcess].k = process;
  return out;
}

}  // namespace bls::cli
