// One context used by several threads of a guest at once. Meant for the thread and address
// sanitizers.
#include <sys/resource.h>

#include <atomic>
#include <thread>

#include "tests/support/asleep.h"
#include "tests/wasi/guest.h"

namespace bls::wasi {
namespace {

// Another thread of the same guest: own execution context and slots, same memory and Context.
class GuestThread {
 public:
  explicit GuestThread(Guest& guest) : guest_(guest) {
    cx_.instance = &guest.instance();
    cx_.interrupt = &guest.interrupt();
  }
  template <class... A>
  Errno call(const char* name, A... args) {
    u64 slots[16] = {static_cast<u64>(args)...};
    FuncObj self;
    self.hostData = guest_.module().context();
    trap = guest_.module().find(name)->thunk(&cx_, &self, slots);
    return static_cast<Errno>(slots[0]);
  }
  Trap trap = Trap::None;

 private:
  Guest& guest_;
  ExecCtx cx_;
};

constexpr int kRounds = 400;

TEST(WasiThreads, TableSurvivesOpeningClosingAndUsingAtOnce) {
  TempDir dir;
  dir.write("f", "0123456789");
  ContextConfig config = Guest::withDir(dir);
  config.limits.descriptors = 16;
  Guest g(std::move(config));
  u32 path = g.put("f");
  std::vector<std::thread> threads;
  for (u32 t = 0; t < 4; ++t) {
    u32 out = g.alloc(64), data = g.alloc(256), list = g.iovs({{data, 16}});
    threads.emplace_back([&, t, out, data, list] {
      GuestThread me(g);
      for (u32 i = 0; i < kRounds; ++i) {
        u32 fd = 3 + (i * 7 + t) % 14;
        me.call("path_open", 3, 0, path, 1, 0, kRead, u64{0}, 0, out);
        me.call("fd_read", fd, list, 1, out);
        me.call("fd_fdstat_get", fd, out);
        me.call("fd_fdstat_set_flags", fd, i % 2 == 0 ? fdflags::kNonblock : 0);
        me.call("fd_readdir", 3, data, 200, u64{i % 4}, out);
        if (fd != 3) me.call(i % 3 == 0 ? "fd_close" : "fd_tell", fd, out);
        if (fd != 3 && fd != 4) me.call("fd_renumber", fd, 4);
        EXPECT_EQ(me.trap, Trap::None);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(g.fdstat(3).error, Errno::Success);
}

TEST(WasiThreads, DescriptorClosedByOneThreadStaysUsableForTheOneThatReads) {
  int fds[2];
  ASSERT_EQ(pipe2(fds, O_CLOEXEC), 0);
  ContextConfig config = Guest::quiet();
  config.in = Stdio::fromFd(fds[0]);
  Guest g(std::move(config));
  u32 out = g.alloc(4), data = g.alloc(8), list = g.iovs({{data, 8}});
  std::atomic<test::ThreadId> reading{0};
  std::thread reader([&] {
    GuestThread me(g);
    reading = test::currentThread();
    reading.notify_one();
    EXPECT_EQ(me.call("fd_read", 0, list, 1, out), Errno::Success);
    EXPECT_EQ(me.call("fd_read", 0, list, 1, out), Errno::Badf);
  });
  reading.wait(0);
  test::waitUntilAsleep(reading);
  GuestThread me(g);
  EXPECT_EQ(me.call("fd_close", 0), Errno::Success);
  EXPECT_EQ(::write(fds[1], "late", 4), 4);
  reader.join();
  EXPECT_EQ(g.text(data, 4), "late");
  ::close(fds[0]);
  ::close(fds[1]);
}

// Several may see the byte that one gets; the others must go on waiting in a way that can be ended.
TEST(WasiThreads, OneByteForManyReadersLeavesTheOthersInterruptible) {
  constexpr int kReaders = 4;
  for (int round = 0; round < kRounds; ++round) {
    int fds[2];
    ASSERT_EQ(pipe2(fds, O_CLOEXEC), 0);
    ASSERT_EQ(::write(fds[1], "x", 1), 1);
    ContextConfig config = Guest::quiet();
    config.in = Stdio::fromFd(fds[0]);
    Guest g(std::move(config));
    std::atomic<int> ready{0}, got{0};
    std::vector<std::thread> readers;
    for (int i = 0; i < kReaders; ++i) {
      const u32 out = g.alloc(4), list = g.iovs({{g.alloc(8), 8}});
      readers.emplace_back([&, out, list] {
        GuestThread me(g);
        ++ready;
        while (ready != kReaders) sched_yield();
        if (me.call("fd_read", 0, list, 1, out) == Errno::Success && me.trap == Trap::None) {
          ++got;
          got.notify_one();
        } else {
          EXPECT_EQ(me.trap, Trap::Interrupt);
        }
      });
    }
    got.wait(0);
    g.requestInterrupt(Trap::Interrupt);
    for (std::thread& reader : readers) reader.join();
    EXPECT_EQ(got, 1);
    ::close(fds[0]);
    ::close(fds[1]);
  }
}

// --- Every function with arbitrary arguments ---

class Random {
 public:
  u64 next() {
    state_ = state_ * 6364136223846793005 + 1442695040888963407;
    return state_ >> 16;
  }
  // Mostly values that mean something to somebody: small numbers, addresses, edges.
  u64 argument() {
    static constexpr u64 kEdges[] = {0,
                                     1,
                                     2,
                                     3,
                                     4,
                                     7,
                                     8,
                                     64,
                                     kMemoryBytes - 8,
                                     kMemoryBytes,
                                     0x7fffffff,
                                     0x80000000,
                                     0xfffffff8,
                                     0xffffffff,
                                     ~u64{0} >> 1,
                                     u64{1} << 63,
                                     ~u64{0}};
    switch (next() % 4) {
      case 0: return kEdges[next() % std::size(kEdges)];
      case 1: return next() % 8;
      case 2: return (next() % (kMemoryBytes / 8)) * 8;
      default: return 512 + (next() % 64) * 8;
    }
  }

 private:
  u64 state_ = 4711;
};

TEST(WasiRandomCalls, NoArgumentsHarmTheHost) {
  // A guest may fill files; this test's disk is not for it.
  rlimit old{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &old), 0);
  rlimit small = old;
  small.rlim_cur = 1 << 20;
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  Random random;
  for (bool unstable : {false, true}) {
    TempDir parent;
    parent.dir("grant");
    parent.write("outside", "canary");
    ContextConfig config = Guest::quiet();
    config.preopens.push_back({parent / "grant", "/", true, true});
    config.deterministic = true;  // sleeps take no time
    config.args = {"a", "b"};
    config.in = Stdio::fromBytes(std::string(1000, 'i'));
    Guest g(std::move(config), unstable);
    std::vector<host::HostFunc> functions(g.module().functions().begin(),
                                          g.module().functions().end());
    for (int i = 0; i < 30000; ++i) {
      if (i % 50 == 0) {  // something to point at: names, links, buffer lists, subscriptions
        const char* texts[] = {"f", "..", "../outside", "d/", "d/../f", "l", ".", "/x"};
        for (u32 k = 0; k < 64; ++k) {
          u32 at = 512 + k * 8;
          g.store<u64>(at,
                       random.next() % 3 == 0 ? random.argument() | (random.next() % 64) << 32 : 0);
          if (random.next() % 2 == 0) std::memcpy(g.base() + at, texts[random.next() % 8], 2);
        }
      }
      const host::HostFunc& function = functions[random.next() % functions.size()];
      u64 slots[16] = {};
      for (size_t a = 0; a < function.params.size(); ++a) {
        slots[a] = random.argument();
        if (function.params[a] == ValType(ValType::I32)) slots[a] = static_cast<u32>(slots[a]);
      }
      std::string_view name = function.name;
      if (name == "fd_close" || name == "fd_renumber") {
        if (slots[0] == 3 || slots[1] == 3) continue;  // keep the directory
      }
      FuncObj self;
      self.hostData = g.module().context();
      Trap trap = function.thunk(&g.cx(), &self, slots);
      ASSERT_TRUE(trap == Trap::None || trap == Trap::BadGuestPointer || trap == Trap::Exit)
          << function.name << ": " << trapText(trap);
      if (trap == Trap::None && !function.results.empty()) {
        ASSERT_LE(slots[0], 76u) << function.name;
      }
    }
    EXPECT_EQ(parent.read("outside"), "canary");
  }
  setrlimit(RLIMIT_FSIZE, &old);
}

}  // namespace
}  // namespace bls::wasi
