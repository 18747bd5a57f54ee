// Appending to the log file.
#include "runtime/run_log.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <ctime>

namespace bls::cli {

RunLog::~RunLog() {
  if (fd_ >= 0) close(fd_);
}

bool RunLog::open(const std::string& path) {
  fd_ = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
  return fd_ >= 0;
}

void RunLog::error(const std::string& message) {
  if (fd_ < 0) return;
  std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  char stamp[64];
  std::strftime(stamp, sizeof stamp, "[%Y-%m-%dT%H:%M:%SZ ERROR blockless] ", &utc);
  std::string line = stamp + message + "\n";
  // One write, so that lines of several processes do not mix.
  if (write(fd_, line.data(), line.size()) < 0) return;
}

}  // namespace bls::cli
