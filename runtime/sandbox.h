// Sandbox: what a process gives up before it runs a guest, so that a guest that broke out of the
// engine would find little. Entry point: enterSandbox; `bls doctor` prints its report.
//
// Parts, each where the kernel offers it: no new privileges by exec; Landlock (files only below the
// granted paths, no TCP, no signals to others); a seccomp list of the system calls that a run needs
// (memory never writable and executable at once, no new processes); no core dumps. Nothing can be
// taken back. What is already open stays open. Threat model HRD-2. Thread rule: first thread; the
// list of system calls holds for all threads, Landlock for this one and those it starts (all, from
// Landlock ABI 8 on).
#pragma once

#include <string>
#include <vector>

#include "engine/base/ints.h"

namespace bls::cli {

/// A path that stays usable: a file, or a directory with everything below it.
struct PathGrant {
  std::string path;
  bool write = false;
};

struct SandboxRequest {
  std::vector<PathGrant> paths;
  bool compiles = false;  // machine code is made: memory may become executable
  bool network = false;   // sockets may be made and connected
  int logFd = -1;         // a violation is told there as well as on standard error
};

enum class SandboxPart : u8 { NoNewPrivileges, Landlock, SystemCalls, CoreDumps };
constexpr u32 kSandboxPartCount = 4;
/// "no-new-privileges", "landlock", "system-calls", "core-dumps".
const char* sandboxPartName(SandboxPart part);

struct SandboxVerdict {
  bool active = false;
  std::string text;  // what holds now, or why it does not
};
struct SandboxReport {
  SandboxVerdict parts[kSandboxPartCount];
  const SandboxVerdict& operator[](SandboxPart part) const { return parts[static_cast<u8>(part)]; }
  SandboxVerdict& operator[](SandboxPart part) { return parts[static_cast<u8>(part)]; }
  bool allActive() const;
  /// One line: `no-new-privileges: on; landlock: ABI 7, …`.
  std::string line() const;
};

/// Enters. A system call outside the list afterwards ends the process with one line and status 255.
SandboxReport enterSandbox(const SandboxRequest& request);

/// Landlock's version here; 0 without.
u32 landlockAbi();

}  // namespace bls::cli
