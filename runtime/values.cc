// Reading and printing values.
#include "runtime/values.h"

#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace bls::cli {
namespace {

// [sign] digits in base 10 or 16; the magnitude must fit 64 bits.
bool parseInteger(const char* text, bool* negative, u64* magnitude) {
  *negative = *text == '-';
  if (*text == '-' || *text == '+') ++text;
  if (*text < '0' || *text > '9') return false;
  int base = text[0] == '0' && (text[1] == 'x' || text[1] == 'X') ? 16 : 10;
  char* end = nullptr;
  errno = 0;
  *magnitude = std::strtoull(text, &end, base);
  return errno == 0 && *end == 0;
}

bool parseWhole(const char* text, u32 bits, u64* out) {
  bool negative = false;
  u64 magnitude = 0;
  if (!parseInteger(text, &negative, &magnitude)) return false;
  u64 mask = bits == 64 ? ~u64{0} : (u64{1} << bits) - 1;
  if (negative ? magnitude > u64{1} << (bits - 1) : magnitude > mask) return false;
  *out = (negative ? u64{0} - magnitude : magnitude) & mask;
  return true;
}

// nan, nan:0x…: the bits of a NaN with `mantissaBits` bits of payload. False when `text` is none.
bool parseNan(const char* text, u32 mantissaBits, u64 exponent, u64* out) {
  bool negative = *text == '-';
  if (*text == '-' || *text == '+') ++text;
  if (std::strncmp(text, "nan", 3) != 0) return false;
  u64 payload = u64{1} << (mantissaBits - 1);
  if (text[3] == ':') {
    bool minus = false;
    if (!parseInteger(text + 4, &minus, &payload) || minus || payload == 0 ||
        payload >> mantissaBits != 0)
      return false;
  } else if (text[3] != 0) {
    return false;
  }
  *out = exponent << mantissaBits | payload;
  if (negative) *out |= mantissaBits == 23 ? u64{1} << 31 : u64{1} << 63;
  return true;
}

bool isFloatText(const char* text) {
  if (*text == '-' || *text == '+') ++text;
  return (*text >= '0' && *text <= '9') || *text == '.' || std::strcmp(text, "inf") == 0;
}

bool parseVector(const char* text, Value* out) {
  if (text[0] != '0' || text[1] != 'x' || std::strlen(text) != 34) return false;
  char high[17] = {};
  std::memcpy(high, text + 2, 16);
  for (const char* p = text + 2; *p != 0; ++p) {
    if (std::strchr("0123456789abcdefABCDEF", *p) == nullptr) return false;
  }
  out->hi = std::strtoull(high, nullptr, 16);
  out->lo = std::strtoull(text + 18, nullptr, 16);
  return true;
}

std::string printFloat(f64 value, int digits) {
  if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
  char buffer[40];
  std::snprintf(buffer, sizeof buffer, "%.*g", digits, value);
  return buffer;
}

std::string printNan(bool negative, u64 payload, u64 canonical) {
  std::string out = negative ? "-nan" : "nan";
  if (payload == canonical) return out;
  char buffer[40];
  std::snprintf(buffer, sizeof buffer, ":0x%llx", static_cast<unsigned long long>(payload));
  return out + buffer;
}

}  // namespace

bool parseValue(const char* text, ValType type, Value* out) {
  *out = {type, 0, 0};
  char* end = nullptr;
  switch (type.kind()) {
    case ValType::I32: return parseWhole(text, 32, &out->lo);
    case ValType::I64: return parseWhole(text, 64, &out->lo);
    case ValType::F32:
      if (parseNan(text, 23, 0xff, &out->lo)) return true;
      if (!isFloatText(text)) return false;
      out->lo = std::bit_cast<u32>(std::strtof(text, &end));
      return *end == 0;
    case ValType::F64:
      if (parseNan(text, 52, 0x7ff, &out->lo)) return true;
      if (!isFloatText(text)) return false;
      out->lo = std::bit_cast<u64>(std::strtod(text, &end));
      return *end == 0;
    case ValType::V128: return parseVector(text, out);
    default: return type.isRef() && type.nullable() && std::strcmp(text, "null") == 0;
  }
}

std::string printValue(const Value& value) {
  switch (value.type.kind()) {
    case ValType::I32: return std::to_string(value.asI32());
    case ValType::I64: return std::to_string(value.asI64());
    case ValType::F32:
      if (std::isnan(value.asF32()))
        return printNan((value.lo >> 31) != 0, value.lo & 0x7fffff, 0x400000);
      return printFloat(static_cast<f64>(value.asF32()), 9);
    case ValType::F64:
      if (std::isnan(value.asF64())) {
        return printNan((value.lo >> 63) != 0, value.lo & 0xfffffffffffff, 0x8000000000000);
      }
      return printFloat(value.asF64(), 17);
    case ValType::V128: {
      char buffer[40];
      std::snprintf(buffer, sizeof buffer, "0x%016llx%016llx",
                    static_cast<unsigned long long>(value.hi),
                    static_cast<unsigned long long>(value.lo));
      return buffer;
    }
    default: return value.lo == 0 ? "null" : "ref";
  }
}

}  // namespace bls::cli
