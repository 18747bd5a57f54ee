// RunLog: the log of a run. One event is one line: `[YYYY-MM-DDTHH:MM:SSZ LEVEL target] message`,
// UTC. Entry points: RunLog::open or toStderr, then write. Reference: command line description,
// section 6.
//
// A file is only ever appended to, a line by one write: lines of several processes do not mix, and
// the file may be renamed, truncated or removed by a log rotation at any moment. What is logged is
// decided by one global level and by the directives of RUST_LOG.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/ints.h"

namespace bls::cli {

/// In the order of how much is said.
enum class LogLevel : u8 { Off, Error, Warn, Info, Debug, Trace };

/// `trace|debug|info|warn|error`, all lower or all upper case, as `runtime_logger_level` spells
/// them. False for anything else; what then holds is the caller's rule.
bool parseLogLevel(std::string_view text, LogLevel* out);

/// Which lines are wanted: a level for all, and levels for targets that begin with a name.
class LogFilter {
 public:
  /// RUST_LOG: directives separated by commas, each `LEVEL`, `TARGET` (everything of it) or
  /// `TARGET=LEVEL`; levels in any case, `off` included. What cannot be understood, and a part
  /// behind `/`, is left out.
  void addDirectives(std::string_view text);
  /// The level for targets without a directive; wins over one in the directives.
  void setGlobal(LogLevel level) { global_ = level; }
  /// The directive with the longest name that `target` begins with decides.
  bool wants(LogLevel level, std::string_view target) const;

 private:
  LogLevel global_ = LogLevel::Warn;
  std::vector<std::pair<std::string, LogLevel>> targets_;
};

/// `[2025-05-09T03:23:32Z ERROR blockless] `; without a target `[2025-05-09T03:23:32Z ERROR] `.
std::string logStamp(u64 unixSeconds, LogLevel level, std::string_view target);
/// The stamp of this moment, by the system clock.
std::string logStamp(LogLevel level, std::string_view target);

/// Components of the reference runtime that lines are attributed to.
constexpr std::string_view kLogEngine = "blockless";
constexpr std::string_view kLogProgram = "bls_runtime";

/// Thread rule: write may run on any thread once set up. A log that was not opened takes every line
/// and keeps none.
class RunLog {
 public:
  RunLog() = default;
  ~RunLog();
  RunLog(const RunLog&) = delete;
  RunLog& operator=(const RunLog&) = delete;

  LogFilter& filter() { return filter_; }
  /// Opens `path` below the directory `root` for appending, creating the file: no links, no `..`,
  /// since the guest may write there and the name may come from a request. False when that fails.
  bool open(const std::string& root, const std::string& path);
  /// Lines go to standard error.
  void toStderr() { fd_ = 2; }
  bool onStderr() const { return fd_ == 2; }
  bool isOpen() const { return fd_ >= 0; }
  /// The host descriptor, for those that must keep it open; -1 without.
  int descriptor() const { return fd_; }

  bool wants(LogLevel level, std::string_view target) const {
    return fd_ >= 0 && filter_.wants(level, target);
  }
  /// Control bytes are escaped, except that a backtrace keeps its line ends. Wasted when nobody
  /// wants it; a full disk loses the line.
  void write(LogLevel level, std::string_view target, std::string_view message) const;

 private:
  int fd_ = -1;
  LogFilter filter_;
};

/// The log of the run that is going on in `bls-runtime`; null for none. It must stay valid until it
/// is changed. Any thread.
void crashLogIs(const RunLog* log);
/// A failure of our own while a guest runs: `line` as an error of the log, and the reference's
/// notice on standard error (command line description, 6.2). Nothing without a run. Any thread.
void sayCrashed(const std::string& line);

}  // namespace bls::cli
