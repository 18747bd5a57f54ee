// What reaches a terminal (threat model CLI-4), with the filter alone and through a pseudo
// terminal.
#include <pty.h>
#include <termios.h>

#include "tests/wasi/guest.h"
#include "wasi/terminal_filter.h"

namespace bls::wasi {
namespace {

std::string filtered(std::string_view s) {
  TerminalFilter whole;
  std::string out;
  whole.filter(reinterpret_cast<const u8*>(s.data()), s.size(), &out);
  TerminalFilter split;
  std::string parts;
  for (char c : s) split.filter(reinterpret_cast<const u8*>(&c), 1, &parts);
  EXPECT_EQ(out, parts) << "sequences may be split over writes";
  return out;
}

TEST(TerminalFilter, TextColoursAndCursorMovementPass) {
  for (const char* s :
       {"plain\ttext\r\n", "\x1b[31mred\x1b[0m", "\x1b[1;38;2;10;20;30mx", "\x1b[2J\x1b[H",
        "\x1b[10;20H", "\x1b[3A", "\x1b[K", "\x1b[?25l\x1b[?25h", "\x1b[s\x1b[u",
        "\x1b"
        "7\x1b"
        "8",
        "grüße 日本 🦀", "ab\b"}) {
    EXPECT_EQ(filtered(s), s);
  }
}

TEST(TerminalFilter, EverythingElseIsDropped) {
  EXPECT_EQ(filtered("a\x1b]0;title\x07"
                     "b"),
            "ab");
  EXPECT_EQ(filtered("a\x1b]52;c;ZXZpbA==\x1b\\b"), "ab") << "clipboard";
  EXPECT_EQ(filtered("a\x1b[6nb\x1b[cc\x1b[5;5tz"), "abcz") << "queries and window control";
  EXPECT_EQ(filtered("a\x1b[?1049hb\x1b[?2004hc"), "abc") << "modes";
  EXPECT_EQ(filtered("a\x1bPq#evil\x1b\\b\x1b_apc\x1b\\c"), "abc");
  EXPECT_EQ(filtered("a\x1b"
                     "cb\x1b(0c"),
            "abc")
      << "reset and character sets";
  EXPECT_EQ(filtered("a\x07\x0e\x0f\x7f"
                     "b"),
            "ab");
  EXPECT_EQ(filtered("a\xc2\x9b"
                     "31mb"),
            "a31mb")
      << "C1 in UTF-8";
  EXPECT_EQ(filtered("a\x9b\xff\xc0\xaf"
                     "b"),
            "ab")
      << "C1 bytes and malformed UTF-8";
  EXPECT_EQ(filtered("a\xe2\x80\xae"
                     "b"),
            "ab")
      << "bidirectional override";
  EXPECT_EQ(filtered("a\xe6\x97"
                     "b"),
            "ab")
      << "a cut character";
  EXPECT_EQ(filtered("a\x1b[" + std::string(5000, '1') + "mb"), "ab") << "bounded";
  EXPECT_EQ(filtered("a\x1b\x1b[31mb"), "a\x1b[31mb");
  EXPECT_EQ(filtered("a\x1b[3\x1b[31mb"), "a\x1b[31mb");
}

class Terminal {
 public:
  Terminal() {
    termios raw{};
    cfmakeraw(&raw);
    if (openpty(&master, &slave, nullptr, &raw, nullptr) != 0) master = slave = -1;
  }
  ~Terminal() {
    close(master);
    close(slave);
  }
  std::string shown() {
    char buffer[1024];
    ssize_t n = ::read(master, buffer, sizeof buffer);
    return n < 0 ? "" : std::string(buffer, static_cast<size_t>(n));
  }
  int master = -1, slave = -1;
};

constexpr const char* kMixed = "\x1b[1mx\x1b]0;t\x07y";

TEST(WasiTerminal, OutputIsFilteredAndCountsAsWritten) {
  Terminal t;
  if (t.slave < 0) GTEST_SKIP() << "no terminal can be had here";
  ContextConfig config = Guest::quiet();
  config.in = config.out = Stdio::fromFd(t.slave);
  Guest g(std::move(config));
  EXPECT_EQ(g.fdstat(1).type, static_cast<u8>(FileType::CharacterDevice));
  EXPECT_EQ(g.fdstat(1).base & (rights::kFdSeek | rights::kFdTell), 0u)
      << "how libraries recognise a terminal";
  EXPECT_EQ(g.seek(1, 0, 1).error, Errno::Spipe);
  u32 written = 0;
  EXPECT_EQ(g.write(1, kMixed, &written), Errno::Success);
  EXPECT_EQ(written, strlen(kMixed));
  EXPECT_EQ(t.shown(), "\x1b[1mxy");
}

TEST(WasiTerminal, RawOptionPassesEverything) {
  Terminal t;
  if (t.slave < 0) GTEST_SKIP() << "no terminal can be had here";
  ContextConfig config = Guest::quiet();
  config.out = Stdio::fromFd(t.slave);
  config.rawTerminal = true;
  Guest g(std::move(config));
  EXPECT_EQ(g.write(1, kMixed), Errno::Success);
  EXPECT_EQ(t.shown(), kMixed);
}

TEST(WasiTerminal, PipesGetEveryByte) {
  int fds[2];
  ASSERT_EQ(pipe2(fds, O_CLOEXEC), 0);
  ContextConfig config = Guest::quiet();
  config.out = Stdio::fromFd(fds[1]);
  Guest g(std::move(config));
  EXPECT_EQ(g.write(1, kMixed), Errno::Success);
  char buffer[64];
  ssize_t n = ::read(fds[0], buffer, sizeof buffer);
  EXPECT_EQ(std::string(buffer, static_cast<size_t>(n)), kMixed);
  ::close(fds[0]);
  ::close(fds[1]);
}

}  // namespace
}  // namespace bls::wasi
