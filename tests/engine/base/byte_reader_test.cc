// LEB128 against a model that works on 128-bit integers, UTF-8 against a table-free definition,
// bounds of the rest.
#include "engine/base/byte_reader.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace bls {
namespace {

__extension__ typedef __int128 Wide;

struct Answer {
  std::string error;  // empty: ok
  i64 value = 0;
  size_t used = 0;
  friend bool operator==(const Answer&, const Answer&) = default;
};

// The definition in binary/values: uN and sN of at most ceil(N/7) bytes, read into a wide integer
// and range checked.
Answer model(const std::vector<u8>& bytes, int bits, bool isSigned) {
  Wide value = 0;
  int maxBytes = (bits + 6) / 7;
  for (int i = 0; i < maxBytes; ++i) {
    if (static_cast<size_t>(i) == bytes.size())
      return {"unexpected end of section or function", 0, 0};
    u8 byte = bytes[static_cast<size_t>(i)];
    value |= static_cast<Wide>(byte & 0x7f) << (7 * i);
    if ((byte & 0x80) != 0) {
      if (i == maxBytes - 1) return {"integer representation too long", 0, 0};
      continue;
    }
    int width = 7 * (i + 1);
    if (isSigned && (byte & 0x40) != 0) value -= static_cast<Wide>(1) << width;
    Wide low = isSigned ? -(static_cast<Wide>(1) << (bits - 1)) : 0;
    Wide high = static_cast<Wide>(1) << (isSigned ? bits - 1 : bits);
    if (value < low || value >= high) return {"integer too large", 0, 0};
    return {"", static_cast<i64>(value), static_cast<size_t>(i) + 1};
  }
  return {};
}

template <class T>
Answer real(const std::vector<u8>& bytes, Status (ByteReader::*read)(T*)) {
  Diagnostics diag;
  ByteReader in(bytes, 0, &diag);
  T value = 0;
  Status status = (in.*read)(&value);
  if (!status.ok()) return {status.error()->message, 0, 0};
  return {"", static_cast<i64>(value), static_cast<size_t>(in.offset())};
}

// Bytes that are interesting at any position of a LEB.
const u8 kBytes[] = {0x00, 0x01, 0x07, 0x08, 0x0f, 0x10, 0x3f, 0x40, 0x70, 0x78,
                     0x7e, 0x7f, 0x80, 0x81, 0x8f, 0xbf, 0xc0, 0xf0, 0xff};

template <class Check>
void forAllStrings(size_t length, Check check) {
  std::vector<size_t> digits(length, 0);
  std::vector<u8> bytes(length);
  for (;;) {
    for (size_t i = 0; i < length; ++i) bytes[i] = kBytes[digits[i]];
    check(bytes);
    size_t i = 0;
    while (i < length && ++digits[i] == std::size(kBytes)) digits[i++] = 0;
    if (i == length) return;
  }
}

void compareAll(const std::vector<u8>& bytes) {
  ASSERT_EQ(real(bytes, &ByteReader::lebU32), model(bytes, 32, false));
  ASSERT_EQ(real(bytes, &ByteReader::lebI32), model(bytes, 32, true));
  ASSERT_EQ(real(bytes, &ByteReader::lebI33), model(bytes, 33, true));
  ASSERT_EQ(real(bytes, &ByteReader::lebU64), model(bytes, 64, false));
  ASSERT_EQ(real(bytes, &ByteReader::lebI64), model(bytes, 64, true));
}

TEST(ByteReaderLeb, AgreesWithTheModelOnAllOneAndTwoByteStrings) {
  for (int a = 0; a < 256; ++a) {
    compareAll({static_cast<u8>(a)});
    for (int b = 0; b < 256; ++b) compareAll({static_cast<u8>(a), static_cast<u8>(b)});
  }
}

TEST(ByteReaderLeb, AgreesWithTheModelUpToFiveInterestingBytes) {
  for (size_t n = 0; n <= 4; ++n) forAllStrings(n, compareAll);
  // The fifth byte decides for 32 bits: all its values behind interesting ones.
  forAllStrings(2, [](const std::vector<u8>& head) {
    for (int last = 0; last < 256; ++last) {
      std::vector<u8> bytes = {static_cast<u8>(head[0] | 0x80),
                               static_cast<u8>(head[1] | 0x80),
                               0x80,
                               0xff,
                               static_cast<u8>(last),
                               0x00};
      compareAll(bytes);
    }
  });
}

TEST(ByteReaderLeb, AgreesWithTheModelOnTheLastByteOf64Bits) {
  for (u8 fill : {u8{0x80}, u8{0xff}, u8{0xaa}}) {
    for (int ninth = 0; ninth < 256; ++ninth) {
      for (int last = 0; last < 256; ++last) {
        std::vector<u8> bytes(8, fill);
        bytes.push_back(static_cast<u8>(ninth));
        bytes.push_back(static_cast<u8>(last));
        bytes.push_back(0);
        compareAll(bytes);
      }
    }
  }
}

TEST(ByteReaderLeb, PaddedFormsUpToTheFullWidthAreLegal) {
  EXPECT_EQ(real({0x80, 0x80, 0x80, 0x80, 0x00}, &ByteReader::lebU32), (Answer{"", 0, 5}));
  EXPECT_EQ(real({0xff, 0xff, 0xff, 0xff, 0x7f}, &ByteReader::lebI32), (Answer{"", -1, 5}));
}

TEST(ByteReader, ErrorsCarryTheFileOffset) {
  Diagnostics diag;
  std::vector<u8> bytes = {0x01, 0x80, 0x80};
  ByteReader in(bytes, 100, &diag);
  u32 value = 0;
  ASSERT_TRUE(in.lebU32(&value).ok());
  EXPECT_FALSE(in.lebU32(&value).ok());
  EXPECT_EQ(diag.first()->offset, 103u);
}

TEST(ByteReader, ANumberCutOffByItsSectionAndBadBeyondItIsBad) {
  Diagnostics diag;
  std::vector<u8> bytes = {0x80, 0x80, 0x80, 0x80, 0x80, 0x00};
  ByteReader in(bytes, 0, &diag);
  ByteReader part;
  u32 value = 0;
  ASSERT_TRUE(in.sub(2, &part).ok());
  EXPECT_FALSE(part.lebU32(&value).ok());
  EXPECT_EQ(diag.first()->message, "integer representation too long");
  EXPECT_LE(part.pos(), part.end());
}

TEST(ByteReader, SizesNearTheTopOfTheRangeDoNotWrap) {
  Diagnostics diag;
  std::vector<u8> bytes(8, 0);
  ByteReader in(bytes, 0, &diag);
  std::span<const u8> view;
  ByteReader part;
  EXPECT_FALSE(in.bytes(~u64{0}, &view).ok());
  EXPECT_FALSE(in.skip(~u64{0} - 3).ok());
  EXPECT_FALSE(in.sub(u64{1} << 63, &part).ok());
  EXPECT_FALSE(in.skip(9).ok());
  EXPECT_TRUE(in.skip(8).ok());
  EXPECT_TRUE(in.atEnd());
  EXPECT_EQ(in.peek(), -1);
}

TEST(ByteReader, FixedWidthValuesAreLittleEndianAndBounded) {
  Diagnostics diag;
  std::vector<u8> bytes = {1, 2, 3, 4, 5};
  ByteReader in(bytes, 0, &diag);
  u32 value = 0;
  ASSERT_TRUE(in.fixed(&value).ok());
  EXPECT_EQ(value, 0x04030201u);
  EXPECT_FALSE(in.fixed(&value).ok());
}

// Encodes any 21-bit number in any length from its own to four, so that overlong forms can be asked
// about.
std::vector<u8> encode(u32 code, int length) {
  if (length == 1) return {static_cast<u8>(code)};
  std::vector<u8> out(static_cast<size_t>(length));
  for (int i = length - 1; i > 0; --i) {
    out[static_cast<size_t>(i)] = static_cast<u8>(0x80 | (code & 0x3f));
    code >>= 6;
  }
  out[0] = static_cast<u8>((0xf00 >> length) | code);
  return out;
}

TEST(Utf8, EveryCodePointInEveryLength) {
  for (u32 code = 0; code <= 0x1fffff; ++code) {
    int shortest = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    bool isScalar = code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
    for (int length = shortest; length <= 4; ++length) {
      ASSERT_EQ(isValidUtf8(encode(code, length)), isScalar && length == shortest)
          << code << " in " << length;
    }
  }
}

TEST(Utf8, TruncatedAndStrayBytes) {
  EXPECT_TRUE(isValidUtf8({}));
  for (u32 code : {0x80u, 0x800u, 0x10000u}) {
    std::vector<u8> bytes = encode(code, code < 0x800 ? 2 : code < 0x10000 ? 3 : 4);
    while (bytes.size() > 1) {
      bytes.pop_back();
      EXPECT_FALSE(isValidUtf8(bytes));
    }
  }
  for (int b = 0x80; b < 0x100; ++b) {
    std::vector<u8> bytes = {static_cast<u8>(b)};
    EXPECT_FALSE(isValidUtf8(bytes)) << b;
  }
  std::vector<u8> nul = {'a', 0, 'b'};
  EXPECT_TRUE(isValidUtf8(nul));
}

}  // namespace
}  // namespace bls
