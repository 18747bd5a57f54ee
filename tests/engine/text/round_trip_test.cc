// Printing and reading back: the same bytes, in both forms, twice; and text broken at random.
#include <random>

#include "tests/engine/text/support.h"

namespace bls::text {
namespace {

const char* const kModules[] = {
    "(module $m (func $f (export \"f\") (param $x i32) (param i64) (result i32) (local $y f32) "
    "(local f64 f64) local.get $x))",
    R"((module
  (type $s (struct (field $a (mut i32)) (field i8) (field $b (ref null $s))))
  (rec (type $t (sub (struct))) (type $u (sub $t (struct (field (ref $t))))))
  (type $v (array (mut i16)))
  (func (param (ref $s)) (result i32) (struct.get $s $a (local.get 0)))
  (func (result anyref) (array.new $v (i32.const 7) (i32.const 3)))
  (func (param anyref) (result i32)
    (block $l (result (ref $s)) (br_on_cast $l anyref (ref $s) (local.get 0)) (unreachable))
    (struct.get $s 0))))",
    R"((module
  (memory $a 1 2) (memory $b i64 1) (memory 0 0)
  (data $d "\00\01\"\\xyz\ff") (data (memory $b) (i64.const 3) "q")
  (func (i32.store offset=4 align=1 (i32.const 0) (i32.const 1))
    (i64.store $b (i64.const 8) (i64.const -1))
    (memory.init $d (i32.const 0) (i32.const 0) (i32.const 1)) (data.drop $d)
    (memory.copy $a 2 (i32.const 0) (i32.const 0) (i32.const 0))
    (memory.fill $b (i64.const 0) (i32.const 0) (i64.const 0)))))",
    R"((module
  (table $t 3 funcref) (table $u 1 (ref func) (ref.func $f)) (table i64 0 5 externref)
  (elem $e (i32.const 0) $f $f) (elem $p func $f) (elem declare func $f)
  (elem (table $u) (i32.const 0) (ref func) (ref.func $f))
  (elem funcref (ref.null func) (item ref.func $f))
  (func $f) (func (call_indirect $t (type 0) (i32.const 1)) (table.init $t $e (i32.const 0)
    (i32.const 0) (i32.const 0)) (table.copy $t $t (i32.const 0) (i32.const 0) (i32.const 0))
    (elem.drop $p))
  (start $f)))",
    R"((module
  (tag $e (param i32)) (tag (export "t"))
  (func (result i32)
    (block $n (return (block $h (result i32)
      (try_table (result i32) (catch $e $h) (catch_all $n) (throw $e (i32.const 5))))))
    (i32.const 0))
  (func (param f32 f64 v128)
    (drop (f32.add (f32.const nan:0x123456) (f32.const -0x1.8p-140)))
    (drop (f64.const 0.1)) (drop (f64.const -inf)) (drop (f32.const 16777216))
    (drop (i8x16.shuffle 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 31 (local.get 2) (local.get 2)))
    (drop (v128.const i32x4 1 -1 0x7fffffff 0)) (drop (i32x4.extract_lane 3 (local.get 2))))))",
    R"((module
  (import "a" "\u{e9}" (func $i (param i32 i32) (result i32 i32)))
  (import "a" "g" (global $g (mut i64))) (import "a" "m" (memory 1)) (import "a" "t" (table 1 funcref))
  (global $h i32 (i32.add (i32.const 1) (i32.const 2))) (global (mut f64) (f64.const 1e300))
  (func (param i32) (result i32)
    (if (result i32) (local.get 0) (then (i32.const 1)) (else (i32.const 2)))
    (br_table 0 0 0 (i32.const 1)) (unreachable))
  (func (loop (br_if 0 (i32.eqz (i32.const 1)))) (call $i (i32.const 1) (i32.const 2)) (drop) (drop)
    (global.set $g (i64.const -9223372036854775808)) (return))
  (@custom "x" (before first) "a") (@custom "y" (after global) "\00") (@custom "z" (after last))))",
    "(module (func $f) (func $\"a b\") (func $\"\\\"\") (func $f.1 (@name \"f\")) (func $\"f,\"))",
    R"((module (func (param i32)
    (@metadata.code.branch_hint "\01") (if (i32.eqz (local.get 0)) (then nop))
    (block (loop local.get 0 (@metadata.code.branch_hint "\00") br_if 1))
    (@metadata.code.branch_hint "\00") (br_if 0 (local.get 0))) (func) (func (param i32)
    (@metadata.code.branch_hint "\01") (if (local.get 0) (then)))))",
    "(module (tag $e) (func (try (do (nop)) (catch $e (nop)) (catch_all (nop)))) "
    "(func (try (do (nop)) (delegate 0))))",
};

