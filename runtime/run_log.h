// RunLog: the log file of bls-runtime. One event is one line: `[YYYY-MM-DDTHH:MM:SSZ LEVEL target]
// message`, UTC. Module runs log warnings and errors only. Reference: command line description,
// section 6.
#pragma once

#include <string>

namespace bls::cli {

class RunLog {
 public:
  ~RunLog();
  /// Opens for appending, creating the file. False when that fails.
  bool open(const std::string& path);
  /// Control bytes are escaped, except that a backtrace keeps its line ends.
  void error(const std::string& message);

 private:
  int fd_ = -1;
};

}  // namespace bls::cli
