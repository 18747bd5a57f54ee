// What the doctor looks at on Linux.
#include "runtime/doctor.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "engine/base/platform.h"
#include "runtime/cli.h"
#include "runtime/descriptors.h"
#include "runtime/sandbox.h"
#include "runtime/tiers.h"
#include "wasi/platform.h"

namespace bls::cli {
namespace {

constexpr u64 kGuardBytes = u64{8} << 30;  // what one guarded memory reserves, and more

Health okIf(bool holds) { return holds ? Health::Ok : Health::Missing; }

Finding systemLine() {
  struct utsname name{};
  uname(&name);
  return {"system", Health::Ok,
          std::string(name.sysname) + " " + name.release + " " + name.machine + ", bls " +
              versionNumber()};
}

Finding guardLine() {
  u8* base = platform::hasGuardPages() ? platform::reserve(kGuardBytes) : nullptr;
  platform::release(base, kGuardBytes);
  const bool can = base != nullptr;
  return {
      "guarded-memory", okIf(can),
      can ? "bounds are checked by guard pages"
          : "no address space to reserve (ulimit -v?): bounds are checked by comparison, slower"};
}

Finding codeLine() {
  if (!hasBaseline()) return {"compiled-code", Health::Missing, "this build has no compiler"};
  const size_t size = platform::pageSize();
  const int fd = memfd_create("bless-doctor", MFD_CLOEXEC);
  bool can = fd >= 0 && ftruncate(fd, static_cast<off_t>(size)) == 0;
  for (int rights : {PROT_READ | PROT_WRITE, PROT_READ | PROT_EXEC}) {
    void* view = can ? mmap(nullptr, size, rights, MAP_SHARED, fd, 0) : MAP_FAILED;
    can = view != MAP_FAILED;
    if (can) munmap(view, size);
  }
  if (fd >= 0) close(fd);
  return {"compiled-code", okIf(can),
          can ? "written through one view, run through another"
              : std::string("no executable view of memory (") + strerror(errno) +
                    "): try --tier=interp"};
}

Finding stackLine() {
  embed::EngineConfig config;
  config.tier = hasBaseline() ? embed::TierMode::Baseline : embed::TierMode::Interp;
  const auto room = makeStackRoom(config, StoreLimits{}.slotStackBytes);
  return {"stack", okIf(room.ok()),
          room.ok() ? "room for the guest's 4 MiB in every tier" : room.failure().error.message};
}

Finding pathLine() {
  const bool kernel = wasi::chooseResolver(wasi::PathResolver::Auto) == wasi::PathResolver::Openat2;
  return {"confined-paths", okIf(kernel),
          kernel ? "the kernel keeps guests below their directories (openat2)"
                 : "no openat2: paths are walked component by component, slower"};
}

Finding filesLine() {
  struct rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  const bool enough = limit.rlim_cur >= 1024;
  return {"open-files", okIf(enough),
          "limit " + std::to_string(limit.rlim_cur) +
              (enough ? "" : ", less than the 1024 a guest may have (ulimit -n)")};
}

// The value behind `key:` in a /proc status text; empty without.
std::string statusValue(const std::string& status, const char* key) {
  const size_t at = status.find(std::string("\n") + key + ":\t");
  if (at == std::string::npos) return {};
  const size_t from = at + strlen(key) + 3;
  return status.substr(from, status.find('\n', from) - from);
}

class SelfLook {
 public:
  SelfLook() : fd_(open("/proc/self/status", O_RDONLY | O_CLOEXEC)) {}
  ~SelfLook() {
    if (fd_ >= 0) close(fd_);
  }
  SelfLook(const SelfLook&) = delete;
  SelfLook& operator=(const SelfLook&) = delete;

  /// Whether the process is seen to be under this part.
  bool confirms(SandboxPart part) const {
    char text[8192];
    const ssize_t size = fd_ < 0 ? 0 : pread(fd_, text, sizeof text, 0);
    const std::string status(text, size < 0 ? 0 : static_cast<size_t>(size));
    switch (part) {
      case SandboxPart::NoNewPrivileges: return statusValue(status, "NoNewPrivs") == "1";
      case SandboxPart::SystemCalls: return statusValue(status, "Seccomp") == "2";
      case SandboxPart::Landlock: {
        const int root = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (root >= 0) close(root);
        return root < 0 && errno == EACCES;
      }
      case SandboxPart::CoreDumps: {
        struct rlimit limit{};
        return getrlimit(RLIMIT_CORE, &limit) == 0 && limit.rlim_max == 0;
      }
    }
    return false;
  }

 private:
  int fd_;
};

void addSandbox(bool sandbox, std::vector<Finding>* out) {
  SelfLook look;
  SandboxReport report;
  SandboxRequest request;
  request.compiles = true;
  if (sandbox) report = enterSandbox(request);
  for (u32 i = 0; i < kSandboxPartCount; ++i) {
    const SandboxPart part = static_cast<SandboxPart>(i);
    Finding finding{sandboxPartName(part), Health::Off, "--no-sandbox"};
    if (sandbox) {
      const SandboxVerdict& verdict = report[part];
      const bool holds = verdict.active && look.confirms(part);
      finding.health = okIf(holds);
      finding.text = verdict.active && !holds ? "asked for, but not in force" : verdict.text;
    }
    out->push_back(std::move(finding));
  }
}

}  // namespace

std::vector<Finding> examine(bool sandbox) {
  std::vector<Finding> out;
  out.push_back(systemLine());
  out.push_back({"tiers", Health::Ok, tierSummary()});
  out.push_back(guardLine());
  out.push_back(codeLine());
  out.push_back(stackLine());
  out.push_back(pathLine());
  out.push_back(filesLine());
  out.push_back({"inherited-files", Health::Ok,
                 std::to_string(dropInherited()) + " closed before a guest starts"});
  addSandbox(sandbox, &out);
  return out;
}

}  // namespace bls::cli
