// The parser: forms and abbreviations against the bytes they mean, errors with their places, depth.
#include "tests/engine/text/support.h"

namespace bls::text {
namespace {

std::vector<u8> bytesOf(std::string_view source) {
  Parsed parsed = parse(source, {Features(), false});
  EXPECT_EQ(parsed.error, "") << source;
  return parsed.bytes;
}

void same(std::string_view a, std::string_view b) { EXPECT_EQ(bytesOf(a), bytesOf(b)) << a; }

TEST(Forms, emptyModulesAreTheHeader) {
  std::vector<u8> header{0, 'a', 's', 'm', 1, 0, 0, 0};
  EXPECT_EQ(bytesOf("(module)"), header);
  EXPECT_EQ(bytesOf(""), header);
  EXPECT_EQ(bytesOf(";; nothing"), header);
  EXPECT_EQ(bytesOf("(module binary \"\\00asm\" \"\\01\\00\\00\\00\")"), header);
  EXPECT_EQ(bytesOf("(module quote \"(mod\" \"ule)\")"), header);
}

TEST(Forms, foldedAndFlatAreTheSame) {
  same("(func (result i32) (i32.add (i32.const 1) (i32.mul (i32.const 2) (i32.const 3))))",
       "(func (result i32) i32.const 1 i32.const 2 i32.const 3 i32.mul i32.add)");
  same("(func (param i32) (if (local.get 0) (then (nop)) (else (unreachable))))",
       "(func (param i32) local.get 0 if nop else unreachable end)");
  same("(func (block $a (loop $b (br $a) (br $b))))", "(func block loop br 1 br 0 end end)");
  same("(tag $t) (func (try (do (nop)) (catch $t (nop)) (catch_all (rethrow 0))))",
       "(tag $t) (func try nop catch $t nop catch_all rethrow 0 end)");
  same("(func (block $o (try (do (nop)) (delegate $o))))", "(func block try nop delegate 0 end)");
}

TEST(Forms, inlineImportsAndExportsAreAbbreviations) {
  same("(func $f (export \"a\") (export \"b\") (import \"m\" \"n\") (param i32))",
       "(import \"m\" \"n\" (func $f (param i32))) (export \"a\" (func $f)) (export \"b\" (func "
       "0))");
  same("(memory (export \"m\") (data \"abc\"))",
       "(memory 1 1) (export \"m\" (memory 0)) (data (i32.const 0) \"abc\")");
  same("(table funcref (elem $f)) (func $f)",
       "(table 1 1 funcref) (elem (i32.const 0) func $f) (func $f)");
  same("(elem (i32.const 0) $f) (table 1 funcref) (func $f)",
       "(elem (offset (i32.const 0)) func 0) (table 1 funcref) (func)");
}

TEST(Forms, implicitTypesComeLastAndAreReused) {
  same("(func (param i64)) (type (func (param i32))) (func (param i32)) (func (param i64))",
       "(type (func (param i32))) (type (func (param i64)))"
       "(func (type 1)) (func (type 0)) (func (type 1))");
}

TEST(Forms, selectAndCastsPickTheirInstruction) {
  same(
      "(func (param i32 i32 i32) (drop (select (result i32) (local.get 0) (local.get 1) (local.get "
      "2))))",
      "(func (param i32 i32 i32) local.get 0 local.get 1 local.get 2 select (result i32) drop)");
  EXPECT_NE(bytesOf("(func (param anyref) (drop (ref.test (ref null i31) (local.get 0))))"),
            bytesOf("(func (param anyref) (drop (ref.test (ref i31) (local.get 0))))"));
}

TEST(Forms, quotedIdsNameTheSameThing) {
  same("(func $\"a b\") (func (call $\"a\\20b\"))", "(func) (func (call 0))");
  same("(func $x) (func (call $\"x\"))", "(func) (func (call 0))");
}

struct Bad {
  const char* source;
  const char* error;
};

class Errors : public ::testing::TestWithParam<Bad> {};
TEST_P(Errors, haveTheirWordingAndPlace) {
  EXPECT_EQ(parse(GetParam().source).error, GetParam().error);
}
INSTANTIATE_TEST_SUITE_P(
    All, Errors,
    ::testing::Values(
        Bad{"(func\n  i32.foo)", "unknown operator i32.foo (2:3)"},
        Bad{"(func (nop)\n(block $a end $b))", "unexpected token end (2:11)"},
        Bad{"(func block $a end $b)", "mismatching label $b (1:20)"},
        Bad{"(func i32.const 4294967296)", "constant out of range (1:17)"},
        Bad{"(func i32.const 0drop)", "unknown operator 0drop (1:17)"},
        Bad{"(func br $x)", "unknown label $x (1:10)"},
        Bad{"(func call $x)", "unknown function $x (1:12)"},
        Bad{"(func $f) (func $f)", "duplicate function $f (1:17)"},
        Bad{"(func) (import \"a\" \"b\" (func))", "import after function definition (1:16)"},
        Bad{"(func (local $x i32) (local $x i32))", "duplicate local $x (1:29)"},
        Bad{"(memory 1", "unexpected token: end of text (1:10)"},
        Bad{"(module) (module)", "unexpected token ( (1:10)"},
        Bad{"(module", "unexpected token: end of text (1:8)"},
        Bad{"(func (i32.load align=3 (i32.const 0)))", "alignment must be a power of two (1:17)"},
        Bad{"(@custom \"a\" (after code)) (func (@custom \"b\"))",
            "misplaced @custom annotation (1:34)"},
        Bad{"(start 0) (start 0)", "multiple start sections (1:18)"},
        Bad{"(func (block", "unexpected token: end of text (1:13)"},
        Bad{"(; (; ;)", "unclosed comment (1:1)"}, Bad{"(data \"abc", "unclosed string (1:7)"},
        Bad{"(data \"\\zz\")", "illegal escape in string (1:8)"},
        Bad{"(func $)", "empty identifier (1:7)"},
        Bad{"(type (func)) (func (type 0) (param i32))", "inline function type (1:21)"}));

TEST(Errors, badUtf8IsFoundWhereItIs) {
  EXPECT_EQ(parse("(func)\n ;; \xff").error, "malformed UTF-8 encoding (2:5)");
}

TEST(Depth, manyNestedFormsCostNoNativeStack) {
  for (const char* open : {"(block ", "(i32.eqz ", "block ", "((", "(@x (", "(; ", "(if (then "}) {
    std::string source = "(func ";
    for (int i = 0; i < 300000; ++i) source += open;
    EXPECT_NE(parse(source).error, "") << open;
  }
  std::string deep = "(func (result i32) ";
  for (int i = 0; i < 300000; ++i) deep += "(i32.eqz ";
  deep += "(i32.const 0)" + std::string(300000, ')') + ")";
  EXPECT_EQ(parse(deep).error, "");
}

TEST(Depth, manyLabelsAreFoundInConstantTime) {
  std::string source = "(func ";
  for (int i = 0; i < 100000; ++i) source += "block $l" + std::to_string(i) + " br $l0 ";
  for (int i = 0; i < 100000; ++i) source += "end ";
  EXPECT_EQ(parse(source + ")").error, "");
}

}  // namespace
}  // namespace bls::text
