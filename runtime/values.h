// Values as text: what `bls run --invoke` reads from its arguments and prints as results. Entry
// points: parseValue, printValue.
//
// i32 and i64: decimal or 0x, signed or unsigned; f32 and f64: decimal, hexadecimal float, inf,
// nan, nan:0xPAYLOAD; v128: 0x and 32 hexadecimal digits, most significant first; references: null
// only. Output reads back as the same bits.
#pragma once

#include <string>

#include "engine/exec/entry.h"

namespace bls::cli {

/// False when `text` is no value of `type`.
bool parseValue(const char* text, ValType type, Value* out);
std::string printValue(const Value& value);

}  // namespace bls::cli
