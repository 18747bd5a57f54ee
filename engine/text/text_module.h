// Modules in the text format → bytes of the binary format, which everything else reads.
//
// Entry points: parseText for a whole file, looksLikeText to tell the formats apart, and for script
// readers ModuleForm with assemble. A file holds one module in any of its forms: `(module …)`, bare
// fields, `(module binary …)`, `(module quote …)`. Spec: text/modules.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "engine/text/token_parser.h"
#include "engine/wasm/features.h"

namespace bls::text {

struct TextOptions {
  Features features;
  bool names = true;  // write a name section from the symbolic names
};

/// Text → bytes. Errors: Malformed with line and column, Limit.
Status parseText(std::string_view source, const TextOptions& options, Diagnostics& diag,
                 std::vector<u8>* out);

/// Finds where in the text an instruction stands: the one at or before `bodyOffset` (bytes behind
/// the body's first) of function `func`. `source` and `options` are those the module was parsed
/// with. False when there is no such place.
bool locateInstruction(std::string_view source, const TextOptions& options, u32 func,
                       u32 bodyOffset, Position* out);

/// Finds the field that wrote the byte `entryOffset` of the entries of section `section` (an id;
/// the count in front is not one of them). False when there is none, as for types.
bool locateField(std::string_view source, const TextOptions& options, u8 section, u64 entryOffset,
                 Position* out);

/// True when the content starts like text: a parenthesis or a comment behind optional spaces.
bool looksLikeText(std::span<const u8> bytes);

enum class ModuleFormKind : u8 { Fields, Binary, Quote };

/// A module as it stands in a script: where its parts are in the token list.
struct ModuleForm {
  ModuleFormKind kind = ModuleFormKind::Fields;
  u32 nameAt = 0;  // token behind `module` and its id
  u32 first = 0;   // first field or string
  u32 end = 0;     // the closing parenthesis, or Eof for bare fields
  std::string_view id;
};

/// What locateInstruction or locateField looks for, handed through the parser.
struct PlaceQuery {
  u32 func = 0;
  u64 offset = 0;  // in the body, or in the entries of the section
  u8 section = 0;  // not 0: a field is wanted
  bool found = false;
  Position at;
};

/// The bytes of a module form. Text is parsed, quoted text too; `binary` strings are joined.
Status assemble(TokenList& list, NameArena& arena, const ModuleForm& form,
                const TextOptions& options, Diagnostics& diag, std::vector<u8>* out,
                PlaceQuery* query = nullptr);

}  // namespace bls::text
