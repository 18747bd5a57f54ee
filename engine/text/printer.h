// printModule: a binary module → the text format, flat or folded.
//
// Symbolic names come from the name section. Everything the text format can carry is kept: the
// order of all sections, custom sections as @custom annotations at their places (names and branch
// hints at what they belong to), types by explicit index. What parseText makes of the output is
// byte for byte the module, if that was written in shortest form (as our own encoder does). Code is
// walked, not recursed into. Spec: text/modules.
#pragma once

#include <string>
#include <string_view>

#include "engine/base/status.h"
#include "engine/module/module.h"

namespace bls::text {

struct PrintOptions {
  bool folded = false;
  /// When set, takes the text in pieces, so that it never is in memory as a whole.
  void (*take)(void* context, std::string_view piece) = nullptr;
  void* context = nullptr;
};

/// Appends the module as text, or hands all of `out` to `options.take` in pieces and leaves it
/// empty. `m` has been decoded and validated. Error: Malformed code.
Status printModule(const Module& m, const PrintOptions& options, Diagnostics& diag,
                   std::string* out);

}  // namespace bls::text
