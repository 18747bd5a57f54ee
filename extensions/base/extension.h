// An extension: host functions beyond WASI that a guest imports by module name, with the state they
// keep while one execution runs. Entry points: ExtensionInfo (one per extension, listed in
// list.def), Extension, Services, Call.
//
// To add one: a folder with its functions, a README and tests, and one line in list.def. See
// CONTRIBUTING.md. Reference: hostcalls, all sections; threat model NET, CGI, DRV.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/host/access_gate.h"
#include "engine/host/bind.h"
#include "engine/host/blocking_wait.h"
#include "engine/host/descriptor_table.h"
#include "engine/host/process_input.h"

namespace bls::extensions {

class HelperProcess;

/// Severities of the run's log.
enum class LogLevel : u8 { Error, Warn, Info, Debug };

/// A native driver library of the operator's configuration.
struct DriverChoice {
  std::string scheme;  // lower case
  std::string path;
  std::string sha256;  // lower-case digits of what the file must be; empty: not compared
};

/// What a child process of an extension may use; never more than this process itself.
struct ChildLimits {
  u64 cpuSeconds = 3600;
  u64 memoryBytes = u64{64} << 30;  // of addresses: some language runtimes reserve a lot
  u64 files = 1024;
  u64 processes = 4096;  // counted by the kernel over all processes of the user
  u64 fileBytes = u64{1} << 30;
};

/// Most bytes of a body of one HTTP exchange.
struct HttpLimits {
  u64 requestBytes = ~u64{0};
  u64 responseBytes = ~u64{0};
};

/// What the operator has set for extensions.
struct Settings {
  std::string driversRoot;              // directory of CGI extensions; empty: none
  bool childrenGetEnvironment = false;  // CGI: the whole environment of this process
  /// CGI: NAME, which a guest may then set though it is not a safe one, or NAME=VALUE, which every
  /// child gets.
  std::vector<std::string> childVariables;
  bool childrenConfined = false;  // CGI: helper/spawn.h, ChildProfile
  ChildLimits childLimits;        // CGI, LLM
  HttpLimits httpLimits;
  u64 verifyMs = 3000;  // CGI: how long a program may take to say what it is
  std::vector<DriverChoice> drivers;
  std::string modelFolder;    // LLM: where model executables lie; empty: nowhere
  bool modelsMayRun = false;  // LLM: the operator lets guests start (and download) them at all
  std::string modelSource = "https://huggingface.co";  // LLM: origin of the known models
  std::string certificates;  // a file of CA certificates in place of the system's; may be empty
  std::string ipfsApi;       // HOST:PORT of the IPFS node's API; empty: 127.0.0.1:5001
  u64 idleMs = 30'000;       // HTTP: how long a server may be silent; threat model NET-5
  std::string resolverStub;  // a file of "name address..." lines, asked in place of the system
};

/// What an execution offers its extensions. Everything outlives them.
struct Services {
  host::AccessGate* gate = nullptr;  // asked before anything outside is touched
  host::DescriptorTable* descriptors = nullptr;
  std::shared_ptr<host::ProcessInput> input;  // the fixed standard input; null in other modes
  std::span<const std::pair<std::string, std::string>> listedVariables;  // BLS_LIST_VARS
  HelperProcess* helper = nullptr;  // for those that ask for it (Needs::helper)
  const Settings* settings = nullptr;
  /// One line to the run's log. Any thread.
  void (*logLine)(void* user, LogLevel level, const std::string& line) = nullptr;
  void* logUser = nullptr;
  /// For ExtensionInfo::make alone: where it says, in one line, why it returns null.
  std::string* problem = nullptr;

