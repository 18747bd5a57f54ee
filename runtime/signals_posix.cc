// Handlers for TERM, INT and HUP; a timer for guests that do not listen.
#include "runtime/signals.h"

#include <errno.h>
#include <signal.h>
#include <sys/time.h>
#include <unistd.h>

#include <atomic>

#include "engine/object/store.h"

namespace bls::cli {
namespace {

// How long after a signal the guest may still take to end by itself.
constexpr suseconds_t kGraceUs = 60'000;
constexpr u32 kMaxActions = 8;

std::atomic<int> received{0};
std::atomic<Store*> target{nullptr};

struct Action {
  EndAction action;
  void* context;
};
Action actions[kMaxActions];
std::atomic<u32> actionCount{0};
std::atomic<bool> actionsRun{false};

void graceIsOver(int) { endBySignal(received.load()); }

void asked(int number) {
  const int savedErrno = errno;
  int none = 0;
  const bool first = received.compare_exchange_strong(none, number);
  Store* store = target.load(std::memory_order_acquire);
  if (!first || store == nullptr) endBySignal(number);
  struct sigaction action{};
  action.sa_handler = graceIsOver;
  action.sa_flags = SA_ONSTACK;
  sigaction(SIGALRM, &action, nullptr);
  itimerval timer{};
  timer.it_value.tv_usec = kGraceUs;
  setitimer(ITIMER_REAL, &timer, nullptr);
  store->requestInterrupt(Trap::Interrupt);
  errno = savedErrno;
}

}  // namespace

void watchSignals() {
  // A mask is inherited. Blocked, the timer would not ring, no signal would end the run, and the
  // kernel would kill the process where a guest touches a guard page.
  sigset_t none;
  sigemptyset(&none);
  pthread_sigmask(SIG_SETMASK, &none, nullptr);
  struct sigaction action{};
  action.sa_handler = asked;
  action.sa_flags = SA_ONSTACK;  // and no SA_RESTART: a wait must end
  for (int number : {SIGTERM, SIGINT, SIGHUP}) {
    struct sigaction before{};
    if (sigaction(number, &action, &before) == 0 && before.sa_handler == SIG_IGN)
      sigaction(number, &before, nullptr);
  }
}

void signalTarget(Store* store) { target.store(store, std::memory_order_release); }

int signalReceived() { return received.load(std::memory_order_acquire); }

bool addEndAction(EndAction action, void* context) {
  const u32 count = actionCount.load(std::memory_order_relaxed);
  if (count == kMaxActions) return false;
  actions[count] = {action, context};
  actionCount.store(count + 1, std::memory_order_release);
  return true;
}

void runEndActions() {
  if (actionsRun.exchange(true)) return;
  const u32 count = actionCount.load(std::memory_order_acquire);
  for (u32 i = 0; i < count; ++i) actions[i].action(actions[i].context);
}

void endBySignal(int number) {
  runEndActions();
  struct sigaction standard{};
  standard.sa_handler = SIG_DFL;
  sigaction(number, &standard, nullptr);
  sigset_t only;
  sigemptyset(&only);
  sigaddset(&only, number);
  raise(number);
  // In a handler it is blocked until here.
  pthread_sigmask(SIG_UNBLOCK, &only, nullptr);
  for (;;) _exit(128 + number);  // not reached: the default action of each is to end the process
}

}  // namespace bls::cli
