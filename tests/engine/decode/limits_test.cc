// Implementation limits: at the limit a module loads, one above it is refused with class limit
// (VAL-6, threat model 3).
#include <gtest/gtest.h>

#include "engine/wasm/limits.h"
#include "tests/support/wasm_bytes.h"

namespace bls {
namespace {

using namespace testing_support;

const Bytes kType = hex("01 04 01 60 00 00");

void expectLimit(const Bytes& bytes, const std::string& message) {
  auto loaded = load(bytes);
  ASSERT_FALSE(loaded->ok()) << message;
  EXPECT_EQ(loaded->status.error()->cls, ErrorClass::Limit) << loaded->line();
  EXPECT_EQ(loaded->status.error()->message, message);
}

Bytes types(size_t n) { return header() + vectorSection(1, n, hex("60 00 00")); }
Bytes imports(size_t n) { return header() + kType + vectorSection(2, n, hex("00 00 00 00")); }
Bytes functions(size_t n) {
  return header() + kType + vectorSection(3, n, hex("00")) + vectorSection(10, n, hex("02 00 0b"));
}
Bytes tables(size_t n) { return header() + vectorSection(4, n, hex("70 00 00")); }
Bytes memories(size_t n) { return header() + vectorSection(5, n, hex("00 00")); }
Bytes tags(size_t n) { return header() + kType + vectorSection(13, n, hex("00 00")); }
Bytes globals(size_t n) { return header() + vectorSection(6, n, hex("7f 00 41 00 0b")); }
Bytes elems(size_t n) { return header() + vectorSection(9, n, hex("01 00 00")); }
Bytes elemEntries(size_t n) {
  return header() + kType + hex("03 02 01 00") +
         section(9, hex("01 01 00") + leb(n) + Bytes(n, 0)) + hex("0a 04 01 02 00 0b");
}
Bytes datas(size_t n) { return header() + vectorSection(11, n, hex("01 00")); }
Bytes params(size_t n) {
  return header() + section(1, hex("01 60") + leb(n) + Bytes(n, 0x7f) + hex("00"));
}
Bytes results(size_t n) { return header() + section(1, hex("01 60 00") + leb(n) + Bytes(n, 0x7f)); }
Bytes fields(size_t n) {
  return header() + section(1, hex("01 5f") + leb(n) + repeat(hex("7f 00"), n));
}
Bytes name(size_t n) { return header() + section(0, leb(n) + Bytes(n, 'a')); }
Bytes group(size_t n) {
  return header() + section(1, hex("01 4e") + leb(n) + repeat(hex("60 00 00"), n));
}
Bytes locals(size_t n) { return oneFunction("60 01 7f 00", hex("01") + leb(n - 1) + hex("7b 0b")); }
Bytes bodyBytes(size_t n) {
  return oneFunction("60 00 00", hex("00") + Bytes(n - 2, 0x01) + hex("0b"));
}
Bytes catches(size_t n) {
  return oneFunction("60 00 00", hex("00 1f 40") + leb(n) + repeat(hex("02 00"), n) + hex("0b 0b"));
}
Bytes nested(size_t n) {
  return oneFunction("60 00 00", hex("00") + repeat(hex("02 40"), n) + repeat(hex("0b"), n + 1));
}
Bytes fixedArray(size_t n) {
  return header() + hex("01 07 02 5e 7f 00 60 00 00") + hex("03 02 01 01") +
         section(10, leb(1) + sized(hex("00") + repeat(hex("41 00"), n) + hex("fb 08 00") + leb(n) +
                                    hex("1a 0b")));
}
// A chain of `n` subtypes below a root.
Bytes depth(size_t n) {
  Bytes list = leb(n + 1) + hex("50 00 5f 00");
  for (size_t i = 0; i < n; ++i) list = list + hex("50 01") + leb(i) + hex("5f 00");
  return header() + section(1, list);
}

struct Row {
  const char* item;
  Bytes (*make)(size_t);
  size_t max;
  size_t excess = 1;  // how much the message names above the limit
};

class Limit : public testing::TestWithParam<Row> {};

TEST_P(Limit, AtTheLimitItLoadsAndOneAboveItIsRefused) {
  const Row& row = GetParam();
  EXPECT_EQ(load(row.make(row.max))->line(), "valid");
  expectLimit(row.make(row.max + 1), std::string(row.item) + " " +
                                         std::to_string(row.max + row.excess) + " > " +
                                         std::to_string(row.max));
}

INSTANTIATE_TEST_SUITE_P(
    All, Limit,
    testing::Values(
        Row{"types", &types, limits::kTypes}, Row{"types", &group, limits::kRecGroupMembers},
        Row{"imports", &imports, limits::kImports},
        Row{"functions", &functions, limits::kFunctions}, Row{"tables", &tables, limits::kTables},
        Row{"memories", &memories, limits::kMemories}, Row{"tags", &tags, limits::kTags},
        Row{"globals", &globals, limits::kGlobals},
        Row{"element segments", &elems, limits::kElemSegments},
        Row{"element segment entries", &elemEntries, limits::kElemSegmentEntries},
        Row{"data segments", &datas, limits::kDataSegments},
        Row{"parameters", &params, limits::kParams}, Row{"results", &results, limits::kResults},
        Row{"struct fields", &fields, limits::kStructFields},
        Row{"name bytes", &name, limits::kNameBytes}, Row{"locals", &locals, limits::kLocals},
        Row{"function body bytes", &bodyBytes, limits::kFunctionBodyBytes},
        Row{"catch clauses", &catches, limits::kTryTableCatches},
        Row{"array.new_fixed operands", &fixedArray, limits::kArrayNewFixed},
        Row{"nested blocks", &nested, limits::kControlDepth - 1},
        Row{"subtype depth", &depth, limits::kSubtypeDepth}),
    [](const testing::TestParamInfo<Row>& info) {
      std::string text = std::to_string(info.index) + "_" + info.param.item;
      for (char& c : text) c = std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
      return text;
    });

TEST(Limit, ExportsAreCountedBeforeAllocation) {
  Bytes many = leb(limits::kExports + 1) + Bytes(limits::kExports + 1, 0);
  expectLimit(header() + section(7, many), "exports 1000001 > 1000000");
}

TEST(Limit, ImportsCountTowardsTheirIndexSpace) {
  Bytes import = hex("01 00 00 02 00 00");
  Bytes module = header() + section(2, import) + vectorSection(5, limits::kMemories, hex("00 00"));
  expectLimit(module, "memories 101 > 100");
}

// Declared sizes are bounds on growth: whatever the specification allows loads.
TEST(Limit, HugeDeclaredMemoriesAndTablesAreValid) {
  EXPECT_EQ(load(header() + section(5, hex("01 04 80 80 80 80 80 80 40")))->line(),
            "valid");  // i64, 2^48 pages
  EXPECT_EQ(load(header() + section(4, hex("01 70 00 ff ff ff ff 0f")))->line(),
            "valid");  // 2^32 - 1 entries
  EXPECT_EQ(load(header() + section(4, hex("01 70 05 00 ff ff ff ff ff ff ff ff ff 01")))->line(),
            "valid");
  EXPECT_EQ(load(header() + section(5, hex("01 00 81 80 04")))->status.error()->cls,
            ErrorClass::Invalid);
}

}  // namespace
}  // namespace bls
