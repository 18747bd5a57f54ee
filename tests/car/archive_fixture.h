// What the tests of archives share: a folder of their own, archives in memory, verdicts as text.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "runtime/car_archive.h"
#include "tests/car/car_builder.h"

namespace bls::car::test {

class ArchiveTest : public ::testing::Test {
 protected:
  ArchiveTest() {
    setAbilities(&realAbilities());
    char name[] = "/tmp/bless-car-XXXXXX";
    top_ = mkdtemp(name);
    root_ = top_ + "/root";
    std::filesystem::create_directory(root_);
  }
  ~ArchiveTest() override {
    setAbilities(nullptr);
    std::filesystem::remove_all(top_);
  }

  /// Empty when `bytes` open as an archive; else the error line.
  std::string open(const std::string& bytes) {
    bytes_ = bytes;
    diag_.clear();
    const Status status = CarArchive::over(
        ByteSource::ofBytes({reinterpret_cast<const u8*>(bytes_.data()), bytes_.size()}), limits,
        diag_, &archive);
    return status.ok() ? "" : status.error()->format("x.car");
  }
  /// open(), then extract to root(). Empty or the error line.
  std::string extract(const std::string& bytes) {
    const std::string opened = open(bytes);
    if (!opened.empty()) return opened;
    diag_.clear();
    const Status status = archive->extract(root_.c_str(), diag_);
    return status.ok() ? "" : status.error()->format("x.car");
  }
  /// open(), then the configuration's text, or the error line.
  std::string config(const std::string& bytes) {
    const std::string opened = open(bytes);
    if (!opened.empty()) return opened;
    diag_.clear();
    std::string text;
    const Status status = archive->findConfig(diag_, &text);
    return status.ok() ? text : status.error()->format("x.car");
  }

  const std::string& top() const { return top_; }
  const std::string& root() const { return root_; }
  /// Where the first root's tree goes.
  std::string tree() const { return root_ + "/" + archive->firstRoot(); }

  static std::string read(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    if (!in) return "<none>";
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
  }
  static void write(const std::string& path, const std::string& text) {
    std::ofstream(path, std::ios::binary) << text;
  }
  /// Everything below the test's folder, sorted; directories end in a slash.
  std::vector<std::string> everything() const {
    std::vector<std::string> out;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(top_)) {
      out.push_back(entry.path().string().substr(top_.size() + 1) +
                    (entry.is_directory() && !entry.is_symlink() ? "/" : ""));
    }
    std::sort(out.begin(), out.end());
    return out;
  }
  bool nothingWritten() const { return everything() == std::vector<std::string>{"root/"}; }

  CarLimits limits;
  std::unique_ptr<CarArchive> archive;

 private:
  std::string top_;
  std::string root_;
  std::string bytes_;
  Diagnostics diag_;
};

/// EXPECT_TRUE(contains(text, part)) with the text when it fails.
inline ::testing::AssertionResult contains(const std::string& text, const std::string& part) {
  if (text.find(part) != std::string::npos) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << "'" << part << "' is not in '" << text << "'";
}

}  // namespace bls::car::test
