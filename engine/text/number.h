// Numbers of the text format: integers of any width, and floats rounded exactly once.
//
// Entry points: parseNat, parseInt, parseFloat32, parseFloat64, looksLikeNumber. Floats are decimal
// or hexadecimal with any number of digits, `inf`, `nan`, `nan:0x…`; the nearest value is found
// directly for the target width, ties to even: a short product where that is exact, else big
// integers. Nothing depends on the locale or on the C library. Spec: text/values, integers and
// floating-point.
#pragma once

#include <string_view>

#include "engine/base/ints.h"

namespace bls::text {

enum class NumberError : u8 { None, Malformed, OutOfRange };

/// Unsigned, without sign, at most `bits` wide.
NumberError parseNat(std::string_view text, u32 bits, u64* out);
/// Signed or unsigned, as constants are: -2^(bits-1) … 2^bits-1; `out` holds the low `bits` bits.
NumberError parseInt(std::string_view text, u32 bits, u64* out);
/// The bits of the value.
NumberError parseFloat32(std::string_view text, u32* out);
NumberError parseFloat64(std::string_view text, u64* out);
/// True for the spelling of an integer or float of any size.
bool looksLikeNumber(std::string_view text);

}  // namespace bls::text
