// One loop over the outputs of all programs.
#include "extensions/cgi/verify.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

#include "engine/base/platform.h"
#include "extensions/cgi/confine.h"
#include "extensions/cgi/discovery.h"
#include "extensions/cgi/environment.h"
#include "extensions/helper/children.h"
#include "extensions/helper/spawn.h"

namespace bls::extensions::cgi {
namespace {

enum class Ended : u8 { NotYet, Whole, TooLong, TooMuch, Failed };

// A program that was asked.
struct Asked {
  Question* question;
  pid_t pid;
  int handle;  // of the process
  int output;
  u64 lastNs;
  std::string text;
};

// Takes what there is. `over`: the program has ended, so what is in the pipe is all.
Ended take(Asked& one, bool over) {
  for (;;) {
    char piece[8192];
    const ssize_t got = read(one.output, piece, sizeof piece);
    if (got > 0) {
      one.text.append(piece, static_cast<size_t>(got));
      if (one.text.size() > kMaxVerifyOutput) return Ended::TooMuch;
    } else if (got == 0 || (over && errno == EAGAIN)) {
      return Ended::Whole;
    } else if (errno == EAGAIN) {
      return platform::monotonicNs() < one.lastNs ? Ended::NotYet : Ended::TooLong;
    } else if (errno != EINTR) {
      return Ended::Failed;
    }
  }
}

class Asking {
 public:
  Asking(const Settings& settings, int channel) : settings_(settings), channel_(channel) {}
  ~Asking();
  Asking(const Asking&) = delete;
  Asking& operator=(const Asking&) = delete;

  bool run(std::span<Question> questions);

 private:
  void start(Question* question);
  bool wait();
  void answer(const Asked& one, Ended ended);

  const Settings& settings_;
  const int channel_;
  int signals_ = -1;
  sigset_t before_{};
  SpawnRequest request_;
  Confinement confinement_;
  std::vector<Asked> asked_;
  std::vector<pollfd> polled_;
};

Asking::~Asking() {
  endChildren({}, nullptr);
  for (const Asked& one : asked_) {
    close(one.output);
    if (one.handle >= 0) close(one.handle);
  }
  if (signals_ < 0) return;
  close(signals_);
  // A request to end comes through here.
  sigprocmask(SIG_SETMASK, &before_, nullptr);
}

void Asking::start(Question* question) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) {
    question->why = strerror(errno);
    return;
  }
  fcntl(ends[0], F_SETFL, O_NONBLOCK);
  request_.program = question->program;
  request_.arguments = {settings_.driversRoot + "/" + question->name, "--ext_verify"};
  request_.out = ends[1];
  int error = 0;
  const u64 now = platform::monotonicNs();
  const pid_t pid = spawnProgram(request_, &error);
  close(ends[1]);
  if (pid < 0) {
    question->why = std::string("it cannot be started: ") + strerror(error);
    close(ends[0]);
    return;
  }
  asked_.push_back({question,
                    pid,
                    static_cast<int>(syscall(SYS_pidfd_open, pid, 0u)),
                    ends[0],
                    now + settings_.verifyMs * 1'000'000,
                    {}});
}

void Asking::answer(const Asked& one, Ended ended) {
  // With its session; who has left that is ended at the end of all.
  kill(-one.pid, SIGKILL);
  while (waitpid(one.pid, nullptr, 0) < 0 && errno == EINTR) {
  }
  close(one.output);
  if (one.handle >= 0) close(one.handle);
  Question& question = *one.question;
  switch (ended) {
    case Ended::TooLong:
      question.why =
          "it did not say what it is within " + std::to_string(settings_.verifyMs) + " ms";
      break;
    case Ended::TooMuch:
      question.why = "it printed more than " + std::to_string(kMaxVerifyOutput) + " bytes";
      break;
    case Ended::Failed: question.why = "its output cannot be read"; break;
    default: question.isExtension = parseVerification(one.text, &question.row, &question.why);
  }
}

// False when all is to end.
bool Asking::wait() {
  u64 last = ~u64{0};
  polled_ = {{channel_, POLLRDHUP, 0}, {signals_, POLLIN, 0}};
  for (const Asked& one : asked_) {
    polled_.push_back({one.output, POLLIN, 0});
    polled_.push_back({one.handle, POLLIN, 0});
    last = std::min(last, one.lastNs);
  }
  const u64 now = platform::monotonicNs();
  const int wait = last <= now ? 0 : static_cast<int>((last - now) / 1'000'000) + 1;
  if (poll(polled_.data(), polled_.size(), wait) < 0) return errno == EINTR;
  return polled_[0].revents == 0 && polled_[1].revents == 0;
}

bool Asking::run(std::span<Question> questions) {
  sigset_t end;
  sigemptyset(&end);
  sigaddset(&end, SIGTERM);
  sigprocmask(SIG_BLOCK, &end, &before_);
  // Not read: afterwards the signal is to arrive.
  signals_ = signalfd(-1, &end, SFD_CLOEXEC | SFD_NONBLOCK);
  if (signals_ < 0) return false;
  request_.environment = childEnvironment(settings_, environ, {}).variables;
  request_.limits = settings_.childLimits;
  std::string why;
  const bool prepared = confinement_.prepare(settings_, {}, &request_, &why);
  for (Question& question : questions) {
    question.why = why;
    if (prepared) start(&question);
  }
  while (!asked_.empty()) {
    if (!wait()) return false;
    std::vector<Asked> left;
    for (size_t i = 0; i < asked_.size(); ++i) {
      const Ended ended = take(asked_[i], polled_[2 * i + 3].revents != 0);
      if (ended == Ended::NotYet) {
        left.push_back(std::move(asked_[i]));
      } else {
        answer(asked_[i], ended);
      }
    }
    asked_ = std::move(left);
  }
  return true;
}

}  // namespace

bool askPrograms(const Settings& settings, std::span<Question> questions, int channel) {
  return questions.empty() || Asking(settings, channel).run(questions);
}

}  // namespace bls::extensions::cgi
