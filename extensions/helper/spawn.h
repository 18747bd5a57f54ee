// Starting a program from an open descriptor with what a supervised child may have and nothing
// else: three streams, limits, its own session, no way to more privileges. Entry points:
// spawnProgram, ChildProfile. Threat model CGI-1, CGI-3.
//
// For processes of the helper (helper_process.h) only: the child is killed when the process that
// started it ends. Thread rule: single-threaded processes.
#pragma once

#include <sys/types.h>

#include <span>
#include <string>
#include <vector>

#include "extensions/base/extension.h"

namespace bls::extensions {

/// What a confined child is left with: files of the system and of `readable` to read and execute,
/// `writable` to change, no system calls that reach into the kernel or other processes. Nothing of
/// it can be undone by the child.
class ChildProfile {
 public:
  ChildProfile() = default;
  ~ChildProfile();
  ChildProfile(const ChildProfile&) = delete;
  ChildProfile& operator=(const ChildProfile&) = delete;

  /// False with `why` where the kernel does not offer it.
  bool make(std::span<const std::string> readable, std::span<const std::string> writable,
            std::string* why);
  /// For the child: enters. Async-signal-safe. False when the kernel refuses.
  bool enter() const;

 private:
  int ruleset_ = -1;
};

struct SpawnRequest {
  int program = -1;                      // open for reading
  std::vector<std::string> arguments;    // from argv[0]
  std::vector<std::string> environment;  // NAME=VALUE
  int in = -1;                           // -1: /dev/null, as with the others
  int out = -1;
  int err = -1;
  ChildLimits limits;
  const ChildProfile* profile = nullptr;  // null: none
  const char* directory = nullptr;        // to be in; null: this one
};

/// Gives every signal of this process its standard action.
void resetSignals();

/// Promises that no signal of this process will have a handler or be ignored from now on, so that
/// what it starts need not see to that.
void signalsAreStandard();

/// True for an open file that starts with `#!`.
bool isScript(int program);

/// Executes the very file that is open as `program`: an ELF file by descriptor, a script (`#!`)
/// through descriptor 3, which its interpreter opens as /dev/fd/3. Returns once the program runs.
/// -1 with `*error`, an errno, when it cannot be started. The caller's descriptors stay.
pid_t spawnProgram(const SpawnRequest& request, int* error);

}  // namespace bls::extensions