class RoundTrip : public ::testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Modules, RoundTrip, ::testing::ValuesIn(kModules));

TEST_P(RoundTrip, givesTheSameBytesInBothForms) {
  Parsed first = parse(GetParam());
  ASSERT_EQ(first.error, "");
  for (bool folded : {false, true}) {
    std::string text = print(first.bytes, folded);
    Parsed again = parse(text);
    ASSERT_EQ(again.error, "") << text;
    EXPECT_EQ(again.bytes, first.bytes) << text;
    EXPECT_EQ(print(again.bytes, folded), text);
  }
}

// The offsets in the section count bytes, and text brings numbers back in their shortest form.
TEST(Printer, putsBranchHintsAtTheirInstructions) {
  const char* const longNumber = R"((module binary "\00asm\01\00\00\00"
      "\01\04\01\60\00\00" "\03\02\01\00" "\00\20\19metadata.code.branch_hint\01\00\01\05\01\01"
      "\0a\0b\01\09\00\41\81\80\00\04\40\0b\0b"))";
  const char* const shortNumber =
      "(func (@metadata.code.branch_hint \"\\01\") (if (i32.const 1) (then)))";
  Parsed binary = parse(longNumber);
  ASSERT_EQ(binary.error, "");
  for (bool folded : {false, true}) {
    std::string text = print(binary.bytes, folded);
    EXPECT_EQ(text.find("@custom"), std::string::npos) << text;
    EXPECT_EQ(parse(text).bytes, parse(shortNumber).bytes) << text;
  }
}

// A hint that is at no branch stays in its section, byte for byte.
TEST(Printer, keepsBranchHintsItCannotPlace) {
  const char* const source = R"((module (func nop)
      (@custom "metadata.code.branch_hint" (before code) "\01\00\01\01\01\01")))";
  std::string text = print(parse(source).bytes, false);
  EXPECT_NE(text.find("@custom"), std::string::npos) << text;
  EXPECT_EQ(parse(text).bytes, parse(source).bytes) << text;
}

TEST(Printer, foldsOperandsIntoTheirInstruction) {
  Parsed parsed = parse("(func (result i32) i32.const 1 i32.const 2 i32.add)");
  EXPECT_NE(print(parsed.bytes, true).find("(i32.add (i32.const 1) (i32.const 2))"),
            std::string::npos);
  EXPECT_NE(print(parsed.bytes, false).find("i32.const 1\n    i32.const 2\n    i32.add"),
            std::string::npos);
}

constexpr char kHinted[] = R"((module
  (func (nop))
  (func (param i32 i32) (local i64)
    (@metadata.code.branch_hint "\00")
    (if (local.get 0)
      (then (block (@metadata.code.branch_hint "\01") (br_if 0 (i32.eqz (local.get 1)))))
      (else (block local.get 0 (@metadata.code.branch_hint "\00") br_if 1))))
  (@custom "other" (after func) "x")))";

