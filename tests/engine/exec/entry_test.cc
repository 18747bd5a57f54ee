// Entering and leaving: values, nesting, traces; and what the fault handler does not claim.
#include "engine/exec/entry.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <thread>

#include "engine/exec/backtrace.h"
#include "engine/exec/tier.h"
#include "engine/exec/trap_handler.h"
#include "engine/module/module.h"
#include "engine/module/type_canon.h"
#include "engine/object/store.h"

namespace bls {
namespace {

FuncObj* hostFunc(Store& store, const FuncType& type, HostThunk thunk, void* data = nullptr) {
  u32 params = 0, results = 0;
  for (ValType t : type.params) params += t.slots();
  for (ValType t : type.results) results += t.slots();
  return store.newHostFunc(TypeRegistry::global().canonicalFunc(type), params, results, thunk, data,
                           "host");
}

ExecCtx* contextOf(Store& store) {
  std::string why;
  ExecCtx* cx = store.mainCtx(&why);
  EXPECT_NE(cx, nullptr) << why;
  return cx;
}

TEST(Values, KeepTheirBits) {
  EXPECT_EQ(Value::i32(-1).lo, 0xffffffffu);
  EXPECT_EQ(Value::i32(-1).asI32(), -1);
  EXPECT_EQ(Value::f32(1.5f).lo, 0x3fc00000u);
  EXPECT_EQ(Value::f64(-2.0).asF64(), -2.0);
  EXPECT_EQ(Value::i64(-5).asI64(), -5);
}

TEST(CallFunc, SpreadsVectorsOverTwoSlots) {
  Store store({});
  FuncType type{{ValType::I32, ValType::V128, ValType::F64}, {ValType::V128, ValType::I32}};
  FuncObj* func = hostFunc(store, type, [](ExecCtx*, FuncObj*, u64* slots) {
    u64 number = slots[0], low = slots[1], high = slots[2];
    slots[0] = low + slots[3];
    slots[1] = high;
    slots[2] = number;
    return Trap::None;
  });
  V128 vector{};
  vector.bytes[0] = 1;
  vector.bytes[15] = 2;
  Value args[] = {Value::i32(9), Value::v128(vector), Value::f64(0.0)};
  Value results[2];
  ASSERT_EQ(callFunc(contextOf(store), func, args, results), Trap::None);
  EXPECT_EQ(results[0], Value::v128(vector));
  EXPECT_EQ(results[1], Value::i32(9));
}

// An address nobody maps, which the compiler does not know to be one.
[[maybe_unused]] volatile int* nowhere() {
  static volatile uintptr_t address = 8;
  return reinterpret_cast<volatile int*>(address);
}

struct Nest {
  FuncObj* self = nullptr;
  u32 deepest = 0;
};

TEST(CallFunc, NestingIsBoundedAndLeavesTheContextUsable) {
  Store store({});
  ExecCtx* cx = contextOf(store);
  Nest nest;
  nest.self = hostFunc(store, FuncType{{ValType::I32}, {ValType::I32}},
                       [](ExecCtx* inner, FuncObj* self, u64* slots) {
                         Nest& n = *static_cast<Nest*>(self->hostData);
                         n.deepest = std::max(n.deepest, inner->hostDepth);
                         Value arg = Value::i32(static_cast<i32>(slots[0]) + 1);
                         Value result;
                         Trap trap = callFunc(inner, n.self, {&arg, 1}, {&result, 1});
                         EXPECT_EQ(slots[0] + 1, arg.lo)
                             << "the nested call must not touch our slots";
                         slots[0] = result.lo;
                         return trap;
                       });
  nest.self->hostData = &nest;
  Value arg = Value::i32(0);
  for (int round = 0; round < 3; ++round) {
    nest.deepest = 0;
    EXPECT_EQ(callFunc(cx, nest.self, {&arg, 1}, {}), Trap::StackOverflow);
    EXPECT_EQ(nest.deepest, kMaxHostDepth);
    EXPECT_EQ(cx->hostDepth, 0u);
    EXPECT_EQ(cx->hostTop, cx->slotBase);
    EXPECT_EQ(currentExecution(), nullptr);
  }
}

TEST(CallFunc, ArgumentsThatDoNotFitAreAStackOverflow) {
  StoreConfig config;
  config.limits.slotStackBytes = 4096;
  Store store(config);
  FuncType type;
  type.params.assign(600, ValType::I64);
  FuncObj* func = hostFunc(store, type, [](ExecCtx*, FuncObj*, u64*) { return Trap::None; });
  std::vector<Value> args(600, Value::i64(1));
  EXPECT_EQ(callFunc(contextOf(store), func, args, {}), Trap::StackOverflow);
}

// A tier whose functions do what the test says.
class FakeTier : public Tier {
 public:
  FakeTier() : Tier(nullptr) {}
  const char* name() const override { return "fake"; }
  std::unique_ptr<CodeModule> prepare(const Module&, const ModuleMeta&,
                                      const CodeOptions&) override {
    return nullptr;
  }
  Trap enter(ExecCtx*, FuncCode*, u64*) override { return Trap::Unreachable; }
  Trap goOn(ExecCtx*, FuncCode*) override { return Trap::Unreachable; }
  ReturnCells returnCells() const override { return {}; }
  u32 frames(const ExecCtx*, FramePlace* out, u32 max) const override {
    for (u32 i = 0; i < max; ++i) out[i] = {i % 2, 4, module};
    return 25;
  }
  void traceFrames(ExecCtx*, RootVisitor&) const override {}
  const Module* module = nullptr;
};

TEST(Backtrace, ListsTwentyFramesAndCountsTheRest) {
  Store store({});
  ExecCtx* cx = contextOf(store);
  Module module;
  module.funcs.push({0, 0x10, 8});
  module.funcs.push({0, 0x20, 8});
  module.exports.push_back({"ma\x1bin", ExternKind::Func, 0, 0});
  FakeTier tier;
  tier.module = &module;
  store.setTier(&tier);
  Instance instance;
  instance.memory0 = &noMemory;
  FuncCode code;
  FuncObj* func = hostFunc(store, {}, nullptr);
  func->instance = &instance;
  func->code = &code;
  EXPECT_EQ(callFunc(cx, func, {}, {}), Trap::Unreachable);
  ASSERT_EQ(cx->trace->count, 20u);
  std::string text = formatTrap(Trap::Unreachable, *cx->trace, "");
  EXPECT_EQ(text.substr(0, text.find('\n')),
            "trap: unreachable at function 0 (ma\\x1bin) offset 0x14");
  EXPECT_NE(text.find("\n  1: function 1 offset 0x24\n"), std::string::npos) << text;
  EXPECT_NE(text.find("\n  19: function 1 offset 0x24 (5 more)"), std::string::npos) << text;
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 20);
}

// Runs `body` in a child that has the handler, and returns the signal it died of (0: it ended by
// itself).
template <class F>
int signalOf(F body) {
  pid_t child = fork();
  if (child == 0) {
    if (!installTrapHandler()) _exit(9);
    body();
    _exit(0);
  }
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

#if !defined(BLS_SANITIZED)

// Threat model TRP-1: bugs of the host keep their signal, also while a guest runs.
TEST(TrapHandler, HostBugsCrashWithTheirOwnSignal) {
  EXPECT_EQ(signalOf([] { *nowhere() = 1; }), SIGSEGV);
  auto inGuest = [](HostThunk thunk) {
    return signalOf([thunk] {
      Store store({});
      addFaultResolver([](ExecCtx*, FaultState*) { return false; });
      callFunc(contextOf(store), hostFunc(store, {}, thunk), {}, {});
    });
  };
  EXPECT_EQ(inGuest([](ExecCtx*, FuncObj*, u64*) {
              *nowhere() = 1;
              return Trap::None;
            }),
            SIGSEGV);
  EXPECT_EQ(inGuest([](ExecCtx*, FuncObj*, u64*) {
              raise(SIGBUS);
              return Trap::None;
            }),
            SIGBUS);
  EXPECT_EQ(inGuest([](ExecCtx*, FuncObj*, u64*) {
              raise(SIGFPE);
              return Trap::None;
            }),
            SIGFPE);
}

// A fault inside a memory's guard, but not at a recorded access: still the host's.
TEST(TrapHandler, GuardFaultAtAnUnrecordedPlaceIsNotClaimed) {
  int signal = signalOf([] {
    Store store({});
    std::string why;
    MemoryType type;
    MemoryObj* memory = store.newMemory(type, &why);
    FuncObj* func = hostFunc(
        store, {},
        [](ExecCtx*, FuncObj* self, u64*) {
          static_cast<volatile u8*>(self->hostData)[100] = 1;
          return Trap::None;
        },
        memory->base);
    callFunc(contextOf(store), func, {}, {});
  });
  EXPECT_EQ(signal, SIGSEGV);
}

TEST(TrapHandler, ChainsToTheHandlerThatWasThere) {
  pid_t child = fork();
  if (child == 0) {
    struct sigaction mine{};
    mine.sa_handler = [](int) { _exit(42); };
    sigaction(SIGSEGV, &mine, nullptr);
    installTrapHandler();
    *nowhere() = 1;
    _exit(1);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 42);
}

#endif

TEST(TrapHandler, GivesEachThreadItsOwnSignalStack) {
  ASSERT_TRUE(installTrapHandler());
  ASSERT_TRUE(installTrapHandler());
  void* stacks[2] = {};
  for (void*& stack : stacks) {
    std::thread([&] {
      prepareThreadForTraps();
      stack_t now{};
      ASSERT_EQ(sigaltstack(nullptr, &now), 0);
      EXPECT_EQ(now.ss_flags & SS_DISABLE, 0);
      stack = now.ss_sp;
      prepareThreadForTraps();
      ASSERT_EQ(sigaltstack(nullptr, &now), 0);
      EXPECT_EQ(now.ss_sp, stack);
    }).join();
    EXPECT_NE(stack, nullptr);
  }
}

}  // namespace
}  // namespace bls
