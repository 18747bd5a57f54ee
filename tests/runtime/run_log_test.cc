// The log: stamps, levels, filters, appending; and the small parts of a run's description.
#include "runtime/run_log.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

#include "runtime/run_request.h"

namespace bls::cli {
namespace {

TEST(RunLog, StampsAreUtcWithPaddedLevels) {
  EXPECT_EQ(logStamp(0, LogLevel::Error, "blockless"), "[1970-01-01T00:00:00Z ERROR blockless] ");
  EXPECT_EQ(logStamp(1746761012, LogLevel::Info, "bls_runtime"),
            "[2025-05-09T03:23:32Z INFO  bls_runtime] ");
  EXPECT_EQ(logStamp(951782400, LogLevel::Warn, "x"), "[2000-02-29T00:00:00Z WARN  x] ");
  EXPECT_EQ(logStamp(4107542399, LogLevel::Debug, "x"), "[2100-02-28T23:59:59Z DEBUG x] ");
  EXPECT_EQ(logStamp(4107542400, LogLevel::Trace, "x"), "[2100-03-01T00:00:00Z TRACE x] ");
  EXPECT_EQ(logStamp(1709251199, LogLevel::Error, {}), "[2024-02-29T23:59:59Z ERROR] ");
}

TEST(RunLog, LevelsAreAllLowerOrAllUpper) {
  LogLevel level = LogLevel::Off;
  for (const char* good : {"trace", "TRACE", "debug", "info", "WARN", "error"})
    EXPECT_TRUE(parseLogLevel(good, &level)) << good;
  EXPECT_EQ(level, LogLevel::Error);
  for (const char* bad : {"", "Trace", "off", "OFF", "warning", "info "})
    EXPECT_FALSE(parseLogLevel(bad, &level)) << bad;
  EXPECT_EQ(level, LogLevel::Error) << "left alone";
}

TEST(RunLog, TheLongestDirectiveDecides) {
  LogFilter filter;
  EXPECT_TRUE(filter.wants(LogLevel::Warn, "any"));
  EXPECT_FALSE(filter.wants(LogLevel::Info, "any"));
  filter.addDirectives("error, bls=info,bls_runtime=off,net,bad=level,=debug/x=trace");
  EXPECT_FALSE(filter.wants(LogLevel::Warn, "bls_runtime"));
  EXPECT_FALSE(filter.wants(LogLevel::Error, "bls_runtime"));
  EXPECT_TRUE(filter.wants(LogLevel::Info, "bls"));
  EXPECT_TRUE(filter.wants(LogLevel::Trace, "net::http"));
  EXPECT_FALSE(filter.wants(LogLevel::Warn, "other")) << "a directive without a name is none";
  LogFilter global;
  global.addDirectives("trace");
  global.setGlobal(LogLevel::Error);
  EXPECT_FALSE(global.wants(LogLevel::Warn, "x"));
  LogFilter many;
  many.addDirectives(std::string(100000, ','));
  std::string long_list;
  for (int i = 0; i < 10000; ++i) long_list += "a=trace,";
  many.addDirectives(long_list);
  EXPECT_TRUE(many.wants(LogLevel::Trace, "abc"));
}

TEST(RunLog, LinesAreAppendedAndEscaped) {
  char path[] = "/tmp/bless-log-XXXXXX";
  close(mkstemp(path));
  {
    RunLog log;
    log.write(LogLevel::Error, "x", "nowhere");
    const std::string name = std::string(path).substr(5);
    ASSERT_TRUE(log.open("/tmp", name));
    log.write(LogLevel::Info, "x", "not wanted");
    log.write(LogLevel::Error, "x", "a\x1b[31mb\r\n  0: frame\n");
    RunLog second;
    ASSERT_TRUE(second.open("/tmp", name));
    second.write(LogLevel::Warn, "y", "");
  }
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  unlink(path);
  const std::string all = text.str();
  EXPECT_NE(all.find(" ERROR x] a\\x1b[31mb\\x0d\n  0: frame\n["), std::string::npos) << all;
  EXPECT_NE(all.find(" WARN  y] \n"), std::string::npos) << all;
  EXPECT_EQ(all.find("not wanted"), std::string::npos);
  RunLog none;
  EXPECT_FALSE(none.open("/no/such/directory", "x.log"));
  EXPECT_FALSE(none.open("/tmp", path)) << "an absolute name is not below";
  EXPECT_FALSE(none.open("/tmp", "../tmp/x.log"));
}

TEST(RunRequestParts, ListenersKnowBracketsAndNumbers) {
  struct {
    const char* text;
    const char* address;
    i32 fd;
  } good[] = {{"127.0.0.1:80", "127.0.0.1:80", -1},
              {"127.0.0.1:80::5", "127.0.0.1:80", 5},
              {"[::1]:80", "[::1]:80", -1},
              {"[::1]:80::7", "[::1]:80", 7},
              {"[fe80::1]:8080::3", "[fe80::1]:8080", 3},
              {":80", ":80", -1}};
  for (const auto& row : good) {
    std::string address;
    i32 fd = 0;
    EXPECT_TRUE(splitListener(row.text, &address, &fd)) << row.text;
    EXPECT_EQ(address, row.address);
    EXPECT_EQ(fd, row.fd) << row.text;
  }
  for (const char* bad : {"a:1::", "a:1::x", "a:1::-1", "a:1::99999999999", "[::1]:80::"}) {
    std::string address;
    i32 fd = 0;
    EXPECT_FALSE(splitListener(bad, &address, &fd)) << bad;
  }
}

TEST(RunRequestParts, ListedVariablesAreEmptyWhereTheProcessHasNone) {
  setenv("BLESS_TEST_A", "1", 1);
  setenv("BLESS_TEST_B", "", 1);
  unsetenv("BLESS_TEST_C");
  using Pair = std::pair<std::string, std::string>;
  EXPECT_EQ(listedVariables("BLESS_TEST_B;;BLESS_TEST_C;BLESS_TEST_A;"),
            (std::vector<Pair>{{"BLESS_TEST_B", ""}, {"BLESS_TEST_C", ""}, {"BLESS_TEST_A", "1"}}));
  EXPECT_TRUE(listedVariables(nullptr).empty());
  EXPECT_TRUE(listedVariables("").empty());
}

}  // namespace
}  // namespace bls::cli