TEST(Printer, branchHintsAreAnnotationsAgain) {
  Parsed parsed = parse(kHinted);
  ASSERT_EQ(parsed.error, "");
  for (bool folded : {false, true}) {
    std::string text = print(parsed.bytes, folded);
    EXPECT_NE(text.find(folded ? "\n    (@metadata.code.branch_hint \"\\00\") (if"
                               : "\n    (@metadata.code.branch_hint \"\\00\") if"),
              std::string::npos)
        << text;
    EXPECT_NE(text.find(folded ? "(@metadata.code.branch_hint \"\\01\") (br_if 0 (i32.eqz"
                               : "(@metadata.code.branch_hint \"\\01\") br_if 0"),
              std::string::npos)
        << text;
    EXPECT_EQ(text.find("@custom \"metadata"), std::string::npos) << text;
    EXPECT_EQ(parse(text).bytes, parsed.bytes);
  }
}

// Hints that annotations cannot say, here at no branch at all or two in one place, stay a section.
TEST(Printer, otherHintSectionsStayAsTheyAre) {
  const char* const kContents[] = {
      "\\01\\00\\01\\03\\01\\01", "\\01\\00\\02\\02\\01\\01\\02\\01\\01",
      "\\01\\00\\01\\82\\00\\01\\01", "\\01\\05\\01\\02\\01\\01", "\\01\\00\\01\\02\\01"};
  for (const char* content : kContents) {
    Parsed parsed = parse(std::string("(module (func (block (br_if 0 (i32.const 0)))) (@custom "
                                      "\"metadata.code.branch_hint\" (before code) \"") +
                          content + "\"))");
    ASSERT_EQ(parsed.error, "");
    std::string text = print(parsed.bytes, false);
    EXPECT_NE(text.find("@custom \"metadata"), std::string::npos) << text;
    EXPECT_EQ(parse(text).bytes, parsed.bytes) << text;
  }
}

TEST(Printer, deepCodePrintsInBoundedSpace) {
  std::string deep = "(func (result i32) ";
  for (int i = 0; i < 50000; ++i) deep += "(i32.eqz ";
  deep += "(i32.const 0)" + std::string(50000, ')') + ")";
  Parsed parsed = parse(deep);
  ASSERT_EQ(parsed.error, "");
  for (bool folded : {false, true}) {
    std::string text = print(parsed.bytes, folded);
    EXPECT_LT(text.size(), 50000u * 200);
    EXPECT_EQ(parse(text).bytes, parsed.bytes);
  }
}

// Text with bytes changed, cut out or doubled ends in an error or a module, never worse.
TEST(Mutations, neverCrashTheParser) {
  std::mt19937 random(11);
  static constexpr char kBytes[] = "()\"$;@ \n0x1_.eptab\\\x80\xff{[,";
  u32 parsed = 0;
  for (int round = 0; round < 20000; ++round) {
    std::string text = kModules[random() % std::size(kModules)];
    u32 changes = 1 + random() % 6;
    for (u32 i = 0; i < changes && !text.empty(); ++i) {
      size_t at = random() % text.size();
      size_t length = 1 + random() % 12;
      switch (random() % 4) {
        case 0: text[at] = kBytes[random() % (sizeof kBytes - 1)]; break;
        case 1: text.erase(at, length); break;
        case 2: text.insert(at, text.substr(random() % text.size(), length)); break;
        default: text.insert(at, 1, kBytes[random() % (sizeof kBytes - 1)]); break;
      }
    }
    Parsed result = parse(text);
    if (!result.error.empty()) continue;
    ++parsed;
    Diagnostics diag;
    std::unique_ptr<Module> module;
    ModuleMeta meta;
    Status status = decodeModule(ModuleBytes::copyOf(result.bytes), Features(), diag, &module);
    if (!status.ok()) continue;
    if (!validateModule(*module, ValidateOptions(), &meta, diag).ok()) continue;
    std::string printed;
    Diagnostics ignored;
    ASSERT_TRUE(printModule(*module, PrintOptions(), ignored, &printed).ok());
    EXPECT_EQ(parse(printed).error, "") << printed;
  }
  EXPECT_GT(parsed, 100u);
}

}  // namespace
}  // namespace bls::text
