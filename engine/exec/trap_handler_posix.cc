// Signal handlers for guest faults on Linux.
//
// Order of business in the handler: decide with the registers and the store at hand (no allocation,
// no locks), and either rewrite the machine context and go on there, in the tier's trap exit, or
// hand over to the handler found at installation. Going on is a jump where nothing but registers
// has to come back, which saves the system call that returns from a signal, a third of the whole;
// the signal mask is as it was (SA_NODEFER, an empty mask). Elsewhere it is that return.
#include <signal.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include <atomic>

#include "engine/base/check.h"
#include "engine/base/cpu.h"
#include "engine/base/sanitized.h"
#include "engine/exec/entry.h"
#include "engine/exec/float_env.h"
#include "engine/exec/trap_handler.h"
#include "engine/object/store.h"

namespace bls {
namespace {

constexpr int kSignals[] = {SIGSEGV, SIGBUS, SIGFPE};
constexpr size_t kAltStackBytes = 64 << 10;
constexpr size_t kGuardPageBytes = 64 << 10;

std::atomic<FaultResolver> resolvers[4];
std::atomic<int> installed{0};  // 0 no, 1 in progress, 2 yes
struct sigaction previous[3];

void readState(const ucontext_t* context, FaultState* state) {
#if defined(__x86_64__)
  const auto& regs = context->uc_mcontext.gregs;
  state->pc = static_cast<u64>(regs[REG_RIP]);
  state->sp = static_cast<u64>(regs[REG_RSP]);
  constexpr int kArgs[] = {REG_RDI, REG_RSI, REG_RDX, REG_RCX, REG_R8, REG_R9};
  for (int i = 0; i < 6; ++i) state->args[i] = static_cast<u64>(regs[kArgs[i]]);
#elif defined(__aarch64__)
  const auto& regs = context->uc_mcontext;
  state->pc = regs.pc;
  state->sp = regs.sp;
  for (int i = 0; i < 8; ++i) state->args[i] = regs.regs[i];
#else
  (void)context;
  (void)state;
#endif
}

void writeState(ucontext_t* context, const FaultState& state) {
#if defined(__x86_64__)
  auto& regs = context->uc_mcontext.gregs;
  regs[REG_RIP] = static_cast<greg_t>(state.pc);
  regs[REG_RSP] = static_cast<greg_t>(state.sp);
  constexpr int kArgs[] = {REG_RDI, REG_RSI, REG_RDX, REG_RCX, REG_R8, REG_R9};
  for (int i = 0; i < 6; ++i) regs[kArgs[i]] = static_cast<greg_t>(state.args[i]);
#elif defined(__aarch64__)
  auto& regs = context->uc_mcontext;
  regs.pc = state.pc;
  regs.sp = state.sp;
  for (int i = 0; i < 8; ++i) regs.regs[i] = state.args[i];
#else
  (void)context;
  (void)state;
#endif
}

#if defined(__x86_64__) && !defined(BLS_SANITIZED)
#define BLS_LEAVES_SIGNALS 1
// Takes over the integer registers and jumps. The stack pointer comes last, with everything else
// read: from there on another signal may write over the context.
[[gnu::naked, noreturn]] void resume(const greg_t*) {
  __asm__(
      "mov %rdi, %r10\n\t"
      "mov 0(%r10), %r8\n\t"
      "mov 8(%r10), %r9\n\t"
      "mov 32(%r10), %r12\n\t"
      "mov 40(%r10), %r13\n\t"
      "mov 48(%r10), %r14\n\t"
      "mov 56(%r10), %r15\n\t"
      "mov 64(%r10), %rdi\n\t"
      "mov 72(%r10), %rsi\n\t"
      "mov 80(%r10), %rbp\n\t"
      "mov 88(%r10), %rbx\n\t"
      "mov 96(%r10), %rdx\n\t"
      "mov 112(%r10), %rcx\n\t"
      "mov 128(%r10), %r11\n\t"
      "mov 120(%r10), %rsp\n\t"
      "jmp *%r11");
}
static_assert(REG_R8 == 0 && REG_R12 == 4 && REG_RDI == 8 && REG_RBX == 11 && REG_RCX == 14 &&
              REG_RSP == 15 && REG_RIP == 16);

// The kernel has given the handler a fresh state of the float units; protection keys, an x87
// control word that is not the usual one and a signal stack that is taken away while in use come
// back with the system call only.
bool mayLeave(const ucontext_t* context) {
  constexpr unsigned short kUsualControl = 0x37f;
  constexpr int kAutoDisarm = static_cast<int>(1u << 31);
  return context->uc_mcontext.fpregs->cwd == kUsualControl &&
         (context->uc_stack.ss_flags & kAutoDisarm) == 0 && !platform::usesProtectionKeys();
}
#endif

bool askResolvers(ExecCtx* cx, FaultState* state) {
  for (auto& resolver : resolvers) {
    const FaultResolver resolve = resolver.load(std::memory_order_acquire);
    if (resolve == nullptr) break;
    if (resolve(cx, state)) return true;
  }
  return false;
}

// A probe (float_env.h), of C++ or of compiled code, has met an exception that the host has
// unmasked.
bool maskFloats(int signal, const siginfo_t* info, ucontext_t* context) {
#if defined(__x86_64__)
  ExecCtx* cx = currentExecution();
  if (signal != SIGFPE || cx == nullptr || info->si_code <= 0 || info->si_code == FPE_INTDIV ||
      info->si_code == FPE_INTOVF)
    return false;
  u32& found = context->uc_mcontext.fpregs->mxcsr;
  if (probesFloats(cx)) {
    cx->floatsFound = u64{1} << 32 | found;
  } else {
    FaultState state;
    readState(context, &state);
    state.isFloat = true;
    if (!askResolvers(cx, &state)) return false;
  }
  found = kGuestFloatState;
  return true;
#else
  (void)signal, (void)info, (void)context;
  return false;
#endif
}

bool claim(int signal, const siginfo_t* info, ucontext_t* context) {
  ExecCtx* cx = currentExecution();
  if (cx == nullptr || info->si_code <= 0)
    return false;  // sent by somebody, not raised by an instruction
  if (signal != SIGFPE && !cx->store->ownsAddress(info->si_addr)) return false;
  FaultState state;
  readState(context, &state);
  if (!askResolvers(cx, &state)) return false;
  writeState(context, state);
  return true;
}

void passOn(int signal, siginfo_t* info, void* context) {
  size_t i = signal == SIGSEGV ? 0 : signal == SIGBUS ? 1 : 2;
  const struct sigaction& before = previous[i];
  if ((before.sa_flags & SA_SIGINFO) != 0) {
    before.sa_sigaction(signal, info, context);
    return;
  }
  if (before.sa_handler != SIG_DFL && before.sa_handler != SIG_IGN) {
    before.sa_handler(signal);
    return;
  }
  // Default action: take our handler away and return. A faulting instruction faults again and ends
  // the process with the real signal; a signal that was sent is sent again.
  struct sigaction standard{};
  standard.sa_handler = SIG_DFL;
  sigaction(signal, &standard, nullptr);
  if (info->si_code <= 0) raise(signal);
}

void onFault(int signal, siginfo_t* info, void* context) {
  ucontext_t* machine = static_cast<ucontext_t*>(context);
  if (maskFloats(signal, info, machine)) return;
  if (!claim(signal, info, machine)) return passOn(signal, info, context);
#ifdef BLS_LEAVES_SIGNALS
  if (mayLeave(machine)) resume(machine->uc_mcontext.gregs);
#endif
}

// The alternate stack of one thread; returned when the thread ends.
class AltStack {
 public:
  ~AltStack() {
    if (region_ == nullptr) return;
    stack_t off{};
    off.ss_flags = SS_DISABLE;
    sigaltstack(&off, nullptr);
    munmap(region_, kGuardPageBytes + kAltStackBytes);
  }
  void prepare() {
    if (done_) return;
    done_ = true;
    stack_t now{};
    if (sigaltstack(nullptr, &now) == 0 && (now.ss_flags & SS_DISABLE) == 0)
      return;  // the host has its own
    void* p = mmap(nullptr, kGuardPageBytes + kAltStackBytes, PROT_NONE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED) return;
    region_ = static_cast<u8*>(p);
    stack_t mine{};
    mine.ss_sp = region_ + kGuardPageBytes;
    mine.ss_size = kAltStackBytes;
    if (mprotect(mine.ss_sp, kAltStackBytes, PROT_READ | PROT_WRITE) != 0 ||
        sigaltstack(&mine, nullptr) != 0) {
      munmap(region_, kGuardPageBytes + kAltStackBytes);
      region_ = nullptr;
    }
  }

