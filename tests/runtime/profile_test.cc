// The ELF file that gdb gets, as readelf reads it.
#include "runtime/profile.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <string>

namespace bls::cli {
namespace {

std::string outputOf(const std::string& command) {
  std::string out;
  std::FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return out;
  char buffer[256];
  while (std::fgets(buffer, sizeof buffer, pipe) != nullptr) out += buffer;
  EXPECT_EQ(pclose(pipe), 0) << out;
  return out;
}

TEST(Profile, TheElfFileHasOneFunction) {
  const std::vector<u8> elf = makeCodeElf("wasm[7]::fib", 0x7f0012345600, 0x1a0);
  char path[] = "/tmp/bls-elf-XXXXXX";
  const int fd = mkstemp(path);
  ASSERT_GE(fd, 0);
  std::FILE* file = fdopen(fd, "wb");
  ASSERT_EQ(std::fwrite(elf.data(), 1, elf.size(), file), elf.size());
  std::fclose(file);
  const std::string symbols = outputOf(std::string("readelf -sSW ") + path + " 2>&1");
  std::remove(path);
  EXPECT_NE(symbols.find("00007f0012345600   416 FUNC    GLOBAL DEFAULT    1 wasm[7]::fib"),
            std::string::npos)
      << symbols;
  EXPECT_NE(symbols.find(".text             NOBITS          00007f0012345600"), std::string::npos)
      << symbols;
  EXPECT_EQ(symbols.find("Warning"), std::string::npos) << symbols;
  EXPECT_EQ(symbols.find("rror"), std::string::npos) << symbols;
}

TEST(Profile, WordsOfTheOption) {
  EXPECT_EQ(profileOf("perfmap"), Profile::PerfMap);
  EXPECT_EQ(profileOf("jitdump"), Profile::JitDump);
  EXPECT_EQ(profileOf("gdb"), Profile::Gdb);
  EXPECT_EQ(profileOf("none"), Profile::None);
}

}  // namespace
}  // namespace bls::cli
