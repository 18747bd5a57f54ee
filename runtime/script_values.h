// Values of scripts: constants as arguments, results against patterns, both as text.
//
// `(ref.extern n)` stands for a host object: equal numbers are equal references. Spec:
// interpreter's script format.
#pragma once

#include <string>

#include "engine/exec/entry.h"
#include "engine/object/store.h"
#include "engine/text/script.h"

namespace bls::embed {

/// The value of a constant for a parameter of type `wanted`.
Value argumentValue(bls::Store& store, const text::Pattern& constant, ValType wanted);
bool matches(bls::Store& store, const Value& value, const text::Pattern& pattern);
std::string show(const Value& value);
std::string show(const text::Pattern& pattern);

}  // namespace bls::embed
