// Landlock and a seccomp list for children. The list forbids: a child is a program of the operator
// with unknown needs, so only what no extension has a use for is refused.
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>

#include "extensions/helper/spawn.h"

namespace bls::extensions {
namespace {

// --- Files. The numbers are the kernel's; the header may be older. ---

constexpr u64 kExecute = 1u << 0;
constexpr u64 kWriteFile = 1u << 1;
constexpr u64 kReadFile = 1u << 2;
constexpr u64 kReadDir = 1u << 3;
constexpr u64 kAbi1 = (1u << 13) - 1;
constexpr u64 kRefer = 1u << 13;                  // ABI 2
constexpr u64 kTruncate = 1u << 14;               // ABI 3
constexpr u64 kSpecial = (1u << 6) | (1u << 11);  // making device nodes
constexpr u64 kRead = kExecute | kReadFile | kReadDir;

struct PathRule {
  u64 allowed;
  i32 parent;
} __attribute__((packed));

void addRule(int ruleset, const std::string& path, u64 rights) {
  const int fd = open(path.c_str(), O_PATH | O_CLOEXEC);
  struct stat info{};
  if (fd >= 0 && fstat(fd, &info) == 0) {
    if (!S_ISDIR(info.st_mode)) rights &= kExecute | kReadFile | kWriteFile | kTruncate;
    const PathRule rule{rights, fd};
    syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0u);
  }
  if (fd >= 0) close(fd);
}

// Programs, libraries and settings of the system.
constexpr const char* kSystemFolders[] = {"/usr",   "/bin", "/sbin", "/lib",      "/lib32",
                                          "/lib64", "/etc", "/opt",  "/nix/store"};
constexpr const char* kDevices[] = {"/dev/null", "/dev/zero", "/dev/full", "/dev/random",
                                    "/dev/urandom"};

// --- System calls ---

#if defined(__x86_64__)
constexpr u32 kArch = AUDIT_ARCH_X86_64;
constexpr u32 kForeignBit = 0x40000000;  // the x32 ABI
#elif defined(__aarch64__)
constexpr u32 kArch = AUDIT_ARCH_AARCH64;
constexpr u32 kForeignBit = 0x80000000;
#endif

constexpr u32 kRefused[] = {
    SYS_ptrace,
    SYS_process_vm_readv,
    SYS_process_vm_writev,
    SYS_mount,
    SYS_umount2,
    SYS_pivot_root,
    SYS_chroot,
    SYS_move_mount,
    SYS_open_tree,
    SYS_fsopen,
    SYS_fsmount,
    SYS_fsconfig,
    SYS_fspick,
    SYS_mount_setattr,
    SYS_bpf,
    SYS_keyctl,
    SYS_add_key,
    SYS_request_key,
    SYS_userfaultfd,
    SYS_io_uring_setup,
    SYS_io_uring_enter,
    SYS_io_uring_register,
    SYS_kexec_load,
    SYS_kexec_file_load,
    SYS_init_module,
    SYS_finit_module,
    SYS_delete_module,
    SYS_unshare,
    SYS_setns,
    SYS_perf_event_open,
    SYS_open_by_handle_at,
    SYS_name_to_handle_at,
    SYS_swapon,
    SYS_swapoff,
    SYS_reboot,
    SYS_acct,
    SYS_quotactl,
    SYS_settimeofday,
    SYS_clock_settime,
    SYS_clock_adjtime,
    SYS_adjtimex,
    SYS_sethostname,
    SYS_setdomainname,
    SYS_personality,
    SYS_pidfd_getfd,
    SYS_syslog,
    SYS_vhangup,
    SYS_lookup_dcookie,
};
constexpr u32 kNamespaces = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC |
                            CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET;

constexpr size_t kCount = std::size(kRefused);

consteval auto makeFilter() {
  std::array<sock_filter, 2 * kCount + 16> code{};
  size_t at = 0;
  const auto put = [&](u32 what, u32 k, u8 yes = 0, u8 no = 0) {
    code[at++] = {static_cast<u16>(what), yes, no, k};
  };
  put(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, arch));
  put(BPF_JMP | BPF_JEQ | BPF_K, kArch, 1, 0);
  put(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS);
  put(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr));
  put(BPF_JMP | BPF_JGE | BPF_K, kForeignBit, 0, 1);
  put(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS);
  for (u32 number : kRefused) {
    put(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1);
    put(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM);
  }
  // The flags of clone3 are behind a pointer: libraries fall back to clone.
  put(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone3, 0, 1);
  put(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS);
  put(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 0, 3);
  put(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, args));
  put(BPF_JMP | BPF_JSET | BPF_K, kNamespaces, 0, 1);
  put(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM);
  put(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
  struct {
    decltype(code) rows;
    u16 size;
  } out{code, static_cast<u16>(at)};
  return out;
}

constexpr auto kFilter = makeFilter();

}  // namespace

ChildProfile::~ChildProfile() {
  if (ruleset_ >= 0) close(ruleset_);
}

bool ChildProfile::make(std::span<const std::string> readable,
                        std::span<const std::string> writable, std::string* why) {
  const long abi =
      syscall(SYS_landlock_create_ruleset, nullptr, 0ul, unsigned{LANDLOCK_CREATE_RULESET_VERSION});
  // ABI 1 would keep files from being moved at all, which is not what is promised.
  if (abi < 2) {
    *why = "this kernel has no Landlock that is new enough (Linux 5.19)";
    return false;
  }
  const u64 handled = kAbi1 | kRefer | (abi >= 3 ? kTruncate : 0);
  const int ruleset =
      static_cast<int>(syscall(SYS_landlock_create_ruleset, &handled, sizeof handled, 0u));
  if (ruleset < 0) {
    *why = strerror(errno);
    return false;
  }
  // A descriptor that the child does not overwrite before it enters.
  ruleset_ = fcntl(ruleset, F_DUPFD_CLOEXEC, 16);
  close(ruleset);
  if (ruleset_ < 0) {
    *why = strerror(errno);
    return false;
  }
  for (const char* folder : kSystemFolders) addRule(ruleset_, folder, kRead);
  for (const char* device : kDevices)
    addRule(ruleset_, device, (kReadFile | kWriteFile | kTruncate) & handled);
  addRule(ruleset_, "/proc", kReadFile | kReadDir);  // /dev/fd of scripts
  for (const std::string& path : readable) addRule(ruleset_, path, kRead);
  for (const std::string& path : writable) addRule(ruleset_, path, handled & ~kSpecial & ~kExecute);
  return true;
}

bool ChildProfile::enter() const {
  if (syscall(SYS_landlock_restrict_self, ruleset_, 0u) != 0) return false;
  const sock_fprog program{kFilter.size, const_cast<sock_filter*>(kFilter.rows.data())};
  return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0ul, &program) == 0;
}

}  // namespace bls::extensions
