// Counting and telling.
#include "runtime/host_log.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>

#include "engine/base/platform.h"
#include "engine/base/status.h"
#include "engine/host/abi.h"
#include "runtime/host_text.h"

namespace bls::cli {
namespace {

constexpr size_t kMaxParams = 16;

constexpr size_t kMostDigits = 40;

std::string_view numberIn(char (&digits)[kMostDigits], u64 value) {
  const char* const end = std::to_chars(digits, digits + kMostDigits, value).ptr;
  return {digits, static_cast<size_t>(end - digits)};
}

// Seconds with nine digits behind the point.
std::string_view secondsIn(char (&digits)[kMostDigits], u64 ns) {
  constexpr u64 kNsInOne = 1'000'000'000;
  size_t at = numberIn(digits, ns / kNsInOne).size();
  digits[at++] = '.';
  for (u64 unit = kNsInOne / 10, rest = ns % kNsInOne; unit != 0; rest %= unit, unit /= 10)
    digits[at++] = static_cast<char>('0' + rest / unit);
  return {digits, at};
}

std::string seconds(u64 ns) {
  char digits[kMostDigits];
  return std::string(secondsIn(digits, ns));
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

// A file written from its beginning, without memory of its own: a handler of a signal may do it.
class FilePieces {
 public:
  FilePieces(int fd, bool mayWait) : fd_(fd), mayWait_(mayWait) {}
  void put(std::string_view text) {
    while (!text.empty()) {
      if (used_ == sizeof piece_) flush();
      const size_t size = std::min(text.size(), sizeof piece_ - used_);
      text.copy(piece_ + used_, size);
      used_ += size;
      text.remove_prefix(size);
    }
  }
  void finish() {
    flush();
    (void)!ftruncate(fd_, static_cast<off_t>(at_));
  }

 private:
  void flush() {
    for (size_t done = 0; done < used_;) {
      ssize_t n = pwrite(fd_, piece_ + done, used_ - done, static_cast<off_t>(at_));
      // No file: a pipe, a terminal.
      if (n < 0 && errno == ESPIPE) {
        if (!mayWait_ && !hasRoom()) break;
        n = write(fd_, piece_ + done, used_ - done);
      }
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) break;
      done += static_cast<size_t>(n);
      at_ += static_cast<u64>(n);
    }
    used_ = 0;
  }

  // For a whole piece, which is smaller than the least that a pipe takes at once.
  bool hasRoom() const {
    pollfd wanted{fd_, POLLOUT, 0};
    return poll(&wanted, 1, 0) == 1 && (wanted.revents & POLLOUT) != 0;
  }

  const int fd_;
  const bool mayWait_;
  u64 at_ = 0;
  size_t used_ = 0;
  char piece_[1024];
};

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
  writeCounters(true);
}

void* HostLog::linked(const char* module, const host::HostFunc& function) {
  SpinGuard guard(&lock_);
  for (Counter& counter : counters_) {
    if (counter.module == module && counter.function == function.name) return &counter;
  }
  Counter* const last = counters_.empty() ? nullptr : &counters_.back();
  Counter& counter = counters_.emplace_back();
  counter.module = module;
  counter.function = function.name;
  (last != nullptr ? last->next : firstCounter_).store(&counter, std::memory_order_release);
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

// The text, piece by piece. Takes no lock and no memory.
template <class Put>
void HostLog::tellCounters(const Put& put) const {
  struct Series {
    const char* name;
    const char* help;
    std::atomic<u64> Counter::* value;
  };
  static constexpr Series kSeries[] = {
      {"bless_host_calls_total", "Calls of a host function.", &Counter::calls},
      {"bless_host_call_errors_total", "Calls that gave an error or trapped.", &Counter::errors},
      {"bless_host_call_bytes_total", "Bytes that calls have moved.", &Counter::bytes},
      {"bless_host_call_seconds_total", "Time spent in calls.", &Counter::ns}};
  for (const Series& series : kSeries) {
    for (const std::string_view text :
         {std::string_view("# HELP "), std::string_view(series.name), std::string_view(" "),
          std::string_view(series.help), std::string_view("\n# TYPE "),
          std::string_view(series.name), std::string_view(" counter\n")})
      put(text);
    for (const Counter* counter = firstCounter_.load(std::memory_order_acquire); counter != nullptr;
         counter = counter->next.load(std::memory_order_acquire)) {
      const u64 value = (counter->*series.value).load(std::memory_order_relaxed);
      const bool isTime = series.value == &Counter::ns;
      char digits[kMostDigits];
      for (const std::string_view text :
           {std::string_view(series.name), std::string_view("{module=\""),
            std::string_view(counter->module), std::string_view("\",function=\""),
            std::string_view(counter->function), std::string_view("\"} "),
            isTime ? secondsIn(digits, value) : numberIn(digits, value), std::string_view("\n")})
        put(text);
    }
  }
}

std::string HostLog::countersText() {
  std::string out;
  tellCounters([&out](std::string_view text) { out += text; });
  return out;
}

// A handler of a signal may come while another call is at it: each writes everything, from the
// beginning.
void HostLog::writeCounters(bool mayWait) {
  if (countersFd_ < 0 || countersWritten_.load()) return;
  FilePieces file(countersFd_, mayWait);
  tellCounters([&file](std::string_view text) { file.put(text); });
  file.finish();
  countersWritten_.store(true);
}

}  // namespace bls::cli
