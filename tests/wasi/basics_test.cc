// Arguments, environment, clocks, randomness, process calls, context errors.
#include "tests/wasi/guest.h"

namespace bls::wasi {
namespace {

TEST(WasiArgs, ArgumentsArePackedWithTerminators) {
  ContextConfig config = Guest::quiet();
  config.args = {"prog", "", "two words"};
  Guest g(std::move(config));
  u32 sizes = g.alloc(8);
  ASSERT_EQ(g.call("args_sizes_get", sizes, sizes + 4), Errno::Success);
  EXPECT_EQ(g.load<u32>(sizes), 3u);
  EXPECT_EQ(g.load<u32>(sizes + 4), 5u + 1 + 10);
  u32 table = g.alloc(12);
  u32 text = g.alloc(16, 1);
  ASSERT_EQ(g.call("args_get", table, text), Errno::Success);
  EXPECT_EQ(g.load<u32>(table), text);
  EXPECT_EQ(g.load<u32>(table + 4), text + 5);
  EXPECT_EQ(g.load<u32>(table + 8), text + 6);
  EXPECT_EQ(g.text(text, 16), std::string("prog\0\0two words\0", 16));
}

TEST(WasiArgs, NoArgumentsWriteNothingAtTheEndOfMemory) {
  Guest g;
  u32 sizes = g.alloc(8);
  g.store<u64>(sizes, ~u64{0});
  ASSERT_EQ(g.call("args_sizes_get", sizes, sizes + 4), Errno::Success);
  EXPECT_EQ(g.load<u64>(sizes), 0u);
  EXPECT_EQ(g.call("args_get", kMemoryBytes, kMemoryBytes), Errno::Success);
  EXPECT_EQ(g.trap("args_get", kMemoryBytes + 4, 0), Trap::BadGuestPointer);
}

TEST(WasiArgs, BuffersAreCheckedAgainstWhatIsWritten) {
  ContextConfig config = Guest::quiet();
  config.args = {"abc"};
  Guest g(std::move(config));
  EXPECT_EQ(g.trap("args_get", 64, kMemoryBytes - 3), Trap::BadGuestPointer);
  EXPECT_EQ(g.call("args_get", 64, kMemoryBytes - 4), Errno::Success);
  EXPECT_EQ(g.trap("args_get", kMemoryBytes - 3, 64), Trap::BadGuestPointer);
  EXPECT_EQ(g.trap("args_get", 65, 64), Trap::BadGuestPointer);  // misaligned table
}

TEST(WasiEnviron, OnlyWhatWasGivenInOrder) {
  setenv("BLESS_TEST_SECRET", "canary", 1);
  ContextConfig config = Guest::quiet();
  config.env = {{"B", "2"}, {"A", ""}};
  Guest g(std::move(config));
  u32 sizes = g.alloc(8);
  ASSERT_EQ(g.call("environ_sizes_get", sizes, sizes + 4), Errno::Success);
  EXPECT_EQ(g.load<u32>(sizes), 2u);
  EXPECT_EQ(g.load<u32>(sizes + 4), 7u);
  u32 table = g.alloc(8);
  u32 text = g.alloc(7, 1);
  ASSERT_EQ(g.call("environ_get", table, text), Errno::Success);
  EXPECT_EQ(g.text(text, 7), std::string("B=2\0A=\0", 7));
}

TEST(WasiClock, ResolutionIsNonZeroForEveryClock) {
  Guest g;
  u32 out = g.alloc(8);
  for (u32 id = 0; id < 4; ++id) {
    ASSERT_EQ(g.call("clock_res_get", id, out), Errno::Success);
    EXPECT_GT(g.load<u64>(out), 0u) << id;
  }
  EXPECT_EQ(g.call("clock_res_get", 4, out), Errno::Inval);
  EXPECT_EQ(g.call("clock_time_get", 0xffffffff, u64{0}, out), Errno::Inval);
}

TEST(WasiClock, MonotonicStartsNearZeroAndNeverGoesBack) {
  Guest g;
  u32 out = g.alloc(8);
  u64 last = 0;
  for (int i = 0; i < 100; ++i) {
    ASSERT_EQ(g.call("clock_time_get", 1, u64{1} << 63, out), Errno::Success);
    ASSERT_GE(g.load<u64>(out), last);
    last = g.load<u64>(out);
  }
  EXPECT_LT(last, u64{60} * 1'000'000'000) << "the host's uptime shows";
}

TEST(WasiClock, RealtimeIsTheSystemsTime) {
  Guest g;
  u32 out = g.alloc(8);
  u64 before = static_cast<u64>(time(nullptr));
  ASSERT_EQ(g.call("clock_time_get", 0, u64{0}, out), Errno::Success);
  EXPECT_GE(g.load<u64>(out) / 1'000'000'000 + 1, before);
  EXPECT_LE(g.load<u64>(out) / 1'000'000'000, before + 60);
}

TEST(WasiClock, DeterministicTimeStepsPerQuestion) {
  ContextConfig config = Guest::quiet();
  config.deterministic = true;
  Guest g(std::move(config));
  u32 out = g.alloc(8);
  ASSERT_EQ(g.call("clock_time_get", 0, u64{0}, out), Errno::Success);
  EXPECT_EQ(g.load<u64>(out), kDeterministicEpochNs);
  ASSERT_EQ(g.call("clock_time_get", 1, u64{0}, out), Errno::Success);
  EXPECT_EQ(g.load<u64>(out), kDeterministicStepNs);
  ASSERT_EQ(g.call("clock_time_get", 0, u64{0}, out), Errno::Success);
  EXPECT_EQ(g.load<u64>(out), kDeterministicEpochNs + 2 * kDeterministicStepNs);
}

TEST(WasiRandom, FillsExactlyTheBuffer) {
  Guest g;
  u32 at = g.alloc(70000, 1);
  u32 guard = g.alloc(8, 1);
  g.store<u64>(guard, 0);
  ASSERT_EQ(g.call("random_get", at, 70000), Errno::Success);
  EXPECT_EQ(g.load<u64>(guard), 0u);
  EXPECT_NE(g.load<u64>(at), g.load<u64>(at + 69992));
  EXPECT_EQ(g.call("random_get", kMemoryBytes, 0), Errno::Success);
  EXPECT_EQ(g.trap("random_get", 64, kMemoryBytes), Trap::BadGuestPointer);
  EXPECT_EQ(g.trap("random_get", 0xffffffff, 0xffffffff), Trap::BadGuestPointer);
}

TEST(WasiRandom, SeededStreamIsSplitMix64AndIgnoresCallBoundaries) {
  auto whole = seededRandom(1);
  u8 a[24];
  ASSERT_TRUE(whole->fill(a, sizeof a));
  u64 first;
  std::memcpy(&first, a, 8);
  EXPECT_EQ(first, 0x910a2dec89025cc1u);  // SplitMix64, seed 1
  auto parts = seededRandom(1);
  u8 b[24];
  for (size_t i = 0; i < sizeof b; ++i) ASSERT_TRUE(parts->fill(b + i, 1));
  EXPECT_EQ(std::memcmp(a, b, sizeof a), 0);
  ContextConfig config = Guest::quiet();
  config.deterministic = true;
  config.randomSeed = 1;
  Guest g(std::move(config));
  u32 at = g.alloc(8);
  ASSERT_EQ(g.call("random_get", at, 8), Errno::Success);
  EXPECT_EQ(g.load<u64>(at), first);
}

TEST(WasiRandom, InterruptEndsALargeFill) {
  Guest g;
  g.requestInterrupt(Trap::TimeLimit);
  EXPECT_EQ(g.trap("random_get", 64, 4096), Trap::TimeLimit);
}

TEST(WasiProc, ExitUnwindsWithItsCode) {
  Guest g;
  for (u32 code : {0u, 1u, 125u, 200u, 0xffffffffu}) {
    EXPECT_EQ(g.trap("proc_exit", code), Trap::Exit);
    EXPECT_EQ(g.cx().exitCode, code);
  }
}

TEST(WasiProc, RaiseDoesNotReachTheHost) {
  Guest g;
  EXPECT_EQ(g.call("proc_raise", 9), Errno::NotSup);
  EXPECT_EQ(g.call("proc_raise", 31), Errno::Inval);
  EXPECT_EQ(g.call("sched_yield"), Errno::Success);
}

TEST(WasiModules, HaveAllFunctionsWithTheSpecifiedTypes) {
  Guest g;
  EXPECT_EQ(g.module().functions().size(), 46u);
  EXPECT_STREQ(g.module().name(), "wasi_snapshot_preview1");
  Guest old(Guest::quiet(), true);
  EXPECT_EQ(old.module().functions().size(), 45u);
  EXPECT_STREQ(old.module().name(), "wasi_unstable");
  EXPECT_EQ(old.module().find("sock_accept"), nullptr);
  EXPECT_EQ(g.module().find("fd_writev"), nullptr);

  auto signature = [&](const char* name) {
    const host::HostFunc* f = g.module().find(name);
    std::string s;
    for (ValType t : f->params) s += t == ValType(ValType::I64) ? 'l' : 'i';
    s += ':';
    for (ValType t : f->results) s += t == ValType(ValType::I64) ? 'l' : 'i';
    return s;
  };
  EXPECT_EQ(signature("args_get"), "ii:i");
  EXPECT_EQ(signature("clock_time_get"), "ili:i");
  EXPECT_EQ(signature("fd_advise"), "illi:i");
  EXPECT_EQ(signature("fd_allocate"), "ill:i");
  EXPECT_EQ(signature("fd_fdstat_set_rights"), "ill:i");
  EXPECT_EQ(signature("fd_filestat_set_times"), "illi:i");
  EXPECT_EQ(signature("fd_pread"), "iiili:i");
  EXPECT_EQ(signature("fd_prestat_dir_name"), "iii:i");
  EXPECT_EQ(signature("fd_readdir"), "iiili:i");
  EXPECT_EQ(signature("fd_seek"), "ilii:i");
  EXPECT_EQ(signature("fd_write"), "iiii:i");
  EXPECT_EQ(signature("path_filestat_set_times"), "iiiilli:i");
  EXPECT_EQ(signature("path_link"), "iiiiiii:i");
  EXPECT_EQ(signature("path_open"), "iiiiillii:i");
  EXPECT_EQ(signature("path_readlink"), "iiiiii:i");
  EXPECT_EQ(signature("path_rename"), "iiiiii:i");
  EXPECT_EQ(signature("path_symlink"), "iiiii:i");
  EXPECT_EQ(signature("poll_oneoff"), "iiii:i");
  EXPECT_EQ(signature("proc_exit"), "i:");
  EXPECT_EQ(signature("sched_yield"), ":i");
  EXPECT_EQ(signature("sock_accept"), "iii:i");
  EXPECT_EQ(signature("sock_recv"), "iiiiii:i");
  EXPECT_EQ(signature("sock_send"), "iiiii:i");
}

TEST(WasiModules, EveryFunctionNamesItsCapability) {
  Guest g;
  EXPECT_EQ(g.module().find("path_open")->capability, host::Capability::FileRead);
  EXPECT_EQ(g.module().find("path_rename")->capability, host::Capability::FileWrite);
  EXPECT_EQ(g.module().find("sock_accept")->capability, host::Capability::Listen);
  EXPECT_EQ(g.module().find("random_get")->capability, host::Capability::Random);
}

std::string configError(ContextConfig config) {
  Diagnostics diag;
  auto made = makeContext(std::move(config), diag);
  return made.ok() ? "" : made.error()->message;
}

TEST(WasiContext, BadStringsAreRefused) {
  ContextConfig config = Guest::quiet();
  config.args = {std::string("a\0b", 3)};
  EXPECT_EQ(configError(std::move(config)), "argument 'a\\x00b' contains a NUL byte");
  for (const char* name : {"", "A=B"}) {
    ContextConfig bad = Guest::quiet();
    bad.env = {{name, "x"}};
    EXPECT_NE(configError(std::move(bad)).find("environment variable"), std::string::npos);
  }
}

TEST(WasiContext, MissingDirectoryNamesItAndTheReason) {
  ContextConfig config = Guest::quiet();
  config.preopens.push_back({"/no/such/dir", "/", true, true});
  EXPECT_EQ(configError(std::move(config)),
            "cannot open directory '/no/such/dir': No such file or directory");
}

TEST(WasiContext, SinkAndBytesHaveOneDirection) {
  ContextConfig config = Guest::quiet();
  config.out = Stdio::fromBytes("x");
  EXPECT_EQ(configError(std::move(config)), "fixed bytes are for standard input only");
  ContextConfig other = Guest::quiet();
  other.in = Stdio::toSink([](std::string_view) {});
  EXPECT_EQ(configError(std::move(other)), "a sink is for output only");
}

TEST(WasiContext, ListenersTakeTheNextOrTheGivenNumber) {
  Diagnostics diag;
  auto listening = openListener("127.0.0.1:0", diag);
  ASSERT_TRUE(listening.ok());
  ContextConfig config = Guest::quiet();
  config.listeners = {{listening.value(), -1}, {listening.value(), 9}};
  Guest g(std::move(config));
  EXPECT_EQ(g.fdstat(3).error, Errno::Success);
  EXPECT_EQ(g.fdstat(9).error, Errno::Success);
  EXPECT_EQ(g.fdstat(4).error, Errno::Badf);
  for (i32 number : {0, 2, 1 << 30}) {
    ContextConfig bad = Guest::quiet();
    bad.listeners = {{listening.value(), number}};
    EXPECT_NE(configError(std::move(bad)).find("for a listening socket"), std::string::npos)
        << number;
  }
  ::close(listening.value());
}

TEST(WasiContext, ListenAddresses) {
  for (const char* good : {"127.0.0.1:0", "0.0.0.0:0", ":0", "localhost:0", "LocalHost:0"}) {
    Diagnostics diag;
    auto made = openListener(good, diag);
    ASSERT_TRUE(made.ok()) << good << ": " << made.error()->message;
    ::close(made.value());
  }
  for (const char* bad : {"nonsense", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:65536",
                          "127.0.0.1:-1", "127.0.0.1:80 ", ""}) {
    Diagnostics diag;
    auto made = openListener(bad, diag);
    ASSERT_FALSE(made.ok()) << bad;
    EXPECT_NE(made.error()->message.find("is not host:port"), std::string::npos) << bad;
  }
  for (const char* unknown : {"no.such.host.invalid:0", "127.0.0:0", "[::g]:0", "#:0"}) {
    Diagnostics diag;
    auto made = openListener(unknown, diag);
    ASSERT_FALSE(made.ok()) << unknown;
    EXPECT_NE(made.error()->message.find("neither an IP address nor a name"), std::string::npos)
        << unknown;
  }
}

}  // namespace
}  // namespace bls::wasi
