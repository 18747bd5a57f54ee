// poll_oneoff: clocks, descriptors, errors in events, limits, interruption. Virtual time: no test
// here waits for a clock.
#include <sys/socket.h>

#include <thread>

#include "tests/support/asleep.h"
#include "tests/wasi/guest.h"

namespace bls::wasi {
namespace {

constexpr u64 kSecond = 1'000'000'000;

struct Sub {
  u8 tag = 0;
  u32 id = 0;  // clock id or descriptor
  u64 timeout = 0;
  u16 flags = 0;
};
Sub clockSub(u32 id, u64 timeout, u16 flags = 0) { return {0, id, timeout, flags}; }
Sub readSub(u32 fd) { return {1, fd, 0, 0}; }
Sub writeSub(u32 fd) { return {2, fd, 0, 0}; }

struct Ev {
  u64 userdata;
  u16 error;
  u8 type;
  u64 nbytes;
  u16 flags;
};

struct Polled {
  Errno error;
  std::vector<Ev> events;
  const Ev* of(u64 userdata) const {
    for (const Ev& e : events) {
      if (e.userdata == userdata) return &e;
    }
    return nullptr;
  }
};

// The subscription at index i has userdata 100 + i.
Polled poll(Guest& g, const std::vector<Sub>& subs, bool overlap = false) {
  g.resetAllocator();
  u32 n = static_cast<u32>(subs.size());
  u32 in = g.alloc(48 * n);
  u32 out = overlap ? in : g.alloc(32 * n);
  u32 count = g.alloc(4);
  g.store<u32>(count, 0xeeeeeeee);
  for (u32 i = 0; i < n; ++i) {
    u32 at = in + 48 * i;
    std::memset(g.base() + at, 0, 48);
    g.store<u64>(at, 100 + i);
    g.store<u8>(at + 8, subs[i].tag);
    g.store<u32>(at + 16, subs[i].id);
    if (subs[i].tag == 0) {
      g.store<u64>(at + 24, subs[i].timeout);
      g.store<u16>(at + 40, subs[i].flags);
    }
  }
  Polled result{g.call("poll_oneoff", in, out, n, count), {}};
  if (result.error != Errno::Success) return result;
  EXPECT_GE(g.load<u32>(count), 1u);
  for (u32 i = 0; i < g.load<u32>(count); ++i) {
    u32 at = out + 32 * i;
    result.events.push_back({g.load<u64>(at), g.load<u16>(at + 8), g.load<u8>(at + 10),
                             g.load<u64>(at + 16), g.load<u16>(at + 24)});
  }
  return result;
}

ContextConfig virtualTime() {
  ContextConfig config = Guest::quiet();
  config.clock = steppingClock(1000 * kSecond, 0);
  return config;
}

u64 now(Guest& g, u32 id) {
  u32 out = g.alloc(8);
  g.call("clock_time_get", id, u64{0}, out);
  return g.load<u64>(out);
}

u16 code(Errno error) { return static_cast<u16>(error); }

TEST(WasiPoll, NoSubscriptionsAreInvalid) {
  Guest g(virtualTime());
  EXPECT_EQ(g.call("poll_oneoff", 64, 64, 0, 32), Errno::Inval);
}

TEST(WasiPoll, RelativeSleepTakesItsFullTime) {
  Guest g(virtualTime());
  auto result = poll(g, {clockSub(1, 5 * kSecond)});
  ASSERT_EQ(result.events.size(), 1u);
  EXPECT_EQ(result.events[0].userdata, 100u);
  EXPECT_EQ(result.events[0].type, 0u);
  EXPECT_EQ(result.events[0].error, 0u);
  EXPECT_EQ(now(g, 1), 5 * kSecond);
  poll(g, {clockSub(0, 2 * kSecond)});
  EXPECT_EQ(now(g, 0), 1007 * kSecond);
}

TEST(WasiPoll, ZeroTimeoutReturnsAtOnce) {
  Guest g;
  EXPECT_EQ(poll(g, {clockSub(1, 0)}).events.size(), 1u);
  EXPECT_EQ(poll(g, {clockSub(0, 0)}).events.size(), 1u);
}

TEST(WasiPoll, SystemClockReallyWaits) {
  Guest g;
  u64 before = now(g, 1);
  EXPECT_EQ(poll(g, {clockSub(1, 2'000'000)}).events.size(), 1u);
  EXPECT_GE(now(g, 1), before + 2'000'000);
}

TEST(WasiPoll, AbsoluteTimesUseTheClockThatTimeGetReads) {
  Guest g(virtualTime());
  poll(g, {clockSub(1, 7 * kSecond, 1)});
  EXPECT_EQ(now(g, 1), 7 * kSecond);
  poll(g, {clockSub(0, 1010 * kSecond, 1)});
  EXPECT_EQ(now(g, 0), 1010 * kSecond);
  EXPECT_EQ(poll(g, {clockSub(0, 5, 1)}).events.size(), 1u) << "a past deadline fires at once";
  EXPECT_EQ(poll(g, {clockSub(1, 0, 1)}).events.size(), 1u);
  EXPECT_EQ(now(g, 0), 1010 * kSecond);
  Guest real;
  EXPECT_EQ(poll(real, {clockSub(0, now(real, 0) + 1'000'000, 1)}).events.size(), 1u);
}

TEST(WasiPoll, ShortestClockWinsAndAllExpiredAreReported) {
  Guest g(virtualTime());
  auto result = poll(g, {clockSub(1, 9 * kSecond), clockSub(1, 3 * kSecond),
                         clockSub(0, 1003 * kSecond, 1), clockSub(1, ~u64{0})});
  EXPECT_EQ(result.events.size(), 2u);
  EXPECT_NE(result.of(101), nullptr);
  EXPECT_NE(result.of(102), nullptr);
  EXPECT_EQ(now(g, 1), 3 * kSecond);
}

TEST(WasiPoll, FaultsGoIntoTheEvent) {
  TempDir dir;
  dir.write("f", "abc");
  ContextConfig config = Guest::withDir(dir);
  config.clock = steppingClock(0, 0);
  Guest g(std::move(config));
  u32 file = g.open(3, "f", 0, kRead).fd;
  auto result = poll(g, {readSub(77), clockSub(2, 5), clockSub(9, 5), clockSub(1, 5, 2), readSub(3),
                         writeSub(file), readSub(0xffffffff)});
  ASSERT_EQ(result.events.size(), 7u);
  EXPECT_EQ(result.of(100)->error, code(Errno::Badf));
  EXPECT_EQ(result.of(100)->type, 1u);
  EXPECT_EQ(result.of(101)->error, code(Errno::NotSup));
  EXPECT_EQ(result.of(102)->error, code(Errno::Inval));
  EXPECT_EQ(result.of(103)->error, code(Errno::Inval));
  EXPECT_EQ(result.of(104)->error, code(Errno::Badf));
  EXPECT_EQ(result.of(105)->error, code(Errno::Badf));
  EXPECT_EQ(result.of(106)->error, code(Errno::Badf));
  EXPECT_EQ(poll(g, {{3, 0, 0, 0}}).error, Errno::Inval) << "no such kind of subscription";
}

TEST(WasiPoll, FilesAreAlwaysReadyWithTheBytesLeft) {
  TempDir dir;
  dir.write("f", "abcdef");
  Guest g(Guest::withDir(dir));
  u32 file = g.open(3, "f", 0, kRead | kWrite).fd;
  g.seek(file, 2, 0);
  auto result = poll(g, {readSub(file), writeSub(file), clockSub(1, kSecond)});
  ASSERT_EQ(result.events.size(), 2u);
  EXPECT_EQ(result.of(100)->nbytes, 4u);
  EXPECT_EQ(result.of(101)->error, 0u);
  g.seek(file, 100, 0);
  EXPECT_EQ(poll(g, {readSub(file)}).of(100)->nbytes, 0u);
}

TEST(WasiPoll, StandardStreamsWithoutHostAreReady) {
  ContextConfig config = Guest::quiet();
  config.in = Stdio::fromBytes("12345");
  config.out = Stdio::toSink([](std::string_view) {});
  Guest g(std::move(config));
  auto result = poll(g, {readSub(0), writeSub(1), writeSub(2), clockSub(1, ~u64{0})});
  ASSERT_EQ(result.events.size(), 3u);
  EXPECT_EQ(result.of(100)->nbytes, 5u);
}

struct Piped {
  Piped() { EXPECT_EQ(pipe2(fds, O_CLOEXEC), 0); }
  ~Piped() {
    ::close(fds[0]);
    if (fds[1] >= 0) ::close(fds[1]);
  }
  int fds[2];
};

TEST(WasiPoll, PipesReportBytesAndHangup) {
  Piped p;
  ContextConfig config = virtualTime();
  config.in = Stdio::fromFd(p.fds[0]);
  Guest g(std::move(config));
  auto result = poll(g, {readSub(0), clockSub(1, kSecond)});
  ASSERT_EQ(result.events.size(), 1u);
  EXPECT_EQ(result.events[0].userdata, 101u) << "nothing to read: the clock";
  EXPECT_EQ(::write(p.fds[1], "xyz", 3), 3);
  result = poll(g, {readSub(0), clockSub(1, kSecond)});
  ASSERT_EQ(result.events.size(), 1u);
  EXPECT_EQ(result.of(100)->nbytes, 3u);
  EXPECT_EQ(result.of(100)->flags, 0u);
  ::close(p.fds[1]);
  p.fds[1] = -1;
  result = poll(g, {readSub(0)});
  EXPECT_EQ(result.of(100)->flags, 1u);
  EXPECT_EQ(g.read(0), "xyz");
  EXPECT_EQ(poll(g, {readSub(0), clockSub(1, ~u64{0})}).events.size(), 1u)
      << "at its end: ready, not hanging";
}

TEST(WasiPoll, ClockThatHasExpiredDoesNotHideAReadyDescriptor) {
  Piped p;
  ContextConfig config = virtualTime();
  config.in = Stdio::fromFd(p.fds[0]);
  Guest g(std::move(config));
  EXPECT_EQ(::write(p.fds[1], "x", 1), 1);
  EXPECT_EQ(poll(g, {clockSub(1, 0), readSub(0)}).events.size(), 2u);
}

TEST(WasiPoll, WakesWhenDataArrives) {
  Piped p;
  ContextConfig config = Guest::quiet();
  config.in = Stdio::fromFd(p.fds[0]);
  Guest g(std::move(config));
  std::thread writer([&, waiting = test::currentThread()] {
    test::waitUntilAsleep(waiting);
    EXPECT_EQ(::write(p.fds[1], "x", 1), 1);
  });
  auto result = poll(g, {readSub(0), clockSub(1, 60 * kSecond)});
  writer.join();
  ASSERT_EQ(result.events.size(), 1u);
  EXPECT_EQ(result.events[0].userdata, 100u);
}

TEST(WasiPoll, InterruptEndsEveryKindOfWait) {
  Piped p;
  for (const Sub& sub : {clockSub(1, ~u64{0}), clockSub(1, 3600 * kSecond),
                         clockSub(0, ~u64{0} - 1, 1), readSub(0)}) {
    ContextConfig config = Guest::quiet();
    config.in = Stdio::fromFd(p.fds[0]);
    Guest g(std::move(config));
    std::thread watchdog([&, waiting = test::currentThread()] {
      test::waitUntilAsleep(waiting);
      g.requestInterrupt(Trap::TimeLimit);
    });
    u32 in = g.alloc(48), out = g.alloc(32);
    std::memset(g.base() + in, 0, 48);
    g.store<u8>(in + 8, sub.tag);
    g.store<u32>(in + 16, sub.id);
    g.store<u64>(in + 24, sub.timeout);
    g.store<u16>(in + 40, sub.flags);
    EXPECT_EQ(g.trap("poll_oneoff", in, out, 1, 32), Trap::TimeLimit);
    watchdog.join();
  }
}

TEST(WasiPoll, InputAndOutputMayOverlap) {
  Guest g(virtualTime());
  std::vector<Sub> subs(20, clockSub(1, 0));
  auto result = poll(g, subs, true);
  ASSERT_EQ(result.events.size(), 20u);
  for (u32 i = 0; i < 20; ++i) EXPECT_EQ(result.events[i].userdata, 100 + i);
}

TEST(WasiPoll, CountIsCheckedAgainstMemoryAndCapped) {
  Guest g(virtualTime());
  EXPECT_EQ(g.trap("poll_oneoff", 64, 64, 0xffffffff, 32), Trap::BadGuestPointer);
  EXPECT_EQ(g.trap("poll_oneoff", 64, 64, 0x5555556, 32), Trap::BadGuestPointer)
      << "count * 48 wraps in 32 bits";
  EXPECT_EQ(g.trap("poll_oneoff", kMemoryBytes - 47, 64, 1, 32), Trap::BadGuestPointer);
  EXPECT_EQ(g.trap("poll_oneoff", 64, kMemoryBytes - 31, 1, 32), Trap::BadGuestPointer);
  EXPECT_EQ(g.trap("poll_oneoff", 64, 64, 1, kMemoryBytes), Trap::BadGuestPointer);
  EXPECT_EQ(g.trap("poll_oneoff", 68, 64, 1, 32), Trap::BadGuestPointer) << "misaligned";
  EXPECT_EQ(g.call("poll_oneoff", 64, 64, 5000, 32), Errno::Inval);
  std::vector<Sub> many(4096, clockSub(1, 0));
  EXPECT_EQ(poll(g, many).events.size(), 4096u);
}

TEST(WasiPoll, ResultsAreNotWrittenOnFailure) {
  Guest g(virtualTime());
  u32 count = g.alloc(4);
  g.store<u32>(count, 42);
  EXPECT_EQ(g.call("poll_oneoff", 64, 64, 0, count), Errno::Inval);
  EXPECT_EQ(g.load<u32>(count), 42u);
}

TEST(WasiPoll, DeterministicSleepsTakeNoTime) {
  ContextConfig config = Guest::quiet();
  config.deterministic = true;
  Guest g(std::move(config));
  EXPECT_EQ(poll(g, {clockSub(1, 1'000'000 * kSecond)}).events.size(), 1u);
  EXPECT_GE(now(g, 1), 1'000'000 * kSecond);
}

}  // namespace
}  // namespace bls::wasi
