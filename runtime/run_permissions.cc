// Options → policy → gate → reports.
#include "runtime/run_permissions.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "engine/base/platform.h"
#include "engine/base/status.h"
#include "runtime/permission_gate.h"
#include "runtime/run_log.h"
#include "wasi/context.h"

namespace bls::cli {
namespace {

using permissions::FlagLists;

// `--flag` and `--flag=` mean all, `--flag=a,b` adds to the list.
void take(const ParsedOptions& options, OptionId id, bool* all, std::vector<std::string>* items) {
  for (const char* text : options.list(id)) {
    if (text[0] == 0) *all = true;
    for (std::string& item : permissions::splitItems(text)) items->push_back(std::move(item));
  }
}

bool writeAll(int fd, std::string_view text) {
  while (!text.empty()) {
    ssize_t n = write(fd, text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    text.remove_prefix(static_cast<size_t>(n));
  }
  return true;
}

// A reader finds the old file or the new one, never a part. 0 or an errno; nothing is left behind.
int replaceFile(const std::string& path, std::string_view text) {
  std::string temporary = path + "." + std::to_string(platform::monotonicNs()) + ".new";
  int fd = open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  if (fd < 0) return errno;
  int error = writeAll(fd, text) && fsync(fd) == 0 ? 0 : errno;
  if (close(fd) != 0 && error == 0) error = errno;
  if (error == 0 && renameat(AT_FDCWD, temporary.c_str(), AT_FDCWD, path.c_str()) != 0)
    error = errno;
  if (error != 0) (void)unlinkat(AT_FDCWD, temporary.c_str(), 0);
  return error;
}

}  // namespace

bool readPermissionOptions(const ParsedOptions& options, OptionPlace place, PermissionSetup* out,
                           std::string* why) {
  permissions::PermissionOptions& to = out->options;
  auto lists = [&](OptionId allow, OptionId deny, FlagLists* kind) {
    take(options, allow, &kind->allowAll, &kind->allow);
    take(options, deny, &kind->denyAll, &kind->deny);
  };
  lists(OptionId::AllowRead, OptionId::DenyRead, &to.read);
  lists(OptionId::AllowWrite, OptionId::DenyWrite, &to.write);
  lists(OptionId::AllowNet, OptionId::DenyNet, &to.net);
  take(options, OptionId::AllowCgi, &to.cgiAll, &to.cgi);
  to.allowAll = options.has(OptionId::AllowAll);
  to.runModel = options.has(OptionId::AllowRunModel);
  for (const char* url : options.list(OptionId::Permission)) to.urls.emplace_back(url);
  to.asksByDefault = place == OptionPlace::Runtime;
  out->explain = options.has(OptionId::ExplainPermissions);
  if (options.has(OptionId::RecordPermissions)) {
    out->recordFile = options.text(OptionId::RecordPermissions);
    if (out->recordFile.empty()) {
      *why = "--record-permissions needs a file; example: --record-permissions used.json";
      return false;
    }
  }
  permissions::PermissionPolicy policy;
  return permissions::PermissionPolicy::make(to, &policy, why);
}

RunPermissions::RunPermissions(Console& console, RunLog& log) : console_(console), log_(log) {}
RunPermissions::~RunPermissions() = default;

bool RunPermissions::start(const PermissionSetup& setup, wasi::ContextConfig* wasi,
                           std::string* why) {
  permissions::PermissionOptions options = setup.options;
  options.terminals = permissions::haveTerminals();
  options.stdinInherited = wasi->in.mode == wasi::Stdio::Mode::Inherit;
  permissions::PermissionPolicy policy;
  if (!permissions::PermissionPolicy::make(options, &policy, why)) return false;
  bool records = setup.explain || !setup.recordFile.empty();
  bool asksForFiles = policy.limitsFiles() || records;
  gate_ = std::make_unique<permissions::PermissionGate>(std::move(policy), records,
                                                        &RunPermissions::say, this);
  if (log_.wants(LogLevel::Debug, kLogEngine)) gate_->sayGrants(&RunPermissions::granted);
  if (asksForFiles) wasi->gate = gate_.get();
  reports_.store(true, std::memory_order_release);
  return true;
}

void RunPermissions::say(void* self, const std::string& line) {
  RunPermissions& run = *static_cast<RunPermissions*>(self);
  if (!run.log_.onStderr() || !run.log_.wants(LogLevel::Error, kLogEngine))
    run.console_.problem(line);
  run.log_.write(LogLevel::Error, kLogEngine, line);
}

void RunPermissions::granted(void* self, const std::string& line) {
  static_cast<RunPermissions*>(self)->log_.write(LogLevel::Debug, kLogEngine, line);
}

std::string RunPermissions::recordFolder(const PermissionSetup& setup) {
  const size_t slash = setup.recordFile.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : setup.recordFile.substr(0, slash);
}

bool RunPermissions::finish(const PermissionSetup& setup, const std::string& program,
                            bool atLimit) {
  if (!reports_.exchange(false, std::memory_order_acq_rel)) return true;
  if (setup.explain && atLimit) {
    console_.errWhileReady(gate_->record().explain());
  } else if (setup.explain) {
    console_.err(gate_->record().explain());
  }
  if (setup.recordFile.empty()) return true;
  int error = replaceFile(setup.recordFile, gate_->record().json(program));
  if (error == 0) return true;
  if (atLimit && !console_.errReady()) return false;
  console_.problem("error: io: cannot write '" + escapeForMessage(setup.recordFile) +
                   "' for --record-permissions: " + std::strerror(error) + "; check the path");
  return false;
}

}  // namespace bls::cli
