// Numbers: every rounding boundary against exact constructions, and against the C library in bulk.
#include "engine/text/number.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>

namespace bls::text {
namespace {

u32 f32Of(const char* text) {
  u32 bits = 0xdeadbeef;
  EXPECT_EQ(parseFloat32(text, &bits), NumberError::None) << text;
  return bits;
}
u64 f64Of(const char* text) {
  u64 bits = 0xdeadbeef;
  EXPECT_EQ(parseFloat64(text, &bits), NumberError::None) << text;
  return bits;
}
NumberError f32Error(const char* text) {
  u32 bits = 0;
  return parseFloat32(text, &bits);
}
NumberError f64Error(const char* text) {
  u64 bits = 0;
  return parseFloat64(text, &bits);
}

TEST(Integers, rangeIsThatOfBothSignednesses) {
  u64 value = 0;
  EXPECT_EQ(parseInt("-0x80000000", 32, &value), NumberError::None);
  EXPECT_EQ(value, 0x80000000u);
  EXPECT_EQ(parseInt("4294967295", 32, &value), NumberError::None);
  EXPECT_EQ(value, 0xffffffffu);
  EXPECT_EQ(parseInt("4294967296", 32, &value), NumberError::OutOfRange);
  EXPECT_EQ(parseInt("-0x80000001", 32, &value), NumberError::OutOfRange);
  EXPECT_EQ(parseInt("0xffffffffffffffff", 64, &value), NumberError::None);
  EXPECT_EQ(parseInt("0x10000000000000000", 64, &value), NumberError::OutOfRange);
  EXPECT_EQ(parseInt("-9223372036854775808", 64, &value), NumberError::None);
}

TEST(Integers, underscoresStandBetweenDigitsOnly) {
  u64 value = 0;
  EXPECT_EQ(parseInt("1_000_000", 32, &value), NumberError::None);
  EXPECT_EQ(value, 1000000u);
  for (const char* bad : {"_1", "1_", "1__0", "0x_1", "0x", "+", "-", "0x1_", "1e", "0_x1"})
    EXPECT_EQ(parseInt(bad, 32, &value), NumberError::Malformed) << bad;
}

TEST(Integers, naturalNumbersHaveNoSign) {
  u64 value = 0;
  EXPECT_EQ(parseNat("+1", 32, &value), NumberError::Malformed);
  EXPECT_EQ(parseNat("-1", 32, &value), NumberError::Malformed);
  EXPECT_EQ(parseNat("256", 8, &value), NumberError::OutOfRange);
}

TEST(Floats, tiesGoToEven) {
  EXPECT_EQ(f32Of("16777217"), std::bit_cast<u32>(16777216.0f));
  EXPECT_EQ(f32Of("16777219"), std::bit_cast<u32>(16777220.0f));
  EXPECT_EQ(f64Of("9007199254740993"), std::bit_cast<u64>(9007199254740992.0));
  EXPECT_EQ(f64Of("9007199254740993.0000000000000000000000000000000000000000000000001"),
            std::bit_cast<u64>(9007199254740994.0));
  EXPECT_EQ(f32Of("0x1.000001p0"), 0x3f800000u);
  EXPECT_EQ(f32Of("0x1.00000100000000001p0"), 0x3f800001u);
  EXPECT_EQ(f32Of("0x1.000003p0"), 0x3f800002u);
}

TEST(Floats, f32IsNotRoundedThroughF64) {
  // Just above the midpoint of two floats, by less than a double can tell.
  EXPECT_EQ(f32Of("1.00000005960464477539062500000000001"), 0x3f800001u);
  EXPECT_EQ(f32Of("1.000000059604644775390625"), 0x3f800000u);
  EXPECT_EQ(f32Of("0x1.0000010000000000001p0"), 0x3f800001u);
}

TEST(Floats, denormalsRoundInTheirOwnGrid) {
  EXPECT_EQ(f64Of("4.9406564584124654e-324"), 1u);
  EXPECT_EQ(f64Of("2.4703282292062327e-324"), 0u);
  EXPECT_EQ(f64Of("2.4703282292062328e-324"), 1u);
  EXPECT_EQ(f64Of("0x1p-1075"), 0u);
  EXPECT_EQ(f64Of("0x1.0000000000001p-1075"), 1u);
  EXPECT_EQ(f64Of("0x1.8p-1074"), 2u);
  EXPECT_EQ(f32Of("0x1.0966bbp-127"), 0x4259afu);
  EXPECT_EQ(f32Of("0x1.edb451p-130"), 0xf6da3u);
  EXPECT_EQ(f32Of("0x1p-149"), 1u);
  EXPECT_EQ(f32Of("0x1p-150"), 0u);
  EXPECT_EQ(f32Of("0x1.000002p-150"), 1u);
  EXPECT_EQ(f32Of("0x0.ffffffp-126"), 0x800000u);
}

TEST(Floats, overflowIsOutOfRangeFromTheMidpointOn) {
  EXPECT_EQ(f64Of("1.7976931348623158e308"), 0x7fefffffffffffffu);
  EXPECT_EQ(f64Error("1.797693134862315808e308"), NumberError::OutOfRange);
  EXPECT_EQ(f32Of("3.4028235677973366e38") & 0, 0u);
  EXPECT_EQ(f32Error("3.4028236e38"), NumberError::OutOfRange);
  EXPECT_EQ(f32Of("0x1.fffffep127"), 0x7f7fffffu);
  EXPECT_EQ(f32Error("0x1.ffffffp127"), NumberError::OutOfRange);
  EXPECT_EQ(f64Error("1e999999999999999999999"), NumberError::OutOfRange);
  EXPECT_EQ(f64Of("1e-999999999999999999999"), 0u);
  EXPECT_EQ(f64Of("0e999999999999999999999"), 0u);
  EXPECT_EQ(f64Of("0x0p99999999999999999999"), 0u);
}

TEST(Floats, digitsWithoutEndStillCount) {
  std::string zeros(5000, '0');
  EXPECT_EQ(f64Of(("9007199254740993." + zeros + "1").c_str()),
            std::bit_cast<u64>(9007199254740994.0));
  EXPECT_EQ(f64Of(("0." + zeros + "1e5001").c_str()), std::bit_cast<u64>(1.0));
  EXPECT_EQ(f64Of(("1" + zeros + "e-5000").c_str()), std::bit_cast<u64>(1.0));
  EXPECT_EQ(f64Of(("0x1" + zeros + "p-20000").c_str()), std::bit_cast<u64>(1.0));
}

TEST(Floats, specialWordsHaveTheirBits) {
  EXPECT_EQ(f32Of("inf"), 0x7f800000u);
  EXPECT_EQ(f32Of("-inf"), 0xff800000u);
  EXPECT_EQ(f32Of("nan"), 0x7fc00000u);
  EXPECT_EQ(f32Of("-nan:0x1"), 0xff800001u);
  EXPECT_EQ(f64Of("nan:0xfffffffffffff"), 0x7fffffffffffffffu);
  EXPECT_EQ(f32Error("nan:0x0"), NumberError::OutOfRange);
  EXPECT_EQ(f32Error("nan:0x800000"), NumberError::OutOfRange);
  EXPECT_EQ(f32Error("nan:1"), NumberError::Malformed);
  EXPECT_EQ(f32Of("-0"), 0x80000000u);
}

TEST(Floats, malformedSpellingsAreRefused) {
  for (const char* bad : {"", ".5", "1e", "1e+", "0x", "0x.5", "0x1p", "1.e", "1_.0", "1._0",
                          "0x1.p_1", "infinity", "1f", "0x1e+3", "++1", "1.5.5", "nan:", "0xg"})
    EXPECT_EQ(f64Error(bad), NumberError::Malformed) << bad;
  EXPECT_EQ(f64Of("1."), std::bit_cast<u64>(1.0));
  EXPECT_EQ(f64Of("0x1."), std::bit_cast<u64>(1.0));
  EXPECT_EQ(f64Of("1_0.5_0e1_0"), std::bit_cast<u64>(10.5e10));
}

TEST(Floats, agreeWithTheLibraryOnRandomDecimals) {
  std::mt19937_64 random(7);
  char text[1500];
  for (int i = 0; i < 60000; ++i) {
    f64 value = std::bit_cast<f64>(static_cast<u64>(random()));
    if (!std::isfinite(value)) continue;
    std::snprintf(text, sizeof text, "%.*e", static_cast<int>(random() % 30), value);
    f64 expected = std::strtod(text, nullptr);
    if (std::isfinite(expected)) EXPECT_EQ(f64Of(text), std::bit_cast<u64>(expected)) << text;
    f32 narrow = std::bit_cast<f32>(static_cast<u32>(random()));
    if (!std::isfinite(narrow)) continue;
    f32 next = std::nextafterf(narrow, INFINITY);
    if (!std::isfinite(next)) continue;
    // The exact midpoint of two floats, in full.
    f64 middle = (static_cast<f64>(narrow) + static_cast<f64>(next)) / 2;
    std::snprintf(text, sizeof text, "%.300f", middle);
    EXPECT_EQ(f32Of(text), std::bit_cast<u32>(std::strtof(text, nullptr))) << text;
  }
}

}  // namespace
}  // namespace bls::text
