// Words of the text format: instruction names (from opcodes.def) and the structural keywords.
//
// Entry points: findMnemonic, isKnownWord. Where one name stands for two instructions (`select`,
// `ref.test`, `ref.cast`) the first row of the table is found and the parser decides.
#pragma once

#include <string_view>

#include "engine/wasm/opcodes.h"

namespace bls::text {

/// The instruction with this name; false when there is none.
bool findMnemonic(std::string_view word, Op* out);

/// True for any word the format gives a meaning to. Decides between `unexpected token` and
/// `unknown operator`.
bool isKnownWord(std::string_view word);

}  // namespace bls::text
