// Levels, filters, and appending to the log.
#include "runtime/run_log.h"

#include "runtime/confined_file.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <ctime>

#include "engine/base/status.h"
#include "runtime/console.h"

namespace bls::cli {
namespace {

constexpr size_t kMaxDirectives = 64;
constexpr size_t kMaxMessageBytes = 16 << 10;  // a backtrace of 20 frames fits
constexpr std::string_view kNames[] = {"off", "error", "warn", "info", "debug", "trace"};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

bool sameWord(std::string_view typed, std::string_view word) {
  return std::equal(typed.begin(), typed.end(), word.begin(), word.end(),
                    [](char a, char b) { return lower(a) == b; });
}

bool levelOf(std::string_view text, LogLevel* out) {
  for (size_t i = 0; i < std::size(kNames); ++i) {
    if (!sameWord(text, kNames[i])) continue;
    *out = static_cast<LogLevel>(i);
    return true;
  }
  return false;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

struct Date {
  u64 year;
  u32 month;
  u32 day;
};

// Days since 1970-01-01 in the Gregorian calendar. Not gmtime_r: that reads the time zone's file.
Date dateOf(u64 days) {
  auto isLeap = [](u64 year) { return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0; };
  static constexpr u32 kLengths[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  constexpr u64 kCycleDays = 146097;  // of 400 years
  u64 year = 1970 + days / kCycleDays * 400;
  days %= kCycleDays;
  for (;; ++year) {
    const u64 length = isLeap(year) ? 366 : 365;
    if (days < length) break;
    days -= length;
  }
  u32 month = 0;
  for (;; ++month) {
    const u64 length = kLengths[month] + (month == 1 && isLeap(year) ? 1 : 0);
    if (days < length) break;
    days -= length;
  }
  return {year, month + 1, static_cast<u32>(days) + 1};
}

}  // namespace

bool parseLogLevel(std::string_view text, LogLevel* out) {
  const bool allLower =
      std::none_of(text.begin(), text.end(), [](char c) { return c != lower(c); });
  const bool noLower =
      std::none_of(text.begin(), text.end(), [](char c) { return c >= 'a' && c <= 'z'; });
  LogLevel level = LogLevel::Off;
  if ((!allLower && !noLower) || !levelOf(text, &level) || level == LogLevel::Off) return false;
  *out = level;
  return true;
}

void LogFilter::addDirectives(std::string_view text) {
  text = text.substr(0, text.find('/'));
  while (!text.empty() && targets_.size() < kMaxDirectives) {
    std::string_view word = text.substr(0, text.find(','));
    text.remove_prefix(std::min(word.size() + 1, text.size()));
    word = trimmed(word);
    if (word.empty()) continue;
    LogLevel level = LogLevel::Trace;
    const size_t equals = word.find('=');
    if (equals == std::string_view::npos) {
      if (levelOf(word, &level)) {
        global_ = level;
      } else {
        targets_.emplace_back(word, LogLevel::Trace);
      }
      continue;
    }
    const std::string_view name = trimmed(word.substr(0, equals));
    const std::string_view wanted = trimmed(word.substr(equals + 1));
    if (name.empty() || (!wanted.empty() && !levelOf(wanted, &level))) continue;
    targets_.emplace_back(name, level);
  }
}

bool LogFilter::wants(LogLevel level, std::string_view target) const {
  const std::pair<std::string, LogLevel>* best = nullptr;
  for (const auto& directive : targets_) {
    if (!target.starts_with(directive.first)) continue;
    if (best == nullptr || directive.first.size() >= best->first.size()) best = &directive;
  }
  return level <= (best != nullptr ? best->second : global_);
}

std::string logStamp(u64 unixSeconds, LogLevel level, std::string_view target) {
  static constexpr const char* kShown[] = {"OFF", "ERROR", "WARN", "INFO", "DEBUG", "TRACE"};
  const Date date = dateOf(unixSeconds / 86400);
  const u64 second = unixSeconds % 86400;
  char text[80];
  // Padding to five columns is for what follows.
  std::snprintf(text, sizeof text, "[%04llu-%02u-%02uT%02llu:%02llu:%02lluZ %-5s",
                static_cast<unsigned long long>(date.year), date.month, date.day,
                static_cast<unsigned long long>(second / 3600),
                static_cast<unsigned long long>(second / 60 % 60),
                static_cast<unsigned long long>(second % 60), kShown[static_cast<u8>(level)]);
  std::string out = text;
  if (!target.empty()) out.append(" ").append(target);
  return out + "] ";
}

std::string logStamp(LogLevel level, std::string_view target) {
  const std::time_t now = std::time(nullptr);
  return logStamp(now < 0 ? 0 : static_cast<u64>(now), level, target);
}

RunLog::~RunLog() {
  if (fd_ > 2) close(fd_);
}

bool RunLog::open(const std::string& root, const std::string& path) {
  fd_ = openConfinedAppend(root.c_str(), path.c_str());
  return fd_ >= 0;
}

void RunLog::write(LogLevel level, std::string_view target, std::string_view message) const {
  if (!wants(level, target)) return;
  std::string line = logStamp(level, target);
  while (!message.empty() && message.back() == '\n') message.remove_suffix(1);
  for (bool first = true; !message.empty() || first; first = false) {
    const std::string_view part = message.substr(0, message.find('\n'));
    message.remove_prefix(std::min(part.size() + 1, message.size()));
    line += escapeForMessage(part.data(), part.size(), kMaxMessageBytes) + "\n";
  }
  while (::write(fd_, line.data(), line.size()) < 0 && errno == EINTR) {
  }
}

namespace {
std::atomic<const RunLog*> crashLog{nullptr};
}  // namespace

void crashLogIs(const RunLog* log) { crashLog.store(log, std::memory_order_release); }

void sayCrashed(const std::string& line) {
  const RunLog* log = crashLog.load(std::memory_order_acquire);
  if (log == nullptr) return;
  if (!log->onStderr()) log->write(LogLevel::Error, kLogProgram, line);
  Console::standard().logLine("WASM app crashed, please check the runtime.log file");
}

}  // namespace bls::cli
