// Context: everything one guest gets to see through WASI: arguments, variables, descriptors,
// clocks, randomness, grants.
//
// The operator describes it in a ContextConfig; nothing is inherited that is not named there. One
// Context serves one guest program (all its instances and threads) and outlives the store it is
// linked into. Make it with `makeContext`, hand it to preview1Module / unstableModule (preview1.h),
// link those.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/status.h"
#include "engine/host/descriptor_table.h"
#include "engine/host/grants.h"
#include "engine/host/process_input.h"
#include "wasi/sources.h"

namespace bls::host {
class AccessGate;
}

namespace bls::wasi {

class FdTable;
class DescriptorDoor;

/// What one of descriptors 0, 1, 2 is.
struct Stdio {
  enum class Mode : u8 {
    Inherit,  // the process's own
    Null,     // end of file; writes vanish
    Fd,       // `fd`, duplicated
    Bytes,    // input only: `bytes`, then end of file
    Text,     // input only: what `input` says when it is first read
    Sink,     // output only: every write is handed to `sink`
    Closed,   // no such descriptor
  };
  Mode mode = Mode::Inherit;
  int fd = -1;
  std::string bytes;
  std::function<void(std::string_view)> sink;
  std::shared_ptr<host::ProcessInput> input;

  static Stdio inherit() { return {}; }
  static Stdio null() { return {Mode::Null, -1, {}, {}, {}}; }
  static Stdio fromFd(int fd) { return {Mode::Fd, fd, {}, {}, {}}; }
  static Stdio fromBytes(std::string text) { return {Mode::Bytes, -1, std::move(text), {}, {}}; }
  static Stdio toSink(std::function<void(std::string_view)> fn) {
    return {Mode::Sink, -1, {}, std::move(fn), {}};
  }
  static Stdio fromInput(std::shared_ptr<host::ProcessInput> input) {
    return {Mode::Text, -1, {}, {}, std::move(input)};
  }
};

/// A host directory the guest sees as `guestPath`. Descriptors 3, 4, … in the order given.
struct Preopen {
  std::string hostPath;
  std::string guestPath;
  bool read = true;
  bool write = true;
};

/// A listening socket for sock_accept.
struct Listener {
  int fd = -1;       // duplicated; see openListener
  i32 guestFd = -1;  // -1: the next number after the preopens
};

enum class PathResolver : u8 {
  Auto,  // openat2 when the kernel has it, else Manual; BLS_WASI_RESOLVER=manual in the environment
         // forces Manual
  Openat2,  // fails with NoSys when the kernel lacks it
  Manual,   // component by component
};

/// Limits on what the guest can make the host hold (threat model LIM-5).
struct ContextLimits {
  u32 descriptors = 1024;
  u32 pollSubscriptions = 4096;
  u64 directorySnapshotBytes = u64{64} << 20;  // all open listings together
  /// Bytes the guest may write to its descriptors 1 and 2 together, wherever they lead. The write
  /// that would pass the limit is cut short; those behind it fail with FBig.
  u64 outputBytes = ~u64{0};
};

struct ContextConfig {
  std::vector<std::string> args;  // args[0] is the program's name
  std::vector<std::pair<std::string, std::string>> env;
  Stdio in;
  Stdio out;
  Stdio err;
  std::vector<Preopen> preopens;
  std::vector<Listener> listeners;
  /// Fixed clocks and seeded randomness, unless given below.
  bool deterministic = false;
  u64 randomSeed = 0;
  std::unique_ptr<Clock> clock;
  std::unique_ptr<RandomSource> random;
  /// Pass guest output to a terminal unfiltered. Without it only text, colours and cursor movement
  /// pass; what is not a terminal always gets every byte.
  bool rawTerminal = false;
  PathResolver resolver = PathResolver::Auto;
  ContextLimits limits;
  host::AuditFn audit = nullptr;
  void* auditUser = nullptr;
  /// Called once, on the guest's thread, when limits.outputBytes refuses a write.
  std::function<void()> onOutputFull;
  /// Rules finer than the preopens, asked at every path call and every use of a named descriptor;
  /// outlives the context. Null: none.
  host::AccessGate* gate = nullptr;
};

class Context {
 public:
  ~Context();
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  const std::vector<std::string>& args() const { return args_; }
  /// "KEY=VALUE" in the order given.
  const std::vector<std::string>& env() const { return env_; }
  Clock& clock() { return *clock_; }
  RandomSource& random() { return *random_; }
  host::Grants& grants() { return grants_; }
  FdTable& fds() { return *fds_; }
  const ContextLimits& limits() const { return limits_; }
  PathResolver resolver() const { return resolver_; }
  /// How many of `wanted` bytes may still be written to standard streams; they are taken off. Any
  /// thread.
  u64 takeOutput(u64 wanted);
  /// Gives back what was not written after all.
  void returnOutput(u64 bytes);
  host::AccessGate* gate() const { return gate_; }
  /// For host functions beyond WASI that make descriptors.
  host::DescriptorTable& descriptors();

 private:
  friend Result<std::unique_ptr<Context>> makeContext(ContextConfig config, Diagnostics& diag);
  Context();

  std::vector<std::string> args_;
  std::vector<std::string> env_;
  std::unique_ptr<Clock> clock_;
  std::unique_ptr<RandomSource> random_;
  host::Grants grants_;
  std::unique_ptr<FdTable> fds_;
  std::unique_ptr<DescriptorDoor> descriptors_;
  ContextLimits limits_;
  PathResolver resolver_ = PathResolver::Auto;
  std::atomic<u64> outputLeft_{~u64{0}};
  std::atomic<bool> saidFull_{false};
  std::function<void()> onOutputFull_;
  host::AccessGate* gate_ = nullptr;
};

/// Errors: Config for NUL bytes or a bad variable name, bad listener numbers, too many descriptors;
/// Io for a directory or descriptor that cannot be opened. Ignores SIGPIPE and SIGXFSZ
/// for the process if nobody has set a handler: such writes are errors the guest sees.
Result<std::unique_ptr<Context>> makeContext(ContextConfig config, Diagnostics& diag);

/// Opens a listening TCP socket on "host:port" ("[v6]:port"; no host means every IPv4 address; a
/// name is looked up in /etc/hosts, its first address counts). Returns a host descriptor the caller
/// owns. Errors: Config for a malformed address or an unknown name, Io for what the system refuses.
Result<int> openListener(const std::string& address, Diagnostics& diag);

}  // namespace bls::wasi
