// The helper process: forked before the program confines itself (runtime/sandbox.h), it does for
// extensions what the sandbox forbids: starts programs and resolves host names. Entry points:
// HelperProcess::start, request; HelperService.
//
// 1. A request is a service, a body and descriptors; the answer is a channel, a stream socket whose
//    other end a process of its own holds, forked by the helper ahead of it, so that a request does
//    not wait for a fork, in which the service runs. Closing the channel cancels the request and
//    ends everything that it started, so an execution that vanishes in any way, a crash included,
//    leaves nothing behind. When nothing is left, the process may take another request: a fork of a
//    program of this size costs more than starting a small one.
// 2. Every such process is a subreaper: descendants cannot leave it, whatever they fork or which
//    session they make, and it goes only when none is left. So is the helper itself. SIGTERM asks
//    a request to end: at the end of the run each gets it, and a moment to end its programs well;
//    the same when the helper is killed.
// 3. A service trusts nothing it is sent: the runtime may have been taken over by a guest. It does
//    what its configuration, fixed at the start, allows (start programs that lie in the drivers
//    root, for example) and nothing else.
// Threat model: CGI-1 to CGI-4, HRD-2. Thread rule: start and end on the first thread while there
// is no other; request on any.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "engine/base/ints.h"
#include "extensions/base/extension.h"

namespace bls::extensions {

enum class HelperService : u8 {
  Resolve,  // net/resolve.h
  CgiList,  // cgi/
  CgiOpen,
  RunModel,  // llm/
};
constexpr u32 kHelperServiceCount = 4;

/// What a service finds in the process that was forked for one request.
struct HelperRequest {
  const Settings* settings = nullptr;
  std::string_view body;
  std::span<const int> fds;  // owned by the process
  int channel = -1;          // answers go there; hangs up when the request is cancelled
  /// A file without a name that all requests of one run share, empty at first. Locks of fcntl hold.
  int memory = -1;
  /// A path at which a request may make a folder; what is there is removed when the run ends.
  const std::string* scratch = nullptr;
};

/// Runs in the forked process, in which no signal has a handler or is ignored. What it started and
/// left is killed when it returns; then the channel is closed. True: the process may serve again,
/// for it is as it was (memory, descriptors but the channel, signal handlers); else it ends.
using HelperServe = bool (*)(const HelperRequest& request);

class HelperProcess {
 public:
  /// Forks. `services` is indexed by HelperService; null where there is none. Null with `why` when
  /// the system refuses.
  static std::unique_ptr<HelperProcess> start(const Settings& settings,
                                              std::span<const HelperServe> services,
                                              std::string* why);
  virtual ~HelperProcess() = default;

  /// Largest body.
  static constexpr size_t kMaxBody = size_t{128} << 10;
  static constexpr size_t kMaxFds = 8;
  /// Most requests at once; more wait.
  static constexpr size_t kMaxRequests = 256;
  /// Processes that are kept for further requests.
  static constexpr size_t kMaxIdle = 2;

  /// Sends a request; `fds` are duplicated. Returns the channel, which the caller closes, does not
  /// block and closes on exec; -1 when the helper is gone or the request too large.
  virtual int request(HelperService service, std::string_view body, std::span<const int> fds) = 0;

  /// Ends every request and the helper, and waits until no descendant is left, at most two seconds.
  /// Async-signal-safe; again: no effect.
  virtual void end() = 0;

 protected:
  HelperProcess() = default;
};

/// HelperProcess::start with every service of this program (services.cc).
std::unique_ptr<HelperProcess> startHelper(const Settings& settings, std::string* why);

}  // namespace bls::extensions
