// Golden error lines of malformed modules: class, message, offset, section and function of each
// (threat model DEC-9).
#include <gtest/gtest.h>

#include "tests/support/wasm_bytes.h"

namespace bls {
namespace {

using testing_support::GoldenCase;

// One line per case; 0x00 … are file offsets.
const GoldenCase kMalformed[] = {
    {"empty input", "",
     "error: malformed: unexpected end of section or function [at offset 0x0] (m)"},
    {"only half the magic", "00 61",
     "error: malformed: unexpected end of section or function [at offset 0x2] (m)"},
    {"another magic", "00 61 73 6e 01 00 00 00",
     "error: malformed: magic header not detected [at offset 0x0] (m)"},
    {"an ELF file", "7f 45 4c 46 02 01 01 00",
     "error: malformed: magic header not detected (this is an ELF file) [at offset 0x0] (m)"},
    {"the text format", "28 6d 6f 64 75 6c 65 29",
     "error: malformed: magic header not detected (this looks like the text format) [at offset "
     "0x0] (m)"},
    {"a script", "23 21 2f 62 69 6e 2f 73 68",
     "error: malformed: magic header not detected (this is a script) [at offset 0x0] (m)"},
    {"version cut off", "00 61 73 6d 01 00",
     "error: malformed: unexpected end of section or function [at offset 0x6] (m)"},
    {"version 2", "00 61 73 6d 02 00 00 00",
     "error: malformed: unknown binary version [at offset 0x4] (m)"},
    {"a component", "00 61 73 6d 0d 00 01 00",
     "error: unsupported: unknown binary version: this is a component, only core modules are "
     "supported [at offset 0x4] (m)"},
    {"section id without a size", "00 61 73 6d 01 00 00 00 01",
     "error: malformed: unexpected end of section or function [at offset 0x9, type section] (m)"},
    {"section size beyond the file", "00 61 73 6d 01 00 00 00 01 05 00",
     "error: malformed: length out of bounds [at offset 0x9, type section] (m)"},
    {"section size with unused bits", "00 61 73 6d 01 00 00 00 01 80 80 80 80 10",
     "error: malformed: integer too large [at offset 0xd, type section] (m)"},
    {"section size of six bytes", "00 61 73 6d 01 00 00 00 01 80 80 80 80 80 00",
     "error: malformed: integer representation too long [at offset 0xd, type section] (m)"},
    {"unknown section", "00 61 73 6d 01 00 00 00 0e 00",
     "error: malformed: malformed section id [at offset 0x8] (m)"},
    {"sections out of order", "00 61 73 6d 01 00 00 00 03 02 01 00 01 04 01 60 00 00",
     "error: malformed: unexpected content after last section [at offset 0xc, type section] (m)"},
    {"a section twice", "00 61 73 6d 01 00 00 00 01 04 01 60 00 00 01 04 01 60 00 00",
     "error: malformed: unexpected content after last section [at offset 0xe, type section] (m)"},
    {"custom section without a name", "00 61 73 6d 01 00 00 00 00 00",
     "error: malformed: unexpected end of section or function [at offset 0xa, custom section] (m)"},
    {"custom section name beyond the section", "00 61 73 6d 01 00 00 00 00 02 05 61",
     "error: malformed: length out of bounds [at offset 0xa, custom section] (m)"},
    {"custom section name of bad UTF-8", "00 61 73 6d 01 00 00 00 00 03 02 c0 80",
     "error: malformed: malformed UTF-8 encoding [at offset 0xa, custom section] (m)"},
    {"custom section name with a surrogate", "00 61 73 6d 01 00 00 00 00 04 03 ed a0 80",
     "error: malformed: malformed UTF-8 encoding [at offset 0xa, custom section] (m)"},
    {"type count beyond the section", "00 61 73 6d 01 00 00 00 01 01 7f",
     "error: malformed: length out of bounds [at offset 0xa, type section] (m)"},
    {"type section too long", "00 61 73 6d 01 00 00 00 01 05 01 60 00 00 00",
     "error: malformed: section size mismatch [at offset 0xe, type section] (m)"},
    {"type section too short", "00 61 73 6d 01 00 00 00 01 03 01 60 00",
     "error: malformed: unexpected end of section or function [at offset 0xd, type section] (m)"},
    {"definition type 0x61", "00 61 73 6d 01 00 00 00 01 04 01 61 00 00",
     "error: malformed: malformed definition type [at offset 0xb, type section] (m)"},
    {"value type 0x40", "00 61 73 6d 01 00 00 00 01 05 01 60 01 40 00",
     "error: malformed: malformed value type [at offset 0xd, type section] (m)"},
    {"heap type -64", "00 61 73 6d 01 00 00 00 01 06 01 60 01 63 40 00",
     "error: malformed: malformed heap type [at offset 0xe, type section] (m)"},
    {"heap type index negative in two bytes", "00 61 73 6d 01 00 00 00 01 07 01 60 01 63 ff 7f 00",
     "error: malformed: malformed heap type [at offset 0xe, type section] (m)"},
    {"field mutability 2", "00 61 73 6d 01 00 00 00 01 05 01 5f 01 7f 02",
     "error: malformed: malformed mutability [at offset 0xe, type section] (m)"},
    {"packed type as parameter", "00 61 73 6d 01 00 00 00 01 05 01 60 01 78 00",
     "error: malformed: malformed value type [at offset 0xd, type section] (m)"},
    {"import kind 5", "00 61 73 6d 01 00 00 00 02 04 01 00 00 05",
     "error: malformed: malformed import kind [at offset 0xd, import section] (m)"},
    {"import field name missing", "00 61 73 6d 01 00 00 00 02 02 01 00",
     "error: malformed: unexpected end of section or function [at offset 0xc, import section] (m)"},
    {"import of a global with mutability 2", "00 61 73 6d 01 00 00 00 02 06 01 00 00 03 7f 02",
     "error: malformed: malformed mutability [at offset 0xf, import section] (m)"},
    {"import of a tag with attribute 1",
     "00 61 73 6d 01 00 00 00 01 04 01 60 00 00 02 06 01 00 00 04 01 00",
     "error: malformed: malformed tag attribute [at offset 0x14, import section] (m)"},
    {"import module name beyond the file", "00 61 73 6d 01 00 00 00 02 05 01 ff ff ff 7f",
     "error: malformed: length out of bounds [at offset 0xb, import section] (m)"},
    {"table of i32", "00 61 73 6d 01 00 00 00 04 04 01 7f 00 00",
     "error: malformed: malformed reference type [at offset 0xb, table section] (m)"},
    {"table limits flags 8", "00 61 73 6d 01 00 00 00 04 04 01 70 08 00",
     "error: malformed: malformed limits flags [at offset 0xc, table section] (m)"},
    {"shared table", "00 61 73 6d 01 00 00 00 04 05 01 70 03 00 00",
     "error: malformed: malformed limits flags [at offset 0xc, table section] (m)"},
    {"table initializer flag 1", "00 61 73 6d 01 00 00 00 04 05 01 40 01 70 00",
     "error: malformed: zero byte expected [at offset 0xc, table section] (m)"},
    {"memory limits flags 0x10", "00 61 73 6d 01 00 00 00 05 03 01 10 00",
     "error: malformed: malformed limits flags [at offset 0xb, memory section] (m)"},
    {"memory limit of eleven bytes",
     "00 61 73 6d 01 00 00 00 05 0d 01 00 80 80 80 80 80 80 80 80 80 80 00",
     "error: malformed: integer representation too long [at offset 0x15, memory section] (m)"},
    {"memory limit of 65 bits", "00 61 73 6d 01 00 00 00 05 0c 01 00 80 80 80 80 80 80 80 80 80 02",
     "error: malformed: integer too large [at offset 0x15, memory section] (m)"},
    {"page size 2^64", "00 61 73 6d 01 00 00 00 05 04 01 08 00 40",
     "error: malformed: invalid custom page size [at offset 0xd, memory section] (m)"},
    {"global mutability 0x80", "00 61 73 6d 01 00 00 00 06 06 01 7f 80 41 00 0b",
     "error: malformed: malformed mutability [at offset 0xc, global section] (m)"},
    {"global without an end", "00 61 73 6d 01 00 00 00 06 05 01 7f 00 41 00",
     "error: malformed: unexpected end of section or function [at offset 0xf, global section] (m)"},
    {"tag attribute 2", "00 61 73 6d 01 00 00 00 01 04 01 60 00 00 0d 03 01 02 00",
     "error: malformed: malformed tag attribute [at offset 0x11, tag section] (m)"},
    {"export kind 5", "00 61 73 6d 01 00 00 00 07 04 01 00 05 00",
     "error: malformed: malformed export kind [at offset 0xc, export section] (m)"},
    {"two exports promised", "00 61 73 6d 01 00 00 00 01 04 01 60 00 00 07 04 02 00 00 00",
     "error: malformed: unexpected end of section or function [at offset 0x14, export section] "
     "(m)"},
    {"start section of two bytes", "00 61 73 6d 01 00 00 00 08 02 00 00",
     "error: malformed: section size mismatch [at offset 0xb, start section] (m)"},
    {"element segment kind 8", "00 61 73 6d 01 00 00 00 09 02 01 08",
     "error: malformed: malformed elements segment kind [at offset 0xb, element section] (m)"},
    {"element kind 1", "00 61 73 6d 01 00 00 00 09 04 01 01 01 00",
     "error: malformed: malformed element kind [at offset 0xc, element section] (m)"},
    {"element expressions of i32", "00 61 73 6d 01 00 00 00 09 04 01 05 7f 00",
     "error: malformed: malformed reference type [at offset 0xc, element section] (m)"},
    {"data count without data", "00 61 73 6d 01 00 00 00 0c 01 01",
     "error: malformed: data count and data section have inconsistent lengths [at offset 0xb] (m)"},
    {"data count of two, one segment", "00 61 73 6d 01 00 00 00 0c 01 02 0b 03 01 01 00",
     "error: malformed: data count and data section have inconsistent lengths [at offset 0xd, data "
     "section] (m)"},
    {"data segment kind 3", "00 61 73 6d 01 00 00 00 0b 02 01 03",
     "error: malformed: malformed data segment kind [at offset 0xb, data section] (m)"},
    {"data segment longer than the section", "00 61 73 6d 01 00 00 00 0b 04 01 01 05 61",
     "error: malformed: length out of bounds [at offset 0xc, data section] (m)"},
    {"function without code", "00 61 73 6d 01 00 00 00 01 04 01 60 00 00 03 02 01 00",
     "error: malformed: function and code section have inconsistent lengths [at offset 0x12] (m)"},
    {"code without function", "00 61 73 6d 01 00 00 00 0a 04 01 02 00 0b",
     "error: malformed: function and code section have inconsistent lengths [at offset 0xa, code "
     "section] (m)"},
    {"empty body", "00 61 73 6d 01 00 00 00 01 04 01 60 00 00 03 02 01 00 0a 02 01 00",
     "error: malformed: unexpected end of section or function [at offset 0x16, code section, "
     "function 0] (m)"},
    {"body without end", "00 61 73 6d 01 00 00 00 01 04 01 60 00 00 03 02 01 00 0a 04 01 02 00 01",
     "error: malformed: unexpected end of section or function [at offset 0x18, code section, "
     "function 0] (m)"},
    {"bytes behind the end of a body",
     "00 61 73 6d 01 00 00 00 01 04 01 60 00 00 03 02 01 00 0a 05 01 03 00 0b 0b",
     "error: malformed: section size mismatch [at offset 0x18, code section, function 0] (m)"},
    {"too many locals in two groups",
     "00 61 73 6d 01 00 00 00 01 04 01 60 00 00 03 02 01 00 0a 0c 01 0a 02 ff ff ff ff 0f 7f 02 7e "
     "0b",
     "error: malformed: too many locals [at offset 0x1d, code section, function 0] (m)"},
    {"local of unknown type",
     "00 61 73 6d 01 00 00 00 01 04 01 60 00 00 03 02 01 00 0a 06 01 04 01 01 00 0b",
     "error: malformed: malformed value type [at offset 0x18, code section, function 0] (m)"},
    {"else without if",
     "00 61 73 6d 01 00 00 00 01 04 01 60 00 00 03 02 01 00 0a 08 01 06 00 02 40 05 0b 0b",
     "error: malformed: END opcode expected [at offset 0x19, code section, function 0] (m)"},
    {"else twice",
     "00 61 73 6d 01 00 00 00 01 04 01 60 00 00 03 02 01 00 0a 0b 01 09 00 41 00 04 40 05 05 0b 0b",
     "error: malformed: END opcode expected [at offset 0x1c, code section, function 0] (m)"},
    {"catch without try",
     "00 61 73 6d 01 00 00 00 01 04 01 60 00 00 03 02 01 00 0a 08 01 06 00 02 40 19 0b 0b",
     "error: malformed: END opcode expected [at offset 0x19, code section, function 0] (m)"},
    {"delegate without try",
     "00 61 73 6d 01 00 00 00 01 04 01 60 00 00 03 02 01 00 0a 08 01 06 00 02 40 18 00 0b",
     "error: malformed: END opcode expected [at offset 0x19, code section, function 0] (m)"},
    {"opcode 0xff", "00 61 73 6d 01 00 00 00 01 04 01 60 00 00 03 02 01 00 0a 05 01 03 00 ff 0b",
     "error: malformed: illegal opcode ff [at offset 0x17, code section, function 0] (m)"},
    {"opcode 0x16", "00 61 73 6d 01 00 00 00 01 04 01 60 00 00 03 02 01 00 0a 05 01 03 00 16 0b",
     "error: malformed: illegal opcode 16 [at offset 0x17, code section, function 0] (m)"},
    {"opcode fb 1f",
     "00 61 73 6d 01 00 00 00 01 04 01 60 00 00 03 02 01 00 0a 06 01 04 00 fb 1f 0b",
     "error: malformed: illegal opcode fb 1f [at offset 0x17, code section, function 0] (m)"},
    {"opcode fc 12",
     "00 61 73 6d 01 00 00 00 01 04 01 60 00 00 03 02 01 00 0a 06 01 04 00 fc 12 0b",
     "error: malformed: illegal opcode fc 12 [at offset 0x17, code section, function 0] (m)"},
    {"opcode fd 9a 01",
     "00 61 73 6d 01 00 00 00 01 04 01 60 00 00 03 02 01 00 0a 07 01 05 00 fd 9a 01 0b",
     "error: malformed: illegal opcode fd 9a [at offset 0x17, code section, function 0] (m)"},
    {"opcode fe 04",
     "00 61 73 6d 01 00 00 00 01 04 01 60 00 00 03 02 01 00 0a 06 01 04 00 fe 04 0b",
     "error: malformed: illegal opcode fe 04 [at offset 0x17, code section, function 0] (m)"},
    {"block type -2 of reserved code",
     "00 61 73 6d 01 00 00 00 01 04 01 60 00 00 03 02 01 00 0a 07 01 05 00 02 41 0b 0b",
     "error: malformed: malformed value type [at offset 0x18, code section, function 0] (m)"},
    {"block type index negative",
     "00 61 73 6d 01 00 00 00 01 04 01 60 00 00 03 02 01 00 0a 08 01 06 00 02 80 7f 0b 0b",
     "error: malformed: malformed block type [at offset 0x18, code section, function 0] (m)"},
    {"memory flags 0x80",
     "00 61 73 6d 01 00 00 00 01 04 01 60 00 00 03 02 01 00 0a 08 01 06 00 28 80 01 00 0b",
     "error: malformed: malformed memop flags [at offset 0x18, code section, function 0] (m)"},
    {"memory offset of 65 bits",
     "00 61 73 6d 01 00 00 00 01 04 01 60 00 00 03 02 01 00 0a 10 01 0e 00 28 02 ff ff ff ff ff ff "
     "ff ff ff 03 0b",
     "error: malformed: integer too large [at offset 0x22, code section, function 0] (m)"},
    {"i32 constant with unused bits",
     "00 61 73 6d 01 00 00 00 01 04 01 60 00 00 03 02 01 00 0a 0a 01 08 00 41 ff ff ff ff 0f 0b",
     "error: malformed: integer too large [at offset 0x1c, code section, function 0] (m)"},
    {"i32 constant of six bytes",
     "00 61 73 6d 01 00 00 00 01 04 01 60 00 00 03 02 01 00 0a 0b 01 09 00 41 80 80 80 80 80 00 0b",
     "error: malformed: integer representation too long [at offset 0x1c, code section, function 0] "
     "(m)"},
    {"i64 constant with unused bits",
     "00 61 73 6d 01 00 00 00 01 04 01 60 00 00 03 02 01 00 0a 0f 01 0d 00 42 ff ff ff ff ff ff ff "
     "ff ff 01 0b",
     "error: malformed: integer too large [at offset 0x21, code section, function 0] (m)"},
    {"f64 constant cut off",
     "00 61 73 6d 01 00 00 00 01 04 01 60 00 00 03 02 01 00 0a 07 01 05 00 44 00 00 0b",
     "error: malformed: unexpected end of section or function [at offset 0x1b, code section, "
     "function 0] (m)"},
    {"br_table longer than the body",
     "00 61 73 6d 01 00 00 00 01 04 01 60 00 00 03 02 01 00 0a 08 01 06 00 0e ff 7f 00 0b",
     "error: malformed: length out of bounds [at offset 0x18, code section, function 0] (m)"},
    {"catch clause of kind 4",
     "00 61 73 6d 01 00 00 00 01 04 01 60 00 00 03 02 01 00 0a 0a 01 08 00 1f 40 01 04 00 0b 0b",
     "error: malformed: malformed catch clause [at offset 0x1a, code section, function 0] (m)"},
    {"cast flags 4",
     "00 61 73 6d 01 00 00 00 01 04 01 60 00 00 03 02 01 00 0a 0a 01 08 00 fb 18 04 00 6e 6e 0b",
     "error: malformed: malformed br_on_cast flags [at offset 0x19, code section, function 0] (m)"},
    {"fence with a flag",
     "00 61 73 6d 01 00 00 00 01 04 01 60 00 00 03 02 01 00 0a 07 01 05 00 fe 03 01 0b",
     "error: malformed: zero byte expected [at offset 0x19, code section, function 0] (m)"},
    {"data.drop without data count",
     "00 61 73 6d 01 00 00 00 01 04 01 60 00 00 03 02 01 00 0a 07 01 05 00 fc 09 00 0b",
     "error: malformed: data count section required [at offset 0x17, code section, function 0] "
     "(m)"},
    {"malformed behind invalid",
     "00 61 73 6d 01 00 00 00 01 04 01 60 00 00 03 03 02 00 00 0a 08 02 03 00 1a 0b 02 00 ff",
     "error: malformed: illegal opcode ff [at offset 0x1c, code section, function 1] (m)"},
};

TEST(MalformedGolden, EveryErrorLineIsExact) {
  for (const GoldenCase& c : kMalformed) {
    EXPECT_EQ(testing_support::load(testing_support::hex(c.hexBytes))->line(), c.line) << c.what;
  }
}

TEST(MalformedGolden, AtLeastSixtyCases) { EXPECT_GE(std::size(kMalformed), 60u); }

// Every prefix of a module is malformed, never a crash, and the error is inside the bytes that are
// there.
TEST(MalformedGolden, EveryPrefixOfAModuleIsMalformedOrComplete) {
  testing_support::Bytes whole = testing_support::hex(
      "00 61 73 6d 01 00 00 00 01 05 01 60 01 7f 00 02 07 01 01 61 01 62 00 00 03 02 01 00 04 04 "
      "01 70 00 01 05 03 01 00 01"
      "06 06 01 7f 00 41 00 0b 07 05 01 01 78 00 00 09 07 01 00 41 00 0b 01 00 0c 01 01 0a 0a 01 "
      "08 00 20 00 28 02 00 1a 0b"
      "0b 07 01 00 41 00 0b 01 61");
  ASSERT_EQ(testing_support::load(whole)->line(), "valid");
  for (size_t n = 0; n < whole.size(); ++n) {
    auto loaded =
        testing_support::load({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(n)});
    if (loaded->ok()) continue;  // the cut is between two sections and nothing is missing yet
    EXPECT_EQ(loaded->status.error()->cls, ErrorClass::Malformed) << n;
    EXPECT_LE(loaded->status.error()->offset, n);
  }
}

}  // namespace
}  // namespace bls
