// Things that must be accepted, one sentence each: corners of the type system where validators tend
// to be too strict.
#include <gtest/gtest.h>

#include "tests/support/wasm_bytes.h"

namespace bls {
namespace {

using namespace testing_support;

struct Accepted {
  const char* what;
  Bytes module;
};

Bytes fn(const char* body, const char* type = "60 00 00") { return oneFunction(type, hex(body)); }

TEST(Valid, CornersOfTheTypeSystem) {
  const Accepted cases[] = {
      {"br_table in dead code with labels of different types",
       fn("00 02 7f 02 7d 00 0e 01 00 01 01 0b 1a 41 00 0b 1a 0b")},
      {"select of two unknown operands", fn("00 00 1b 1a 0b")},
      {"drop of an unknown operand below a known one", fn("00 00 41 00 6a 1a 0b")},
      {"results of a block that never ends", fn("00 02 7f 00 0b 1a 0b")},
      {"br_if leaves the label's type", fn("00 02 7f 41 00 41 00 0d 00 0b 1a 0b")},
      {"a local set on both arms stays unset behind the if",
       fn("01 01 64 6c 41 00 04 40 41 00 fb 1c 21 00 05 41 00 fb 1c 21 00 0b 0b")},
      {"tee sets a non-null local", fn("01 01 64 6c 41 00 fb 1c 22 00 1a 20 00 1a 0b")},
      {"ref.as_non_null of an unknown operand", fn("00 00 d4 1a 0b")},
      {"br_on_null keeps the operands below", fn("00 02 40 d0 70 d5 00 1a 0b 0b")},
      {"throw_ref of a null reference type", fn("00 d0 69 0a 0b")},
      {"nested functions' final end closes the body", fn("00 02 40 02 40 0b 0b 0b")},
      {"padded LEB forms everywhere", fn("00 41 80 80 80 80 00 1a 02 40 0c 80 80 80 80 00 0b 0b")},
      {"padded opcode behind a prefix", fn("00 43 00 00 00 00 fc 80 80 80 80 00 1a 0b")},
      {"memory.copy between memories of both widths",
       oneFunction("60 00 00", hex("00 42 00 41 00 41 00 fc 0a 01 00 0b"),
                   hex("05 05 02 00 01 04 01"))},
      {"a subtype where its supertype is wanted",
       header() + section(1, hex("03 50 00 5f 00 4f 01 00 5f 01 7f 00 60 01 63 01 01 63 00")) +
           hex("03 02 01 02") + hex("0a 06 01 04 00 20 00 0b")},
      {"ref.func of an exported function",
       header() + hex("01 04 01 60 00 00 03 02 01 00 07 05 01 01 66 00 00") +
           hex("0a 07 01 05 00 d2 00 1a 0b")},
      {"a type that refers to itself", header() + section(1, hex("01 5f 01 63 00 01"))},
      {"an empty group", header() + section(1, hex("02 4e 00 60 00 00"))},
      {"custom sections anywhere, empty ones too",
       header() + hex("00 01 00 01 04 01 60 00 00 00 02 01 61")},
      {"extended constants",
       header() + section(6, hex("02 7f 00 41 01 41 02 6a 0b 7f 00 23 00 41 02 6c 0b"))},
  };
  for (const Accepted& c : cases) {
    EXPECT_EQ(load(c.module)->line(), "valid") << c.what;
  }
  Bytes types = hex("02 60 00 00 60 01 7f 00");
  Bytes loop = header() + section(1, types) + hex("03 02 01 00") +
               section(10, leb(1) + sized(hex("00 41 00 03 01 0c 00 0b 0b")));
  EXPECT_EQ(load(loop)->line(), "valid");
}

TEST(Valid, LimitsOfMemoriesAreInclusive) {
  EXPECT_EQ(load(header() + hex("05 05 01 00 80 80 04"))->line(), "valid");
  EXPECT_EQ(load(header() + hex("05 04 01 03 01 01"))->line(), "valid");
  EXPECT_EQ(load(header() + hex("05 04 01 08 01 00"))->line(), "valid");
}

}  // namespace
}  // namespace bls
