// The permission options of a run: from the command line to a gate, and the reports at the end.
// Entry points: readPermissionOptions, RunPermissions.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "runtime/config.h"
#include "runtime/console.h"
#include "runtime/permission_decision.h"

namespace bls::permissions {
class PermissionGate;
}
namespace bls::wasi {
struct ContextConfig;
}

namespace bls::cli {

class RunLog;

struct PermissionSetup {
  permissions::PermissionOptions options;  // but for what the process's streams are
  bool explain = false;
  std::string recordFile;  // empty: none
};

/// False with `why` (a usage error) for a bad item of a list.
bool readPermissionOptions(const ParsedOptions& options, OptionPlace place, PermissionSetup* out,
                           std::string* why);

/// What one run may do, while it runs. Outlives the WASI context it was given to.
class RunPermissions {
 public:
  RunPermissions(Console& console, RunLog& log);
  ~RunPermissions();
  RunPermissions(const RunPermissions&) = delete;

  /// Makes the gate and, when it has rules or a report to make, hands it to `wasi`, whose streams
  /// are decided by now. False with `why` for a bad item.
  bool start(const PermissionSetup& setup, wasi::ContextConfig* wasi, std::string* why);
  /// The gate for host functions beyond WASI; null before start.
  permissions::PermissionGate* gate() const { return gate_.get(); }
  /// The host directory that the record goes into, for the sandbox.
  static std::string recordFolder(const PermissionSetup& setup);
  /// Writes the reports that were asked for, once. False when the file could not be written (said
  /// on the console). Any thread: at a time limit the guest's own may be stuck in a call.
  /// `atLimit`: standard error gets no more than it takes at once.
  bool finish(const PermissionSetup& setup, const std::string& program, bool atLimit = false);

 private:
  static void say(void* self, const std::string& line);
  static void granted(void* self, const std::string& line);

  Console& console_;
  RunLog& log_;
  std::unique_ptr<permissions::PermissionGate> gate_;
  std::atomic<bool> reports_{false};  // there is a gate, and its reports are not written yet
};

}  // namespace bls::cli
