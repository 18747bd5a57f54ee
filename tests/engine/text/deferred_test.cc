// Functions whose instructions are cut into tokens only when they are parsed: the same modules and
// the same errors as for any other way to write them.
#include "tests/engine/text/support.h"

namespace bls::text {
namespace {

TEST(Deferred, headsMayBeWrittenInAnyWay) {
  const char* const plain =
      "(module (type (func (param i32) (result i32))) (func $f (type 0) (param i32) (result i32) "
      "(local i64) "
      "local.get 0))";
  Parsed expected = parse(plain);
  ASSERT_EQ(expected.error, "");
  const char* const others[] = {
      "(type (func (param i32) (result i32))) (func $f (type 0) (param i32) (result i32) (local "
      "i64) local.get 0)",
      "(module (type (func (param i32) (result i32))) (func $f(type 0)(param i32)(result "
      "i32)(local i64)local.get 0))",
      "(module (type (func (param i32) (result i32))) (func $f (type 0) (param i32) (result i32) "
      "(local i64)\n(local.get 0)))",
      "(module (type (func (param i32) (result i32))) (func $f ( type 0) ( param i32) (result i32) "
      "( local i64) ( local.get 0)))",
      "(module (type (func (param i32) (result i32))) (func $f (;(;x;)func;) (type 0) (param i32) "
      ";; )\n (result i32) (local i64)"
      "(;);) local.get ;;)\n 0))",
      "(module (type (func (param i32) (result i32))) (func $f (@other ( \"local.get 0)\" )) (type "
      "0) (param i32) (result i32) "
      "(local i64) (@other) local.get (@x \")\") 0))",
      "(module (type (func (param i32) (result i32))) (func $\"f\" (type 0) (param i32) (result "
      "i32) (local i64) local.get 0))",
  };
  for (const char* other : others) {
    Parsed parsed = parse(other);
    EXPECT_EQ(parsed.error, "") << other;
    EXPECT_EQ(parsed.bytes, expected.bytes) << other;
  }
}

TEST(Deferred, annotationsBelongToTheInstructionBehindThem) {
  const char* const flat =
      "(func (param i32) local.get 0 (@metadata.code.branch_hint \"\\01\") if end)";
  const char* const first =
      "(func (param i32) (@metadata.code.branch_hint \"\\01\") (if (local.get 0) (then)))";
  EXPECT_EQ(parse(flat).error, "");
  EXPECT_EQ(parse(first).error, "");
  EXPECT_EQ(parse(first).bytes, parse(flat).bytes);
  EXPECT_NE(parse("(func nop (@custom \"x\" \"y\"))").error, "");
  EXPECT_NE(parse("(func nop (@metadata.code.branch_hint \"\\01\"))").error, "");
}

TEST(Deferred, errorsAreAtTheirPlaces) {
  EXPECT_EQ(parse("(module\n  (func nop\n    i32.nope))").error, "unknown operator i32.nope (3:5)");
  EXPECT_EQ(parse("(module (func nop\n ;; x\n br $l))").error, "unknown label $l (3:5)");
  EXPECT_EQ(parse("(func (import \"a\" \"b\")\n nop)").error,
            "unexpected token: an instruction (2:2)");
  EXPECT_EQ(parse("(module (func nop\n nop").error.substr(0, 16), "unexpected token");
  EXPECT_EQ(parse("(module (func nop (; x").error, "unclosed comment (1:19)");
  EXPECT_EQ(parse("(module (func nop \"x").error.substr(0, 15), "unclosed string");
  EXPECT_EQ(parse("(func nop \x01)").error, "illegal character (1:11)");
  EXPECT_NE(parse("(func nop))").error, "");
  EXPECT_NE(parse("(func nop) nop").error, "");
}

}  // namespace
}  // namespace bls::text
