// moduleDifference notices a change of any field, and nothing else.
#include "tests/round_trip/module_difference.h"

#include <gtest/gtest.h>

#include "engine/decode/module_decoder.h"
#include "engine/text/text_module.h"

namespace bls {
namespace {

std::unique_ptr<Module> moduleOf(std::string_view source) {
  Diagnostics diag;
  std::vector<u8> bytes;
  std::unique_ptr<Module> module;
  Status status = text::parseText(source, text::TextOptions(), diag, &bytes);
  if (status.ok()) status = decodeModule(ModuleBytes::copyOf(bytes), Features(), diag, &module);
  EXPECT_TRUE(status.ok()) << source << ": " << (status.ok() ? "" : status.error()->format(""));
  return module;
}

std::string difference(std::string_view a, std::string_view b) {
  return moduleDifference(*moduleOf(a), *moduleOf(b));
}

struct Pair {
  const char* a;
  const char* b;
  const char* found;
};

class Differs : public ::testing::TestWithParam<Pair> {};
INSTANTIATE_TEST_SUITE_P(
    Fields, Differs,
    ::testing::Values(
        Pair{"(type (func))", "(type (func)) (type (func))", "types: 1 and 2"},
        Pair{"(type (func (param i32)))", "(type (func (param i64)))", "type 0"},
        Pair{"(type (sub (struct)))", "(type (struct))", "type 0"},
        Pair{"(type (array i8))", "(type (array (mut i8)))", "type 0"},
        Pair{"(type (func)) (type (struct))", "(rec (type (func)) (type (struct)))", "type 0"},
        Pair{"(import \"a\" \"b\" (memory 1))", "(import \"a\" \"c\" (memory 1))", "import 0"},
        Pair{"(import \"a\" \"b\" (memory 1))", "(import \"a\" \"b\" (memory 2))", "memory 0"},
        Pair{"(table 1 funcref)", "(table 1 externref)", "table 0"},
        Pair{"(table 1 anyref (ref.i31 (i32.const 1)))", "(table 1 anyref (ref.i31 (i32.const 2)))",
             "initial value of table 0: instruction 0 (i32.const and i32.const)"},
        Pair{"(global i32 (i32.const 1))", "(global (mut i32) (i32.const 1))", "global 0"},
        Pair{"(global i32 (i32.const 1))", "(global i32 (i32.const 2))", "global 0"},
        Pair{"(type (func)) (type (func (param i32))) (tag (type 0))",
             "(type (func)) (type (func (param i32))) (tag (type 1))", "tag 0"},
        Pair{"(func) (export \"a\" (func 0))", "(func) (export \"b\" (func 0))", "export 0"},
        Pair{"(func)", "(func) (start 0)", "start function"},
        Pair{"(func) (elem func 0)", "(func) (elem declare func 0)", "element segment 0"},
        Pair{"(func) (elem func 0)", "(func) (elem funcref (ref.func 0))", "element segment 0"},
        Pair{"(func) (elem funcref (ref.func 0))", "(func) (elem funcref (ref.null func))",
             "element segment 0: instruction 0 (ref.func and ref.null)"},
        Pair{"(memory 1) (data \"ab\")", "(memory 1) (data \"ac\")", "data segment 0"},
        Pair{"(memory 1) (data (i32.const 1) \"\")", "(memory 1) (data (i32.const 2) \"\")",
             "offset of data segment 0"},
        Pair{"(func (local i32))", "(func (local i64))", "function 0: locals"},
        Pair{"(func nop)", "(func nop nop)", "function 0: instruction 1 (end and nop)"},
        Pair{"(func (param i32) local.get 0 drop)", "(func (param i32) i32.const 0 drop)",
             "function 0: instruction 0 (local.get and i32.const)"},
        Pair{"(memory 1) (func (drop (i32.load offset=1 (i32.const 0))))",
             "(memory 1) (func (drop (i32.load offset=2 (i32.const 0))))",
             "function 0: instruction 1 (i32.load and i32.load)"},
        Pair{"(func (block (br_table 0 1 0 (i32.const 0))))",
             "(func (block (br_table 0 0 1 (i32.const 0))))",
             "function 0: instruction 2 (br_table and br_table)"},
        Pair{"(func $f)", "(func $g)", "custom section 0"},
        Pair{"(func) (@custom \"a\" \"x\")", "(func) (@custom \"b\" \"x\")",
             "name of custom section 0"},
        Pair{"(func) (@custom \"a\" (after type) \"x\")",
             "(func) (@custom \"a\" (after last) \"x\")", "places of custom sections"},
        Pair{"(func (@metadata.code.branch_hint \"\\00\") (if (i32.const 1) (then)))",
             "(func (@metadata.code.branch_hint \"\\01\") (if (i32.const 1) (then)))",
             "branch hints"}));

TEST_P(Differs, isFound) {
  const Pair& pair = GetParam();
  EXPECT_EQ(moduleDifference(*moduleOf(pair.a), *moduleOf(pair.a)), "") << pair.a;
  std::string found = difference(pair.a, pair.b);
  EXPECT_EQ(found.substr(0, std::string_view(pair.found).size()), pair.found) << pair.b;
}

// The numbers of a module may be written in any length.
TEST(ModuleDifference, lengthsOfNumbersDoNotMatter) {
  const char* const longForm = R"((module binary "\00asm\01\00\00\00" "\01\84\00\01\60\00\00"
      "\03\02\01\00" "\0a\0d\01\0b\00\41\81\80\00\41\82\00\1a\1a\0b"))";
  const char* const shortForm = "(func (i32.const 1) (i32.const 2) drop drop)";
  EXPECT_EQ(difference(longForm, shortForm), "");
}

}  // namespace
}  // namespace bls
