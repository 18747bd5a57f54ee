// HostLog: `--trace=host` and `--counters`: one line for each host call, and numbers for all of
// them. Entry points: open, observer, serve, finish.
//
// Order: open while files may still be opened; observer into every linker; serve once the process
// is confined; finish at the end. Thread rule: first thread, but for what the observer does.
#pragma once

#include <atomic>
#include <list>
#include <memory>
#include <string>

#include "engine/base/spin_lock.h"
#include "runtime/console.h"
#include "runtime/counters_server.h"
#include "runtime/host_observer.h"

namespace bls::cli {

struct HostLogRequest {
  bool trace = false;
  std::string traceFile;  // empty: standard error
  std::string counters;   // a file, or an address of this machine with a port; empty: none

  bool empty() const { return !trace && counters.empty(); }
};

/// `host` or `host:FILE`. False for anything else.
bool parseTrace(std::string_view text, HostLogRequest* out);

class HostLog final : public embed::HostObserver {
 public:
  ~HostLog();
  /// False with `why`. With port 0 the port that was taken is said on `console`.
  bool open(const HostLogRequest& request, Console& console, std::string* why);
  /// Null when nothing is asked for.
  embed::HostObserver* observer() { return active_ ? this : nullptr; }
  /// Begins to answer. False when the system refuses the thread.
  bool serve();
  /// Ends the answers; writes the counters to their file.
  void finish();
  /// For an end action: writes the counters to their file unless `finish` has. Leaves out what
  /// would have to wait, for the reader of a pipe. Any thread, also in a signal's handler.
  void writeAtEnd() { writeCounters(false); }

  /// The counters in the text format of Prometheus (version 0.0.4). Any thread.
  std::string countersText();

  void* linked(const char* module, const host::HostFunc& function) override;
  Trap call(const embed::ObservedImport& import, ExecCtx* cx, FuncObj* self, u64* slots) override;

 private:
  struct Counter {
    std::string module;
    std::string function;
    std::atomic<u64> calls{0};
    std::atomic<u64> errors{0};  // results other than 0, and traps
    std::atomic<u64> bytes{0};
    std::atomic<u64> ns{0};
    std::atomic<const Counter*> next{nullptr};
  };
  void writeCounters(bool mayWait);
  template <class Put>
  void tellCounters(const Put& put) const;
  void trace(const embed::ObservedImport& import, const std::string& call,
             const std::string& result, u64 startNs, u64 ns) const;

  bool active_ = false;
  int traceFd_ = -1;
  bool ownsTrace_ = false;
  int countersFd_ = -1;
  u64 startNs_ = 0;
  std::atomic<bool> countersWritten_{false};
  SpinLock lock_;
  std::list<Counter> counters_;
  std::atomic<const Counter*> firstCounter_{nullptr};  // of the same, for who may take no lock
  CountersServer server_;
};

}  // namespace bls::cli
