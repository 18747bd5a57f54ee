// Error lines: form, escaping, length.
#include "engine/base/status.h"

#include <gtest/gtest.h>

namespace bls {
namespace {

TEST(Error, NamesPlaceSectionAndFunction) {
  Error error;
  error.cls = ErrorClass::Invalid;
  error.message = "type mismatch";
  error.offset = 0x1f3;
  error.section = "code";
  error.func = 7;
  EXPECT_EQ(error.format("app.wasm"),
            "error: invalid: type mismatch [at offset 0x1f3, code section, function 7] (app.wasm)");
}

TEST(Error, LeavesOutWhatIsNotKnown) {
  Error error;
  error.cls = ErrorClass::Limit;
  error.message = "module bytes 2 > 1";
  EXPECT_EQ(error.format(""), "error: limit: module bytes 2 > 1");
}

TEST(Error, IsAtMostOneKibibyteOnOneLine) {
  Error error;
  error.message = std::string(5000, 'x');
  std::string line = error.format("a\nb");
  EXPECT_LE(line.size(), 1024u);
  EXPECT_EQ(line.find('\n'), std::string::npos);
}

TEST(Escape, ControlBytesBidiAndBadUtf8BecomeVisible) {
  EXPECT_EQ(escapeForMessage("a\x1b[31m\n"), "a\\x1b[31m\\x0a");
  EXPECT_EQ(escapeForMessage("\xe2\x80\xae"), "\\u{202e}");
  EXPECT_EQ(escapeForMessage("\xc0\x80"), "\\xc0\\x80");
  EXPECT_EQ(escapeForMessage("h\xc3\xa4"), "h\xc3\xa4");
  EXPECT_EQ(escapeForMessage(std::string(300, 'a'), 4), "aaaa…");
}

TEST(Diagnostics, TheFirstErrorWins) {
  Diagnostics diag;
  Status first = diag.fail(ErrorClass::Malformed, "one", 1);
  Status second = diag.fail(ErrorClass::Invalid, "two", 2);
  EXPECT_FALSE(second.ok());
  EXPECT_EQ(first.error()->message, "one");
  EXPECT_EQ(second.error()->message, "one");
}

}  // namespace
}  // namespace bls
