// What kind of file INPUT is. Entry point: inputKindOf.
//
// The ending of the name decides, in any case of letters: car, or wasm, wasi and wat for a module.
// Anything else is a configuration file, except what begins as a module does: no configuration
// file can. Source: reference page of the command line, section 8.1.
#pragma once

#include "engine/base/ints.h"

namespace bls::cli {

enum class InputKind : u8 { Module, Config, Car };

/// `path` may not exist. Reads a few bytes of a regular file without a known ending; `-`, standard
/// input, is a module.
InputKind inputKindOf(const char* path);

}  // namespace bls::cli
