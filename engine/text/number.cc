// Reading numbers. The big-integer path compares the exact decimal value with the binary grid:
// value = digits × 10^e as a quotient of two integers, of which the target's mantissa and the
// remainder are taken.
#include "engine/text/number.h"

#include <algorithm>
#include <bit>
#include <vector>

namespace bls::text {
namespace {

bool isDigit(char c) { return c >= '0' && c <= '9'; }
bool isHexDigit(char c) { return isDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
u32 digitValue(char c) {
  return isDigit(c) ? static_cast<u32>(c - '0') : static_cast<u32>((c | 0x20) - 'a') + 10;
}

// A run of digits with single underscores between them; false when there is none.
bool digitRun(std::string_view text, size_t* at, bool hex) {
  auto good = [&](char c) { return hex ? isHexDigit(c) : isDigit(c); };
  size_t i = *at;
  if (i >= text.size() || !good(text[i])) return false;
  for (++i; i < text.size(); ++i) {
    if (good(text[i])) continue;
    if (text[i] == '_' && i + 1 < text.size() && good(text[i + 1])) continue;
    break;
  }
  *at = i;
  return true;
}

// The parts of a float or integer literal behind its sign.
struct Literal {
  bool negative = false;
  bool hex = false;
  bool isFloat = false;       // has a point or an exponent
  std::string_view whole;     // digits and underscores
  std::string_view fraction;  // the same, may be empty
  i64 exponent = 0;           // of 10 or, hex, of 2; clamped
};

bool split(std::string_view text, Literal* out) {
  size_t at = 0;
  if (at < text.size() && (text[at] == '-' || text[at] == '+')) out->negative = text[at++] == '-';
  if (text.size() - at > 2 && text[at] == '0' && text[at + 1] == 'x') {
    out->hex = true;
    at += 2;
  }
  size_t start = at;
  if (!digitRun(text, &at, out->hex)) return false;
  out->whole = text.substr(start, at - start);
  if (at < text.size() && text[at] == '.') {
    out->isFloat = true;
    start = ++at;
    digitRun(text, &at, out->hex);
    out->fraction = text.substr(start, at - start);
  }
  if (at == text.size()) return true;
  char mark = static_cast<char>(text[at] | 0x20);
  if (mark != (out->hex ? 'p' : 'e')) return false;
  out->isFloat = true;
  bool minus = false;
  ++at;
  if (at < text.size() && (text[at] == '-' || text[at] == '+')) minus = text[at++] == '-';
  start = at;
  if (!digitRun(text, &at, false) || at != text.size()) return false;
  i64 value = 0;
  for (char c : text.substr(start)) {
    if (c != '_' && value < (i64{1} << 40)) value = value * 10 + static_cast<i64>(digitValue(c));
  }
  out->exponent = minus ? -value : value;
  return true;
}

struct Format {
  u32 mantissa;  // stored bits
  i32 minExp;    // exponent of the least normal number
  i32 maxExp;
  u64 expMask() const { return static_cast<u64>(i64{maxExp} - minExp + 2); }
  u64 inf() const { return expMask() << mantissa; }
};
constexpr Format kF32{23, -126, 127};
constexpr Format kF64{52, -1022, 1023};

// Rounds m × 2^e, plus something below its last bit when `sticky`, to the format. `m` has its top
// bit at 63 or is zero.
NumberError assemble(const Format& f, u64 m, i64 e, bool sticky, u64* out) {
  if (m == 0) {
    *out = 0;
    return NumberError::None;
  }
  i64 top = e + 63;  // exponent of the value
  i64 drop = 63 - static_cast<i64>(f.mantissa);
  if (top < f.minExp) drop += f.minExp - top;
  if (top > f.maxExp) return NumberError::OutOfRange;
  u64 kept = 0;
  bool half = false, below = sticky;
  if (drop < 64) {
    kept = m >> drop;
    half = (m >> (drop - 1) & 1) != 0;
    below |= (m & ((u64{1} << (drop - 1)) - 1)) != 0;
  } else {
    half = drop == 64;
    below |= half ? (m << 1) != 0 : true;
  }
  if (half && (below || (kept & 1) != 0)) ++kept;
  // A carry into the next binade, or from denormal to normal, comes out right by addition.
  u64 biased = top < f.minExp ? 0 : static_cast<u64>(top - f.minExp);
  *out = (biased << f.mantissa) + kept;
  return *out >= f.inf() ? NumberError::OutOfRange : NumberError::None;
}

NumberError hexFloat(const Format& f, const Literal& in, u64* out) {
  u64 m = 0;
  i64 e = in.exponent;
  bool sticky = false;
  auto take = [&](std::string_view digits, bool fraction) {
    for (char c : digits) {
      if (c == '_') continue;
      if (m >> 60 == 0) {
        m = m << 4 | digitValue(c);
        if (fraction) e -= 4;
      } else {
        sticky |= c != '0';
        if (!fraction) e += 4;
      }
    }
  };
  take(in.whole, false);
  take(in.fraction, true);
  if (m != 0) {
    int shift = std::countl_zero(m);
    m <<= shift;
    e -= shift;
  }
  return assemble(f, m, e, sticky, out);
}

// Little-endian natural numbers of 32-bit words, for the rare decimal that needs them.
class Natural {
 public:
  void mulAdd(u32 factor, u32 more) {
    u64 carry = more;
    for (u32& word : words_) {
      carry += static_cast<u64>(word) * factor;
      word = static_cast<u32>(carry);
      carry >>= 32;
    }
    if (carry != 0) words_.push_back(static_cast<u32>(carry));
  }
  void scaleByPowerOf10(u64 power) {
    for (; power >= 9; power -= 9) mulAdd(1000000000, 0);
    for (; power > 0; --power) mulAdd(10, 0);
  }
  i64 bits() const {
    if (words_.empty()) return 0;
    return static_cast<i64>(words_.size()) * 32 - std::countl_zero(words_.back());
  }
  void shiftLeft(i64 by) {
    size_t words = static_cast<size_t>(by / 32);
    u32 rest = static_cast<u32>(by % 32);
    if (rest != 0) mulAdd(u32{1} << rest, 0);
    words_.insert(words_.begin(), words, 0);
  }
  bool atLeast(const Natural& other) const {
    if (words_.size() != other.words_.size()) return words_.size() > other.words_.size();
    for (size_t i = words_.size(); i-- > 0;) {
      if (words_[i] != other.words_[i]) return words_[i] > other.words_[i];
    }
    return true;
  }
  void subtract(const Natural& other) {
    i64 borrow = 0;
    for (size_t i = 0; i < words_.size(); ++i) {
      i64 d = static_cast<i64>(words_[i]) - borrow;
      if (i < other.words_.size()) d -= other.words_[i];
      borrow = d < 0 ? 1 : 0;
      words_[i] = static_cast<u32>(d + (borrow << 32));
    }
    while (!words_.empty() && words_.back() == 0) words_.pop_back();
  }
  bool isZero() const { return words_.empty(); }

 private:
  std::vector<u32> words_;
};

// The digits of a decimal literal without leading zeros, at most kMaxDigits of them.
struct Decimal {
  static constexpr size_t kMaxDigits = 800;  // 767 decide any double; the rest is one sticky digit
  std::vector<u8> digits;
  i64 exponent = 0;  // of the last digit kept
};

Decimal significant(const Literal& in) {
  Decimal out;
  out.exponent = in.exponent;
  bool lost = false;
  auto take = [&](std::string_view digits, bool fraction) {
    for (char c : digits) {
      if (c == '_') continue;
      bool leadingZero = out.digits.empty() && c == '0';
      if (out.digits.size() < Decimal::kMaxDigits) {
        if (!leadingZero) out.digits.push_back(static_cast<u8>(digitValue(c)));
        if (fraction) --out.exponent;
      } else {
        lost |= c != '0';
        if (!fraction) ++out.exponent;
      }
    }
  };
  take(in.whole, false);
  take(in.fraction, true);
  if (lost) {
    out.digits.push_back(1);
    --out.exponent;
  }
  return out;
}

NumberError slowDecimal(const Format& f, const Decimal& in, u64* out) {
  i64 magnitude = in.exponent + static_cast<i64>(in.digits.size());  // value < 10^magnitude
  if (magnitude > 400) return NumberError::OutOfRange;
  if (magnitude < -400) {
    *out = 0;
    return NumberError::None;
  }
  Natural num, den;
  for (u8 digit : in.digits) num.mulAdd(10, digit);
  den.mulAdd(1, 1);
  if (in.exponent >= 0) {
    num.scaleByPowerOf10(static_cast<u64>(in.exponent));
  } else {
    den.scaleByPowerOf10(static_cast<u64>(-in.exponent));
  }
  // Scale so that the quotient lies in [2^63, 2^65), then take 64 or 65 bits of it one by one.
  i64 shift = 64 - (num.bits() - den.bits());
  if (shift > 0) {
    num.shiftLeft(shift);
  } else {
    den.shiftLeft(-shift);
  }
  den.shiftLeft(64);
  u64 m = 0;
  i64 e = -shift;
  bool sticky = false;
  for (int bit = 64; bit >= 0; --bit) {
    bool one = num.atLeast(den);
    if (one) num.subtract(den);
    if (m >> 63 == 0) {
      m = m << 1 | (one ? 1 : 0);
    } else {
      sticky |= one;
      ++e;
    }
    num.mulAdd(2, 0);
  }
  return assemble(f, m, e, sticky || !num.isZero(), out);
}

constexpr f64 kPowersOf10[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                               1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                               1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

// Both factors exact and one operation: the result is rounded once.
bool fastDecimal(const Format& f, const Decimal& in, u64* out) {
  if (in.digits.size() > 15) return false;
  u64 m = 0;
  for (u8 digit : in.digits) m = m * 10 + digit;
  i64 e = in.exponent;
  if (f.mantissa == 52) {
    if (e < -22 || e > 22) return false;
    f64 value = static_cast<f64>(m);
    value = e < 0 ? value / kPowersOf10[-e] : value * kPowersOf10[e];
    *out = std::bit_cast<u64>(value);
    return true;
  }
  if (m >= u64{1} << 24 || e < -10 || e > 10) return false;
  f32 value = static_cast<f32>(m);
  f32 power = static_cast<f32>(kPowersOf10[e < 0 ? -e : e]);
  value = e < 0 ? value / power : value * power;
  *out = std::bit_cast<u32>(value);
  return true;
}

NumberError nanPayload(const Format& f, std::string_view text, u64* out) {
  u64 payload = u64{1} << (f.mantissa - 1);
  if (text.size() > 3) {
    std::string_view digits = text.substr(3);
    if (digits.substr(0, 3) != ":0x") return NumberError::Malformed;
    NumberError error = parseNat(digits.substr(1), 64, &payload);
    if (error != NumberError::None) return error;
    if (payload == 0 || payload >> f.mantissa != 0) return NumberError::OutOfRange;
  }
  *out = f.inf() | payload;
  return NumberError::None;
}

NumberError parseFloat(const Format& f, std::string_view text, u64* out) {
  std::string_view word = text;
  bool negative = !word.empty() && word[0] == '-';
  if (!word.empty() && (word[0] == '-' || word[0] == '+')) word.remove_prefix(1);
  NumberError error = NumberError::None;
  Literal literal;
  if (word == "inf") {
    *out = f.inf();
  } else if (word.substr(0, 3) == "nan") {
    error = nanPayload(f, word, out);
  } else if (!split(text, &literal)) {
    return NumberError::Malformed;
  } else if (literal.hex) {
    error = hexFloat(f, literal, out);
  } else {
    Decimal decimal = significant(literal);
    if (decimal.digits.empty()) {
      *out = 0;
    } else if (!fastDecimal(f, decimal, out)) {
      error = slowDecimal(f, decimal, out);
    }
  }
  if (negative) *out |= u64{1} << (f.mantissa == 23 ? 31 : 63);
  return error;
}

// The magnitude of an integer literal; OutOfRange above 64 bits.
NumberError magnitude(const Literal& in, u64* out) {
  u64 value = 0;
  u64 base = in.hex ? 16 : 10;
  for (char c : in.whole) {
    if (c == '_') continue;
    u32 digit = digitValue(c);
    if (value > (~u64{0} - digit) / base) return NumberError::OutOfRange;
    value = value * base + digit;
  }
  *out = value;
  return NumberError::None;
}

// The common case, a decimal number of at most nine digits and nothing else; false when it is not.
bool shortNumber(std::string_view text, u64* out) {
  if (text.empty() || text.size() > 9) return false;
  u32 value = 0;
  for (char c : text) {
    u32 digit = static_cast<u32>(c) - '0';
    if (digit > 9) return false;
    value = value * 10 + digit;
  }
  *out = value;
  return true;
}

}  // namespace

NumberError parseNat(std::string_view text, u32 bits, u64* out) {
  if (bits >= 32 && shortNumber(text, out)) return NumberError::None;
  Literal literal;
  if (text.empty() || text[0] == '-' || text[0] == '+') return NumberError::Malformed;
  if (!split(text, &literal) || literal.isFloat) return NumberError::Malformed;
  NumberError error = magnitude(literal, out);
  if (error != NumberError::None) return error;
  return bits < 64 && *out >> bits != 0 ? NumberError::OutOfRange : NumberError::None;
}

NumberError parseInt(std::string_view text, u32 bits, u64* out) {
  if (bits >= 32 && !text.empty()) {  // nine digits fit with either sign
    bool negative = text[0] == '-';
    if (shortNumber(text.substr(negative ? 1 : 0), out)) {
      if (negative) *out = (u64{0} - *out) & (bits == 64 ? ~u64{0} : (u64{1} << bits) - 1);
      return NumberError::None;
    }
  }
  Literal literal;
  if (!split(text, &literal) || literal.isFloat) return NumberError::Malformed;
  u64 value = 0;
  NumberError error = magnitude(literal, &value);
  if (error != NumberError::None) return error;
  u64 mask = bits == 64 ? ~u64{0} : (u64{1} << bits) - 1;
  if (literal.negative ? value > u64{1} << (bits - 1) : value > mask)
    return NumberError::OutOfRange;
  *out = (literal.negative ? u64{0} - value : value) & mask;
  return NumberError::None;
}

NumberError parseFloat32(std::string_view text, u32* out) {
  u64 bits = 0;
  NumberError error = parseFloat(kF32, text, &bits);
  *out = static_cast<u32>(bits);
  return error;
}

NumberError parseFloat64(std::string_view text, u64* out) { return parseFloat(kF64, text, out); }

bool looksLikeNumber(std::string_view text) {
  u64 ignored = 0;
  return parseFloat(kF64, text, &ignored) != NumberError::Malformed;
}

}  // namespace bls::text