 private:
  bool done_ = false;
  u8* region_ = nullptr;
};

thread_local AltStack altStack;

}  // namespace

void addFaultResolver(FaultResolver resolver) {
  for (auto& place : resolvers) {
    FaultResolver expected = nullptr;
    if (place.compare_exchange_strong(expected, resolver) || expected == resolver) return;
  }
  UNREACHABLE("more than four fault resolvers");
}

bool installTrapHandler() {
  int expected = 0;
  if (!installed.compare_exchange_strong(expected, 1)) {
    while (installed.load(std::memory_order_acquire) == 1) {
    }
    return installed.load(std::memory_order_acquire) == 2;
  }
  struct sigaction action{};
  action.sa_sigaction = onFault;
  // NODEFER: a fault inside the handler itself must reach the default action, not hang.
  action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
  sigemptyset(&action.sa_mask);
  bool ok = true;
  for (size_t i = 0; i < 3; ++i) ok = sigaction(kSignals[i], &action, &previous[i]) == 0 && ok;
  installed.store(ok ? 2 : 0, std::memory_order_release);
  return ok;
}

bool trapHandlerInstalled() { return installed.load(std::memory_order_acquire) == 2; }

bool prepareThreadForTraps() {
  if (!trapHandlerInstalled()) return false;
  altStack.prepare();
  return true;
}

}  // namespace bls
