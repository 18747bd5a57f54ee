// Feature switches: each proposal, off and on. Off, a module that uses it is refused with the
// feature named (VAL-5).
#include <gtest/gtest.h>

#include "tests/support/wasm_bytes.h"

namespace bls {
namespace {

using namespace testing_support;

struct Use {
  Feature feature;
  const char* what;
  Bytes module;
  ErrorClass cls = ErrorClass::Malformed;
};

Bytes fn(const char* body) { return oneFunction("60 00 00", hex(body)); }
Bytes withMemory(const char* memory, const char* body) {
  return oneFunction("60 00 00", hex(body), hex(memory));
}

std::vector<Use> uses() {
  return {
      {Feature::MutableGlobals, "import of a mutable global",
       header() + hex("02 06 01 00 00 03 7f 01"), ErrorClass::Invalid},
      {Feature::MutableGlobals, "export of a mutable global",
       header() + hex("06 06 01 7f 01 41 00 0b 07 04 01 00 03 00"), ErrorClass::Invalid},
      {Feature::SignExt, "i32.extend8_s", fn("00 41 00 c0 1a 0b")},
      {Feature::SatFloat, "i32.trunc_sat_f32_s", fn("00 43 00 00 00 00 fc 00 1a 0b")},
      {Feature::MultiValue, "two results", header() + hex("01 06 01 60 00 02 7f 7f"),
       ErrorClass::Invalid},
      {Feature::MultiValue, "block type index", fn("00 02 00 0b 0b")},
      {Feature::BulkMemory, "memory.fill",
       withMemory("05 03 01 00 01", "00 41 00 41 00 41 00 fc 0b 00 0b")},
      {Feature::BulkMemory, "data count section", header() + hex("0c 01 00")},
      {Feature::RefTypes, "ref.null", fn("00 d0 70 1a 0b")},
      {Feature::RefTypes, "typed select", fn("00 41 00 41 00 41 00 1c 01 7f 1a 0b")},
      {Feature::RefTypes, "two tables", header() + hex("04 07 02 70 00 00 70 00 00"),
       ErrorClass::Invalid},
      {Feature::RefTypes, "externref parameter", header() + hex("01 05 01 60 01 6f 00")},
      {Feature::RefTypes, "element expressions", header() + hex("09 04 01 05 70 00")},
      {Feature::Simd, "v128.const",
       fn("00 fd 0c 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 1a 0b")},
      {Feature::Simd, "v128 local", fn("01 01 7b 0b")},
      {Feature::TailCall, "return_call", fn("00 12 00 0b")},
      {Feature::ExtendedConst, "i32.add in a constant",
       header() + hex("06 09 01 7f 00 41 00 41 00 6a 0b"), ErrorClass::Invalid},
      {Feature::FuncRefs, "ref.as_non_null", fn("00 d0 70 d4 1a 0b")},
      {Feature::FuncRefs, "(ref null 0)", fn("01 01 63 00 0b")},
      {Feature::FuncRefs, "table initializer", header() + hex("04 09 01 40 00 70 00 00 d0 70 0b")},
      {Feature::Gc, "struct type", header() + hex("01 03 01 5f 00")},
      {Feature::Gc, "group", header() + hex("01 05 01 4e 01 5f 00")},
      {Feature::Gc, "anyref local", fn("01 01 6e 0b")},
      {Feature::Gc, "ref.i31", fn("00 41 00 fb 1c 1a 0b")},
      {Feature::MultiMemory, "two memories", header() + hex("05 05 02 00 00 00 00"),
       ErrorClass::Invalid},
      {Feature::MultiMemory, "memory index in memarg",
       withMemory("05 03 01 00 01", "00 41 00 28 42 00 00 1a 0b")},
      {Feature::RelaxedSimd, "relaxed swizzle",
       fn("00 fd 0c 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 fd 0c 00 00 00 00 00 00 00 00 "
          "00 00 00 00 00 00 00 00 fd 80 "
          "02 1a 0b")},
      {Feature::Exceptions, "try_table", fn("00 1f 40 00 0b 0b")},
      {Feature::Exceptions, "exnref local", fn("01 01 69 0b")},
      {Feature::Memory64, "i64 memory", header() + hex("05 03 01 04 01")},
      {Feature::Memory64, "limit above 32 bits", header() + hex("04 08 01 70 00 ff ff ff ff 1f"),
       ErrorClass::Malformed},
      {Feature::Threads, "shared memory", header() + hex("05 04 01 03 01 01")},
      {Feature::Threads, "atomic.fence", fn("00 fe 03 00 0b")},
      {Feature::LegacyExceptions, "try", fn("00 06 40 19 0b 0b")},
      {Feature::WideArithmetic, "i64.mul_wide_s", fn("00 42 00 42 00 fc 15 1a 1a 0b")},
      {Feature::CustomPageSizes, "page size 1", header() + hex("05 04 01 08 01 00")},
  };
}

TEST(Features, OffAModuleIsRefusedWithTheFeatureNamed) {
  for (const Use& use : uses()) {
    Features without = Features::all();
    without.set(use.feature, false);
    auto refused = load(use.module, without);
    ASSERT_FALSE(refused->ok()) << use.what;
    EXPECT_EQ(refused->status.error()->cls, use.cls) << use.what << ": " << refused->line();
    std::string note =
        std::string("(feature ") + kFeatureInfo[static_cast<u32>(use.feature)].flag + " is off)";
    EXPECT_NE(refused->line().find(note), std::string::npos) << use.what << ": " << refused->line();
  }
}

TEST(Features, OnTheSameModuleIsAccepted) {
  for (const Use& use : uses()) {
    if (std::string(use.what) == "limit above 32 bits")
      continue;  // too large for a table of i32, but no longer malformed
    EXPECT_EQ(load(use.module, Features::all())->line(), "valid") << use.what;
  }
}

TEST(Features, EverySwitchableFeatureIsCovered) {
  u32 seen =
      1u << static_cast<u32>(Feature::Mvp) | 1u << static_cast<u32>(Feature::CustomDescriptors);
  for (const Use& use : uses()) seen |= 1u << static_cast<u32>(use.feature);
  EXPECT_EQ(seen, Features::all().bits());
}

TEST(Features, ProfileOneReadsSegmentsAsOneDidAndRefusesTheRest) {
  Features one = Features::profile10();
  // (elem 0 …) and (data 0 …) with the index where newer versions keep flags.
  EXPECT_EQ(load(header() + hex("04 04 01 70 00 01 09 06 01 00 41 00 0b 00"), one)->line(),
            "valid");
  EXPECT_EQ(load(header() + hex("04 04 01 70 00 01 09 06 01 01 41 00 0b 00"), one)->line(),
            "error: invalid: unknown table 1 [at offset 0x11, element section] (m)");
  EXPECT_EQ(load(header() + hex("05 03 01 00 01 0b 06 01 00 41 00 0b 00"), one)->line(), "valid");
  EXPECT_EQ(load(header() + hex("05 03 01 00 01 0b 06 01 01 41 00 0b 00"), one)->line(),
            "error: invalid: unknown memory 1 [at offset 0x10, data section] (m)");
  EXPECT_EQ(load(oneFunction("60 00 00", hex("00 3f 01 1a 0b"), hex("05 03 01 00 01")), one)
                ->status.error()
                ->message,
            "zero byte expected (feature multi-memory is off)");
}

}  // namespace
}  // namespace bls
