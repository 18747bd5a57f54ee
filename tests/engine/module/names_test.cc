// The name section is a hint: what is readable counts, nothing in it fails a load.
#include "engine/module/names.h"

#include <gtest/gtest.h>

#include "tests/support/wasm_bytes.h"

namespace bls {
namespace {

using namespace testing_support;

Bytes nameSection(const Bytes& content) { return section(0, hex("04 6e 61 6d 65") + content); }
Bytes withNames(const Bytes& content) {
  return header() +
         hex("01 04 01 60 00 00 02 07 01 01 61 01 62 00 00 03 03 02 00 00 07 05 01 01 78 00 02") +
         hex("0a 07 02 02 00 0b 02 00 0b") + nameSection(content);
}

TEST(FuncNames, FindsFunctionsAndTheModule) {
  auto loaded = load(withNames(hex("00 02 01 6d 01 07 02 00 01 66 02 01 67")));
  ASSERT_EQ(loaded->line(), "valid");
  FuncNames names(*loaded->module);
  EXPECT_EQ(names.moduleName(), "m");
  EXPECT_EQ(names.find(0), "f");
  EXPECT_EQ(names.find(1), "");
  EXPECT_EQ(names.find(2), "g");
  EXPECT_EQ(names.find(~0u), "");
}

TEST(FuncNames, FallBackToExportAndImportNames) {
  auto loaded = load(withNames({}));
  FuncNames names(*loaded->module);
  EXPECT_EQ(names.display(0), "a.b");
  EXPECT_EQ(names.display(1), "");
  EXPECT_EQ(names.display(2), "x");
}

TEST(FuncNames, AreEscapedForDisplay) {
  auto loaded = load(withNames(hex("01 06 01 00 03 1b 5b 6d")));
  EXPECT_EQ(FuncNames(*loaded->module).display(0), "\\x1b[m");
}

TEST(FuncNames, UnorderedAndRepeatedEntriesKeepTheFirst) {
  auto loaded = load(withNames(hex("01 0a 03 02 01 67 00 01 66 02 01 68")));
  FuncNames names(*loaded->module);
  EXPECT_EQ(names.find(0), "f");
  EXPECT_EQ(names.find(2), "g");
}

TEST(FuncNames, IllFormedContentKeepsWhatCameBefore) {
  // Two entries promised four billion times, bad UTF-8, sizes beyond the end.
  for (const char* content : {"01 09 ff ff ff ff 0f 00 01 66 02", "01 07 02 00 01 66 02 01 ff",
                              "01 07 02 00 01 66 02 7f 67"}) {
    auto loaded = load(withNames(hex(content)));
    ASSERT_EQ(loaded->line(), "valid") << content;
    FuncNames names(*loaded->module);
    EXPECT_EQ(names.find(0), "f") << content;
    EXPECT_EQ(names.find(2), "") << content;
  }
  for (const char* content : {"01 7f 00", "01", "01 80 80 80 80 80 00"}) {
    auto loaded = load(withNames(hex(content)));
    ASSERT_EQ(loaded->line(), "valid") << content;
    EXPECT_EQ(FuncNames(*loaded->module).find(0), "") << content;
  }
}

TEST(Names, NulIsAnOrdinaryCharacterAndComparisonIsByBytes) {
  // Exports "a" and "a\0b" are different names.
  auto loaded = load(header() + hex("01 04 01 60 00 00 03 02 01 00 07 0b 02 01 61 00 00 03 61 00 "
                                    "62 00 00 0a 04 01 02 00 0b"));
  ASSERT_EQ(loaded->line(), "valid");
  EXPECT_EQ(loaded->module->exports[1].name, std::string_view("a\0b", 3));
  EXPECT_EQ(loaded->module->findExport("a"), &loaded->module->exports[0]);
}

}  // namespace
}  // namespace bls