  void log(LogLevel level, const std::string& line) const {
    if (logLine != nullptr) logLine(logUser, level, line);
  }
  /// Asks the gate; without one nothing is permitted.
  bool permitNet(ExecCtx* cx, const host::NetTarget& target, const char* operation) const {
    return gate != nullptr && gate->permitNet(cx, target, operation);
  }
  bool permitAddress(ExecCtx* cx, const host::NetTarget& target, std::string_view address,
                     const char* operation) const {
    return gate != nullptr && gate->permitAddress(cx, target, address, operation);
  }
  /// The same for a public address, which only a rule of its own forbids.
  bool permitPublicAddress(ExecCtx* cx, const host::NetTarget& target, std::string_view address,
                           const char* operation) const {
    return gate != nullptr && !gate->forbidsAddress(cx, target, address, operation);
  }
};

/// The state of one extension in one execution; made when a module imports from it. Destroying it
/// ends what is still open: connections, handles, children. That happens at every ending (exit,
/// trap, limit, signal) while the process can still do so; children are also ended by the helper
/// process when this process vanishes. Thread rule: functions run on any guest thread, at once.
class Extension {
 public:
  virtual ~Extension() = default;
  Extension(const Extension&) = delete;
  Extension& operator=(const Extension&) = delete;

 protected:
  Extension() = default;
};

struct UsedPath {
  std::string path;  // a file, or a directory with everything below it
  bool write = false;
};

/// What a run prepares before the guest starts, because afterwards the sandbox forbids it.
struct Needs {
  bool library = false;  // of the program with big libraries: the static program becomes it
  bool network = false;  // makes sockets
  bool helper = false;   // starts programs or resolves names
  /// Host paths that stay usable in the sandbox; null: none.
  void (*paths)(const Settings& settings, std::vector<UsedPath>* out) = nullptr;
  /// True: runs the operator's own native code, whose needs nobody knows, so the process does not
  /// enter the sandbox. Null: no.
  bool (*unconfined)(const Settings& settings) = nullptr;
};

/// Something that an operator has put beside an extension: a driver library, a CGI program.
struct Installed {
  std::string name;
  std::string text;  // what it is, or what is wrong with it
  bool good = true;
};

struct ExtensionInfo {
  const char* module;   // the import module name
  const char* summary;  // for `bls extensions list`
  Needs needs;
  std::span<const host::HostFunc> functions;
  /// Null, with Services::problem set, when the operator asked for what is not possible.
  std::unique_ptr<Extension> (*make)(const Services& services);
  /// For `bls extensions`: what is installed by these settings; with `verify`, tried as a run would
  /// use it, without a guest. Null: nothing can be.
  void (*inspect)(const Settings& settings, bool verify, std::vector<Installed>* out) = nullptr;
};

/// First parameter of every function of an extension whose state is `State`.
template <class State>
class Call : public host::Caller {
 public:
  /// A guest without an exported memory traps before anything else is looked at.
  static constexpr bool kNeedsMemory = true;

  Call(ExecCtx* cx, const FuncObj* self) : Caller(cx, self), state_(stateOf(self)) {}
  State& state() const { return state_; }

  /// A string parameter. False when it does not lie in memory or is not UTF-8.
  bool text(host::GuestAddress address, u32 length, std::string* out) const {
    const host::GuestMemory guest = memory();
    if (!guest.contains(address.value, length)) return false;
    out->assign(reinterpret_cast<const char*>(guest.base) + address.value, length);
    return isUtf8Text(*out);
  }
  /// True when the execution is asked to end; the trap is then raised.
  bool interrupted() {
    const Trap trap = host::interruptTrap(cx());
    if (trap != Trap::None) raise(trap);
    return trap != Trap::None;
  }

 private:
  static State& stateOf(const FuncObj* self) {
    return *static_cast<State*>(static_cast<Extension*>(self->hostData));
  }
  static bool isUtf8Text(const std::string& text);
  State& state_;
};

/// True when the bytes are UTF-8.
bool isUtf8(std::string_view text);

template <class State>
bool Call<State>::isUtf8Text(const std::string& text) {
  return isUtf8(text);
}

}  // namespace bls::extensions
