// Counting and telling.
#include "runtime/host_log.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "engine/base/platform.h"
#include "engine/base/status.h"
#include "engine/host/abi.h"
#include "runtime/host_text.h"

namespace bls::cli {
namespace {

constexpr size_t kMaxParams = 16;

// Seconds with nine digits.
std::string seconds(u64 ns) {
  char text[40];
  std::snprintf(text, sizeof text, "%llu.%09llu", static_cast<unsigned long long>(ns / 1000000000),
                static_cast<unsigned long long>(ns % 1000000000));
  return text;
}

void writeAll(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = write(fd, text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return;
    text.remove_prefix(static_cast<size_t>(n));
  }
}

int openForWriting(const std::string& path, std::string* why) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) *why = "cannot write '" + escapeForMessage(path, 200) + "': " + strerror(errno);
  return fd;
}

}  // namespace

bool parseTrace(std::string_view text, HostLogRequest* out) {
  out->trace = text == "host" || (text.starts_with("host:") && text.size() > 5);
  if (out->trace && text.size() > 5) out->traceFile = text.substr(5);
  return out->trace;
}

HostLog::~HostLog() {
  if (ownsTrace_) close(traceFd_);
  if (countersFd_ >= 0) close(countersFd_);
}

bool HostLog::open(const HostLogRequest& request, Console& console, std::string* why) {
  active_ = !request.empty();
  startNs_ = platform::monotonicNs();
  if (request.trace) {
    traceFd_ = request.traceFile.empty() ? 2 : openForWriting(request.traceFile, why);
    ownsTrace_ = traceFd_ > 2;
    if (traceFd_ < 0) return false;
  }
  if (request.counters.empty()) return true;
  if (!isCountersAddress(request.counters)) {
    countersFd_ = openForWriting(request.counters, why);
    return countersFd_ >= 0;
  }
  std::string place;
  if (!server_.open(request.counters, &place, why)) return false;
  if (request.counters.ends_with(":0")) console.err("counters: http://" + place + "/metrics\n");
  return true;
}

bool HostLog::serve() {
  return server_.start([](void* self) { return static_cast<HostLog*>(self)->countersText(); },
                       this);
}

void HostLog::finish() {
  server_.stop();
  if (countersFd_ < 0) return;
  writeAll(countersFd_, countersText());
  close(countersFd_);
  countersFd_ = -1;
}

void* HostLog::linked(const char* module, const host::HostFunc& function) {
  SpinGuard guard(&lock_);
  for (Counter& counter : counters_) {
    if (counter.module == module && counter.function == function.name) return &counter;
  }
  Counter& counter = counters_.emplace_back();
  counter.module = module;
  counter.function = function.name;
  return &counter;
}

Trap HostLog::call(const embed::ObservedImport& import, ExecCtx* cx, FuncObj* self, u64* slots) {
  const host::HostFunc& function = *import.function;
  const host::Caller caller(cx, self);
  u64 parameters[kMaxParams] = {};
  std::copy_n(slots, std::min(function.params.size(), kMaxParams), parameters);
  std::string text;
  if (traceFd_ >= 0) text = hostCallText(function, caller.memory(), parameters);
  const u64 start = platform::monotonicNs();
  const Trap trap = function.thunk(cx, self, slots);
  const u64 ns = platform::monotonicNs() - start;
  Counter& counter = *static_cast<Counter*>(import.observer);
  const bool failed = trap != Trap::None && trap != Trap::Exit;
  const bool refused = trap == Trap::None && !function.results.empty() &&
                       hostCallFailed(function, static_cast<u32>(slots[0]));
  counter.calls.fetch_add(1, std::memory_order_relaxed);
  counter.ns.fetch_add(ns, std::memory_order_relaxed);
  if (failed || refused) counter.errors.fetch_add(1, std::memory_order_relaxed);
  if (trap == Trap::None && !refused) {
    const u64 bytes = hostBytesMoved(function, caller.memory(), parameters);
    counter.bytes.fetch_add(bytes, std::memory_order_relaxed);
  }
  if (traceFd_ >= 0) {
    std::string result;
    if (trap == Trap::None) {
      result = hostResultText(import.module, function, caller.memory(), parameters, slots);
    } else if (failed) {
      result = std::string(" trap: ") + trapText(trap);
    }
    trace(import, text, result, start, ns);
  }
  return trap;
}

// One write a line: lines of several threads do not mix.
void HostLog::trace(const embed::ObservedImport& import, const std::string& call,
                    const std::string& result, u64 startNs, u64 ns) const {
  writeAll(traceFd_, "host " + seconds(startNs - startNs_) + " " + import.module + "." + call +
                         result + " <" + seconds(ns) + ">\n");
}

std::string HostLog::countersText() {
  struct Series {
    const char* name;
    const char* help;
    std::atomic<u64> Counter::* value;
  };
  constexpr Series kSeries[] = {
      {"bless_host_calls_total", "Calls of a host function.", &Counter::calls},
      {"bless_host_call_errors_total", "Calls that gave an error or trapped.", &Counter::errors},
      {"bless_host_call_bytes_total", "Bytes that calls have moved.", &Counter::bytes},
      {"bless_host_call_seconds_total", "Time spent in calls.", &Counter::ns}};
  std::string out;
  SpinGuard guard(&lock_);
  for (const Series& series : kSeries) {
    out += std::string("# HELP ") + series.name + " " + series.help + "\n";
    out += std::string("# TYPE ") + series.name + " counter\n";
    for (const Counter& counter : counters_) {
      const u64 value = (counter.*series.value).load(std::memory_order_relaxed);
      out += std::string(series.name) + "{module=\"" + counter.module + "\",function=\"" +
             counter.function + "\"} " +
             (series.value == &Counter::ns ? seconds(value) : std::to_string(value)) + "\n";
    }
  }
  return out;
}

}  // namespace bls::cli
